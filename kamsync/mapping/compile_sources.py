"""Where a recipe looks in a record: paths, or a formula.

Functions made once, so that applying is fast.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as Dictionary
from operator import methodcaller
from typing import Any
from zoneinfo import ZoneInfo

from kamsync.mapping.spec import FieldSpec, Path

Body = Dictionary[str, Any]
Read = Callable[[Body], Any]


def getter(path: Path) -> Read:
    """The function that finds the value at a path; None where there is none."""
    first, rest = path[0], path[1:]
    if not rest:
        return methodcaller("get", first)

    def nested(body: Body) -> Any:
        value = body.get(first)
        for key in rest:
            if isinstance(value, list) and len(value) == 1:
                value = value[0]
            if not isinstance(value, dict):  # as JSON brings it; asking for any Mapping costs ten times as much
                return None
            value = value.get(key)
        return value

    return nested


def sources(spec: FieldSpec, zone: ZoneInfo) -> list[Read]:
    """The functions that bring the values to try, in order."""
    if spec.formula is not None:
        return [spec.formula.evaluator(zone)]
    return [getter(path) for path in spec.paths]


def is_nothing(value: Any) -> bool:
    """No value at all: none sent, an empty text, an empty list. Zero and false are values."""
    return value is None or value == "" or value == []
