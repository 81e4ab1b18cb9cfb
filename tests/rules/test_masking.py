"""Samples on a screen keep their shape and hide whose they are."""

from __future__ import annotations

import pytest

from kamsync.rules.masking import is_private, masked, scrubbed


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("13800138000", "138******00"),
        ("(021)5550-0137转801", "(02*************01"),
        ("zhang.san@example.cn", "z***@example.cn"),
        ("欧阳小明", "欧***"),
        ("1990-05-01", "199*****01"),
        ("", ""),
    ],
)
def test_a_private_value_keeps_its_shape_and_loses_its_middle(value: str, shown: str) -> None:
    assert masked(value) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("请联系 13800138000 或 wang@a.cn", "请联系 138******00 或 w***@a.cn"),
        ("订单 SO-250716-0001", "订单 SO-250716-0001"),
        ("91120000YYM25LK567", "91120000YYM25LK567"),
        ("2026-03-01T10:00:00+08:00", "2026-03-01T10:00:00+08:00"),
        ("5725767000000100119", "5725767000000100119"),
    ],
)
def test_other_texts_lose_only_what_reaches_a_person(text: str, shown: str) -> None:
    assert scrubbed(text) == shown


def test_a_field_is_private_by_its_type_its_words_or_because_it_names_a_person() -> None:
    assert is_private("Phone", "电话", "text", "account")
    assert is_private("x1__c", "备用邮箱", "text", "account")
    assert is_private("name", "姓名", "text", "contact")
    assert not is_private("name", "客户名称", "text", "account")
    assert not is_private("Customer_Size", "企业规模", "picklist", "account")
    assert not is_private("Email_Opt_Out", "拒收邮件", "boolean", "contact")
