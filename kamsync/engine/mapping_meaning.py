"""What a mapping means, as a digest: comments, order of lines and spelling of tables make no difference.

Pure. Raise `RULES` when kamsync itself reads records in another way: all entities are then made anew from what is kept.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping as Dictionary
from dataclasses import fields, is_dataclass
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from kamsync.mapping import Mapping

RULES = "1"


def digest_of(text: str) -> str:
    """A text, told from every other."""
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


@lru_cache(maxsize=64)
def meaning(mapping: Mapping) -> str:
    """The whole mapping."""
    return digest_of(json.dumps(_plain(mapping.specs), sort_keys=True, ensure_ascii=False))


@lru_cache(maxsize=1024)
def reading(mapping: Mapping, stream: str, zone: ZoneInfo, base_currency: str) -> str:
    """One stream, with all that its entities depend on besides its records."""
    told = [RULES, _plain(mapping.specs[stream]), _plain(mapping.objects), sorted(mapping.account_streams)]
    told += [zone.key, base_currency]
    return digest_of(json.dumps(told, sort_keys=True, ensure_ascii=False))


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Dictionary):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, set | frozenset):
        return sorted(json.dumps(_plain(each), sort_keys=True, ensure_ascii=False) for each in value)
    if value is None or isinstance(value, bool | int | str):
        return value
    return repr(value)
