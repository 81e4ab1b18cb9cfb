"""How long judging a book takes: cold, after 1 % changed, on the next date unchanged; and trying drafts on its history.

The book is written straight into the store: 60 facts an account (40 orders, 8 activities, 6 invoices, 6 payments …).
Beside each stands the floor: the bare queries that read what judging needs.

Run: python benchmarks/judge.py [--accounts 20000] [--months 12]
"""

from __future__ import annotations

import argparse
import random
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, update

from kamsync.config import read_policy
from kamsync.engine import judge as judging
from kamsync.engine import simulate, verbs
from kamsync.engine.workspace import Workspace, opened
from kamsync.net import SystemClock
from kamsync.rules.policy import Policy
from kamsync.store.entities import TABLES
from kamsync.store.facts import gather
from kamsync.store.tables import AccountRow, CursorRow, table

ROOT = Path(__file__).parent.parent
TODAY = date(2026, 11, 20)
ORDERS, ACTIVITIES, BILLS, DEALS, SURVEYS = 40, 8, 5, 1, 1  # with as many payments as bills: 60 facts
CONFIG = """
allow_plain_secrets = true
[store]
url = "{url}"
[policy]
tiers = "{root}/policies/value4.toml"
reminders = "{root}/policies/reminders.toml"
[connections.fxiaoke]
connector = "fxiaoke"
mapping = "{root}/mappings/fxiaoke.toml"
writes = "off"
base_url = "https://open.fxiaoke.com"
app_id = "a"
app_secret = "b"
permanent_code = "c"
acting_user = "1000"
"""
STREAMS = ("accounts", "orders", "deals", "records", "invoices", "payments", "surveys", "cases")


def main() -> None:
    words = argparse.ArgumentParser()
    words.add_argument("--accounts", type=int, default=20_000)
    words.add_argument("--months", type=int, default=0)
    words.add_argument("--url", default="")
    asked = words.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = asked.url or f"sqlite:///{folder}/judge.db"
        path = Path(folder, "config.toml")
        path.write_text(CONFIG.format(url=url, root=ROOT), "utf-8")
        with opened(path, SystemClock()) as workspace:
            timed("filling", lambda: fill(workspace, asked.accounts))
            measure(workspace, asked.accounts)
            if asked.months:
                drafts = [read_policy(ROOT / "policies" / "sabc.toml"), bold(workspace.policy)]
                timed(f"{asked.months} months, two drafts", lambda: simulate.simulate(workspace, drafts, asked.months))


def measure(workspace: Workspace, many: int) -> None:
    floor = timed("the bare queries", lambda: bare(workspace))
    cold = timed("cold", lambda: verbs.tier_verb(workspace, TODAY))
    with workspace.store.write() as tx:
        some = random.Random(1).sample(range(many), many // 100)
        ids = [f"a{number:06}" for number in some]
        for start in range(0, len(ids), 500):
            tx.execute(
                update(table(AccountRow)).where(table(AccountRow).c.id.in_(ids[start : start + 500])).values(dirty=True)
            )
    warm = timed("1 % changed, same date", lambda: verbs.tier_verb(workspace, TODAY))
    timed("nothing changed, same date", lambda: verbs.tier_verb(workspace, TODAY))
    timed("the next date", lambda: verbs.tier_verb(workspace, TODAY + timedelta(days=1)))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"cold is {cold / floor:.1f} × the queries; 1 % is {warm / cold:.1%} of cold; peak {peak:.0f} MB")


def bold(policy: Policy) -> Policy:
    """The same with a lower bar for the best tier."""
    best, *others = policy.tiers
    return replace(policy, name="bold", tiers=(replace(best, floor=best.floor - 5), *others))


def bare(workspace: Workspace) -> None:
    """What judging reads, read and thrown away."""
    with workspace.store.read() as tx:
        where = judging.reach(workspace, tx), workspace.golden, workspace.config.timezone
        for chunk in judging.chunks(judging.book(tx)):
            gather(tx, chunk, TODAY, *where)


def timed(what: str, act: Callable[[], object]) -> float:
    began, cpu = time.perf_counter(), time.process_time()
    act()
    took = time.process_time() - cpu
    print(f"{what:<28} {time.perf_counter() - began:7.1f} s, {took:7.1f} s CPU", flush=True)
    return took


# ---- the book


def fill(workspace: Workspace, many: int) -> None:
    chance = random.Random(7)
    with workspace.store.write() as tx:
        known = workspace.mappings["fxiaoke"].entities
        streams = [stream for stream in known if stream in STREAMS or known[stream] in ("account", "order")]
        cursors = [
            {"connection": "fxiaoke", "stream": stream, "lane": "records", "completed": 1, "object": stream}
            for stream in streams
        ]
        tx.execute(insert(table(CursorRow)), cursors)
    for start in range(0, many, 500):
        with workspace.store.write() as tx:
            some = range(start, min(start + 500, many))
            ids = [f"a{number:06}" for number in some]
            rows = [{"id": id, "seq": seq, "name": id, "dirty": True} for id, seq in zip(ids, some, strict=True)]
            tx.execute(insert(table(AccountRow)), rows)
            put(tx, "account", ({"account_id": id, "name": id, "size": "大", "wallet_base": 9_000_000_00,
                                 "wallet_date": TODAY, "influence": 50} for id in ids))  # fmt: skip
            for entity, each in (("order", order), ("activity", activity), ("invoice", bill), ("payment", payment),
                                 ("deal", deal), ("survey", survey)):  # fmt: skip
                put(tx, entity, (row for id in ids for row in each(id, chance)))


def put(tx: Connection, entity: str, rows: Iterator[dict[str, Any]]) -> None:
    shown = [
        {"connection": "fxiaoke", "stream": f"{entity}s", "remote_id": f"{row['account_id']}-{place}", "dirty": False}
        | row
        for place, row in enumerate(rows)
    ]
    tx.execute(insert(TABLES[entity]), shown)


def order(id: str, chance: random.Random) -> Iterator[dict[str, Any]]:
    for _ in range(ORDERS):
        gross = chance.randrange(1_000_00, 900_000_00)
        day = TODAY - timedelta(days=chance.randrange(1_100))
        yield {"account_id": id, "date": day, "counts": True, "gross_base": gross, "cost_base": gross * 7 // 10}


def activity(id: str, chance: random.Random) -> Iterator[dict[str, Any]]:
    for _ in range(ACTIVITIES):
        day = TODAY - timedelta(days=chance.randrange(400))
        yield {"account_id": id, "kind": "visit", "status": "done", "day": day, "two_way": True,
               "at": datetime(day.year, day.month, day.day, tzinfo=UTC)}  # fmt: skip


def bill(id: str, chance: random.Random) -> Iterator[dict[str, Any]]:
    for number in range(BILLS):
        day = TODAY - timedelta(days=60 * number + 20)
        yield {"account_id": id, "amount_base": 100_000_00, "due": day, "status": "open", "number": str(number)}


def payment(id: str, chance: random.Random) -> Iterator[dict[str, Any]]:
    for number in range(BILLS):
        day = TODAY - timedelta(days=60 * number + chance.randrange(40))
        yield {"account_id": id, "amount_base": 100_000_00, "date": day}


def deal(id: str, chance: random.Random) -> Iterator[dict[str, Any]]:
    yield {"account_id": id, "amount_base": chance.randrange(1, 500) * 10_000_00, "probability": 0.5, "status": "open",
           "close_date": TODAY + timedelta(days=90)}  # fmt: skip


def survey(id: str, chance: random.Random) -> Iterator[dict[str, Any]]:
    yield {"account_id": id, "kind": "csat", "score": chance.randrange(1, 6), "max_score": 5, "date": TODAY}


if __name__ == "__main__":
    main()
