"""Open the deployment a command works on, and let people stop it at a safe place.

The first Ctrl-C asks the work to stop where nothing is half done; the second ends it at once.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any

from kamsync.cli.common import Asked
from kamsync.cli.progress import Progress
from kamsync.cli.screen import Screen

if TYPE_CHECKING:
    from kamsync.engine.workspace import Workspace

INTERRUPTED = 130


@contextmanager
def working(asked: Asked, screen: Screen) -> Iterator[Workspace]:
    """The deployment, with progress shown and stopping allowed: for commands that take a while."""
    from kamsync.engine.workspace import opened
    from kamsync.net import SystemClock

    quiet_logs()
    stop = threading.Event()
    with opened(asked.config, SystemClock(stop)) as workspace, Progress(screen) as progress, stoppable(stop, screen):
        workspace.stop = stop
        workspace.say = progress
        workspace.who = _person()
        yield workspace


def _person() -> str:
    """Who sits at this terminal, as the operating system knows them."""
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


@contextmanager
def looking(asked: Asked) -> Iterator[Workspace]:
    """The deployment, to be read only."""
    from kamsync.engine.workspace import opened
    from kamsync.net import SystemClock

    quiet_logs()
    with opened(asked.config, SystemClock()) as workspace:
        yield workspace


def ended(workspace: Workspace, code: int) -> int:
    """The exit code of work that may have been stopped on the way."""
    return INTERRUPTED if workspace.stop.is_set() else code


def quiet_logs() -> None:
    """Commands speak through their reports; only warnings are logged, on stderr."""
    import structlog

    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING), logger_factory=_stderr_logger
    )


def _stderr_logger(*_: Any) -> Any:
    import sys

    import structlog

    return structlog.PrintLogger(sys.stderr)


@contextmanager
def stoppable(stop: threading.Event, screen: Screen) -> Iterator[None]:
    """SIGINT and SIGTERM ask for a stop; a second one ends the process."""

    def ask(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        screen.note("正在安全处停止 …(再按一次 Ctrl-C 立即结束)", "stopping at a safe place … (Ctrl-C again: at once)")

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
