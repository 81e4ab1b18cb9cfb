"""Reading records: lists in pages, one record, deletions, counts.

A page token is a place in the order, not a snapshot: rows that move while one pages are seen again or not at all,
as in the real thing. It is bound to the parameters of its walk and dies after a day.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from operator import itemgetter
from typing import Any

from kamsync.testing.server import Answer, Call
from kamsync_zoho.sim.crm import Crm, aware
from kamsync_zoho.sim.refusals import Refusal
from kamsync_zoho.sim.state import Gone, Key, Row, Table

MAX_PAGE = 200
MAX_FIELDS = 50


@dataclass(frozen=True, slots=True)
class Walk:
    """What one page continues: the order, from where, and how many rows came before."""

    sort_by: str
    descending: bool
    since: float | None
    after: Key | None = None
    served: int = 0


def list_records(crm: Crm, call: Call, module: str) -> Answer:
    """GET /{module}"""
    crm.charge(3 if "cvid" in call.query else 1)
    names = asked_fields(crm, call, module)
    size = page_size(call)
    if "ids" in call.query:
        return some_records(crm, call, module, names)
    if "page" in call.query and "page_token" in call.query:
        raise Refusal("AMBIGUITY_DURING_PROCESSING", {"param_names": ["page", "page_token"]})
    token = call.query.get("page_token")
    walk = first_walk(call) if token is None else resume(crm, call, token)
    page = 1 if token is None else walk.served // size + 1
    skip = 0
    if token is None:
        page = positive(call, "page", 1)
        skip = (page - 1) * size
        if skip + size > crm.knobs.wall and page > 1:
            raise Refusal("DISCRETE_PAGINATION_LIMIT_EXCEEDED", {"limit": crm.knobs.wall})
    if walk.served >= crm.knobs.ceiling:
        raise Refusal("PAGINATION_LIMIT_EXCEEDED", {"limit": crm.knobs.ceiling})
    found = filter(converted_as_asked(call), in_order(crm, crm.org.tables[module], walk))
    rows = list(islice(found, skip, skip + size + 1))
    if not rows:
        return Answer(304 if walk.since is not None and page == 1 else 204)
    return Answer(200, page_body(crm, call, rows, size, names, walk, page, skip))


def page_body(
    crm: Crm, call: Call, rows: Sequence[Row], size: int, names: Sequence[str], walk: Walk, page: int, skip: int
) -> dict[str, Any]:
    more, shown = len(rows) > size, rows[:size]
    expires = crm.now() + crm.knobs.page_token_ttl
    served = walk.served + skip + len(shown)
    token = make_token(call, walk, place(walk, shown[-1]), served, expires) if more else None
    info = {
        "call": False,
        "per_page": size,
        "count": len(shown),
        "page": page,
        "sort_by": walk.sort_by,
        "sort_order": "desc" if walk.descending else "asc",
        "next_page_token": token,
        "previous_page_token": None,
        "page_token_expiry": crm.org.iso(expires) if token else None,
        "email": False,
        "more_records": more,
    }
    return {"data": pick(shown, names), "info": info}


def pick(rows: Sequence[Row], names: Sequence[str]) -> list[dict[str, Any]]:
    """The rows with just these fields and the id."""
    keys = ("id", *(name for name in names if name != "id"))
    values = itemgetter(*keys)
    return [dict(zip(keys, values(row.body), strict=True)) for row in rows]


def in_order(crm: Crm, table: Table, walk: Walk) -> Iterator[Row]:
    """The rows after the walk's place that this caller may see by now."""
    order, rows, now = table.orders[walk.sort_by], table.rows, crm.now()
    since = walk.since if walk.since is not None else float("-inf")
    if walk.descending:
        end = len(order) if walk.after is None else bisect_left(order, walk.after)
        places = range(end - 1, -1, -1)
    else:
        start = 0 if walk.after is None else bisect_right(order, walk.after)
        if walk.sort_by == "Modified_Time" and walk.since is not None:
            start = max(start, bisect_left(order, (int(-(-walk.since // 1)), 0)))
        places = range(start, len(order))
    for index in places:
        row = rows[order[index][1]]
        if row.modified >= since and row.visible <= now:
            yield row


def converted_as_asked(call: Call) -> Callable[[Row], bool]:
    """Converted leads are hidden unless they are asked for."""
    asked = call.query.get("converted", "false")
    if asked == "both":
        return lambda row: True
    return lambda row: bool(row.body.get("Converted__s")) == (asked == "true")


def place(walk: Walk, row: Row) -> Key:
    at = {"id": row.num, "Created_Time": row.created, "Modified_Time": row.modified}[walk.sort_by]
    return at, row.num


# ---- parameters


def asked_fields(crm: Crm, call: Call, module: str) -> list[str]:
    """The fields to show. Unknown names are left out, as Zoho does; `id` alone is refused."""
    text = call.query.get("fields", "")
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        raise Refusal("REQUIRED_PARAM_MISSING", {"param_name": "fields"})
    if len(names) > MAX_FIELDS or len(text) > crm.knobs.param_chars:
        limit = MAX_FIELDS if len(names) > MAX_FIELDS else crm.knobs.param_chars
        raise Refusal("LIMIT_EXCEEDED", {"param_name": "fields", "limit": limit})
    shown = set(crm.org.fields(module))
    known = [name for name in dict.fromkeys(names) if name in shown]
    if not known:
        raise Refusal("INVALID_DATA", {"param_name": "fields"})
    return known


def page_size(call: Call) -> int:
    size = positive(call, "per_page", MAX_PAGE)
    if size > MAX_PAGE:
        raise Refusal("INVALID_DATA", {"param_name": "per_page", "maximum_value": MAX_PAGE})
    return size


def positive(call: Call, name: str, default: int) -> int:
    text = call.query.get(name, str(default))
    if not text.isdigit() or int(text) < 1:
        raise Refusal("INVALID_DATA", {"param_name": name, "expected_data_type": "integer"})
    return int(text)


def since_of(call: Call) -> float | None:
    """The If-Modified-Since header; what is not a time with an offset is refused."""
    text = call.headers.get("if-modified-since")
    if text is None:
        return None
    return epoch(text, "If-Modified-Since")


def epoch(text: str, name: str) -> float:
    moment = aware(text)
    if moment is None:
        raise Refusal("INVALID_DATA", {"param_name": name, "expected_data_type": "datetime"})
    return moment.timestamp()


def first_walk(call: Call) -> Walk:
    sort_by, order = call.query.get("sort_by", "id"), call.query.get("sort_order", "desc")
    if sort_by not in ("id", "Created_Time", "Modified_Time"):
        raise Refusal("INVALID_DATA", {"param_name": "sort_by"})
    if order not in ("asc", "desc"):
        raise Refusal("INVALID_DATA", {"param_name": "sort_order"})
    return Walk(sort_by, order == "desc", since_of(call))


# ---- page tokens


def binding(call: Call) -> str:
    """A digest of everything a token is bound to: any parameter but the page, and the header."""
    bound = sorted((name, value) for name, value in call.query.items() if name not in ("page", "page_token"))
    return sha256(json.dumps([call.path, bound, call.headers.get("if-modified-since")]).encode()).hexdigest()[:24]


def make_token(call: Call, walk: Walk, after: Key, served: int, expires: float) -> str:
    parts = [binding(call), *after, served, int(expires)]
    return urlsafe_b64encode(json.dumps(parts, separators=(",", ":")).encode()).decode()


def resume(crm: Crm, call: Call, token: str) -> Walk:
    """The walk that a token continues; refuses one that is forged, old or used with other parameters."""
    try:
        bound, at, num, served, expires = json.loads(urlsafe_b64decode(token))
    except (ValueError, TypeError):
        raise Refusal("TOKEN_BOUND_DATA_MISMATCH", {"param_name": "page_token"}) from None
    if crm.now() >= expires:
        raise Refusal("EXPIRED_VALUE", {"api_name": "page_token", "json_path": "$.query.page_token"})
    if bound != binding(call):
        raise Refusal("TOKEN_BOUND_DATA_MISMATCH", {"param_name": "page_token"})
    start = first_walk(call)
    return Walk(start.sort_by, start.descending, start.since, (at, num), served)


# ---- the other reads


def some_records(crm: Crm, call: Call, module: str, names: Sequence[str]) -> Answer:
    """GET /{module}?ids="""
    text = call.query["ids"]
    if len(text) > crm.knobs.param_chars:
        raise Refusal("LIMIT_EXCEEDED", {"param_name": "ids", "limit": crm.knobs.param_chars})
    found = [row for id in dict.fromkeys(text.split(",")) if (row := crm.org.row(id.strip(), module))]
    if not found:
        return Answer(204)
    info = {"per_page": MAX_PAGE, "count": len(found), "page": 1, "more_records": False, "next_page_token": None}
    return Answer(200, {"data": pick(found, names), "info": info})


def one_record(crm: Crm, call: Call, module: str, id: str) -> Answer:
    """GET /{module}/{id}: every field, at once, whatever the lists show by now."""
    crm.charge(1)
    row = crm.org.row(id, module)
    if row is None:
        return Answer(204)
    names = asked_fields(crm, call, module) if "fields" in call.query else crm.org.fields(module)
    (body,) = pick([row], names)
    return Answer(200, {"data": [{**body, "$approval_state": "approved", "$editable": True}]})


def count_records(crm: Crm, call: Call, module: str) -> Answer:
    """GET /{module}/actions/count"""
    crm.charge(1)
    now = crm.now()
    return Answer(200, {"count": str(sum(row.visible <= now for row in crm.org.tables[module].rows.values()))})


def deleted_records(crm: Crm, call: Call, module: str) -> Answer:
    """GET /{module}/deleted: newest first, as far back as the list reaches. No page tokens here."""
    crm.charge(1)
    kind, since = call.query.get("type", "all"), since_of(call)
    if kind not in ("all", "recycle", "permanent"):
        raise Refusal("INVALID_DATA", {"param_name": "type"})
    size, page = page_size(call), positive(call, "page", 1)
    if page > 1 and page * size > crm.knobs.wall:
        raise Refusal("DISCRETE_PAGINATION_LIMIT_EXCEEDED", {"limit": crm.knobs.wall})
    oldest = max(crm.now() - crm.knobs.deleted_reach_days * 86_400, since if since is not None else 0)
    gone = [each for each in crm.org.tables[module].gone if each.at >= oldest and kind in ("all", each.kind)]
    gone.sort(key=lambda each: (-each.at, each.id))
    shown = gone[(page - 1) * size : page * size]
    if not shown:
        return Answer(204)
    info = {"per_page": size, "count": len(shown), "page": page, "more_records": len(gone) > page * size}
    return Answer(200, {"data": [deleted(crm, each) for each in shown], "info": info})


def deleted(crm: Crm, gone: Gone) -> dict[str, Any]:
    return {
        "id": gone.id,
        "display_name": gone.name,
        "type": gone.kind,
        "deleted_time": crm.org.iso(gone.at),
        "deleted_by": crm.org.user_ref(gone.by),
        "created_by": gone.row.body["Created_By"] if gone.row else None,
    }
