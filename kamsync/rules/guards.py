"""What is too much to be written unattended: the narrowest guard first, so that everything else may go.

Pure: what is usual is handed in. A row is held by one guard only, and none changes what is wanted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Literal, TypeVar

from kamsync.plugin import Text

Guard = Literal["rule", "tier", "owner", "customers", "writes"]
PLAN = "plan"  # the subject of a guard that looks at all rows of a connection
K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Wish:
    """One row that wants to be written. A new task has a rule; a tag goes from `was` to `becomes`, where we wrote one.

    `pressing`: the smaller, the sooner it has to go. `urgent` tasks count for no owner.
    """

    key: str
    connection: str
    account: str
    rule: str | None = None
    owner: str | None = None
    urgent: bool = False
    pressing: tuple[int, str] = (0, "")
    was: str | None = None
    becomes: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much may be written without a person. A share counts only above its floor (`…_from`)."""

    writes: int
    customers: float
    customers_from: int
    per_owner: int
    moved: float
    moved_from: int
    surge: float
    surge_from: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """What is usual. Customers by connection; who carries a tag of ours by (connection, tag); tasks by (connection,
    rule) or (connection, owner): of earlier days a figure for each on which there were any, and today's, unattended.
    """

    customers: Mapping[str, int] = field(default_factory=dict)
    tagged: Mapping[tuple[str, str], int] = field(default_factory=dict)
    days: Mapping[tuple[str, str], Sequence[int]] = field(default_factory=dict)
    by_rule: Mapping[tuple[str, str], int] = field(default_factory=dict)
    by_owner: Mapping[tuple[str, str], int] = field(default_factory=dict)
    names: Mapping[tuple[str, str], str] = field(default_factory=dict)  # of owners


@dataclass(frozen=True, slots=True)
class Stop:
    """Rows that wait for a person: `count` of what the guard counts, where `of` may go."""

    guard: Guard
    connection: str
    subject: str
    keys: tuple[str, ...]
    count: int
    of: int
    text: Text


def stops(wishes: Sequence[Wish], limits: Limits, usual: Usual) -> list[Stop]:
    """Everything that has to wait."""
    found: list[Stop] = []
    left = list(wishes)
    for look in (_surges, _moves, _loads, _reaches, _floods):
        new = list(look(left, limits, usual))
        taken = {key for stop in new for key in stop.keys}
        left = [wish for wish in left if wish.key not in taken]
        found += new
    return found


def _surges(wishes: Sequence[Wish], limits: Limits, usual: Usual) -> Iterator[Stop]:
    """A rule that wants many times its usual day has run away."""
    for (connection, rule), rows in _grouped(wishes, lambda one: one.rule and (one.connection, one.rule)):
        days = usual.days.get((connection, rule), ())
        normal = median(days) if days else 0
        most = max(limits.surge_from, int(limits.surge * normal))
        count = usual.by_rule.get((connection, rule), 0) + len(rows)
        if count > most:
            text = Text(
                f"{connection}:规则 {rule} 今天要建 {count} 个任务,平日 {normal:.0f} 个;超过 {most} 个须有人确认",
                f"{connection}: rule {rule} wants {count} tasks today, {normal:.0f} on a usual day; "
                f"more than {most} wait for a person",
            )
            yield Stop("rule", connection, rule, _keys(rows), count, most, text)


def _moves(wishes: Sequence[Wish], limits: Limits, usual: Usual) -> Iterator[Stop]:
    """Too many of those who carry a tier's tag leave it, or too many come to it, at once: the worst tier first."""
    moving = [one for one in wishes if one.was is not None and one.was != one.becomes]
    while True:
        over = [stop for stop in _moves_by_tag(moving, limits, usual) if stop.count > stop.of]
        if not over:
            return
        worst = max(over, key=lambda stop: (stop.count / max(1, stop.of), stop.connection, stop.subject))
        yield worst
        held = set(worst.keys)
        moving = [one for one in moving if one.key not in held]


def _moves_by_tag(moving: Sequence[Wish], limits: Limits, usual: Usual) -> Iterator[Stop]:
    by_tag: dict[tuple[str, str], list[Wish]] = defaultdict(list)
    for one in moving:
        for tag in (one.was, one.becomes):
            if tag is not None:
                by_tag[one.connection, tag].append(one)
    for (connection, tag), rows in sorted(by_tag.items(), key=lambda item: item[0]):
        members = usual.tagged.get((connection, tag), 0)
        most = max(limits.moved_from, int(limits.moved * members))
        text = Text(
            f"{connection}:{len(rows)} 个客户要改入或改出 {tag}(现有 {members} 个);一次超过 {most} 个须有人确认",
            f"{connection}: {len(rows)} customers would move into or out of {tag} (it has {members}); "
            f"more than {most} at once wait for a person",
        )
        yield Stop("tier", connection, tag, _keys(rows), len(rows), most, text)


def _loads(wishes: Sequence[Wish], limits: Limits, usual: Usual) -> Iterator[Stop]:
    """Nobody gets more new tasks a day than a person can do; the most pressing go, and urgent ones always."""
    calm = [one for one in wishes if not one.urgent]
    for (connection, owner), rows in _grouped(calm, lambda one: one.owner and (one.connection, one.owner)):
        before = usual.by_owner.get((connection, owner), 0)
        count = before + len(rows)
        if count > limits.per_owner:
            rows = sorted(rows, key=lambda one: one.pressing)
            late = rows[max(0, limits.per_owner - before) :]
            who = usual.names.get((connection, owner), owner)
            text = Text(
                f"{connection}:{who} 今天有 {count} 个新任务,每天最多 {limits.per_owner} 个;其余 {len(late)} 个扣住",
                f"{connection}: {who} would get {count} new tasks today, {limits.per_owner} a day go out; "
                f"the other {len(late)} wait",
            )
            yield Stop("owner", connection, owner, _keys(late), count, limits.per_owner, text)


def _reaches(wishes: Sequence[Wish], limits: Limits, usual: Usual) -> Iterator[Stop]:
    """Too large a share of the customers is touched."""
    for connection, rows in _grouped(wishes, lambda one: one.connection):
        count = len({one.account for one in rows})
        known = usual.customers.get(connection, 0)
        most = max(limits.customers_from, int(limits.customers * known))
        if count > most:
            text = Text(
                f"{connection}:一次要写 {known} 个客户中的 {count} 个;超过 {most} 个须有人确认",
                f"{connection}: {count} of {known} customers would be written to at once; "
                f"more than {most} wait for a person",
            )
            yield Stop("customers", connection, PLAN, _keys(rows), count, most, text)


def _floods(wishes: Sequence[Wish], limits: Limits, usual: Usual) -> Iterator[Stop]:
    """More rows than one run may write."""
    for connection, rows in _grouped(wishes, lambda one: one.connection):
        if len(rows) > limits.writes:
            text = Text(
                f"{connection}:一次要写 {len(rows)} 处,超过无人值守上限 {limits.writes}",
                f"{connection}: {len(rows)} rows would be written, beyond the {limits.writes} allowed unattended",
            )
            yield Stop("writes", connection, PLAN, _keys(rows), len(rows), limits.writes, text)


def _grouped(wishes: Sequence[Wish], by: Callable[[Wish], K | Literal[""] | None]) -> list[tuple[K, list[Wish]]]:
    """The rows that have this, by it."""
    groups: dict[K, list[Wish]] = defaultdict(list)
    for one in wishes:
        if key := by(one):
            groups[key].append(one)
    return list(groups.items())


def _keys(rows: Sequence[Wish]) -> tuple[str, ...]:
    return tuple(one.key for one in rows)
