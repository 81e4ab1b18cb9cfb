"""Add a connection to files or to a tap: look at what is there, draft its mapping, write its block into the config.

Looks first and writes last: where looking fails nothing is written. What exists is never written over.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from kamsync.engine import connectors
from kamsync.engine.offline import Offline
from kamsync.mapping import read_mapping
from kamsync.mapping.drafting import Drafted, Offered, Vocabulary, draft, learn, written
from kamsync.plugin import Clock, ConfigError, Describes, KamsyncError, Session, Stream, Text, Window
from kamsync.plugin.document import parse

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Added:
    """What was written: the config, the mapping, and what each stream was taken for."""

    config: Path
    mapping: Path
    streams: tuple[Drafted, ...]


@contextmanager
def opened(connector: str, given: Mapping[str, Any], folder: Path, clock: Clock) -> Iterator[Session]:
    """A session of a connector without a network, with a block's keys as options."""
    found = connectors.find().connectors[connector]
    try:
        options = found.options.model_validate(dict(given), context={"folder": folder})
    except ValidationError as wrong:
        said = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in wrong.errors())
        raise ConfigError(Text(f"设置不对:{said}", f"the settings are wrong: {said}")) from None
    yield found.open(options, Offline(connector, options, clock), clock)


def offered(session: Session, clock: Clock, *, rows: int = 0) -> list[Offered]:
    """Its streams with their fields and, where asked for, a few records of each."""
    assert isinstance(session, Describes)
    found = []
    for stream in session.streams():
        fields = session.fields(stream)
        keys = tuple(field.name for field in fields if field.required)
        bodies = [dict(record.body) for record in sample(session, stream, clock, rows)] if rows else []
        found.append(Offered(stream.object, fields, keys, bodies))
    return found


def sample(session: Session, stream: Stream, clock: Clock, most: int) -> list[Any]:
    """The first records of a stream that can be placed."""
    pages = session.read(stream, Window(None, clock.now() + HOUR), None)
    return list(islice((record for page in pages for record in page.records if record.problem is None), most))


def vocabulary() -> Vocabulary:
    """The words of every installed connector's mapping."""
    known = []
    for name, connector in sorted(connectors.find().connectors.items()):
        try:
            known.append(read_mapping(connector.mapping(), f"{name}.toml"))
        except KamsyncError:  # a stranger's mapping with mistakes teaches nothing; doctor names it
            continue
    return learn(known)


def add(
    config: Path,
    name: str,
    connector: str,
    given: Mapping[str, Any],
    found: Sequence[Offered],
    command: str,
) -> Added:
    """Write the block and the mapping. Raises ConfigError, and then nothing was written."""
    mapping = _mapping_of(config, name)
    text = admitted(config, name)
    drafted = draft(found, vocabulary())
    paper = written(drafted, found, head(name, command))
    read_mapping(paper, str(mapping))  # a draft that cannot be read would be a fault of ours
    block = block_of(name, connector, f"mappings/{name}.toml", given, command)
    mapping.parent.mkdir(parents=True, exist_ok=True)
    mapping.write_text(paper, "utf-8")
    try:
        _replace(config, _inserted(text, block))
    except OSError:
        mapping.unlink()
        raise
    return Added(config, mapping, tuple(drafted))


def head(name: str, command: str) -> str:
    """What stands above a draft."""
    return (
        f"# `{command}` 起草的映射:是猜的,请逐行核对。改完用 `kamsync doctor` 检查。\n"
        f"# Drafted by `{command}`: it is a guess; look at each line. After a change: `kamsync doctor`.\n"
        "#\n"
        "# object 是来源里的名字,entity 是它在 kamsync 里是什么;等号左边是 kamsync 的字段,右边是来源的字段。\n"
        "# object is the source's name, entity what it is to kamsync; left of = stands kamsync's field, right of it\n"
        "# the source's. Another field: add a line. mappings/zoho.toml shows every way to write one.\n"
        f"#\n# 看实际读到什么 · see what is read: kamsync pull {name}\n"
    )


def relative(path: Path, folder: Path) -> str:
    """A path as the config writes it: from its own folder where it lies below it."""
    whole = Path(os.path.abspath(path.expanduser()))
    base = Path(os.path.abspath(folder))
    return whole.relative_to(base).as_posix() if whole.is_relative_to(base) else str(whole)


def block_of(name: str, connector: str, mapping: str, given: Mapping[str, Any], command: str) -> str:
    """A connection's block, its tables below it."""
    lines = [
        f"[connections.{name}]",
        f"# 由 `{command}` 写入 · written by `{command}`",
        f'connector = "{connector}"',
        f'mapping = "{mapping}"',
    ]
    lines.append('writes = "off"')
    plain = {key: value for key, value in given.items() if not isinstance(value, dict)}
    lines += [f"{key} = {_toml(value)}" for key, value in plain.items()]
    for key, tables in given.items():
        for one, told in tables.items() if isinstance(tables, dict) else ():
            quoted = one if one.isascii() and one.replace("-", "_").isidentifier() else _toml(one)
            lines += ["", f"[connections.{name}.{key}.{quoted}]"]
            lines += [f"{word} = {_toml(value)}" for word, value in told.items()]
    return "\n".join(lines) + "\n"


# ---- parts


def _mapping_of(config: Path, name: str) -> Path:
    return config.parent / "mappings" / f"{name}.toml"


def admitted(config: Path, name: str) -> str:
    """The config's text, once it is clear that nothing is in the way of a new connection. Raises ConfigError."""
    mapping = _mapping_of(config, name)
    try:
        text = config.read_text("utf-8")
    except OSError:
        raise ConfigError(
            Text(f"没有配置 {config}", f"there is no config {config}"), next="kamsync init DIR --crm files"
        ) from None
    if not name.isascii() or not name.replace("-", "_").isidentifier():
        raise ConfigError(
            Text(
                f"{name!r} 不能作连接名:用字母、数字、- 和 _,以字母开头",
                f"{name!r} is no name for a connection: letters, digits, - and _, a letter first",
            )
        )
    there = parse(text, config).data.get("connections", {})
    if isinstance(there, dict) and name in there:
        raise ConfigError(
            Text(f"配置里已有连接 {name},没有改动", f"the config has a connection {name} already; nothing was changed"),
            next="kamsync doctor",
        )
    if mapping.exists():
        raise ConfigError(
            Text(f"{mapping} 已存在,没有改动", f"{mapping} is there already; nothing was changed"),
            next="kamsync doctor",
        )
    return text


def _inserted(text: str, block: str) -> str:
    """Behind the last connection; where there is none, at the end."""
    lines = text.splitlines(keepends=True)
    heads = [place for place, line in enumerate(lines) if line.startswith("[")]
    last = max((place for place in heads if lines[place].startswith("[connections.")), default=None)
    if last is None:
        return f"{text.rstrip()}\n\n{block}"
    after = next((place for place in heads if place > last), len(lines))
    while after < len(lines) and lines[after - 1].startswith("#"):
        after -= 1  # a comment right above the next table belongs to that one
    before, rest = "".join(lines[:after]).rstrip("\n"), "".join(lines[after:]).lstrip("\n")
    return f"{before}\n\n{block}" + (f"\n\n{rest}" if rest else "")


def _replace(path: Path, text: str) -> None:
    """All of it or nothing, under the rights that it had."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_text(text, "utf-8")
    fresh.chmod(path.stat().st_mode & 0o777)
    fresh.replace(path)


def _toml(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_toml(one) for one in value) + "]"
    return json.dumps(value, ensure_ascii=False)
