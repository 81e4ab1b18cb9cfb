"""Keep what is secret in a tap's config out of errors and quarantined lines.

Reads the config file and nothing else; it never changes it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

HIDDEN = re.compile(r"secret|token|passw|pwd|key|auth|credential|private|cookie|signature", re.IGNORECASE)
HARMLESS = re.compile(r"primary_keys|key_properties|replication_key|auth_method|auth_type|_url$", re.IGNORECASE)
SHORTEST = 4  # a shorter word would blank half of every message


class Redactor:
    """Replaces the secrets of one config by stars."""

    def __init__(self, config: Path | None) -> None:
        self._words = sorted(_secrets(config), key=len, reverse=True)

    def __call__(self, text: str) -> str:
        for word in self._words:
            text = text.replace(word, "***")
        return text


def _secrets(config: Path | None) -> set[str]:
    try:
        told = json.loads(config.read_text("utf-8-sig")) if config else {}
    except (OSError, ValueError, RecursionError):
        return set()  # the tap itself will say what is wrong with its config
    return {word for word in _found(told, hidden=False) if len(word) >= SHORTEST}


def _found(value: Any, *, hidden: bool) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            secret = bool(HIDDEN.search(name)) and not HARMLESS.search(name)
            yield from _found(inner, hidden=hidden or secret)
    elif isinstance(value, list):
        for inner in value:
            yield from _found(inner, hidden=hidden)
    elif isinstance(value, str):
        if hidden:
            yield value
            yield json.dumps(value)[1:-1]  # as it looks inside of JSON
        elif "://" in value:
            yield from filter(None, [_password(value)])


def _password(address: str) -> str | None:
    try:
        return urlsplit(address).password
    except ValueError:
        return None
