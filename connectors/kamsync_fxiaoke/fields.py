"""What fields an object has, from its description.

Reads only; a computed or system field is not writable whatever the description says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kamsync.plugin import Choice, Field, scale_of
from kamsync_fxiaoke.rows import whole

_COMPUTED = frozenset({"quote", "formula", "count"})  # they change without the record's stamp moving
_SILENT = frozenset({"last_followed_time", "probability_amount", "account_path"})  # computed, typed as plain fields
_NUMBERS = frozenset({"number", "currency", "percentile", "formula", "count", "quote"})
_STAFF = {
    "openUserId": ("员工开放编号", "text"),
    "account": ("账号", "text"),
    "name": ("姓名", "text"),
    "nickName": ("昵称", "text"),
    "isStop": ("是否停用", "true_or_false"),
    "email": ("邮箱", "email"),
    "mobile": ("手机", "phone_number"),
    "position": ("职位", "text"),
    "departmentIds": ("部门", "array"),
    "mainDepartmentId": ("主属部门", "number"),
    "employeeNumber": ("员工编号", "text"),
    "createTime": ("创建时间", "date_time"),
    "leaderId": ("上级", "text"),
}


def of(describe: Mapping[str, Any]) -> list[Field]:
    """The active fields of an object."""
    fields = describe.get("fields")
    if not isinstance(fields, Mapping):
        return []
    return [
        _field(str(name), told)
        for name, told in fields.items()
        if isinstance(told, Mapping) and told.get("is_active", True) is not False
    ]


def _field(name: str, told: Mapping[str, Any]) -> Field:
    kind = str(told.get("type") or "text")
    define = told.get("define_type")
    name = str(told.get("api_name") or name)
    return Field(
        name=name,
        label=str(told.get("label") or name),
        type=kind,
        id=name,
        choices=tuple(_choices(told.get("options"))),
        writable=kind not in _COMPUTED | {"auto_number"} and define != "system",
        unique=told.get("is_unique") is True,
        required=told.get("is_required") is True,
        custom=define == "custom" or name.endswith("__c"),
        length=whole(told.get("max_length")),
        silent=kind in _COMPUTED or name in _SILENT,
        returns=str(told.get("return_type") or told.get("quote_field_type") or "") if kind in _COMPUTED else "",
        scale=scale_of(str(told.get("label") or "")) if kind in _NUMBERS else 1,
        refers_to=told.get("target_api_name") if isinstance(told.get("target_api_name"), str) else None,
    )


def _choices(options: Any) -> Sequence[Choice]:
    if not isinstance(options, list):
        return []
    return [
        Choice(str(each["value"]), str(each.get("label") or each["value"]))
        for each in options
        if isinstance(each, Mapping) and each.get("value") is not None
    ]


def staff() -> list[Field]:
    """The fields of the staff list, which has no description of its own."""
    return [Field(name, label, kind, id=name) for name, (label, kind) in _STAFF.items()]


def departments() -> list[Field]:
    """The fields of the list of departments."""
    told = (
        ("id", "部门编号"),
        ("name", "部门名称"),
        ("parentId", "上级部门"),
        ("isStop", "是否停用"),
        ("order", "排序"),
    )
    return [Field(name, label, "text", id=name) for name, label in told]
