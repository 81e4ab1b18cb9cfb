"""The made-up world's Fxiaoke rows, put into a simulated tenant.

Ids follow from the world's keys, so the same world gives the same ids; rows from before 2017 have the old, longer form.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol

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
from kamsync_fxiaoke.sim import hands
from kamsync_fxiaoke.sim.crm import Crm
from kamsync_fxiaoke.sim.people import SYSTEM, Employee
from kamsync_fxiaoke.sim.tenant import FxiaokeTenant
from kamsync_fxiaoke.sim.values import CHINA, amount, ms

_LONG_IDS_UNTIL = datetime(2017, 1, 1, tzinfo=UTC)
_STAGES = {"open": "3", "won": "5", "lost": "6"}
_ORDER_STATUS = {"draft": "draft", "confirmed": "normal", "delivered": "delivered", "cancelled": "cancelled"}
_ROLES = {"决策者": "decision_maker", "影响者": "influencer", "使用者": "user", "把关者": "gatekeeper"}


class _Child(Protocol):
    @property
    def key(self) -> str: ...
    @property
    def account(self) -> str: ...


def plant(tenant: FxiaokeTenant, today: date | None = None) -> None:
    """Load the made-up world as it stands on a day, by default the tenant's own today."""
    seed(tenant, make_world(today or tenant.now().astimezone(CHINA).date()))


def seed(tenant: FxiaokeTenant, world: World) -> dict[str, str]:
    """Load the world's fxiaoke rows; the CRM id of every key that was loaded."""
    with tenant.lock:
        planting = _Planting(tenant.crm, world)
        planting.people()
        planting.accounts()
        planting.children(world.contacts, planting.contact)
        planting.children(world.deals, planting.deal)
        planting.children(world.orders, planting.order)
        planting.children(world.contracts, planting.contract)
        planting.children(world.invoices, planting.invoice)
        planting.children(world.cases, planting.case)
        planting.children(world.surveys, planting.survey)
        planting.children(world.activities, planting.activity)
        tenant.crm.settle()
        return planting.ids


def row_id(name: str, key: str, created: datetime) -> str:
    """An id in this CRM's style that follows from the key."""
    digest = hashlib.sha256(f"{name}:{key}".encode()).hexdigest()
    return digest[:32] if created < _LONG_IDS_UNTIL else f"{ms(created) // 1000:08x}{digest[:16]}"


class _Planting:
    """One seeding: what is known so far, and how each kind of row is written."""

    def __init__(self, crm: Crm, world: World) -> None:
        self.crm = crm
        self.world = world
        self.ids: dict[str, str] = {}
        self.owners: dict[str, str] = {}
        self.today = datetime(world.today.year, world.today.month, world.today.day, tzinfo=CHINA)

    def people(self) -> None:
        users = [user for user in self.world.users if user.crm == "fxiaoke"]
        hired = ms(self.today - timedelta(days=400))
        for user in users:
            self.ids[user.key] = id = self.crm.people.fresh_id()
            mobile = f"1390000{int(id):04d}"
            self.crm.hire(Employee(id, user.name, user.email, mobile, user.active, None, hired, hired))
        for user in users:
            if user.manager in self.ids:
                self.crm.people.change(self.ids[user.key], hired, leader=self.ids[user.manager])

    def accounts(self) -> None:
        for one in self.world.accounts:
            if one.crm == "fxiaoke":
                self.owners[one.key] = self.ids.get(one.owner or "", "")
                self._put("AccountObj", one.key, self._account(one), one.created, one.modified, self.owners[one.key])

    def children(self, rows: Iterable[Any], plant: Callable[[Any], None]) -> None:
        """Those whose account is in this CRM."""
        for row in rows:
            if row.account in self.owners:
                plant(row)

    def _account(self, one: WorldAccount) -> dict[str, Any]:
        told = hands.values(self.crm, "account", {
            "name": one.name, "other_names": one.other_name, "uscc": one.uscc, "industry": one.industry,
            "size": one.size, "phone": one.phone, "website": one.website, "province": one.province,
            "city": one.city, "address": one.address, "wallet": one.wallet, "wallet_date": one.wallet_date,
            "strategic": one.strategic, "influence": one.influence, "since": one.since,
            "blacklisted": one.blacklisted,
        })  # fmt: skip
        spec = self.crm.objects["AccountObj"].fields["kam_tags__c"]
        return {**told, "kam_tags__c": [spec.value(tag) for tag in one.tags]}

    def contact(self, one: WorldContact) -> None:
        self._child("contact", one, one.created, {
            "name": one.name, "title": one.title, "mobile": one.mobile, "email": one.email,
            "decision_role": _ROLES.get(one.role or ""), "birthday": one.birthday,
        })  # fmt: skip

    def deal(self, one: WorldDeal) -> None:
        self._child("deal", one, one.created, {
            "name": one.name, "amount": one.amount, "probability": Decimal(one.probability) / 100,
            "status": one.status, "close_date": one.close,
        }, sales_stage=_STAGES[one.status])  # fmt: skip

    def order(self, one: WorldOrder) -> None:
        owed = amount(one.amount - one.returned - one.refunded, 2)
        self._child("order", one, _ten(one.date), {
            "number": one.number, "date": one.date, "gross": one.amount, "returned": one.returned,
            "refunded": one.refunded, "cost": one.cost,
        }, order_status=_ORDER_STATUS[one.status], receivable_amount=owed)  # fmt: skip

    def contract(self, one: WorldContract) -> None:
        status = "ended" if one.end < self.world.today else "active"
        self._child("contract", one, _ten(one.start), {
            "number": one.number, "start": one.start, "end": one.end, "amount": one.amount,
            "auto_renew": one.auto_renew, "status": status,
        })  # fmt: skip

    def invoice(self, one: WorldInvoice) -> None:
        """A payment plan, and a payment for each sum that came in."""
        paid = sum((part for _, part in one.paid), Decimal(0))
        last = max((day for day, _ in one.paid), default=one.issued)
        self._child("invoice", one, _ten(one.issued), {
            "number": one.number, "due": one.due, "amount": one.amount, "paid_amount": paid,
        }, changed=_ten(last))  # fmt: skip
        for at, (day, part) in enumerate(one.paid, start=1):
            told = hands.values(self.crm, "payment", {
                "number": f"{one.number}-{at}", "account": self.ids[one.account], "invoice": self.ids[one.key],
                "date": day, "amount": part,
            })  # fmt: skip
            self._put("PaymentObj", f"{one.key}/{at}", told, _ten(day), _ten(day), self.owners[one.account])

    def case(self, one: WorldCase) -> None:
        self._child("case", one, one.opened, {
            "number": one.number, "subject": one.subject, "kind": one.kind, "severity": one.priority,
            "status": "open" if one.closed is None else "closed", "resolved_at": one.closed,
        }, changed=one.closed)  # fmt: skip

    def survey(self, one: WorldSurvey) -> None:
        self._child("survey", one, _ten(one.date), {
            "number": f"SV-{one.key}", "kind": one.kind, "score": one.score, "max_score": one.max_score,
            "date": one.date,
        })  # fmt: skip

    def activity(self, one: WorldActivity) -> None:
        name = hands.activity_object(one.kind, done=one.done)
        owner = self.ids.get(one.owner or "", self.owners[one.account])
        told = hands.activity_values(self.crm, name, {
            "kind": one.kind, "about": (self.ids[one.account],), "at": one.at, "reached": one.reached,
            "subject": f"{one.subject}\n{one.text}" if one.text else one.subject,
            "direction": "inbound" if one.inbound else "outbound", "status": "done" if one.done else "planned",
            "owner": owner or None,
        })  # fmt: skip
        created = min(one.at, self.today - timedelta(days=1))
        self._put(name, one.key, told, created, created, owner)

    def _child(
        self, entity: str, one: _Child, created: datetime, neutral: Mapping[str, Any],
        *, changed: datetime | None = None, **more: Any,
    ) -> None:  # fmt: skip
        told = hands.values(self.crm, entity, {**neutral, "account": self.ids[one.account]})
        name = hands.ENTITIES[entity][0]
        self._put(name, one.key, {**told, **more}, created, changed or created, self.owners[one.account])

    def _put(
        self, name: str, key: str, told: Mapping[str, Any], created: datetime, changed: datetime, owner: str
    ) -> None:
        # A row of this morning must not carry a stamp that the clock has not reached yet.
        created, changed = min(created, self.today), min(changed, self.today)
        self.ids[key] = id = row_id(name, key, created)
        kept = {field: value for field, value in told.items() if value is not None and value != []}
        kept["create_time"] = ms(created)
        last = ms(max(created, changed))
        self.crm.born(name, kept, at=ms(created), changed=last, by=owner or SYSTEM, owner=owner, id=id)


def _ten(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 10, tzinfo=CHINA)
