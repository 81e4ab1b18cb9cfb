"""Bring a mapping into force: as a new version, with who, when and why; then everything follows it.

A file may come into force by itself (`mapping_publish = "auto"`): not one with mistakes, not one that would take more
records out of the files than the guard allows, and not one that a person went back behind.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection as Tx

from kamsync.config import ConnectionConfig
from kamsync.config.toml_file import Problems, read_text
from kamsync.engine.land import kept
from kamsync.engine.mapping_force import Draft, checked, draft_of
from kamsync.engine.mapping_meaning import digest_of
from kamsync.engine.mapping_rebuild import Due, Rebuilt, catch_up, due
from kamsync.engine.workspace import Workspace
from kamsync.mapping import Mapping, Notes, Rejection, applier
from kamsync.plugin import ConfigError, Text
from kamsync.store import Writer, audit, mappings, raw, rebuilding
from kamsync.store.audit import Deed

FIRST = "first"
EDITED = "edited"


@dataclass(slots=True)
class Published:
    """What a publish did: the new versions by connection, and what was made anew. `waits`: another kamsync is at work
    and makes it anew itself."""

    versions: dict[str, int] = field(default_factory=dict)
    rebuilt: list[Rebuilt] = field(default_factory=list)
    waits: bool = False


def publish(workspace: Workspace, drafts: Sequence[Draft], why: str) -> dict[str, int]:
    """These files are in force from now on; the numbers of their versions. Needs no lock: whoever writes takes it up.

    Raises Problems where a file has mistakes; then none was published.
    """
    for one in drafts:
        if one.problems is not None:
            raise one.problems
    found = {}
    with workspace.store.write() as tx:
        for one in drafts:
            if one.mapping is not None:
                found[one.connection] = _put(workspace, tx, one.connection, one.mapping.document.text, why)
    workspace.look_again()
    return found


def roll_back(workspace: Workspace, connection: str, number: int) -> dict[str, int]:
    """An earlier version, in force once more as a new one. The file stays as it is and waits for a person.

    Raises ConfigError where there is no such version, Problems where today's rules do not allow it.
    """
    one = _config(workspace, connection)
    with workspace.store.write() as tx:
        row = mappings.version(tx, connection, number)
        if row is None:
            raise _no_version(tx, connection, number)
        checked(row["text"], one, workspace.connectors)
        found = {connection: _put(workspace, tx, connection, row["text"], f"back to version {number}")}
        text = read_text(one.mapping).removeprefix("\ufeff")
        if text != row["text"]:
            why = Text(f"{workspace.who} 退回到了版本 {number}", f"{workspace.who} went back to version {number}")
            mappings.set_aside(tx, connection, digest_of(text), (why.zh, why.en), workspace.clock.now())
    workspace.look_again()
    return found


def _put(workspace: Workspace, tx: Tx, connection: str, text: str, why: str) -> int:
    now, digest = workspace.clock.now(), digest_of(text)
    row = {"digest": digest, "text": text, "who": workspace.who, "at": now, "why": why}
    number = mappings.publish(tx, connection, row)
    mappings.forget_aside(tx, connection)
    facts = {"version": number, "digest": digest, "why": why}
    audit.append(tx, workspace.who, now, [Deed("mapping.published", connection, facts)])
    workspace.say("map.published", connection=connection, version=number)
    return number


def _config(workspace: Workspace, connection: str) -> ConnectionConfig:
    return next(one for one in workspace.config.connections if one.name == connection)


def _no_version(tx: Tx, connection: str, number: int) -> ConfigError:
    listed = ", ".join(str(row["version"]) for row in mappings.history(tx, connection)) or "–"
    return ConfigError(
        Text(
            f"{connection} 没有版本 {number};有:{listed}", f"{connection} has no version {number}; there are: {listed}"
        ),
        next=f"kamsync map history {connection}",
    )


# ---- by itself


def settle(workspace: Workspace, writer: Writer) -> None:
    """At the beginning of every verb that writes: files that may come into force do, and everything follows."""
    drafts = _of_their_own(workspace)
    if drafts:
        with workspace.store.write() as tx:
            for one, why in drafts:
                assert one.mapping is not None  # one with mistakes does not come into force by itself
                _put(workspace, tx, one.connection, one.mapping.document.text, why)
    try:
        workspace.look_again()
    except Problems:
        return  # nothing is in force on some connection: whoever needs its mapping hears why
    catch_up(workspace, writer)


def _of_their_own(workspace: Workspace) -> list[tuple[Draft, str]]:
    found = []
    for one in workspace.config.connections:
        with workspace.store.read() as tx:
            draft = draft_of(tx, one, workspace.connectors)
        if draft.problems is not None or draft.mapping is None:
            continue  # what is in force stays so; without any, whoever needs a mapping hears of its mistakes
        if draft.version == 0:
            found.append((draft, FIRST))
        elif workspace.config.mapping_publish != "auto":
            continue
        elif draft.state == "words" or (draft.state == "edited" and not _is_too_much(workspace, draft)):
            found.append((draft, EDITED))
    return found


def _is_too_much(workspace: Workspace, draft: Draft) -> bool:
    """Would it take more out of the files than may leave without a person? Then it is set aside, with the figures."""
    assert draft.mapping is not None
    with workspace.store.read() as tx:
        lost = [
            _leaving(tx, workspace, one, draft.mapping) for one in due(tx, workspace, draft.connection, draft.mapping)
        ]
    guards = workspace.config.guards
    worst = [one for one in lost if one[1] > max(guards.max_gone, guards.max_share * one[2])]
    if not worst:
        return False
    zh = "、".join(f"{stream} {count}/{of}" for stream, count, of in worst)
    en = ", ".join(f"{count} of {of} {stream}" for stream, count, of in worst)
    why = (f"它会让这些记录离开档案:{zh}", f"it would take out of the files: {en}")
    with workspace.store.write() as tx:
        mappings.set_aside(tx, draft.connection, digest_of(draft.mapping.document.text), why, workspace.clock.now())
    workspace.say("map.aside", connection=draft.connection, what=why[1])
    return True


def _leaving(tx: Tx, workspace: Workspace, one: Due, mapping: Mapping) -> tuple[str, int, int]:
    """(stream, entities that would be none any more, entities that there are)."""
    place = one.place
    if one.was is None:
        return place.stream, 0, 0
    if one.target is None or one.was != place.entity:
        count = rebuilding.count(tx, place.connection, place.stream, one.was)
        return place.stream, count, count
    reader = applier(mapping, place.stream, workspace.config.timezone, workspace.config.base_currency)
    leaving = total = 0
    for rows in raw.pages(tx, place):
        known = rebuilding.stored(tx, place, rows[0]["remote_id"], rows[-1]["remote_id"])
        total += len(known)
        for row in rows:
            if row["remote_id"] in known:
                made = reader(kept(row), Notes())
                leaving += made is None or isinstance(made, Rejection)
    return place.stream, leaving, total
