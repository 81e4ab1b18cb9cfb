"""What depends on a field of the key-account file: metrics, and the decisions that are no metric.

Pure words; the metrics themselves say the same by their inputs (a test compares the two).
"""

from __future__ import annotations

from kamsync.plugin import Text
from kamsync.rules.metrics import CATALOGUE, entities_of

_OF_ACCOUNT = {
    "wallet": ("wallet_gap", "share_of_wallet"),
    "wallet_date": ("wallet_gap", "share_of_wallet"),
    "since": ("tenure_months",),
    "influence": ("influence",),
}
_OF_ORDER = {"cost": ("gross_margin_12m", "margin_cum_36m", "clv_36m")}
_NAMES = frozenset({"number", "subject", "name", "owner"})  # what no figure is worked out from
_LINKING = frozenset({"name", "other_names", "uscc", "phone", "website", "province", "city"})
_BOOK = frozenset({"size", "industry", "wallet", "strategic"})
_CHAIN = frozenset({"decision_role", "reports_to", "left_company", "account"})


def metrics_of(entity: str, field: str) -> tuple[str, ...]:
    """The metrics that are worked out from this field of an entity."""
    if entity == "account":
        return _OF_ACCOUNT.get(field, ())
    if entity == "order" and field in _OF_ORDER:
        return _OF_ORDER[field]
    if field in _NAMES:
        return ()
    return tuple(name for name in CATALOGUE if entity in entities_of(name))


def more_of(entity: str, field: str) -> tuple[Text, ...]:
    """The other decisions that look at this field."""
    found = []
    if entity == "account" and field in _LINKING:
        found.append(Text("客户归并", "which records are one customer"))
    if entity == "account" and field in _BOOK:
        found.append(Text("哪些客户参与评级", "which customers are judged"))
    if entity == "account" and field == "strategic":
        found.append(Text("等级下限", "the lowest tier allowed"))
    if field == "account" or field == "about":
        found.append(Text("归属哪个客户", "whose record it is"))
    if field in ("owner", "active", "manager"):
        found.append(Text("提醒给谁", "who is reminded"))
    if entity == "contact" and field in _CHAIN:
        found.append(Text("决策链", "the decision chain"))
    return tuple(found)
