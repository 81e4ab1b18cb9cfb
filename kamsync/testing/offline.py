"""The base of tenants that have no door: files in a folder, a program that is run beside.

What only a network has (a line that drops, tokens), and what nobody writes there (tags, tasks), it lacks, and says so.
"""

from __future__ import annotations

import hashlib
import tempfile
import threading
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, NoReturn

from kamsync.testing.server import Answer, Call
from kamsync.testing.tenant import Lacks, Tenant, TrueTask
from kamsync.testing.world_make import make_world

Row = dict[str, Any]


KNOWN = ("name", "uscc", "phone", "website", "province", "city", "industry")
PLANTED = 40  # customers of the made-up world


class NoDoor:
    """Stands where a tenant's server would."""

    def __getattr__(self, name: str) -> NoReturn:
        raise Lacks("a network")


class OfflineTenant(Tenant):
    """Tables of rows that lie in a folder of their own while it runs. `with tenant:`; the folder goes with it."""

    prefixes: ClassVar[Mapping[str, str]] = {}  # the entities it holds, and how the ids of each begin

    def __init__(self, *, seed: bool = False, state: Path | None = None, **_: Any) -> None:
        self.offset = timedelta(0)
        self.lock = threading.RLock()
        self.state = state
        self.seed = seed
        self.server: Any = NoDoor()
        self.tables: dict[str, dict[str, Row]] = {entity: {} for entity in self.prefixes}
        self._counts = dict.fromkeys(self.prefixes, 0)
        self._kept: tempfile.TemporaryDirectory[str] | None = None

    # ---- life

    def start(self) -> Tenant:
        self._kept = tempfile.TemporaryDirectory(prefix="kamsync-tenant-")
        for entity in self.prefixes:
            self.write(entity)
        if self.seed:
            plant(self)
        return self

    def stop(self) -> None:
        """What is read is gone; nobody cleans up before `with` is left."""
        for path in self.folder.glob("*"):
            if path.name in self.data_files():
                path.unlink()

    def __exit__(self, *_: object) -> None:
        if self._kept is not None:
            self._kept.cleanup()

    @property
    def folder(self) -> Path:
        assert self._kept is not None, "the tenant is not running"
        return Path(self._kept.name)

    # ---- what each kind says for itself

    @abstractmethod
    def row(self, entity: str, id: str, neutral: Mapping[str, Any], before: Row, modified: datetime) -> Row:
        """The row of a record, from what is known of it in kamsync's words."""

    @abstractmethod
    def append(self, entity: str, row: Row) -> None:
        """One more row, at the end of its file."""

    @abstractmethod
    def write(self, entity: str) -> None:
        """The file of these records anew, in one stroke."""

    @abstractmethod
    def data_files(self) -> Sequence[str]:
        """The names of the files that hold rows."""

    # ---- people's hands

    def add(self, entity: str, *, modified: datetime | None = None, **neutral: Any) -> str:
        table = self._table(entity)
        self._counts[entity] += 1
        id = f"{self.prefixes[entity]}-{self._counts[entity]:06d}"
        table[id] = self.row(entity, id, neutral, {}, modified or self.now())
        self.append(entity, table[id])
        return id

    def change(self, entity: str, id: str, *, modified: datetime | None = None, **neutral: Any) -> None:
        table = self._table(entity)
        table[id] = self.row(entity, id, neutral, table[id], modified or self.now())
        self.write(entity)

    def remove(self, entity: str, id: str) -> None:
        del self._table(entity)[id]
        self.write(entity)

    def ids(self, entity: str) -> Sequence[str]:
        return list(self._table(entity))

    def truth(self) -> Any:
        """A checksum of every file: reading must leave them as they are."""
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(self.folder.glob("*"))}

    def _table(self, entity: str) -> dict[str, Row]:
        if entity not in self.tables:
            raise Lacks(f"a place for records of the kind {entity}")
        return self.tables[entity]

    # ---- what there is not

    def handle(self, call: Call) -> Answer:
        raise Lacks("a network")

    def dump(self) -> Any:
        raise Lacks("a state of its own")

    def load(self, state: Any) -> None:
        raise Lacks("a state of its own")

    def tags(self, id: str) -> tuple[str, ...]:
        raise Lacks("tags")

    def set_tags(self, id: str, tags: Sequence[str]) -> None:
        raise Lacks("tags")

    def tasks(self) -> Sequence[TrueTask]:
        raise Lacks("tasks")

    def close_task(self, id: str) -> None:
        raise Lacks("tasks")

    def remove_task(self, id: str) -> None:
        raise Lacks("tasks")

    def expire_token(self) -> None:
        raise Lacks("tokens")


def plant(tenant: OfflineTenant) -> None:
    """A part of the made-up business world: some customers, and their orders and answers as far as there is a place."""
    world = make_world(tenant.now().date())
    ids: dict[str, str] = {}
    for each in [one for one in world.accounts if one.crm == "zoho"][:PLANTED]:
        told = {name: getattr(each, name) for name in KNOWN}
        ids[each.key] = tenant.add("account", modified=each.modified, **told)
    for order in [one for one in world.orders if one.account in ids]:
        tenant.add("order", account=ids[order.account], number=order.number, date=order.date, gross=order.amount)
    for answer in [one for one in world.surveys if one.account in ids and "survey" in tenant.prefixes]:
        tenant.add("survey", account=ids[answer.account], score=answer.score, date=answer.date)
