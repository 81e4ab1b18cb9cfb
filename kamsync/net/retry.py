"""When a read is tried again, how long that waits, and when it ends: one policy for every connection.

Writes never come here.
"""

from __future__ import annotations

from datetime import datetime
from random import Random
from typing import Any

from tenacity import RetryCallState, Retrying, retry_if_exception

from kamsync.net.tokens import NoToken
from kamsync.plugin import Clock, QuotaSpent, Reply, Throttled, TooLarge, Unavailable, http_date

ATTEMPTS = 5
SECONDS = 120.0  # all tries of one read together
PATIENCE = 120.0  # a CRM that asks for a longer pause gets it from the schedule, not from a sleeping thread
LONGEST = 6 * 3600.0  # nobody's Retry-After is believed beyond this

FIRST, LATER = 0.5, 20.0  # a pause is at most so long: doubled each time, up to the longest


def retrying(clock: Clock, random: Random, attempts: int = ATTEMPTS, *, throttled: bool = True) -> Retrying:
    """The policy, ready to call one function once."""
    began = clock.monotonic()

    def over(state: RetryCallState) -> bool:
        return state.attempt_number >= attempts or clock.monotonic() - began >= SECONDS

    def worth(error: BaseException) -> bool:
        broken = isinstance(error, Unavailable) and not isinstance(error, NoToken | TooLarge)
        return broken or (throttled and is_brief(error))

    def pause(state: RetryCallState) -> float:
        error: Any = state.outcome.exception() if state.outcome else None
        backoff = random.uniform(0.0, min(LATER, FIRST * 2 ** (state.attempt_number - 1)))
        if isinstance(error, Throttled) and error.after is not None:
            return error.after + min(backoff, 1.0)
        return backoff

    return Retrying(retry=retry_if_exception(worth), stop=over, wait=pause, sleep=clock.sleep, reraise=True)


def is_brief(error: BaseException) -> bool:
    """A throttle short enough to sit out."""
    if not isinstance(error, Throttled) or isinstance(error, QuotaSpent):
        return False
    return (error.after or 0.0) <= PATIENCE


def retry_after(reply: Reply, now: datetime) -> float | None:
    """What Retry-After asks for, as seconds or as a date; None when there is none or it is nonsense."""
    said = reply.headers.get("retry-after", "").strip()
    if said.isdecimal() and said.isascii():
        return float(said[:12])
    date = http_date(said)
    return max(0.0, (date - now).total_seconds()) if date else None
