"""Take down what a person decides of two records, take it back, and carry it out at once.

A decision is durable before anything follows from it, and needs no lock; whoever links next carries it out. What the
rules forbid is not joined unless the person names what is in the way.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import Connection

from kamsync.engine.heeding import id_of, known_of, member_called, name_of, said
from kamsync.engine.link import link
from kamsync.engine.verbs import at_work
from kamsync.engine.workspace import Workspace
from kamsync.model import Member
from kamsync.plugin import KamsyncError, Text
from kamsync.rules import identity
from kamsync.rules.deciding import Said, said_apart, said_same, veto
from kamsync.store import AlreadyWriting, audit, decisions, linking, looking
from kamsync.store.audit import Deed
from kamsync.store.tables import Row

Word = Literal["same", "different"]
REPLACED = "replaced by {}"


class CannotDecide(KamsyncError):
    """The decision cannot be taken down as it is; nothing was changed."""

    exit_code = 2


class Forbidden(CannotDecide):
    """What the rules forbid is joined only by a person who names what is in the way: `rule`."""

    def __init__(self, text: Text, rule: str, next: str) -> None:
        super().__init__(text, next=next)
        self.rule = rule


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wants said of two records. `despite`: the vetoes they have seen and pass over."""

    word: Word
    a: Member
    b: Member
    reason: str = ""
    despite: Collection[str] = ()
    leaves: bool = False  # b leaves the account of both


@dataclass(slots=True)
class Taken:
    """Decisions as they were taken down, or ended. `linked`: they were carried out; else whoever is writing will."""

    rows: list[Row] = field(default_factory=list)
    linked: bool = False

    @property
    def batch(self) -> int | None:
        return self.rows[0]["batch"] if self.rows else None


def decide(workspace: Workspace, wishes: Sequence[Wish], *, batch: int | None = None) -> Taken:
    """Take these down, all or none: raises CannotDecide. Nothing is linked yet: see `carry_out`."""
    taken = Taken()
    with workspace.store.write() as tx:
        standing = said(decisions.standing(tx))
        for wish in wishes:
            batch = batch or taken.batch
            taken.rows.append(_taken(workspace, tx, wish, batch, standing))
    return taken


def _taken(workspace: Workspace, tx: Connection, wish: Wish, batch: int | None, standing: Said) -> Row:
    """Take one down; `standing` says it from then on."""
    a, b = wish.a, wish.b
    if name_of(a) == name_of(b):
        raise CannotDecide(Text("两边是同一条记录", "both are one record"), next="kamsync identity review")
    sides = [_side(tx, one, standing) for one in (a, b)]
    passed = _what_forbids(tx, wish, sides, standing)
    facts = {
        "score": identity.compare(*(known_of(side[0]) for side in sides)).score,
        "despite": passed,
        "accounts": [_account(side) for side in sides],
    }
    now = workspace.clock.now()
    row = decisions.ends(a, b) | {
        "batch": batch, "said": wish.word, "leaves": wish.leaves, "who": workspace.who, "at": now,
        "reason": wish.reason, "facts": facts, "ended_at": None, "ended_by": "", "ended_why": "", "carried": False,
    }  # fmt: skip
    made = decisions.add(tx, [row])[0]
    _end_what_it_replaces(workspace, tx, made, standing)
    told = {"decision": made["id"], "reason": wish.reason, "score": facts["score"], "despite": passed}
    deed = Deed(f"identity.{wish.word}", f"{name_of(a)} {name_of(b)}", told)
    audit.append(tx, workspace.who, now, [deed])
    return made


def _side(tx: Connection, one: Member, standing: Said) -> list[Row]:
    """All that is one customer with a record, or was called so and is yet to be linked: itself first. Raises
    CannotDecide where it is not there."""
    found: dict[str, Row] = {}
    front = {one}
    while front:
        rows = linking.these(tx, sorted(front))
        rows += linking.members(tx, {row["account_id"] for row in rows} - {None})
        found |= {id_of(row): row for row in rows if id_of(row) not in found}
        front = {member_called(id) for pair in standing.same if pair & found.keys() for id in pair - found.keys()}
        front = {member for member in front if linking.these(tx, [member])}
    first = found.pop(name_of(one), None)
    if first is None:
        raise CannotDecide(Text(f"没有记录 {name_of(one)}", f"there is no record {name_of(one)}"), next="kamsync pull")
    return [first, *found.values()]


def _account(side: Sequence[Row]) -> str | None:
    account: str | None = side[0]["account_id"]
    return account


def _what_forbids(tx: Connection, wish: Wish, sides: Sequence[Sequence[Row]], standing: Said) -> list[str]:
    """The vetoes that the person passes over; raises where one is in the way, or another person's word is."""
    (first, *_), (second, *_) = sides
    pair = frozenset((id_of(first), id_of(second)))
    if wish.word == "different":
        besides = Said({other: number for other, number in standing.same.items() if other != pair})
        others = said_same(id_of(first), id_of(second), besides)
        if others:
            raise _contradicts(tx, others[0], Text("同一客户", "the same"))
        return []
    is_one = _account(sides[0]) is not None and _account(sides[0]) == _account(sides[1])
    ours, theirs = ([first], [second]) if is_one else sides
    number = said_apart([id_of(row) for row in ours], [id_of(row) for row in theirs], standing)
    if number is not None and number != standing.apart.get(pair):
        raise _contradicts(tx, number, Text("不同客户", "different"))
    bar = veto(map(known_of, ours), map(known_of, theirs))
    if bar is None:
        return []
    if bar.rule not in wish.despite:
        a, b = name_of(wish.a), name_of(wish.b)
        raise Forbidden(
            Text(f"规则不允许归并:{bar.detail.zh}", f"the rules forbid to join these: {bar.detail.en}"),
            bar.rule,
            f"kamsync identity same {a} {b} --despite {bar.rule} --reason …",
        )
    return [bar.rule]


def _contradicts(tx: Connection, number: int, said: Text) -> CannotDecide:
    row = next(row for row in decisions.standing(tx) if row["id"] == number)
    a, b = (name_of(one) for one in decisions.members(row))
    when = f"{row['at']:%Y-%m-%d}"
    return CannotDecide(
        Text(
            f"与决定 {number} 矛盾:{row['who']} 于 {when} 确认 {a} 与 {b} 是{said.zh}",
            f"decision {number} is against it: {row['who']} said on {when} that {a} and {b} are {said.en}",
        ),
        next=f"kamsync identity undo {number}",
    )


def _end_what_it_replaces(workspace: Workspace, tx: Connection, made: Row, standing: Said) -> None:
    """The newer word about the very same two records holds."""
    pair = frozenset(name_of(one) for one in decisions.members(made))
    older = [number for held in (standing.same, standing.apart) if (number := held.pop(pair, None)) is not None]
    decisions.end(tx, older, workspace.who, workspace.clock.now(), REPLACED.format(made["id"]))
    (standing.same if made["said"] == "same" else standing.apart)[pair] = made["id"]


# ---- a member leaves


def split(workspace: Workspace, account: str, leaving: Sequence[Member], reason: str) -> Taken:
    """These records leave an account, together; each of them is told apart from each that stays."""
    with workspace.store.read() as tx:
        rows = {id_of(row): Member(row["connection"], row["stream"], row["remote_id"])
                for row in linking.members(tx, [account])}  # fmt: skip
    strangers = [name_of(one) for one in leaving if name_of(one) not in rows]
    if strangers:
        listed = ", ".join(strangers)
        raise CannotDecide(
            Text(f"{listed} 不是这个客户的记录", f"{listed} does not stand for this account"),
            next=f"kamsync identity show {account}",
        )
    going = {name_of(one) for one in leaving}
    stay = [member for id, member in rows.items() if id not in going]
    if not stay:
        raise CannotDecide(
            Text("不能让全部记录离开,至少留下一条", "all of its records cannot leave: one has to stay"),
            next=f"kamsync identity show {account}",
        )
    return decide(
        workspace, [Wish("different", one, rows[id], reason, leaves=True) for one in stay for id in sorted(going)]
    )


# ---- taken back


def take_back(workspace: Workspace, number: int | None, reason: str) -> Taken:
    """A decision, with all that was made in one go, stands no longer; by default the newest. Raises CannotDecide."""
    with workspace.store.write() as tx:
        rows = _to_end(tx, number)
        now = workspace.clock.now()
        decisions.end(tx, [row["id"] for row in rows], workspace.who, now, reason)
        audit.append(tx, workspace.who, now, [
            Deed("identity.undone", " ".join(map(name_of, decisions.members(row))),
                 {"decision": row["id"], "said": row["said"], "reason": reason})
            for row in rows
        ])  # fmt: skip
    return Taken(rows)


def _to_end(tx: Connection, number: int | None) -> list[Row]:
    batch = decisions.latest_batch(tx) if number is None else None
    every = decisions.listed(tx, batch) if number is None and batch is not None else []
    if number is not None:
        named = next((row for row in decisions.standing(tx) if number in (row["id"], row["batch"])), None)
        every = decisions.listed(tx, named["batch"]) if named else []
    rows = [row for row in every if row["ended_at"] is None]
    if not rows:
        told = Text("没有可以撤回的决定", "there is no decision to take back")
        if number is not None:
            told = Text(f"没有仍然有效的决定 {number}", f"no decision {number} stands")
        raise CannotDecide(told, next="kamsync identity decisions")
    return rows


# ---- carried out


def carry_out(workspace: Workspace, taken: Iterable[Taken] = ()) -> bool:
    """Link by what was decided, without a call to a CRM. False: another process is writing here and will do it."""
    try:
        with at_work(workspace) as writer:
            link(workspace, writer)
    except AlreadyWriting:
        return False
    for one in taken:
        one.linked = True
    return True


# ---- which record


def find_record(workspace: Workspace, asked: str) -> Member:
    """The record that a person names, as connection/id or connection/stream/id; raises CannotDecide."""
    connection, _, rest = asked.strip().partition("/")
    with workspace.store.read() as tx:
        found = looking.members_called(tx, connection, rest)
        if not found and "/" in rest:
            stream, _, remote_id = rest.partition("/")
            found = [one for one in looking.members_called(tx, connection, remote_id) if one.stream == stream]
    if len(found) == 1:
        return found[0]
    listed = ", ".join(map(name_of, found))
    if found:
        raise CannotDecide(Text(f"{asked} 可以是:{listed}", f"{asked} may be {listed}"), next="kamsync identity")
    raise CannotDecide(
        Text(
            f"没有客户记录 {asked}(写 连接/编号 或 连接/数据流/编号)",
            f"there is no customer record {asked} (give connection/id or connection/stream/id)",
        ),
        next="kamsync export accounts --format csv",
    )


# ---- as lines


def line_of(row: Row) -> dict[str, Any]:
    """A decision as one JSON line, for keeping elsewhere and for bringing back: records by the names of their CRMs."""
    return {
        "id": row["id"],
        "batch": row["batch"],
        "said": row["said"],
        "a": {"connection": row["a_connection"], "stream": row["a_stream"], "remote_id": row["a_id"]},
        "b": {"connection": row["b_connection"], "stream": row["b_stream"], "remote_id": row["b_id"]},
        "leaves": row["leaves"],
        "who": row["who"],
        "at": row["at"].isoformat(),
        "reason": row["reason"],
        "despite": (row["facts"] or {}).get("despite", []),
        "ended": None if row["ended_at"] is None
        else {"at": row["ended_at"].isoformat(), "by": row["ended_by"], "why": row["ended_why"]},
    }  # fmt: skip
