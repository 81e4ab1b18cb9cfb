"""A desk to try the engine at: two simulated tenants over real HTTP, a workspace in a folder, a clock that obeys.

Its verbs are the engine's own; what it reads back comes from the store or from the tenants' truth.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Table, select

from kamsync.engine import cycle as steps
from kamsync.engine import workspace as workspaces
from kamsync.engine.connections import Connection, connected
from kamsync.engine.cycle import Applied, Cycle
from kamsync.engine.judge import TierReport, judge, reach
from kamsync.engine.link import LinkReport, link
from kamsync.engine.plan import plan
from kamsync.engine.planned import Plan
from kamsync.engine.pull import PullReport, StreamReport, pull
from kamsync.engine.reading import Event, Readers
from kamsync.engine.undoing import Only, known_run, last_run, plan_undo
from kamsync.engine.workspace import Workspace
from kamsync.plugin import KamsyncError
from kamsync.rules.facts import Facts
from kamsync.rules.metrics import Metrics, measure
from kamsync.store import Writer, outbox, runs, verdicts, wanted, writing
from kamsync.store.entities import TABLES
from kamsync.store.facts import gather
from kamsync.store.tables import metadata
from kamsync.testing.faults import Fault
from kamsync.testing.tenant import Tenant, TrueTask
from kamsync_fxiaoke.sim import FxiaokeTenant
from kamsync_zoho.sim import ZohoTenant
from tests.engine.around import DeskClock, Died, Touched, as_toml, counting, dying, make_quick, part_of, toml, without

__all__ = ["BASIC", "MONDAY", "PEOPLE", "ROOT", "THREE_RULES", "WRITING", "Desk", "DeskClock", "Died", "of", "when"]

ROOT = Path(__file__).parents[2]
THREE_RULES = ROOT / "tests/reminders.toml"  # enough to try the mechanics with
SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 3, 2, 10, tzinfo=SHANGHAI)  # a working day with nothing special about it
At = tuple[Workspace, Writer, dict[str, Connection], dict[str, KamsyncError]]


class OneByOne(Readers):
    """Each event of a pull by itself."""

    def _beside(self) -> list[Event]:
        return []


@dataclass
class Desk:
    """What a test works at. Times are Shanghai's; the desk opens on a Monday morning."""

    folder: Path
    url: str
    zoho: ZohoTenant
    fxiaoke: FxiaokeTenant
    clock: DeskClock
    connections: tuple[str, ...]
    streams: frozenset[str] | None = None  # None: all that the default mappings name
    stays_open: list[Any] | None = None  # what stays connected from one verb to the next; None: each verb knocks anew
    writes: dict[str, str] = field(default_factory=lambda: {"zoho": "plan", "fxiaoke": "plan"})
    options: dict[str, dict[str, Any]] = field(default_factory=lambda: {"zoho": {}, "fxiaoke": {}})
    mappings: dict[str, Path] = field(default_factory=lambda: {name: ROOT / f"mappings/{name}.toml" for name in BOTH})
    policy: dict[str, Any] = field(default_factory=dict)
    guards: dict[str, Any] = field(default_factory=dict)
    deadline: float = 60.0
    _open: Workspace | None = None
    _stack: ExitStack = field(default_factory=ExitStack)

    # ---- life

    def configure(self) -> None:
        """Write config.toml as the desk's settings say; the next verb reads it."""
        self.close()
        lines = ["allow_plain_secrets = true", "[store]", f'url = "{self.url}"']
        daily = {"tiers": _share("value4"), "reminders": str(THREE_RULES), "close_ended": True}
        lines += ["[policy]", *as_toml(daily | self.policy)]
        lines += ["[guards]", *as_toml(self.guards)]
        for name in self.connections:
            tenant = self.zoho if name == "zoho" else self.fxiaoke
            own = {"connector": name, "mapping": str(self._mapping(name)), "writes": self.writes[name]}
            options = {"settle_seconds": 2.0} | dict(tenant.options()) | self.options[name]
            lines += [f"[connections.{name}]", *as_toml(own | options)]
        self.path.write_text("\n".join(lines), "utf-8")

    def _mapping(self, name: str) -> Path:
        """Its mapping, or the part of it that this desk reads."""
        whole = self.mappings[name]
        if self.streams is None:
            return whole
        path = self.folder / f"{name}.part.toml"
        path.write_text(part_of(whole.read_text("utf-8"), self.streams), "utf-8")
        return path

    def use_policy(self, more: str = "", **keys: Any) -> None:
        """The default policy with some keys changed, and more at its end."""
        text = (ROOT / "policies/value4.toml").read_text("utf-8")
        for key, value in keys.items():
            text, found = re.subn(rf"(?m)^{key} = .*$", f"{key} = {toml(value)}", text)
            assert found == 1
        path = self.folder / "policy.toml"
        path.write_text(f"{text}\n{more}\n", "utf-8")
        self.policy["tiers"] = str(path)
        self.configure()

    @property
    def path(self) -> Path:
        return self.folder / "config.toml"

    @property
    def workspace(self) -> Workspace:
        if self._open is None:
            if not self.path.exists():
                self.configure()
            self._open = self._stack.enter_context(workspaces.opened(self.path, self.clock))
            self._open.deadline = self.deadline
            make_quick(self._open.store)
        return self._open

    def close(self) -> None:
        self._stack.close()
        self._open = None
        if self.stays_open is not None:
            self.stays_open.clear()

    @contextmanager
    def at_work(self) -> Iterator[At]:
        """The one writer, with every tenant that answers open."""
        with writing(self.workspace.store) as writer, ExitStack() as this_verb:
            if self.stays_open is None:
                yield self.workspace, writer, *this_verb.enter_context(connected(self.workspace))
                return
            if not self.stays_open:
                self.stays_open.append(self._stack.enter_context(connected(self.workspace)))
            ready, troubles = self.stays_open[0]
            yield self.workspace, writer, ready, dict(troubles)

    def lose_database(self) -> None:
        """The file is gone; the next verb begins with an empty one."""
        self.close()
        for file in self.folder.glob("kamsync.db*"):
            file.unlink()

    def overtake(self) -> None:
        """Another writer is in office since a moment ago."""
        lease = metadata.tables["lease"]
        with self.workspace.store.write() as tx:
            tx.execute(lease.update().where(lease.c.resource == "writer").values(epoch=lease.c.epoch + 1))

    # ---- verbs

    def pull(self, stream: str | None = None, *, full: bool = False, routine: bool = False) -> PullReport:
        with self.at_work() as (workspace, writer, ready, troubles):
            return pull(workspace, writer, ready, troubles, stream=stream, full=full, routine=routine)

    def judge(self, on: date | None = None) -> TierReport:
        with writing(self.workspace.store) as writer:
            return judge(self.workspace, writer, on or self.today)

    def link(self) -> LinkReport:
        with writing(self.workspace.store) as writer:
            return link(self.workspace, writer)

    def plan(self, on: date | None = None) -> Plan:
        with self.at_work() as (workspace, writer, ready, troubles):
            return plan(workspace, writer, ready, troubles, on or self.today)

    def apply(self, number: int | None = None, *, by_person: bool = True) -> Applied:
        with self.at_work() as (workspace, writer, ready, troubles):
            chosen = number or plan(workspace, writer, ready, troubles, self.today).id
            return steps.apply(workspace, writer, ready, chosen, by_person=by_person)

    def plan_undo(self, run: int | None = None, only: Only | None = None) -> Plan:
        """The plan that takes back what a run (by default the last apply) wrote."""
        with self.at_work() as (workspace, writer, ready, troubles):
            chosen = last_run(workspace) if run is None else known_run(workspace, run)
            return plan_undo(workspace, writer, ready, troubles, chosen, only)

    def undo(self, run: int | None = None, only: Only | None = None) -> Applied:
        return self.apply(self.plan_undo(run, only).id)

    def cycle(self, *, by_person: bool = True) -> Cycle:
        with self.at_work() as (workspace, writer, ready, troubles):
            return steps.cycle(workspace, writer, ready, troubles, self.today, by_person=by_person)

    def wait(self, **span: float) -> None:
        self.clock.pass_by(timedelta(**span))

    @property
    def today(self) -> date:
        return self.workspace.today

    # ---- what the store holds

    def rows(self, name: str) -> list[dict[str, Any]]:
        """Every row of a table, by its key."""
        target: Table = TABLES["account"] if name == "member" else metadata.tables.get(name, TABLES.get(name))
        with self.workspace.store.read() as tx:
            return [dict(row) for row in tx.execute(select(target).order_by(*target.primary_key)).mappings()]

    def one_by_one(self) -> None:
        """Whatever comes of a pull lands by itself, however much waits beside it."""
        self.workspace.readers = OneByOne

    def dies(self, on: str, after: int = 0) -> AbstractContextManager[None]:
        """The machine dies at a statement, after so many others of its kind."""
        return dying(self.workspace.store, on, after)

    def counts(self, on: str) -> AbstractContextManager[Touched]:
        """How many rows the statements of a kind touch meanwhile."""
        return counting(self.workspace.store, on)

    def raw(self, connection: str, stream: str) -> dict[str, str]:
        """Whether each record of a stream lives, by its id."""
        rows = self.rows("raw")
        return {
            row["remote_id"]: row["life"] for row in rows if (row["connection"], row["stream"]) == (connection, stream)
        }

    def account_of(self, remote_id: str, entity: str = "member") -> str | None:
        """The account that a record stands for or belongs to."""
        return next(row["account_id"] for row in self.rows(entity) if row["remote_id"] == remote_id)

    def tier_of(self, remote_id: str) -> str:
        with self.workspace.store.read() as tx:
            row = verdicts.evaluation(tx, self.account_of(remote_id) or "")
        assert row is not None
        return str(row["tier"])

    def facts(self, remote_id: str, on: date | None = None) -> Facts:
        """What is known of the account of a record on a date."""
        account = self.account_of(remote_id) or ""
        with self.workspace.store.read() as tx:
            space = self.workspace
            where = reach(space, tx), space.golden, space.config.timezone
            return gather(tx, [account], on or self.today, *where)[0]

    def metrics(self, remote_id: str, on: date | None = None) -> Metrics:
        """Its figures, measured anew."""
        return measure(self.facts(remote_id, on), self.workspace.policy)

    @property
    def duties(self) -> list[tuple[str, str, str]]:
        """(rule, record it hangs on, state) of every duty."""
        return sorted((row["rule"], row["remote_id"], row["state"]) for row in self.rows("duty"))

    @property
    def wanted(self) -> list[dict[str, Any]]:
        with self.workspace.store.read() as tx:
            return [row for row in wanted.open_duties(tx) if row["state"] == "wanted"]

    @property
    def intents(self) -> dict[str, str]:
        """Every intent's state, by its key."""
        return {row["key"]: row["state"] for row in self.rows("intent")}

    @property
    def holds(self) -> list[dict[str, Any]]:
        with self.workspace.store.read() as tx:
            return runs.holds(tx)

    def receipts(self, key: str) -> list[str]:
        """What became of each attempt of an intent."""
        with self.workspace.store.read() as tx:
            intent = outbox.by_keys(tx, [key])[key]
            return [row["outcome"] for row in outbox.receipts(tx, intent["id"])]

    # ---- what the tenants hold

    @property
    def tenant(self) -> Tenant:
        """The first connection's."""
        return self.zoho if self.connections[0] == "zoho" else self.fxiaoke

    def our_tasks(self) -> list[TrueTask]:
        """Every task in either CRM that carries a marker of ours."""
        return [task for tenant in (self.zoho, self.fxiaoke) for task in tenant.tasks() if task.marker]

    def calls(self, on: str) -> int:
        """How often paths that hold this pattern were called, at either tenant."""
        counts = [tenant.traffic.calls for tenant in (self.zoho, self.fxiaoke)]
        return sum(count for each in counts for name, count in each.items() if re.search(on, name))

    def poison_writing(self) -> None:
        """From now on nothing that would change a CRM is let through."""
        for tenant in (self.zoho, self.fxiaoke):
            tenant.fault(Fault("answer", on=WRITING, times=-1, status=500))

    def hide(self, *objects: str) -> None:
        """Whatever lists these objects does not answer; everything else does."""
        for server in (self.zoho.server, self.fxiaoke.server):
            server.handle = without(server.handle, objects)

    def by_lists(self) -> None:
        """Zoho as it is for those who may not query: pages of 200, with tokens that live a day."""
        self.zoho.knobs.scopes = tuple(scope for scope in self.zoho.knobs.scopes if "coql" not in scope)

    def heal(self) -> None:
        for tenant in (self.zoho, self.fxiaoke):
            tenant.server.faults.clear()
            tenant.server.handle = tenant._serve

    def overdue(self, tenant: Tenant | None = None, name: str = "中国一拖集团有限公司", **more: Any) -> str:
        """A customer whom nobody has spoken with for 102 days: one call is owed."""
        tenant = tenant or self.tenant
        id = tenant.add("account", name=name, **more)
        tenant.add("activity", kind="visit", about=id, at=when("2025-11-20"))
        return id


BOTH = ("zoho", "fxiaoke")
PEOPLE = frozenset(["accounts", "contacts", "users"])  # what every mapping's streams point at
BASIC = PEOPLE | {"tasks", "schedules", "events", "visits"}
WRITING = r"POST .*(/Tasks|add_tags|remove_tags|/settings/tags|data/(create|update|invalid|delete))$"


def of(report: PullReport, stream: str, connection: str = "zoho") -> StreamReport:
    """One stream's part of a pull."""
    return next(one for one in report.streams if (one.connection, one.stream) == (connection, stream))


def when(day: date | str, hour: int = 10) -> datetime:
    """That day in Shanghai, in the morning."""
    day = date.fromisoformat(day) if isinstance(day, str) else day
    return datetime(day.year, day.month, day.day, hour, tzinfo=SHANGHAI)


def _share(name: str) -> str:
    return str(ROOT / f"policies/{name}.toml")
