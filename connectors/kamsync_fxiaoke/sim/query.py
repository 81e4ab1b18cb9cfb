"""Reading rows: query, findSimple, findOne and get, with paging, order, totals and what the asker may see.

Queries read the index, which may lag; get reads the store.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from kamsync_fxiaoke.sim.crm import Asked, Crm
from kamsync_fxiaoke.sim.envelope import NO_OBJECT, OFFSET, Problem, business, missing, no_row, ok
from kamsync_fxiaoke.sim.fields import Described
from kamsync_fxiaoke.sim.filters import Filter, Test, compiled
from kamsync_fxiaoke.sim.find import STAMP, Order, candidates
from kamsync_fxiaoke.sim.rows import Index, Row
from kamsync_fxiaoke.sim.shape import Shape

MOST_OFFSET = 10_000
USUAL_LIMIT = 20


@dataclass(frozen=True, slots=True)
class Search:
    """A query, understood."""

    described: Described
    filters: Sequence[Filter]
    orders: Sequence[Order]
    limit: int
    offset: int
    only: Sequence[str] | None
    total: bool


def query(crm: Crm, asked: Asked) -> dict[str, Any]:
    """…/data/query."""
    info = asked.data.get("search_query_info")
    described = named(crm, asked)
    search = _search(crm, asked, described, info.get("fieldProjection") if isinstance(info, Mapping) else None)
    rows, total = _find(crm, asked, search)
    answer = {
        "dataList": _shown(crm, asked, search, rows, total), "total": total,
        "offset": search.offset, "limit": search.limit,
    }  # fmt: skip
    if described.custom and crm.knobs.custom_list == "top":
        return ok(**answer)
    return ok(data=answer)


def find_simple(crm: Crm, asked: Asked) -> dict[str, Any]:
    """…/custom/v2/data/findSimple: the same search for any object, with another projection parameter."""
    search = _simple(crm, asked)
    rows, total = _find(crm, asked, search)
    return ok(data={"dataList": _shown(crm, asked, search, rows, total), "total": total})


def find_one(crm: Crm, asked: Asked) -> dict[str, Any]:
    """…/custom/v2/data/findOne: the first match of any object, or nothing."""
    search = _simple(crm, asked)
    rows, total = _find(crm, asked, search)
    shown = _shown(crm, asked, search, rows[:1], total)
    return ok(data={"objectData": shown[0] if shown else None})


def get(crm: Crm, asked: Asked) -> dict[str, Any]:
    """…/data/get: one row, fresh, invalid ones too."""
    described = named(crm, asked)
    id = asked.data.get("objectDataId")
    if not isinstance(id, str) or not id:
        raise missing("objectDataId")
    row = crm.row(described.name, id)
    hidden = described.name == "PersonnelObj" and not crm.knobs.personnel_visible
    if hidden or not crm.sees(asked.actor, row):
        raise no_row(described.name, id)
    nulls = asked.body.get("includeNull") is True
    return ok(data=Shape(crm, described.name, nulls=nulls, open_ids=asked.open_ids).show(row))


def named(crm: Crm, asked: Asked) -> Described:
    """The object that the call names, on a path that serves it."""
    described = crm.described(asked.data.get("dataObjectApiName"))
    if crm.knobs.strict_paths and described.custom != asked.custom:
        raise business(NO_OBJECT, f"the object {described.name} is not served by this interface")
    return described


# ---- understanding


def _simple(crm: Crm, asked: Asked) -> Search:
    described = crm.described(asked.data.get("dataObjectApiName"))
    return _search(crm, asked, described, asked.data.get("field_projection"))


def _search(crm: Crm, asked: Asked, described: Described, only: Any) -> Search:
    info = asked.data.get("search_query_info")
    if not isinstance(info, Mapping):
        raise missing("search_query_info")
    limit, offset = _count(info, "limit", USUAL_LIMIT), _count(info, "offset", 0)
    if limit < 1 or offset < 0:
        raise missing("limit or offset")
    if offset > MOST_OFFSET:
        raise Problem(OFFSET, f"the parameter offset must not exceed {MOST_OFFSET}")
    filters = compiled(described, crm.people, info.get("filters"))
    orders = _orders(described, info.get("orders"))
    limit = min(limit, crm.knobs.max_limit)
    return Search(described, filters, orders, limit, offset, _names(only), _wants_total(crm, asked))


def _count(info: Mapping[str, Any], name: str, usual: int) -> int:
    try:
        return int(info.get(name, usual))
    except (TypeError, ValueError):
        raise missing(name) from None


def _names(given: Any) -> Sequence[str] | None:
    return [str(name) for name in given] if isinstance(given, list) and given else None


def _orders(described: Described, given: Any) -> Sequence[Order]:
    """Camel case here, unlike in filters; newest change first if nothing is said."""
    if not given:
        return ((STAMP, False),)
    if not isinstance(given, list) or not all(isinstance(one, Mapping) for one in given):
        raise missing("orders")
    orders = [(str(one.get("fieldName")), one.get("isAsc") is True) for one in given]
    for name, _ in orders:
        if name not in described.fields:
            raise missing(f"orders.fieldName ({name})")
    return orders


def _wants_total(crm: Crm, asked: Asked) -> bool:
    """Three flags say so in three places; any of them may decline."""
    if asked.data.get("find_explicit_total_num") is False or asked.body.get("need_return_count_num") is False:
        return False
    return asked.body.get("returnTotalNum") != 3 and crm.knobs.totals


# ---- finding


def _find(crm: Crm, asked: Asked, search: Search) -> tuple[list[Row], int]:
    """The page's rows, and how many there are in all (0 if nobody asked)."""
    index = crm.tables[search.described.name].index()
    found = candidates(index, search.described, search.filters, search.orders)
    tests = [*found.tests, *_admission(crm, asked, search, index)]
    end = search.offset + search.limit
    if not tests:
        return list(islice(found.rows, search.offset, end)), found.count if search.total else 0
    page: list[Row] = []
    seen = 0
    for row in found.rows:
        if not all(test(row) for test in tests):
            continue
        if search.offset <= seen < end:
            page.append(row)
        seen += 1
        if seen >= end and not search.total:
            break
    return page, seen if search.total else 0


def _admission(crm: Crm, asked: Asked, search: Search, index: Index) -> list[Test]:
    """What hides rows without a word: the recycle bin, another's ownership, directory rights."""
    tests: list[Test] = []
    mode = crm.knobs.void_rows
    asks_void = any(one.field in ("life_status", "is_deleted") for one in search.filters)
    names_void = any(one.field == "life_status" and "invalid" in one.values for one in search.filters)
    hides = {"always": False, "filtered": not asks_void, "named": not names_void, "never": True}
    if index.void and hides[mode]:
        tests.append(lambda row: bool(row["life_status"] != "invalid"))
    if not crm.knobs.acting_user_admin:
        tests.append(lambda row: crm.sees(asked.actor, row))
    if search.described.name == "PersonnelObj" and not crm.knobs.personnel_visible:
        tests.append(lambda row: False)
    return tests


def _shown(crm: Crm, asked: Asked, search: Search, rows: Sequence[Row], total: int) -> list[dict[str, Any]]:
    nulls = asked.body.get("includeNull") is True
    shape = Shape(crm, search.described.name, only=search.only, nulls=nulls, open_ids=asked.open_ids)
    shown = []
    for row in rows:
        one = shape.show(row)
        one["searchAfterId"] = [str(row[STAMP]), str(row["create_time"]), row["_id"]]
        one["total_num"] = total
        shown.append(one)
    return shown
