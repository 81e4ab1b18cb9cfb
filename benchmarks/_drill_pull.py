"""A pull of the drill: a child process that may be killed at any call, on a clock ahead of the machine's."""

from __future__ import annotations

import json
import logging
import os
import sys
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib import import_module
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from random import Random
from typing import Any

import structlog

from kamsync.engine.connections import connected
from kamsync.engine.pull import pull
from kamsync.engine.workspace import opened
from kamsync.store import writing

for connector in ("kamsync_zoho", "kamsync_fxiaoke"):  # once, and not in every child
    import_module(f"{connector}.session")


class Ahead:
    """A clock so far ahead of the machine's; its sleeps take next to no time."""

    def __init__(self, seconds: float) -> None:
        self._ahead, self._slept = timedelta(seconds=seconds), 0.0

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def monotonic(self) -> float:
        return time.monotonic() + self._slept

    def sleep(self, seconds: float) -> None:
        time.sleep(min(0.02, seconds))
        self._slept += seconds


@dataclass
class Crm:
    """One CRM in its process."""

    name: str
    pipe: Pipe
    options: dict[str, Any]

    def ask(self, *words: Any) -> Any:
        self.pipe.send(words)
        return self.pipe.recv()


@dataclass
class Drill:
    """What the drill has and what it counted. `ahead`: seconds that its world is before the machine's clock."""

    crms: list[Crm]
    config: Path
    store: Path
    rng: Random
    ahead: float = 0.0
    pulls: int = 0
    kills: int = 0
    peak: float = 0.0
    seconds: float = 0.0
    ended: Counter[str] = field(default_factory=Counter)

    def wait(self, seconds: float) -> None:
        self.ahead += seconds
        self.all("wait", seconds)

    def all(self, *words: Any) -> list[Any]:
        return [crm.ask(*words) for crm in self.crms]

    def pull(self, *, sweep: bool = False, kill_within: int = 0) -> dict[str, Any] | None:
        """One pull in a child process; None when it was killed."""
        said = self.store.with_suffix(".said")
        said.unlink(missing_ok=True)
        began = time.monotonic()
        child = os.fork()
        if child == 0:
            _child(self.config, self.ahead, said, sweep=sweep)
        if kill_within:
            self.rng.choice(self.crms).ask("kill", child, self.rng.randint(1, kill_within))
        _, status, used = os.wait4(child, 0)
        self.all("disarm")
        self.seconds += time.monotonic() - began
        self.pulls += 1
        self.peak = max(self.peak, used.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6)
        if os.WIFSIGNALED(status):
            self.kills += 1
            self.ended["killed"] += 1
            return None
        if not said.exists():
            raise SystemExit("the pull broke off; see above")
        told: dict[str, Any] = json.loads(said.read_text("utf-8"))
        self.ended[told["verdict"]] += 1
        return told


def _child(config: Path, ahead: float, said: Path, *, sweep: bool) -> None:
    """The pull itself; never comes back."""
    code = 0
    try:
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
        with (
            opened(config, Ahead(ahead)) as workspace,
            writing(workspace.store) as writer,
            connected(workspace) as (ready, troubles),
        ):
            done = pull(workspace, writer, ready, troubles, sweep=sweep)
            changed = sum(one.tally.new + one.tally.changed + one.tally.deleted for one in done.streams)
            trouble = [f"{one.connection}/{one.stream}: {one.trouble}" for one in done.streams if one.trouble]
            trouble += [f"{name}: {why}" for name, why in done.troubles.items()]
            told = {"verdict": done.verdict, "changed": changed, "trouble": trouble,
                    "concerns": [c.text.en for one in done.streams for c in one.concerns],
                    "notes": [n.en for one in done.streams for n in one.notes]}  # fmt: skip
            said.write_text(json.dumps(told), "utf-8")
    except BaseException:  # noqa: BLE001  told, whatever it was: the parent waits for a word
        traceback.print_exc()
        code = 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
