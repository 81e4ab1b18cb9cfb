"""Put the slices of a record together, which came by several calls.

Never mixes two versions: a slice with another stamp, or none, makes the record be read again whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from kamsync.plugin import Record, stamp
from kamsync_zoho.shapes import Row


def joined(found: Iterable[Record], parts: Mapping[str, Row], fresh: Callable[[str], Record | None]) -> list[Record]:
    """The records with their parts; one that is gone meanwhile is left to the list of deletions."""
    whole: list[Record] = []
    for row in found:
        part = parts.get(row.id)
        if row.problem is not None:
            whole.append(row)
        elif part is not None and stamp(part.get("Modified_Time")) == row.modified:
            whole.append(replace(row, body={**row.body, **part}))
        else:
            again = fresh(row.id)
            whole += [again] if again is not None else []
    return whole
