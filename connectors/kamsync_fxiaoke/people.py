"""The staff and the departments of an enterprise, in one shape wherever they come from.

Three sources, tried in turn: the staff list, the list of changed staff, the staff as an object (which even an admin
may see little of). People go by the id that owners have, their leader too; the mark of those who left is taken off.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from kamsync.plugin import Page, Record, Refused, Text
from kamsync_fxiaoke.api import Api
from kamsync_fxiaoke.objects import PERSONNEL
from kamsync_fxiaoke.options import FxiaokeOptions
from kamsync_fxiaoke.rows import Row, millis, whole

COMPANY = 999999
MOST = 1000  # entries of a page of changed staff
LEFT = "(已停用)"
_MARKS = (LEFT, "（已停用）")
_NAMES = ("name", "fullName", "nickName")
_NUMBERS = ("employeeId", "userId", "employeeNumber")
_TRUE = (True, "true", 1, "1")

Person = Mapping[str, Any]


def staff(api: Api, now: datetime) -> list[Person]:
    """Everybody in the enterprise, those who left too."""
    try:
        people = _listed(api.post("/cgi/user/list", {"departmentId": COMPANY, "fetchChild": True}), "userList")
    except Refused:
        people = []  # an app without the right to the list may still have one of the others
    return people or _changed(api, now) or [_as_listed(row) for row in _objects(api)]


def _changed(api: Api, now: datetime) -> list[Person]:
    """Whoever changed since the beginning: everybody, page by page."""
    found: list[Person] = []
    for number in range(1, MOST):
        asked = {"startTime": 0, "endTime": millis(now, up=True), "pageSize": MOST, "pageNumber": number}
        try:
            said = api.post("/cgi/user/get/batchByUpdTime", asked)
        except Refused:
            return []
        page = _listed(said, "employees") or _listed(said, "empList")
        found += page
        if not page or number >= (whole(said.get("pageCount")) or MOST):
            break
    return found


def _objects(api: Api) -> list[Row]:
    try:
        return list(api.all(PERSONNEL, []))
    except Refused:
        return []


def _listed(said: Mapping[str, Any], name: str) -> list[Person]:
    data = said.get("data")
    for found in (said.get(name), data.get(name) if isinstance(data, Mapping) else None):
        if isinstance(found, list):
            return [each for each in found if isinstance(each, Mapping)]
    return []


def _as_listed(row: Row) -> Person:
    """A row of PersonnelObj in the shape of the staff list, so that the stream has one shape."""
    leader = row.get("leader")
    return {
        "employeeId": row.get("user_id") or row.get("_id"),
        "employeeNumber": row.get("employee_number"),
        "name": row.get("full_name") or row.get("name"),
        "mobile": row.get("phone"),
        "email": row.get("email"),
        "isStop": str(row.get("status")) == "1",
        "leaderId": leader[0] if isinstance(leader, list) and leader else leader,
    }


# ---- as records


def users(people: Sequence[Person], options: FxiaokeOptions) -> Page:
    """The whole staff in one page, under the ids that owners have in this style of signing."""
    ids = {alias: id_of(person, options) for person in people for alias in aliases(person) if id_of(person, options)}
    return Page(tuple(_record(each, ids, options) for each in people))


def uses_open_ids(options: FxiaokeOptions) -> bool:
    return options.auth_style == "body" or options.employee_ids == "open"


def id_of(person: Person, options: FxiaokeOptions) -> str:
    """The id under which rows name this person; "" when there is none."""
    names = ("openUserId",) if uses_open_ids(options) else (*_NUMBERS, "openUserId")
    return next((str(person[name]) for name in names if person.get(name)), "")


def aliases(person: Person) -> set[str]:
    """Every id this person goes by."""
    return {str(person[name]) for name in ("openUserId", *_NUMBERS) if person.get(name)}


def has_left(person: Person) -> bool:
    return person.get("isStop") in _TRUE or any(_marked(person.get(name)) for name in _NAMES)


def _record(person: Person, ids: Mapping[str, str], options: FxiaokeOptions) -> Record:
    id = id_of(person, options)
    body = {**person, **{name: bare(person[name]) for name in _NAMES if _marked(person.get(name))}}
    if has_left(person):
        body["isStop"] = True
    leader = person.get("leaderId")
    if leader:
        body["leaderId"] = ids.get(str(leader), str(leader))
    return Record(id, None, body, None if id else Text("员工没有编号", "the employee has no id"))


def _marked(name: Any) -> bool:
    return isinstance(name, str) and name.rstrip().endswith(_MARKS)


def bare(name: str) -> str:
    """A name without the mark of those who left."""
    name = name.rstrip()
    for mark in _MARKS:
        name = name.removesuffix(mark).rstrip()
    return name


def departments(api: Api) -> Page:
    """All departments in one page."""
    rows: Iterable[Person] = _listed(api.post("/cgi/department/list", {}), "departments")
    return Page(tuple(_department(row) for row in rows))


def _department(row: Person) -> Record:
    id = "" if row.get("id") is None else str(row["id"])
    return Record(id, None, row, None if id else Text("部门没有编号", "the department has no id"))
