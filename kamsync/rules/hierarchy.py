"""Which customer belongs to which: parents, branches and groups, linked and never merged.

Pure. What the policy says holds above what a CRM says, and that above what a name says. A circle is named and cut at
one place, the same every time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from kamsync.model import Member

Source = Literal["policy", "crm", "name"]
_FIRST: dict[Source, int] = {"policy": 0, "crm": 1, "name": 2}


@dataclass(frozen=True, slots=True)
class Tie:
    """`child` belongs to `parent`, both accounts; told by `member`, a record of the child's: by a field, or by its name
    (`word`: the unit that it names). `relation`: subsidiary, branch …, where it is told."""

    child: str
    parent: str
    source: Source
    member: Member
    relation: str | None = None
    word: str = ""


@dataclass(frozen=True, slots=True)
class Circle:
    """Accounts each of which belongs to the next, the last to the first; the tie of the first was cut."""

    accounts: tuple[str, ...]
    cut: Tie


@dataclass(frozen=True, slots=True)
class Tree:
    """Each account's parent, after circles were cut. `others`: what else was told of an account's parent."""

    parents: dict[str, Tie] = field(default_factory=dict)
    children: dict[str, list[str]] = field(default_factory=dict)
    others: dict[str, list[Tie]] = field(default_factory=dict)
    circles: tuple[Circle, ...] = ()

    def top(self, account: str) -> str:
        """The account that it all belongs to; itself where it belongs to none."""
        while account in self.parents:
            account = self.parents[account].parent
        return account

    def group(self, account: str) -> list[str]:
        """All that belong to the same top, the top first; itself alone where it is no part of a group."""
        found = [self.top(account)]
        for one in found:
            found += self.children.get(one, [])
        return found

    def circle_of(self, account: str) -> Circle | None:
        return next((one for one in self.circles if account in one.accounts), None)


def grown(ties: Iterable[Tie], prefer: Sequence[str] = ()) -> Tree:
    """The tree of these ties: of several parents, that of a CRM's field, of the preferred connection, of the first."""
    rank = {name: place for place, name in enumerate(prefer)}
    told: dict[str, list[Tie]] = defaultdict(list)
    for tie in ties:
        if tie.child != tie.parent:
            told[tie.child].append(tie)
    best: dict[str, Tie] = {}
    others: dict[str, list[Tie]] = {}
    for child, some in told.items():
        some.sort(
            key=lambda tie: (_FIRST[tie.source], rank.get(tie.member.connection, len(rank)), tie.member, tie.parent)
        )
        best[child] = some[0]
        if left := [tie for tie in some if tie.parent != some[0].parent]:
            others[child] = left
    circles = _cut(best)
    children: dict[str, list[str]] = defaultdict(list)
    for child in sorted(best):
        children[best[child].parent].append(child)
    return Tree(best, dict(children), others, circles)


def _cut(parents: dict[str, Tie]) -> tuple[Circle, ...]:
    """Take one tie out of each circle: of those that names told the first, else the first of all, by account."""
    found: list[Circle] = []
    seen: set[str] = set()
    for start in sorted(parents):
        way: list[str] = []
        here = start
        while here in parents and here not in seen:
            seen.add(here)
            way.append(here)
            here = parents[here].parent
        if here in way:
            ring = way[way.index(here) :]
            weakest = min(ring, key=lambda account: (-_FIRST[parents[account].source], account))
            at = ring.index(weakest)
            found.append(Circle(tuple(ring[at:] + ring[:at]), parents.pop(weakest)))
    return tuple(found)
