"""How people write one company's name: short, mistyped, spelled in Latin, translated; and what is another company's."""

from __future__ import annotations

import pytest

from kamsync.rules.identity import Known, compare, link

PHONE, SITE = "0512-55501234", "www.yanlan.example"


def known(id: str, name: str, **fields: object) -> Known:
    return Known(id=id, name=name, **fields)  # type: ignore[arg-type]  # a test's shorthand


def verdict(one: str, other: str, **shared: object) -> str:
    return compare(known("a", one, **shared), known("b", other, **shared)).verdict


def clusters(*records: Known) -> set[str]:
    return {"".join(sorted(cluster)) for cluster in link(records)[0]}


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("砚澜精密", "苏州砚澜精密机械股份有限公司"),
        ("砚澜科技", "砚澜智能装备科技股份有限公司"),
        ("砚澜精密-VIP", "苏州砚澜精密机械股份有限公司（停用）"),
        ("建安银行江苏省分行", "中国建安银行股份有限公司江苏分行"),
        ("砚建二局", "砚建第二工程局有限公司"),
    ],
)
def test_a_short_name_that_fits_one_company_is_that_company(short, long):
    assert verdict(short, long) == "link"


def test_a_short_name_that_fits_two_companies_is_a_question():
    found = clusters(
        known("a", "砚澜精密"), known("b", "苏州砚澜精密机械有限公司"), known("c", "无锡砚澜精密仪器有限公司")
    )

    assert found == {"a", "b", "c"}


def test_a_short_name_goes_to_the_one_of_its_own_place():
    found = clusters(
        known("a", "苏州砚澜精密"), known("b", "苏州砚澜精密机械有限公司"), known("c", "砚澜精密机械集团有限公司")
    )

    assert "ab" in found


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("苏州砚澜精密机械有限公司", "苏州研澜精密机械有限公司", "link"),  # typed by its sound
        ("苏州砚澜精密机械有限公司", "苏州砚溪精密机械有限公司", "apart"),  # another brand
        ("砚建第三工程局有限公司", "砚建第四工程局有限公司", "apart"),
        ("砚建三局", "砚建第四工程局有限公司", "apart"),
        ("苏州砚澜机械有限公司", "苏州霁禾机械有限公司", "apart"),
        ("砚澜集团", "砚澜地产", "apart"),
        ("苏州砚澜精密机械有限公司", "苏州砚澜精密机械有限公可", "link"),  # a slip in the legal form
        ("苏州砚澜集湍股份有限公司", "苏州砚澜集团股份有限公司", "link"),
        ("苏州砚澜机械有限公司", "速州砚澜机械有限公司", "link"),  # a slip in the place
        ("苏州溪砚澜机械有限公司", "苏州砚澜机械有限公司", "review"),  # a brand of three, or of two
    ],
)
def test_a_mistake_of_typing_is_told_from_another_name(one, other, expected):
    assert verdict(one, other, city="苏州") == expected


@pytest.mark.parametrize(
    ("chinese", "latin", "rule"),
    [
        ("苏州砚澜精密机械有限公司", "Suzhou Yanlan Precision Machinery Co., Ltd.", "across_read"),
        ("苏州砚澜光电科技有限公司", "Su Zhou Yan Lan Guang Dian Ke Ji", "across_spelled"),
        ("苏州港口物流有限公司", "Suzhou Port Logistics Co., Ltd.", "across_translated"),
        ("苏州砚澜精密机械有限公司", "Suzhou Yanlan Group", "across_brand"),
        ("苏州砚澜教育有限公司", "Yanlan Banking Corp.", "across_partly"),
        ("苏州砚澜光电科技有限公司", "su zhou shi yan lan guang dian ke ji you xian gong si", "across_spelled"),
        ("苏州禾德光电有限公司", "Suzhou Hede Optoelectronics Co., Ltd.", "across_read"),  # brief, but all is said
    ],
)
def test_a_latin_name_is_read_from_the_chinese_one(chinese, latin, rule):
    decision = compare(known("a", chinese), known("b", latin))

    assert rule in [item.rule for item in decision.evidence]
    assert decision.verdict == {"across_read": "link", "across_spelled": "link"}.get(rule, decision.verdict)
    assert rule != "across_partly" or decision.verdict == "apart"


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Yanlan Fuel Gas", "Yanlan Fuel Gas Company", "link"),
        ("YANLAN NATL FUEL GAS", "Yanlan National Fuel Gas Inc.", "link"),
        ("YANLAN INTERNATIONAL MACHIN", "Yanlan International Machinery Ltd", "link"),
        ("The Yanlan Group", "YANLAN GROUP", "link"),
        ("Yanlan Holdings AG（停用）", "Yanlan Holdings AG", "link"),  # the note makes it no Chinese name
        ("Yanlan Elec Machinery", "Yanlan Electric Machinery Ltd", "link"),
        ("Heda Ceramics", "Hengda Ceramics", "apart"),  # a name is no abbreviation
        ("Yanlan Machinery Maunfacturing", "Yanlan Machinery Manufacturing Ltd", "link"),
        ("Skye Petroleum Inc", "Sky Petroleum Inc", "apart"),
        ("China Securities Co., Ltd.", "Industrial Securities Co., Ltd.", "apart"),
    ],
)
def test_latin_names_as_people_write_them(one, other, expected):
    assert verdict(one, other) == expected


def test_one_site_of_their_own_joins_names_in_two_languages():
    assert verdict("霁禾食品有限公司", "Jellow Foods Ltd.", website="www.jellow.example") == "link"


def test_a_site_that_a_group_shows_for_all_its_units_joins_nobody():
    shared = {"website": SITE, "phone": PHONE}
    found = clusters(
        known("a", "砚澜精密工业(苏州)有限公司", **shared),
        known("b", "砚澜精密工业(无锡)有限公司", **shared),
        known("c", "Yelo Industries Ltd.", **shared),
    )

    assert found == {"a", "b", "c"}


def test_a_telephone_that_two_towns_units_show_joins_nobody_to_them():
    found = clusters(
        known("a", "砚澜苏州有限公司", phone=PHONE),
        known("b", "砚澜股份有限公司无锡分公司", phone=PHONE),
        known("c", "Yelo Industries Ltd.", phone=PHONE),
    )

    assert found == {"a", "b", "c"}


def test_a_former_name_that_a_record_gives_is_no_other_company():
    old, new = "苏州砚澜机械有限公司", "苏州霁禾智能装备有限公司"

    assert verdict(old, new, phone=PHONE, website=SITE) == "review"  # it may have been renamed: a person can tell
    assert clusters(known("a", old, phone=PHONE), known("b", new, other_names=(old,), phone=PHONE)) == {"ab"}


def test_a_telephone_abroad_speaks_against():
    here, there = known("a", "Kirlan Holdings", phone="+81 3 5555 3286"), known("b", "Kirlan Group Holdings Ltd",
                                                                                phone="+852 2110 5837")  # fmt: skip

    assert compare(here, there).verdict != "link"


def test_joined_records_lend_each_other_their_names():
    """The English name is only on one record, the site only on another: the third is found by both together."""
    found = clusters(
        known("a", "苏州砚澜精密机械有限公司", website=SITE),
        known("b", "砚澜精密", other_names=("Yelo Precision Ltd.",), city="苏州"),
        known("c", "YELO PRECISION LTD"),
    )

    assert found == {"abc"}


def test_a_cluster_is_checked_whole():
    """`b` fits both; each joined to it alone would do, both cannot."""
    found = clusters(
        known("a", "苏州砚澜机械有限公司", website=SITE),
        known("b", "砚澜机械", website=SITE, phone=PHONE),
        known("c", "无锡砚澜机械有限公司", phone=PHONE),
    )

    assert not any({"a", "c"} <= set(cluster) for cluster in found)


def test_a_full_name_that_two_companies_bear_is_a_question():
    """As well the one as the other: it joins neither, not whoever comes first."""
    name = "砚澜精密机械有限公司"
    found = clusters(
        known("a", name), known("b", name, uscc="91440606123456788U"), known("c", name, uscc="91320500YY3NERCP9G")
    )

    assert found == {"a", "b", "c"}


def test_a_unit_and_its_company_are_two_in_two_languages_as_well():
    unit = known("a", "苏州砚澜精密机械有限公司青岛分公司", phone=PHONE)

    found = {
        name: compare(unit, known("b", name, phone=PHONE)).verdict
        for name in (
            "Suzhou Yanlan Precision Machinery Co., Ltd.",
            "Suzhou Yanlan Precision Machinery Co., Ltd. Wuxi Branch",
            "Suzhou Yanlan Precision Machinery Co., Ltd. Qingdao Branch",
        )
    }

    assert list(found.values()) == ["apart", "apart", "link"]


def test_the_towns_of_telephone_lines_speak_where_no_address_does():
    one = known("a", "砚澜机械", phone="0512-55501234")
    verdicts = [
        compare(one, known("b", "砚澜智能机械股份有限公司", phone=phone)).score
        for phone in ("0512-55507788", "", "0532-55507788")
    ]

    assert verdicts == sorted(verdicts, reverse=True)
    assert len(set(verdicts)) == 3


def test_two_licences_of_a_place_and_of_a_place_in_it_need_more_than_a_name():
    one, other = "江苏砚澜机械有限公司", "昆山砚澜机械有限公司"

    assert verdict(one, other) == "review"
    assert verdict(one, other, phone=PHONE) == "link"


def test_a_brand_is_not_the_site_of_who_has_one_of_his_own():
    brand = {"name": "Yanlan Machinery Co., Ltd.", "website": "www.yanlan26.cn"}

    assert compare(known("a", **brand), known("b", "砚岚", website="www.yanlan.cn")).verdict != "link"
