"""kamsync as a child that may be killed: forked from a parent that has everything imported, running one real cycle."""

from __future__ import annotations

import gc
import logging
import mmap
import os
import signal
import struct
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

import structlog

from kamsync import config as configs
from kamsync.config import Config
from kamsync.engine import connectors
from kamsync.engine.shipped import share
from kamsync.engine.verbs import cycle_verb
from kamsync.engine.workspace import Workspace
from kamsync.plugin import Clock
from kamsync.store import open_store
from tests.databases import share_statements
from tests.reliability.clock import SharedClock
from tests.reliability.points import Hook, When, watched

for connector in ("kamsync_zoho", "kamsync_fxiaoke"):  # once, and not in every child
    import_module(f"{connector}.session")

PLACE = 120


class Notes:
    """What a child leaves behind even when it is killed: how many places it passed, and the last one's name."""

    def __init__(self) -> None:
        self._shared = mmap.mmap(-1, 16 + PLACE)

    def clear(self) -> None:
        self._shared[:] = bytes(16 + PLACE)

    def passed(self, name: str, *, writing: bool) -> int:
        """One more; how many there were, of the writing part if that is asked for."""
        all, written = struct.unpack_from("qq", self._shared)
        struct.pack_into("qq", self._shared, 0, all + 1, written + (writing or written > 0))
        self._shared[16:] = name.encode()[:PLACE].ljust(PLACE, b"\0")
        return all + 1

    @property
    def counts(self) -> tuple[int, int]:
        """Places passed in all, and since the first intent was accepted."""
        all, written = struct.unpack_from("qq", self._shared)
        return int(all), int(written)

    @property
    def last(self) -> str:
        return self._shared[16:].rstrip(b"\0").decode(errors="replace")


@dataclass(frozen=True, slots=True)
class Blow:
    """When to die: at the n-th side of a place, or of a place of the writing part, so many seconds after."""

    nth: int
    while_writing: bool
    after: float = 0.0


@dataclass
class Ended:
    """How a child ended: `quiet` when it had nothing to write, `settled` when it left nothing to write or in doubt."""

    killed: bool
    place: str
    counts: tuple[int, int]
    said: str = ""

    @property
    def quiet(self) -> bool:
        return self.said == "quiet"

    @property
    def settled(self) -> bool:
        return self.said in ("quiet", "settled")


@dataclass
class Victim:
    """A deployment and the one process after the other that serves it."""

    config_file: Path
    store: str
    clock: SharedClock
    notes: Notes = field(default_factory=Notes)

    def __post_init__(self) -> None:
        self.config: Config = configs.load(self.config_file, connectors.find().connectors, share())
        with closing(open_store(self.store)) as store:  # makes its schema, too
            first = Workspace(self.config, store, self.clock, {})
            self.read = {name: getattr(first, name) for name in ("mappings", "policy", "reminders", "calendar")}

    def warm(self) -> None:
        """One cycle in this very process: its children begin with all that a cycle imports, compiles and looks up."""
        logs = structlog.get_config()
        _hush()
        self.cycle()
        structlog.configure(**logs)
        gc.freeze()  # children share what is there, and none lives long enough to gather rubbish
        gc.disable()

    def run(self, blow: Blow | None = None, hook: Hook | None = None) -> Ended:
        """One cycle in a child, waited for."""
        return self.ended(self.start(self.cycle, blow, hook))

    def start(self, work: Callable[[], str], blow: Blow | None = None, hook: Hook | None = None) -> int:
        """The process id of a child at work."""
        self.notes.clear()
        self._said.unlink(missing_ok=True)
        sys.stdout.flush()
        child = os.fork()
        if child == 0:
            self._live(work, blow, hook)
        return child

    def ended(self, child: int) -> Ended:
        """How it ended, waited for."""
        _, status = os.waitpid(child, 0)
        told = self._said.read_text("utf-8") if self._said.exists() else ""
        return Ended(os.WIFSIGNALED(status), self.notes.last, self.notes.counts, told)

    @property
    def _said(self) -> Path:
        return self.config_file.with_name("said")

    def _live(self, work: Callable[[], str], blow: Blow | None, hook: Hook | None) -> None:
        """The work itself; never comes back."""
        try:
            _hush()
            with watched(lambda name, when: self._at(name, when, blow, hook)):
                self._said.write_text(work(), "utf-8")
        except BaseException:  # noqa: BLE001  told, whatever it was: the parent waits for a word
            self._said.write_text(f"broke off: {traceback.format_exc()}", "utf-8")
        finally:
            os._exit(0)

    def _at(self, name: str, when: When, blow: Blow | None, hook: Hook | None) -> None:
        writing = name.startswith("commit engine.accept")
        self.notes.passed(f"{when} {name}", writing=writing)
        if hook is not None:
            hook(name, when)
        if blow is not None and self.notes.counts[blow.while_writing] == blow.nth:
            if blow.after:
                threading.Thread(target=_die, args=(blow.after,), daemon=True).start()
            else:
                _die(0)

    @contextmanager
    def workspace(self, clock: Clock | None = None) -> Iterator[Workspace]:
        """The deployment, open; its files were read by the parent."""
        store = open_store(self.store)
        share_statements(store)
        workspace = Workspace(self.config, store, clock or self.clock, {})
        workspace.__dict__.update(self.read)
        try:
            yield workspace
        finally:
            store.close()

    def cycle(self) -> str:
        """One whole cycle as the daemon does it; "quiet", "settled", or what is left."""
        with self.workspace() as workspace:
            done = cycle_verb(workspace)
        if done.plan.troubles or done.pull.verdict != "ok" or done.applied is None:
            return f"{done.pull.verdict}: {done.plan.troubles}"
        pushed, waiting = done.applied.push.counts, done.plan.waiting + done.applied.settled.waiting
        if waiting or pushed.keys() - {"applied", "skipped"}:
            return f"{waiting} in doubt, {dict(pushed)}"
        return "settled" if done.plan.changes or pushed else "quiet"


def _hush() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


def _die(after: float) -> None:
    if after:
        time.sleep(after)
    os.kill(os.getpid(), signal.SIGKILL)
