"""What people have said of records: these are one customer, these are two. It holds above every rule.

Pure. "Two" holds for all that is linked with either; where both words meet, nothing is joined that was said to be two.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise, product

from kamsync.rules.identity import Evidence, Known
from kamsync.rules.identity.clustering import barred
from kamsync.rules.identity.company import Company
from kamsync.rules.identity.face import face_of

Pair = frozenset[str]
MOST_COMPARED = 60  # records of one account beyond which they are parted by what people said alone


@dataclass(frozen=True, slots=True)
class Said:
    """Pairs of records, by id, that a person has called the same customer, or different ones."""

    same: dict[Pair, int] = field(default_factory=dict)  # with the number of the decision
    apart: dict[Pair, int] = field(default_factory=dict)

    def clues(self) -> dict[str, frozenset[str]]:
        """Of each record that was called the same as another, by what both can be known."""
        found: dict[str, frozenset[str]] = {}
        for pair, number in self.same.items():
            for id in pair:
                found[id] = found.get(id, frozenset()) | {f"said {number}"}
        return found


def veto(ours: Iterable[Known], theirs: Iterable[Known]) -> Evidence | None:
    """What forbids the rules to join these two companies; None: nothing does."""
    one, other = (Company(tuple(face_of(known) for known in side)) for side in (ours, theirs))
    return barred(one, other) if one.faces and other.faces else None


def said_apart(ours: Collection[str], theirs: Collection[str], said: Said) -> int | None:
    """The decision by which somebody of the one is not somebody of the other."""
    fewer, more = sorted((set(ours), set(theirs)), key=len)
    found = [number for pair, number in said.apart.items() if pair & fewer and pair - fewer & more]
    return min(found, default=None)


def said_same(a: str, b: str, said: Said) -> list[int]:
    """The decisions that make one customer of these two, straight or through others; none: nobody said so."""
    came: dict[str, tuple[str, int]] = {}
    front = [a]
    while front and b not in came:
        here = front.pop(0)
        for pair, number in sorted(said.same.items(), key=lambda item: item[1]):
            there = next(iter(pair - {here}), here)
            if here in pair and there != a and there not in came:
                came[there] = (here, number)
                front.append(there)
    numbers = []
    while b in came:
        b, number = came[b]
        numbers.append(number)
    return numbers


def concerned(accounts: Mapping[str, str | None], said: Said) -> dict[str, str | None]:
    """Of these records, with the account of each: those of which somebody said something, and all of their accounts."""
    about = {id for pair in (*said.same, *said.apart) for id in pair} & accounts.keys()
    theirs = {accounts[id] for id in about} - {None}
    return {id: account for id, account in accounts.items() if id in about or account in theirs}


def kept_together(
    accounts: Mapping[str, str | None], said: Said, alike: Callable[[str, str], int]
) -> list[frozenset[str]]:
    """Which records stay together whatever the rules say: those of one account, and those said to be the same; parted
    where they were said to be two. `alike`: how much two records of one account have in common."""
    groups = _Groups(accounts)
    by_account: dict[str, list[str]] = defaultdict(list)
    for id, account in sorted(accounts.items()):
        if account is not None:
            by_account[account].append(id)
    same = [sorted(pair) for pair in said.same if pair <= accounts.keys()]
    for ids in (*by_account.values(), *same):
        for one, other in pairwise(ids):
            groups.join(one, other)
    apart = {pair for pair in said.apart if pair <= accounts.keys()}
    torn = {groups.of(min(pair)) for pair in apart if len({groups.of(id) for id in pair}) == 1}
    found: list[frozenset[str]] = []
    for whole in groups.now():
        found += _parted(whole, by_account, same, apart, alike) if groups.of(min(whole)) in torn else [whole]
    return [group for group in found if len(group) > 1 or groups.of(min(group)) in torn]


def _parted(
    whole: frozenset[str],
    by_account: Mapping[str, Sequence[str]],
    same: Iterable[Sequence[str]],
    apart: Collection[Pair],
    alike: Callable[[str, str], int],
) -> list[frozenset[str]]:
    """As few groups as the word "two" allows: first what was said to be one, then what is most alike."""
    groups = _Groups(whole)
    enemies: dict[str, set[str]] = defaultdict(set)
    for pair in apart:
        for id in pair:
            enemies[id] |= pair - {id}
    mates = [pair for ids in by_account.values() if whole.issuperset(ids) for pair in combinations(ids, 2)]
    few = len(whole) <= MOST_COMPARED
    ranked = sorted(mates, key=lambda pair: (-alike(*pair), pair)) if few else sorted(mates)
    for one, other in (*sorted(tuple(pair) for pair in same if whole.issuperset(pair)), *ranked):
        ours, theirs = groups.members(one), groups.members(other)
        if not any(enemies[id] & theirs for id in ours):
            groups.join(one, other)
    return groups.now()


class _Groups:
    """Records by the group they are in."""

    def __init__(self, ids: Iterable[str]) -> None:
        self._of = {id: id for id in ids}
        self._members = {id: {id} for id in self._of}

    def of(self, id: str) -> str:
        return self._of[id]

    def members(self, id: str) -> set[str]:
        return self._members[self._of[id]]

    def join(self, one: str, other: str) -> None:
        into, gone = sorted((self._of[one], self._of[other]))
        if into != gone:
            for id in self._members[gone]:
                self._of[id] = into
            self._members[into] |= self._members.pop(gone)

    def now(self) -> list[frozenset[str]]:
        return [frozenset(self._members[head]) for head in sorted(self._members)]


def keepers(
    groups: Sequence[frozenset[str]],
    accounts: Mapping[str, str | None],
    leaving: Collection[str],
    first: Mapping[str, str],
) -> dict[str, frozenset[str]]:
    """Which of the groups that an account was parted into goes on under its id: not one with records that were told to
    leave, then the largest, then that of the record its id follows from (`first`: account → record)."""
    parts: dict[str, dict[frozenset[str], set[str]]] = defaultdict(lambda: defaultdict(set))
    for group in groups:
        for id in group:
            account = accounts[id]
            if account is not None:
                parts[account][group].add(id)
    found = {}
    for account, held in parts.items():
        claims = [
            (not own.isdisjoint(leaving), -len(own), first.get(account) not in group, min(group), group)
            for group, own in held.items()
        ]
        found[account] = min(claims, key=lambda claim: claim[:4])[4]
    return found


def pairs_of(ours: Iterable[str], theirs: Iterable[str]) -> set[Pair]:
    """Each of the one with each of the other."""
    return {frozenset(pair) for pair in product(ours, theirs) if pair[0] != pair[1]}
