"""The demo's steps as they go: a wheel that turns while one runs, and a line on what it found."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rich.cells import cell_len
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn

from kamsync.cli.demo_words import listed, padded, tier_label
from kamsync.cli.screen import Screen
from kamsync.engine import exits, shapes
from kamsync.engine.judge import TierReport
from kamsync.engine.planned import Plan
from kamsync.engine.pull import PullReport
from kamsync.engine.verbs import ApplyReport
from kamsync.engine.workspace import Workspace
from kamsync.plugin import Text

WIDTH = 78
STEPS = {
    "pull": Text("拉取", "Pull"),
    "link": Text("关联", "Link"),
    "tier": Text("分级", "Tier"),
    "plan": Text("计划", "Plan"),
    "apply": Text("写回", "Apply"),
    "second": Text("再计划", "Plan again"),
}


class DemoSteps:
    """Shows the tour while it goes on. `titles`: the CRMs' names by connection."""

    def __init__(self, screen: Screen, workspace: Workspace, titles: Mapping[str, str]) -> None:
        self.screen = screen
        self.workspace = workspace
        self.titles = titles
        self.language = screen.language
        self.since = time.monotonic()

    @contextmanager
    def step(self, name: str, of: int | None = None) -> Iterator[None]:
        """A turning wheel on a terminal, nothing elsewhere, while the step runs."""
        self.since = time.monotonic()
        if not self.screen.err.is_terminal:
            yield
            return
        columns = [SpinnerColumn(), TextColumn("{task.description}")]
        if of:
            columns.append(BarColumn(28, complete_style="cyan", finished_style="green"))
            columns.append(TextColumn("{task.completed}/{task.total}"))
        with Progress(*columns, console=self.screen.err, transient=True) as bar:
            task = bar.add_task(padded(STEPS[name].say(self.language), 11), total=of)
            self.workspace.say = _Wheel(bar, task, self.language, STEPS[name], self.titles)
            yield

    def told(self, name: str, report: Any) -> None:
        """One line on what a step found."""
        seconds = time.monotonic() - self.since
        say: dict[str, Callable[[Any], str]] = {
            "pull": self._pull, "tier": self._tier, "plan": self._plan, "apply": self._apply, "second": self._second,
        }  # fmt: skip
        lines = [(name, say[name](report))]
        well = ("✓ ", "green") if _went_well(report) else ("! ", "yellow")
        if isinstance(report, PullReport):
            lines.append(("link", self._link(report)))
        if self.screen.asked.json:
            for step, words in lines:
                self.screen.note(*([f"{STEPS[step].say(self.language)} {words}"] * 2))
            return
        for place, (step, words) in enumerate(lines):
            took = self._in(f"{seconds:.1f} 秒", f"{seconds:.1f} s") if place == 0 else ""
            head = padded(STEPS[step].say(self.language), 11)
            room = WIDTH - 4 - 11 - cell_len(took)
            text = padded(words, room) if took else words
            self.screen.line("  ", well, (head, "bold"), text, (took, "dim"))

    def _pull(self, report: PullReport) -> str:
        records = sum(one.tally.records for one in report.streams)
        calls = sum(one.requests for one in report.streams)
        return self._in(
            f"{records:,} 条记录，{len(report.streams)} 个数据流，{calls} 次调用",
            f"{records:,} records, {len(report.streams)} streams, {calls} calls",
        )

    def _link(self, report: PullReport) -> str:
        found = report.linked
        members = sum(one.tally.records for one in report.streams if one.stream == "accounts")
        return self._in(
            f"{members} 条客户记录 → {found.accounts} 个客户，其中 {found.shared} 个两边都有",
            f"{members} account records → {found.accounts} accounts, {found.shared} of them in both",
        )

    def _tier(self, report: TierReport) -> str:
        tiers = listed(self._tiers(report), self.language)
        short = report.short_of_data
        return self._in(f"{tiers}；数据不足 {short}", f"{tiers}; {short} short of data")

    def _tiers(self, report: TierReport) -> list[str]:
        return [f"{tier_label(self.workspace, name, self.language)} {many}" for name, many in report.tiers.items()]

    def _plan(self, made: Plan) -> str:
        counts = shapes.counts(made)
        return self._in(
            f"{counts['tags_add']} 个标签、{counts['tasks']} 个任务；约 {made.credits:.0f} 积分",
            f"{counts['tags_add']} tags, {counts['tasks']} tasks; about {made.credits:.0f} credits",
        )

    def _apply(self, report: ApplyReport) -> str:
        counts = report.applied.push.counts
        bad = sum(counts.values()) - counts["applied"]
        if bad:
            return self._in(
                f"{counts['applied']} 处已写入，{bad} 处没有", f"{counts['applied']} rows written, {bad} not"
            )
        return self._in(f"{counts['applied']} 处全部写入", f"all {counts['applied']} rows written")

    def _second(self, made: Plan) -> str:
        if made.changes:
            return self._in(f"还有 {len(made.changes)} 处", f"{len(made.changes)} changes left")
        return self._in("无事可做：同一件事不会写第二遍", "nothing to do: no thing is written twice")

    # ---- small words

    def _in(self, zh: str, en: str) -> str:
        return zh if self.language == "zh" else en


def _went_well(report: Any) -> bool:
    if isinstance(report, PullReport):
        return exits.of_pull(report) == exits.DONE
    if isinstance(report, ApplyReport):
        return exits.of_apply(report.applied, report.others) == exits.DONE
    return not isinstance(report, Plan) or exits.of_plan(report) == exits.DONE


class _Wheel:
    """Takes the engine's progress and moves the wheel's words and bar."""

    def __init__(self, bar: Progress, task: TaskID, language: str, step: Text, titles: Mapping[str, str]) -> None:
        self.bar = bar
        self.task = task
        self.titles = titles
        self.unit = " 条" if language == "zh" else " records"
        self.head = padded(step.say(language), 11)
        self.records: dict[tuple[str, str], int] = {}

    def __call__(self, event: str, **facts: Any) -> None:
        if event == "push.batch":
            self.bar.advance(self.task, facts["rows"])
        elif event.startswith("pull.") and "records" in facts:
            self.records[facts["connection"], facts["stream"]] = facts["records"]
            self.bar.update(self.task, description=self.head + " · ".join(self._counts()))

    def _counts(self) -> Iterator[str]:
        for name, title in self.titles.items():
            records = sum(many for (connection, _), many in self.records.items() if connection == name)
            yield f"{title} {records:,}{self.unit}"
