"""What `[golden]` may hold: criteria by which a value survives, and the fields that have some of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import BeforeValidator, Field

from kamsync.config.faults import Wrong
from kamsync.plugin import Text
from kamsync.plugin.document import did_you_mean
from kamsync.rules.golden import FIELDS, USUAL, Criterion, lead

__all__ = ["USUAL", "Criteria", "known_fields"]

Criteria = Annotated[
    tuple[Criterion, ...],
    BeforeValidator(lambda value: tuple(value) if isinstance(value, list) else value),
    Field(min_length=1),
]


def known_fields(given: Mapping[str, tuple[Criterion, ...]]) -> Mapping[str, tuple[Criterion, ...]]:
    """Fields of a customer, those that lead where several go together; raises Wrong for any other."""
    for name in given:
        if name not in FIELDS:
            meant = lead(name)
            hint = (
                Text(f"它随 {meant} 一起定", f"it goes with {meant}") if meant != name else did_you_mean(name, FIELDS)
            )
            raise Wrong(Text(f"客户没有字段 {name}", f"a customer has no field {name} here"), hint)
    return given
