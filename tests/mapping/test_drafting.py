"""A draft of a mapping: what streams are taken for, what fills what, and what is left to a person."""

from __future__ import annotations

from pathlib import Path

import pytest

from kamsync.mapping import read_mapping
from kamsync.mapping.drafting import Offered, draft, entity_of, learn, written
from kamsync.plugin import Field

ROOT = Path(__file__).parents[2]
WORDS = learn(
    read_mapping((ROOT / "mappings" / f"{name}.toml").read_text("utf-8"), f"{name}.toml")
    for name in ("files", "fxiaoke", "singer", "zoho")
)


def offered(object: str, *fields: str, keys: tuple[str, ...] = (), **more: object) -> Offered:
    return Offered(object, [Field(name, name, "text") for name in fields], keys, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("object", "entity"),
    [
        ("customers", "account"), ("Companies", "account"), ("客户", "account"), ("SalesOrder", "order"),
        ("customer_orders", "order"), ("客户订单", "order"), ("订单客户", "account"), ("回款流水", "payment"),
        ("tickets", "case"), ("满意度调查2026", "survey"), ("inventory", None), ("库存", None),
    ],
)  # fmt: skip
def test_a_stream_is_taken_for_what_its_name_says_last(object: str, entity: str | None) -> None:
    assert entity_of(object, WORDS) == entity


def test_a_draft_is_a_mapping_file_that_can_be_read_as_it_stands() -> None:
    streams = [
        offered("customers", "id", "company_name", "tax_no", "city", keys=("id",)),
        offered("orders", "id", "customer_id", "order_number", "created_at", "total_price", "currency", "note",
                keys=("id",)),
        offered("stock", "sku", "count"),
    ]  # fmt: skip

    text = written(draft(streams, WORDS), streams, "# a draft\n")

    mapping = read_mapping(text, "draft.toml")
    assert mapping.entities == {"accounts": "account", "orders": "order"}
    assert (
        text
        == """\
# a draft

[accounts]
object = "customers"
entity = "account"

[accounts.fields]
name = "company_name"
uscc = "tax_no"
city = "city"

[orders]
object = "orders"
entity = "order"

[orders.fields]
account = { from = "customer_id", to = "accounts" }
number = "order_number"
date = "created_at"
gross = { from = "total_price", currency_from = "currency" }
counts = { constant = true }
# 没有用上的字段 · fields that nothing reads:
#   note (text)

# stock: 看不出是什么,没有映射 · it is not clear what this is; not mapped
# [stock]
# object = "stock"
# entity = "account | contact | user | activity | deal | order | contract | invoice | payment | case | survey"
# 没有用上的字段 · fields that nothing reads:
#   sku (text), count (text)
"""
    )


def test_a_column_with_a_dot_in_its_name_is_left_alone() -> None:
    """A dot leads into a value: it would read nothing."""
    (one,) = draft([offered("customers", "name", "address.city")], WORDS)

    assert one.unused == ("address.city",)


def test_orders_point_to_customers_by_the_column_that_is_their_key() -> None:
    streams = [
        offered("客户", "客户名称", "客户编号", keys=("客户名称",)),
        offered("订单", "订单号", "客户编号", "客户名称"),
    ]

    _, orders = draft(streams, WORDS)

    assert orders.recipes["account"] == '{ from = "客户名称", to = "accounts" }'


def test_words_that_were_seen_and_are_known_get_a_meaning_and_others_none() -> None:
    rows = [{"状态": "已完成"}, {"状态": "已取消"}, {"状态": "走丢了"}]

    (orders,) = draft([offered("订单", "订单号", "状态", rows=rows)], WORDS)

    assert orders.recipes["counts"] == '{ from = "状态", unknown = "ignore" }'
    assert orders.values == {"counts": {"已完成": True, "已取消": False}}


def test_a_figure_in_ten_thousands_is_scaled() -> None:
    streams = [Offered("订单", [Field("金额(万元)", "金额(万元)", "number", scale=10_000)])]

    (orders,) = draft(streams, WORDS)

    assert orders.recipes["gross"] == '{ from = "金额(万元)", scale = 10000 }'


def test_a_stream_that_lacks_what_each_record_needs_is_left_to_a_person() -> None:
    (one,) = draft([offered("contacts", "email")], WORDS)

    assert (one.entity, one.unused) == (None, ("email",))


def test_two_streams_of_one_kind_have_two_names() -> None:
    streams = [offered("web_orders", "number"), offered("shop_orders", "number")]

    assert [one.stream for one in draft(streams, WORDS)] == ["orders", "orders_2"]
