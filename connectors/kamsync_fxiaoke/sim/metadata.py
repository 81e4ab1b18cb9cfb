"""What objects and fields there are: the answers of object/list and object/describe.

Tells of the metadata only, never of rows.
"""

from __future__ import annotations

from typing import Any

from kamsync_fxiaoke.sim.crm import Asked, Crm
from kamsync_fxiaoke.sim.envelope import missing, ok
from kamsync_fxiaoke.sim.fields import Described, Spec


def list_objects(crm: Crm, asked: Asked) -> dict[str, Any]:
    """/cgi/crm/v2/object/list."""
    return ok(data={"objects": [_listed(one) for one in crm.objects.values()]})


def describe(crm: Crm, asked: Asked) -> dict[str, Any]:
    """/cgi/crm/v2/object/describe: apiName at the top level or in data."""
    name = asked.body.get("apiName") or asked.data.get("apiName")
    if not name:
        raise missing("apiName")
    thing = crm.described(name)
    described: dict[str, Any] = {
        "api_name": thing.name, "display_name": thing.label, "define_type": _define(thing.custom),
        "is_active": thing.active, "tenant_id": crm.people.tenant_id,
        "fields": {spec.name: _field(spec) for spec in thing.fields.values()},
    }  # fmt: skip
    return ok(data={"describe": described})


def _listed(thing: Described) -> dict[str, Any]:
    return {
        "describeApiName": thing.name, "describeDisplayName": thing.label, "defineType": _define(thing.custom),
        "isActive": thing.active, "iconPath": "", "iconIndex": 0, "hideButton": False, "publicObject": False,
    }  # fmt: skip


def _field(spec: Spec) -> dict[str, Any]:
    told: dict[str, Any] = {
        "api_name": spec.name, "label": spec.label, "type": spec.type, "define_type": _kind(spec),
        "is_required": spec.required, "is_active": True, "is_readonly": not spec.writable,
    }  # fmt: skip
    if spec.options:
        told["options"] = [{"label": label, "value": value} for value, label in spec.options.items()]
    if spec.type in ("number", "currency"):
        told["decimal_places"] = spec.decimals
    if spec.target is not None:
        told["target_api_name"] = spec.target
    return told


def _define(custom: bool) -> str:
    return "custom" if custom else "package"


def _kind(spec: Spec) -> str:
    return "system" if spec.system else _define(spec.name.endswith("__c"))
