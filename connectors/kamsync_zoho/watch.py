"""Zoho's notifications: subscribe a channel, renew it, know a genuine call, and take it as a hint to poll.

They come unsigned, twice, late or not at all and stop without a word: nothing is believed of them but which module to
look at, and polling goes on regardless.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from kamsync.plugin import Http, Refused, Request, Secret, Text, stamp
from kamsync_zoho.shapes import Row, items, section, text_id
from kamsync_zoho.wire import API

PATH = f"{API}/actions/watch"
LONGEST = timedelta(days=7)  # Zoho gives one hour to whoever asks for more
_LOST = frozenset({"NOT_SUBSCRIBED", "INVALID_DATA", "RESOURCE_NOT_FOUND", "HTTP_404"})


@dataclass(frozen=True, slots=True)
class Channel:
    """A subscription as Zoho confirmed it."""

    id: str
    events: tuple[str, ...]
    url: str
    until: datetime

    def renew_at(self, since: datetime) -> datetime:
        """Half of its life: expiry is silent."""
        return since + (self.until - since) / 2


class Watch:
    """Channels of one organisation."""

    def __init__(self, http: Http, token: Secret) -> None:
        self._http = http
        self._token = token

    def subscribe(self, id: str, modules: Sequence[str], url: str) -> Channel:
        """A new channel for every change of these modules, as long as Zoho allows."""
        return self._ask("POST", id, tuple(f"{module}.all" for module in modules), url)

    def renew(self, channel: Channel) -> Channel:
        """A longer life; a channel that has died is subscribed anew."""
        try:
            return self._ask("PATCH", channel.id, channel.events, channel.url)
        except Refused as no:
            if no.code not in _LOST:
                raise
            return self._ask("POST", channel.id, channel.events, channel.url)

    def stop(self, channel: Channel) -> None:
        self._http.call(Request("DELETE", PATH, {"channel_ids": channel.id}, write=True))

    def _ask(self, method: str, id: str, events: tuple[str, ...], url: str) -> Channel:
        until = self._http.now().replace(microsecond=0) + LONGEST - timedelta(minutes=5)
        wish = {
            "channel_id": id,
            "events": list(events),
            "channel_expiry": until.isoformat(),
            "token": self._token.reveal(),
            "notify_url": url,
        }
        said = self._http.call(Request(method, PATH, json={"watch": [wish]}, write=True)).json()
        rows = items(said, "watch") if isinstance(said, Mapping) else []
        row: Row = rows[0] if rows and isinstance(rows[0], Mapping) else {}
        if str(row.get("code")) != "SUCCESS":
            code = str(row.get("code") or "")
            raise Refused(Text(f"Zoho 未接受订阅({code})", f"Zoho did not take the subscription ({code})"), code=code)
        return Channel(id, events, url, _until(row) or self._http.now() + timedelta(hours=1))


def _until(row: Row) -> datetime | None:
    """The soonest end that the answer tells: it may be sooner than was asked for."""
    told = items(section(row, "details"), "events")
    ends = [stamp(event.get("channel_expiry")) for event in told if isinstance(event, Mapping)]
    return min((end for end in ends if end is not None), default=None)


def hint(token: Secret | None, body: bytes) -> Sequence[str]:
    """The modules to poll sooner; none where the call is not Zoho's or tells none."""
    said = _said(body)
    given = said.get("token")
    if token is None or not isinstance(given, str):
        return ()
    if not hmac.compare_digest(given.encode(), token.reveal().encode()):
        return ()
    module = said.get("module")
    name = module.get("api_name") if isinstance(module, Mapping) else module
    return (name,) if isinstance(name, str) and name else ()


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
