"""A new connector's package is whole, bears its own name everywhere, and never lands on what is there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kamsync.testing.new import NotMade, make, rendered


@pytest.mark.parametrize("writes", [False, True])
def test_a_package_bears_its_own_name_only(writes: bool) -> None:
    files = rendered("neo_crm", writes=writes)

    assert {"pyproject.toml", "kamsync_neo_crm/__init__.py", "tests/test_neo_crm.py"} <= files.keys()
    assert ("kamsync_neo_crm/writing.py" in files) == writes
    assert not any("acme" in (path + text).casefold() for path, text in files.items())
    assert 'name = "kamsync-neo-crm"' in files["pyproject.toml"]
    assert "class NeoCrmOptions" in files["kamsync_neo_crm/wire.py"]


def test_a_new_package_is_clean_to_a_linter(tmp_path: Path) -> None:
    make("neo", tmp_path / "neo", writes=True)

    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--isolated", "--line-length", "120", "--select", "E,F,W,I,B,UP,SIM,C4",
         "--target-version", "py311", "."],
        cwd=tmp_path / "neo", capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout


def test_a_folder_with_something_in_it_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("ours")

    with pytest.raises(NotMade):
        make("neo", tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize("name", ["", "Acme", "acme crm", "../acme", "1acme", "acme_", "a" * 60, "é"])
def test_a_name_that_is_no_package_name_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(NotMade):
        make(name, tmp_path / "new")

    assert not (tmp_path / "new").exists()
