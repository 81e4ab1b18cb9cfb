"""How much the org may call: credits in rolling 24 hours, and calls at one time.

Counts by the tenant's clock; says 429 without telling which of the two it was, as Zoho does.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from kamsync_zoho.sim.knobs import Knobs
from kamsync_zoho.sim.refusals import Refusal

DAY = 24 * 3600.0


@dataclass
class Limits:
    """The credits ledger. `spent` is all that was ever charged, for figures."""

    knobs: Knobs
    now: Callable[[], float]
    ledger: deque[tuple[float, int]] = field(default_factory=deque)
    used: int = 0
    spent: int = 0

    def admit(self, in_flight: int, of_the_class: int = 0) -> None:
        """Refuses the call that is one too many at this moment, altogether or of the heavier class."""
        if in_flight > self.knobs.concurrency or of_the_class > self.knobs.sub_concurrency:
            raise Refusal("TOO_MANY_REQUESTS", status=429)

    def charge(self, credits: int) -> None:
        """Take credits for a call, or refuse it for good until some come back."""
        self.expire()
        if self.used + credits > self.knobs.credits:
            raise Refusal("TOO_MANY_REQUESTS", status=429)
        self.ledger.append((self.now(), credits))
        self.used += credits
        self.spent += credits

    def expire(self) -> None:
        """What was used 24 hours ago comes back."""
        before = self.now() - DAY
        while self.ledger and self.ledger[0][0] <= before:
            self.used -= self.ledger.popleft()[1]

    def headers(self) -> dict[str, str]:
        """The remainder, told only once half is gone."""
        if self.used * 2 < self.knobs.credits:
            return {}
        return {"X-API-CREDITS-REMAINING": str(max(0, self.knobs.credits - self.used))}
