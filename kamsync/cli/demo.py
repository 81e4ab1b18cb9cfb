"""`kamsync demo`: two simulated CRMs, a workspace, one whole cycle. The tour that a newcomer takes first."""

from __future__ import annotations

import threading
from datetime import timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kamsync.cli.common import Asked, both, command
from kamsync.plugin.text import Text

if TYPE_CHECKING:
    from kamsync.cli.demo_screen import DemoScreen
    from kamsync.engine.demo import Stage
    from kamsync.engine.workspace import Workspace
    from kamsync.plugin import Clock

CHINA = timezone(timedelta(hours=8))
SAVE_EVERY = 5.0  # seconds: what was done to the CRMs outlives even a kill


def register(app: typer.Typer) -> None:
    command(
        app,
        "demo",
        Text(
            "不需要任何账号:在本机启动模拟的 Zoho CRM 与纷享销客,建好工作区,完整跑一个周期。",
            "No account needed: starts a simulated Zoho CRM and a simulated Fxiaoke on this machine, writes a "
            "workspace and runs one whole cycle.",
        ),
        "kamsync demo",
        "kamsync demo --serve",
    )(demo)


Dir = Annotated[
    Path, typer.Option("--dir", metavar="DIR", help=both("工作区放在哪里", "where the workspace is written"))
]
Serve = Annotated[
    bool,
    typer.Option(
        "--serve",
        help=both(
            "之后让两个 CRM 继续运行,并改动 30 条记录;再次启动还是同样的数据",
            "keep both CRMs up afterwards, with 30 records changed; a restart finds the same data",
        ),
    ),
]


def demo(asked: Asked, dir: Dir = Path("kamsync-demo"), serve: Serve = False) -> int:
    from kamsync.cli.demo_screen import DemoScreen
    from kamsync.cli.opening import quiet_logs, stoppable
    from kamsync.cli.screen import Screen
    from kamsync.engine.demo import staged
    from kamsync.engine.workspace import opened
    from kamsync.net import SystemClock

    quiet_logs()
    stop = threading.Event()
    clock = SystemClock(stop)
    today = clock.now().astimezone(CHINA).date()
    with stoppable(stop, Screen(asked)), staged(dir, today, asked.language, again=serve) as stage:
        shown = DemoScreen(asked, stage, serve=serve)
        shown.opening()
        code = 0
        if not stage.resumed:
            with opened(stage.config, clock) as workspace:
                workspace.stop = stop
                code = _play(workspace, stage, shown)
        if serve:
            _keep_up(stage, shown, clock, stop)
    return code


def _play(workspace: Workspace, stage: Stage, shown: DemoScreen) -> int:
    from kamsync.engine.demo_tour import tour

    seen = tour(workspace, stage, shown.steps(workspace))
    shown.ending(workspace, seen)
    return seen.exit_code


def _keep_up(stage: Stage, shown: DemoScreen, clock: Clock, stop: threading.Event) -> None:
    """Do a day's work in the CRMs, then serve until somebody ends it."""
    from kamsync.engine.demo_day import work_a_day

    now = clock.now()
    deeds = work_a_day(stage.crms, now, now.astimezone(CHINA).date())
    stage.save()
    shown.serving(deeds)
    calls = 0
    while not stop.wait(SAVE_EVERY):
        seen = sum(crm.tenant.traffic.total for crm in stage.crms)
        if seen != calls:
            stage.save()
        calls = seen
    shown.closing()
