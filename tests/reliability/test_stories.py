"""A few stories, machines and rounds with people in between: what the rig does in thousands."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.reliability.story import machine
from tests.reliability.story.between import interleave
from tests.reliability.story.stories import tell
from tests.reliability.story.world import World

ROOT = Path(__file__).parents[2]
WHOLE = (
    "import sys; from tests.reliability.story.stories import tell; t = tell(int(sys.argv[1]), days=3); print(t.digest)"
)


@pytest.mark.parametrize("number", range(3))
def test_no_promise_is_broken_in_a_story(number: int):
    assert tell(number).broken == []


def test_no_promise_is_broken_whatever_comes_after_what():
    worlds: list[World] = []

    broken = machine.run(4, 25, 1, worlds.append)

    assert broken is None
    assert len(worlds) == 4


def test_what_people_do_while_a_plan_is_applied_stays():
    fell, broken, _ = interleave(2)

    assert broken == []
    assert fell > 5


def test_a_lost_store_is_built_again_and_nothing_is_there_twice():
    assert tell(2, days=3, amnesia=True).broken == []


def test_a_story_follows_from_its_number_alone():
    """In another process with other hashes it is the same to the last call."""
    told = {_digest(hashes) for hashes in ("1", "2")}

    assert len(told) == 1
    assert told == {tell(3, days=3).digest}


def _digest(hashes: str) -> str:
    found = [str(ROOT), *(path for path in sys.path if path)]
    environ = os.environ | {"PYTHONHASHSEED": hashes, "PYTHONPATH": os.pathsep.join(found)}
    run = [sys.executable, "-c", WHOLE, "3"]
    return subprocess.run(run, env=environ, cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()
