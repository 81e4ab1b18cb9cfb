"""Make the package of a new connector: the template, under another name.

The template is a whole connector of an imaginary CRM, Acme, that keeps every promise of the suite. It never writes over
what is there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from kamsync.engine.connectors import find
from kamsync.plugin import KamsyncError, Text

NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
LONGEST = 40
SUFFIX = ".tmpl"


class NotMade(KamsyncError):
    """The package was not made; nothing was written."""

    exit_code = 2


def make(name: str, folder: Path, *, writes: bool = False) -> list[Path]:
    """Write the package of a connector called `name` into a new folder; the files, in order."""
    _admit(name, folder)
    made = []
    for path, text in rendered(name, writes=writes).items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, "utf-8", newline="\n")
        made.append(place)
    return made


def rendered(name: str, *, writes: bool = False) -> dict[str, str]:
    """Every file of the package by its path, as text. `writes`: with the writing half."""
    found = dict(_files("reader", name))
    if writes:
        found |= dict(_files("writer", name))
    return dict(sorted(found.items()))


def _admit(name: str, folder: Path) -> None:
    if not NAME.fullmatch(name) or len(name) > LONGEST:
        raise NotMade(
            Text(
                f"{name!r} 不能作连接器的名字:用小写字母、数字和下划线,以字母开头",
                f"{name!r} is no name for a connector: lower-case letters, digits, single underscores, a letter first",
            ),
            next="kamsync connector new acme",
        )
    known = find()
    if name in known.connectors or name in {broken.name for broken in known.broken}:
        raise NotMade(
            Text(f"已经装有名为 {name} 的连接器", f"a connector called {name} is installed already"),
            next="kamsync connector list",
        )
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise NotMade(
            Text(f"{folder} 已存在且不是空文件夹,未改动", f"{folder} is there already and not empty; left as it is"),
            next=f"kamsync connector new {name} --dir {folder}-2",
        )


def _files(part: str, name: str) -> Iterator[tuple[str, str]]:
    root = files("kamsync.testing").joinpath("template", part)
    for path, file in _walk(root, ""):
        if path.endswith(SUFFIX):
            yield _named(path.removesuffix(SUFFIX), name), _named(file.read_text("utf-8"), name)


def _walk(folder: Traversable, path: str) -> Iterator[tuple[str, Traversable]]:
    for each in folder.iterdir():
        if each.is_dir():
            yield from _walk(each, f"{path}{each.name}/")
        else:
            yield f"{path}{each.name}", each


def _named(text: str, name: str) -> str:
    """The text under another name: `acme` in code, `kamsync-acme` of the package, `Acme` in words."""
    title = "".join(word.capitalize() for word in name.split("_"))
    text = text.replace("kamsync-acme", f"kamsync-{name.replace('_', '-')}")
    return text.replace("acme", name).replace("Acme", title)
