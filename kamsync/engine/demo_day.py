"""A working day in the demo's CRMs: thirty things that people do, so that the next pull and plan have work to show.

Acts with people's hands, never through the API; what kamsync makes of it is for the real commands to show.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from kamsync.engine.demo import Crm
from kamsync.plugin import Text

OURS = "KAM·"
NEW = (
    ("苏州澄湖精密模具有限公司", "0512-65120088", "江苏省", "苏州市"),
    ("青岛海岳冷链物流有限公司", "0532-80230066", "山东省", "青岛市"),
    ("成都锦里智能装备有限公司", "028-61230077", "四川省", "成都市"),
    ("武汉楚天光电材料有限公司", "027-59870055", "湖北省", "武汉市"),
)


@dataclass(frozen=True, slots=True)
class Deed:
    """One kind of thing that people did, and how often."""

    what: Text
    times: int


@dataclass(frozen=True, slots=True)
class _Hands:
    """Somebody at work in one CRM: which accounts are at hand, and what time it is."""

    tenant: Any
    accounts: Sequence[str]
    now: datetime
    today: date
    turn: int

    def some(self, many: int, start: int) -> Sequence[str]:
        """Accounts that no other deed of this day touches."""
        return self.accounts[start : start + many]


def work_a_day(crms: Sequence[Crm], now: datetime, today: date) -> list[Deed]:
    """Do the day's work in every CRM; what was done, thirty things in two CRMs."""
    told = []
    hands = [_at_work(crm, now, today, turn) for turn, crm in enumerate(crms)]
    for what, deed in DEEDS:
        told.append(Deed(what, sum(deed(one) for one in hands)))
    return told


def _at_work(crm: Crm, now: datetime, today: date, turn: int) -> _Hands:
    """Those whose tag is the lowest tier come first: there is most to change about them."""
    tags = {id: crm.tenant.tags(id) for id in crm.tenant.ids("account")}
    low = [id for id, carried in tags.items() if any(tag.startswith(f"{OURS}三级") for tag in carried)]
    serial = now.astimezone().hour * 60 + now.minute  # another hour, other accounts
    start = serial % max(1, len(low) - 30)
    return _Hands(crm.tenant, low[start:] + low[:start], now, today, turn)


def _orders(hands: _Hands) -> int:
    for place, account in enumerate(hands.some(3, 0)):
        gross = Decimal(12_000_000 + 9_000_000 * place)
        number = f"SO-{hands.now:%m%d%H%M}-{place + 1}"
        hands.tenant.add(
            "order", account=account, number=number, date=hands.today, gross=gross, cost=gross * 7 / 10, counts=True
        )
    return 3


def _receivables(hands: _Hands) -> int:
    for place, account in enumerate(hands.some(3, 3)):
        due = hands.today - timedelta(days=(2, 9, 31)[place])
        number = f"AR-{hands.now:%m%d%H%M}-{place + 1}"
        hands.tenant.add(
            "invoice", account=account, number=number, issued=due - timedelta(days=30), due=due,
            amount=Decimal(180_000 * (place + 1)), status="open",
        )  # fmt: skip
    return 3


def _calls(hands: _Hands) -> int:
    for account in hands.some(2, 6):
        hands.tenant.add(
            "activity", kind="call", about=(account,), at=hands.now - timedelta(hours=1), direction="inbound",
            reached=True, status="done", subject="客户来电询问交期",
        )  # fmt: skip
    return 2


def _new_accounts(hands: _Hands) -> int:
    mine = NEW[hands.turn * 2 : hands.turn * 2 + 2]
    for name, phone, province, city in mine:
        hands.tenant.add("account", name=name, phone=phone, province=province, city=city)
    return len(mine)


def _phones(hands: _Hands) -> int:
    for place, account in enumerate(hands.some(2, 8)):
        hands.tenant.change("account", account, phone=f"0755-8602{hands.now:%M}{place + 10}")
    return 2


def _ticked_off(hands: _Hands) -> int:
    ours = next((task for task in hands.tenant.tasks() if task.by_us and not task.done), None)
    if ours is not None:
        hands.tenant.close_task(ours.id)
    return int(ours is not None)


def _own_tags(hands: _Hands) -> int:
    (account,) = hands.some(1, 10)
    hands.tenant.set_tags(account, [*hands.tenant.tags(account), "老客户"])
    return 1


def _tags_taken_away(hands: _Hands) -> int:
    (account,) = hands.some(1, 11)
    hands.tenant.set_tags(account, [tag for tag in hands.tenant.tags(account) if not tag.startswith(OURS)])
    return 1


DEEDS: tuple[tuple[Text, Callable[[_Hands], int]], ...] = (
    (Text("新的大订单", "new big orders"), _orders),
    (Text("应收款逾期", "receivables fell overdue"), _receivables),
    (Text("接到客户来电", "calls from customers"), _calls),
    (Text("新建客户", "new accounts"), _new_accounts),
    (Text("改了客户电话", "telephone numbers changed"), _phones),
    (Text("勾掉 kamsync 的任务", "tasks of kamsync's ticked off"), _ticked_off),
    (Text("打了自己的标签", "own tags put on"), _own_tags),
    (Text("摘掉 kamsync 的标签", "tags of kamsync's taken off"), _tags_taken_away),
)
