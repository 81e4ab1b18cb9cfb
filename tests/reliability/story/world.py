"""The whole of kamsync and the CRMs around it in one process, on invented time.

What is real: everything of kamsync's from its config to its tables. What is swapped: clock, network, threads, chance.
"""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import event

from kamsync import config as configs
from kamsync.engine import connectors, holds, pausing
from kamsync.engine import cycle as steps
from kamsync.engine.connections import Connection, connected
from kamsync.engine.judge import judge
from kamsync.engine.plan import plan
from kamsync.engine.pull import pull
from kamsync.engine.recovering import recover_verb
from kamsync.engine.settle import settle, take_over
from kamsync.engine.workspace import Workspace
from kamsync.mapping import read_mapping
from kamsync.plugin import KamsyncError
from kamsync.store import Writer, open_store, runs, writing
from kamsync.testing.server import Call, dumps
from kamsync.testing.tenant import Tenant
from tests.databases import share_statements
from tests.reliability.story.book import Book
from tests.reliability.story.virtual import Fxiaoke, InTurn, ProcessClock, Time, Zoho
from tests.reliability.story.wire import Crash, Fate, Line, Passed, over

ROOT = Path(__file__).parents[3]
HERE = Path(__file__).parent
STREAMS = frozenset(["accounts", "tasks", "schedules", "events", "visits"])
At = tuple[Workspace, Writer, dict[str, Connection], dict[str, KamsyncError]]
SETTLE = {"zoho": 120.0, "fxiaoke": 150.0}


def memory() -> Path:
    """Where files cost nothing: memory, where the machine offers it."""
    shm = Path("/dev/shm")
    return shm if shm.is_dir() else Path(tempfile.gettempdir())


@cache
def empty_store() -> bytes:
    """A store with its tables: making them takes longer than a story's first day."""
    with tempfile.TemporaryDirectory(dir=memory()) as folder:
        path = Path(folder) / "kamsync.db"
        open_store(f"sqlite:///{path}").close()
        with sqlite3.connect(path) as line:
            line.execute("PRAGMA journal_mode=DELETE")
        line.close()
        return path.read_bytes()


@cache
def mapping_part(name: str) -> Any:
    """The shipped mapping, with the streams that stories are about."""
    blocks = re.split(r"(?m)^(?=\[)", (ROOT / f"mappings/{name}.toml").read_text("utf-8"))
    kept = [block for block in blocks if re.split(r"[.\]]", block[1:])[0] in STREAMS]
    text = re.sub(r'(?m)^ *\{[^{}]*to = "contacts"[^{}]*\},?\n|^.*to = "users".*\n', "", "".join(kept))
    return read_mapping(text, f"{name}.toml")


@dataclass(frozen=True)
class Saved:
    """A world between two verbs."""

    store: bytes
    states: dict[str, bytes]
    seconds: float


@dataclass
class World:
    """One deployment and its tenants. `kinds`: "zoho" (E3), "zoho-e2", "fxiaoke"."""

    kinds: tuple[str, ...]
    random: Random
    writes: str = "on"
    time: Time = field(default_factory=Time)
    guards: dict[str, Any] = field(default_factory=lambda: {"max_writes": 100, "max_gone": 3})
    folder: Path = field(init=False)

    def __post_init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="story-", dir=memory()))
        self.clock = ProcessClock(self.time)
        self.line = Line(self.time, befall=self._befall, before=self._before, after=self._after, fared=self._fared)
        self.tenants: dict[str, Tenant] = {}
        for kind in self.kinds:
            tenant: Tenant
            if kind == "fxiaoke":
                tenant = Fxiaoke(self.time, calls_per_20s=10_000)
                tenant.add("user", name="韩梅梅")
            else:
                tenant = Zoho(self.time, task_key_field=kind == "zoho")
            self.tenants[kind.partition("-")[0]] = tenant
            self.line.tenants[tenant.server.port] = tenant
        self.coming: dict[bool, list[Fate]] = {True: [], False: []}  # what befalls the next writes, the next reads
        self.fuse: tuple[str, int] | None = None  # where our process dies: at a call, after its answer, at a commit
        self.gaps: dict[int, Callable[[], None]] = {}  # what people do before the n-th call from the beginning
        self.kept: tuple[bytes, int] | None = None  # an older store
        self.bin: list[tuple[Tenant, str]] = []  # what people have thrown away
        self.backups: dict[str, Any] = {}  # of the tenants
        self.trace: Callable[[str], None] = lambda line: None
        self._stack, self._lines = ExitStack(), ExitStack()
        self._workspace: Workspace | None = None
        self._open: tuple[dict[str, Connection], dict[str, KamsyncError]] | None = None
        self.db.write_bytes(empty_store())
        self.configure()

    def save(self) -> Saved:
        """All there is, to go on from again and again."""
        self.close()
        states = {name: dumps(tenant.dump()) for name, tenant in self.tenants.items()}
        return Saved(self.db.read_bytes(), states, self.time.seconds)

    def load(self, saved: Saved) -> None:
        """Go on from there."""
        self.close()
        self.db.write_bytes(saved.store)
        self.time.seconds = saved.seconds
        for name, tenant in self.tenants.items():
            tenant.load(json.loads(saved.states[name]))
        self.begin()

    def begin(self) -> None:
        """What is there now is people's; from here on everything is written down."""
        keyed = {"zoho"} if "zoho" in self.kinds else set()
        self.book = Book(self.tenants, self.db, SETTLE, keyed)

    # ---- what befalls calls

    def _before(self, tenant: Tenant, call: Call, write: bool) -> None:
        self.book.call = self.line.calls
        act = self.gaps.pop(self.line.calls, None)
        if act is not None:
            act()
        self.book.told_the_time(wrong=bool(self.clock.wrong))
        if write:
            self.trace(f"write {call.path}")
            self.book.leaving(tenant, call, self.time.seconds)
        self._burn("call" if not write else "write", lambda: self.book.fared(call, "crash", self.time.seconds))

    def _befall(self, tenant: Tenant, call: Call, write: bool) -> Fate:
        coming = self.coming[write]
        fate = coming.pop(0) if coming and "token" not in call.path.lower() else "well"
        if fate != "well":
            self.trace(f"{fate} {call.path}")
        return fate

    def _fared(self, call: Call, fate: Fate, write: bool) -> None:
        if write:
            self.book.fared(call, fate, self.time.seconds)

    def _after(self, passed: Passed) -> None:
        if passed.write:
            self.book.look(self.book.names[id(passed.tenant)], "us", answered=passed.answered)
        if passed.write and passed.answered:
            self._burn("answer", lambda: self.book.fared(passed.call, "crash", self.time.seconds))

    def _burn(self, where: str, last: Callable[[], None] = lambda: None) -> None:
        """Has our process come to where it dies?"""
        if self.fuse is None or self.fuse[0] != where:
            return
        if self.fuse[1] > 0:
            self.fuse = (where, self.fuse[1] - 1)
            return
        self.fuse, self.line.dead = None, True
        self.trace(f"dies at a {where}")
        last()
        raise Crash

    def people(self, act: Callable[[], Any], by: Any = "people") -> None:
        """Somebody does something in the CRMs."""
        act()
        for name in self.tenants:
            self.book.look(name, by)

    @property
    def db(self) -> Path:
        return self.folder / "kamsync.db"

    def end(self) -> None:
        self.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    # ---- opening and closing

    def configure(self) -> None:
        """The config as it is wished for; the next verb reads it."""
        self.close()
        lines = ["allow_plain_secrets = true", "[store]", f'url = "sqlite:///{self.db}"', "[policy]"]
        lines += [
            f'tiers = "{HERE / "policy.toml"}"',
            f'reminders = "{ROOT / "tests/reminders.toml"}"',
        ]
        lines += ["[guards]", *(f"{key} = {value}" for key, value in self.guards.items())]
        for name, tenant in self.tenants.items():
            own = {"connector": name, "mapping": str(ROOT / f"mappings/{name}.toml"), "writes": self.writes}
            options = {"settle_seconds": SETTLE[name]} | dict(tenant.options())
            lines += [f"[connections.{name}]", *(f"{key} = {_toml(value)}" for key, value in (own | options).items())]
        path = self.folder / "config.toml"
        path.write_text("\n".join(lines), "utf-8")
        self.config = configs.load(path, connectors.find().connectors, None)

    @property
    def workspace(self) -> Workspace:
        if self._workspace is None:
            store = open_store(self.config.store.url)
            self._stack.callback(store.close)
            store.engine.dispose()
            event.listen(store.engine, "connect", _hasty)
            event.listen(store.engine, "commit", lambda _: self._alive(lambda: self._burn("commit")))
            event.listen(store.engine, "before_cursor_execute", lambda *_: self._alive())
            share_statements(store)
            made = Workspace(
                self.config, store, self.clock, environ={}, transport=over(self.line), readers=InTurn,
                random=self.random,
            )  # fmt: skip
            made.__dict__["mappings"] = {name: mapping_part(name) for name in self.tenants}
            self._workspace = made
        return self._workspace

    def _alive(self, then: Any = lambda: None) -> None:
        """A dead process writes nothing more, whatever its cleaning up would like to."""
        if self.line.dead:
            raise Crash
        then()

    def close_lines(self) -> None:
        """Knock anew next time."""
        self._open = None
        self._lines.close()

    def close(self) -> None:
        try:
            self.close_lines()
        finally:
            self._stack.close()
            self._workspace = None

    def crashed(self) -> None:
        """The process is gone with all it held in memory; the next verb is another process."""
        self.line.dead = True
        with suppress(Crash):
            self.close()
        self.line.dead = False

    # ---- verbs, as a process would do them

    def run(self, verb: Callable[[], Any]) -> Any:
        """Let kamsync do something; it may die of it, or find a reason not to."""
        self.book.figures["verbs"] += 1
        try:
            done = verb()
        except Crash:
            self.crashed()
            return None
        except KamsyncError as failed:
            self.trace(type(failed).__name__)  # its words may hold what is drawn anew each time
            return None
        finally:
            self.fuse, self.book.overtaken = None, None
            self.gaps.clear()
        return done

    @contextmanager
    def at_work(self) -> Iterator[At]:
        """The one writer, with every tenant that answers open."""
        workspace = self.workspace
        with writing(workspace.store) as writer:
            with workspace.store.write() as tx:
                runs.abandon(tx, writer.epoch, workspace.clock.now())
            yield workspace, writer, *self._connected(workspace)

    def _connected(self, workspace: Workspace) -> tuple[dict[str, Connection], dict[str, KamsyncError]]:
        """Connections stay open as long as the process lives; those that could not be opened are tried again."""
        if self._open is None or self._open[1]:
            if self._open is not None:
                self.close_lines()
            self._open = self._lines.enter_context(connected(workspace))
        return self._open[0], dict(self._open[1])

    def pull(self) -> None:
        with self.at_work() as (workspace, writer, ready, troubles):
            pull(workspace, writer, ready, troubles)

    def judge(self) -> None:
        with writing(self.workspace.store) as writer:
            judge(self.workspace, writer, self.workspace.today)

    def plan(self) -> None:
        with self.at_work() as (workspace, writer, ready, troubles):
            take_over(workspace, writer)
            settle(workspace, writer, ready)
            plan(workspace, writer, ready, troubles, workspace.today)

    def apply(self, *, by_person: bool = True) -> None:
        """Send the newest plan, however old."""
        rows = self.book.ask("SELECT max(id) FROM plan")
        if rows[0][0] is not None:
            with self.at_work() as (workspace, writer, ready, _):
                steps.apply(workspace, writer, ready, rows[0][0], by_person=by_person)

    def cycle(self, *, by_person: bool = False) -> steps.Cycle:
        with self.at_work() as (workspace, writer, ready, troubles):
            return steps.cycle(workspace, writer, ready, troubles, workspace.today, by_person=by_person)

    def round(self, before_apply: Callable[[], None]) -> None:
        """A quick round: what is new of the accounts, judged, planned; then, after a word, applied."""
        with self.at_work() as (workspace, writer, ready, troubles):
            objects = {name: [connection.mapping.objects["accounts"]] for name, connection in ready.items()}
            pull(workspace, writer, ready, troubles, called=objects)
            judge(workspace, writer, workspace.today)
            number = plan(workspace, writer, ready, troubles, workspace.today).id
            before_apply()
            steps.apply(workspace, writer, ready, number, by_person=True)

    def recover(self) -> None:
        """A person says that the store was lost, or is an old one."""
        self.close_lines()
        recover_verb(self.workspace, lambda prospect: True)

    def approve_all(self) -> None:
        """A person looks at what waits and lets it go on."""
        for hold in holds.held(self.workspace):
            if hold["guard"] != pausing.PAUSED:
                holds.approve_verb(self.workspace, hold["id"])

    # ---- what befalls the store

    def keep_store(self) -> None:
        """Somebody copies the store's file."""
        self.close()
        self.kept = (self.db.read_bytes(), self.book.turn)

    def lose_store(self, content: bytes) -> None:
        """The store is another one: empty, or an older copy. It is put there when no call is on its way any more."""
        self.close()
        self.time.pass_by(300)
        for file in self.folder.glob("kamsync.db*"):
            file.unlink()
        self.db.write_bytes(content)
        self.book.forgets()

    def overtake(self) -> None:
        """Another process takes the writer's office, though this one is still at work."""
        self.book.overtaken = self.clock.now()
        with sqlite3.connect(self.db) as line:
            line.execute("UPDATE lease SET epoch = epoch + 1 WHERE resource = 'writer'")
        line.close()


def _hasty(connection: Any, _: Any) -> None:
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("PRAGMA journal_mode=MEMORY")


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_toml, value))}]"
    return f'"{value}"' if isinstance(value, str) else str(value)
