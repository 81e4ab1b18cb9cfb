"""Who did what in the CRMs: every change is seen as it happens, laid at somebody's door, and held against the promises.

Reads the tenants' truth. Of kamsync's own store it asks only what kamsync could have known.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from kamsync.testing.server import Call
from kamsync.testing.tenant import Tenant
from tests.reliability.story.eyes import MARKER, Eye, Key, Row, eye

PREFIX = "KAM·"
OUR_TAGS = ("KAM·一级", "KAM·二级")
SURE = ("refused", "busy", "spent")  # fates after which everybody knows that nothing happened
JUST = 3  # calls from a look at a task to its change
By = Literal["us", "people", "backup"]
Place = tuple[str, str, str]  # tenant, record, tag


class Book:
    """`broken`: promises that were not kept, in words. `figures`: what was tried."""

    def __init__(self, tenants: dict[str, Tenant], store: Path, settle: dict[str, float], keyed: set[str]) -> None:
        self.eyes: dict[str, Eye] = {name: eye(tenant) for name, tenant in tenants.items()}
        self.names = {id(tenant): name for name, tenant in tenants.items()}
        self.store = store
        self.settle = settle
        self.keyed = keyed  # tenants that take each marker once
        self.known = {name: one.rows() for name, one in self.eyes.items()}
        self.broken: list[str] = []
        self.figures: Counter[str] = Counter()
        self.turn = 0  # changes so far: what came before what
        self.laid: dict[Place, tuple[By, int]] = {}
        self.once: set[Place] = set()  # where we ever laid a tag
        self.taken: dict[Place, tuple[int, int]] = {}  # (when we had laid it, when people took it), as we knew it there
        self.left: set[Place] = set()  # tags of ours that people took, however long ago
        self.stirred: dict[tuple[str, str], int] = {}  # a record's wish may have changed
        self.forgot = -1  # when kamsync last lost what it knew
        self.made: Counter[str] = Counter()  # tasks by marker
        self.ours: set[tuple[str, str]] = set()  # tasks that we made: tenant, id
        self.ended: dict[
            str, tuple[int, bool]
        ] = {}  # when a task of ours went, and whether kamsync knew that it was there
        self.unanswered: dict[str, float] = {}  # markers sent without an answer, by when
        self.call = 0  # how many calls have left
        self.born: dict[tuple[str, str], int] = {}  # when we made a task
        self.touched: set[tuple[str, str]] = set()  # tasks that somebody else saved
        self.misdated: set[tuple[str, str]] = set()  # those that were there while our clock was wrong: left alone
        self.clock_is_wrong = False
        self.edited: dict[tuple[str, str], int] = {}  # tasks that somebody else changed, before which call
        self.shut: set[tuple[str, str]] = set()  # tasks that we closed
        self.overtaken: datetime | None = None  # another writer has been in office since, by our machine's clock
        self.ever: dict[str, dict[tuple[str, str], None]] = {}  # every record that a customer, by its code, has had
        self.merged: set[tuple[str, str]] = set()  # records that people made part of another
        self.unseen: set[tuple[str, str]] = set()  # that nobody knew as their customer's when a task was made
        for name, rows in self.known.items():
            for (object, record), row in rows.items():
                if object == self.eyes[name].account:
                    self._stir(name, record, row)
                    self.laid |= {(name, record, tag): self._before(tag) for tag in self.eyes[name].tags(row)}
                    self.once |= {place for place, (by, _) in self.laid.items() if by == "us"}
                elif object == self.eyes[name].task and (marker := self.eyes[name].marker(row)):
                    self.made[marker] += 1
                    self.ours.add((name, record))
                    self.born[name, record] = 0

        self.stirred = dict.fromkeys(self.stirred, -1)  # whatever is there was wished for long ago

    def _before(self, tag: str) -> tuple[By, int]:
        """Whose a tag is that was there before the book began: nobody else has used our prefix yet."""
        return ("us" if tag.startswith(PREFIX) else "people", 0)

    def fail(self, what: str) -> None:
        self.broken.append(what)

    # ---- what happened

    def look(self, name: str, by: By, *, answered: bool = True) -> None:
        """Find out what has changed in a tenant since the last look: it was done by these hands."""
        eye, old, new = self.eyes[name], self.known[name], self.eyes[name].rows()
        self.known[name] = new
        for key in [*old, *(key for key in new if key not in old)]:
            before, after = old.get(key), new.get(key)
            if before is after or before == after:
                continue
            self.turn += 1
            if key[0] == eye.account:
                self._account(name, eye, key, before, after, by)
            elif key[0] == eye.task:
                self._task(name, eye, key, before, after, by, answered=answered)
            elif by == "us":
                self.fail(f"foreign: we changed {name} {key}")

    def _account(self, name: str, eye: Eye, key: Key, before: Row | None, after: Row | None, by: By) -> None:
        if by == "us" and (before is None or after is None or eye.plain(before) != eye.plain(after)):
            self.fail(f"foreign: we changed the account {name} {key}")
        had, has = (eye.tags(row) if row is not None else [] for row in (before, after))
        if before is None or after is None or eye.plain(before) != eye.plain(after):
            self._stir(name, key[1], before, after)
        for tag in had:
            if tag not in has:
                self._untagged((name, key[1], tag), by)
        for tag in has:
            if tag not in had:
                self._tagged((name, key[1], tag), by)

    def told_the_time(self, *, wrong: bool) -> None:
        """By which clock the next call is made."""
        self.clock_is_wrong = wrong
        if wrong:
            self.misdated |= self.born.keys()

    def united(self, name: str, winner: str, loser: str) -> None:
        """People make one record of two: what was done for one customer was done for both."""
        eye = self.eyes[name]
        codes = [eye.uscc(self.known[name][eye.account, id]) for id in (winner, loser)]
        self.ever.setdefault(codes[0], {}).update(self.ever.get(codes[1], {}))
        self.merged.add((name, loser))

    def _stir(self, name: str, record: str, *rows: Row | None) -> None:
        """This record's wish may change, and that of the same customer's records elsewhere."""
        codes = {self.eyes[name].uscc(row) for row in rows if row is not None}
        for code in codes:
            self.ever.setdefault(code, {})[name, record] = None
        self.stirred[name, record] = self.turn
        for other, one in self.eyes.items():
            for (object, id), row in self.known[other].items():
                if object == one.account and one.uscc(row) in codes:
                    self.stirred[other, id] = self.turn

    def _tagged(self, place: Place, by: By) -> None:
        name, record, tag = place
        if by == "us":
            self.figures["tags"] += 1
            if not tag.startswith(PREFIX):
                self.fail(f"foreign: we laid {place}")
            laid, taken = self.taken.pop(place, (-1, -1))
            stirred = max(self.stirred.get((name, record), -1), self.forgot)
            if taken >= 0 and stirred < laid:
                self.fail(f"word: people took {place} and we laid it again")
            self.once.add(place)
        if by != "backup":
            self.laid[place] = (by, self.turn)

    def _untagged(self, place: Place, by: By) -> None:
        who, when = self.laid.pop(place, ("people", 0))
        if by == "us" and who != "us" and place not in self.once:  # what we once laid, a receipt says is ours
            self.fail(f"foreign: we took {place}, which people had laid")
        if by == "us":
            self.figures["tags"] += 1
        if by != "us" and who == "us":
            self.left.add(place)
            if self._owns(place):
                self.taken[place] = (when, self.turn)

    def _task(
        self, name: str, eye: Eye, key: Key, before: Row | None, after: Row | None, by: By, *, answered: bool
    ) -> None:
        marker = eye.marker(after if after is not None else before or {})
        if by == "us":
            self._task_by_us(name, eye, key, before, after, marker, answered=answered)
            return
        self.touched.add((name, key[1]))
        carried = before is not None and after is not None and eye.about(before) != eye.about(after)  # by a merge
        if before is not None and after is not None and eye.plain(before) != eye.plain(after) and not carried:
            self.edited[name, key[1]] = self.call
        if marker and before is not None and (name, key[1]) in self.ours and eye.lives(before) and not eye.lives(after):
            self.ended[marker] = (self.turn, by == "people" and self._knows(marker))

    def _task_by_us(
        self,
        name: str,
        eye: Eye,
        key: Key,
        before: Row | None,
        after: Row | None,
        marker: str | None,
        *,
        answered: bool,
    ) -> None:
        if before is not None:
            self._closed_by_us(name, eye, key, before, after, answered=answered)
            return
        assert after is not None
        if marker is None:
            self.fail(f"marker: we made the task {name} {key} without one")
            return
        self.figures["tasks"] += 1
        self.unseen |= {place for places in self.ever.values() for place in places if not self._findable(place)}
        self.ours.add((name, key[1]))
        self.born[name, key[1]] = self.turn
        if self.clock_is_wrong:
            self.misdated.add((name, key[1]))
        self.made[marker] += 1
        if sum(1 for _ in self.lives(name, marker)) > 1:
            self.fail(f"twice: {marker} lives twice at {name}")
        if self.made[marker] > 1:
            when, knew = self.ended.get(marker, (0, False))
            self.figures["reappeared"] += 1
            if knew and self.forgot < when:
                self.fail(f"word: people deleted {marker} and we made it again")

    def _closed_by_us(self, name: str, eye: Eye, key: Key, before: Row, after: Row | None, *, answered: bool) -> None:
        """We may close a task of ours that nobody touched, and open it again; of it nothing else may change.

        Who touches it between our look and our write cannot be seen; what is theirs in it stays all the same.
        """
        place = (name, key[1])
        self.figures["closed or opened"] += 1
        others = [
            {field: row[field] for field in eye.plain(row) if field != eye.status} for row in (before, after or {})
        ]
        if after is None or place not in self.ours or others[0] != others[1]:
            self.fail(f"foreign: we changed the task {name} {key}")
        elif answered and self.edited.get(place, self.call) < self.call - JUST:
            self.fail(f"word: people touched the task {name} {key}, and we changed it")
        elif eye.done(after):
            self.shut.add(place)
        else:
            self.shut.discard(place)

    def lives(self, name: str, marker: str) -> Iterator[Key]:
        """The tasks with this marker that we made and that are there, done or not."""
        eye = self.eyes[name]
        for key, row in self.known[name].items():
            if key[0] == eye.task and (name, key[1]) in self.ours and eye.lives(row) and eye.marker(row) == marker:
                yield key

    # ---- what is about to leave

    def leaving(self, tenant: Tenant, call: Call, now: float) -> None:
        """A call that would change something leaves: it must be durable, and its doubt over."""
        name = self.names[id(tenant)]
        if self.overtaken is not None:
            since = f"{self.overtaken:%Y-%m-%d %H:%M:%S.%f}"
            if self.ask("SELECT 1 FROM intent WHERE state = 'sending' AND sent_at > ? LIMIT 1", since):
                self.fail(f"epoch: {call.path} left after another writer had taken over")
        for marker in dict.fromkeys(MARKER.findall(call.body.decode("utf-8", "replace"))):
            states = [row[0] for row in self.ask("SELECT state FROM intent WHERE payload LIKE ?", f'%"{marker}"%')]
            if "sending" not in states:
                self.fail(f"durable: {marker} left while its intent was {states}")
            since = self.unanswered.get(marker)
            if since is not None and name not in self.keyed and now - since < self.settle[name]:
                self.fail(f"evidence: {marker} was sent again {now - since:.0f} s after an answer was lost")

    def fared(self, call: Call, fate: str, now: float) -> None:
        """What befell a call: from now on its markers are in doubt, or no longer."""
        for marker in MARKER.findall(call.body.decode("utf-8", "replace")):
            if fate == "well" or fate in SURE:
                self.unanswered.pop(marker, None)
            else:
                self.unanswered[marker] = now

    # ---- what kamsync could have known

    def ask(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """A look into the store as it lies on the disk."""
        line = sqlite3.connect(self.store)
        try:
            return line.execute(query, values).fetchall()
        finally:
            line.close()

    def _findable(self, place: tuple[str, str]) -> bool:
        """Is this record there, or does our store remember it and what it was merged into? Of any other nobody can tell
        whose it was, nor for whom a task on it was made.
        """
        name, record = place
        row = self.known[name].get((self.eyes[name].account, record))
        if row is not None and self.eyes[name].lives(row):
            return True
        query = "SELECT 1 FROM raw WHERE connection = ? AND stream = 'accounts' AND remote_id = ?"
        alias = "SELECT 1 FROM alias WHERE connection = ? AND loser = ? AND final IS NOT NULL"
        return bool(self.ask(query, *place)) and (place not in self.merged or bool(self.ask(alias, *place)))

    def _owns(self, place: Place) -> bool:
        query = "SELECT 1 FROM owned WHERE connection = ? AND remote_id = ? AND value = ?"
        return bool(self.ask(query, *place))

    def _knows(self, marker: str) -> bool:
        query = "SELECT 1 FROM intent WHERE kind = 'task' AND state = 'done' AND payload LIKE ?"
        return bool(self.ask(query, f'%"{marker}"%'))

    def restored(self, name: str) -> None:
        """A tenant is as it was once: whatever was wished for there may have to be wished anew."""
        self.turn += 1
        for tenant, record in list(self.stirred):
            if tenant == name:
                self.stirred[tenant, record] = self.turn
        for place in [place for place in self.taken if place[0] == name]:
            del self.taken[place]
        self.touched |= {place for place in self.ours if place[0] == name}

    def forgets(self) -> None:
        """kamsync has lost what it knew, or some of it."""
        self.turn += 1
        self.forgot = self.turn
        self.taken.clear()
        for name, one in self.eyes.items():  # of a tag in our own name nobody can tell any more whose hand it was
            for (object, record), row in self.known[name].items():
                for tag in one.tags(row) if object == one.account else ():
                    if tag in OUR_TAGS:
                        self.once.add((name, record, tag))
