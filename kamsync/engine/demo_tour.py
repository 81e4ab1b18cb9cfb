"""The demo's tour: pull, tier, plan, apply and a second plan, by the very verbs that people run.

What it claims in the end is read from the simulated CRMs themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from kamsync.engine import demo_truth, exits, verbs, views
from kamsync.engine.demo import Stage
from kamsync.engine.demo_truth import Ours, Theirs
from kamsync.engine.judge import TierReport
from kamsync.engine.planned import Plan
from kamsync.engine.pull import PullReport
from kamsync.engine.verbs import ApplyReport
from kamsync.engine.views import Standing
from kamsync.engine.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Tour:
    """Everything the tour showed. `written`: what is ours in each CRM; `people`: what is theirs, as it was before."""

    pull: PullReport
    tier: TierReport
    plan: Plan
    apply: ApplyReport
    second: Plan
    top: tuple[Standing, ...]
    written: tuple[Ours, ...]
    people: Mapping[str, Theirs]
    untouched: bool

    @property
    def exit_code(self) -> int:
        """The first step that did not end well; a second plan with anything in it is a broken promise."""
        codes = [exits.of_pull(self.pull), exits.of_plan(self.plan), exits.of_plan(self.second)]
        codes.append(exits.of_apply(self.apply.applied, self.apply.others))
        kept = self.untouched and not self.second.changes and not any(one.doubled for one in self.written)
        return next((code for code in codes if code), exits.DONE if kept else exits.DEGRADED)


class Watcher(Protocol):
    """Whoever shows the tour while it goes on."""

    def step(self, name: str, of: int | None = None) -> AbstractContextManager[None]:
        """A step begins and, when the block is left, ends; `of`: how many rows it will write."""

    def told(self, name: str, report: Any) -> None:
        """What a step found."""


def tour(workspace: Workspace, stage: Stage, watcher: Watcher) -> Tour:
    """Run the cycle once, and plan again."""
    prefix = workspace.config.connections[0].options.tag_prefix
    people = demo_truth.theirs(stage.crms, prefix)
    with watcher.step("pull"):
        pulled = verbs.pull_verb(workspace)
    watcher.told("pull", pulled)
    with watcher.step("tier"):
        judged = verbs.tier_verb(workspace)
    watcher.told("tier", judged)
    with watcher.step("plan"):
        planned = verbs.plan_verb(workspace).plan
    watcher.told("plan", planned)
    with watcher.step("apply", of=len(planned.changes)):
        applied = verbs.apply_verb(workspace, planned.id)
    watcher.told("apply", applied)
    with watcher.step("second"):
        second = verbs.plan_verb(workspace).plan
    watcher.told("second", second)
    return Tour(
        pull=pulled,
        tier=judged,
        plan=planned,
        apply=applied,
        second=second,
        top=tuple(views.top(workspace, 10)),
        written=tuple(demo_truth.ours(crm, prefix) for crm in stage.crms),
        people=people,
        untouched=demo_truth.theirs(stage.crms, prefix) == people,
    )
