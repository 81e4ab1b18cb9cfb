"""A mapping gets a new field: 250,000 records that are kept become entities anew, and no CRM is asked.

A store is filled as pulls of Zoho would leave it (one account in twenty-five records, orders and calls), by a mapping
without three of its fields. Then they are added and published, in a fresh process, which is measured; and once more,
after the linking that follows, with nothing changed, as after an upgrade that reads records in another way.

Run: python benchmarks/rebuild.py [--records N]
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from _rig import ROOT, Used, apart, folder, measured, show
from sqlalchemy import update

from kamsync.engine import mapping_publish
from kamsync.engine.land import Reading, Tally, work_out
from kamsync.engine.link import link
from kamsync.engine.mapping_force import draft_of
from kamsync.engine.mapping_rebuild import rebuild
from kamsync.engine.workspace import Workspace, opened
from kamsync.net import SystemClock
from kamsync.plugin import Page, Record
from kamsync.store import landing, spending, writing
from kamsync.store.landing import Place
from kamsync.store.mappings import MAPPED

RECORDS = 250_000
PAGE = 2_000
# The lines that are added: one that fills a field of every account, one of every order, one of every call.
LATER = ('size = "Customer_Size"', 'cost = { from = "Cost_Total"', 'direction = "Call_Type"')
BEGIN = datetime(2023, 1, 1, 9, tzinfo=UTC)


@dataclass(slots=True)
class Done:
    used: Used
    records: int
    changed: int
    calls: int


def account(number: int) -> Record:
    at = BEGIN + timedelta(minutes=number)
    return Record(f"57257670{number:011d}", at, {
        "id": f"57257670{number:011d}", "Account_Name": f"华北精工第{number}有限公司", "Phone": "010-88886666",
        "Website": "www.example.cn", "Industry": "制造业", "Employees": 1200, "Annual_Revenue": None,
        "Billing_State": "北京", "Billing_City": "北京市", "Owner": {"id": "5725767000000236001"},
        "Parent_Account": None, "Currency": "CNY", "Exchange_Rate": 1, "Created_Time": at.isoformat(),
        "USCC": None, "Customer_Size": "大型", "Wallet_Estimate": 8000000, "Wallet_Date": "2026-06-01",
        "Influence": 80, "Cooperation_Since": "2019-05-01", "Blacklisted": False, "Modified_Time": at.isoformat(),
    })  # fmt: skip


def order(number: int, accounts: int) -> Record:
    at = BEGIN + timedelta(minutes=7 * number)
    return Record(f"57257671{number:011d}", at, {
        "id": f"57257671{number:011d}", "Account_Name": {"id": f"57257670{number % accounts:011d}"},
        "SO_Number": f"SO-{number}", "Subject": f"订单 SO-{number}", "Order_Date": at.date().isoformat(),
        "Status": "Delivered", "Grand_Total": Decimal(f"{10_000 + number}.50"), "Returned_Amount": 0,
        "Cost_Total": Decimal(f"{8_000 + number}.25"), "Currency": "CNY", "Exchange_Rate": 1, "Tag": [],
        "Owner": {"id": "5725767000000236001"}, "Created_Time": at.isoformat(), "Modified_Time": at.isoformat(),
    })  # fmt: skip


def call(number: int, accounts: int) -> Record:
    at = BEGIN + timedelta(minutes=5 * number)
    return Record(f"57257672{number:011d}", at, {
        "id": f"57257672{number:011d}", "What_Id": {"id": f"57257670{number % accounts:011d}", "name": "…"},
        "$se_module": "Accounts", "Subject": "回访电话", "Call_Type": "Outbound", "Call_Start_Time": at.isoformat(),
        "Outgoing_Call_Status": "Completed", "Call_Result": None, "Owner": {"id": "5725767000000236001"},
        "Who_Id": None, "Created_Time": at.isoformat(), "Modified_Time": at.isoformat(),
    })  # fmt: skip


def streams(records: int) -> Iterator[tuple[Place, Iterator[Record]]]:
    accounts = max(records // 25, 1)
    orders = (records - accounts) // 2
    yield Place("zoho", "accounts", "account"), (account(number) for number in range(accounts))
    yield Place("zoho", "orders", "order"), (order(number, accounts) for number in range(orders))
    calls = records - accounts - orders
    yield Place("zoho", "calls", "activity"), (call(number, accounts) for number in range(calls))


def deployment(here: Path) -> Path:
    """One connection that leads nowhere: a call would fail."""
    lines = (ROOT / "mappings/zoho.toml").read_text("utf-8").splitlines()
    kept = "\n".join(f"#{line}" if line.startswith(LATER) else line for line in lines)
    tables = r"(?ms)^\[(accounts\.values\.size|calls\.values\.direction)\].*?(?=^\[)"
    (here / "zoho.toml").write_text(re.sub(tables, "", kept), "utf-8")
    path = here / "config.toml"
    path.write_text("\n".join([
        "allow_plain_secrets = true", 'mapping_publish = "manual"', "[store]", f'url = "sqlite:///{here}/kamsync.db"',
        "[connections.zoho]", 'connector = "zoho"', f'mapping = "{here}/zoho.toml"', 'client_id = "none"',
        'accounts_url = "http://127.0.0.1:9"', 'allow_hosts = ["127.0.0.1:9"]',
        'client_secret = "none"', 'refresh_token = "none"', "[policy]",
        f'tiers = "{ROOT}/policies/value4.toml"', f'reminders = "{ROOT}/policies/reminders.toml"',
    ]), "utf-8")  # fmt: skip
    return path


def fill(config: Path, records: int) -> None:
    with opened(config, SystemClock()) as workspace, writing(workspace.store) as writer:
        mapping_publish.settle(workspace, writer)
        for place, every in streams(records):
            how = Reading(place, workspace.mappings["zoho"], workspace.config.timezone, "CNY", 1)
            while page := tuple(record for _, record in zip(range(PAGE), every, strict=False)):
                with workspace.store.write() as tx:
                    for rows in work_out(how, Page(page), {}, workspace.clock.now(), Tally()):
                        landing.land(tx, place, rows)
        rebuild(workspace, writer, "zoho", workspace.mappings["zoho"])  # notes by which mapping they were made
        link(workspace, writer)


def calls_of(workspace: Workspace) -> int:
    with workspace.store.read() as tx:
        return sum(requests for requests, _ in spending.since(tx, BEGIN).values())


def publish(config: Path) -> Done:
    """The new fields, published, and everything made anew."""
    with opened(config, SystemClock()) as workspace, writing(workspace.store) as writer:
        with workspace.store.read() as tx:
            drafts = [draft_of(tx, one, workspace.connectors) for one in workspace.config.connections]
        with measured() as used:
            mapping_publish.publish(workspace, drafts, "cost, size and direction")
            done = rebuild(workspace, writer, "zoho", workspace.mappings["zoho"])
        return Done(used, sum(one.records for one in done), sum(one.changed for one in done), calls_of(workspace))


def linked(config: Path) -> Done:
    """What follows: facts find their accounts, and accounts are to be judged anew."""
    with opened(config, SystemClock()) as workspace, writing(workspace.store) as writer:
        with measured() as used:
            found = link(workspace, writer)
        return Done(used, found.accounts, 0, calls_of(workspace))


def again(config: Path) -> Done:
    """Every stream once more by the same mapping."""
    with opened(config, SystemClock()) as workspace, writing(workspace.store) as writer:
        with workspace.store.write() as tx:
            tx.execute(update(MAPPED).values(digest="another"))
        with measured() as used:
            done = rebuild(workspace, writer, "zoho", workspace.mappings["zoho"])
        return Done(used, sum(one.records for one in done), sum(one.changed for one in done), calls_of(workspace))


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--records", type=int, default=RECORDS)
    records = asked.parse_args().records
    with folder() as here:
        config = deployment(here)
        apart(fill, config, records)
        (here / "zoho.toml").write_text((ROOT / "mappings/zoho.toml").read_text("utf-8"), "utf-8")
        rows = []
        for name, work in (("three fields more", publish), ("linked", linked), ("nothing changed", again)):
            done = apart(work, config)
            if done.calls or not done.records:
                raise SystemExit(f"{name}: {done}")
            rows.append((
                name, f"{done.records:,}", f"{done.changed:,}", f"{done.used.wall:.1f} s",
                f"{done.records / done.used.wall:,.0f}", f"{done.used.cpu:.1f} s", f"{done.used.peak:,.0f} MB",
                str(done.calls),
            ))  # fmt: skip
    show(("", "records", "changed", "wall", "records/s", "CPU", "memory", "calls"), rows)


if __name__ == "__main__":
    main()
