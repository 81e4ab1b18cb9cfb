"""Read what customers bought from a CSV that a person wrote: a line a purchase, or a line a customer.

A line that cannot be read becomes an error of its own, with its number; the others go on. It fits nothing.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation

from kamsync.plugin import Text
from kamsync.rules.lifetime import Purchases

PURCHASES = ("customer", "date", "amount")
SUMMARY = ("customer", "x", "t_x", "T", "mean_value")
_ALSO = {
    "customer_id": "customer", "client": "customer", "客户": "customer", "日期": "date", "金额": "amount",
    "frequency": "x", "recency": "t_x", "t": "T", "monetary_value": "mean_value", "mean": "mean_value",
}  # fmt: skip
_SLACK = 0.01  # weeks by which figures that were rounded apart may disagree
_LARGEST = Decimal(10) ** 15


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that could not be read, and why."""

    line: int
    customer: str | None
    text: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """The customers of a file in the order of their first line. `until`: the day up to which purchases were watched."""

    customers: Mapping[str, Purchases]
    bad: Sequence[BadLine] = ()
    until: date | None = None


class NoPanel(Exception):
    """The first line does not name the columns of either kind of file."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


class _Bad(Exception):
    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.text = Text(zh, en)


def read_panel(lines: Iterable[str], until: date | None = None) -> Panel:
    """The purchases in a CSV; blank lines and those that begin with # are skipped. Raises `NoPanel`.

    `until`: purchases after this day do not count; left out, the newest day in the file is the last one watched.
    """
    numbered = _rows(lines)
    _, head = next(numbered, (0, []))
    columns = [_ALSO.get(name.strip().casefold(), name.strip().casefold()) for name in head]
    if set(SUMMARY) <= set(columns):
        return _summary(columns, numbered)
    if set(PURCHASES) <= set(columns):
        return _purchases(columns, numbered, until)
    raise NoPanel(
        Text(
            f"第一行要写列名：{','.join(PURCHASES)}（每笔一行），或 {','.join(SUMMARY)}（每个客户一行，单位为周）",
            f"the first line must name the columns: {','.join(PURCHASES)} (a line a purchase), or "
            f"{','.join(SUMMARY)} (a line a customer, in weeks)",
        )
    )


def _rows(lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(lines, 1):
        text = line.removeprefix("\ufeff").strip()
        if text and not text.startswith("#"):
            yield number, next(csv.reader([text]))


def _cells(columns: Sequence[str], row: Sequence[str]) -> dict[str, str]:
    return {name: cell.strip() for name, cell in zip(columns, row, strict=False)}


# ---- a line a customer


def _summary(columns: Sequence[str], rows: Iterable[tuple[int, list[str]]]) -> Panel:
    customers: dict[str, Purchases] = {}
    bad: list[BadLine] = []
    for number, row in rows:
        cells = _cells(columns, row)
        customer = cells.get("customer", "")
        try:
            if customer in customers:
                raise _Bad("这个客户前面已有一行", "this customer has a line already")
            customers[_named(customer)] = _history(cells)
        except _Bad as broken:
            bad.append(BadLine(number, customer or None, broken.text))
    return Panel(customers=customers, bad=bad)


def _history(cells: Mapping[str, str]) -> Purchases:
    x, t_x, watched = (_number(cells, name) for name in ("x", "t_x", "T"))
    if x is None or t_x is None or watched is None:
        raise _Bad("x、t_x、T 都要写", "x, t_x and T must all be given")
    if x < 0 or x != int(x):
        raise _Bad("x 要写不小于 0 的整数", "x must be a whole number, 0 or more")
    if t_x < 0 or float(t_x) > float(watched) + _SLACK:
        raise _Bad("t_x 要在 0 到 T 之间", "t_x must lie between 0 and T")
    if x == 0 and t_x:
        raise _Bad("没有复购（x = 0）时 t_x 要写 0", "without a repeat purchase (x = 0) t_x must be 0")
    mean = _number(cells, "mean_value")
    return Purchases(int(x), float(t_x), float(watched), float(mean) if mean is not None and x else None)


# ---- a line a purchase


@dataclass(slots=True)
class _Days:
    """What a customer bought by day; None where the amount of a purchase is unknown."""

    amounts: dict[date, Decimal | None] = field(default_factory=dict)

    def add(self, day: date, amount: Decimal | None) -> None:
        held = self.amounts.get(day, Decimal(0))
        self.amounts[day] = None if amount is None or held is None else held + amount

    def history(self, until: date) -> Purchases:
        first, *repeats = sorted(self.amounts)
        known = [amount for day in repeats if (amount := self.amounts[day]) is not None]
        return Purchases(
            x=len(repeats),
            t_x=(repeats[-1] - first).days / 7 if repeats else 0.0,
            T=(until - first).days / 7,
            mean=float(sum(known, Decimal(0)) / len(known)) if known else None,
        )


def _purchases(columns: Sequence[str], rows: Iterable[tuple[int, list[str]]], until: date | None) -> Panel:
    days: dict[str, _Days] = {}
    bad: list[BadLine] = []
    for number, row in rows:
        cells = _cells(columns, row)
        customer = cells.get("customer", "")
        try:
            day, amount = _day(cells.get("date", "")), _number(cells, "amount")
            if until is None or day <= until:
                days.setdefault(_named(customer), _Days()).add(day, amount)
        except _Bad as broken:
            bad.append(BadLine(number, customer or None, broken.text))
    last = until or max((day for each in days.values() for day in each.amounts), default=None)
    if last is None:
        return Panel(customers={}, bad=bad)
    return Panel(customers={name: each.history(last) for name, each in days.items()}, bad=bad, until=last)


# ---- cells


def _named(customer: str) -> str:
    if not customer:
        raise _Bad("没有写客户", "names no customer")
    return customer


def _number(cells: Mapping[str, str], name: str) -> Decimal | None:
    """None for an empty cell: unknown."""
    cell = cells.get(name, "")
    if not cell:
        return None
    try:
        value = Decimal(cell)
    except InvalidOperation:
        raise _Bad(f'{name} "{cell}" 不是数字', f'{name} "{cell}" is not a number') from None
    if not value.is_finite() or abs(value) > _LARGEST:
        raise _Bad(f'{name} "{cell}" 不是合理的数字', f'{name} "{cell}" is not a sensible number')
    return value


def _day(cell: str) -> date:
    try:
        return date.fromisoformat(cell.replace("/", "-"))
    except ValueError:
        raise _Bad(f'date "{cell}" 不是日期（如 2026-12-01）', f'date "{cell}" is not a date like 2026-12-01') from None
