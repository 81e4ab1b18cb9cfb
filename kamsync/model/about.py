"""What each field of the key-account file is called in both languages, who may see it, and what for it is held.

The words are in `kamsync.model.about_tables`. A mapping file may be stricter about a field than the table.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal, cast, get_args

from kamsync.model.about_tables import EVERYWHERE, TABLES

# public: anyone may know · internal: everybody who works with the file · sensitive: of a person, or prices and terms.
Privacy = Literal["public", "internal", "sensitive"]
Purpose = Literal["identity", "contact", "marketing", "care", "trade", "service", "value"]
PRIVACIES: tuple[str, ...] = get_args(Privacy)
PURPOSES: tuple[str, ...] = get_args(Purpose)


@dataclass(frozen=True, slots=True)
class About:
    """One field: its labels, its privacy class, the purpose that it is held for."""

    zh: str
    en: str
    privacy: Privacy
    purpose: Purpose


@cache
def about(entity: str) -> dict[str, About]:
    """By field, in the table's order. Raises KeyError for what is no entity."""
    rows = (line.split(maxsplit=4) for line in (TABLES[entity] + EVERYWHERE).splitlines() if line.strip())
    return {
        name: About(zh, en, cast(Privacy, privacy), cast(Purpose, purpose)) for name, zh, privacy, purpose, en in rows
    }
