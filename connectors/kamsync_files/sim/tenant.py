"""A folder of CSV files in which people add, edit and delete rows.

Written as spreadsheets export them; it knows nothing of how they are read.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from importlib.resources import files
from typing import Any, ClassVar

from kamsync.testing.offline import OfflineTenant, Row

MODIFIED = "修改时间"
KEYS = {"account": "客户编号", "order": "记录号", "payment": "流水号", "survey": "问卷号"}
NAMES = {"account": "accounts", "order": "orders", "payment": "payments", "survey": "surveys"}
COLUMNS: Mapping[str, Mapping[str, str]] = {  # by kamsync's words
    "account": {
        "name": "客户名称", "uscc": "统一社会信用代码", "phone": "电话", "website": "网址", "province": "省份",
        "city": "城市", "industry": "行业",
    },
    "order": {
        "account": "客户编号", "number": "订单号", "date": "下单日期", "gross": "金额", "returned": "退货金额",
        "refunded": "退款金额", "cost": "成本", "status": "状态",
    },
    "payment": {"account": "客户编号", "date": "回款日期", "amount": "回款金额"},
    "survey": {"account": "客户编号", "score": "评分", "max_score": "满分", "date": "调查日期"},
}  # fmt: skip
USUAL: Mapping[str, Row] = {  # what people fill in
    "account": {
        "客户名称": "无名公司", "统一社会信用代码": "91320500MA1MXK7B5M", "电话": "0512-65550000",
        "网址": "www.example.cn", "省份": "江苏省", "城市": "苏州市", "行业": "制造业",
    },
    "survey": {"满分": "10"},
}  # fmt: skip


class FilesTenant(OfflineTenant):
    """One folder with a file of customers, of orders, of payments and of surveys, each keyed."""

    prefixes: ClassVar = {"account": "C", "order": "O", "payment": "P", "survey": "S"}
    most_rows = 1000  # of one page

    @property
    def mapping(self) -> str:
        """Its files point to customers by their code, not by name: as the shipped mapping says how to write it."""
        text = files("kamsync_files").joinpath("mapping.toml").read_text("utf-8")
        return text.replace('{ from = "客户名称", to = "accounts" }', '{ from = "客户编号", to = "accounts" }')

    def options(self) -> Mapping[str, Any]:
        return {
            "folder": str(self.folder),
            "files": {
                name: {"path": f"{name}.csv", "key": KEYS[entity], "modified": MODIFIED}
                for entity, name in NAMES.items()
            },
        }

    def data_files(self) -> Sequence[str]:
        return [f"{name}.csv" for name in NAMES.values()]

    def row(self, entity: str, id: str, neutral: Mapping[str, Any], before: Row, modified: datetime) -> Row:
        columns = COLUMNS[entity]
        told = {columns[name]: _cell(value) for name, value in neutral.items() if name in columns}
        return {**USUAL.get(entity, {}), **before, **told, KEYS[entity]: id, MODIFIED: modified.isoformat()}

    def append(self, entity: str, row: Row) -> None:
        with (self.folder / f"{NAMES[entity]}.csv").open("a", encoding="utf-8", newline="") as file:
            csv.writer(file).writerow([row.get(name, "") for name in _header(entity)])

    def write(self, entity: str) -> None:
        """A spreadsheet program saves: another file under the same name."""
        text = io.StringIO(newline="")
        lines = csv.writer(text)
        lines.writerow(_header(entity))
        lines.writerows([row.get(name, "") for name in _header(entity)] for row in self.tables[entity].values())
        fresh = self.folder / f".{NAMES[entity]}.saving"
        fresh.write_text(text.getvalue(), "utf-8", newline="")
        fresh.replace(self.folder / f"{NAMES[entity]}.csv")


def _header(entity: str) -> list[str]:
    return list(dict.fromkeys([KEYS[entity], *COLUMNS[entity].values(), MODIFIED]))


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, date) else str(getattr(value, "id", value))
