"""What every answer of the simulated CRM may use: the org, the knobs, the clock, the limits.

Holds them together; decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from kamsync.testing.server import Call
from kamsync_zoho.sim.knobs import Knobs
from kamsync_zoho.sim.limits import Limits
from kamsync_zoho.sim.oauth import OAuth
from kamsync_zoho.sim.refusals import Refusal
from kamsync_zoho.sim.state import Org

if TYPE_CHECKING:
    from kamsync_zoho.sim.bulk import Bulk
    from kamsync_zoho.sim.channels import Channel


@dataclass
class Crm:
    """One tenant. `us`: the integration user; `admin`: who does what a test's person does."""

    org: Org
    knobs: Knobs
    now: Callable[[], float]  # epoch seconds
    limits: Limits
    oauth: OAuth
    us: str
    admin: str
    workflows_fired: int = 0
    bulk: Bulk = field(init=False)
    channels: dict[str, Channel] = field(default_factory=dict)

    def charge(self, credits: int) -> None:
        self.limits.charge(credits)

    def allow(self, scopes: Iterable[str], module: str | None = None) -> None:
        """Refuses what the token's scopes or the profile do not cover. `{module}` in a scope is the module's part."""
        segment = "custom" if module and self.org.modules[module].custom else (module or "").lower()
        self.oauth.allow(scope.format(module=segment) for scope in scopes)
        if module in self.knobs.unreadable:
            raise Refusal("NO_PERMISSION", {"permissions": [f"Crm_Implied_View_{module}"]}, status=403)


def aware(text: Any) -> datetime | None:
    """A time with an offset, or None for anything else."""
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo else None


def is_date(text: Any) -> bool:
    try:
        return bool(date.fromisoformat(text).isoformat() == text)
    except (TypeError, ValueError):
        return False


def json_body(call: Call) -> dict[str, Any]:
    """The call's JSON object; anything else is refused."""
    try:
        body = call.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Refusal("UNABLE_TO_PARSE_DATA_TYPE")
    return body


def batches(count: int, size: int) -> int:
    """Credits for `count` records at one a started batch of `size`."""
    return max(1, -(-count // size))
