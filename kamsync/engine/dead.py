"""Dead letters: what was accepted and does not get there by itself, why, and what a person may do about it.

Listing only reads. A person's word needs no writer's lock: it moves a row from one state to another if the row still
stands there, so that beside a running daemon nothing is lost or doubled.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection as Tx

from kamsync.engine import shapes, standing
from kamsync.engine.connections import Connection
from kamsync.engine.cycle import Applied, apply
from kamsync.engine.plan import plan
from kamsync.engine.push import push
from kamsync.engine.settle import take_over
from kamsync.engine.standing import Standing
from kamsync.engine.verbs import connected_at_work, known_connection
from kamsync.engine.wishes import still_wanted
from kamsync.engine.workspace import Workspace
from kamsync.plugin import KamsyncError, Text
from kamsync.store import AlreadyWriting, Writer, outbox, plans, still_ours
from kamsync.store.outbox import Ending
from kamsync.store.tables import Row
from kamsync.store.tables_outbox import IntentState

MAY_DROP: tuple[IntentState, ...] = ("planned", "unknown", "refused", "stale")
LONG = {"unknown": timedelta(hours=1), "planned": timedelta(days=1), "stale": timedelta(days=1)}  # then a person hears


class NoSuchLetter(KamsyncError):
    """Nothing was ever accepted under this name."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Letter:
    """One intent with its story. `since`: from when on it stands so."""

    intent: Row
    standing: Standing
    since: datetime | None
    receipts: tuple[Row, ...]


@dataclass(slots=True)
class Replayed:
    """What a replay did. `left`: what it could not take up, and why. `applied` None: another kamsync is at work here,
    and its next plan takes them up."""

    taken: list[Row] = field(default_factory=list)
    left: list[tuple[Row, Text]] = field(default_factory=list)
    applied: Applied | None = None


# ---- looking


def listed(workspace: Workspace, kind: str | None = None, connection: str | None = None) -> list[Letter]:
    """Everything that does not get there by itself, the oldest first."""
    if connection is not None:
        known_connection(workspace, connection)
    with workspace.store.read() as tx:
        found = letters(tx, workspace.clock.now())
    return [
        one
        for one in found
        if kind in (None, one.standing.kind) and connection in (None, one.intent["connection"])
    ]  # fmt: skip


def letters(tx: Tx, now: datetime) -> list[Letter]:
    """What is refused and still wanted, and what is unknown, unsent or stale for long."""
    rows = outbox.in_state(tx, "refused", *LONG)
    asked_for = still_wanted(tx, rows)
    rows = [row for row in rows if row["state"] == "unknown" or row["key"] in asked_for]
    told = outbox.receipts_of(tx, [row["id"] for row in rows])
    found = [_letter(tx, row, told.get(row["id"], [])) for row in rows]
    return sorted((one for one in found if _is_dead(one, now)), key=lambda one: (one.since or now, one.intent["key"]))


def counts(tx: Tx, now: datetime) -> Counter[str]:
    """How many of each class."""
    return Counter(one.standing.kind for one in letters(tx, now))


def _letter(tx: Tx, intent: Row, receipts: Sequence[Row]) -> Letter:
    return Letter(intent, standing.stand(intent, receipts), _since(tx, intent, receipts), tuple(receipts))


def _since(tx: Tx, intent: Row, receipts: Sequence[Row]) -> datetime | None:
    sent: datetime | None = intent["sent_at"]
    if intent["state"] == "planned":
        made = plans.get(tx, intent["plan"])
        return made["accepted_at"] if made else None
    if intent["state"] in ("unknown", "sending") or not receipts:
        return sent
    refusals: list[datetime] = [row["at"] for row in receipts if row["outcome"] == "refused"]
    last: datetime = receipts[-1]["at"]
    return refusals[0] if intent["state"] == "refused" and refusals else last


def _is_dead(one: Letter, now: datetime) -> bool:
    if one.standing.kind == "left":
        return False  # people won
    patience = LONG.get(one.intent["state"])
    return patience is None or one.standing.kind == "unsure" or (one.since is not None and now - one.since >= patience)


def shown(workspace: Workspace, name: str) -> Letter:
    """The intent of this id, key, or beginning of an id; raises NoSuchLetter."""
    with workspace.store.read() as tx:
        intent = _named(tx, name)
        return _letter(tx, intent, outbox.receipts(tx, intent["id"]))


def _named(tx: Tx, name: str) -> Row:
    found = outbox.named(tx, name)
    if len(found) == 1:
        return found[0]
    if found:
        listed = ", ".join(row["id"] for row in found[:5])
        raise NoSuchLetter(Text(f"{name} 不止一个:{listed}", f"{name} is several: {listed}"), next="kamsync dead list")
    raise NoSuchLetter(Text(f"没有写入 {name}", f"there is no write {name}"), next="kamsync dead list")


# ---- a person's word


def drop(workspace: Workspace, names: Sequence[str]) -> Replayed:
    """Give these up: they are not written until what is wanted changes, or somebody replays them."""
    done = Replayed()
    now = workspace.clock.now()
    with workspace.store.write() as tx:
        for intent in [_named(tx, name) for name in names]:
            if outbox.decide(tx, intent["id"], MAY_DROP, "dropped", workspace.who, "dropped", now):
                done.taken.append(intent)
            else:
                done.left.append((intent, standing.stand(intent, ()).said))
    return done


def replay(workspace: Workspace, names: Sequence[str], *, not_there: bool = False) -> Replayed:
    """Take these up again, with a fresh look, by the way that everything takes. What is unknown is looked for.

    `not_there`: the person has looked in a CRM that cannot tell, and says that what is unknown is not there.
    """
    done = Replayed()
    with workspace.store.write() as tx:
        for intent in [_named(tx, name) for name in names]:
            _take_up(workspace, tx, intent, done)
    if not done.taken:
        return done
    try:
        with connected_at_work(workspace, {row["connection"] for row in done.taken}) as (writer, ready, troubles):
            done.applied = _apply(workspace, writer, ready, troubles, done.taken, not_there=not_there)
    except AlreadyWriting:
        if not_there:
            raise
    return done


def _take_up(workspace: Workspace, tx: Tx, intent: Row, done: Replayed) -> None:
    receipts = outbox.receipts(tx, intent["id"])
    stands = standing.stand(intent, receipts)
    if intent["state"] in ("sending", "done", "superseded") or stands.kind == "left":
        done.left.append((intent, stands.said))
        return
    if intent["state"] in ("refused", "dropped"):
        now, then = workspace.clock.now(), _back_to(intent, receipts)
        if not outbox.decide(tx, intent["id"], (intent["state"],), then, workspace.who, standing.REPLAYED, now):
            done.left.append((intent, Text("刚刚被别处改动", "it moved on a moment ago")))
            return
    done.taken.append(intent)


def _back_to(intent: Row, receipts: Sequence[Row]) -> IntentState:
    """To be planned anew, unless it may have happened. A change of a task has its fresh look just before it is sent."""
    if not standing.is_certain(intent, receipts):
        return "unknown"
    return "planned" if intent["kind"] == "task_change" else "stale"


def _apply(
    workspace: Workspace,
    writer: Writer,
    ready: dict[str, Connection],
    troubles: dict[str, KamsyncError],
    intents: Sequence[Row],
    *,
    not_there: bool,
) -> Applied:
    keys = [row["key"] for row in intents]
    take_over(workspace, writer)
    made = plan(workspace, writer, ready, troubles, workspace.today, only=frozenset(keys))
    done = apply(workspace, writer, ready, made.id, by_person=True, whole=False)
    done.accepted.skipped += [(row, Text(row["zh"], row["en"])) for row in made.skipped]
    if not_there and _believe(workspace, writer, keys):
        again = push(workspace, writer, ready, keys)
        done.push.results += [one for one in again.results if one.row["key"] in set(keys)]
    done.push.troubles.update(troubles)
    return done


def _believe(workspace: Workspace, writer: Writer, keys: Sequence[str]) -> bool:
    """What the CRM cannot tell, a person can: those are planned again, on that person's word."""
    now = workspace.clock.now()
    said = f"{workspace.who} looked in the CRM and did not find it, and {standing.UNSURE}"
    with workspace.store.write() as tx:
        still_ours(tx, writer)
        unknown = [row for row in outbox.by_keys(tx, keys).values() if row["state"] == "unknown"]
        sure = [row for row in unknown if standing.can_never_tell(row, outbox.receipts(tx, row["id"]))]
        told = [Ending(row, "planned", "settled planned", evidence=said) for row in sure]
        return bool(outbox.settle(tx, told, writer.epoch, now))


# ---- as JSON


def to_json(found: Sequence[Letter], names: Mapping[str, str], language: str) -> dict[str, Any]:
    """`names`: the accounts' names."""
    kinds = Counter(one.standing.kind for one in found)
    return {"dead": [letter_json(one, names, language) for one in found], "counts": dict(kinds)}


def letter_json(one: Letter, names: Mapping[str, str], language: str) -> dict[str, Any]:
    intent = one.intent
    same = ("id", "key", "kind", "connection", "account", "state", "code", "message", "written_id")
    return {name: intent[name] for name in same} | one.standing.facts(language) | {
        "name": names.get(intent["account"], ""),
        "target": {name: intent[name] for name in ("stream", "remote_id", "object")},
        "said": one.standing.said.say(language),
        "since": one.since.isoformat() if one.since else None,
        "attempts": intent["attempt"],
        "asked": intent["payload"],
        "receipts": [_receipt(row) for row in one.receipts],
    }  # fmt: skip


def _receipt(row: Row) -> dict[str, Any]:
    names = ("attempt", "outcome", "code", "remote_id", "evidence")
    return {"at": row["at"].isoformat()} | {name: row[name] for name in names}


def replayed_json(done: Replayed, language: str) -> dict[str, Any]:
    """As apply, with what was taken up and what was left. `applied` is null while another kamsync is at work."""
    shape = shapes.apply(done.applied, language) if done.applied is not None else {"applied": None, "results": []}
    return shape | _decided(done, language)


def dropped_json(done: Replayed, language: str) -> dict[str, Any]:
    return _decided(done, language)


def _decided(done: Replayed, language: str) -> dict[str, Any]:
    return {
        "taken": [row["key"] for row in done.taken],
        "left": [{"key": row["key"], "why": why.say(language)} for row, why in done.left],
    }
