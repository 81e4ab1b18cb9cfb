"""`kamsync run`: the daemon in the foreground; a service manager does the rest."""

from __future__ import annotations

import signal
import threading
from types import FrameType
from typing import Annotated

import typer

from kamsync.cli.common import Asked, both, command
from kamsync.plugin.text import Text


def register(app: typer.Typer) -> None:
    command(
        app,
        "run",
        Text(
            '守护进程:按 [schedule] 拉取并跑完整周期,每个时点只跑一次。只有 writes = "on" 的连接会自动写回。'
            "--listen 时还接收 CRM 的变更通知:只当作提示,提前轮询;轮询照旧。"
            "日志每行一个 JSON(在终端上则便于阅读)。SIGTERM 或 Ctrl-C 安全停止。",
            "The daemon: pulls and runs cycles by [schedule], each business time once. Only connections with "
            'writes = "on" are written to unattended. With --listen CRMs may call when something changes: a hint to '
            "poll sooner, while polling goes on as ever. The log is one JSON a line (readable on a terminal). "
            "SIGTERM or Ctrl-C stop it safely.",
        ),
        "kamsync run",
        "kamsync run --listen 127.0.0.1:8091",
    )(run)


Listen = Annotated[
    str | None,
    typer.Option("--listen", metavar="HOST:PORT", show_default=False,
                 help=both("在此地址接收变更通知,代替 [daemon] listen", "hear CRMs here, not at [daemon] listen")),
]  # fmt: skip


def run(asked: Asked, listen: Listen = None) -> int:
    stop = threading.Event()
    _heed(stop)  # first of all: a stop that comes while we start must not be lost
    import os
    import sys

    from kamsync.cli.logs import log_lines
    from kamsync.config import listening_at
    from kamsync.daemon import serve
    from kamsync.engine.workspace import opened
    from kamsync.net import SystemClock

    with opened(asked.config, SystemClock(stop)) as workspace:
        workspace.stop = stop
        if listen is not None:
            workspace.config = listening_at(workspace.config, listen)
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
