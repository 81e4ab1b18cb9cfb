"""Find kamsync's marker in what a task carries, and put it there so that it stays whole.

Knows the marker's form only, not what it stands for.
"""

from __future__ import annotations

import re
import unicodedata

_MARKER = re.compile(r"(?<![A-Za-z0-9])kam:R\d\d:[^\s:]+:[a-z2-7]{26}(?![A-Za-z0-9])")
_KEEP = "\n\t"


def find_marker(*texts: object) -> str | None:
    """The last marker in the first text that has one; HTML and stray text around it do no harm."""
    for text in texts:
        found = _MARKER.findall(text) if isinstance(text, str) else []
        if found:
            return str(found[-1])
    return None


def signed(text: str, marker: str, limit: int) -> str:
    """The text with the marker as its last line, at most `limit` characters, the marker never cut."""
    room = limit - len(marker) - 2
    shown = cut(clean(text), room) if room > 0 else ""
    return f"{shown}\n\n{marker}" if shown else marker


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, an ellipsis where something is missing."""
    return text if len(text) <= limit else text[: max(0, limit - 1)].rstrip() + "…"


def clean(text: str) -> str:
    """Without control characters and halves of characters, which no CRM stores."""
    return "".join(c for c in text if c in _KEEP or unicodedata.category(c) not in ("Cc", "Cs")).strip()


def one_line(text: str) -> str:
    return " ".join(clean(text).split())
