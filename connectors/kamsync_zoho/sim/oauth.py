"""Who may call: the token endpoint, the tokens it gave, and the scopes they carry.

Answers errors at HTTP 200 as the accounts server does; only the mint throttle is a 400.
"""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from kamsync.testing.server import Answer, Call
from kamsync_zoho.sim.knobs import Knobs
from kamsync_zoho.sim.refusals import Refusal

CLIENT_ID = "1000.SIMULATEDCLIENT"
CLIENT_SECRET = "simulated-secret"
REFRESH_TOKEN = "1000.simulated.refresh"
MINT_WINDOW = 600.0
SCHEME = "zoho-oauthtoken "


@dataclass
class OAuth:
    """Tokens issued and mints made, by the tenant's clock (epoch seconds)."""

    knobs: Knobs
    now: Callable[[], float]
    api_domain: Callable[[], str]
    tokens: dict[str, float] = field(default_factory=dict)  # access token -> when it dies, oldest first
    mints: deque[float] = field(default_factory=deque)

    def serve(self, call: Call) -> Answer:
        """POST /oauth/v2/token, parameters in the query or the form."""
        if call.method != "POST":
            return Answer(405, "<html><body>Method Not Allowed</body></html>")
        given = {**call.query, **call.form()}
        if given.get("client_id") != CLIENT_ID:
            return Answer(200, {"error": "invalid_client"})
        if given.get("client_secret") != CLIENT_SECRET:
            return Answer(200, {"error": "invalid_client_secret"})
        if given.get("grant_type") != "refresh_token" or given.get("refresh_token") != REFRESH_TOKEN:
            return Answer(200, {"error": "invalid_code"})
        return self._mint()

    def _mint(self) -> Answer:
        now = self.now()
        while self.mints and self.mints[0] <= now - MINT_WINDOW:
            self.mints.popleft()
        if len(self.mints) >= self.knobs.mint_limit:
            text = "You have made too many requests continuously. Please try again after some time."
            error = {"error": self.knobs.throttle_word, "error_description": text, "status": "failure"}
            return Answer(400, error)
        self.mints.append(now)
        token = f"1000.{secrets.token_hex(16)}.{secrets.token_hex(16)}"
        self.tokens[token] = now + self.knobs.token_ttl
        while len(self.tokens) > self.knobs.active_tokens:
            del self.tokens[next(iter(self.tokens))]
        body = {
            "access_token": token,
            "scope": " ".join(self.knobs.scopes),
            "api_domain": self.knobs.api_domain or self.api_domain(),
            "token_type": "Bearer",
            "expires_in": int(self.knobs.token_ttl),
        }
        return Answer(200, body)

    def check(self, call: Call) -> float:
        """When the call's token dies; refuses a call without a live one."""
        header = call.headers.get("authorization", "")
        if not header.lower().startswith(SCHEME):
            raise Refusal("AUTHENTICATION_FAILURE", status=401)
        dies = self.tokens.get(header[len(SCHEME) :].strip())
        if dies is None or dies <= self.now():
            raise Refusal("INVALID_TOKEN", status=401)
        return dies

    def allow(self, needed: Iterable[str]) -> None:
        """Refuses when one of the needed scopes was not granted."""
        if not all(any(covers(granted, scope) for granted in self.knobs.scopes) for scope in needed):
            raise Refusal("OAUTH_SCOPE_MISMATCH", status=401)


def covers(granted: str, needed: str) -> bool:
    """Is the needed right part of the granted one: the same group or one inside it, the same operation or ALL."""
    group, _, operation = granted.rpartition(".")
    want, _, right = needed.rpartition(".")
    inside = want == group or want.startswith(group + ".")
    writes = operation == "WRITE" and right in ("CREATE", "UPDATE", "DELETE")
    return inside and (operation in ("ALL", right) or writes)
