"""Small help with the demo's words: columns on the screen, and what a person would type to get somewhere.

Prints nothing.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.cells import cell_len

from kamsync.engine.workspace import Workspace


def padded(text: str, width: int) -> str:
    return text + " " * max(0, width - cell_len(text))


def cut(text: str, width: int) -> str:
    """The text in so many columns, an ellipsis where something had to go."""
    if cell_len(text) <= width:
        return text
    while cell_len(text) > width - 1:
        text = text[:-1]
    return text + "…"


def listed(words: Sequence[str], language: str) -> str:
    """Several things in a row."""
    return ("，" if language == "zh" else ", ").join(words)


def tier_label(workspace: Workspace, tier: str, language: str) -> str:
    """What people call a tier."""
    known = workspace.policy.tier(tier)
    return known.label.say(language) if known else tier


def typed(word: str) -> str:
    """A word as one would type it in a shell: quoted only where it must be."""
    return word if re.fullmatch(r"[\w.·-]+", word) else shlex.quote(word)


def near_path(path: Path) -> str:
    """A path as one would type it here."""
    near = os.path.relpath(path)
    return str(path.resolve()) if near.startswith("..") else near


def way_to(folder: Path) -> list[str]:
    """How a person gets there, with `kamsync` at hand: from a checkout's .venv it is not on the path yet."""
    lines = []
    activate = Path(sys.argv[0]).parent / "activate"
    if shutil.which("kamsync") is None and activate.is_file():
        lines.append(f". {near_path(activate)}")
    if folder.resolve() != Path.cwd():
        lines.append(f"cd {shlex.quote(near_path(folder))}")
    return lines
