"""Places and industries by the codes of the public lists (GB/T 2260, GB/T 4754), telephones as E.164."""

from __future__ import annotations

import pytest

from kamsync.rules.codes import e164, phone_key
from kamsync.rules.industries import industry_code, industry_name
from kamsync.rules.region_codes import name_of, region_code


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        (("江苏省", "昆山市"), "320583"),
        (("江苏", "苏州", "昆山"), "320583"),
        (("江苏省苏州市昆山市人民路 1 号",), "320583"),
        (("昆山",), "320583"),
        (("320000", "320583"), "320583"),
        (("北京",), "110000"),
        (("北京市", "北京市"), "110000"),
        (("北京", "朝阳区"), "110105"),
        (("辽宁", "朝阳"), "211300"),
        (("青海", "海南"), "632500"),
        (("海南",), "460000"),
        (("吉林", "吉林市"), "220200"),
        (("湖北省", "襄阳"), "420600"),
        (("新疆", "伊犁"), "654000"),
        (("香港",), "810000"),
        (("Jiangsu", "Suzhou"), "320500"),
        (("江苏", "没有这个地方"), "320000"),
        (("朝阳区",), None),
        (("鼓楼区",), None),
        (("California",), None),
        ((), None),
    ],
)
def test_a_place_is_found_from_the_broad_to_the_narrow(parts: tuple[str, ...], code: str | None) -> None:
    assert region_code(*parts) == code


def test_only_what_is_in_force_today_is_a_place() -> None:
    assert name_of("420600") == "襄阳市"  # until 2010 it was 襄樊市
    assert region_code("湖北", "襄樊市") == "420000"
    assert region_code("北京", "崇文区") == "110000"  # gone since 2010


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("制造业", "C"), ("汽车制造业", "C36"), ("C36", "C36"), ("36", "C36"), ("3612", "C3612"), ("c3612", "C3612"),
        ("软件和信息技术服务业", "I65"), ("汽车", "C36"), ("信息技术", "I"), ("Food/Beverage", "C15"), ("教育", "P"),
        ("批发零售", "F"), ("其他", None), ("A36", None), ("99", None), ("", None), ("炼金术", None),
    ],
)  # fmt: skip
def test_an_industry_is_found_by_its_name_or_code(text: str, code: str | None) -> None:
    assert industry_code(text) == code


def test_the_divisions_are_counted_as_the_standard_counts_them() -> None:
    assert [industry_name(code) for code in ("A05", "C36", "G53", "J69", "S91", "T97")] == [
        "农、林、牧、渔专业及辅助性活动", "汽车制造业", "铁路运输业", "其他金融业", "中国共产党机关", "国际组织",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("010-88886666", "+861088886666"),
        ("(010) 8888 6666", "+861088886666"),
        ("13800138000", "+8613800138000"),
        ("+86 138 0013 8000", "+8613800138000"),
        ("０１０－８８８８６６６６", "+861088886666"),
        ("010-88886666 转 8012", "+861088886666;ext=8012"),
        ("0512-57881234/13912345678", "+8651257881234"),
        ("+1 650-253-0000", "+16502530000"),
        ("+39 06 6982", "+39066982"),
        ("400-820-8820", "+864008208820"),
        ("88886666", None),
        ("1380013800", None),
        ("见备注", None),
        ("1" * 5000, None),
    ],
)
def test_a_telephone_number_is_kept_as_the_world_dials_it(text: str, number: str | None) -> None:
    assert e164(text) == number


def test_a_number_is_known_by_the_same_key_however_it_is_kept() -> None:
    for text in ("010-82345678", "13912345670", "+1 650-253-0000", "0512-57881234 转 12"):
        assert phone_key(e164(text)) == phone_key(text) is not None
