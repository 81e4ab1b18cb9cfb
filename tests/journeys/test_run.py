"""`kamsync run` as a service manager meets it: a process, its log lines, its signals."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from kamsync.testing.faults import Fault
from tests.journeys.deployment import Deployment, our_tags, peoples

Deploy = Callable[..., Deployment]
NOW = '[schedule]\npull = "1s"\ncycle = "00:00"'
CYCLE_ONLY = '[schedule]\npull = "off"\ncycle = "00:00"'


class Log:
    """The daemon's lines as they come."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: list[dict[str, Any]] = []
        self._read = self._follow()

    def until(self, event: str, **facts: Any) -> dict[str, Any]:
        """The first line of this kind, waited for."""
        return next(line for line in self._read if line["event"] == event and facts.items() <= line.items())

    def rest(self) -> list[dict[str, Any]]:
        return list(self._read)

    def _follow(self) -> Iterator[dict[str, Any]]:
        assert self.process.stdout is not None
        for text in self.process.stdout:
            self.lines.append(json.loads(text))
            yield self.lines[-1]

    def of(self, event: str) -> list[tuple[str, str]]:
        return [(line["job"], line["time"]) for line in self.lines if line["event"] == event]


@pytest.fixture(autouse=True)
def patience() -> Iterator[None]:
    """A daemon that says nothing must fail the test, not hang it."""
    alarm = threading.Timer(120, lambda: os.kill(os.getpid(), signal.SIGINT))
    alarm.start()
    yield
    alarm.cancel()


def test_the_daemon_works_by_the_clock_beside_readers_and_stops_when_told(deploy: Deploy):
    deployment = deploy(writes="on", rest=NOW)
    before = [peoples(tenant) for tenant in deployment.tenants]
    process = deployment.start("run")
    log = Log(process)
    log.until("job.end", job="cycle", verdict="ok")
    log.until("job.end", job="pull")

    status = deployment.json("status")
    second = deployment.run("run", expect=3)
    log.until("job.end", job="pull")
    process.send_signal(signal.SIGTERM)
    log.rest()

    assert process.wait(30) == 0
    assert status["verdict"] == "ok"
    assert f"pid {process.pid}" in second.stderr
    assert log.lines[0]["event"] == "daemon.start"
    assert (log.lines[-1]["event"], log.lines[-1]["clean"]) == ("daemon.stop", True)
    ended = log.of("job.end")
    assert len(ended) == len(set(ended))
    assert [job for job, _ in ended].count("cycle") == 1
    assert all(len(tags) == 1 for tenant in deployment.tenants for tags in our_tags(tenant).values())
    assert [peoples(tenant) for tenant in deployment.tenants] == before


def test_a_restart_does_not_run_the_days_cycle_again(deploy: Deploy):
    deployment = deploy(rest=NOW)
    first = deployment.start("run")
    Log(first).until("job.end", job="cycle")
    first.send_signal(signal.SIGTERM)
    first.communicate()

    again = deployment.start("run")
    log = Log(again)
    log.until("job.end", job="pull")
    again.send_signal(signal.SIGINT)
    log.rest()

    assert again.wait(30) == 0
    assert {job for job, _ in log.of("job.start")} == {"pull"}


def test_a_cycle_that_a_stop_cut_off_is_done_by_the_next_start(deploy: Deploy):
    deployment = deploy(rest=CYCLE_ONLY)
    deployment.zoho.server.latency = 0.3
    first = deployment.start("run")
    log = Log(first)
    log.until("job.start", job="cycle")
    for number in (signal.SIGTERM, signal.SIGTERM, signal.SIGINT):
        first.send_signal(number)
    log.rest()
    deployment.zoho.server.latency = 0

    again = Log(deployment.start("run"))
    done = again.until("job.end", job="cycle")

    assert first.wait(30) == 0
    assert log.of("job.end") == []
    assert (done["verdict"], done["time"]) == ("ok", log.of("job.start")[0][1])
    assert done["next"] == f"kamsync apply {done['plan']}"  # writes = "plan": a person's turn


def test_a_call_that_hangs_does_not_hold_up_the_stop_for_long(deploy: Deploy):
    deployment = deploy(rest=CYCLE_ONLY)
    deployment.zoho.fault(Fault("late", on="/Accounts", seconds=50))
    process = deployment.start("run")
    log = Log(process)
    log.until("job.start", job="cycle")
    while not any(call.endswith("/Accounts") for call in deployment.zoho.traffic.calls):
        time.sleep(0.05)

    process.send_signal(signal.SIGTERM)

    assert process.wait(30) == 0
    assert log.rest()[-1]["clean"] is False


def test_a_job_that_fails_is_told_and_the_daemon_goes_on(deploy: Deploy):
    deployment = deploy(rest=NOW)
    policy = deployment.folder / "policies" / "value4.toml"
    sound = policy.read_text("utf-8")
    policy.write_text(sound.replace("weight = 35", "weight = 36"), "utf-8")

    process = deployment.start("run")
    log = Log(process)
    failed = log.until("job.failed", job="cycle")
    pulled = log.until("job.end", job="pull")
    process.send_signal(signal.SIGTERM)

    assert "value4.toml" in failed["cause"]
    assert failed["level"] == "error"
    assert pulled["verdict"] == "ok"
    assert process.wait(30) == 0


def test_a_job_waits_while_a_person_writes_and_is_told_to(deploy: Deploy):
    deployment = deploy(rest=CYCLE_ONLY)
    deployment.zoho.server.latency = 0.4
    pulling = deployment.start("pull")
    while not deployment.zoho.traffic.total:
        assert pulling.poll() is None
        time.sleep(0.05)

    log = Log(deployment.start("run"))
    waiting = log.until("job.waiting", job="cycle")
    done = log.until("job.end", job="cycle")

    assert f"pid {pulling.pid}" in waiting["cause"]
    assert pulling.wait(60) == 0
    assert done["verdict"] == "ok"
    assert len(log.of("job.start")) == 1


def test_a_person_may_write_between_the_daemons_jobs(deploy: Deploy):
    deployment = deploy(rest=CYCLE_ONLY)
    process = deployment.start("run")
    plan = Log(process).until("job.end", job="cycle")["plan"]

    applied = deployment.json("apply", str(plan))

    assert applied["applied"] > 0
    assert process.poll() is None
