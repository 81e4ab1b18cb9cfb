"""An engineer's place: a virtual environment beside ours in which packages are installed for real, and no network.

It sees what is installed here, kamsync too; what is installed there goes with the folder.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from dataclasses import dataclass
from pathlib import Path

import pytest

SCRIPTS = {
    "kamsync": "from kamsync.cli import main",
    "pytest": "from pytest import main",
    "pip": "from pip._internal.cli.main import main",
}


@dataclass(frozen=True)
class Author:
    """A folder to work in, and commands."""

    folder: Path
    bin: Path

    def run(self, line: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        """One line as it is typed into a shell, in the folder."""
        return subprocess.run(
            ["bash", "-c", line],
            cwd=cwd or self.folder,
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=300,
        )

    def environment(self) -> dict[str, str]:
        ours = {
            name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "KAMSYNC_", "COV_"))
        }
        return ours | {
            "PATH": f"{self.bin}{os.pathsep}{os.environ['PATH']}",
            "COLUMNS": "80",
            "PYTHONUTF8": "1",
            "KAMSYNC_LANG": "en",
            "PIP_NO_INDEX": "1",
            "PIP_NO_BUILD_ISOLATION": "0",  # pip reads this one the other way round: no isolation
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        }


def settle_in(folder: Path) -> Author:
    """A new place for an author."""
    for tool in ("hatchling", "editables", "pip"):
        pytest.importorskip(tool, reason=f"{tool} builds the author's package; it comes with the dev extra")
    venv.create(folder / "venv", with_pip=False, symlinks=True)
    bin = folder / "venv" / "bin"
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    site = folder / "venv" / "lib" / version / "site-packages"
    (site / "ours.pth").write_text(f"import site; site.addsitedir({sysconfig.get_paths()['purelib']!r})\n")
    for name, load in SCRIPTS.items():
        script = bin / name
        script.write_text(f"#!{bin / 'python'}\nimport sys\n{load}\nsys.exit(main())\n")
        script.chmod(0o755)
    work = folder / "work"
    work.mkdir()
    return Author(work, bin)
