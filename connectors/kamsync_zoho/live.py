"""What Zoho holds now for records that something is to be written on.

Reads by id, past every index. Decides nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from kamsync.plugin import Live, Target, stamp
from kamsync_zoho.metadata import Metadata
from kamsync_zoho.read import Lists
from kamsync_zoho.shapes import Row, ref, tag_names, truth

_ASKED = ("Tag", "Modified_Time", "Owner")


def live(lists: Lists, metadata: Metadata, targets: Sequence[Target]) -> Sequence[Live]:
    """One answer a target, in order."""
    found: dict[tuple[str, str], Row] = {}
    for module in dict.fromkeys(target.object for target in targets):
        ids = [target.remote_id for target in targets if target.object == module]
        rows = lists.by_ids(module, ids, _names(metadata, module))
        found |= {(module, id): row for id, row in rows.items()}
    return [_live(target, found.get((target.object, target.remote_id)), metadata) for target in targets]


def _names(metadata: Metadata, module: str) -> tuple[str, ...]:
    """Not every module has a lock."""
    return (*_ASKED, "Locked__s") if metadata.field(module, "Locked__s") else _ASKED


def _live(target: Target, row: Row | None, metadata: Metadata) -> Live:
    if row is None:
        return Live(target, found=False)
    return Live(
        target,
        found=True,
        tags=_tags(target.object, row, metadata),
        modified=stamp(row.get("Modified_Time")),
        locked=truth(row.get("Locked__s")) or truth(row.get("$locked_for_me")),
        owner=ref(row.get("Owner")),
    )


def _tags(module: str, row: Row, metadata: Metadata) -> tuple[str, ...] | None:
    """None where the field is hidden from us: missing from the row and from the metadata alike."""
    if "Tag" not in row and metadata.fields_if_told(module) and metadata.field(module, "Tag") is None:
        return None
    return tag_names(row.get("Tag"))
