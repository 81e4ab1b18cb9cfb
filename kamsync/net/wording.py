"""What the door says instead of what a connector or a line said: with the place it came from, and what comes next.

Pure.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from kamsync.plugin import AuthExpired, KamsyncError, NotSent, Refused, Text, Unavailable

T = TypeVar("T")


def placed(said: Callable[[Text], Text], judge: Callable[[], T]) -> T:
    """Judge an answer; one that makes no sense is told with the place it came from."""
    try:
        return judge()
    except Unavailable as error:
        senseless = error
    raise Unavailable(said(senseless.text), next=senseless.next or "kamsync doctor")


def refused(expired: AuthExpired) -> Refused:
    return Refused(
        Text(f"CRM 不接受访问令牌:{expired.text.zh}", f"the CRM does not take our access token: {expired.text.en}"),
        code="auth",
        next="kamsync doctor",
    )


def not_sent(error: KamsyncError) -> NotSent:
    """Words and pause of what kept a write from happening."""
    return NotSent(error.text, after=getattr(error, "after", None), next=error.next)
