"""The guide for authors of connectors is true: its blocks are run as they stand, and end where the template is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from kamsync.testing.grades import RULES
from kamsync.testing.new import rendered
from tests.docs.author import Author, settle_in

GUIDE = Path(__file__).parents[2] / "docs" / "connectors.md"
BLOCK = re.compile(
    r"^```(?P<kind>\w+)(?: (?P<verb>in|file|add)=(?P<path>\S+))?\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE
)


@dataclass(frozen=True)
class Block:
    """One block of the guide. `verb`: an excerpt (in), a new file (file), more of it (add)."""

    kind: str
    verb: str | None
    path: str | None
    text: str


def blocks() -> list[Block]:
    return [Block(**found.groupdict()) for found in BLOCK.finditer(GUIDE.read_text("utf-8"))]


class Reader:
    """Somebody who does what the guide says, line by line."""

    def __init__(self, author: Author) -> None:
        self.author = author
        self.package = author.folder / "acme"
        self.cwd = author.folder

    def follow(self, block: Block) -> None:
        if block.kind == "console":
            self.type(block.text)
        elif block.kind == "diff":
            self.edit(self.package / str(block.path), block.text)
        else:
            self.write(self.package / str(block.path), str(block.verb), block.text)

    def type(self, text: str) -> None:
        """Each `$` line is typed; the lines below it stand, in order, among what comes back."""
        for step in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
            command, *wanted = step.rstrip("\n").split("\n")
            done = self.author.run(command, self.cwd)
            assert done.returncode == 0, f"$ {command}\n{done.stdout}\n{done.stderr}"
            if command.startswith("cd "):
                self.cwd = self.cwd / command.split()[1]
            rest = _even(done.stdout + done.stderr)
            for line in wanted:
                assert _even(line) in rest, f"$ {command}\nlacks: {line}\n{done.stdout}\n{done.stderr}"
                rest = rest[rest.index(_even(line)) + len(_even(line)) :]

    def edit(self, file: Path, diff: str) -> None:
        """A change, as `diff` writes it."""
        lines = diff.splitlines()
        before = "".join(f"{line[1:]}\n" for line in lines if not line.startswith("+"))
        after = "".join(f"{line[1:]}\n" for line in lines if not line.startswith("-"))
        text = file.read_text("utf-8")
        assert text.count(before) == 1, f"{file.name}: the guide changes what is not there, or is there twice\n{before}"
        file.write_text(text.replace(before, after), "utf-8")

    def write(self, file: Path, verb: str, text: str) -> None:
        if verb == "in":
            assert text in file.read_text("utf-8"), f"{file.name} does not hold:\n{text}"
        elif verb == "file":
            file.write_text(text, "utf-8")
        else:
            file.write_text(file.read_text("utf-8") + text, "utf-8")


def _even(text: str) -> str:
    """Words apart by one blank: where a terminal folds a line says nothing."""
    return " ".join(text.split())


def test_every_block_of_the_guide_is_one_that_is_tried() -> None:
    fences = len(re.findall(r"^```", GUIDE.read_text("utf-8"), re.MULTILINE))

    tried = [block for block in blocks() if block.kind == "console" or block.verb]

    assert len(tried) * 2 == fences > 40


def test_whoever_follows_the_guide_has_the_template_in_the_end(tmp_path: Path) -> None:
    reader = Reader(settle_in(tmp_path))

    for block in blocks():
        reader.follow(block)

    made = {path: (reader.package / path).read_text("utf-8") for path in rendered("acme", writes=True)}
    assert made == rendered("acme", writes=True)


@pytest.mark.parametrize("grade", RULES)
def test_the_guide_tells_the_rule_of_every_grade(grade: str) -> None:
    assert f"| {grade} | {RULES[grade].en} |" in GUIDE.read_text("utf-8")
