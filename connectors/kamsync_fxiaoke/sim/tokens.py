"""Who may call: the mint of access tokens, its two doors and its rules of age and pace.

One app, one enterprise. Keeps no secret beyond those it was built with.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from kamsync_fxiaoke.sim.envelope import APP_WRONG, BUSY, CODE_WRONG, TOKEN_PARAMETER, TOO_OFTEN, Problem, trace


class Pace(Protocol):
    """The limits of the mint; seconds and counts."""

    token_life: int
    token_same: int
    mints_per_minute: int


@dataclass(frozen=True, slots=True)
class App:
    """What the app console shows, and the enterprise it is installed in."""

    app_id: str = "FSAID_51a0c001"
    app_secret: str = "5f2d0b7c9e814a36b1c8d7e2f0a39465"
    permanent_code: str = "8C41D0E7B2A95F36C0D1E8F7A4B29365"
    ea: str = "sim01"
    aes_key: str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
    corp_id: str = "FSCID_7D10C0DE55AA00112233445566778899"


class Tokens:
    """The mint. `seconds`: how long one mint takes; a second one meanwhile is refused."""

    def __init__(self, app: App, now: Callable[[], datetime], seconds: float, pace: Pace) -> None:
        self.app = app
        self.now = now
        self.seconds = seconds
        self.pace = pace
        self.minted = 0  # tokens really made, not answers given
        self.concurrent = 0  # calls refused because another was under way
        self._issued: list[tuple[str, float]] = []
        self._asked: deque[float] = deque()
        self._busy = threading.Lock()

    def current(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """POST /oauth2.0/token."""
        if body.get("grantType") != "app_secret":
            raise Problem(TOKEN_PARAMETER, "the parameter grantType is missing or illegal")
        token, left = self._mint(body)
        return {
            "traceId": trace(), "errorCode": 0, "errorMessage": "success", "accessToken": token, "expiresIn": left,
            "appId": self.app.app_id, "ea": self.app.ea, "openUserId": self.app.corp_id,
        }  # fmt: skip

    def legacy(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """POST /cgi/corpAccessToken/get/V2."""
        token, left = self._mint(body)
        return {
            "errorCode": 0, "errorMessage": "success", "corpAccessToken": token,
            "corpId": self.app.corp_id, "expiresIn": left,
        }  # fmt: skip

    def valid(self, token: str) -> bool:
        age = self.now().timestamp() - self.pace.token_life
        return any(known == token and at > age for known, at in self._issued)

    def kill(self) -> None:
        """Every token issued so far is dead."""
        self._issued.clear()

    def dump(self) -> dict[str, Any]:
        issued = [list(pair) for pair in self._issued]
        return {"minted": self.minted, "issued": issued, "asked": list(self._asked)}

    def load(self, state: Mapping[str, Any]) -> None:
        self.minted = int(state["minted"])
        self._issued = [(str(token), float(at)) for token, at in state["issued"]]
        self._asked = deque(state.get("asked", ()))

    def _mint(self, body: Mapping[str, Any]) -> tuple[str, int]:
        if not self._busy.acquire(blocking=False):
            self.concurrent += 1
            raise Problem(BUSY, "system busy: another token request is being handled")
        try:
            time.sleep(self.seconds)
            self._pace()
            self._prove(body)
            return self._token()
        finally:
            self._busy.release()

    def _pace(self) -> None:
        now = self.now().timestamp()
        while self._asked and self._asked[0] <= now - 60:
            self._asked.popleft()
        if len(self._asked) >= self.pace.mints_per_minute:
            raise Problem(TOO_OFTEN, f"the token interface is limited to {self.pace.mints_per_minute} calls a minute")
        self._asked.append(now)

    def _prove(self, body: Mapping[str, Any]) -> None:
        if body.get("appId") != self.app.app_id:
            raise Problem(APP_WRONG, "the parameter appId is missing or illegal")
        if body.get("appSecret") != self.app.app_secret:
            raise Problem(TOKEN_PARAMETER, "the parameter appSecret is missing or illegal")
        if body.get("permanentCode") != self.app.permanent_code:
            raise Problem(CODE_WRONG, "the parameter permanentCode is missing or illegal")

    def _token(self) -> tuple[str, int]:
        """The newest token while it is young, else a new one; the old one lives on to its end."""
        now, life = self.now().timestamp(), self.pace.token_life
        self._issued = [(token, at) for token, at in self._issued if at > now - life]
        if self._issued and now - self._issued[-1][1] < self.pace.token_same:
            token, at = self._issued[-1]
            return token, int(life - (now - at))
        self.minted += 1
        digest = hashlib.sha256(f"{self.app.app_secret}:{self.minted}".encode()).hexdigest()
        self._issued.append((digest[:32].upper(), now))
        return self._issued[-1][0], life
