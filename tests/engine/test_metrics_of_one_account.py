"""One account's figures, worked out by hand from what its CRM holds on 2 March 2026."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.engine.desk import PEOPLE, Desk, when

STREAMS = PEOPLE | {
    "orders",
    "deals",
    "invoices",
    "payments",
    "surveys",
    "records",
    "schedules",
    "visits",
    "cases",
    "contracts",
}
STAYS_OPEN = True
TODAY = date(2026, 3, 2)


@pytest.fixture
def account(fxiaoke_desk: Desk) -> str:
    """A customer in Fxiaoke, which keeps payments."""
    return fxiaoke_desk.fxiaoke.add("account", name="东方电气股份有限公司", since=date(2024, 12, 15))


def test_sales_are_net_of_returns_and_refunds_and_only_of_orders_that_count(fxiaoke_desk: Desk, account: str) -> None:
    """
    2025-06-10   100,000 − 10,000 returned − 5,000 refunded     cost 60,000
    2025-06-10    50,000                                        cost unknown
    2025-09-01   999,999 draft
    2026-03-02     1,000 today counts;  2026-03-03  5,000 does not yet
    2025-03-02     7,000 is 365 days ago: last year's;  2024-12-01  80,000 too
    """
    for day, more in [
        ("2025-06-10", {"gross": 100_000, "returned": 10_000, "refunded": 5_000, "cost": 60_000}),
        ("2025-06-10", {"gross": 50_000}),
        ("2025-09-01", {"gross": 999_999, "counts": False}),
        ("2026-03-02", {"gross": 1_000}),
        ("2026-03-03", {"gross": 5_000}),
        ("2025-03-02", {"gross": 7_000}),
        ("2024-12-01", {"gross": 80_000}),
    ]:
        fxiaoke_desk.fxiaoke.add(
            "order", **{"account": account, "date": date.fromisoformat(day), "counts": True} | more
        )
    fxiaoke_desk.pull()

    found = fxiaoke_desk.metrics(account, TODAY)

    assert {name: found.value(name) for name in ("revenue_12m", "order_days_12m", "active_months_12")} == {
        "revenue_12m": 136_000, "order_days_12m": 2, "active_months_12": 2,
    }  # fmt: skip
    assert found.value("growth_yoy") == Decimal(136_000 - 87_000) / 87_000
    # 85,000 sold for 60,000; the other 51,000 at the policy's 20 %
    assert found.value("gross_margin_12m") == 25_000 + Decimal("10200.0")
    assert found.value("margin_cum_36m") == 25_000 + Decimal("27600.0")
    assert found.value("tenure_months") == 15  # the first order is older than the date someone wrote down


def test_the_pipeline_is_what_open_deals_of_the_next_365_days_are_worth(fxiaoke_desk: Desk, account: str) -> None:
    for amount, share, status, close in [
        (1_000_000, "0.3", "open", TODAY + timedelta(days=90)),
        (200_000, "0.5", "open", TODAY + timedelta(days=365)),
        (800_000, "0.5", "open", TODAY + timedelta(days=366)),
        (800_000, "0.5", "open", TODAY),
        (900_000, "1", "won", TODAY + timedelta(days=30)),
    ]:
        fxiaoke_desk.fxiaoke.add(
            "deal", account=account, amount=amount, probability=Decimal(share), status=status, close_date=close
        )
    fxiaoke_desk.pull()

    assert fxiaoke_desk.metrics(account, TODAY).value("weighted_pipeline_12m") == 400_000


def test_money_that_names_no_invoice_pays_the_oldest_debt_first(fxiaoke_desk: Desk, account: str) -> None:
    """
    debts      C 10,000 due 2025-01-01    A 30,000 due 2026-01-10    B 40,000 due 2026-02-10
    payments   50,000 on 2026-01-05 for nothing in particular: C whole (late), A whole (on time), 10,000 of B (on time)
               20,000 on 2026-02-20 for B: late
    """
    debts = {}
    for name, amount, due in [("A", 30_000, "2026-01-10"), ("B", 40_000, "2026-02-10"), ("C", 10_000, "2025-01-01")]:
        day = date.fromisoformat(due)
        debts[name] = fxiaoke_desk.fxiaoke.add("invoice", account=account, number=name, amount=amount, due=day)
    fxiaoke_desk.fxiaoke.add("payment", account=account, amount=50_000, date=date(2026, 1, 5))
    fxiaoke_desk.fxiaoke.add("payment", account=account, amount=20_000, date=date(2026, 2, 20), invoice=debts["B"])
    fxiaoke_desk.pull()

    found = fxiaoke_desk.metrics(account, TODAY)

    assert found.value("on_time_rate") == Decimal(30_000 + 10_000) / (30_000 + 40_000)
    # of B 20,000 came 10 days late and 10,000 is open, 20 days now
    assert found.value("avg_days_late") == Decimal(20_000 * 10 + 10_000 * 20) / 70_000
    assert found.value("overdue_180d") == 0
    assert [(one.number, one.open) for one in fxiaoke_desk.facts(account, TODAY).invoices] == [("B", 10_000_00)]


def test_what_is_unpaid_for_more_than_180_days_is_told(fxiaoke_desk: Desk, account: str) -> None:
    fxiaoke_desk.fxiaoke.add("invoice", account=account, amount=300, due=TODAY - timedelta(days=181))
    fxiaoke_desk.fxiaoke.add("invoice", account=account, amount=50, due=TODAY - timedelta(days=180))
    fxiaoke_desk.pull()

    assert fxiaoke_desk.metrics(account, TODAY).value("overdue_180d") == 300


def test_a_crm_without_payments_knows_what_is_open_and_not_what_came_on_time(zoho_desk: Desk) -> None:
    id = zoho_desk.zoho.add("account", name="东方电气股份有限公司")
    zoho_desk.zoho.add("invoice", account=id, amount=300, due=TODAY - timedelta(days=20), status="open")
    zoho_desk.zoho.add("invoice", account=id, amount=700, due=TODAY - timedelta(days=20), status="paid")
    zoho_desk.pull()

    found = zoho_desk.metrics(id, TODAY)

    assert found.value("on_time_rate") is None
    assert [one.open for one in zoho_desk.facts(id, TODAY).invoices] == [300_00]


def test_satisfaction_is_the_mean_of_both_kinds_of_answers_of_a_year(fxiaoke_desk: Desk, account: str) -> None:
    """CSAT 4 of 5 → 75 and 10 of 10 → 100; NPS 9 and 3 → 0, which is 50 of 100."""
    for kind, score, most, day in [
        ("csat", 4, 5, TODAY),
        ("csat", 10, 10, TODAY - timedelta(days=364)),
        ("csat", 1, 5, TODAY - timedelta(days=365)),
        ("nps", 9, 10, TODAY),
        ("nps", 3, 10, TODAY),
    ]:
        fxiaoke_desk.fxiaoke.add("survey", account=account, kind=kind, score=score, max_score=most, date=day)
    fxiaoke_desk.pull()

    assert fxiaoke_desk.metrics(account, TODAY).value("satisfaction") == (Decimal("87.5") + 50) / 2


def test_the_last_contact_is_the_last_that_went_both_ways(fxiaoke_desk: Desk, account: str) -> None:
    """
    2026-01-15   a call that reached someone
    2026-02-01   a call nobody answered        2026-02-10   a note        2026-02-20   a task, done
    """
    for day, more in [
        ("2026-01-15", {"kind": "call", "direction": "outbound"}),
        ("2026-02-01", {"kind": "call", "reached": False}),
        ("2026-02-10", {"kind": "note"}),
        ("2026-02-20", {"kind": "task", "status": "done"}),
    ]:
        fxiaoke_desk.fxiaoke.add("activity", about=account, at=when(day), **more)
    fxiaoke_desk.pull()

    touches = fxiaoke_desk.facts(account, TODAY).touches

    assert touches is not None
    assert (touches.two_way, touches.visit) == (date(2026, 1, 15), None)


def test_money_of_a_foreign_currency_counts_at_the_rate_of_its_record(zoho_desk: Desk) -> None:
    """Zoho's rate is what one yuan buys: 0.14 dollars."""
    id = zoho_desk.zoho.add("account", name="东方电气股份有限公司")
    order = zoho_desk.zoho.add("order", account=id, gross=1_400, date=date(2026, 1, 5))
    zoho_desk.zoho.calculate(order, Currency="USD", Exchange_Rate=0.14)

    zoho_desk.pull()

    assert zoho_desk.metrics(id, TODAY).value("revenue_12m") == 10_000


def test_a_debt_of_long_ago_that_is_still_open_counts_as_late(fxiaoke_desk: Desk, account: str) -> None:
    fxiaoke_desk.fxiaoke.add("invoice", account=account, amount=100, due=TODAY - timedelta(days=400))
    fxiaoke_desk.fxiaoke.add("invoice", account=account, amount=300, due=TODAY)
    fxiaoke_desk.pull()

    assert fxiaoke_desk.metrics(account, TODAY).value("avg_days_late") == 100


def test_days_of_sales_outstanding_need_the_day_of_issue(zoho_desk: Desk) -> None:
    """90 days: 300 were invoiced, of which 200 are open, beside 400 of before."""
    id = zoho_desk.zoho.add("account", name="东方电气股份有限公司")
    for amount, age, status in [(100, 89, "paid"), (200, 0, "open"), (400, 90, "open")]:
        issued = TODAY - timedelta(days=age)
        zoho_desk.zoho.add(
            "invoice", account=id, amount=amount, issued=issued, due=issued + timedelta(days=30), status=status
        )
    zoho_desk.pull()

    assert zoho_desk.metrics(id, TODAY).value("dso") == Decimal(600) / 300 * 90


def test_engagement_fades_by_half_in_45_days(fxiaoke_desk: Desk, account: str) -> None:
    """A visit 10 days ago and a call 45 days ago; what is planned, in vain or a note is none."""
    for age, more in [
        (10, {"kind": "visit"}),
        (45, {"kind": "call"}),
        (1, {"kind": "call", "reached": False}),
        (1, {"kind": "note"}),
    ]:
        at = when((TODAY - timedelta(days=age)).isoformat())
        fxiaoke_desk.fxiaoke.add("activity", about=account, at=at, **({"status": "done"} | more))
    fxiaoke_desk.pull()

    found = fxiaoke_desk.metrics(account, TODAY)

    assert round(found.value("engagement") or 0, 2) == Decimal("42.51")
    metric = found.get("engagement")
    assert metric is not None
    assert (round(Decimal(str(metric.inputs["strength"])), 4), metric.systems) == (Decimal("3.3217"), ("fxiaoke",))


def test_cases_are_counted_by_the_local_day_they_were_opened(fxiaoke_desk: Desk, account: str) -> None:
    for age, more in [
        (0, {"kind": "complaint", "status": "open"}),
        (20, {"kind": "complaint", "status": "closed", "resolved_at": when("2026-02-20")}),
        (90, {"kind": "complaint", "status": "open"}),
        (365, {"kind": "service", "status": "open"}),
    ]:
        opened = when((TODAY - timedelta(days=age)).isoformat())
        fxiaoke_desk.fxiaoke.add("case", account=account, opened_at=opened, **more)
    fxiaoke_desk.pull()

    cases = fxiaoke_desk.facts(account, TODAY).cases

    assert cases is not None
    assert (cases.opened_12m, cases.complaints_90d) == (3, 2)
    assert cases.open_complaints == (TODAY - timedelta(days=90), TODAY)
    assert fxiaoke_desk.metrics(account, TODAY).value("service_events_12m") == 3


@pytest.mark.parametrize(("end", "over"), [("2026-03-01", True), ("2026-03-02", False)])
def test_a_contract_is_over_the_day_after_its_end(fxiaoke_desk: Desk, account: str, end: str, over: bool) -> None:
    day = date.fromisoformat(end)
    fxiaoke_desk.fxiaoke.add("contract", account=account, start=date(2025, 3, 1), end=day, status="active")
    fxiaoke_desk.pull()

    contracts = fxiaoke_desk.facts(account, TODAY).contracts

    assert contracts is not None
    assert contracts.over == (day if over else None)
