"""What the whole book says of each customer: its worth in the years to come, by one fit, and its RFM fifths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from kamsync.engine.workspace import Workspace
from kamsync.plugin import Text, same
from kamsync.rules.facts import Facts, OrderFacts
from kamsync.rules.lifetime import HORIZON, Fallback, Fit, Purchases, carried_forward, fit, values
from kamsync.rules.metrics_risk import fifths
from kamsync.store.facts_orders import History, histories


@dataclass(frozen=True, slots=True)
class Worth:
    """The book's fit, the purchase histories it was fitted on and the places in the book, by account."""

    fitted: Fit | Fallback
    panel: dict[str, Purchases]
    fifths: dict[str, dict[str, int]]  # account -> metric -> 1..5
    discount: Decimal
    margin_rate: Decimal | None

    @property
    def how(self) -> Text:
        """What the values come from, as a reader of them should know it."""
        if isinstance(self.fitted, Fit):
            return same(f"BG/NBD + Gamma-Gamma ({self.fitted.customers})")
        why = self.fitted.why
        return Text(f"{why.zh}，沿用近 12 个月毛利", f"{why.en}; the last 12 months' margin is carried on")


def fitted(workspace: Workspace, as_of: date) -> Worth:
    """Fit the book's purchase histories up to a date."""
    with workspace.store.read() as tx:
        known = histories(tx, as_of)
    panel = {one.account: _purchases(one, as_of) for one in known}
    policy = workspace.policy.value
    return Worth(fit(list(panel.values())), panel, _places(known), policy.discount, policy.margin_rate)


def _places(known: Sequence[History]) -> dict[str, dict[str, int]]:
    """RFM within the book: the last order day, order days and net sales of the last 365 days."""
    sides = {
        "rfm_recency": fifths({one.account: Decimal(one.last.toordinal()) for one in known}),
        "rfm_frequency": fifths({one.account: Decimal(one.days_12m) for one in known}),
        "rfm_monetary": fifths({one.account: Decimal(one.net_12m) for one in known}),
    }
    return {one.account: {name: side[one.account] for name, side in sides.items()} for one in known}


def _purchases(history: History, as_of: date) -> Purchases:
    """Weeks, by distinct order days; the mean of repeat days in whole units of the base currency."""
    repeats = history.days - 1
    return Purchases(
        x=repeats,
        t_x=(history.last - history.first).days / 7,
        T=(as_of - history.first).days / 7,
        mean=(history.net - history.first_day_net) / 100 / repeats if repeats else None,
    )


def with_worth(gathered: Sequence[Facts], worth: Worth | None) -> list[Facts]:
    """The facts with each account's 36-month value, where its orders and margin allow one."""
    if worth is None:
        return list(gathered)
    known = [facts for facts in gathered if facts.account in worth.panel and _margin(facts, worth) is not None]
    margins = [_margin(facts, worth) or Decimal(0) for facts in known]
    if isinstance(worth.fitted, Fit):
        panel = [worth.panel[facts.account] for facts in known]
        found = values(worth.fitted, panel, margins, weeks=HORIZON, discount=worth.discount)
        worths = [one.clv for one in found]
    else:
        yearly = [Decimal(_orders(facts).net_12m) / 100 * rate for facts, rate in zip(known, margins, strict=True)]
        worths = [carried_forward(one, HORIZON, worth.discount) for one in yearly]
    by_account = {facts.account: clv for facts, clv in zip(known, worths, strict=True)}
    return [_valued(facts, by_account, worth) for facts in gathered]


def _orders(facts: Facts) -> OrderFacts:
    return facts.orders or OrderFacts()


def _margin(facts: Facts, worth: Worth) -> Decimal | None:
    """Margin per unit sold over three years, else the policy's assumption."""
    orders = facts.orders
    if orders is not None and orders.costed_36m > 0:
        return Decimal(orders.costed_36m - orders.cost_36m) / orders.costed_36m
    return worth.margin_rate


def _valued(facts: Facts, by_account: dict[str, Decimal | None], worth: Worth) -> Facts:
    """Who never ordered has no purchase history to judge by: its value is unknown, not nothing."""
    clv, places = by_account.get(facts.account), worth.fifths.get(facts.account, {})
    if clv is None:
        return replace(facts, fifths=places) if places else facts
    minor = int((clv * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    return replace(facts, clv_36m=minor, clv_how=worth.how, fifths=places)
