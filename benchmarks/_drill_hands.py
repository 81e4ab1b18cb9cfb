"""What happens in a CRM between two pulls, and while one runs: the people and programs of the drill.

Every step is drawn from one seeded source. It keeps what no CRM tells: who was merged into whom, which rows came late.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from kamsync.testing.tenant import Tenant
from kamsync.testing.world_names import make_companies, write_phone

SHARES = {"account": 0.12, "contact": 0.30, "deal": 0.12, "order": 0.16, "activity": 0.30}
KINDS = ("task", "call", "visit")
CHILDREN = ("contact", "deal", "order", "activity")


@dataclass(frozen=True, slots=True)
class TrueRecord:
    """A record as it really is."""

    stream: str
    id: str
    modified: datetime
    body: Mapping[str, Any]


@dataclass
class Hands(ABC):
    """The hands at one tenant. `live`: ids by entity; `binned`: what may be taken back, with its entity."""

    tenant: Tenant
    rng: Random
    live: dict[str, list[str]] = field(default_factory=dict)
    where: dict[str, int] = field(default_factory=dict)  # id -> place in its list
    binned: list[tuple[str, str]] = field(default_factory=list)
    merged: dict[str, str] = field(default_factory=dict)
    late: set[str] = field(default_factory=set)  # ids whose stamp says nothing of when they could be seen
    touched: set[str] = field(default_factory=set)
    users: list[str] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    number: int = 0

    # ---- the first load

    def fill(self, records: int, company_from: float) -> None:
        """So many records of a few years, every stamp older than a day."""
        counts = {entity: max(4, int(records * share)) for entity, share in SHARES.items()}
        skip = int(counts["account"] * company_from)
        companies, _ = make_companies(Random(7), counts["account"] + skip, 0)
        self.live = {entity: [] for entity in SHARES}
        self.users = [self.tenant.add("user", name=f"员工{number}") for number in range(12)]
        begin = self.tenant.now() - timedelta(days=700)
        step = timedelta(days=690) / max(1, sum(counts.values()))
        at = begin
        for one in companies[skip:]:
            at += step
            facts = {"name": one.name, "uscc": one.uscc, "phone": write_phone(one, 0), "owner": self._user()}
            self._born("account", self.tenant.add("account", modified=at, **facts))
        for entity in CHILDREN:
            for _ in range(counts[entity]):
                at += step
                self._born(entity, self.tenant.add(entity, modified=at, **self._child(entity, at)))
        self.touched.clear()

    def _user(self) -> str:
        return self.rng.choice(self.users)

    def _child(self, entity: str, at: datetime) -> dict[str, Any]:
        self.number += 1
        account = self.rng.choice(self.live["account"])
        if entity == "activity":
            kind = KINDS[self.number % len(KINDS)]
            when = {} if kind == "task" else {"at": at}
            return {"kind": kind, "about": account, "subject": f"跟进 {self.number}", "owner": self._user(), **when}
        return {"account": account} | {
            "contact": {"name": f"李雷{self.number}", "title": "经理"},
            "deal": {"name": f"项目 {self.number}", "amount": self.number},
            "order": {"gross": self.number, "date": at.date()},
        }[entity]

    def _born(self, entity: str, id: str) -> None:
        self.where[id] = len(self.live[entity])
        self.live[entity].append(id)
        self.touched.add(id)

    def _dead(self, entity: str, id: str) -> None:
        ids, place = self.live[entity], self.where.pop(id)
        last = ids.pop()
        if last != id:
            ids[place], self.where[last] = last, place

    # ---- one thing that happens

    def act(self) -> None:
        """One step of somebody."""
        kinds = self.steps()
        [name] = self.rng.choices(list(kinds), weights=list(kinds.values()))
        if getattr(self, f"do_{name}")() is not False:
            self.done[name] += 1

    def steps(self) -> dict[str, float]:
        """What may happen, and how often beside the rest."""
        return {"change": 40, "add": 14, "late": 4, "end": 6, "back": 4, "owner": 6, "move": 5, "merge": 3,
                "unmerge": 1.2, "person": 0.7, "burst": 0.3, "reuse": 1, "future": 0.1, "erase": 2}  # fmt: skip

    def _any(self, *entities: str) -> tuple[str, str]:
        names = entities or tuple(SHARES)
        [entity] = self.rng.choices(names, weights=[len(self.live[name]) for name in names])
        return entity, self.rng.choice(self.live[entity])

    def do_change(self) -> None:
        entity, id = self._any()
        self._edit(entity, id)

    def _edit(self, entity: str, id: str) -> None:
        self.number += 1
        more: dict[str, Any] = {
            "account": {"address": f"人民路 {self.number} 号"},
            "contact": {"title": f"主管 {self.number}"},
            "deal": {"amount": self.number},
            "order": {"gross": self.number},
            "activity": {"subject": f"改 {self.number}"},
        }[entity]
        self.tenant.change(entity, id, **more)
        self.touched.add(id)

    def do_add(self) -> None:
        entity = self.rng.choice(CHILDREN)
        self._born(entity, self.tenant.add(entity, **self._child(entity, self.tenant.now())))

    def do_late(self) -> None:
        """A row that was stamped hours before anybody could see it."""
        entity = self.rng.choice(CHILDREN)
        at = self.tenant.now() - timedelta(seconds=self.rng.uniform(30, 20 * 3600))
        id = self.tenant.add(entity, modified=at, **self._child(entity, at))
        self._born(entity, id)
        self.late.add(id)

    def do_future(self) -> None:
        entity = self.rng.choice(("contact", "deal"))
        at = self.tenant.now() + timedelta(days=500)
        id = self.tenant.add(entity, modified=at, **self._child(entity, self.tenant.now()))
        self._born(entity, id)
        self.late.add(id)

    def do_burst(self) -> None:
        """A program edits many records within one second."""
        for _ in range(min(400, max(20, len(self.live["contact"]) // 20))):
            self._edit("contact", self.rng.choice(self.live["contact"]))

    def do_move(self) -> None:
        """A contact or deal goes to another customer."""
        entity, id = self._any("contact", "deal")
        self.tenant.change(entity, id, account=self.rng.choice(self.live["account"]))
        self.touched.add(id)

    def do_owner(self) -> None:
        """Fxiaoke's changeOwner, Zoho's change of Owner."""
        id = self.rng.choice(self.live["account"])
        self.tenant.change("account", id, owner=self._user())
        self.touched.add(id)

    def do_person(self) -> None:
        """Somebody leaves, or somebody new comes."""
        if self.rng.random() < 0.5:
            self.users.append(self.tenant.add("user", name=f"新员工{len(self.users)}"))
        else:
            self.tenant.change("user", self._user(), active=False)

    def do_end(self) -> None:
        """Into the bin."""
        entity, id = self._any()
        if len(self.live[entity]) < 8:
            return
        self.tenant.discard(entity, id)
        self._dead(entity, id)
        self.binned.append((entity, id))

    def do_back(self) -> bool:
        """Out of the bin: where it was deleted, its stamp is as it was."""
        found = self._from_bin()
        if found is None:
            return False
        entity, id = found
        self.take_back(entity, id)
        self._born(entity, id)
        self.late.add(id)
        return True

    def _from_bin(self) -> tuple[str, str] | None:
        left = [one for one in self.binned if one[1] not in self.merged]
        if not left:
            return None
        chosen = self.rng.choice(left)
        self.binned.remove(chosen)
        return chosen

    def do_erase(self) -> bool:
        """For good."""
        entity, id = self._any()
        if len(self.live[entity]) < 8:
            return False
        self._dead(entity, id)
        self.erase(entity, id)
        return True

    def do_merge(self) -> bool:
        winner, loser = (self.rng.choice(self.live["account"]) for _ in range(2))
        if winner == loser or len(self.live["account"]) < 8:
            return False
        self._dead("account", loser)
        self.merge(winner, loser)
        self.binned.append(("account", loser))
        self.merged[loser] = winner
        return True

    def do_unmerge(self) -> bool:
        """The loser is taken back; its people stay where they are, but for some."""
        found = [one for one in self.binned if one[1] in self.merged]
        if not found:
            return False
        one = self.rng.choice(found)
        self.binned.remove(one)
        winner = self.merged.pop(one[1])
        self.take_back(*one)
        self._born(*one)
        self.late.add(one[1])
        for id in self.children(winner)[:2]:
            self.tenant.change("contact", id, account=one[1])
            self.touched.add(id)
        return True

    def do_reuse(self) -> bool:
        """A record is erased, and later another one gets its id."""
        id = self.rng.choice(self.live["contact"])
        if not self.can_reuse():
            return False
        self._dead("contact", id)
        self.erase("contact", id)
        self.tenant.offset += timedelta(seconds=2)
        self.again(id, **self._child("contact", self.tenant.now()))
        self._born("contact", id)
        return True

    def can_reuse(self) -> bool:
        return True

    # ---- what differs between the CRMs

    @abstractmethod
    def take_back(self, entity: str, id: str) -> None: ...

    @abstractmethod
    def erase(self, entity: str, id: str) -> None: ...

    @abstractmethod
    def merge(self, winner: str, loser: str) -> None: ...

    @abstractmethod
    def children(self, account: str) -> list[str]:
        """Contacts of an account."""

    @abstractmethod
    def again(self, id: str, **contact: Any) -> None:
        """Another contact under this id."""

    @abstractmethod
    def truth(self) -> Iterator[TrueRecord]: ...

    @abstractmethod
    def look(self, id: str) -> tuple[str, datetime] | None:
        """(stream, stamp) of one record that is there."""
