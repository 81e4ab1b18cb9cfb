"""The drill, small: whatever people, faults and kills do, the store ends as the CRMs have it, record for record."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

DRILL = Path(__file__).parents[2] / "benchmarks" / "drill.py"
SIZE = ("--records", "3000", "--rounds", "3", "--quiet")


@pytest.mark.parametrize("seed", ["1", "2"])
def test_after_faults_and_kills_every_record_is_as_the_crms_have_it(seed: str) -> None:
    """Two CRMs: edits, deletions, merges and their undoing, voids, used ids, late rows; pulls killed by -9."""
    bite = ("--bite",) if seed == "1" else ()  # and whatever is spoilt afterwards is found out

    done = subprocess.run(
        [sys.executable, str(DRILL), *SIZE, "--seed", seed, *bite], capture_output=True, text=True, timeout=900
    )

    assert done.returncode == 0, done.stdout + done.stderr
