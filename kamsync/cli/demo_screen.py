"""What the demo shows around its steps: the CRMs before, then who the key accounts are, what was written, what to try.

For programs the same as one JSON value. It counts nothing itself.
"""

from __future__ import annotations

import shlex
import time
from collections.abc import Sequence
from typing import Any

from rich.table import Table
from rich.text import Text as Styled

from kamsync.cli.common import Asked
from kamsync.cli.demo_steps import WIDTH, DemoSteps
from kamsync.cli.demo_words import cut, listed, near_path, padded, tier_label, typed, way_to
from kamsync.cli.screen import Screen
from kamsync.engine import shapes, views
from kamsync.engine.demo import Crm, Stage
from kamsync.engine.demo_day import Deed
from kamsync.engine.demo_tour import Tour
from kamsync.engine.demo_truth import Ours, rule_title
from kamsync.engine.workspace import Workspace

SERVED = ["kamsync pull", "kamsync tier", "kamsync plan"]


class DemoScreen:
    """The demo's words, in the order in which they are said. `serve`: the CRMs stay up afterwards."""

    def __init__(self, asked: Asked, stage: Stage, *, serve: bool) -> None:
        self.screen = Screen(asked)
        self.language = asked.language
        self.as_json = asked.json
        self.stage = stage
        self.serve = serve
        self.began = time.monotonic()
        self.shape: dict[str, Any] = {}

    # ---- before

    def opening(self) -> None:
        """Which CRMs there are, and where the workspace lies."""
        if self.as_json:
            self.screen.note(f"演示在 {self.stage.folder} 进行 …", f"the demo plays in {self.stage.folder} …")
            return
        self._blank()
        self.screen.line(("kamsync ", "bold"), self._in("演示", "demo"))
        self.screen.say(
            "两个模拟的 CRM 在本机运行，说各自的真实接口；除此之外，一切都是真的。",
            "Two simulated CRMs run on this machine and speak their own wire formats;\neverything else is real.",
            "dim",
        )
        self._blank()
        for crm in self.stage.crms:
            self.screen.put(self._crm(crm))
        workspace = padded(self._in("工作区", "workspace"), 12)
        self.screen.line("  ", (workspace, "cyan"), near_path(self.stage.folder))
        if self.stage.resumed:
            self.screen.say(
                "  沿用上次的租户与数据。要从头再来：kamsync demo",
                "  The tenants and data of last time. To begin anew: kamsync demo",
                "dim",
            )
        self._blank()

    def _crm(self, crm: Crm) -> Styled:
        accounts = len(crm.tenant.ids("account"))
        known = self._in(f"{accounts} 个客户", f"{accounts} accounts")
        bought = f" · {crm.bought.say(self.language)}" if crm.bought else ""
        name = padded(crm.title.say(self.language), 12)
        return Styled.assemble("  ", (name, "cyan"), f"{crm.url}  {known}{bought}")

    def steps(self, workspace: Workspace) -> DemoSteps:
        """Who shows the steps between."""
        titles = {crm.name: crm.title.say(self.language) for crm in self.stage.crms}
        return DemoSteps(self.screen, workspace, titles)

    # ---- after

    def ending(self, workspace: Workspace, seen: Tour) -> None:
        """The book's best, what was written where, and what to try next."""
        path = views.plan_file(workspace, seen.plan)
        plan = shapes.plan(seen.plan, views.plan_names(workspace, seen.plan), self.language, str(path))
        views.write_view(plan, path)
        if self.as_json:
            self.shape = self._shape(workspace, seen, plan)
            if not self.serve:
                self.screen.emit(self.shape)
            return
        self._blank()
        self._top(workspace, seen)
        self._blank()
        self._written(seen)
        self._blank()
        if not self.serve:
            took = time.monotonic() - self.began
            self.screen.say(
                f"全程 {took:.0f} 秒。模拟的 CRM 已停，数据还在。接着试：",
                f"{took:.0f} s in all. The CRMs are down now, the data stays. Try next:",
            )
            self._commands(self._tries(seen))

    def _top(self, workspace: Workspace, seen: Tour) -> None:
        self.screen.say("前十名客户", "Top ten accounts", "bold")
        for place, one in enumerate(seen.top, start=1):
            tier = padded(tier_label(workspace, one.tier, self.language), 12)
            score = "–" if one.score is None else f"{one.score}"
            self.screen.line(f"{place:>4}  ", padded(cut(one.name, 44), 46), (tier, "cyan"), (score, "bold"))
            self.screen.line("      ", (cut(one.why.say(self.language), WIDTH - 6), "dim"))

    def _written(self, seen: Tour) -> None:
        self.screen.say("写回了什么（从 CRM 里读出来数的）", "What was written (counted by reading the CRMs)", "bold")
        for one in seen.written:
            self.screen.put(self._ours(one))
        tags = sum(len(theirs.tags) for theirs in seen.people.values())
        tasks = sum(len(theirs.tasks) for theirs in seen.people.values())
        if not seen.untouched:
            self.screen.say("  ✗ 人的标签或任务变了，请报告", "  ✗ people's tags or tasks changed: report it", "red")
            return
        kept = self._in(
            f"人打的 {tags} 个标签、人建的 {tasks:,} 个任务：一个没动",
            f"people's own {tags} tags and {tasks:,} tasks: not one was touched",
        )
        self.screen.line("  ", ("✓ ", "green"), kept)

    def _ours(self, one: Ours) -> Table:
        """A CRM's tags by tier and tasks by rule."""
        made = Table.grid(padding=(0, 2, 0, 0))
        made.add_column(width=14)
        made.add_column(justify="right", width=5)
        made.add_column(width=9)
        made.add_column()
        tags = [f"{name} {many}" for name, many in sorted(one.tags.items(), key=lambda item: item[1])]
        tasks = [f"{rule_title(rule).say(self.language)} {many}" for rule, many in sorted(one.tasks.items())]
        name = Styled("  " + one.crm.title.say(self.language), style="cyan")
        made.add_row(name, f"{one.tags.total()}", self._in("个标签", "tags"), listed(tags, self.language))
        made.add_row("", f"{one.tasks.total()}", self._in("个任务", "tasks"), listed(tasks, self.language))
        return made

    def _tries(self, seen: Tour) -> list[str]:
        """Three commands that work where the demo left things."""
        best = typed(seen.top[0].name) if seen.top else "NAME"
        return [f"kamsync tier explain {best}", "kamsync export accounts --format csv", "kamsync demo --dir . --serve"]

    def serving(self, deeds: Sequence[Deed]) -> None:
        """The CRMs stay up: what happened in them since, and what to try."""
        done = [deed for deed in deeds if deed.times]
        total = sum(deed.times for deed in done)
        if self.as_json:
            self.screen.emit(self._places() | self.shape | {"serving": True, "changed_records": total, "next": SERVED})
            return
        self.screen.say(
            f"刚刚，有人在两个 CRM 里动了 {total} 处：",
            f"Just now, people changed {total} things in the two CRMs:",
            "bold",
        )
        words = [f"{deed.what.say(self.language)} {deed.times}" for deed in done]
        for line in (words[:4], words[4:]):
            self.screen.line("  ", listed(line, self.language))
        self._blank()
        self.screen.say(
            "两个 CRM 一直运行到 Ctrl-C。在另一个终端里接着试：",
            "Both CRMs stay up until Ctrl-C. Try next, in another terminal:",
        )
        self._commands(SERVED)

    def closing(self) -> None:
        """The CRMs go down."""
        again = f"kamsync demo --serve --dir {shlex.quote(near_path(self.stage.folder))}"
        self.screen.note(
            f"两个 CRM 已停，状态已存。接着用：{again}", f"Both CRMs are down, their state is kept. To go on: {again}"
        )

    def _commands(self, tries: Sequence[str]) -> None:
        for line in [*way_to(self.stage.folder), *tries]:
            self.screen.out.print(Styled.assemble("    ", (line, "bold")), soft_wrap=True)
        self._blank()

    # ---- for programs

    def _places(self) -> dict[str, Any]:
        return {
            "dir": str(self.stage.folder.resolve()),
            "config": str(self.stage.config.resolve()),
            "crms": [{"name": crm.name, "url": crm.url} for crm in self.stage.crms],
        }

    def _shape(self, workspace: Workspace, seen: Tour, plan: dict[str, Any]) -> dict[str, Any]:
        """The whole tour."""
        names = views.plan_names(workspace, seen.second)
        return {
            "pull": shapes.pull(seen.pull, self.language),
            "tier": shapes.tier(seen.tier),
            "plan": plan,
            "apply": shapes.applied(seen.apply, self.language),
            "second_plan": shapes.plan(seen.second, names, self.language),
            **self._places(),
            "top": [
                {"account": one.account, "name": one.name, "tier": one.tier, "score": shapes.figure(one.score),
                 "why": one.why.say(self.language)}
                for one in seen.top
            ],
            "written": {
                one.crm.name: {"tags": dict(one.tags), "tasks": dict(one.tasks), "doubled": one.doubled}
                for one in seen.written
            },
            "people_untouched": seen.untouched,
            "seconds": round(time.monotonic() - self.began, 1),
            "next": self._tries(seen),
        }  # fmt: skip

    # ---- small words

    def _in(self, zh: str, en: str) -> str:
        return zh if self.language == "zh" else en

    def _blank(self) -> None:
        self.screen.out.print()
