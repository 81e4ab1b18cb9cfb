"""What people do in the CRM, told in kamsync's neutral words: the fields that a neutral value goes into.

Writes past the gateway: no token, no limit, no workflow. A word it does not know it ignores.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from kamsync_fxiaoke.sim.crm import Crm
from kamsync_fxiaoke.sim.fields import NUMBERS, PEOPLE, PLACES, Spec
from kamsync_fxiaoke.sim.values import amount, decimal, floor_day, midnight, ms


@dataclass(frozen=True, slots=True)
class To:
    """Where a neutral value goes: the field, neutral words for its options, or another turn of the value."""

    field: str
    words: Mapping[str, str] | None = None
    turn: Callable[[Any], Any] | None = None


_SIZES = {"大": "1", "中": "2", "小": "3", "微": "4"}
_ROLES = {"decision_maker": "dm", "influencer": "inf", "user": "use", "gatekeeper": "gate"}
_ACCOUNT = To("account_id")

ENTITIES: dict[str, tuple[str, dict[str, To]]] = {
    "account": ("AccountObj", {
        "name": To("name"), "other_names": To("other_name__c", turn=lambda names: "、".join(_several(names))),
        "uscc": To("uniform_social_credit_code"), "industry": To("industry_level1"),
        "size": To("customer_size__c", words=_SIZES), "phone": To("tel"), "website": To("url"),
        "province": To("province"), "city": To("city"), "address": To("address"), "parent": To("parent_account_id"),
        "wallet": To("wallet_estimate__c", turn=lambda yuan: decimal(yuan) / 10_000),
        "wallet_date": To("wallet_date__c"), "strategic": To("strategic__c"), "influence": To("influence__c"),
        "since": To("cooperation_since__c"), "blacklisted": To("blacklisted__c"), "created_at": To("create_time"),
    }),
    "contact": ("ContactObj", {
        "name": To("name"), "account": _ACCOUNT, "title": To("job_title"), "department": To("department"),
        "phone": To("tel"), "mobile": To("mobile"), "email": To("email"),
        "decision_role": To("decision_role__c", words=_ROLES), "birthday": To("birthday__c"),
    }),
    "deal": ("NewOpportunityObj", {
        "account": _ACCOUNT, "name": To("name"), "stage": To("sales_stage"),
        "status": To("sales_status", words={"open": "1", "won": "2", "lost": "3"}), "amount": To("amount"),
        "probability": To("probability", turn=lambda share: decimal(share) * 100), "close_date": To("close_date"),
    }),
    "order": ("SalesOrderObj", {
        "account": _ACCOUNT, "number": To("name"), "date": To("order_time"), "gross": To("order_amount"),
        "counts": To("order_status", turn=lambda counts: "已发货" if counts else "草稿"),
        "returned": To("returned_goods_amount"), "refunded": To("refund_amount"), "cost": To("cost_amount__c"),
    }),
    "order_line": ("SalesOrderProductObj", {
        "number": To("name"), "order": To("order_id"), "product": To("product_id"), "quantity": To("quantity"),
        "price": To("sales_price"), "amount": To("subtotal"),
    }),
    "return": ("ReturnedGoodsInvoiceObj", {
        "account": _ACCOUNT, "order": To("order_id"), "number": To("name"), "date": To("returned_goods_time"),
        "amount": To("returned_goods_inv_amount"), "reason": To("returned_goods_reason"),
    }),
    "contract": ("ContractObj", {
        "account": _ACCOUNT, "number": To("name"), "start": To("started_time"), "end": To("expired_time"),
        "amount": To("contract_amount"), "auto_renew": To("auto_renew__c"),
        "status": To("status", words={"active": "1", "ended": "2", "cancelled": "3"}),
    }),
    "invoice": ("PaymentPlanObj", {
        "account": _ACCOUNT, "number": To("name"), "issued": To("create_time"), "due": To("plan_payment_time"),
        "amount": To("plan_payment_amount"), "paid_amount": To("actual_payment_amount"),
    }),
    "payment": ("PaymentObj", {
        "account": _ACCOUNT, "invoice": To("payment_plan_id"), "date": To("payment_time"),
        "amount": To("payment_amount"), "number": To("name"),
    }),
    "case": ("CasesObj", {
        "account": _ACCOUNT, "number": To("name"), "subject": To("title__c"), "kind": To("case_type__c", words={}),
        "severity": To("priority__c", words={"critical": "high"}), "status": To("status__c", words={}),
        "opened_at": To("create_time"), "resolved_at": To("closed_time__c"),
    }),
    "survey": ("satisfaction__c", {
        "account": To("account_id__c"), "kind": To("kind__c", words={}), "score": To("score__c"),
        "max_score": To("max_score__c"), "date": To("survey_date__c"), "number": To("name"),
    }),
}  # fmt: skip


def values(crm: Crm, entity: str, neutral: Mapping[str, Any]) -> dict[str, Any]:
    """The stored fields for neutral values; None empties a field. Owners and references come as CRM ids."""
    name, table = ENTITIES[entity]
    stored: dict[str, Any] = {}
    for word, value in neutral.items():
        to = table.get(word)
        if to is not None:
            stored[to.field] = None if value is None else _stored(crm.objects[name].fields[to.field], to, value)
    if neutral.get("owner") is not None:
        stored.update(crm.owned(ref(neutral["owner"])))
    return stored


def ref(value: Any) -> str:
    """The id in a reference, however it was handed in."""
    return str(getattr(value, "id", value))


def stamp(value: Any) -> int:
    """Milliseconds of a moment, or of ten in the morning of a day."""
    if isinstance(value, datetime):
        return ms(value)
    return midnight(value) + 10 * 3_600_000


def picked(spec: Spec, word: str, words: Mapping[str, str] | None = None) -> str:
    """The option meant by a neutral word, by an option's value or by a label; unknown labels become options."""
    known = (words or {}).get(word)
    if known is not None:
        return known
    if words is not None and word in spec.options:
        return word
    return spec.value(word)


def _stored(spec: Spec, to: To, value: Any) -> Any:
    if to.turn is not None:
        value = to.turn(value)
    if spec.type in NUMBERS:
        return _number(spec, decimal(value))
    if spec.type == "date":
        return floor_day(ms(value)) if isinstance(value, datetime) else midnight(value)
    if spec.type == "date_time":
        return stamp(value)
    if spec.type == "select_one" or spec.type in PLACES:
        return picked(spec, str(value), to.words)
    if spec.type in PEOPLE:
        return [ref(value)]
    return value if isinstance(value, bool) else ref(value)


def _number(spec: Spec, value: Decimal) -> Any:
    return int(value) if spec.plain else amount(value, spec.decimals)


def _several(names: Iterable[str] | str) -> Iterable[str]:
    return (names,) if isinstance(names, str) else names


# ---- activities: three objects for one entity

ACTIVITIES = ("ActiveRecordObj", "CheckinsObj", "ScheduleObj")
_HOUR = 3_600_000


def activity_object(kind: str, *, done: bool) -> str:
    """Where an activity of this kind is kept. What is only planned goes into the calendar, except visits."""
    if kind in ("visit", "exec_visit"):
        return "CheckinsObj"
    return "ActiveRecordObj" if done and kind != "task" else "ScheduleObj"


def activity_values(crm: Crm, name: str, neutral: Mapping[str, Any]) -> dict[str, Any]:
    """The stored fields of an activity in one of its objects."""
    given = {word: value for word, value in neutral.items() if value is not None}
    stored = {"ActiveRecordObj": _record, "CheckinsObj": _visit, "ScheduleObj": _schedule}[name](crm, given)
    if "owner" in given:
        stored.update(crm.owned(ref(given["owner"])))
    return stored


def _record(crm: Crm, given: Mapping[str, Any]) -> dict[str, Any]:
    stored: dict[str, Any] = {}
    if "kind" in given:
        stored["active_record_type"] = given["kind"]
    if "subject" in given:
        stored["active_record_content"] = given["subject"]
    if "at" in given:
        stored["create_time"] = stamp(given["at"])
    if "about" in given:
        stored["related_object_data"] = related(crm, given["about"])
    how = _how(given)
    return {**stored, "interactive_types": how} if how else stored


def _how(given: Mapping[str, Any]) -> str | None:
    """来电, 去电, 未接通 or 面谈; nothing for a note."""
    if given.get("reached") is False:
        return "miss"
    if given.get("kind") == "meeting":
        return "face"
    if given.get("direction") is not None:
        return "in" if given["direction"] == "inbound" else "out"
    return "out" if given.get("kind") == "call" else None


def _visit(crm: Crm, given: Mapping[str, Any]) -> dict[str, Any]:
    stored: dict[str, Any] = {}
    if "kind" in given:
        stored["checkins_scene"] = "exec" if given["kind"] == "exec_visit" else "visit"
    if "subject" in given:
        stored["communicate_record"] = given["subject"]
    if "at" in given:
        stored["new_stat_date"] = stamp(given["at"])
    if "about" in given:
        stored["customer_id"] = related(crm, given["about"])[0]["id"]
    return stored


def _schedule(crm: Crm, given: Mapping[str, Any]) -> dict[str, Any]:
    stored: dict[str, Any] = {}
    if "subject" in given:
        stored["content"] = "\n".join([given["subject"], *([given["marker"]] if given.get("marker") else [])])
    if "at" in given:
        stored.update(begin_time=stamp(given["at"]), end_time=stamp(given["at"]) + _HOUR)
    if "about" in given:
        stored["related_object_data"] = related(crm, given["about"])
    if "status" in given:
        stored["schedule_status__c"] = "done" if given["status"] == "done" else "open"
    if "owner" in given:
        stored["participants"] = [ref(given["owner"])]
    return stored


def related(crm: Crm, about: Any) -> list[dict[str, str]]:
    """The rows an activity hangs on, as related_object_data tells them."""
    found = []
    for one in (about,) if isinstance(about, str) or hasattr(about, "id") else about:
        name = crm.object_of(ref(one)) or "AccountObj"
        row = crm.tables[name].rows.get(ref(one), {})
        found.append({"id": ref(one), "name": str(row.get("name", "")), "describe_api_name": name})
    return found
