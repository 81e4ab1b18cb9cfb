"""Small mappings as an admin would write them, and records as a CRM would send them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from kamsync.mapping import Mapping, Notes, apply, read_mapping
from kamsync.model import ENTITIES
from kamsync.plugin import Record

SHANGHAI = ZoneInfo("Asia/Shanghai")

# What each entity must have, so that a test can map the one field that it is about.
NEEDS = {"account": 'name = "Name"', "contact": 'name = "Name"', "user": 'name = "Name"',
         "activity": 'kind = { constant = "call" }'}  # fmt: skip


def small(entity: str, field: str) -> Mapping:
    """A mapping of one stream with one line of interest, and two streams that references may point to."""
    needed = "" if field.split(" ")[0] in NEEDS.get(entity, "") else NEEDS.get(entity, "")
    text = f'[things]\nobject = "Things"\nentity = "{entity}"\n[things.fields]\n{needed}\n{field}\n'
    others = "".join(
        f'[{name}]\nobject = "{object}"\nentity = "{kind}"\n[{name}.fields]\nname = "Name"\n'
        for name, object, kind in (("accounts", "Accounts", "account"), ("contacts", "Contacts", "contact"))
    )
    return read_mapping(text + others, "mappings/x.toml")


@pytest.fixture
def read() -> Callable[..., Any]:
    """What one line of a mapping makes of one record: the field's value, or the rejection."""

    def value(entity: str, field: str, body: dict[str, Any], notes: Notes | None = None) -> Any:
        got = apply(
            small(entity, field),
            "things",
            Record("1", None, {"Name": "华为技术有限公司", **body}),
            zone=SHANGHAI,
            base_currency="CNY",
            notes=notes,
        )
        return getattr(got, field.split(" ")[0]) if isinstance(got, ENTITIES[entity]) else got

    return value
