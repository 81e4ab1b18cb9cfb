"""How many records a second the mapping room turns into entities: an account with all its fields, both CRMs.

Run: python benchmarks/mapping.py
"""

from __future__ import annotations

import time
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from kamsync.mapping import Mapping, Notes, Rejection, apply, read_mapping
from kamsync.plugin import Record

ROOT = Path(__file__).parent.parent
COUNT = 40_000

ZOHO: dict[str, Any] = {
    "id": "5725767000000411001", "Account_Name": "华北精工集团有限公司", "Phone": "010-88886666",
    "Website": "www.example.cn",
    "Industry": "制造业", "Ownership": "Private", "Employees": 1200, "Annual_Revenue": Decimal("120000000.5"),
    "Billing_State": "北京", "Billing_City": "北京市", "Owner": {"name": "李雷", "id": "5725767000000236001"},
    "Parent_Account": None, "Currency": "CNY", "Exchange_Rate": 1, "Created_Time": "2024-03-01T10:11:12+08:00",
    "USCC": "91440606123456788U", "Customer_Size": "大型", "Wallet_Estimate": Decimal("8000000"),
    "Wallet_Date": "2026-06-01", "Influence": 80, "Cooperation_Since": "2019-05-01", "Blacklisted": False,
}  # fmt: skip
FXIAOKE: dict[str, Any] = {
    "_id": "650c09e8dc044f0001973e01", "name": "华北精工集团有限公司", "tel": "010-88886666", "url": "www.example.cn",
    "industry_level1": "1", "industry_level1__r": "制造业", "province": "11", "province__r": "北京",
    "address": "知春路 1 号",
    "uniform_social_credit_code": "91440606123456788U", "owner": ["1001"], "life_status": "normal", "is_deleted": False,
    "create_time": 1_700_000_000_000, "customer_size__c": "1", "customer_size__c__r": "大型",
    "wallet_estimate__c": "800.00", "wallet_date__c": 1_780_243_200_000, "influence__c": "80", "strategic__c": "60",
    "cooperation_since__c": 1_556_640_000_000, "blacklisted__c": False,
}  # fmt: skip


def measure(name: str, body: dict[str, Any], most: int) -> None:
    file = ROOT / "mappings" / f"{name}.toml"
    whole = read_mapping(file.read_text("utf-8"), str(file))
    accounts = whole.specs["accounts"]
    fields = {field: accounts.fields[field] for field in [*list(accounts.fields)[-most:], "name"]}
    mapping = replace(whole, specs={**whole.specs, "accounts": replace(accounts, fields=fields)})
    records = [Record(str(number), None, {**body, "number": number}) for number in range(COUNT)]
    best = min(pass_over(mapping, records) for _ in range(3))
    print(f"{name:8}  {len(fields):2} fields  {COUNT / best:10,.0f} records a CPU second")


def pass_over(mapping: Mapping, records: list[Record]) -> float:
    zone, notes = ZoneInfo("Asia/Shanghai"), Notes()
    start = time.process_time()
    for record in records:
        if isinstance(apply(mapping, "accounts", record, zone=zone, base_currency="CNY", notes=notes), Rejection):
            raise SystemExit("a good record was set aside")
    return time.process_time() - start


if __name__ == "__main__":
    for most in (14, 99):  # the name and fourteen more, money and dates among them; then all there are
        measure("zoho", ZOHO, most)
        measure("fxiaoke", FXIAOKE, most)
