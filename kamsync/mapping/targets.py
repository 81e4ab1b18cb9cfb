"""What a mapping can fill: the model's fields, and which kinds of value fit each.

Read off the model's own types, so that a new model field can be mapped the day it exists.
"""

from __future__ import annotations

import dataclasses
import typing
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from types import NoneType
from typing import Any, Literal

from kamsync.model import ENTITIES, Birthday, Money, Ref, about
from kamsync.model.about import Privacy
from kamsync.plugin import Text

# By the model field's type: the kinds that fit, the usual one first, and what to call it.
_FITS: dict[Any, tuple[tuple[str, ...], Text]] = {
    str: (("text", "choice", "phone", "uscc", "region", "industry", "domain", "constant"), Text("文字", "a text")),
    tuple[str, ...]: (("texts",), Text("若干文字", "a list of texts")),
    Money: (("money",), Text("金额", "an amount of money")),
    int: (("integer", "choice", "constant"), Text("整数", "a whole number")),
    Decimal: (("number", "percent", "choice", "constant"), Text("数字", "a number")),
    date: (("date",), Text("日期", "a date")),
    datetime: (("instant",), Text("时刻", "an instant")),
    Birthday: (("birthday",), Text("生日", "a birthday")),
    bool: (("yesno", "choice", "constant"), Text("是/否", "yes or no")),
    Ref: (("ref",), Text("对另一条记录的引用", "a reference to a record")),
    tuple[Ref, ...]: (("refs",), Text("对若干记录的引用", "references to records")),
}
# By the field's name, where its type does not tell: what it usually is.
_USUAL = {
    "uscc": "uscc", "phone": "phone", "mobile": "phone", "region": "region", "industry_code": "industry",
    "domain": "domain",
}  # fmt: skip
_CHOICE = (("choice", "constant"), Text("固定的几个值之一", "one of a few words"))


@dataclass(frozen=True, slots=True)
class Target:
    """One field of an entity. `choices`: the only words it takes, if it is that strict."""

    name: str
    type: Any
    kinds: tuple[str, ...]
    is_a: Text
    choices: tuple[str, ...]
    required: bool
    privacy: Privacy

    def take(self, value: object) -> Any:
        """The value as the model holds it, or None where it does not fit."""
        if self.choices:
            return value if value in self.choices else None
        if self.type is Decimal and isinstance(value, int) and not isinstance(value, bool):
            return Decimal(value)
        return value if type(value) is self.type else None


@cache
def targets(entity: str) -> dict[str, Target]:
    """The fields of an entity that a mapping can fill."""
    model, said = ENTITIES[entity], about(entity)
    hints = typing.get_type_hints(model)
    return {
        field.name: _target(field.name, hints[field.name], _is_required(field), said[field.name].privacy)
        for field in dataclasses.fields(model)
        if field.name != "marker"  # found by the stream's marker_from
    }


def _is_required(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _target(name: str, hint: Any, required: bool, privacy: Privacy) -> Target:
    plain = [part for part in typing.get_args(hint) if part is not NoneType] if _is_optional(hint) else [hint]
    kind = plain[0]
    if typing.get_origin(kind) is Literal:
        return Target(name, str, *_CHOICE, typing.get_args(kind), required, privacy)
    fits, is_a = _FITS[kind]
    usual = [_USUAL[name]] if name in _USUAL else []
    kinds = (*usual, *(each for each in fits if each not in usual))
    return Target(name, kind, kinds, is_a, (), required, privacy)


def _is_optional(hint: Any) -> bool:
    return NoneType in typing.get_args(hint)
