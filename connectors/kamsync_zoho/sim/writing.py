"""Writing records: insert, update, upsert, delete, each with a result per record.

There is no idempotency key, as in the real thing: the same insert twice makes two records.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from kamsync.testing.server import Answer, Call
from kamsync_zoho.sim.crm import Crm, batches, json_body
from kamsync_zoho.sim.listing import epoch
from kamsync_zoho.sim.refusals import Refusal, Result, batch_status, success
from kamsync_zoho.sim.state import Body, Row
from kamsync_zoho.sim.values import pointed, stored

MAX_BATCH = 100
NO_UPSERT = frozenset({"Tasks", "Events", "Calls", "Notes"})
CHECKED = {"Accounts": "Account_Name", "Contacts": "Email", "Leads": "Email", "Deals": "Deal_Name",
           "Products": "Product_Code"}  # fmt: skip
DEFAULTS = {"Tasks": {"Status": "Not Started", "Priority": "Normal"}}

Write = Callable[[int, Mapping[str, Any]], Result]


def insert(crm: Crm, call: Call, module: str) -> Answer:
    """POST /{module}"""
    return each(crm, call, 201, lambda index, given: add(crm, module, given, index))


def update(crm: Crm, call: Call, module: str, id: str | None = None) -> Answer:
    """PUT /{module} and PUT /{module}/{id}"""
    unmodified = call.headers.get("if-unmodified-since")
    since = None if unmodified is None else epoch(unmodified, "If-Unmodified-Since")

    def change(index: int, given: Mapping[str, Any]) -> Result:
        return edit(crm, found(crm, module, id or given.get("id"), index), given, index, since)

    return each(crm, call, 200, change)


def upsert(crm: Crm, call: Call, module: str) -> Answer:
    """POST /{module}/upsert, which activities and notes do not have."""
    if module in NO_UPSERT:
        crm.charge(1)
        raise Refusal("NOT_SUPPORTED", {"module": module})
    fields = json_body(call).get("duplicate_check_fields")
    usual = [CHECKED.get(module, "id"), *crm.org.tables[module].unique_fields]
    checked: list[str] = fields if isinstance(fields, list) else usual

    def put(index: int, given: Mapping[str, Any]) -> Result:
        for name in checked:
            row = same(crm, module, name, given.get(name))
            if row is not None:
                return {**edit(crm, row, given, index, None), "action": "update", "duplicate_field": name}
        return {**add(crm, module, given, index), "action": "insert", "duplicate_field": None}

    return each(crm, call, 200, put)


def delete(crm: Crm, call: Call, module: str, id: str | None = None) -> Answer:
    """DELETE /{module}?ids= and DELETE /{module}/{id}: into the recycle bin."""
    crm.charge(1)
    ids = [id] if id else [each.strip() for each in call.query.get("ids", "").split(",") if each.strip()]
    if not ids:
        raise Refusal("REQUIRED_PARAM_MISSING", {"param_name": "ids"})
    if len(ids) > MAX_BATCH:
        raise Refusal("LIMIT_EXCEEDED", {"param_name": "ids", "limit": MAX_BATCH})

    def drop(place: int, given: Mapping[str, Any]) -> Result:
        row = found(crm, module, given["id"], place)
        if row.body["Locked__s"]:
            raise Refusal("RECORD_LOCKED", {"id": row.id})
        crm.org.delete(row, at=crm.now(), by=crm.us)
        return success("record deleted", {"id": row.id})

    results = [attempt(drop, index, {"id": each}) for index, each in enumerate(ids)]
    if call.query.get("wf_trigger") != "false":
        crm.workflows_fired += sum(result["status"] == "success" for result in results)
    return Answer(batch_status(results, 200), {"data": results})


# ---- a batch


def each(crm: Crm, call: Call, good: int, write: Write) -> Answer:
    """One result a record, in the order of the request; what fails does not stop the rest."""
    body = json_body(call)
    records = body.get("data")
    if not isinstance(records, list) or not records:
        crm.charge(1)
        raise Refusal("MANDATORY_NOT_FOUND", {"api_name": "data", "json_path": "$.data"})
    if len(records) > MAX_BATCH:
        crm.charge(1)
        raise Refusal("LIMIT_EXCEEDED", {"api_name": "data", "json_path": "$.data", "limit": MAX_BATCH})
    crm.charge(batches(len(records), 10))
    results = [attempt(write, index, given) for index, given in enumerate(records)]
    if "trigger" not in body or "workflow" in (body["trigger"] or ()):
        crm.workflows_fired += sum(result["status"] == "success" for result in results)
    return Answer(batch_status(results, good), {"data": results})


def attempt(write: Write, index: int, given: Any) -> Result:
    if not isinstance(given, dict):
        return Refusal("INVALID_DATA", {"json_path": f"$.data[{index}]", "expected_data_type": "jsonobject"}).result()
    try:
        return write(index, given)
    except Refusal as refusal:
        return refusal.result()


# ---- one record


def add(crm: Crm, module: str, given: Mapping[str, Any], index: int) -> Result:
    body = {**DEFAULTS.get(module, {}), **stored(crm, module, given, index)}
    mandatory(crm, module, body, index, crm.org.modules[module].fields)
    unique(crm, module, body, index, None)
    row = crm.org.insert(module, body, at=crm.now(), by=crm.us, by_api=True)
    row.visible = crm.now() + crm.knobs.visibility_lag if crm.knobs.visibility_lag else 0.0
    return success("record added", details(row))


def edit(crm: Crm, row: Row, given: Mapping[str, Any], index: int, since: float | None) -> Result:
    """Change a record; with `since`, only if nobody has since (whole seconds, like the stamp)."""
    if row.body["Locked__s"]:
        raise Refusal("RECORD_LOCKED", {"id": row.id})
    if row.body.get("Converted__s"):
        raise Refusal("CONVERTED_RECORD", {"id": row.id})
    for name in given:
        if name in crm.knobs.blueprint:
            raise Refusal("RECORD_IN_BLUEPRINT", {"id": row.id, "api_name": name})
    if since is not None and row.modified > since:
        raise Refusal("ALREADY_MODIFIED", {"id": row.id, "Modified_Time": row.body["Modified_Time"]})
    polymorphic = {"$se_module": row.body.get("$se_module"), **given}
    body = stored(crm, row.module, polymorphic if "What_Id" in given else given, index)
    mandatory(crm, row.module, body, index, body)
    unique(crm, row.module, body, index, row)
    crm.org.update(row, body, at=crm.now(), by=crm.us)
    return success("record updated", details(row))


def details(row: Row) -> Body:
    names = ("id", "Modified_Time", "Modified_By", "Created_Time", "Created_By")
    return {**{name: row.body[name] for name in names}, "$approval_state": "approved"}


def found(crm: Crm, module: str, id: Any, index: int) -> Row:
    if id is None:
        raise Refusal("MANDATORY_NOT_FOUND", {"api_name": "id", "json_path": f"$.data[{index}].id"})
    row = crm.org.row(pointed(id), module)
    if row is None:
        raise Refusal("INVALID_DATA", {"api_name": "id", "id": str(id), "json_path": f"$.data[{index}].id"})
    return row


def mandatory(crm: Crm, module: str, body: Mapping[str, Any], index: int, names: Iterable[str]) -> None:
    """Refuses when one of these fields must have a value and has none."""
    fields = crm.org.modules[module].fields
    for name in names:
        if fields[name].mandatory and body.get(name) is None:
            raise Refusal("MANDATORY_NOT_FOUND", {"api_name": name, "json_path": f"$.data[{index}].{name}"})


def unique(crm: Crm, module: str, body: Mapping[str, Any], index: int, itself: Row | None) -> None:
    """Refuses a value that another live record holds in a unique field; the refusal names that record."""
    for name in crm.org.tables[module].unique_fields:
        other = crm.org.tables[module].unique.get((name, body.get(name)))
        if other is None or (itself is not None and other == itself.num):
            continue
        told = {"api_name": name, "json_path": f"$.data[{index}].{name}", "id": str(other)}
        raise Refusal("DUPLICATE_DATA", {**told, "duplicate_record": {"id": str(other), "module": module}})


def same(crm: Crm, module: str, name: str, value: Any) -> Row | None:
    """The live record with that value, if the field is given."""
    if value is None:
        return None
    return next((row for row in crm.org.tables[module].rows.values() if row.body.get(name) == value), None)
