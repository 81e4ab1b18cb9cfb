"""What a tenant lets us promise about writing: probed when a connection is opened, kept for those who only look.

We promise no more than the tenant allows at that moment; a level that falls or rises is told from the next plan on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from kamsync.engine.connections import Connection
from kamsync.engine.lagging import Learned, learned, learns
from kamsync.engine.workspace import Workspace
from kamsync.plugin import Facet, Text
from kamsync.store import Writer, guarantees, still_ours
from kamsync.store.tables import Row

MEANS: dict[str, Text] = {
    "E3": Text("始终恰好一条", "exactly one, at all times"),
    "E2": Text("不丢;结果不明时先查找,查不到才重发", "never lost; after doubt sent again only if not there"),
    "E1": Text(
        "不丢;结果不明时等列表追上再查找两次", "never lost; after doubt looked for twice, once the lists have caught up"
    ),
    "E0": Text("至多一条;回答丢失的由人确认", "one at most; where the answer was lost a person decides"),
    "S2": Text("逐个增删,他人的标签不受影响", "single tags come and go, those of people stay"),
    "S1": Text("只由 kamsync 维护的字段,合并后写回", "a field that is kamsync's alone, merged and written"),
    "S0": Text(
        "整组替换,同一瞬间他人的改动可能丢失",
        "the whole set is replaced: an edit in that very moment may be lost",
    ),
}


@dataclass(frozen=True, slots=True)
class Guarantee:
    """One connection's promise for one kind. `better`: what would raise it; None: nothing. `wait`: seconds before a
    look after doubt; `learned`: what this tenant has taught about that."""

    connection: str
    kind: Facet
    level: str
    why: Text
    better: Text | None
    wait: float
    learned: Learned

    @property
    def means(self) -> Text:
        return MEANS[self.level]


def probe(workspace: Workspace, connection: Connection) -> list[Guarantee]:
    """What this tenant allows now. Raises what the connector raises."""
    if connection.writer is None or connection.config.writes == "off":
        return []
    found = []
    for write in connection.writer.writes():
        with workspace.store.read() as tx:
            known = learned(tx, connection.name) if learns(connection, write) else Learned()
        wait = known.wait(write.settle).total_seconds()
        found.append(Guarantee(connection.name, write.facet, write.level, write.why, write.better, wait, known))
    return found


def keep(workspace: Workspace, writer: Writer, found: Iterable[Guarantee]) -> None:
    """Keep them for screens that ask no CRM."""
    now = workspace.clock.now()
    with workspace.store.write() as tx:
        still_ours(tx, writer)
        guarantees.put(tx, [_row(one) | {"at": now} for one in found])


def kept(workspace: Workspace) -> list[Guarantee]:
    """As they were last probed, of the connections there are."""
    names = [one.name for one in workspace.config.connections if one.writes != "off"]
    with workspace.store.read() as tx:
        rows = [row for row in guarantees.all(tx) if row["connection"] in names]
        known = {name: learned(tx, name) for name in names}
    return [_kept(row, known[row["connection"]]) for row in rows]


def _row(one: Guarantee) -> Row:
    better = (one.better.zh, one.better.en) if one.better else (None, None)
    place = {"connection": one.connection, "kind": one.kind, "level": one.level, "wait": one.wait}
    return place | {"zh": one.why.zh, "en": one.why.en, "better_zh": better[0], "better_en": better[1]}


def _kept(row: Row, known: Learned) -> Guarantee:
    better = Text(row["better_zh"], row["better_en"]) if row["better_zh"] else None
    why, lag = Text(row["zh"], row["en"]), known if row["kind"] == "task" else Learned()
    return Guarantee(row["connection"], row["kind"], row["level"], why, better, row["wait"], lag)


def to_json(found: Iterable[Guarantee], language: str) -> list[dict[str, Any]]:
    return [
        {
            "connection": one.connection,
            "kind": one.kind,
            "level": one.level,
            "means": one.means.say(language),
            "why": one.why.say(language),
            "raise": one.better.say(language) if one.better else None,
            "settle_seconds": one.wait,
            "longest_lag_seconds": one.learned.longest.total_seconds(),
            "lags_measured": one.learned.looks,
            "behind": one.learned.behind,
        }
        for one in found
    ]


KINDS = {"task": Text("任务", "tasks"), "tags": Text("标签", "tags")}


def line(found: Iterable[Guarantee], name: str) -> Text:
    """One connection's promises in words."""
    mine = [one for one in found if one.connection == name]
    zh = " · ".join(f"{KINDS[one.kind].zh} {one.level} {one.means.zh}" for one in mine)
    en = " · ".join(f"{KINDS[one.kind].en} {one.level} {one.means.en}" for one in mine)
    return Text(f"{name}:{zh}", f"{name}: {en}")


def short(found: Sequence[Guarantee]) -> Text:
    """All promises on one line, by their levels."""
    names = dict.fromkeys(one.connection for one in found)
    mine = {name: [one for one in found if one.connection == name] for name in names}
    zh = (f"{name} {' '.join(f'{KINDS[one.kind].zh}{one.level}' for one in some)}" for name, some in mine.items())
    en = (f"{name} {', '.join(f'{KINDS[one.kind].en} {one.level}' for one in some)}" for name, some in mine.items())
    return Text(" · ".join(zh), " · ".join(en))
