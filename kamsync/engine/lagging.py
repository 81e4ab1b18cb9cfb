"""How far a CRM's lists are behind: measured on tasks that surely are there, so that an absence is worth something.

A task that the CRM said it made is a **control**. A look for what is unknown takes a few along: one that is not shown
says that the list is behind, and then nothing that it does not show is believed to be absent. What was missed once is
looked at again until it shows; the longest such time of the last thousand, half as long again, is waited from then
on. Were lags drawn anew from the same pot, the next would exceed the longest of n with a chance of 1 in n + 1. Between
the last look that missed it and the first that showed it nobody looked: of that time no more is counted than what is
waited without any proof.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection as Tx

from kamsync.engine.connections import Connection
from kamsync.engine.workspace import ENDS_ALL, Workspace
from kamsync.plugin import Found, KamsyncError, Probe, Target, Write
from kamsync.store import Writer, lags, still_ours
from kamsync.store.tables import Row

MARGIN = 1.5
MOST = timedelta(hours=4)  # nobody waits longer, and what was not seen by then was deleted by somebody
TAIL = timedelta(seconds=90)  # a call's deadline, and as long again twice for a server that does it late
UNPROVEN = timedelta(seconds=990)  # where no control is there: the tail, and a search index that is 15 minutes behind
CONTROLS = 3  # a look


@dataclass(frozen=True, slots=True)
class Learned:
    """What is known of one connection's lists. `looks`: at tasks that surely are there; `longest`: until one that was
    missed was seen (0: none was ever missed); `behind`: one is missed at this moment."""

    looks: int = 0
    longest: timedelta = timedelta(0)
    behind: bool = False

    def wait(self, declared: float) -> timedelta:
        """How long to wait before a look tells something."""
        return max(timedelta(seconds=declared), min(MOST, self.longest * MARGIN))


def learns(connection: Connection, write: Write) -> bool:
    """Is there something to learn? Not where the CRM keeps keys unique, keeps nothing, or a person set the wait."""
    return write.facet == "task" and write.level in ("E2", "E1") and connection.options.settle_seconds is None


def learned(tx: Tx, connection: str) -> Learned:
    """What the looks so far have taught."""
    rows = lags.of(tx, connection)
    missed = [row for row in rows if row["missed"] > 0]
    behind = any(row["seen"] is None for row in missed)
    return Learned(len(rows), timedelta(seconds=max(map(_lasted, missed), default=0.0)), behind)


def _lasted(row: Row) -> float:
    """Seconds that a task which was missed may have taken to show."""
    least: float = row["missed"]
    return least if row["seen"] is None else max(least, min(row["seen"], UNPROVEN.total_seconds()))


def controls(tx: Tx, connection: str, rows: Sequence[Row]) -> list[Row]:
    """Tasks that surely are there: those still missed, and some that were sent no earlier than what is in doubt."""
    missed = [row["intent"] for row in lags.of(tx, connection) if row["seen"] is None][:CONTROLS]
    found = lags.intents(tx, missed)
    if rows:
        found += lags.made(tx, connection, min(row["sent_at"] for row in rows), CONTROLS)
        found += lags.made(tx, connection, max(row["sent_at"] for row in rows) + TAIL, CONTROLS)
    return list({row["id"]: row for row in found}.values())


def probe(row: Row) -> Probe:
    """The look for the task of an intent."""
    target = Target(row["stream"], row["object"], row["remote_id"])
    return Probe(row["payload"]["marker"], target, row["sent_at"])


def note(tx: Tx, connection: str, looked_for: Sequence[Row], answers: Mapping[str, Found], now: datetime) -> None:
    """Keep what a look showed of its controls."""
    before = {row["intent"]: row for row in lags.of(tx, connection)}
    rows = []
    for control in looked_for:
        answer, known = answers.get(control["payload"]["marker"]), before.get(control["id"])
        if answer is None or answer.state == "unsure":
            continue
        age = _age(control, now)
        if answer.state != "found":
            rows.append(_row(connection, control, age, None))  # also where it was seen before: lists may fall back
        elif known is None or known["seen"] is None:
            rows.append(_row(connection, control, known["missed"] if known else 0.0, age))
    lags.note(tx, connection, rows)
    lags.forget_unseen(tx, connection, now - MOST)


def resolved(tx: Tx, connection: str, row: Row, looks: Sequence[Row], now: datetime) -> None:
    """What was in doubt was found, after these looks in vain: it, too, tells how late a task may show."""
    missed = _age(row, looks[-1]["at"]) if looks else 0.0
    lags.note(tx, connection, [_row(connection, row, missed, _age(row, now))])


def _age(row: Row, now: datetime) -> float:
    sent: datetime = row["sent_at"]
    return (now - sent).total_seconds()


def _row(connection: str, row: Row, missed: float, seen: float | None) -> Row:
    names = {"connection": connection, "intent": row["id"], "sent_at": row["sent_at"]}
    return names | {"missed": missed, "seen": seen}


def doubt(tx: Tx, connection: str, row: Row, now: datetime) -> str:
    """Why it does not count that a look does not show this one; empty: it counts."""
    known = lags.of(tx, connection)
    if any(one["seen"] is None for one in known):
        return "a task that surely is there was not found either: the list is behind"
    newer = [one for one in known if one["sent_at"] >= row["sent_at"]]
    if any(one["sent_at"] >= row["sent_at"] + TAIL for one in newer):
        return ""
    proof = min((timedelta(seconds=one["seen"]) for one in newer), default=UNPROVEN)
    if now - row["sent_at"] >= min(TAIL + proof, UNPROVEN):
        return ""
    return "nothing that was made later was there to prove the list up to date"


def measure(workspace: Workspace, writer: Writer, connection: Connection, fresh: Sequence[Row] = ()) -> None:
    """Look for what was just made, and for what was missed before: a call or two, where there is something to learn.

    A CRM that does not answer is told by whoever reads or writes there.
    """
    try:
        _measure(workspace, writer, connection, fresh)
    except ENDS_ALL:
        raise
    except KamsyncError as failed:
        workspace.say("settle.failed", connection=connection.name, why=failed.text)


def _measure(workspace: Workspace, writer: Writer, connection: Connection, fresh: Sequence[Row]) -> None:
    assert connection.writer is not None
    write = next((each for each in connection.writer.writes() if each.facet == "task"), None)
    if write is None or not learns(connection, write):
        return
    with workspace.store.read() as tx:
        asked = [*controls(tx, connection.name, ()), *lags.intents(tx, [row["id"] for row in fresh[:CONTROLS]])]
    if not asked:
        return
    answers = {found.marker: found for found in connection.writer.find([probe(row) for row in asked])}
    with workspace.store.write() as tx:
        still_ours(tx, writer)
        note(tx, connection.name, asked, answers, workspace.clock.now())
