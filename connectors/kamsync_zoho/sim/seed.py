"""A made-up business world as the rows of this org.

Takes the world's zoho rows and leaves the rest; stamps lie in the past of the tenant's clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, TypeVar

from kamsync.testing.world import (
    World,
    WorldAccount,
    WorldActivity,
    WorldCase,
    WorldContact,
    WorldContract,
    WorldDeal,
    WorldInvoice,
    WorldOrder,
    WorldSurvey,
)
from kamsync.testing.world_make import make_world
from kamsync_zoho.sim.metadata import make_user
from kamsync_zoho.sim.neutral import KINDS, body_of, completed
from kamsync_zoho.sim.tenant import ZohoTenant

Hung = TypeVar(
    "Hung",
    WorldContact,
    WorldActivity,
    WorldDeal,
    WorldOrder,
    WorldInvoice,
    WorldCase,
    WorldContract,
    WorldSurvey,
)
ORDER_STATUS = {"draft": "Created", "confirmed": "Approved", "delivered": "Delivered", "cancelled": "Cancelled"}

Fields = Mapping[str, Any]  # kamsync's names; `account` and `owner` by the world's keys


def plant(tenant: ZohoTenant, today: date | None = None) -> None:
    """Load the made-up world as it stands on a day, by default the tenant's own today."""
    seed(tenant, make_world(today or tenant.now().astimezone(tenant.org.zone).date()))


def seed(tenant: ZohoTenant, world: World) -> dict[str, str]:
    """Load the world; the CRM's id of every key that was loaded."""
    with tenant.lock:
        return _Seed(tenant, world).load()


class _Seed:
    def __init__(self, tenant: ZohoTenant, world: World) -> None:
        self.tenant, self.world, self.org = tenant, world, tenant.org
        self.ids: dict[str, str] = {}
        self.now = tenant.epoch()

    def load(self) -> dict[str, str]:
        world = self.world
        self.users()
        for account in sorted(world.accounts, key=lambda each: each.created):
            if account.crm == "zoho":
                self.put("Accounts", account.key, account_fields(account), account.created, account.modified)
                self.tag(account)
        for contact in self.ours(world.contacts):
            self.put("Contacts", contact.key, contact_fields(contact), contact.created)
        for activity in self.ours(world.activities):
            self.put(KINDS[activity.kind][0], activity.key, activity_fields(activity), activity.at)
        for deal in self.ours(world.deals):
            self.put("Deals", deal.key, deal_fields(deal), deal.created)
        for order in self.ours(world.orders):
            self.put("Sales_Orders", order.key, order_fields(order), self.at(order.date))
        for invoice in self.ours(world.invoices):
            last = max([invoice.issued, *(on for on, _ in invoice.paid)])
            self.put("Invoices", invoice.key, invoice_fields(invoice), self.at(invoice.issued), self.at(last))
        for case in self.ours(world.cases):
            self.put("Cases", case.key, case_fields(case), case.opened, case.closed)
        for contract in self.ours(world.contracts):
            self.put("Contracts", contract.key, contract_fields(contract, world.today), self.at(contract.start))
        for survey in self.ours(world.surveys):
            self.put("Satisfaction_Surveys", survey.key, survey_fields(survey), self.at(survey.date))
        return self.ids

    def users(self) -> None:
        ours = [user for user in self.world.users if user.crm == "zoho"]
        for user in ours:
            status = "active" if user.active else "inactive"
            self.ids[user.key] = make_user(self.tenant.crm, user.name, user.email, status=status)
        for user in ours:
            if user.manager in self.ids:
                self.org.users[self.ids[user.key]]["Reporting_To"] = self.org.user_ref(self.ids[user.manager])

    def ours(self, rows: Iterable[Hung]) -> Iterator[Hung]:
        """The rows whose account was loaded."""
        return (row for row in rows if row.account in self.ids)

    def at(self, day: date) -> datetime:
        return datetime.combine(day, time(10), tzinfo=self.org.zone)

    def put(self, module: str, key: str, fields: Fields, created: datetime, modified: datetime | None = None) -> None:
        """One row, its stamps not after now (what is planned was written down before); the account's owner has it."""
        ties = {name: self.ids.get(fields[name] or "") for name in ("account", "owner") if name in fields}
        stamp = min((modified or created).timestamp(), self.now)
        kind = KINDS[fields["kind"]][1] if module == "Events" else {}
        body = {**body_of(self.org, module, {**fields, **ties}), **kind}
        if account := ties.get("account"):
            body["Owner"] = body.get("Owner") or self.org.must(account).body["Owner"]
        full = completed(self.org, module, body, stamp)
        born = min(created.timestamp(), stamp)
        self.ids[key] = self.org.insert(module, full, at=stamp, created=born, by=self.tenant.crm.admin).id

    def tag(self, account: WorldAccount) -> None:
        row = self.org.must(self.ids[account.key])
        row.body["Tag"] = [self.org.tag("Accounts", name) for name in account.tags]


# ---- the world's rows in kamsync's names


def account_fields(row: WorldAccount) -> Fields:
    same = ("name", "other_name", "uscc", "phone", "website", "industry", "province", "city", "address", "size",
            "employees", "wallet", "wallet_date", "influence", "strategic", "since", "blacklisted",
            "owner")  # fmt: skip
    return {name: getattr(row, name) for name in same}


def contact_fields(row: WorldContact) -> Fields:
    same = ("name", "account", "title", "mobile", "email", "birthday")
    return {**{name: getattr(row, name) for name in same}, "decision_role": row.role}


def activity_fields(row: WorldActivity) -> Fields:
    shown = {name: getattr(row, name) for name in ("kind", "account", "subject", "text", "at", "owner", "done")}
    if row.kind != "call":
        return shown
    direction = {"direction": "inbound" if row.inbound else "outbound"}
    return {**shown, **direction, **({"reached": row.reached} if row.done else {})}


def deal_fields(row: WorldDeal) -> Fields:
    share = Decimal(row.probability) / 100
    same = {name: getattr(row, name) for name in ("name", "account", "amount", "status")}
    return {**same, "probability": share, "close_date": row.close}


def order_fields(row: WorldOrder) -> Fields:
    same = {name: getattr(row, name) for name in ("number", "account", "date", "returned", "cost")}
    return {**same, "gross": row.amount, "status": ORDER_STATUS[row.status], "subject": f"订单 {row.number}"}


def invoice_fields(row: WorldInvoice) -> Fields:
    """Zoho knows no payments: an invoice is paid or it is not."""
    same = {name: getattr(row, name) for name in ("number", "account", "issued", "due", "amount")}
    return {**same, "status": "paid" if sum(amount for _, amount in row.paid) >= row.amount else "open"}


def case_fields(row: WorldCase) -> Fields:
    same = {name: getattr(row, name) for name in ("number", "account", "subject", "kind")}
    status = "closed" if row.closed else "open"
    return {**same, "severity": row.priority, "status": status, "resolved_at": row.closed}


def contract_fields(row: WorldContract, today: date) -> Fields:
    same = {name: getattr(row, name) for name in ("number", "account", "start", "end", "amount", "auto_renew")}
    return {**same, "status": "ended" if row.end < today and not row.auto_renew else "active"}


def survey_fields(row: WorldSurvey) -> Fields:
    same = {name: getattr(row, name) for name in ("account", "kind", "score", "max_score", "date")}
    return {**same, "name": f"{row.kind.upper()} {row.date:%Y-%m}"}
