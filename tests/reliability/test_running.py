"""The rig as people run it: by its command, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.reliability.report import ROOT


def rig(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.reliability", *words], cwd=ROOT, capture_output=True, text=True, timeout=300
    )


def test_a_small_part_runs_and_tells_its_figures(tmp_path: Path):
    done = rig("stops=1", "starts=0", "--only", "signals", "--seed", "7", "--json", str(tmp_path / "told.json"))

    told = json.loads((tmp_path / "told.json").read_text("utf-8"))
    assert (done.returncode, done.stderr) == (0, "")
    [part] = told["parts"]
    assert (part["part"], part["seed"], part["sizes"]) == ("signals", 7, {"stops": 1, "starts": 0})
    assert all(one["passed"] for one in part["figures"])
    assert max(map(len, done.stdout.splitlines()[:-1])) <= 80


def test_a_part_or_a_size_that_is_not_there_is_named():
    assert "no part is named kiln" in rig("--only", "kiln").stderr
    assert "no part has a size named kiln" in rig("kiln=3", "--only", "signals").stderr
