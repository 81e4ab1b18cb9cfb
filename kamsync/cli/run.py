"""`kamsync run`: the daemon in the foreground; a service manager does the rest."""

from __future__ import annotations

import signal
import threading
from types import FrameType

import typer

from kamsync.cli.common import Asked, command
from kamsync.plugin.text import Text


def register(app: typer.Typer) -> None:
    command(
        app,
        "run",
        Text(
            '守护进程:按 [schedule] 拉取并跑完整周期,每个时点只跑一次。只有 writes = "on" 的连接会自动写回。'
            "日志每行一个 JSON(在终端上则便于阅读)。SIGTERM 或 Ctrl-C 安全停止。",
            "The daemon: pulls and runs cycles by [schedule], each business time once. Only connections with "
            'writes = "on" are written to unattended. The log is one JSON a line (readable on a terminal). '
            "SIGTERM or Ctrl-C stop it safely.",
        ),
        "kamsync run",
    )(run)


def run(asked: Asked) -> int:
    stop = threading.Event()
    _heed(stop)  # first of all: a stop that comes while we start must not be lost
    import os
    import sys

    from kamsync.cli.logs import log_lines
    from kamsync.daemon import serve
    from kamsync.engine.workspace import opened
    from kamsync.net import SystemClock

    with opened(asked.config, SystemClock(stop)) as workspace:
        workspace.stop = stop
        log = log_lines(as_json=asked.json or not sys.stdout.isatty())
        if not serve.run(workspace, log):
            sys.stdout.flush()
            os._exit(0)  # a call hangs; its intent is durable as `sending`, and the next start looks after it
    return 0


def _heed(stop: threading.Event) -> None:
    """SIGTERM and SIGINT ask for a stop, however often they come."""

    def ask(number: int, frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask)
