"""Changing rows: create, update, the two-stage deletion, owners, locks.

A write is checked against the metadata first and is applied whole or not at all. Nothing here is idempotent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kamsync_fxiaoke.sim.crm import Asked, Crm
from kamsync_fxiaoke.sim.envelope import (
    BAD_STATE,
    LOCKED,
    NO_EMPLOYEE,
    NO_RIGHT,
    SYSTEM,
    Problem,
    business,
    missing,
    ok,
)
from kamsync_fxiaoke.sim.fields import Described
from kamsync_fxiaoke.sim.inputs import taken
from kamsync_fxiaoke.sim.query import named
from kamsync_fxiaoke.sim.rows import Row
from kamsync_fxiaoke.sim.values import ms

Answer = dict[str, Any]


def create(crm: Crm, asked: Asked) -> Answer:
    """…/data/create: one new row; the object's name is inside object_data."""
    described, given = _object_data(crm, asked)
    values = taken(crm, described, given)
    for spec in described.fields.values():
        if spec.required and spec.writable and not values.get(spec.name):
            raise business(BAD_STATE, f"the field {spec.name} of {described.name} is required")
    owner = (values.pop("owner", None) or [asked.actor])[0]
    at, by = _stamped(crm, asked, given)
    values = {name: value for name, value in values.items() if value is not None}
    row = crm.born(described.name, values, at=at, changed=ms(crm.now()), by=by, owner=owner)
    crm.made.add(row["_id"])
    _workflows(crm, asked)
    if described.custom and not crm.knobs.custom_data_id:
        return ok()
    return ok(dataId=row["_id"])


def update(crm: Crm, asked: Asked) -> Answer:
    """…/data/update: only the fields given; `owner` is ignored."""
    described, given = _object_data(crm, asked)
    row = _held(crm, asked, described, given.get("_id"))
    if row["life_status"] == "invalid":
        raise business(BAD_STATE, f"the data {row['_id']} is invalid and cannot be edited")
    _unlocked(asked, described, row)
    changes = taken(crm, described, given)
    changes.pop("owner", None)
    crm.alter(row, changes, by=asked.actor, at=ms(crm.now()))
    _workflows(crm, asked)
    return ok()


def invalidate(crm: Crm, asked: Asked) -> Answer:
    """…/data/invalid: into the recycle bin, one row (object_data_id) or several (idList)."""
    described = named(crm, asked)
    one = asked.data.get("object_data_id")
    rows = [_held(crm, asked, described, id) for id in ([one] if one else _ids(asked, "idList"))]
    for row in rows:
        if row["life_status"] != "normal":
            raise business(BAD_STATE, f"the data {row['_id']} is {row['life_status']}, not normal")
        _unlocked(asked, described, row)
    for row in rows:
        void(crm, row, asked.actor)
    _workflows(crm, asked)
    return ok()


def delete(crm: Crm, asked: Asked) -> Answer:
    """…/data/delete: gone for good; only what is in the recycle bin."""
    described = named(crm, asked)
    rows = [_held(crm, asked, described, id) for id in _ids(asked, "idList")]
    for row in rows:
        if row["life_status"] != "invalid":
            raise business(BAD_STATE, f"the data {row['_id']} must be made invalid first")
    for row in rows:
        crm.tables[described.name].drop(row["_id"])
    return ok()


def recover(crm: Crm, asked: Asked) -> Answer:
    """…/data/recover: out of the recycle bin, with the same id."""
    described = named(crm, asked)
    rows = [_held(crm, asked, described, id) for id in _ids(asked, "idList")]
    for row in rows:
        if row["life_status"] != "invalid":
            raise business(BAD_STATE, f"the data {row['_id']} is not invalid")
    for row in rows:
        restore(crm, row, asked.actor)
    return ok()


def change_owner(crm: Crm, asked: Asked) -> Answer:
    """…/data/changeOwner: the only way to move a row to somebody else."""
    described = named(crm, asked)
    given = asked.data.get("Data")
    if not isinstance(given, list) or not given:
        raise missing("Data")
    moves = []
    for one in given:
        row = _held(crm, asked, described, one.get("objectDataId") if isinstance(one, Mapping) else None)
        _unlocked(asked, described, row)
        moves.append((row, _new_owner(crm, one.get("ownerId"))))
    for row, owner in moves:
        crm.alter(row, crm.owned(owner), by=asked.actor, at=ms(crm.now()))
    _workflows(crm, asked)
    return ok()


def lock(crm: Crm, asked: Asked) -> Answer:
    """/cgi/crm/v2/object/lock."""
    return _turn(crm, asked, "1")


def unlock(crm: Crm, asked: Asked) -> Answer:
    """/cgi/crm/v2/object/unlock."""
    return _turn(crm, asked, "0")


def void(crm: Crm, row: Row, by: str) -> None:
    """Put a row into the recycle bin."""
    at = ms(crm.now()) if crm.knobs.invalid_touches else row["last_modified_time"]
    crm.alter(row, {"life_status": "invalid", "life_status_before_invalid": row["life_status"]}, by=by, at=at)


def restore(crm: Crm, row: Row, by: str) -> None:
    """Take a row out of the recycle bin, as it was."""
    was = {"life_status": row["life_status_before_invalid"], "life_status_before_invalid": None}
    crm.alter(row, was, by=by, at=ms(crm.now()))


def _turn(crm: Crm, asked: Asked, state: str) -> Answer:
    described = crm.described(asked.data.get("dataObjectApiName"))
    rows = [_held(crm, asked, described, id) for id in _ids(asked, "dataIds")]
    for row in rows:
        crm.alter(row, {"lock_status": state}, by=asked.actor, at=ms(crm.now()))
    return ok()


def _object_data(crm: Crm, asked: Asked) -> tuple[Described, Mapping[str, Any]]:
    """The row as given. A call without one ends in the server's own bare exception, as in real life."""
    given = asked.data.get("object_data")
    if not isinstance(given, Mapping):
        raise Problem(SYSTEM, "java.lang.NullPointerException")
    named_inside = Asked({"data": given}, asked.actor, asked.open_ids, asked.custom)
    return named(crm, named_inside), given


def _stamped(crm: Crm, asked: Asked, given: Mapping[str, Any]) -> tuple[int, str]:
    """When and by whom a new row is made; two switches let the caller say."""
    at, by = ms(crm.now()), asked.actor
    if _switch(asked, "hasSpecifyTime") and isinstance(given.get("create_time"), int):
        at = given["create_time"]
    creator = given.get("created_by")
    if _switch(asked, "hasSpecifyCreatedBy") and isinstance(creator, list) and creator:
        by = _new_owner(crm, creator)
    return at, by


def _switch(asked: Asked, name: str) -> bool:
    return asked.body.get(name) is True or asked.data.get(name) is True


def _held(crm: Crm, asked: Asked, described: Described, id: Any) -> Row:
    """The row to change, if the asker may."""
    if not isinstance(id, str) or not id:
        raise missing("_id")
    row = crm.row(described.name, id)
    if not crm.sees(asked.actor, row):
        raise Problem(NO_RIGHT, f"the employee {asked.actor} has no right on the data {id}")
    return row


def _unlocked(asked: Asked, described: Described, row: Row) -> None:
    if row["lock_status"] != "1":
        return
    if described.custom and asked.data.get("skipDataStatusValidate") is True:
        return
    raise business(LOCKED, f"the data {row['_id']} is locked, cannot edit (数据已锁定)")


def _ids(asked: Asked, name: str) -> Sequence[Any]:
    ids = asked.data.get(name)
    if not isinstance(ids, list) or not ids:
        raise missing(name)
    return ids


def _new_owner(crm: Crm, given: Any) -> str:
    owner = crm.people.at_work(str(given[0])) if isinstance(given, list) and given else None
    if owner is None:
        raise Problem(NO_EMPLOYEE, f"the employee {given} does not exist")
    return owner


def _workflows(crm: Crm, asked: Asked) -> None:
    """Both triggers are on unless switched off at the top level of the body."""
    crm.workflows_fired += sum(asked.body.get(name) is not False for name in ("triggerApprovalFlow", "triggerWorkFlow"))
