"""The invented CRMs in a process of their own: people act in them, faults strike writes, and their truth is told."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from random import Random
from typing import Any

from kamsync.testing.tenant import Tenant
from tests.reliability import world
from tests.reliability.clock import SharedClock
from tests.reliability.faults import NONE, Door, Odds

TAG = "KAM·"


@dataclass
class Crms:
    """The other side of the pipe. `options`: what a config block needs, by connection."""

    pipe: Connection
    options: dict[str, dict[str, Any]] = field(default_factory=dict)

    def ask(self, word: str, *given: Any) -> Any:
        self.pipe.send((word, given))
        return self.pipe.recv()


@contextmanager
def crms(names: Sequence[str], clock: SharedClock, seed: int) -> Iterator[Crms]:
    """CRMs of these names, empty. Made by fork, so that they share the clock: for a process without threads."""
    ours, theirs = Pipe()
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        ours.close()
        try:
            Office(names, clock, seed).serve(theirs)
        finally:
            os._exit(0)
    theirs.close()
    made = Crms(ours)
    made.options = ours.recv()
    try:
        yield made
    finally:
        ours.close()
        os.waitpid(child, 0)


class Office:
    """Everything that happens in the CRMs' process."""

    def __init__(self, names: Sequence[str], clock: SharedClock, seed: int) -> None:
        self.rng = Random(f"people {seed}")
        self.tenants: dict[str, Tenant] = {name: world.tenant(name) for name in names}
        self.doors = {name: Door(tenant, clock, Random(f"{name} {seed}")) for name, tenant in self.tenants.items()}
        self.companies: dict[str, dict[str, str]] = {}  # company -> connection -> record

    def serve(self, pipe: Connection) -> None:
        """Do as the words that come say, each with one answer, until the pipe is closed."""
        for tenant in self.tenants.values():
            tenant.start()
        pipe.send({name: dict(tenant.options()) for name, tenant in self.tenants.items()})
        while True:
            try:
                word, given = pipe.recv()
            except EOFError:
                return
            for door in self.doors.values():
                door.catch_up()
            pipe.send(getattr(self, word)(*given))

    # ---- people

    def fill(self, each: int, shared: int) -> dict[str, dict[str, str]]:
        """So many companies in each CRM, and so many in the first and the last; company -> connection -> record."""
        names = list(self.tenants)
        placed = [[name] for name in names for _ in range(each)] + [[names[0], names[-1]]] * shared
        for number, where in enumerate(placed):
            company = f"星河{number:03d}号精密机械有限公司"
            facts = {"name": company, "uscc": f"9131000000000{number:03d}XX", "influence": 10}
            self.companies[company] = {name: self.tenants[name].add("account", **facts) for name in where}
            if number % 3:
                for name, id in self.companies[company].items():
                    self.tenants[name].set_tags(id, ["老客户"])
            if number % 4 == 0:
                for name, id in self.companies[company].items():
                    self.tenants[name].add("activity", kind="task", about=id, subject=f"自己的事 {number}")
        return self.companies

    def rate(self, ratings: Mapping[str, int]) -> None:
        """People rate companies anew."""
        for company, influence in ratings.items():
            for name, id in self.companies[company].items():
                self.tenants[name].change("account", id, influence=influence)

    def potter(self) -> None:
        """People do this and that to their own things, beside ours."""
        for tenant in self.tenants.values():
            ids = sorted(tenant.ids("account"))
            for id in self.rng.sample(ids, min(3, len(ids))):
                tags = [tag for tag in tenant.tags(id) if tag != "老客户"]
                tenant.set_tags(id, tags if len(tags) < len(tenant.tags(id)) else [*tags, "老客户"])
            tenant.add("activity", kind="task", about=self.rng.choice(ids), subject=f"自己的事 {self.rng.random():.6f}")

    def tidy(self) -> None:
        """People throw away what is there twice, so that it is counted once."""
        for tenant in self.tenants.values():
            seen: set[str | None] = set()
            for task in sorted(tenant.tasks(), key=lambda task: task.id):
                if task.by_us and task.marker in seen:
                    tenant.remove_task(task.id)
                seen.add(task.marker)

    # ---- the door

    def odds(self, odds: Odds = NONE) -> None:
        for door in self.doors.values():
            door.odds = odds

    def traffic(self) -> dict[str, Any]:
        """Calls that write so far, and the faults that struck."""
        struck: Counter[str] = Counter()
        for door in self.doors.values():
            struck += door.struck
        return {
            "writes": sum(door.writes for door in self.doors.values()),
            "applied": sum(door.applied for door in self.doors.values()),
            "struck": dict(struck),
        }

    # ---- the truth

    def truth(self) -> dict[str, Any]:
        """What stands in each CRM: our tags, every task, and all that is people's own."""
        return {name: self._truth(tenant) for name, tenant in self.tenants.items()}

    def _truth(self, tenant: Tenant) -> dict[str, Any]:
        with tenant.lock:
            tasks = [asdict(task) for task in tenant.tasks()]
            ids = list(tenant.ids("account"))
            tags = {id: list(tenant.tags(id)) for id in ids}
            records = {id: _record(tenant, id) for id in ids}
        return {
            "tags": {id: sorted(tag for tag in held if tag.startswith(TAG)) for id, held in tags.items()},
            "tasks": [task for task in tasks if task["by_us"]],
            "people": {
                "tags": {id: sorted(tag for tag in held if not tag.startswith(TAG)) for id, held in tags.items()},
                "tasks": {task["id"]: task for task in tasks if not task["by_us"]},
                "records": records,
            },
        }

    def dump(self) -> dict[str, Any]:
        """All state and what was counted, to be given to `load` again."""
        return {name: (tenant.dump(), self.doors[name].counts()) for name, tenant in self.tenants.items()}

    def load(self, states: Mapping[str, Any]) -> None:
        for name, (state, counts) in states.items():
            self.doors[name].forget(counts)
            self.tenants[name].load(state)


MOVING = {
    "Tag",
    "Modified_Time",
    "Modified_By",
    "Last_Activity_Time",
    "kam_tags__c",
    "last_modified_time",
    "last_modified_by",
    "version",
}


def _record(tenant: Any, id: str) -> dict[str, str]:
    """Every field of an account but the tags and the stamps that any write moves."""
    body = tenant.org.must(id).body if hasattr(tenant, "org") else tenant.crm.row("AccountObj", id)
    return {name: repr(value) for name, value in body.items() if name not in MOVING}
