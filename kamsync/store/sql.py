"""Upserts that read the same on SQLite and PostgreSQL (one executemany, one conflict clause), and rows as dicts.

Each shape of statement is compiled once and its rows go straight to the driver: bound one by one through SQLAlchemy,
a row takes as long to prepare as to store.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Dialect, Executable, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.schema import ScalarElementColumnDefault


def fetch(tx: Connection, query: Executable) -> list[dict[str, Any]]:
    """What a query finds, each row by its column names."""
    found = tx.execute(query)
    names = tuple(found.keys())
    return [dict(zip(names, row, strict=True)) for row in found]


def upsert(tx: Connection, target: Table, rows: Sequence[Mapping[str, Any]], *, keep: Sequence[str] = ()) -> None:
    """Insert each row, or replace the one with its key; columns in `keep` stay as they were."""
    if rows:
        keys = {column.name for column in target.primary_key}
        names = tuple(rows[0])
        changed = tuple(name for name in names if name not in keys and name not in keep)
        _prepared(target, names, changed, tx.dialect).run(tx, rows)


def insert_new(tx: Connection, target: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert the rows whose key is new; the others stay as they are."""
    if rows:
        _prepared(target, tuple(rows[0]), (), tx.dialect).run(tx, rows)


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A compiled insert: which values it takes, in which order, and how each kind is written."""

    sql: str
    names: tuple[str, ...]
    pick: Callable[[Mapping[str, Any]], tuple[Any, ...]]
    writers: tuple[tuple[int, Callable[[Any], Any]], ...]  # (place, how); places without one go as they are
    defaults: Mapping[str, Any]
    by_place: bool

    def run(self, tx: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        values = [self._values({**self.defaults, **row} if self.defaults else row) for row in rows]
        if self.by_place:
            tx.exec_driver_sql(self.sql, values)
        else:
            tx.exec_driver_sql(self.sql, [dict(zip(self.names, each, strict=True)) for each in values])

    def _values(self, row: Mapping[str, Any]) -> tuple[Any, ...]:
        picked = self.pick(row)
        if not self.writers:
            return picked
        values = list(picked)
        for place, write in self.writers:
            value = values[place]
            if value is not None:  # unknown is NULL, whatever the column
                values[place] = write(value)
        return tuple(values)


@lru_cache(maxsize=256)
def _prepared(target: Table, names: tuple[str, ...], changed: tuple[str, ...], dialect: Dialect) -> _Prepared:
    insert = (postgresql.insert if dialect.name == "postgresql" else sqlite.insert)(target)
    if changed:
        keys = [column.name for column in target.primary_key]
        statement: Any = insert.on_conflict_do_update(
            index_elements=keys, set_={name: insert.excluded[name] for name in changed}
        )
    else:
        statement = insert.on_conflict_do_nothing()
    compiled = statement.compile(dialect=dialect, column_keys=list(names))
    assert isinstance(compiled, SQLCompiler)
    order = tuple(compiled.positiontup or compiled.binds)
    kinds = [compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect) for name in order]
    return _Prepared(
        sql=str(compiled),
        names=order,
        pick=itemgetter(*order) if len(order) > 1 else lambda row: (row[order[0]],),
        writers=tuple((place, write) for place, write in enumerate(kinds) if write is not None),
        defaults={
            column.name: column.default.arg
            for column in compiled.insert_prefetch
            if isinstance(column.default, ScalarElementColumnDefault)
        },
        by_place=bool(compiled.positional),
    )
