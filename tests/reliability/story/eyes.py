"""What is really in a tenant, read past its door: rows as they lie there, and what of them is a task or a tag."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from kamsync.testing.tenant import Tenant
from tests.reliability.story.virtual import Fxiaoke, Zoho

MARKER = re.compile(r"kam:R\d\d:[^\s:\"\\]+:[a-z2-7]{26}")
SHANGHAI = ZoneInfo("Asia/Shanghai")
Row = Mapping[str, Any]
Key = tuple[str, str]  # object, id


class Eye(Protocol):
    """How one product's rows are read."""

    account: str
    task: str
    status: str  # the field of a task that says whether it is done

    def rows(self) -> dict[Key, Row]: ...
    def tags(self, row: Row) -> list[str]: ...
    def marker(self, row: Row) -> str | None: ...
    def plain(self, row: Row) -> dict[str, Any]: ...
    def lives(self, row: Row | None) -> bool: ...
    def done(self, row: Row) -> bool: ...
    def about(self, row: Row) -> str | None: ...
    def influence(self, row: Row) -> int: ...
    def uscc(self, row: Row) -> str: ...
    def visits(self, rows: Mapping[Key, Row]) -> Iterator[tuple[str, date]]: ...


class ZohoEye:
    """Rows are bodies; their lookups are objects that others share."""

    account, task = "Accounts", "Tasks"
    _stamps = frozenset({"Tag", "Modified_Time", "Modified_By", "Closed_Time"})
    status = "Status"

    def __init__(self, tenant: Zoho) -> None:
        self.tenant = tenant

    def rows(self) -> dict[Key, Row]:
        tables = self.tenant.org.tables
        return {
            (name, str(num)): dict(row.body)
            for name in ("Accounts", "Tasks", "Events", "Invoices")
            for num, row in tables[name].rows.items()
        }

    def tags(self, row: Row) -> list[str]:
        return [tag["name"] for tag in row["Tag"]]

    def marker(self, row: Row) -> str | None:
        found = MARKER.search(row.get("Kamsync_Key") or row["Description"] or "")
        return found[0] if found else None

    def plain(self, row: Row) -> dict[str, Any]:
        return {name: value for name, value in row.items() if name not in self._stamps}

    def lives(self, row: Row | None) -> bool:
        return row is not None

    def done(self, row: Row) -> bool:
        return bool(row["Status"] == "Completed")

    def about(self, row: Row) -> str | None:
        return str(row["What_Id"]["id"]) if row["What_Id"] else None

    def influence(self, row: Row) -> int:
        return int(row["Influence"])

    def uscc(self, row: Row) -> str:
        return str(row["USCC"])

    def visits(self, rows: Mapping[Key, Row]) -> Iterator[tuple[str, date]]:
        for (name, _), row in rows.items():
            if name == "Events" and row["What_Id"]:
                yield row["What_Id"]["id"], datetime.fromisoformat(row["Start_DateTime"]).astimezone(SHANGHAI).date()


class FxiaokeEye:
    """Rows are never changed in place; what is void is still there."""

    account, task = "AccountObj", "ScheduleObj"
    _stamps = frozenset({"kam_tags__c", "version", "last_modified_by", "last_modified_time"})
    status = "schedule_status__c"

    def __init__(self, tenant: Fxiaoke) -> None:
        self.tenant = tenant

    def rows(self) -> dict[Key, Row]:
        tables = self.tenant.crm.tables
        return {
            (name, id): row
            for name in ("AccountObj", "ScheduleObj", "CheckinsObj", "PaymentPlanObj")
            for id, row in tables[name].rows.items()
        }

    def tags(self, row: Row) -> list[str]:
        options = self.tenant.crm.objects["AccountObj"].fields["kam_tags__c"].options
        return [options[value] for value in row.get("kam_tags__c") or ()]

    def marker(self, row: Row) -> str | None:
        found = MARKER.search(str(row.get("content") or ""))
        return found[0] if found else None

    def plain(self, row: Row) -> dict[str, Any]:
        return {name: value for name, value in row.items() if name not in self._stamps}

    def lives(self, row: Row | None) -> bool:
        return row is not None and row["life_status"] != "invalid"

    def done(self, row: Row) -> bool:
        return row.get("schedule_status__c") == "done"

    def about(self, row: Row) -> str | None:
        related = row.get("related_object_data") or []
        return next((one["id"] for one in related if one["describe_api_name"] == "AccountObj"), None)

    def influence(self, row: Row) -> int:
        return int(row["influence__c"])

    def uscc(self, row: Row) -> str:
        return str(row["uniform_social_credit_code"])

    def visits(self, rows: Mapping[Key, Row]) -> Iterator[tuple[str, date]]:
        for (name, _), row in rows.items():
            if name == "CheckinsObj" and self.lives(row) and row.get("customer_id"):
                at = datetime.fromtimestamp(row["new_stat_date"] / 1000, SHANGHAI)
                yield str(row["customer_id"]), at.date()


def eye(tenant: Tenant) -> Eye:
    if isinstance(tenant, Zoho):
        return ZohoEye(tenant)
    assert isinstance(tenant, Fxiaoke)
    return FxiaokeEye(tenant)
