"""The related lists of one record: its notes, tasks, calls, events, contacts, deals and so on.

A plain filter over the child module; no page tokens.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kamsync.testing.server import Answer, Call
from kamsync_zoho.sim.crm import Crm
from kamsync_zoho.sim.listing import asked_fields, page_size, pick, positive
from kamsync_zoho.sim.refusals import Refusal
from kamsync_zoho.sim.state import points_to


def list_related(crm: Crm, call: Call, module: str, id: str, name: str) -> Answer:
    """GET /{module}/{id}/{related_list}"""
    crm.charge(1)
    if name not in crm.org.modules:
        raise Refusal("INVALID_URL_PATTERN", status=404)
    if crm.org.row(id, module) is None:
        raise Refusal("INVALID_DATA", {"resource_path_index": 1})
    names, size, page = asked_fields(crm, call, name), page_size(call), positive(call, "page", 1)
    fields = crm.org.modules[name].fields.values()
    lookups = [field.name for field in fields if field.type == "lookup" and field.target in (None, module)]
    rows = crm.org.tables[name].rows.values()
    now = crm.now()
    found = [row for row in rows if row.visible <= now and hangs_on(row.body, lookups, id)]
    shown = found[(page - 1) * size : page * size]
    if not shown:
        return Answer(204)
    info = {"per_page": size, "count": len(shown), "page": page, "more_records": len(found) > page * size}
    return Answer(200, {"data": pick(shown, names), "info": info})


def hangs_on(body: Mapping[str, Any], lookups: list[str], id: str) -> bool:
    return any(points_to(body[name], id) for name in lookups)
