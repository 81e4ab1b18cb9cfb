"""What can go wrong between kamsync and a CRM, each named for what happens next.

A connector raises these and nothing else on purpose; it never decides about retries itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kamsync.plugin.text import Text


class KamsyncError(Exception):
    """Something kamsync can explain; `next` is the command that helps."""

    exit_code = 1

    def __init__(self, text: Text, *, next: str | None = None) -> None:
        super().__init__(text.en)
        self.text = text
        self.next = next


class ConnectorError(KamsyncError):
    """A CRM or the way to it did not do as hoped."""

    exit_code = 7


class ConfigError(ConnectorError):
    """A setting is wrong; nothing helps but editing it."""

    exit_code = 2


class AuthExpired(ConnectorError):
    """The token is stale: `net` refreshes it once and repeats the call once."""

    exit_code = 8


class Throttled(ConnectorError):
    """Too many calls: wait `after` seconds (None: unknown) and go on."""

    exit_code = 8

    def __init__(self, text: Text, *, after: float | None = None, next: str | None = None) -> None:
        super().__init__(text, next=next)
        self.after = after


class QuotaSpent(Throttled):
    """The day's calls or credits are gone: reading stops until `after` seconds have passed."""


class Unavailable(ConnectorError):
    """No sensible answer came (network, gateway, HTML for JSON): reads are tried again."""


class TooLarge(Unavailable):
    """An answer is larger than is taken in, however often it is asked for: ask for fewer records at once."""


class Refused(ConnectorError):
    """The CRM understood and said no; repeating changes nothing.

    `code` is the CRM's own word, `details` what it points at; they are for the connector and never shown.
    """

    exit_code = 8

    def __init__(
        self, text: Text, *, code: str = "", next: str | None = None, details: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(text, next=next)
        self.code = code
        self.details: Mapping[str, Any] = details or {}


class BadRecord(ConnectorError):
    """One record cannot be read; it is quarantined alone and the page goes on."""


class CursorLost(ConnectorError):
    """The CRM no longer knows our place in a list: the window starts again from what has landed."""


class Truncated(ConnectorError):
    """A list is longer than the CRM will give: the window is halved."""


class NotSent(ConnectorError):
    """A call surely did nothing in the CRM: safe to send again, `after` seconds from now if that is known."""

    def __init__(self, text: Text, *, after: float | None = None, next: str | None = None) -> None:
        super().__init__(text, next=next)
        self.after = after
