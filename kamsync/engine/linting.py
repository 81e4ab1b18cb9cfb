"""Everything that is wrong with mapping files, at once: the files themselves, and beside what is known of the CRMs.

Opens files and reads the store; writes nothing and asks no CRM.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from kamsync.config import ConnectionConfig
from kamsync.config.toml_file import Problem, Problems, read_text
from kamsync.engine import connectors
from kamsync.engine.workspace import Workspace
from kamsync.mapping import loops, read_mapping
from kamsync.mapping.linting import Known, slips
from kamsync.mapping.reading import look_over
from kamsync.mapping.spec import Mapping
from kamsync.plugin import Choice, Connector, Field, KamsyncError
from kamsync.store import described
from kamsync.store.landing import Place
from kamsync.store.tables import Row


@dataclass(frozen=True, slots=True)
class Linted:
    """One file. `streams`, `fields`: how much of it could be read; `described`: streams whose fields are known."""

    file: Path
    problems: tuple[Problem, ...]
    streams: int = 0
    fields: int = 0
    described: int = 0


def lint(files: Iterable[Path], workspace: Workspace | None) -> list[Linted]:
    """Each file with its problems; without files, those that the config names."""
    named = list(files)
    if workspace is None:
        return [_linted(file, None, None) for file in named]
    by_file = {one.mapping.resolve(): one for one in workspace.config.connections}
    chosen = named or list(dict.fromkeys(one.mapping for one in workspace.config.connections))
    return [_linted(file, workspace, by_file.get(file.resolve())) for file in chosen]


def _linted(file: Path, workspace: Workspace | None, one: ConnectionConfig | None) -> Linted:
    try:
        text = read_text(file)
    except Problems as broken:
        return Linted(file, broken.problems)
    read = look_over(text, str(file))
    if read.mapping is None:
        return Linted(file, read.problems)
    mapping, problems = read.mapping, list(read.problems)
    known, told = _known(mapping, workspace, one)
    problems += slips(mapping, known)
    if one is not None and one.writes != "off":
        hand = connectors.find().connectors[one.connector].hand(one.options)
        problems += loops(mapping, hand, one.options.tag_prefix)
    problems.sort(key=lambda problem: (problem.line or 0, problem.key))
    fields = sum(len(spec.fields) for spec in mapping.specs.values())
    return Linted(file, tuple(dict.fromkeys(problems)), len(mapping.specs), fields, told)


def _known(mapping: Mapping, workspace: Workspace | None, one: ConnectionConfig | None) -> tuple[Known, int]:
    """The words of the shipped mapping for this CRM, and the tenant's own fields as far as they were described."""
    known = Known()
    shipped = connectors.find().connectors
    chosen = [shipped[one.connector]] if one is not None else list(shipped.values())
    for usual in _likest(mapping, chosen):
        known.learn(usual)
    if workspace is None or one is None:
        return known, 0
    with workspace.store.read() as tx:
        for name, spec in mapping.specs.items():
            rows = described.fields(tx, Place(one.name, name, spec.entity))
            told = [_field(row) for row in rows.values() if row["here"]]
            if told:
                known.fields[spec.object.casefold()] = told
    return known, len(known.fields)


def _likest(mapping: Mapping, chosen: Iterable[Connector]) -> list[Mapping]:
    """Of the shipped mappings the one that shares most objects with this; none where none shares any."""
    best: tuple[int, list[Mapping]] = (0, [])
    mine = {object.casefold() for object in mapping.objects.values()}
    for connector in chosen:
        try:
            usual = read_mapping(connector.mapping(), f"{connector.name}.toml")
        except KamsyncError:  # a stranger's mapping with mistakes teaches nothing; doctor names it
            continue
        shared = len(mine & {object.casefold() for object in usual.objects.values()})
        if shared > best[0]:
            best = (shared, [usual])
    return best[1]


def _field(row: Row) -> Field:
    choices = tuple(Choice(str(value), str(value)) for value in row["choices"] or ())
    return Field(row["name"], row["label"], row["type"], choices=choices)
