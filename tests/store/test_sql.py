"""Upserts: alike on both databases, whatever a row leaves out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select

from kamsync.store import Store
from kamsync.store.sql import fetch, insert_new, upsert
from kamsync.store.tables import CursorRow, TenantRow, table

CURSOR, TENANT = table(CursorRow), table(TenantRow)
PLACE = {"connection": "zoho", "stream": "accounts", "lane": "records"}


def test_a_column_left_out_has_its_default_when_new_and_its_value_when_known(store: Store) -> None:
    with store.write() as tx:
        upsert(tx, CURSOR, [PLACE])
        new = tx.execute(select(CURSOR.c.completed)).scalar()
        upsert(tx, CURSOR, [PLACE | {"completed": 3}])
        upsert(tx, CURSOR, [PLACE | {"cursor": "x"}])

        [row] = fetch(tx, select(CURSOR))

    assert (new, row["completed"], row["cursor"]) == (0, 3, "x")


def test_a_column_to_be_kept_stays_and_a_new_row_has_what_was_given(store: Store) -> None:
    with store.write() as tx:
        upsert(tx, TENANT, [{"connection": "zoho", "org": "1", "user": "a", "facts": {"乙": [1]}}])
        given = [{"connection": name, "org": "2", "user": "b", "facts": None} for name in ("zoho", "fxiaoke")]
        upsert(tx, TENANT, given, keep=("org",))

        rows = fetch(tx, select(TENANT).order_by(TENANT.c.connection))

    assert [(row["connection"], row["org"], row["user"]) for row in rows] == [
        ("fxiaoke", "2", "b"),
        ("zoho", "1", "b"),
    ]


def test_a_known_row_is_not_touched_by_an_insert_of_new_ones(store: Store) -> None:
    with store.write() as tx:
        insert_new(tx, TENANT, [{"connection": "zoho", "org": "1", "user": "a", "facts": {"乙": [1]}}])
        insert_new(tx, TENANT, [{"connection": "zoho", "org": "2", "user": "b", "facts": None}])

        [row] = fetch(tx, select(TENANT))

    assert (row["org"], row["facts"]) == ("1", {"乙": [1]})


def test_an_instant_is_the_same_instant_after_it_was_stored(store: Store) -> None:
    shanghai = datetime(2026, 3, 1, 7, 30, 0, 5, tzinfo=timezone(timedelta(hours=8)))
    with store.write() as tx:
        upsert(tx, CURSOR, [PLACE | {"position": shanghai}])

        [row] = fetch(
            tx, select(CURSOR).where(CURSOR.c.position == shanghai, CURSOR.c.position < shanghai + timedelta(seconds=1))
        )

    assert (row["position"], row["position"].tzinfo) == (shanghai, UTC)


def test_an_instant_without_a_zone_is_refused(store: Store) -> None:
    with store.write() as tx, pytest.raises(ValueError, match="without a zone"):
        upsert(tx, CURSOR, [PLACE | {"position": datetime(2026, 3, 1)}])  # noqa: DTZ001  the very thing to refuse
