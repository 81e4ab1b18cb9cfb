"""A company's name comes apart into place, core, legal form and branch, however somebody typed it."""

from __future__ import annotations

import pytest

from kamsync.rules.names import form_country, is_filler, normalize_name


@pytest.mark.parametrize(
    "typed",
    [
        "苏州砚澜精密机械有限公司",
        "砚澜（苏州）精密机械有限公司",
        "江苏省苏州市砚澜精密机械有限责任公司",
        "蘇州硯瀾精密機械有限公司",
        " 苏州砚澜 精密机械　有限公司(老客户)",
        "苏州“砚澜”精密机械有限公司 ⭐",
        '苏州砚澜精密机械有限公司"重点"',
        "苏州砚澜精密机械有限公司, Yanlan",
        "苏州「砚澜」精密机械有限公司【停用】",
    ],
)
def test_one_registered_name_reads_alike_however_it_is_typed(typed):
    name = normalize_name(typed)

    assert (name.region, name.core, name.form, name.branch) == ("苏州", "砚澜精密机械", "有限", "")
    assert name.full == "苏州砚澜精密机械有限"


@pytest.mark.parametrize(
    ("typed", "region", "core", "form", "branch"),
    [
        ("砚澜精密机械股份有限公司", "", "砚澜精密机械", "股份", ""),
        ("砚澜（集团）有限公司", "", "砚澜", "集团有限", ""),
        ("砚澜精密集团", "", "砚澜精密", "集团", ""),
        ("砚澜股份", "", "砚澜", "", ""),
        ("砚澜（中国）有限公司", "中国", "砚澜", "有限", ""),
        ("昆山砚澜投资合伙企业（有限合伙）", "昆山", "砚澜投资", "合伙", ""),
        ("砚澜精密机械有限公司上海分公司", "", "砚澜精密机械", "有限", "上海分公司"),
        ("砚澜上海办事处", "", "砚澜", "", "上海办事处"),
        ("ＱＸ砚澜有限公司", "", "qx砚澜", "有限", ""),
        ("Suzhou Yanlan Precision Machinery Co., Ltd.", "苏州", "yanlan precision machinery", "co ltd", ""),
        ("YANLAN (SUZHOU) CO.,LTD. Shanghai Branch", "苏州", "yanlan", "co ltd", "shanghai branch"),
        ("Xi'an Yanlan Seeds Company Limited", "西安", "yanlan seeds", "co ltd", ""),
        ("Yanlan Group Inc.", "", "yanlan", "集团inc", ""),
        ("Müller & Söhne GmbH", "", "müller and söhne", "gmbh", ""),
    ],
)
def test_a_name_comes_apart(typed, region, core, form, branch):
    name = normalize_name(typed)

    assert (name.region, name.core, name.form, name.branch) == (region, core, form, branch)


def test_a_place_without_which_nothing_would_be_left_stays_in_the_core():
    name = normalize_name("安康生物科技有限公司")

    assert (name.region, name.core) == ("安康", "安康生物科技")


@pytest.mark.parametrize("typed", ["", " ", "（）", "🙂", "有限公司", "公", "a", "'", "Ltd", "((("])
def test_any_text_can_be_read(typed):
    name = normalize_name(typed)

    assert isinstance(name.core, str)


@pytest.mark.parametrize("typed", ["测试", "测试公司", "个人客户", "未知", "N/A", "test 123", "科技有限公司", "", "公"])
def test_a_filler_is_nobodys_name(typed):
    assert is_filler(normalize_name(typed))


@pytest.mark.parametrize("typed", ["砚澜", "苏州科技有限公司", "Yanlan", "第一砚澜公司"])
def test_a_real_name_is_no_filler(typed):
    assert not is_filler(normalize_name(typed))


def test_a_legal_form_is_at_home_in_one_country_or_in_none_for_sure():
    homes = [form_country(form) for form in ("有限", "集团股份", "inc", "gmbh", "株式会社", "ltd", "")]

    assert homes == ["cn", "cn", "us", "de", "jp", None, None]
