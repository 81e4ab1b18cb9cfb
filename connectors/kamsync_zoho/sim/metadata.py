"""What the org says of itself: modules, fields, layouts, users, the company, the limits.

Labels are Chinese, API names English, as in a tenant of the China data centre.
"""

from __future__ import annotations

from typing import Any

from kamsync.testing.server import Answer, Call
from kamsync_zoho.sim.crm import Crm
from kamsync_zoho.sim.fields import Field, Module
from kamsync_zoho.sim.listing import page_size, positive, since_of
from kamsync_zoho.sim.refusals import Refusal
from kamsync_zoho.sim.state import Body, stable_id
from kamsync_zoho.sim.tags import module_of

JSON_TYPES = {
    "boolean": "boolean", "integer": "integer", "currency": "double", "double": "double", "percent": "double",
    "formula": "double", "lookup": "jsonobject", "ownerlookup": "jsonobject", "subform": "jsonarray",
    "tags": "jsonarray", "ALARM": "jsonobject", "RRULE": "jsonobject",
}  # fmt: skip
# Listed like any module, but of no use to a reader: (name, label, generated_type, api_supported).
OTHERS = (
    ("Home", "首页", "web", False),
    ("Deals_X_Contacts", "商机与联系人", "linking", True),
    ("Ordered_Items", "订单明细", "subform", True),
    ("Attachments", "附件", "default", True),  # no field metadata: 204
)
USER_TYPES = {"AllUsers": None, "ActiveUsers": "active", "ActiveConfirmedUsers": "active", "ConfirmedUsers": None,
              "DeactiveUsers": "inactive", "DeletedUsers": "deleted", "AdminUsers": "active"}  # fmt: skip


def list_modules(crm: Crm, call: Call) -> Answer:
    """GET /settings/modules"""
    crm.charge(1)
    own = [module_body(each, place) for place, each in enumerate(crm.org.modules.values())]
    if "fields" in call.query.get("include", "").split(",") and crm.knobs.modules_with_fields:
        for body, module in zip(own, crm.org.modules.values(), strict=True):
            body["fields"] = fields_of(crm, module)
    others = [other_body(*each) for each in OTHERS]
    return Answer(200, {"modules": [*own, *others]})


def one_module(crm: Crm, call: Call, name: str) -> Answer:
    """GET /settings/modules/{api_name}"""
    crm.charge(1)
    if name not in crm.org.modules:
        raise Refusal("INVALID_MODULE", {"resource_path_index": 2})
    return Answer(200, {"modules": [module_body(crm.org.modules[name], 0)]})


def module_body(module: Module, place: int) -> Body:
    return {
        "id": stable_id(module.name),
        "api_name": module.name,
        "module_name": f"CustomModule{place}" if module.custom else module.name,
        "plural_label": module.label,
        "singular_label": module.label,
        "generated_type": "custom" if module.custom else "default",
        "display_field": module.display,
        **dict.fromkeys(("api_supported", "viewable", "visible", "creatable", "editable", "deletable"), True),
        "status": "visible",
        "sequence_number": place + 1,
        "modified_time": None,
    }


def other_body(name: str, label: str, generated_type: str, api_supported: bool) -> Body:
    body = module_body(Module(name, label, "Name", {}), 90)
    return {**body, "generated_type": generated_type, "api_supported": api_supported, "viewable": api_supported}


def list_fields(crm: Crm, call: Call) -> Answer:
    """GET /settings/fields?module="""
    crm.charge(1)
    name = call.query.get("module")
    if any(name == other for other, *_ in OTHERS):
        return Answer(204)
    module = crm.org.modules[module_of(crm, call)]
    return Answer(200, {"fields": fields_of(crm, module)})


def fields_of(crm: Crm, module: Module) -> list[Body]:
    """The fields that the profile may see."""
    shown = set(crm.org.fields(module.name))
    return [field_body(module, each) for each in module.fields.values() if each.name in shown]


def field_body(module: Module, field: Field) -> Body:
    writable = not field.read_only and field.type not in ("formula", "autonumber")
    system = field.name.startswith("$")
    return {
        "id": stable_id(f"{module.name}.{field.name}"),
        "api_name": field.name,
        "field_label": field.label,
        "display_label": field.label,
        "column_name": field.name.upper(),
        "data_type": "text" if field.type == "tags" else field.type,
        "json_type": JSON_TYPES.get(field.type, "string"),
        "length": field.length or 0,
        "decimal_place": 2 if field.type == "currency" else None,
        "system_mandatory": field.mandatory,
        "custom_field": field.custom,
        "read_only": field.read_only,
        "field_read_only": field.read_only,
        "visible": True,
        **dict.fromkeys(("filterable", "sortable", "searchable", "mass_update"), not system),
        "view_type": {"view": True, "edit": writable, "create": writable, "quick_create": False},
        "operation_type": dict.fromkeys(("web_update", "api_create", "web_create", "api_update"), writable),
        "unique": {"casesensitive": False} if field.unique else {},
        "external": None,
        "lookup": lookup_body(field),
        "formula": {"return_type": "double"} if field.type == "formula" else {},
        "auto_number": {"prefix": "", "start_number": 1, "suffix": ""} if field.type == "autonumber" else {},
        "multiselectlookup": {},
        "subform": None,
        "pick_list_values": [choice_body(module, field, place) for place in range(len(field.choices))],
        "created_source": "default",
        "virtual_field": system,
        "history_tracking_enabled": False,
    }


def lookup_body(field: Field) -> Body:
    if field.type != "lookup":
        return {}
    return {"module": {"api_name": field.target or "se_module", "id": stable_id(field.target or "se_module")}}


def choice_body(module: Module, field: Field, place: int) -> Body:
    value = field.choices[place]
    return {
        "id": stable_id(f"{module.name}.{field.name}.{value}"),
        "display_value": value,
        "actual_value": value,
        "reference_value": value,
        "sequence_number": place + 1,
        "type": "used",
        "colour_code": None,
    }


def list_layouts(crm: Crm, call: Call) -> Answer:
    """GET /settings/layouts?module="""
    crm.charge(1)
    module = module_of(crm, call)
    return Answer(200, {"layouts": [{"id": stable_id(f"{module}.Standard"), "name": "Standard", "status": "active"}]})


# ---- the company and its people


def list_users(crm: Crm, call: Call) -> Answer:
    """GET /users"""
    crm.charge(1)
    kind, since = call.query.get("type", "AllUsers"), since_of(call)
    if kind not in (*USER_TYPES, "CurrentUser"):
        raise Refusal("INVALID_DATA", {"param_name": "type"})
    size, page = page_size(call), positive(call, "page", 1)
    wanted = USER_TYPES.get(kind)
    found = [user for user in crm.org.users.values() if wanted is None or user["status"] == wanted]
    if kind == "CurrentUser":
        found = [crm.org.users[crm.us]]
    if since is not None:
        stamp = crm.org.iso(since)
        found = [user for user in found if user["Modified_Time"] >= stamp]
    shown = found[(page - 1) * size : page * size]
    if not shown:
        return Answer(304 if since is not None and page == 1 else 204)
    info = {"per_page": size, "count": len(shown), "page": page, "more_records": len(found) > page * size}
    return Answer(200, {"users": shown, "info": info})


def one_user(crm: Crm, call: Call, id: str) -> Answer:
    """GET /users/{id}"""
    crm.charge(1)
    return Answer(200, {"users": [crm.org.users[id]]}) if id in crm.org.users else Answer(204)


def make_user(crm: Crm, name: str, email: str, *, profile: str = "Standard", **more: Any) -> str:
    """A new user of the org; the id."""
    id, stamp = str(crm.org.new_id()), crm.org.iso(crm.now())
    crm.org.users[id] = {
        "id": id,
        "full_name": name,
        "first_name": None,
        "last_name": name,
        "email": email,
        "phone": None,
        "mobile": None,
        "status": "active",
        "role": {"name": profile, "id": stable_id(f"role.{profile}")},
        "profile": {"name": profile, "id": stable_id(f"profile.{profile}")},
        "zuid": id[-9:],
        "time_zone": crm.knobs.time_zone,
        "Reporting_To": None,
        "created_time": stamp,
        "Modified_Time": stamp,
        **more,
    }
    return id


def show_org(crm: Crm, call: Call) -> Answer:
    """GET /org"""
    crm.charge(1)
    knobs = crm.knobs
    paid = {"paid": True, "paid_type": knobs.edition, "trial_type": None, "users_license_purchased": len(crm.org.users)}
    org = {
        "id": stable_id(f"org.{knobs.org_id}"),
        "zgid": knobs.org_id,
        "company_name": "示例集团",
        "time_zone": knobs.time_zone,
        "currency": "CNY",
        "iso_code": "CNY",
        "currency_symbol": "¥",
        "currency_locale": "zh_CN",
        "country_code": "CN",
        "type": knobs.org_type,
        "license_details": paid,
    }
    return Answer(200, {"org": [org]})


def show_limits(crm: Crm, call: Call) -> Answer:
    """GET /__limits?feature=API"""
    crm.charge(1)
    used = {"period": "last_24_hours", "feature": "API", "consumed_limit": crm.limits.used}
    return Answer(200, {"__limits": [{**used, "allowed_limit": crm.knobs.credits}]})
