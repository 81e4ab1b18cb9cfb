"""Which mapping is in force: the newest that was published, else the file; and how the file stands to it.

Reads files and the store; publishes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from sqlalchemy import Connection as Tx

from kamsync.config import ConnectionConfig
from kamsync.config.toml_file import Problem, Problems, read_text
from kamsync.engine.mapping_meaning import digest_of, meaning
from kamsync.mapping import Mapping as FieldMapping
from kamsync.mapping import loops, read_mapping
from kamsync.plugin import Connector, Text
from kamsync.store import mappings

State = Literal["same", "words", "edited", "broken", "aside"]


@dataclass(frozen=True, slots=True)
class Force:
    """The mapping of one connection that is in force. `version` 0: the file itself, nothing was ever published."""

    version: int
    mapping: FieldMapping


@dataclass(frozen=True, slots=True)
class Draft:
    """The mapping file as it lies there, beside what is in force.

    words: it says the same in other words. broken: it has mistakes, `problems`. aside: it differs and does not come
    into force by itself, because of `why`.
    """

    connection: str
    file: Path
    state: State
    version: int
    mapping: FieldMapping | None = None
    problems: Problems | None = None
    why: Text | None = None

    @property
    def is_news(self) -> bool:
        """Would it change anything?"""
        return self.state in ("edited", "aside")


def in_force(tx: Tx, connections: Iterable[ConnectionConfig], connectors: Mapping[str, Connector]) -> dict[str, Force]:
    """Each connection's mapping that is in force; raises Problems for all of them at once."""
    found: dict[str, Force] = {}
    problems: dict[Path, tuple[Problem, ...]] = {}
    for one in connections:
        try:
            found[one.name] = force_of(tx, one, connectors)
        except Problems as wrong:
            problems[one.mapping] = wrong.problems
    if problems:
        raise Problems([problem for each in problems.values() for problem in each], next="kamsync doctor")
    return found


def force_of(tx: Tx, one: ConnectionConfig, connectors: Mapping[str, Connector]) -> Force:
    """What is in force on one connection. What no rule of today allows is not, whoever published it."""
    head = mappings.head(tx, one.name)
    if head is None:
        return Force(0, file_of(one, connectors))
    try:
        return Force(head["version"], checked(head["text"], one, connectors))
    except Problems:
        return Force(head["version"], file_of(one, connectors))


def draft_of(tx: Tx, one: ConnectionConfig, connectors: Mapping[str, Connector]) -> Draft:
    """How a connection's file stands to what is in force. Where nothing was published, they are the same."""
    head, version = mappings.head(tx, one.name), 0
    try:
        mapping = file_of(one, connectors)
    except Problems as wrong:
        return Draft(one.name, one.mapping, "broken", head["version"] if head else 0, problems=wrong)
    if head is None or head["text"] == mapping.document.text:
        return Draft(one.name, one.mapping, "same", head["version"] if head else 0, mapping)
    version, force = head["version"], force_of(tx, one, connectors).mapping
    if meaning(force) == meaning(mapping):
        return Draft(one.name, one.mapping, "words", version, mapping)
    aside = mappings.aside(tx, one.name)
    if aside is not None and aside["digest"] == digest_of(mapping.document.text):
        return Draft(one.name, one.mapping, "aside", version, mapping, why=Text(aside["zh"], aside["en"]))
    return Draft(one.name, one.mapping, "edited", version, mapping)


def file_of(one: ConnectionConfig, connectors: Mapping[str, Connector]) -> FieldMapping:
    """The connection's mapping file; raises Problems, too, where it reads what we ourselves write there."""
    return checked(read_text(one.mapping), one, connectors)


def checked(text: str, one: ConnectionConfig, connectors: Mapping[str, Connector]) -> FieldMapping:
    """A mapping's text as this connection may use it; raises Problems."""
    mapping = _parsed(text, str(one.mapping))
    found = []
    if one.writes != "off":
        found = loops(mapping, connectors[one.connector].hand(one.options), one.options.tag_prefix)
    if found:
        raise Problems(sorted(found, key=lambda problem: (problem.line or 0, problem.key)))
    return mapping


@lru_cache(maxsize=32)
def _parsed(text: str, name: str) -> FieldMapping:
    return read_mapping(text, name)
