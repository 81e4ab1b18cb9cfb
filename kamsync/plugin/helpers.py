"""Small things every connector needs: cutting into batches, reading stamps, units told by a label.

Pure: no CRM is known here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TypeVar

from kamsync.plugin.values import Window

T = TypeVar("T")

SCALES = {"亿": 100_000_000, "百万": 1_000_000, "万": 10_000, "千": 1_000}
UNIT = re.compile(
    r"[(\uff08\[【/·_\s-]\s*(?:单位\s*[:\uff1a]?\s*)?(亿|百万|万|千元)\s*(?:元|人民币|RMB|CNY)?\s*[)\uff09\]】]?\s*$",
    re.IGNORECASE,
)
BARE_UNIT = re.compile(r"(亿|百万|万|千)元$")


def batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """The items in runs of at most `size`, in order."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def halve(window: Window) -> tuple[Window, Window]:
    """The two halves of a closed window, cut on a whole second; the second half is the later."""
    if window.lo is None:
        raise ValueError("a window without a beginning cannot be halved")
    middle = window.lo + timedelta(seconds=int((window.hi - window.lo).total_seconds() / 2))
    return (
        Window(window.lo, middle, window.want, window.slice),
        Window(middle, window.hi, window.want, window.slice),
    )


def joined(parts: Sequence[str]) -> str:
    """Several values as one id that no other values make; one value stays as it is."""
    if len(parts) == 1:
        return parts[0]
    return "|".join(part.replace("\\", "\\\\").replace("|", "\\|") for part in parts)


def stamp(text: object) -> datetime | None:
    """An ISO 8601 text with an offset (or Z) as an aware UTC datetime; None when it is not one."""
    if not isinstance(text, str):
        return None
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return None
    return read.astimezone(UTC) if read.tzinfo else None


def http_date(text: str | None) -> datetime | None:
    """The Date header of an answer as an aware UTC datetime."""
    if not text:
        return None
    try:
        return parsedate_to_datetime(text).astimezone(UTC)
    except (ValueError, TypeError):
        return None


def scale_of(label: str) -> int:
    """In which unit a field counts, where its label ends in one: 年采购额(万元) counts in ten thousands."""
    found = UNIT.search(label) or BARE_UNIT.search(label)
    return SCALES[found[1].removesuffix("元")] if found else 1
