"""Zoho's notifications: keep a channel alive, know a genuine call, and take it as a hint to poll.

They come unsigned, twice, late or not at all and stop without a word: nothing is believed of them but which module to
look at, and polling goes on regardless.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from kamsync.plugin import ConfigError, Hint, Http, Refused, Request, Secret, Text, stamp
from kamsync_zoho.shapes import Row, items, section, text_id
from kamsync_zoho.wire import API

PATH = f"{API}/actions/watch"
LONGEST = timedelta(days=7)  # Zoho gives one hour to whoever asks for more
LONGEST_TOKEN = 50  # characters
_LOST = frozenset({"NOT_SUBSCRIBED", "INVALID_DATA", "RESOURCE_NOT_FOUND"})
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Watch:
    """The channel that leads to one address. Its number follows from the address, so that nobody need remember it.

    What is asked here changes no record and may be asked twice: to the door these calls are reads.
    """

    def __init__(self, http: Http, token: Secret | None) -> None:
        self._http = http
        self._token = token

    def keep(self, url: str, modules: Sequence[str]) -> datetime:
        """Every change of these modules, as long as Zoho allows; a channel that has died is subscribed anew."""
        try:
            return self._ask("PATCH", url, modules)
        except Refused as no:
            if no.code not in _LOST:
                raise
            return self._ask("POST", url, modules)

    def stop(self, url: str) -> None:
        try:
            self._http.call(Request("DELETE", PATH, {"channel_ids": channel(url)}))
        except Refused as no:
            if no.code not in _LOST:
                raise

    def _ask(self, method: str, url: str, modules: Sequence[str]) -> datetime:
        until = self._http.now().replace(microsecond=0) + LONGEST - timedelta(minutes=5)
        wish = {
            "channel_id": channel(url),
            "events": [f"{module}.all" for module in modules],
            "channel_expiry": until.isoformat(),
            "token": _checked(self._token),
            "notify_url": url,
        }
        said = self._http.call(Request(method, PATH, json={"watch": [wish]})).json()
        rows = items(said, "watch") if isinstance(said, Mapping) else []
        row: Row = rows[0] if rows and isinstance(rows[0], Mapping) else {}
        if str(row.get("code")) != "SUCCESS":
            code = str(row.get("code") or "")
            raise Refused(Text(f"Zoho 未接受订阅({code})", f"Zoho did not take the subscription ({code})"), code=code)
        return _until(row) or self._http.now() + timedelta(hours=1)


def channel(url: str) -> str:
    """A number of our own that fits 64 bits."""
    return str(int(hashlib.sha256(url.encode()).hexdigest()[:15], 16))


def _checked(token: Secret | None) -> str:
    text = _set(token).reveal()
    if len(text) > LONGEST_TOKEN:
        raise ConfigError(
            Text(f"notify_token 最长 {LONGEST_TOKEN} 个字符", f"notify_token has at most {LONGEST_TOKEN} characters"),
            next="kamsync doctor",
        )
    return text


def _set(token: Secret | None) -> Secret:
    if token is None:
        raise ConfigError(
            Text("没有配置 notify_token,不信任何变更通知", "notify_token is not set: no notification is believed"),
            next="kamsync doctor",
        )
    return token


def _until(row: Row) -> datetime | None:
    """The soonest end that the answer tells: it may be sooner than was asked for."""
    told = items(section(row, "details"), "events")
    ends = [stamp(event.get("channel_expiry")) for event in told if isinstance(event, Mapping)]
    return min((end for end in ends if end is not None), default=None)


def hint(token: Secret | None, body: bytes) -> Hint:
    """The module to poll sooner; Refused where the call does not carry our token."""
    wanted, said = _set(token).reveal(), _said(body)
    given = said.get("token")
    if not isinstance(given, str) or not hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode()):
        raise Refused(Text("通知没有带我们的口令", "the notification does not carry our token"), code="token")
    module = said.get("module")
    name = module.get("api_name") if isinstance(module, Mapping) else module
    return Hint((name,) if isinstance(name, str) and name else (), _id(said), _sent(said))


def _id(said: Mapping[str, Any]) -> str:
    """Zoho numbers nothing: what a notification says is its name, as long as it says when."""
    if _sent(said) is None:
        return ""
    parts = [said.get(name) for name in ("server_time", "channel_id", "module", "operation", "ids")]
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def _sent(said: Mapping[str, Any]) -> datetime | None:
    """Epoch milliseconds as an instant; None where none are told."""
    millis = said.get("server_time")
    if isinstance(millis, bool) or not isinstance(millis, int):
        return None
    try:
        return _EPOCH + timedelta(milliseconds=millis)
    except OverflowError:
        return None


def ids(body: bytes) -> tuple[str, ...]:
    """The ids a call names, as text: they are longer than a float is exact."""
    listed = _said(body).get("ids")
    return tuple(id for each in listed if (id := text_id(each))) if isinstance(listed, list) else ()


def _said(body: bytes) -> Mapping[str, Any]:
    try:
        read = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return read if isinstance(read, Mapping) else {}
