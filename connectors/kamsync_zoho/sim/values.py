"""What a field accepts over the API: a wire value to the stored one, or the refusal Zoho gives.

Lookups become the refs of live records and active users.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from kamsync_zoho.sim.crm import Crm, aware, is_date
from kamsync_zoho.sim.fields import Field
from kamsync_zoho.sim.refusals import Refusal
from kamsync_zoho.sim.state import Body

TEXTS = frozenset({"text", "textarea", "phone", "email", "website", "picklist", "autonumber"})
DOUBLES = frozenset({"currency", "double", "percent"})


def stored(crm: Crm, module: str, given: Mapping[str, Any], index: int) -> Body:
    """The writable part of a payload record as it will stand in the body. Read-only and unknown keys fall away."""
    fields, visible = crm.org.modules[module].fields, set(crm.org.fields(module))
    body: Body = {}
    for name, value in given.items():
        if name not in visible and name != "id" and crm.knobs.unknown_keys == "refuse":
            raise wrong(name, index)
        if name not in visible or fields[name].read_only or fields[name].type == "tags":
            continue
        body[name] = None if value is None or value == "" else one(crm, fields[name], value, given, index)
    return body


def one(crm: Crm, field: Field, value: Any, given: Mapping[str, Any], index: int) -> Any:
    """One value, checked."""
    if field.type == "ownerlookup":
        return owner(crm, field, value, index)
    if field.name == "Parent_Id":
        return parent(crm, value, given, index)
    if field.type == "lookup":
        return lookup(crm, field, value, given, index)
    if field.type in TEXTS:
        return text(field, value, index)
    if field.type == "boolean" and not isinstance(value, bool):
        raise wrong(field.name, index, expected_data_type="boolean")
    if field.type == "integer" and (isinstance(value, bool) or not isinstance(value, int)):
        raise wrong(field.name, index, expected_data_type="integer")
    if field.type in DOUBLES:
        return number(field, value, index)
    if field.type in ("date", "datetime"):
        return moment(crm, field, value, index)
    return value


def wrong(name: str, index: int, **details: Any) -> Refusal:
    return Refusal("INVALID_DATA", {"api_name": name, "json_path": f"$.data[{index}].{name}", **details})


def text(field: Field, value: Any, index: int) -> str:
    if not isinstance(value, str):
        raise wrong(field.name, index, expected_data_type="string")
    if field.length is not None and len(value) > field.length:
        raise wrong(field.name, index, maximum_length=field.length)
    return value


def number(field: Field, value: Any, index: int) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise wrong(field.name, index, expected_data_type="double")
    return value if isinstance(value, int) else float(value)


def moment(crm: Crm, field: Field, value: Any, index: int) -> str:
    """A date as it is, a time in the org's zone; a time without an offset is refused."""
    if field.type == "date" and is_date(value):
        return str(value)
    found = aware(value) if field.type == "datetime" else None
    if found is None:
        raise wrong(field.name, index, expected_data_type=field.type)
    return crm.org.iso(found.timestamp())


def pointed(value: Any) -> str:
    """The id in a lookup, which may be an object or the bare id."""
    return str(value.get("id", "")) if isinstance(value, dict) else str(value)


def owner(crm: Crm, field: Field, value: Any, index: int) -> Body:
    user = crm.org.users.get(pointed(value))
    if user is None or user["status"] != "active":
        raise wrong(field.name, index)
    return crm.org.user_ref(user["id"], email=True)


def lookup(crm: Crm, field: Field, value: Any, given: Mapping[str, Any], index: int) -> Body:
    module = field.target
    if module is None:
        module = given.get("$se_module")
        if module is None:
            dependee = {"api_name": "$se_module", "json_path": f"$.data[{index}].$se_module"}
            raise Refusal("DEPENDENT_FIELD_MISSING", {"api_name": field.name, "dependee": dependee})
        if module not in crm.org.modules:
            raise wrong("$se_module", index)
    row = crm.org.row(pointed(value), module)
    if row is None:
        raise wrong(field.name, index)
    return row.ref


def parent(crm: Crm, value: Any, given: Mapping[str, Any], index: int) -> Body:
    """Where a note hangs: the newer shape names the module inside, the older one beside."""
    inside = value.get("module") if isinstance(value, dict) else None
    module = inside.get("api_name") if isinstance(inside, dict) else given.get("$se_module", given.get("se_module"))
    row = crm.org.row(pointed(value), module) if module in crm.org.modules else None
    if row is None:
        raise wrong("Parent_Id", index)
    return crm.org.ref_to(row, "Parent_Id")
