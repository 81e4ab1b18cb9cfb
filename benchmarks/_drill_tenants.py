"""The drill's hands at each CRM: what differs between Zoho and Fxiaoke, and what is true there.

Truth comes straight from the simulator's state, past its door.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any

from _drill_hands import Hands, TrueRecord

from kamsync_fxiaoke.sim import FxiaokeTenant
from kamsync_zoho.sim import ZohoTenant

ZOHO = {"Accounts": "accounts", "Contacts": "contacts", "Deals": "deals", "Sales_Orders": "orders",
        "Tasks": "tasks", "Calls": "calls", "Events": "events"}  # fmt: skip


@dataclass
class ZohoHands(Hands):
    @property
    def zoho(self) -> ZohoTenant:
        assert isinstance(self.tenant, ZohoTenant)
        return self.tenant

    def do_late(self) -> None:
        super().do_late()
        if self.rng.random() < 0.5:  # and lists do not show it for hours yet
            row = self.zoho.org.must(next(reversed(self.where)))
            row.visible = self.tenant.now().timestamp() + self.rng.uniform(0, 6 * 3600)

    def take_back(self, entity: str, id: str) -> None:
        self.zoho.restore(id)

    def erase(self, entity: str, id: str) -> None:
        self.zoho.purge(id)

    def merge(self, winner: str, loser: str) -> None:
        self.zoho.merge(winner, loser)
        self.touched.update(self.children(winner))

    def children(self, account: str) -> list[str]:
        rows = self.zoho.org.tables["Contacts"].rows.values()
        return [row.id for row in rows if (row.body["Account_Name"] or {}).get("id") == account]

    def again(self, id: str, **contact: Any) -> None:
        with self.zoho.lock:
            last = self.zoho.org.last_id
            self.zoho.org.last_id = int(id) - 1
            self.zoho.add("contact", **contact)
            self.zoho.org.last_id = last

    def truth(self) -> Iterator[TrueRecord]:
        for module, stream in ZOHO.items():
            for row in self.zoho.org.tables[module].rows.values():
                yield TrueRecord(stream, row.id, datetime.fromtimestamp(row.modified, UTC), row.body)
        for id, user in self.zoho.org.users.items():
            if user["status"] != "deleted":
                yield TrueRecord("users", id, datetime.fromtimestamp(0, UTC), user)

    def look(self, id: str) -> tuple[str, datetime] | None:
        row = self.zoho.org.row(id)
        return (ZOHO[row.module], datetime.fromtimestamp(row.modified, UTC)) if row else None


FXIAOKE = {"AccountObj": "accounts", "ContactObj": "contacts", "NewOpportunityObj": "deals", "SalesOrderObj": "orders",
           "ActiveRecordObj": "records", "CheckinsObj": "visits", "ScheduleObj": "schedules"}  # fmt: skip


@dataclass
class FxiaokeHands(Hands):
    @property
    def fxiaoke(self) -> FxiaokeTenant:
        assert isinstance(self.tenant, FxiaokeTenant)
        return self.tenant

    def take_back(self, entity: str, id: str) -> None:
        self.fxiaoke.recover(entity, id)

    def erase(self, entity: str, id: str) -> None:
        """Made invalid first, as it must be, then deleted."""
        self.fxiaoke.invalidate(entity, id)
        self.fxiaoke.remove(entity, id)

    def merge(self, winner: str, loser: str) -> None:
        """As people do it: what hangs on the one is given to the other, then the one is made invalid."""
        crm, at = self.fxiaoke.crm, int(self.tenant.now().timestamp() * 1000)
        with self.fxiaoke.lock:
            for name in FXIAOKE:
                for row in list(crm.tables[name].rows.values()):
                    if row.get("account_id") == loser:
                        crm.alter(row, {"account_id": winner}, by=crm.person(), at=at)
                    elif row.get("customer_id") == loser or _hangs_on(row, loser):
                        self.tenant.change("activity", row["_id"], about=winner)
                    else:
                        continue
                    self.touched.add(row["_id"])
        self.fxiaoke.invalidate("account", loser)

    def children(self, account: str) -> list[str]:
        rows = self.fxiaoke.crm.tables["ContactObj"].rows.values()
        return [row["_id"] for row in rows if row.get("account_id") == account and row["life_status"] != "invalid"]

    def again(self, id: str, **contact: Any) -> None:
        crm, at = self.fxiaoke.crm, int(self.tenant.now().timestamp() * 1000)
        with self.fxiaoke.lock:
            values = {"name": contact["name"], "account_id": contact["account"]}
            crm.born("ContactObj", values, at=at, by=crm.person(), owner=crm.person(), id=id)

    def truth(self) -> Iterator[TrueRecord]:
        for name, stream in FXIAOKE.items():
            known = self.fxiaoke.crm.objects[name].fields
            for row in self.fxiaoke.crm.tables[name].rows.values():
                if row["life_status"] != "invalid":
                    body = {key: value for key, value in row.items() if key in known}
                    yield TrueRecord(stream, row["_id"], _moment(row["last_modified_time"]), body)
        for id in self.fxiaoke.crm.people.employees:
            yield TrueRecord("users", id, datetime.fromtimestamp(0, UTC), {})

    def look(self, id: str) -> tuple[str, datetime] | None:
        name = self.fxiaoke.crm.object_of(id)
        if name is None:
            return None
        row = self.fxiaoke.crm.tables[name].rows[id]
        return (FXIAOKE[name], _moment(row["last_modified_time"])) if row["life_status"] != "invalid" else None


def _hangs_on(row: Mapping[str, Any], id: str) -> bool:
    return any(one.get("id") == id for one in row.get("related_object_data") or ())


def _moment(millis: int) -> datetime:
    return datetime.fromtimestamp(millis / 1000, UTC)


def hands(crm: str, rng: Random) -> Hands:
    """An empty tenant whose behaviours are drawn too, and the hands at it."""
    if crm == "zoho":
        return ZohoHands(ZohoTenant(bulk_seconds=0.05, credits=10_000_000), rng)
    knobs = {"void_rows": rng.choice(["always", "filtered", "named", "never"]), "invalid_touches": rng.random() < 0.5}
    knobs["lag"] = rng.choice([0.0, 20.0])
    return FxiaokeHands(FxiaokeTenant(calls_per_20s=1_000_000, **knobs), rng)
