"""Each connection's mapping at a glance: its file, how much it maps, and whether it can be read.

Reads only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kamsync.config.toml_file import Problems
from kamsync.engine.workspace import Workspace, mapping_of


@dataclass(frozen=True, slots=True)
class Overview:
    """One connection's mapping. `trouble`: what is wrong with its file, if anything is."""

    connection: str
    file: Path
    streams: int = 0
    fields: int = 0
    trouble: Problems | None = None


def overview(workspace: Workspace) -> Iterator[Overview]:
    """The mapping of each connection, in the config's order."""
    for one in workspace.config.connections:
        try:
            mapping = mapping_of(one, workspace.connectors)
        except Problems as wrong:
            yield Overview(one.name, one.mapping, trouble=wrong)
            continue
        yield Overview(one.name, one.mapping, len(mapping.specs), sum(len(s.fields) for s in mapping.specs.values()))


def overview_json(one: Overview, language: str) -> dict[str, Any]:
    """As programs read it."""
    return {
        "connection": one.connection,
        "file": str(one.file),
        "streams": one.streams,
        "fields": one.fields,
        "problem": one.trouble.text.say(language) if one.trouble else None,
    }
