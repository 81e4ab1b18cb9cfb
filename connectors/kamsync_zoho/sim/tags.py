"""Tags: a module's list of them, and putting them on records or taking them off.

They belong to one module each. Changing a record's tags leaves its Modified_Time alone unless a knob says otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kamsync.testing.server import Answer, Call
from kamsync_zoho.sim.crm import Crm, batches, json_body
from kamsync_zoho.sim.refusals import Refusal, Result, batch_status, success
from kamsync_zoho.sim.state import COLOURS, Body, Row

MAX_IDS = 500
MAX_NAME = 25


# ---- the module's list


def list_tags(crm: Crm, call: Call) -> Answer:
    """GET /settings/tags?module="""
    crm.charge(1)
    tags = list(crm.org.tables[module_of(crm, call)].tags.values())
    return Answer(200, {"tags": tags, "info": {"count": len(tags), "allowed_count": crm.knobs.tags_per_module}})


def create_tags(crm: Crm, call: Call) -> Answer:
    """POST /settings/tags?module="""
    crm.charge(1)
    module = module_of(crm, call)
    results = []
    for index, given in enumerate(given_tags(json_body(call))):
        try:
            tag = create(crm, module, given, index)
        except Refusal as refusal:
            results.append(refusal.result())
        else:
            stamp = crm.org.iso(crm.now())
            results.append(success("tags created successfully", {"id": tag["id"], "created_time": stamp}))
    return Answer(batch_status(results, 201), {"tags": results})


def create(crm: Crm, module: str, given: Mapping[str, Any], index: int) -> Body:
    name, colour = given.get("name"), given.get("color_code")
    if not isinstance(name, str) or not name.strip():
        raise Refusal("MANDATORY_NOT_FOUND", {"api_name": "name", "json_path": f"$.tags[{index}].name"})
    if len(name) > MAX_NAME:
        told = {"api_name": "name", "json_path": f"$.tags[{index}].name", "maximum_length": MAX_NAME}
        raise Refusal("INVALID_DATA", told)
    if colour is not None and colour not in COLOURS:
        raise Refusal("INVALID_DATA", {"api_name": "color_code", "json_path": f"$.tags[{index}].color_code"})
    tags = crm.org.tables[module].tags
    if name in tags:
        raise Refusal("DUPLICATE_DATA", {"id": tags[name]["id"], "api_name": "name"})
    if len(tags) >= crm.knobs.tags_per_module:
        raise Refusal("LIMIT_EXCEEDED", {"limit": crm.knobs.tags_per_module})
    return crm.org.tag(module, name, colour)


def module_of(crm: Crm, call: Call) -> str:
    module = call.query.get("module")
    if module is None:
        raise Refusal("REQUIRED_PARAM_MISSING", {"param_name": "module"})
    if module not in crm.org.modules:
        raise Refusal("INVALID_MODULE", {"param_name": "module"})
    return module


def given_tags(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    tags = body.get("tags")
    if not isinstance(tags, list) or not tags or not all(isinstance(tag, dict) for tag in tags):
        raise Refusal("MANDATORY_NOT_FOUND", {"api_name": "tags", "json_path": "$.tags"})
    return tags


# ---- a record's tags


def add_tags(crm: Crm, call: Call, module: str, id: str | None = None) -> Answer:
    """POST /{module}/actions/add_tags and /{module}/{id}/actions/add_tags"""
    body = json_body(call)
    wanted = [str(tag.get("name", "")) for tag in given_tags(body)]
    replace = body.get("over_write") in (True, "true")

    def change(row: Row) -> list[str]:
        before = [] if replace else [tag["name"] for tag in row.body["Tag"]]
        return [*before, *(name for name in dict.fromkeys(wanted) if name not in before)]

    return retag(crm, module, record_ids(crm, body, id), change)


def remove_tags(crm: Crm, call: Call, module: str, id: str | None = None) -> Answer:
    """POST /{module}/actions/remove_tags and /{module}/{id}/actions/remove_tags"""
    body = json_body(call)
    unwanted = {tag.get("name") for tag in given_tags(body)}

    def change(row: Row) -> list[str]:
        return [tag["name"] for tag in row.body["Tag"] if tag["name"] not in unwanted]

    return retag(crm, module, record_ids(crm, body, id), change)


def record_ids(crm: Crm, body: Mapping[str, Any], id: str | None) -> list[str]:
    """The records a call names; charges for them."""
    ids = [id] if id else body.get("ids")
    if not isinstance(ids, list) or not ids:
        crm.charge(1)
        raise Refusal("MANDATORY_NOT_FOUND", {"api_name": "ids", "json_path": "$.ids"})
    crm.charge(batches(len(ids), 50))
    if len(ids) > MAX_IDS:
        raise Refusal("LIMIT_EXCEEDED", {"api_name": "ids", "json_path": "$.ids", "limit": MAX_IDS})
    return [str(each) for each in ids]


def retag(crm: Crm, module: str, ids: Sequence[str], change: Callable[[Row], list[str]]) -> Answer:
    results = []
    for index, id in enumerate(ids):
        try:
            results.append(retag_one(crm, module, id, index, change))
        except Refusal as refusal:
            results.append(refusal.result())
    codes = [result["code"] for result in results]
    counts = {"success_count": str(codes.count("SUCCESS")), "locked_count": str(codes.count("RECORD_LOCKED"))}
    return Answer(batch_status(results, 200), {"data": results, "wf_scheduler": False, **counts})


def retag_one(crm: Crm, module: str, id: str, index: int, change: Callable[[Row], list[str]]) -> Result:
    row = crm.org.row(id, module)
    if row is None:
        raise Refusal("INVALID_DATA", {"id": id, "api_name": "ids", "json_path": f"$.ids[{index}]"})
    if row.body["Locked__s"]:
        raise Refusal("RECORD_LOCKED", {"id": id})
    before = [tag["name"] for tag in row.body["Tag"]]
    names = change(row)
    if len(names) > max(crm.knobs.tags_per_record, len(before)):
        raise Refusal("LIMIT_EXCEEDED", {"id": id, "limit": crm.knobs.tags_per_record})
    tags = [tag_named(crm, module, name, index) for name in names]
    if names != before:
        crm.org.update(row, {"Tag": tags}, at=crm.now(), by=crm.us, touch=crm.knobs.tags_move_modified)
    return success("tags updated successfully", {"id": id, "tags": tags})


def tag_named(crm: Crm, module: str, name: str, index: int) -> Body:
    known = crm.org.tables[module].tags
    if name in known:
        return known[name]
    if not crm.knobs.auto_create_tags:
        raise Refusal("INVALID_DATA", {"api_name": "tags", "json_path": f"$.tags[{index}].name"})
    return create(crm, module, {"name": name}, index)
