"""Which of a tenant's objects are which of kamsync's streams, and at which paths they live.

Knows names only; what a tenant really has is asked of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from kamsync.plugin import Stream, Text, same

LAG = timedelta(minutes=5)  # lists may come from a search index that runs behind

ACCOUNT = "AccountObj"
SCHEDULE = "ScheduleObj"
PERSONNEL = "PersonnelObj"
USERS = Stream("users", "users", "user", Text("员工", "employees"), incremental=False, lag=timedelta(0))
DEPARTMENTS = Stream(
    "departments", "departments", None, Text("部门", "departments"), incremental=False, lag=timedelta(0)
)


@dataclass(frozen=True, slots=True)
class Known:
    """A stream and the objects it may come from, the one that mappings name first."""

    name: str
    entity: str
    objects: tuple[str, ...]


KNOWN = (
    Known("accounts", "account", (ACCOUNT,)),
    Known("contacts", "contact", ("ContactObj",)),
    Known("records", "activity", ("ActiveRecordObj",)),
    Known("visits", "activity", ("CheckinsObj",)),
    Known("schedules", "activity", (SCHEDULE,)),
    Known("deals", "deal", ("NewOpportunityObj", "OpportunityObj")),
    Known("orders", "order", ("SalesOrderObj",)),
    Known("invoices", "invoice", ("PaymentPlanObj",)),
    Known("payments", "payment", ("PaymentObj",)),
    Known("contracts", "contract", ("ContractObj", "SaleContractObj")),
    Known("cases", "case", ("CasesObj",)),
    Known("surveys", "survey", ("satisfaction__c",)),
)

_NAMES = {object: known.name for known in KNOWN for object in known.objects}


def is_custom(object: str) -> bool:
    return object.endswith("__c")


def path(object: str, verb: str) -> str:
    """Where an object is queried, read or written."""
    return f"/cgi/crm/custom/v2/data/{verb}" if is_custom(object) else f"/cgi/crm/v2/data/{verb}"


def stream_name(object: str) -> str:
    """Our name for the stream of an object."""
    return _NAMES.get(object, object)


def streams(listed: Iterable[Mapping[str, Any]]) -> list[Stream]:
    """The streams of a tenant, from its list of objects: those we know first, then its own."""
    labels = {
        str(each["describeApiName"]): str(each.get("describeDisplayName") or each["describeApiName"])
        for each in listed
        if each.get("describeApiName") and each.get("isActive", True) not in (False, "false")
    }
    chosen: dict[str, Known] = {}
    for known in KNOWN:
        found = next((object for object in known.objects if object in labels), None)
        if found is not None:
            chosen[found] = known
    rest = [object for object in labels if object not in chosen]
    named = [_stream(object, labels[object], chosen[object]) for object in chosen]
    return [*named, *(_stream(object, labels[object]) for object in rest), USERS, DEPARTMENTS]


def _stream(object: str, label: str, known: Known | None = None) -> Stream:
    """A stream; one that stands in for an object the tenant does not use answers to that one's name as well."""
    return Stream(
        known.name if known else object,
        object,
        known.entity if known else None,
        same(label),
        custom=is_custom(object),
        lag=LAG,
        created="create_time",
        stands_for=tuple(other for other in known.objects if other != object) if known else (),
    )
