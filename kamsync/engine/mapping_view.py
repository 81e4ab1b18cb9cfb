"""Each connection's mapping at a glance: which version is in force, and how its file stands to that.

Reads only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kamsync.engine.mapping_force import Draft, draft_of, force_of
from kamsync.engine.mapping_rebuild import due
from kamsync.engine.verbs import known_connection
from kamsync.engine.workspace import Workspace
from kamsync.mapping import Mapping
from kamsync.plugin import ConfigError, Text
from kamsync.store import mappings
from kamsync.store.tables import Row


@dataclass(frozen=True, slots=True)
class Overview:
    """One connection's mapping. `waiting`: streams that do not follow it yet."""

    draft: Draft
    mapping: Mapping | None
    waiting: int = 0

    @property
    def streams(self) -> int:
        return len(self.mapping.specs) if self.mapping else 0

    @property
    def fields(self) -> int:
        return sum(len(spec.fields) for spec in self.mapping.specs.values()) if self.mapping else 0


def overview(workspace: Workspace) -> list[Overview]:
    """The mapping of each connection, in the config's order."""
    found = []
    with workspace.store.read() as tx:
        for one in workspace.config.connections:
            draft = draft_of(tx, one, workspace.connectors)
            if draft.version == 0 and draft.problems is not None:
                found.append(Overview(draft, None))
                continue
            mapping = force_of(tx, one, workspace.connectors).mapping
            found.append(Overview(draft, mapping, len(due(tx, workspace, one.name, mapping))))
    return found


def said(one: Draft) -> Text | None:
    """How a file differs from what is in force, and what that means; None: it does not."""
    file, version = one.file.name, one.version
    if one.problems is not None:
        count = len(one.problems.problems)
        stays = Text(f",版本 {version} 继续生效", f"; version {version} stays in force") if version else Text("", "")
        return Text(f"{file} 有 {count} 个问题{stays.zh}", f"{file} has {count} problems{stays.en}")
    if one.state == "aside" and one.why is not None:
        return Text(
            f"{file} 改过,没有自动生效:{one.why.zh};版本 {version} 继续生效",
            f"{file} was edited and did not come into force: {one.why.en}; version {version} stays",
        )
    if one.state == "edited":
        return Text(
            f"{file} 改过,尚未生效(生效的是版本 {version})",
            f"{file} was edited and is not in force yet (version {version} is)",
        )
    return None


@dataclass(frozen=True, slots=True)
class Remark:
    """Something about a mapping that a person should know. `bad`: what they wrote is not what is done."""

    text: Text
    next: str
    bad: bool


def remarks(workspace: Workspace) -> list[Remark]:
    """What is to be said of each connection's mapping: by status, doctor and every pull."""
    found = []
    by_itself = workspace.config.mapping_publish == "auto"
    for one in overview(workspace):
        name, told = one.draft.connection, said(one.draft)
        if one.draft.problems is not None and one.draft.version and told is not None:
            found.append(Remark(told, "kamsync map lint", by_itself))
        elif told is not None and one.draft.state == "aside":
            found.append(Remark(told, f"kamsync map diff {name}", by_itself))
        elif told is not None and not by_itself:
            found.append(Remark(told, f"kamsync map diff {name}", False))
        if one.waiting and one.draft.version:
            count = one.waiting
            text = Text(f"{name}:{count} 个数据流待由新映射重建", f"{name}: {count} streams wait to be made anew")
            found.append(Remark(text, "kamsync map publish", True))
    return found


def to_json(one: Overview, language: str) -> dict[str, Any]:
    """As programs read it."""
    told = said(one.draft)
    return {
        "connection": one.draft.connection,
        "file": str(one.draft.file),
        "version": one.draft.version,
        "state": one.draft.state,
        "streams": one.streams,
        "fields": one.fields,
        "waiting": one.waiting,
        "said": told.say(language) if told else None,
        "problem": one.draft.problems.text.say(language) if one.draft.problems else None,
    }


def versions(workspace: Workspace, connection: str | None) -> list[Row]:
    """Every version of one connection, or of all, newest first."""
    names = [one.name for one in workspace.config.connections]
    if connection is not None:
        names = [known_connection(workspace, connection)]
    with workspace.store.read() as tx:
        return [row for name in names for row in mappings.history(tx, name)]


def text_of(workspace: Workspace, connection: str, version: int | None) -> tuple[int, str]:
    """A version as it was published; by default what is in force. Raises ConfigError where there is none."""
    name = known_connection(workspace, connection)
    with workspace.store.read() as tx:
        row = mappings.head(tx, name) if version is None else mappings.version(tx, name, version)
    if row is not None:
        return row["version"], row["text"]
    if version is None:
        return 0, workspace.mappings[name].document.text
    raise ConfigError(
        Text(f"{name} 没有版本 {version}", f"{name} has no version {version}"), next=f"kamsync map history {name}"
    )
