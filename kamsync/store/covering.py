"""How full the entities are that a stream made, field by field, and for customers tier by tier."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, and_, case, func, literal, select

from kamsync.store.entities import KEY, TABLES
from kamsync.store.landing import Place
from kamsync.store.tables import EvaluationRow, table

EVALUATION = table(EvaluationRow)
OURS = {*KEY, "account_id", "dirty", "day", "account_stream", "account_ref", "two_way", "marker"}
ENDINGS = ("_minor", "_ref")  # the column of money, and of a reference, that is there when the value is


def filled(tx: Connection, place: Place, day: date | None = None) -> dict[str, tuple[int, Mapping[str, int]]]:
    """By tier ("" for all, and where no tier is asked for): the entities, and in how many each model field is known.

    `day`: the date of the verdicts; only an account has one.
    """
    target = TABLES[place.entity]
    columns = {name: column for column in target.c if (name := _field(column)) is not None}
    here = and_(target.c.connection == place.connection, target.c.stream == place.stream)
    known = [func.sum(case((_is_known(column), 1), else_=0)).label(name) for name, column in columns.items()]
    found: dict[str, tuple[int, Mapping[str, int]]] = {}
    queries = [select(literal("").label("tier"), func.count().label("n"), *known).where(here)]
    if day is not None and place.entity == "account":
        verdict = and_(EVALUATION.c.account == target.c.account_id, EVALUATION.c.as_of == day)
        by_tier = (
            select(EVALUATION.c.tier, func.count().label("n"), *known).select_from(target).join(EVALUATION, verdict)
        )
        queries.append(by_tier.where(here).group_by(EVALUATION.c.tier))
    for query in queries:
        for row in tx.execute(query).mappings():
            found[row["tier"]] = (row["n"], {name: int(row[name] or 0) for name in columns})
    return found


def _field(column: Column[Any]) -> str | None:
    """The model field that a column holds; None for what is kamsync's own, or part of another."""
    name = str(column.name)
    if name in OURS:
        return None
    for ending in ENDINGS:
        if name.endswith(ending):
            return name.removesuffix(ending)
    whole = next((name.removesuffix(end) for end in ("_currency", "_base", "_stream") if name.endswith(end)), None)
    return None if whole and any(f"{whole}{ending}" in column.table.c for ending in ENDINGS) else name


def _is_known(column: Column[Any]) -> ColumnElement[bool]:
    known = column.is_not(None)
    return and_(known, column != []) if type(column.type).__name__ == "Json" else known
