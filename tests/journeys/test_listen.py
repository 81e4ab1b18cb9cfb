"""`kamsync run --listen`: a change in a CRM is stored long before the next poll, and nothing is owed to the calls."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from kamsync.testing.posting import Post, send
from kamsync_fxiaoke.sim import FxiaokeTenant, push
from kamsync_zoho.sim import ZohoTenant
from kamsync_zoho.sim.tenant import NOTIFY_TOKEN
from tests.journeys.deployment import Deployment

Deploy = Callable[..., Deployment]
SELDOM = '[schedule]\npull = "30d"\ncycle = "off"\n[daemon]\npublic_url = "http://127.0.0.1:{port}"'
DEADLINE = 100.0  # seconds; generous: a loaded machine is slow


@pytest.fixture(autouse=True)
def patience() -> Iterator[None]:
    """A daemon that says nothing must fail the test, not hang it."""
    alarm = threading.Timer(200, lambda: os.kill(os.getpid(), signal.SIGINT))
    alarm.start()
    yield
    alarm.cancel()


class Running:
    """A deployment whose daemon listens and would poll by itself in a month."""

    def __init__(self, deployment: Deployment) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.deployment = deployment
        zoho, fxiaoke = deployment.tenants
        assert isinstance(zoho, ZohoTenant)
        assert isinstance(fxiaoke, FxiaokeTenant)
        self.zoho, self.fxiaoke = zoho, fxiaoke
        deployment.configure(rest=SELDOM.format(port=self.port))
        path = deployment.folder / "config.toml"
        text = path.read_text("utf-8")
        text = text.replace("[connections.zoho]", f'[connections.zoho]\nnotify_token = "{NOTIFY_TOKEN}"')
        key = fxiaoke.app.aes_key
        text = text.replace("[connections.fxiaoke]", f'[connections.fxiaoke]\naes_key = "{key}"')
        path.write_text(text, "utf-8")
        deployment.run("pull")
        self.lines: list[dict[str, Any]] = []

    def start(self) -> subprocess.Popen[str]:
        process = self.deployment.start("run", "--listen", f"127.0.0.1:{self.port}")
        assert process.stdout is not None
        for text in process.stdout:
            self.lines.append(json.loads(text))
            if self.lines[-1]["event"] == "watch.kept":
                break
        threading.Thread(target=self._follow, args=(process,), daemon=True).start()
        return process

    def _follow(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        for text in process.stdout:
            self.lines.append(json.loads(text))

    def stored(self, connection: str, id: str) -> str | None:
        """The name under which this account is stored."""
        told = self.deployment.run("export", "accounts").stdout.splitlines()
        for line in told:
            one = json.loads(line)
            if any((m["connection"], m["remote_id"]) == (connection, id) for m in one["members"]):
                return str(one["name"])
        return None

    def until(self, is_so: Callable[[], bool]) -> bool:
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end:
            if is_so():
                return True
            time.sleep(0.2)
        return False

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.port}/hooks/{name}"


def test_a_change_is_stored_by_a_call_long_before_the_next_poll(deploy: Deploy):
    running = Running(deploy())
    running.fxiaoke.events_to = running.url("fxiaoke")
    running.start()

    in_zoho = running.zoho.add("account", name="北京新客户有限公司")
    in_fxiaoke = running.fxiaoke.add("account", name="上海新客户有限公司")

    assert running.until(lambda: running.stored("zoho", in_zoho) == "北京新客户有限公司")
    assert running.until(lambda: running.stored("fxiaoke", in_fxiaoke) == "上海新客户有限公司")
    assert {post.status for post in running.zoho.postman.log} == {202}
    answers = [post.body for post in running.fxiaoke.postman.log]
    assert all(push.accepted(running.fxiaoke.app.aes_key, answer) for answer in answers)
    heard = running.deployment.json("status", expect=None)["hooks"]
    assert {hook["connection"] for hook in heard} == {"zoho", "fxiaoke"}


def test_what_lost_calls_did_not_tell_the_next_pull_brings(deploy: Deploy):
    running = Running(deploy())
    process = running.start()
    running.zoho.postman.loses = True

    id = running.zoho.add("account", name="无人通知的客户有限公司")
    process.send_signal(signal.SIGTERM)
    ended = process.wait(60)
    running.deployment.run("pull")

    assert ended == 0
    assert running.zoho.postman.log == []
    assert running.stored("zoho", id) == "无人通知的客户有限公司"


def test_a_restart_goes_on_being_called_and_switching_off_ends_it(deploy: Deploy):
    running = Running(deploy())
    process = running.start()
    process.send_signal(signal.SIGTERM)
    process.wait(60)
    left = list(running.zoho.crm.channels)

    silent = running.deployment.start("run")
    ended = running.until(lambda: not running.zoho.crm.channels)
    silent.send_signal(signal.SIGTERM)

    assert len(left) == 1
    assert ended
    assert silent.wait(60) == 0


def test_a_forged_call_is_turned_away_and_no_body_is_logged(deploy: Deploy):
    running = Running(deploy())
    process = running.start()
    forged = json.dumps({"module": "Accounts", "token": "guessed-1234", "ids": ["secret-body-77"]}).encode()

    answers = [send(Post(running.url(name), {}, forged)).status for name in ("zoho", "fxiaoke", "nobody")]
    process.send_signal(signal.SIGTERM)
    process.wait(60)

    assert answers == [404, 404, 404]
    assert running.until(lambda: any(line["event"] == "hook.refused" for line in running.lines))
    assert not any("secret-body" in str(line) or "guessed" in str(line) for line in running.lines)
