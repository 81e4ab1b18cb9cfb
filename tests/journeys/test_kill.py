"""kill -9 in the middle of an apply: whatever was on its way, each tag and task is there exactly once in the end."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from kamsync.testing.server import Answer, Call, dumps
from kamsync.testing.tenant import Tenant
from kamsync.testing.world import World
from tests.journeys.deployment import Deployment, our_tags, our_tasks, peoples, set_up, take_down

WRITES = {
    "zoho tags": ("zoho", re.compile(r"POST .*/actions/add_tags")),
    "zoho tasks": ("zoho", re.compile(r"POST .*/Tasks$")),
    "fxiaoke tags": ("fxiaoke", re.compile(r"POST .*/data/update$")),
    "fxiaoke tasks": ("fxiaoke", re.compile(r"POST .*/data/create$")),
}
POINTS = [  # a few, by the real command; the rig (tests/reliability) breaks every place of a cycle
    ("zoho tasks", 1, "after"),
    ("fxiaoke tags", 7, "before"),
    ("fxiaoke tasks", 3, "before"),
]


@dataclass
class Assassin:
    """Sits in a CRM's door and kills the caller at its n-th write of a kind: before it is done, or after."""

    tenant: Tenant
    calls: re.Pattern[str]
    nth: int
    when: str
    victim: subprocess.Popen[str] | None = None
    seen: int = 0

    def __post_init__(self) -> None:
        self.honest: Callable[[Call], Answer] = self.tenant.server.handle
        self.tenant.server.handle = self.handle

    def handle(self, call: Call) -> Answer:
        if self.victim is None or not self.calls.search(f"{call.method} {call.path}"):
            return self.honest(call)
        self.seen += 1
        if self.seen != self.nth:
            return self.honest(call)
        if self.when == "after":
            answer = self.honest(call)
            os.kill(self.victim.pid, signal.SIGKILL)
            return answer
        os.kill(self.victim.pid, signal.SIGKILL)
        self.victim.wait(10)
        return Answer(500, None)

    def retire(self) -> None:
        self.tenant.server.handle = self.honest


@dataclass(frozen=True)
class Planned:
    """A deployment that has pulled, judged and planned, and what its CRMs must hold once the plan is done."""

    deployment: Deployment
    plan: str
    tags: dict[str, Any]
    tasks: dict[str, Any]
    people: dict[str, Any]
    kept: Path
    states: dict[str, bytes]

    @property
    def named(self) -> dict[str, Tenant]:
        return {"zoho": self.deployment.zoho, "fxiaoke": self.deployment.fxiaoke}

    def restore(self) -> None:
        """Workspace and CRMs as they were when the plan had been made."""
        shutil.rmtree(self.deployment.folder)
        shutil.copytree(self.kept, self.deployment.folder)
        for name, tenant in self.named.items():
            tenant.load(json.loads(self.states[name]))


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory, small_world: World) -> Iterator[Planned]:
    """The plan, and what it asks for: the tag of each account's tier, and each task by its marker."""
    base = tmp_path_factory.mktemp("kill")
    deployment = set_up(base / "deployment", small_world, settle_seconds=0.5)
    for step in ("pull", "tier"):
        deployment.run(step)
    plan = deployment.json("plan")
    shutil.copytree(deployment.folder, base / "kept")
    named = {"zoho": deployment.zoho, "fxiaoke": deployment.fxiaoke}
    changes = {name: [one for one in plan["changes"] if one["connection"] == name] for name in named}
    yield Planned(
        deployment,
        str(plan["plan"]),
        tags={
            name: {one["target"]["remote_id"]: [one["want"]] for one in rows if one["kind"] == "tags"}
            for name, rows in changes.items()
        },
        tasks={
            name: sorted((one["task"]["marker"], one["task"]["subject"]) for one in rows if one["kind"] == "task")
            for name, rows in changes.items()
        },
        people={name: peoples(tenant) for name, tenant in named.items()},
        kept=base / "kept",
        states={name: dumps(tenant.dump()) for name, tenant in named.items()},
    )
    take_down(deployment)


@pytest.fixture
def planned(once: Planned) -> Planned:
    once.restore()
    return once


@pytest.mark.parametrize(("write", "nth", "when"), POINTS, ids=lambda value: str(value))
def test_whatever_a_kill_cuts_off_is_there_exactly_once_in_the_end(planned: Planned, write: str, nth: int, when: str):
    """
    apply   killed at this write, before or after the CRM did it
    then    apply again, and two whole cycles
    """
    deployment = planned.deployment
    crm, calls = WRITES[write]
    named = planned.named
    assassin = Assassin(named[crm], calls, nth, when)
    assassin.victim = deployment.start("apply", planned.plan)
    killed = assassin.victim.wait(120)
    assassin.retire()

    deployment.run("apply", planned.plan, expect=None)
    first = deployment.json("cycle", "--apply", expect=None)
    second = deployment.json("cycle", "--apply")

    assert killed == -signal.SIGKILL
    assert {name: our_tags(tenant) for name, tenant in named.items()} == planned.tags
    told = {name: sorted((task[0], task[2]) for task in our_tasks(tenant)) for name, tenant in named.items()}
    assert told == planned.tasks, first
    assert second["plan"]["changes"] == []
    assert {name: peoples(tenant) for name, tenant in named.items()} == planned.people
    assert deployment.json("status")["outbox"].get("unknown", 0) == 0


def test_the_points_reach_every_kind_of_write(planned: Planned):
    """The world is large enough for the points above: a point that is never reached would prove nothing."""
    for write, nth, _ in POINTS:
        crm, what = write.split()
        rows = {"tags": planned.tags, "tasks": planned.tasks}[what][crm]
        assert len(rows) >= (1 if crm == "zoho" else nth)
