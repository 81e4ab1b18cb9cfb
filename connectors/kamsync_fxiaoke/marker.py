"""Find our marker in a schedule's text, and put it there.

Knows its form only, not what it means.
"""

from __future__ import annotations

import re
from typing import Any

START = "kam:"
_MARKER = re.compile(r"kam:R\d\d:[^\s:]+:[a-z2-7]{26}(?![A-Za-z0-9])")


def marker_in(content: Any) -> str | None:
    """The last marker in a text: ours is its last line, one that a person quotes stands above."""
    found = _MARKER.findall(content) if isinstance(content, str) else []
    return str(found[-1]) if found else None


def signed(subject: str, body: str, marker: str) -> str:
    """The text of a schedule: what to do, why, and the marker on the last line."""
    return "\n".join(part for part in (subject.strip(), body.strip(), marker) if part)
