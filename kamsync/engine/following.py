"""Follow what changed through the layers of `rules.identity`, to the records that are to be decided of anew.

A change reaches the kin of the record that changed, and their kin, and nobody else; what is decided after many small
changes is what would be decided of all records at once.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from kamsync.engine.heeding import id_of, known_of, member_called
from kamsync.model import Member
from kamsync.rules import identity
from kamsync.rules.identity import Company, Crowd, Group, company_of
from kamsync.store import clues, linking

MUCH = 4  # where more than one record in so many changed, all are looked at anew: that is quicker
FIELDS = ("account_id", "dirty", *linking.IDENTITY)
Held = Mapping[str, str]  # a record's id → what it is held together with by a person's word


@dataclass(slots=True)
class Record:
    """A record as linking sees it. `told`: by its kin, as it was kept."""

    member: Member
    company: Company
    told: Crowd
    account: str | None
    dirty: bool
    name: str


Decided = tuple[Group, list[Record]]


def record_of(row: Mapping[str, Any], held: Held) -> Record:
    """A member row as linking sees it."""
    known = known_of(row, held.get(id_of(row)))
    member = Member(row["connection"], row["stream"], row["remote_id"])
    told = identity.crowd_of(row.get("told"))
    return Record(member, company_of(known), told, row["account_id"], row["dirty"], known.name)


def follow(tx: Connection, held: Held) -> Iterator[list[Decided]]:
    """Groups of records that are to be decided of; some at a time, with all records of the accounts they stand for."""
    changed = linking.dirty_count(tx)
    if clues.made_by(tx) != identity.RULES or changed * MUCH > clues.count(tx):
        yield from _all(tx, held)
    elif changed or clues.gone(tx):
        yield list(_Followed(tx, held).groups())


def _all(tx: Connection, held: Held) -> Iterator[list[Decided]]:
    """Every record, and all layers made anew."""
    clues.clear(tx, identity.RULES)
    records = [record_of(row, held) for some in linking.all_members(tx) for row in some]
    records.sort(key=lambda record: record.company.id)
    book = identity.read_companies([record.company for record in records])
    _keep(tx, records, book)
    sizes = Counter(record.account for record in records)
    by_id = {record.company.id: record for record in records}
    ready: list[Decided] = []
    torn: list[Decided] = []  # an account of which some records are in another group
    for group in book.groups():
        mine = [by_id[company.id] for company in group.companies]
        here = Counter(record.account for record in mine)
        whole = all(sizes[account] == many for account, many in here.items() if account is not None)
        (ready if whole else torn).append((group, mine))
        if len(ready) == linking.AT_ONCE:
            yield ready
            ready = []
    yield ready + torn


def _keep(tx: Connection, records: Sequence[Record], book: identity.Book) -> None:
    numbered = list(enumerate(zip(records, book.told, strict=True), 1))
    clues.put_faces(tx, ({"no": no, "member": one.member, "told": told.plain()} for no, (one, told) in numbered))
    clues.put(tx, ((key, no, side) for no, (one, _) in numbered for key, side in identity.keys(one.company).items()))
    clues.put_kin(tx, ((one + 1, other + 1, alike) for one, other, alike in book.pairs()))


@dataclass(slots=True)
class _Followed:
    """One step from what was decided to what is to be decided. Records go by their numbers."""

    tx: Connection
    held: Held
    records: dict[int, Record] = field(default_factory=dict)
    open: set[int] = field(default_factory=set)  # to be decided of anew
    fresh: set[int] = field(default_factory=set)  # whose kin are sought anew
    near: dict[int, set[int]] = field(default_factory=dict)  # the kin of some, complete

    def groups(self) -> Iterator[Decided]:
        left = self._renew()
        told = self._listen(self.fresh | left)
        self._compare(self.fresh | told)
        self.open |= self.fresh | told
        yield from self._together()

    # ---- who shares a clue, who is kin

    def _renew(self) -> set[int]:
        """The clues and kin of what changed, came or went; those who were kin to it and still are there."""
        gone = clues.gone(self.tx)
        rows = [row for some in linking.dirty_members(self.tx) for row in some]
        nos = clues.numbers(self.tx, [Member(row["connection"], row["stream"], row["remote_id"]) for row in rows])
        changed = set(nos.values())
        before: dict[str, int] = defaultdict(int)
        for clue, _ in clues.of(self.tx, changed | gone):
            before[clue] += 1
        were_kin = self._kin(changed | gone)
        clues.forget_clues(self.tx, changed | gone)
        clues.forget(self.tx, gone - changed)
        clues.back(self.tx, gone & changed)
        self._load(changed)
        found = [(key, no, side) for no in changed for key, side in identity.keys(self.records[no].company).items()]
        clues.put(self.tx, found)
        self.fresh = changed | self._crossing(before, found)
        recut = self._kin(self.fresh - changed)
        clues.forget_kin(self.tx, self.fresh - changed)
        self._seek()
        return (were_kin | recut).union(*self.near.values()) - gone

    def _kin(self, nos: Collection[int]) -> set[int]:
        """The kin of these, as kept; who was to be decided of with one of them is so anew."""
        found = set()
        for _, other, alike in clues.kin(self.tx, nos):
            found.add(other)
            if alike:
                self.open.add(other)
        return found

    def _crossing(self, before: Mapping[str, int], found: Iterable[tuple[str, int, int]]) -> set[int]:
        """Who bears a clue that too many bore and do no longer, or do now."""
        came: dict[str, int] = defaultdict(int)
        for clue, _, _ in found:
            came[clue] += 1
        touched = before.keys() | came.keys()
        now = clues.counts(self.tx, touched)
        crossed = [
            clue
            for clue in touched
            if (now.get(clue, 0) > identity.CROWD)
            != (now.get(clue, 0) - came.get(clue, 0) + before.get(clue, 0) > identity.CROWD)
        ]
        return {no for some in clues.bearers(self.tx, crossed).values() for no, _ in some}

    def _seek(self) -> None:
        """The kin of all that is fresh, by the clues that not too many bear."""
        self._load(self.fresh)
        mine = [(key, no, side) for no in self.fresh for key, side in identity.keys(self.records[no].company).items()]
        keys = {key for key, _, _ in mine}
        live = [key for key, many in clues.counts(self.tx, keys).items() if 1 < many <= identity.CROWD]
        bearers = clues.bearers(self.tx, live)
        met = {
            (min(no, other), max(no, other))
            for key, no, side in mine
            for other, theirs in bearers.get(key, ())
            if no != other and identity.meet(side, theirs)
        }
        self._load({no for pair in met for no in pair})
        self.near = {no: set() for no in self.fresh}
        pairs = []
        for one, other in sorted(met):
            if identity.are_kin(self.records[one].company, self.records[other].company):
                pairs.append((one, other, False))
                for no, kin in ((one, other), (other, one)):
                    if no in self.near:
                        self.near[no].add(kin)
        clues.put_kin(self.tx, pairs)

    # ---- what kin tell

    def _listen(self, listeners: set[int]) -> set[int]:
        """Those of whom their kin tell something else now."""
        others = listeners - self.near.keys()
        for no in others:
            self.near[no] = set()
        for no, other, _ in clues.kin(self.tx, others):
            self.near[no].add(other)
        self._load(listeners.union(*(self.near[no] for no in listeners)))
        dead = self._dead(listeners)
        changed: dict[int, Any] = {}
        for no in listeners & self.records.keys():
            record = self.records[no]
            kin = [self.records[other].company for other in self.near[no]]
            told = identity.crowd(record.company, kin, dead.__contains__)
            if told != record.told:
                record.told = told
                changed[no] = told.plain()
        clues.tell(self.tx, changed)
        return set(changed)

    def _dead(self, nos: Iterable[int]) -> set[str]:
        keys = {key for no in nos if no in self.records for key in identity.keys(self.records[no].company)}
        return {key for key, many in clues.counts(self.tx, keys).items() if many > identity.CROWD}

    # ---- who is decided of together

    def _compare(self, nos: Collection[int]) -> None:
        """Which of their kin these may be one with."""
        pairs = {(min(no, other), max(no, other)) for no in nos for other in self.near.get(no, ())}
        before = {(one, other): alike for one, other, alike in clues.kin(self.tx, nos)}
        rows = []
        for one, other in sorted(pairs):
            a, b = self.records[one], self.records[other]
            was = before.get((one, other), before.get((other, one), False))
            now = identity.may_be_one(a.company, b.company, a.told | b.told)
            if now or was:
                self.open |= {one, other}
            if now != was:
                rows.append((one, other, now))
        clues.put_kin(self.tx, rows)

    def _together(self) -> Iterator[Decided]:
        """All groups that have to do with what is open, and with the accounts that it stands for."""
        found: set[int] = set()
        pairs: set[tuple[int, int]] = set()
        front = self.open
        while front:
            self._load(front)
            front &= self.records.keys()
            found |= front
            reached = {(one, other) for one, other, _ in clues.kin(self.tx, front, alike=True)}
            pairs |= {(min(pair), max(pair)) for pair in reached}
            accounts = {account for no in front if (account := self.records[no].account) is not None}
            front = ({other for _, other in reached} | clues.of_accounts(self.tx, accounts) | self._held(front)) - found
        ids = {no: self.records[no].company.id for no in found}
        by_id = {self.records[no].company.id: self.records[no] for no in found}
        companies = [(record.company, record.told) for _, record in sorted(by_id.items())]
        for group in identity.groups(companies, sorted((ids[one], ids[other]) for one, other in pairs)):
            yield group, [by_id[company.id] for company in group.companies]

    def _held(self, nos: Collection[int]) -> set[int]:
        """Who is held together with these by a person's word."""
        holders = {self.records[no].company.faces[0].fixed for no in nos} - {None}
        if not holders:
            return set()
        members = [member_called(id) for id, holder in self.held.items() if holder in holders]
        return set(clues.known(self.tx, members).values())

    def _load(self, nos: Collection[int]) -> None:
        missing = set(nos) - self.records.keys()
        if missing:
            for row in clues.records(self.tx, missing, FIELDS):
                self.records[row["no"]] = record_of(row, self.held)
