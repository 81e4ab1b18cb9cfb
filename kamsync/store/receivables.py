"""What customers owe and when they paid: invoices set against payments.

A payment that names no invoice is set off against the account's oldest open debt. Judges nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, or_, select

from kamsync.model import Member
from kamsync.rules.facts import MoneyDueFacts, OpenInvoice
from kamsync.store.entities import TABLES

YEAR = timedelta(days=365)
QUARTER = timedelta(days=90)


@dataclass(slots=True)
class _Debt:
    row: Mapping[str, Any]
    amount: int
    paid: list[tuple[date, int]] = field(default_factory=list)  # payments whose day is known

    @property
    def received(self) -> int:
        return sum(amount for _, amount in self.paid)

    @property
    def settled(self) -> int:
        """What has been paid, by whichever record knows more."""
        if self.row["status"] == "paid":
            return self.amount
        return max(self.received, self.row["paid_amount_base"] or 0)

    @property
    def open(self) -> int:
        return max(0, self.amount - self.settled - (self.row["disputed_base"] or 0))

    @property
    def timing_known(self) -> bool:
        """Every paid cent has a day; then what came on time can be told."""
        return self.settled <= self.received

    def late_days(self, as_of: date) -> int:
        """Σ amount × days after the due date: of what came until it came, of what is open until `as_of`."""
        due: date = self.row["due"]
        left, days = self.amount, 0
        for day, paid in sorted(self.paid):
            part = min(paid, left)
            left -= part
            days += part * max(0, (day - due).days)
        return days + left * max(0, (as_of - due).days)

    def on_time(self) -> int:
        return min(self.amount, sum(amount for day, amount in self.paid if day <= self.row["due"]))


Due = tuple[MoneyDueFacts, tuple[OpenInvoice, ...], tuple[Member, ...]]


def receivables(
    tx: Connection, accounts: Sequence[str], as_of: date, with_payments: frozenset[str]
) -> dict[str | None, Due]:
    """Per account the sums, the open invoices and the unclear ones; under None what an account without any has.

    `with_payments`: connections that keep payment records; elsewhere it is known what is paid, not when.
    """
    debts, unclear = _debts(tx, accounts, as_of), _unclear(tx, accounts)
    _set_off(debts, tx, accounts, as_of)
    found: dict[str | None, Due] = {None: (MoneyDueFacts(), (), ())}
    for account in debts.keys() | unclear.keys():
        owed = debts.get(account, [])
        sums = _sums(owed, as_of, with_payments) if owed else MoneyDueFacts()
        found[account] = (sums, _open(owed), tuple(unclear.get(account, ())))
    return found


def _unclear(tx: Connection, accounts: Sequence[str]) -> dict[str, list[Member]]:
    """Per account the invoices whose amount or day is not known: whether they are paid is not, either."""
    invoice = TABLES["invoice"]
    query = select(invoice.c.account_id, invoice.c.connection, invoice.c.stream, invoice.c.remote_id).where(
        invoice.c.account_id.in_(accounts),
        or_(invoice.c.amount_base.is_(None), invoice.c.due.is_(None)),
        invoice.c.status.is_distinct_from("cancelled"),
    )
    found: dict[str, list[Member]] = defaultdict(list)
    for row in tx.execute(query.order_by(invoice.c.remote_id)):
        found[row.account_id].append(Member(row.connection, row.stream, row.remote_id))
    return found


def _debts(tx: Connection, accounts: Sequence[str], as_of: date) -> dict[str, list[_Debt]]:
    invoice = TABLES["invoice"]
    query = select(invoice).where(
        invoice.c.account_id.in_(accounts), invoice.c.amount_base.is_not(None), invoice.c.due.is_not(None)
    )
    debts: dict[str, list[_Debt]] = defaultdict(list)
    for row in tx.execute(query.order_by(invoice.c.due, invoice.c.remote_id)).mappings():
        if row["status"] != "cancelled" and (row["issued"] is None or row["issued"] <= as_of):
            debts[row["account_id"]].append(_Debt(dict(row), row["amount_base"]))
    return debts


def _set_off(debts: dict[str, list[_Debt]], tx: Connection, accounts: Sequence[str], as_of: date) -> None:
    payment = TABLES["payment"]
    query = select(payment).where(
        payment.c.account_id.in_(accounts), payment.c.amount_base.is_not(None), payment.c.date <= as_of
    )
    for row in tx.execute(query.order_by(payment.c.date, payment.c.remote_id)).mappings():
        owed = debts.get(row["account_id"], [])
        named = [
            debt
            for debt in owed
            if (debt.row["connection"], debt.row["remote_id"]) == (row["connection"], row["invoice_ref"])
        ]
        left = row["amount_base"]
        for debt in named or [debt for debt in owed if debt.row["connection"] == row["connection"]]:
            part = left if named else min(left, debt.amount - debt.received)
            if part > 0:
                debt.paid.append((row["date"], part))
                left -= part


def _sums(owed: Sequence[_Debt], as_of: date, with_payments: frozenset[str]) -> MoneyDueFacts:
    timed = [debt for debt in owed if as_of - YEAR < debt.row["due"] <= as_of and _is_timed(debt, with_payments)]
    late = [debt for debt in owed if debt.row["due"] < as_of]
    before = [
        debt for debt in owed if as_of - 2 * YEAR < debt.row["due"] <= as_of - YEAR and _is_timed(debt, with_payments)
    ]
    older = [debt for debt in late if debt.row["due"] <= as_of - YEAR and debt.open and _is_timed(debt, with_payments)]
    recent = [debt for debt in owed if debt.row["issued"] is None or debt.row["issued"] > as_of - QUARTER]
    undated = [debt for debt in recent if debt.row["issued"] is None and debt.row["due"] > as_of - QUARTER]
    return MoneyDueFacts(
        due_12m=sum(debt.amount for debt in timed) if timed else None,
        on_time_12m=sum(debt.on_time() for debt in timed) if timed else None,
        timed=sum(debt.amount for debt in (*timed, *older)) if timed or older else None,
        late_days=sum(debt.late_days(as_of) for debt in (*timed, *older)) if timed or older else None,
        timed_before=sum(debt.amount for debt in before) if before else None,
        late_days_before=sum(debt.late_days(as_of) for debt in before) if before else None,
        invoiced_90d=None if undated else sum(debt.amount for debt in recent if debt.row["issued"] is not None),
        open=sum(debt.open for debt in owed),
        overdue=sum(debt.open for debt in late),
        overdue_180d=sum(debt.open for debt in late if (as_of - debt.row["due"]).days > 180),
    )


def _is_timed(debt: _Debt, with_payments: frozenset[str]) -> bool:
    return debt.row["connection"] in with_payments and debt.timing_known


def _open(owed: Sequence[_Debt]) -> tuple[OpenInvoice, ...]:
    return tuple(
        OpenInvoice(
            member=Member(debt.row["connection"], debt.row["stream"], debt.row["remote_id"]),
            number=debt.row["number"] or debt.row["remote_id"],
            due=debt.row["due"],
            open=debt.open,
            promised=debt.row["promised"],
        )
        for debt in owed
        if debt.open > 0
    )
