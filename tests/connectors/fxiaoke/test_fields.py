"""What a description tells: labels, units, and which fields only a sweep can see change."""

from __future__ import annotations

from typing import Any

import pytest

from kamsync.mapping import read_mapping
from kamsync.plugin import Stream, scale_of
from kamsync_fxiaoke import connector
from kamsync_fxiaoke.fields import of
from kamsync_fxiaoke.people import bare


@pytest.mark.parametrize(
    ("label", "scale"),
    [
        ("年采购额(万元)", 10_000),
        ("年采购额（万元）", 10_000),
        ("合同额(单位:万)", 10_000),
        ("营收-亿元", 100_000_000),
        ("金额 百万元", 1_000_000),
        ("年采购额万元", 10_000),
        ("费用【千元】", 1_000),
        ("销售订单金额(元)", 1),
        ("客户名称", 1),
        ("万达广场面积", 1),
        ("万元户", 1),
    ],
)
def test_a_label_tells_its_unit(label: str, scale: int):
    assert scale_of(label) == scale


def described(**fields: dict[str, Any]) -> dict[str, Any]:
    return {
        field.name: field for field in of({"fields": {name: {"label": name, **told} for name, told in fields.items()}})
    }


def test_only_numbers_have_a_scale(desk):
    fields = described(a={"type": "currency", "label": "额(万元)"}, b={"type": "text", "label": "备注(万元)"})

    assert (fields["a"].scale, fields["b"].scale) == (10_000, 1)


@pytest.mark.parametrize("kind", ["quote", "formula", "count"])
def test_computed_fields_are_named_for_the_sweep_and_not_writable(kind: str):
    field = described(x={"type": kind, "return_type": "currency"})["x"]

    assert (field.silent, field.writable, field.returns) == (True, False, "currency")


def test_the_last_follow_up_moves_silently_and_a_number_by_itself_is_not_writable():
    fields = described(last_followed_time={"type": "date_time"}, no={"type": "auto_number"}, name={"type": "text"})

    assert [fields[name].silent for name in ("last_followed_time", "no", "name")] == [True, False, False]
    assert [fields[name].writable for name in ("no", "name")] == [False, True]


def test_labels_and_values_are_told_together(desk):
    fields = {field.name: field for field in desk().session.fields(Stream("accounts", "AccountObj"))}

    assert {choice.value: choice.label for choice in fields["customer_size__c"].choices}["1"] == "大型"


def test_an_inactive_field_is_no_field():
    assert described(x={"type": "text", "is_active": False}) == {}


def test_the_text_beside_other_is_read_before_the_word_other():
    mapping = read_mapping(connector.mapping(), "fxiaoke.toml")

    assert "industry_level1__o" in mapping.wanted_fields("accounts")


@pytest.mark.parametrize("name", ["张三(已停用)", "张三（已停用）", "张三 (已停用) "])
def test_the_mark_of_those_who_left_is_no_part_of_a_name(name: str):
    assert bare(name) == "张三"
    assert bare("张三") == "张三"
