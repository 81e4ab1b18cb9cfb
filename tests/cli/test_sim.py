"""A simulated CRM from the command line: it starts, tells how to reach it, and ends when asked."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests

START = [sys.executable, "-c", "import sys; from kamsync.cli import main; sys.exit(main())", "sim"]


@pytest.mark.parametrize("connector", ["zoho", "fxiaoke"])
def test_a_simulator_runs_until_it_is_stopped_and_finds_its_state_again(connector: str, tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    words = [connector, "--port", "0", "--seed", "demo", "--state", str(state), "--json"]

    truths = []
    for _ in range(2):
        with subprocess.Popen([*START, *words], stdout=subprocess.PIPE, text=True) as running:
            assert running.stdout is not None
            told = json.loads(running.stdout.readline())
            truths.append(requests.get(told["url"] + "/truth", timeout=30).json())
            running.send_signal(signal.SIGTERM)
            assert running.wait(timeout=30) == 0

    assert told["credentials"]["allow_hosts"] == [told["url"].removeprefix("http://")]
    assert len(truths[0]["tags"]) == 248
    assert truths[0] == truths[1]


def test_a_limit_that_a_simulator_does_not_know_is_refused() -> None:
    done = subprocess.run([*START, "zoho", "--calls-per-20s", "5", "--lang", "en"], capture_output=True, text=True,
                          check=False, timeout=30)  # fmt: skip

    assert done.returncode == 2
    assert "calls_per_20s" in done.stderr
