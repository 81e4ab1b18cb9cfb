"""Notifications: channels that are subscribed, renewed and die silently, and what Zoho would post to them.

Posts nothing itself: whoever takes the calls delivers them, late, twice or not at all.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kamsync.testing.server import Answer, Call
from kamsync_zoho.sim.crm import Crm, aware, json_body
from kamsync_zoho.sim.refusals import Refusal, Result, batch_status, success
from kamsync_zoho.sim.state import Row

WEEK, HOUR = 7 * 24 * 3600.0, 3600.0


@dataclass(slots=True)
class Channel:
    id: str
    events: list[str]
    url: str
    token: str
    dies: float


def subscribe(crm: Crm, call: Call) -> Answer:
    """POST and PUT /actions/watch"""
    crm.charge(1)
    return each(crm, call, 201, lambda given: put(crm, given, None))


def renew(crm: Crm, call: Call) -> Answer:
    """PATCH /actions/watch: only what is still alive."""
    crm.charge(1)

    def again(given: Mapping[str, Any]) -> Result:
        old = crm.channels.get(str(given.get("channel_id")))
        if old is None or old.dies <= crm.now():
            raise Refusal("NOT_SUBSCRIBED", {"channel_id": given.get("channel_id")})
        return put(crm, given, old)

    return each(crm, call, 200, again)


def stop(crm: Crm, call: Call) -> Answer:
    """DELETE /actions/watch?channel_ids="""
    crm.charge(1)
    ids = call.query.get("channel_ids", "").split(",")
    gone = [id for id in ids if crm.channels.pop(id, None) is not None]
    return Answer(200, {"watch": [success("unsubscribed", {"channel_id": id}) for id in gone]})


def each(crm: Crm, call: Call, good: int, write: Any) -> Answer:
    listed = json_body(call).get("watch")
    if not isinstance(listed, list) or not listed:
        raise Refusal("MANDATORY_NOT_FOUND", {"api_name": "watch", "json_path": "$.watch"})
    results = []
    for given in listed:
        try:
            results.append(write(given))
        except Refusal as refusal:
            results.append(refusal.result())
    return Answer(batch_status(results, good), {"watch": results})


def put(crm: Crm, given: Mapping[str, Any], old: Channel | None) -> Result:
    id, events = str(given.get("channel_id") or ""), given.get("events") or (old.events if old else [])
    for event in events:
        if event.partition(".")[0] not in crm.org.modules:
            raise Refusal("INVALID_MODULE", {"api_name": "events"})
    if not id or not events or not given.get("notify_url"):
        raise Refusal("MANDATORY_NOT_FOUND", {"api_name": "channel_id"})
    wished = aware(given.get("channel_expiry"))
    now = crm.now()
    life = wished.timestamp() - now if wished else HOUR
    dies = now + (life if 0 < life <= WEEK else HOUR)
    crm.channels[id] = Channel(id, list(events), given["notify_url"], str(given.get("token") or ""), dies)
    told = [{"resource_name": event.partition(".")[0], "channel_id": id, "channel_expiry": crm.org.iso(dies)}
            for event in events]  # fmt: skip
    return success("Successfully subscribed for actions-watch of the given module", {"events": told})


def calls_for(crm: Crm, row: Row, operation: str) -> list[tuple[str, bytes]]:
    """What would be posted, and to which address, now that a record was inserted, updated or deleted."""
    word = {"insert": "create", "update": "edit", "delete": "delete"}[operation]
    return [
        (channel.url, json.dumps({
            "server_time": int(crm.now() * 1000), "module": row.module, "operation": operation, "ids": [row.id],
            "affected_fields": [], "query_params": {}, "channel_id": int(channel.id), "token": channel.token,
        }).encode())
        for channel in crm.channels.values()
        if channel.dies > crm.now() and {f"{row.module}.{word}", f"{row.module}.all"} & set(channel.events)
    ]  # fmt: skip
