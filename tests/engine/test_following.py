"""Linking follows changes: what is decided after many small ones is what is decided of all records at once."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import delete, select

from kamsync.engine import following
from kamsync.engine.link import link_members
from kamsync.rules import identity
from kamsync.rules.identity import Known, blocks
from kamsync.store import Store, clues, open_store
from kamsync.store.entities import TABLES
from kamsync.store.sql import upsert
from kamsync.store.tables import FaceRow, table

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MEMBER, FACE = TABLES["account"], table(FaceRow)
KEY = ("connection", "stream", "remote_id")

# Few names, numbers and sites, so that they meet, fit several, are shared, and cease to be.
NAMES = (
    "砚澜", "砚澜精密", "砚澜机械", "苏州砚澜精密机械有限公司", "苏州研澜精密机械有限公司", "无锡砚澜精密仪器有限公司",
    "砚澜精密机械集团有限公司", "苏州砚澜精密机械有限公司上海分公司", "砚澜第一机械有限公司", "砚澜第二机械有限公司",
    "Yanlan", "Yanlan Precision Machinery Co., Ltd.", "Yanlan Precision", "Yanlan Inc.", "YANLAN GMBH",
    "霁禾食品", "青岛霁禾食品有限公司", "Jihe Foods", "霁禾", "测试", "",
)  # fmt: skip
OTHERS = ((), (), ("砚澜精密",), ("Yanlan",), ("青岛霁禾食品有限公司",))
CODES = (None, None, None, "91440606123456788U", "91320500YY3NERCP9G")
PHONES = (None, "0512-55501234", "0532-55507788", "0510-85550000")
SITES = (None, None, "www.yanlan.example.cn", "jihe.example.cn", "yanlan-precision.cn")
CITIES = (None, "苏州", "无锡", "青岛")


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = open_store(store_url)
    yield opened
    opened.close()


def made(chance: random.Random) -> dict[str, Any]:
    return {
        "name": chance.choice(NAMES), "other_names": list(chance.choice(OTHERS)), "uscc": chance.choice(CODES),
        "phone": chance.choice(PHONES), "website": chance.choice(SITES), "city": chance.choice(CITIES),
    }  # fmt: skip


class Book:
    """Records, in a store and beside it."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.truth: dict[str, dict[str, Any]] = {}

    def put(self, id: str, row: dict[str, Any]) -> None:
        self.truth[id] = row
        key = {"connection": "zoho", "stream": "accounts", "remote_id": id}
        with self.store.write() as tx:
            before = tx.execute(select(MEMBER.c.account_id).where(MEMBER.c.remote_id == id)).scalar()
            upsert(tx, MEMBER, [key | row | {"account_id": before, "dirty": True}])

    def drop(self, id: str) -> None:
        del self.truth[id]
        with self.store.write() as tx:
            tx.execute(delete(MEMBER).where(MEMBER.c.remote_id == id))
            clues.drop(tx, "zoho", "accounts", [id])

    def link(self) -> None:
        with self.store.write() as tx:
            link_members(tx, NOON)

    @property
    def accounts(self) -> set[frozenset[str]]:
        found = defaultdict(set)
        with self.store.read() as tx:
            for id, account in tx.execute(select(MEMBER.c.remote_id, MEMBER.c.account_id)):
                found[account].add(id)
        assert None not in found
        return {frozenset(ids) for ids in found.values()}

    @property
    def kept(self) -> tuple[Any, ...]:
        """Each layer that is kept, records by their ids."""
        with self.store.read() as tx:
            faces = {row.no: row for row in tx.execute(select(FACE).where(FACE.c.no != clues.RULES))}
            told = {row.remote_id: row.told for row in faces.values()}
            known = {(clue, faces[no].remote_id) for clue, no in clues.of(tx, set(faces))}
            kin = {(faces[a].remote_id, faces[b].remote_id, alike) for a, b, alike in clues.kin(tx, set(faces))}
        return told, known, kin

    @property
    def at_once(self) -> set[frozenset[str]]:
        known = [
            Known(id=f"zoho/accounts/{id}", **row | {"other_names": tuple(row["other_names"])})
            for id, row in self.truth.items()
        ]
        return {frozenset(id.split("/")[2] for id in cluster) for cluster in identity.link(known)[0]}


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("crowd", [100, 5])
def test_after_any_changes_in_any_batches_the_accounts_are_those_of_all_records_at_once(
    store: Store, monkeypatch: pytest.MonkeyPatch, seed: int, crowd: int
) -> None:
    """`crowd` of 5: keys are borne by too many, and again by fewer, all the time."""
    for module in (identity, blocks):
        monkeypatch.setattr(module, "CROWD", crowd)
    monkeypatch.setattr(following, "MUCH", 0)  # however much changes, it is followed
    chance = random.Random(seed)
    book = Book(store)
    book.link()

    for _ in range(8):
        for _ in range(chance.choice((1, 1, 3, 9))):
            if book.truth and chance.random() < 0.3:
                book.drop(chance.choice(sorted(book.truth)))
            else:
                book.put(f"r{chance.randrange(40):02}", made(chance))
        book.link()

        assert book.accounts == book.at_once

    followed = book.kept
    monkeypatch.setattr(identity, "RULES", "all anew")
    book.link()
    assert book.kept == followed
    assert book.accounts == book.at_once
