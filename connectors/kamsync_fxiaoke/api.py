"""The few calls everything else is made of: query a page, get a row, change a row, describe an object.

One call each; it keeps nothing and decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from kamsync.plugin import Http, Request, Text, TooLarge, Truncated
from kamsync_fxiaoke.objects import path
from kamsync_fxiaoke.rows import Row, id_of, millis, page_size, row_of, rows_of, total_of

PAGE = 100
INVALID = "invalid"
ONLY_STAMP = ("_id", "last_modified_time", "life_status")
FIND_SIMPLE = "/cgi/crm/custom/v2/data/findSimple"

Filter = dict[str, Any]


def where(field: str, operator: str, *values: Any) -> Filter:
    """One condition of a query; they are ANDed."""
    return {"field_name": field, "operator": operator, "field_values": [str(value) for value in values]}


def changed(lo: datetime | None, hi: datetime | None, field: str = "last_modified_time") -> list[Filter]:
    """The conditions for a stamp in [lo, hi)."""
    low = [where(field, "GTE", millis(lo))] if lo is not None else []
    high = [where(field, "LT", millis(hi, up=True))] if hi is not None else []
    return [*low, *high]


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the ids of an object: from `lo` (inclusive) to `hi` (exclusive); empty: no end."""

    lo: str = ""
    hi: str = ""
    simple: bool = False  # by findSimple, a path with a budget of its own

    def filters(self, after: str) -> list[Filter]:
        low = [where("_id", "GT", after)] if after else [where("_id", "GTE", self.lo)] if self.lo else []
        return [*low, *([where("_id", "LT", self.hi)] if self.hi else [])]


WHOLE = Part()


@dataclass(frozen=True, slots=True)
class Listed:
    """One page in the order of ids. `after` None: it was the last. `left`: how many are to come, as far as known.
    `too_large`: its one row is more than an answer may hold, and came without its fields."""

    rows: list[Row]
    after: str | None
    left: int | None = None
    too_large: bool = False


class Api:
    """Fxiaoke's calls over the door. `open_ids`: people are named by open ids (FSUID_…) whatever the style."""

    def __init__(self, http: Http, *, open_ids: bool = False) -> None:
        self.http = http
        self._form = {"convertUserId": True} if open_ids else {}

    def post(self, path: str, body: Mapping[str, Any], *, write: bool = False) -> Mapping[str, Any]:
        """One call; the whole envelope, which `check` found to be without error."""
        reply = self.http.call(Request("POST", path, json=dict(body), write=write))
        said: Mapping[str, Any] = reply.json()
        return said

    def query(
        self,
        object: str,
        filters: Sequence[Filter],
        *,
        limit: int = PAGE,
        offset: int = 0,
        fields: Sequence[str] | None = None,
        total: bool = False,
        simple: bool = False,
    ) -> Mapping[str, Any]:
        """One page in the order of ids, with the empty fields told; the total only if asked for."""
        search: dict[str, Any] = {
            "limit": limit,
            "offset": offset,
            "filters": list(filters),
            "orders": [{"fieldName": "_id", "isAsc": True}],
        }
        data: dict[str, Any] = {"dataObjectApiName": object, "find_explicit_total_num": total}
        if fields is not None:
            (data if simple else search)["field_projection" if simple else "fieldProjection"] = list(fields)
        data["search_query_info"] = search
        return self.post(
            FIND_SIMPLE if simple else path(object, "query"), {"includeNull": True, **self._form, "data": data}
        )

    def page(
        self,
        object: str,
        filters: Sequence[Filter],
        after: str = "",
        *,
        fields: Sequence[str] | None = None,
        left: int | None = None,
        part: Part = WHOLE,
    ) -> Listed:
        """The next page behind the id `after` ("" for the first) of a part.

        `left`: what the page before told. The total is asked for on the first page and where the last is due: counted
        in the same breath as that page's rows, it spares the empty page behind a full one and cannot hide a row.
        """
        due = left is None or left <= PAGE
        here, limit = [*filters, *part.filters(after)], PAGE
        while True:
            try:
                said = self.query(object, here, limit=limit, fields=fields, total=due, simple=part.simple)
            except TooLarge:
                if limit == 1:
                    break
                limit = max(1, limit // 8)
            else:
                return listed(object, said, after, asked=due, left=left, limit=limit)
        said = self.query(object, here, limit=1, fields=ONLY_STAMP, total=due, simple=part.simple)
        return replace(listed(object, said, after, asked=due, left=left, limit=1), too_large=True)

    def all(self, object: str, filters: Sequence[Filter], *, fields: Sequence[str] | None = None) -> Iterator[Row]:
        """Every row that fits, page after page."""
        after: str | None = ""
        left: int | None = None
        while after is not None:
            found = self.page(object, filters, after, fields=fields, left=left)
            yield from found.rows
            after, left = found.after, found.left

    def get(self, object: str, id: str) -> Row | None:
        """One row fresh from the store, past any index."""
        data = {"dataObjectApiName": object, "objectDataId": id}
        return row_of(self.post(path(object, "get"), {"includeNull": True, **self._form, "data": data}))

    def describe(self, object: str) -> Mapping[str, Any]:
        """The object's description; older gateways want its name outside, newer ones inside `data`."""
        inside = {"apiName": object, "includeDetail": True}
        said = self.post("/cgi/crm/v2/object/describe", {**inside, "data": inside})
        data = said.get("data")
        found = data.get("describe") if isinstance(data, Mapping) else said.get("describe")
        return found if isinstance(found, Mapping) else {}

    def objects(self) -> list[Mapping[str, Any]]:
        said = self.post("/cgi/crm/v2/object/list", {})
        data = said.get("data")
        listed = data.get("objects") if isinstance(data, Mapping) else said.get("objects")
        return [each for each in listed if isinstance(each, Mapping)] if isinstance(listed, list) else []

    def create(self, object: str, values: Mapping[str, Any]) -> Mapping[str, Any]:
        return self._change(object, "create", values)

    def update(self, object: str, id: str, values: Mapping[str, Any]) -> Mapping[str, Any]:
        return self._change(object, "update", {"_id": id, **values})

    def invalidate(self, object: str, id: str) -> Mapping[str, Any]:
        """作废: into the recycle bin."""
        return self._write(object, "invalid", {"dataObjectApiName": object, "object_data_id": id})

    def change_owner(self, object: str, id: str, owner: str) -> Mapping[str, Any]:
        """The only way to give a row to somebody else; an update passes its owner over in silence."""
        move = {"objectDataId": id, "ownerId": [owner]}
        return self._write(object, "changeOwner", {"dataObjectApiName": object, "Data": [move]})

    def _change(self, object: str, verb: str, values: Mapping[str, Any]) -> Mapping[str, Any]:
        return self._write(object, verb, {"object_data": {"dataObjectApiName": object, **values}})

    def _write(self, object: str, verb: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """Both triggers are off: left out they are on, and would start approvals and a storm of notices."""
        body = {"triggerApprovalFlow": False, "triggerWorkFlow": False, **self._form, "data": dict(data)}
        return self.post(path(object, verb), body, write=True)


def listed(
    object: str, said: Mapping[str, Any], after: str, *, asked: bool, left: int | None, limit: int = PAGE
) -> Listed:
    """What a query answered, and whether it was the end of the list."""
    rows = rows_of(said, more=bool(left))
    size, total = page_size(said, limit), (total_of(said) if asked else None)
    if total is not None and total >= len(rows):
        left = total - len(rows)
    else:
        left = None if left is None or asked else max(0, left - len(rows))
    is_short = size is not None and len(rows) < size
    # A CRM that neither counts nor says how long its pages are has given the last one only when it gives nothing.
    last = not rows or (total == len(rows)) or (is_short and not left)
    ids = [id_of(row) for row in rows if id_of(row)]
    _in_order(object, after, ids, last=last)
    return Listed(rows, None if last else ids[-1], left)


def _in_order(object: str, after: str, ids: Sequence[str], *, last: bool) -> None:
    """A page out of order would make the next one skip rows: better none than some."""
    behind = not ids or min(ids) > after
    if behind and (last or (ids and list(ids) == sorted(ids))):
        return
    raise Truncated(
        Text(
            f"{object} 的查询没有按 _id 排序返回,无法可靠翻页",
            f"the query of {object} did not keep the order of _id; its pages cannot be trusted",
        ),
        next="kamsync doctor",
    )
