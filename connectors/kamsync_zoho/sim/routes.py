"""Which call is answered by what, with which scope and at what price: the table that `GET /__apis` shows.

Checks the path, the scope and the profile before anything else looks at the call.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from kamsync.testing.server import Answer, Call
from kamsync_zoho.sim import actions, bulk, channels, listing, metadata, query, related, tags, writing
from kamsync_zoho.sim.crm import Crm
from kamsync_zoho.sim.refusals import Refusal

BASE = "/crm/v8"
READ, CREATE, UPDATE, DELETE = (
    f"ZohoCRM.modules.{{module}}.{right}" for right in ("READ", "CREATE", "UPDATE", "DELETE")
)
SETTINGS = "ZohoCRM.settings."


@dataclass(frozen=True, slots=True)
class Route:
    """`path` with {names}; `credits`: least and most."""

    method: str
    path: str
    scopes: tuple[str, ...]
    credits: tuple[int, int]
    serve: Callable[..., Answer]

    def match(self, path: str) -> dict[str, str] | None:
        own = self.path if self.path.startswith("/crm/") else BASE + self.path
        found = re.fullmatch(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", own), path)
        return found.groupdict() if found else None


def show_apis(crm: Crm, call: Call) -> Answer:
    """GET /__apis"""
    crm.charge(1)
    shown = [
        {
            "path": route.path if route.path.startswith("/crm/") else BASE + route.path,
            "operation_types": [
                {
                    "method": route.method,
                    "oauth_scope": ",".join(route.scopes),
                    "min_credits": route.credits[0],
                    "max_credits": route.credits[1],
                }
            ],
        }
        for route in ROUTES
    ]
    return Answer(200, {"__apis": shown})


ONE = (1, 1)
TAGS = (SETTINGS + "tags.ALL", UPDATE)
# The first that matches counts: what is fixed stands before what is named.
ROUTES = (
    Route("GET", "/org", ("ZohoCRM.org.READ",), ONE, metadata.show_org),
    Route("GET", "/users", ("ZohoCRM.users.READ",), ONE, metadata.list_users),
    Route("GET", "/users/{id}", ("ZohoCRM.users.READ",), ONE, metadata.one_user),
    Route("GET", "/__apis", ("ZohoCRM.apis.READ",), ONE, show_apis),
    Route("GET", "/__limits", ("ZohoCRM.org.READ",), ONE, metadata.show_limits),
    Route("POST", "/coql", ("ZohoCRM.coql.READ",), (1, 3), query.serve),
    Route("POST", "/crm/bulk/v8/read", ("ZohoCRM.bulk.READ",), (50, 50), bulk.create),
    Route("GET", "/crm/bulk/v8/read/{id}", ("ZohoCRM.bulk.READ",), ONE, bulk.show),
    Route("GET", "/crm/bulk/v8/read/{id}/result", ("ZohoCRM.bulk.READ",), ONE, bulk.result),
    Route("POST", "/actions/watch", ("ZohoCRM.notifications.CREATE",), ONE, channels.subscribe),
    Route("PUT", "/actions/watch", ("ZohoCRM.notifications.UPDATE",), ONE, channels.subscribe),
    Route("PATCH", "/actions/watch", ("ZohoCRM.notifications.UPDATE",), ONE, channels.renew),
    Route("DELETE", "/actions/watch", ("ZohoCRM.notifications.DELETE",), ONE, channels.stop),
    Route("GET", "/settings/modules", (SETTINGS + "modules.READ",), ONE, metadata.list_modules),
    Route("GET", "/settings/modules/{name}", (SETTINGS + "modules.READ",), ONE, metadata.one_module),
    Route("GET", "/settings/fields", (SETTINGS + "fields.READ",), ONE, metadata.list_fields),
    Route("GET", "/settings/layouts", (SETTINGS + "layouts.READ",), ONE, metadata.list_layouts),
    Route("GET", "/settings/tags", (SETTINGS + "tags.READ",), ONE, tags.list_tags),
    Route("POST", "/settings/tags", (SETTINGS + "tags.CREATE",), ONE, tags.create_tags),
    Route("GET", "/{module}/deleted", (READ,), ONE, listing.deleted_records),
    Route("GET", "/{module}/actions/count", (READ, "ZohoSearch.securesearch.READ"), ONE, listing.count_records),
    Route("POST", "/{module}/{id}/actions/merge", (CREATE,), (50, 50), actions.merge),
    Route("POST", "/Leads/{id}/actions/convert", ("ZohoCRM.modules.leads.CREATE",), (5, 5), actions.convert),
    Route("POST", "/{module}/actions/add_tags", TAGS, (1, 10), tags.add_tags),
    Route("POST", "/{module}/actions/remove_tags", TAGS, (1, 10), tags.remove_tags),
    Route("POST", "/{module}/{id}/actions/add_tags", TAGS, ONE, tags.add_tags),
    Route("POST", "/{module}/{id}/actions/remove_tags", TAGS, ONE, tags.remove_tags),
    Route("POST", "/{module}/upsert", (CREATE, UPDATE), (1, 10), writing.upsert),
    Route("GET", "/{module}", (READ,), (1, 3), listing.list_records),
    Route("POST", "/{module}", (CREATE,), (1, 10), writing.insert),
    Route("PUT", "/{module}", (UPDATE,), (1, 10), writing.update),
    Route("DELETE", "/{module}", (DELETE,), ONE, writing.delete),
    Route("GET", "/{module}/{id}", (READ,), ONE, listing.one_record),
    Route("PUT", "/{module}/{id}", (UPDATE,), ONE, writing.update),
    Route("DELETE", "/{module}/{id}", (DELETE,), ONE, writing.delete),
    Route("GET", "/{module}/{id}/{name}", (READ,), ONE, related.list_related),
)


def answer(crm: Crm, call: Call) -> Answer:
    """The answer of the route that matches; a refusal says what is wrong with the address or the right to it."""
    fitting = [(route, found) for route in ROUTES if (found := route.match(call.path)) is not None]
    if not fitting:
        raise Refusal("INVALID_URL_PATTERN", status=404)
    chosen = next((each for each in fitting if each[0].method == call.method), None)
    if chosen is None:
        raise Refusal("INVALID_REQUEST_METHOD", status=405)
    route, names = chosen
    module = names.get("module")
    if module is not None and module not in crm.org.modules:
        raise Refusal("INVALID_MODULE", {"resource_path_index": 0})
    crm.allow(route.scopes, module)
    return route.serve(crm, call, **names)
