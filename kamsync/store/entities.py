"""One table an entity, its columns following the model: money as three columns, a reference as two, a birthday as five.

Only live records have a row here; `dirty` says that the link step has yet to look at it.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from operator import attrgetter
from typing import Any, Literal, get_args, get_origin

from sqlalchemy import BigInteger, Boolean, Column, Date, Index, String, Table, Text

from kamsync.model import ENTITIES, Birthday, Entity, Money, Ref
from kamsync.store.tables import metadata
from kamsync.store.types import DecimalText, Json, UtcTime

SIMPLE: dict[Any, Any] = {
    str: Text, int: BigInteger, bool: Boolean, date: Date, datetime: UtcTime, Decimal: DecimalText
}  # fmt: skip
NAMES = {
    "account": "member",
    "order": "orders",
    "return": "returns",
    "case": "cases",
    "user": "users",
}  # words SQL keeps for itself
KEY = ("connection", "stream", "remote_id")
_PARTS: dict[str, Any] = {"month": int, "day": int, "year": int, "lunar": bool, "leap": bool}  # of a birthday


def _bare(hint: Any) -> Any:
    """The type inside Optional, and `str` for a Literal."""
    if get_origin(hint) in (typing.Union, types.UnionType):
        hint = next(arg for arg in get_args(hint) if arg is not type(None))
    return str if get_origin(hint) is Literal else hint


def _columns(name: str, kind: Any) -> list[Column[Any]]:
    if kind is Money:
        return [
            Column(f"{name}_minor", BigInteger),
            Column(f"{name}_currency", String(3)),
            Column(f"{name}_base", BigInteger),
        ]
    if kind is Ref:
        return [Column(f"{name}_stream", Text), Column(f"{name}_ref", Text)]
    if kind is Birthday:
        return [Column(f"{name}_{part}", SIMPLE[type]) for part, type in _PARTS.items()]
    if kind in SIMPLE:
        return [Column(name, SIMPLE[kind])]
    return [Column(name, Json)]


def _kinds(entity: type[Entity]) -> dict[str, Any]:
    hints = typing.get_type_hints(entity)
    return {field.name: _bare(hints[field.name]) for field in dataclasses.fields(entity)}


def _table(name: str, entity: type[Entity]) -> Table:
    columns: list[Column[Any]] = [Column(key, Text, primary_key=True) for key in KEY]
    columns += [Column("account_id", Text, index=True), Column("dirty", Boolean, nullable=False, index=True)]
    for field, kind in _kinds(entity).items():
        columns += _columns(field, kind)
    if name == "activity":  # the day by the deployment's own calendar, and the account it hangs on directly
        columns += [Column("day", Date), Column("account_stream", Text), Column("account_ref", Text)]
        columns += [Column("two_way", Boolean)]
    if name == "account":  # when its values last changed; the CRM's own stamp also moves with our tags
        columns.append(Column("changed_at", UtcTime))
    return Table(NAMES.get(name, name), metadata, *columns)


TABLES: dict[str, Table] = {name: _table(name, entity) for name, entity in ENTITIES.items()}
Index("orders_day", TABLES["order"].c.account_id, TABLES["order"].c.date)
Index("activity_day", TABLES["activity"].c.account_id, TABLES["activity"].c.day)
_LINE = TABLES["order_line"]
Index("order_line_order", _LINE.c.connection, _LINE.c.order_stream, _LINE.c.order_ref)


def _writer(name: str, kind: Any) -> Callable[[Any, dict[str, Any]], None]:
    if kind is Money:

        def money(value: Money | None, row: dict[str, Any]) -> None:
            row[f"{name}_minor"] = value.minor if value else None
            row[f"{name}_currency"] = value.currency if value else None
            row[f"{name}_base"] = value.base if value else None

        return money
    if kind is Ref:

        def ref(value: Ref | None, row: dict[str, Any]) -> None:
            row[f"{name}_stream"] = value.stream if value else None
            row[f"{name}_ref"] = value.id if value else None

        return ref

    if kind is Birthday:

        def birthday(value: Birthday | None, row: dict[str, Any]) -> None:
            for part in _PARTS:
                row[f"{name}_{part}"] = getattr(value, part) if value else None

        return birthday

    def listed(value: Any, row: dict[str, Any]) -> None:
        row[name] = [[item.stream, item.id] if isinstance(item, Ref) else item for item in value]

    return listed


_KINDS = {name: _kinds(entity) for name, entity in ENTITIES.items()}
_PLAIN = {name: tuple(field for field, kind in kinds.items() if kind in SIMPLE) for name, kinds in _KINDS.items()}
_PICK = {name: attrgetter("__class__", *fields) for name, fields in _PLAIN.items()}  # of two or more: a tuple
_WRITERS = {
    name: [(field, _writer(field, kind)) for field, kind in kinds.items() if kind not in SIMPLE]
    for name, kinds in _KINDS.items()
}


def row_of(name: str, entity: Entity) -> dict[str, Any]:
    """The entity's columns (without key, account and dirty)."""
    row = dict(zip(_PLAIN[name], _PICK[name](entity)[1:], strict=True))
    for field, write in _WRITERS[name]:
        write(getattr(entity, field), row)
    return row


def entity_of(name: str, row: Mapping[str, Any]) -> Entity:
    """The entity a row was made from."""
    values: dict[str, Any] = {}
    for field, kind in _KINDS[name].items():
        if kind is Money:
            minor = row[f"{field}_minor"]
            values[field] = None if minor is None else Money(minor, row[f"{field}_currency"], row[f"{field}_base"])
        elif kind is Ref:
            id = row[f"{field}_ref"]
            values[field] = None if id is None else Ref(row[f"{field}_stream"], id)
        elif kind is Birthday:
            parts = [row[f"{field}_{part}"] for part in _PARTS]
            values[field] = None if parts[0] is None else Birthday(*parts)
        elif kind in SIMPLE:
            values[field] = row[field]
        else:
            values[field] = tuple(Ref(*item) if isinstance(item, list) else item for item in row[field] or ())
    return ENTITIES[name](**values)
