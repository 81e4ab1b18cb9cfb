"""Checks of every kind of record that a tenant offers: it arrives, is understood, changes and goes like an account.

A kind that the connector does not offer is skipped, visibly.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from kamsync.mapping import Rejection, apply
from kamsync.model.values import Ref
from kamsync.plugin import Record, Stream
from kamsync.testing.suite_bench import HOUR, SECOND, Bench, gone, ids, records, skip

DAY = date(2026, 3, 2)
MOMENT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
SAMPLES: dict[str, dict[str, Any]] = {
    "contact": {"name": "赵敏", "mobile": "13900001234", "email": "zhao@example.cn"},
    "activity": {"kind": "task", "subject": "打电话给客户", "status": "planned", "at": DAY},
    "deal": {"name": "二期扩容", "amount": Decimal("120000.50"), "close_date": DAY},
    "order": {"number": "SO-0007", "subject": "订单 SO-0007", "date": DAY, "gross": Decimal("8800.00")},
    "contract": {"number": "HT-2026-1", "start": DAY, "end": date(2027, 3, 1), "amount": Decimal("50000")},
    "invoice": {"number": "INV-0012", "issued": DAY, "due": date(2026, 4, 1), "amount": Decimal("1200.10")},
    "payment": {"date": DAY, "amount": Decimal("600.05")},
    "case": {"number": "C-77", "subject": "设备不启动", "kind": "service", "opened_at": MOMENT},
    "survey": {"kind": "nps", "score": Decimal(9), "date": DAY},
    "user": {"name": "王小二", "email": "wang@example.cn"},
}
NAMES = {"contact": "name", "activity": "subject", "deal": "name", "user": "name"}  # what people rename
every_kind = pytest.mark.parametrize("entity", SAMPLES)


class Entities:
    """Contacts, activities, trade, service, staff."""

    @every_kind
    def test_a_record_of_every_kind_arrives(self, bench: Bench, entity: str) -> None:
        """Revenue is made of orders, silence of activities: a kind that is not read makes the verdict wrong."""
        stream, there, _ = _planted(bench, entity)

        came = [record for record in records(bench.pages(stream)) if record.id == there]

        assert len(came) == 1
        assert came[0].problem is None

    @every_kind
    def test_a_record_of_every_kind_is_understood(self, bench: Bench, entity: str) -> None:
        """Out of the box the default mapping makes an entity of it, with its words and its amounts."""
        stream, there, _ = _planted(bench, entity)

        made = _entity(bench, stream, there)

        assert not isinstance(made, Rejection), f"{made}"
        assert made is not None

    @every_kind
    def test_what_a_record_belongs_to_is_known(self, bench: Bench, entity: str) -> None:
        """An order that hangs on no customer is nobody's revenue."""
        stream, there, account = _planted(bench, entity)
        if entity == "user":
            skip("an account of one's own")

        made = _entity(bench, stream, there)

        refs = made.about if entity == "activity" else (made.account,)
        accounts = bench.mapping.stream_of(bench.stream().object)
        assert Ref(accounts, account) in refs

    @every_kind
    def test_a_change_of_every_kind_is_in_the_next_window(self, bench: Bench, entity: str) -> None:
        """A contact is renamed, a task is ticked off: the next poll brings it."""
        stream, there, _ = _planted(bench, entity)
        if entity not in NAMES:
            skip(f"a name of a {entity} that people change")
        began = bench.tenant.now() - SECOND
        renamed: dict[str, Any] = {NAMES[entity]: "改过的名字"}
        bench.tenant.change(entity, there, **renamed)

        window = bench.window(stream, began if stream.incremental else None)
        came = records(bench.pages(stream, window=window, session=bench.open()))
        (record,) = [each for each in came if each.id == there]

        assert "改过的名字" in record.body.values()

    @every_kind
    def test_a_deletion_of_every_kind_is_noticed(self, bench: Bench, entity: str) -> None:
        """A cancelled order that stays for ever is revenue that never was."""
        stream, there, _ = _planted(bench, entity)
        if entity == "user":
            skip("deleting users")
        lo = bench.tenant.now() - HOUR
        bench.tenant.remove(entity, there)
        window = bench.window(stream, lo)

        told = gone(bench.drain(bench.gone().gone(stream, window, None))) if bench.has("gone") else []
        told += gone(bench.pages(stream, window))
        listed = ids(bench.drain(bench.sweep().ids(stream, None))) if bench.has("ids") else [there]

        assert there in {each.id for each in told} or there not in listed


def _planted(bench: Bench, entity: str) -> tuple[Stream, str, str]:
    """The stream that a new record of this kind is in, its id, and the account that it belongs to."""
    bench.stream(entity)
    (account,) = bench.accounts(1)
    hung = {"user": {}, "activity": {"about": (account,)}}.get(entity, {"account": account})
    there = bench.tenant.add(entity, **SAMPLES[entity], **hung)
    streams = [stream for stream in bench.session.streams() if bench.entity_of(stream) == entity]
    found = next((stream for stream in streams if there in ids(bench.pages(stream))), None)
    assert found is not None, f"a new {entity} is in none of {[stream.name for stream in streams]}"
    return found, there, account


def _entity(bench: Bench, stream: Stream, id: str) -> Any:
    """What the default mapping makes of a record."""
    name = bench.mapping.stream_of(stream.object) or skip(f"a mapping of {stream.object}")
    record: Record = next(each for each in records(bench.pages(stream)) if each.id == id)
    return apply(bench.mapping, name, record, zone=ZoneInfo("Asia/Shanghai"), base_currency="CNY")
