"""Checks of what a page holds: ids are texts, words arrive as they were typed, amounts to the last fen.

What a field means is for the mapping.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from kamsync.plugin import Record
from kamsync.testing.suite_bench import Bench, leaves, records

HOSTILE = (
    "“华为”技术 & <b>公司</b> 'O''Reilly' \"Ltd\"",
    "表情😀👩‍👩‍👧‍👦🇨🇳与生僻字𠮷𪚥",
    r"反斜杠 \u0000 \n \\ %00 %s {0} ${x} {{y}}",
    "\u202eمرحبا עברית\u202c 从右到左",
    "零宽\u200b字\u200d符\ufeff与e\u0301组合",
    "null",
    "0012345678901234567890",
    "=cmd|' /C calc'!A0",
    "1e400",
    "很长" * 120,
)
AMOUNTS = ("0.01", "1234567.89", "98765432109.87", "100000000")
PLAIN = (str, int, Decimal, bool, type(None))


class Typing:
    """Values of every kind, unharmed."""

    def test_ids_are_texts_that_survive_whatever_their_size(self, bench: Bench) -> None:
        """Ids above 2^53 that pass through a float come out as another customer's."""
        there = bench.accounts(3)

        came = records(bench.pages())

        assert all(type(record.id) is str for record in came)
        assert sorted(record.id for record in came) == there

    def test_hostile_text_arrives_unchanged(self, bench: Bench) -> None:
        """Customers are called what they are called: quotes, emoji, right-to-left, digits that look like numbers."""
        there = {bench.tenant.add("account", name=text): text for text in HOSTILE}

        came = {record.id: record for record in records(bench.pages())}

        assert {id: text for id, text in there.items() if not _has_text(came[id], text)} == {}

    def test_amounts_are_exact(self, bench: Bench) -> None:
        """A float turns 98,765,432,109.87 into something a finance department does not sign."""
        entity, name = _trade(bench)
        (account,) = bench.accounts(1)
        there = {_traded(bench, account, entity, name, Decimal(amount)): Decimal(amount) for amount in AMOUNTS}

        came = {record.id: record for record in records(bench.pages(bench.stream(entity)))}

        assert {id: amount for id, amount in there.items() if not _has_amount(came[id], amount)} == {}

    def test_bodies_hold_plain_values_only(self, bench: Bench) -> None:
        """What is kept raw must come back from the store as it went in: no floats, no dates, no objects of ours."""
        trade, name = _trade(bench)
        (account,) = bench.accounts(1)
        _traded(bench, account, trade, name, Decimal("1.10"))

        odd = [value for entity in ("account", trade) for value in _values(bench, entity) if type(value) not in PLAIN]

        assert odd == []

    def test_stamps_know_their_offset(self, bench: Bench) -> None:
        """A stamp without an offset is read as somebody's local time, whose, nobody knows."""
        bench.accounts(3)

        stamps = [record.modified for record in records(bench.pages()) if record.modified is not None]

        assert stamps
        assert all(stamp.utcoffset() is not None for stamp in stamps)


def _trade(bench: Bench) -> tuple[str, str]:
    """A kind of record that has an amount, and what that is called: deals, or else orders."""
    bench.stream()
    offered = {bench.entity_of(stream) for stream in bench.session.streams()}
    return ("deal", "amount") if "deal" in offered or "order" not in offered else ("order", "gross")


def _traded(bench: Bench, account: str, entity: str, name: str, amount: Decimal) -> str:
    told: dict[str, Any] = {"name": "生意", "account": account, name: amount}
    return bench.tenant.add(entity, **told)


def _values(bench: Bench, entity: str) -> list[Any]:
    return [value for record in records(bench.pages(bench.stream(entity))) for value in leaves(dict(record.body))]


def _has_text(record: Record, text: str) -> bool:
    return any(value == text and isinstance(value, str) for value in leaves(record.body))


def _has_amount(record: Record, amount: Decimal) -> bool:
    return any(_amount(value) == amount for value in leaves(record.body))


def _amount(value: Any) -> Decimal | None:
    """The exact number that a plain value is; floats are not exact."""
    if isinstance(value, bool | float) or value is None:
        return None
    try:
        return Decimal(value)
    except InvalidOperation:
        return None
