"""Records of one company are joined on evidence; two companies never are."""

from __future__ import annotations

from datetime import date
from itertools import combinations

import pytest

from kamsync.rules.identity import Known, LinkDecision, compare, link
from kamsync.testing.world import World
from kamsync.testing.world_make import make_world

CODE, OTHER_CODE = "91440606123456788U", "91320500YY3NERCP9G"
PHONE, SITE = "0512-55501234", "www.yanlan.example"


def known(id: str, name: str, **fields: object) -> Known:
    return Known(id=id, name=name, **fields)  # type: ignore[arg-type]  # a test's shorthand


def verdict(a: Known, b: Known) -> str:
    return compare(a, b).verdict


def rules(decision: LinkDecision) -> list[str]:
    return [evidence.rule for evidence in decision.evidence]


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        ({"name": "砚澜精密", "uscc": CODE}, {"name": "Yanlan", "uscc": CODE.lower()}, "code"),
        ({"name": "苏州砚澜精密机械有限公司"}, {"name": "蘇州硯瀾精密機械有限責任公司(老客户)"}, "full_name"),
        ({"name": "苏州砚澜机械有限公司"}, {"name": "Yanlan", "other_names": ("苏州砚澜机械有限公司",)}, "full_name"),
        ({"name": "砚澜机械有限公司", "phone": PHONE}, {"name": "砚澜机械", "phone": "+86 512 5550 1234"}, "phone"),
        ({"name": "砚澜机械有限公司", "website": SITE}, {"name": "砚澜机械", "website": "yanlan.example"}, "domain"),
        ({"name": "苏州砚澜机械股份有限公司"}, {"name": "砚澜机械", "city": "苏州市"}, "place"),
        ({"name": "Suzhou Yanlan Machinery Co., Ltd."}, {"name": "Yanlan Machinery", "city": "Suzhou"}, "place"),
        (
            {"name": "砚澜精密", "phone": PHONE, "website": SITE},
            {"name": "苏州砚澜精密机械有限公司", "phone": PHONE, "website": SITE},
            "short",
        ),
    ],
)
def test_enough_evidence_links_and_is_named(one, other, why):
    decision = compare(known("a", **one), known("b", **other))

    assert decision.verdict == "link"
    assert why in rules(decision)


@pytest.mark.parametrize(
    "shared", [{"phone": PHONE}, {"website": SITE}, {"city": "苏州"}, {"phone": PHONE, "city": "苏州"}]
)
def test_a_shared_telephone_site_or_town_alone_never_links(shared):
    assert verdict(known("a", "砚澜精密机械有限公司", **shared), known("b", "霁禾食品有限公司", **shared)) == "apart"


def test_sister_companies_on_one_telephone_and_site_are_for_a_person_to_judge():
    shared = {"phone": PHONE, "website": SITE, "city": "苏州"}

    decision = compare(known("a", "砚澜机械有限公司", **shared), known("b", "砚澜机械销售有限公司", **shared))

    assert decision.verdict == "review"


@pytest.mark.parametrize(
    ("one", "other", "bar"),
    [
        ({"name": "砚澜机械有限公司", "uscc": CODE}, {"name": "砚澜机械有限公司", "uscc": OTHER_CODE}, "code_differs"),
        ({"name": "砚澜机械有限公司"}, {"name": "砚澜机械有限公司上海分公司"}, "branch"),
        ({"name": "苏州砚澜机械有限公司"}, {"name": "砚澜(无锡)机械有限公司"}, "place_differs"),
        ({"name": "苏州砚澜机械有限公司"}, {"name": "砚澜(中国)机械有限公司"}, "place_differs"),
        ({"name": "Yanlan Inc."}, {"name": "Yanlan GmbH"}, "form_differs"),
    ],
)
def test_what_cannot_be_one_company_stays_apart_whatever_they_share(one, other, bar):
    shared = {"phone": PHONE, "website": SITE}

    decision = compare(known("a", **one, **shared), known("b", **other, **shared))

    assert decision.verdict == "apart"
    assert bar in rules(decision)


def test_one_code_on_a_company_and_its_branch_is_for_a_person_to_judge():
    assert verdict(known("a", "砚澜有限公司", uscc=CODE), known("b", "砚澜有限公司上海分公司", uscc=CODE)) == "review"


def test_a_mistyped_code_is_no_evidence():
    name = "苏州砚澜机械有限公司"

    assert verdict(known("a", name, uscc=CODE), known("b", name, uscc="91310115MA1K3ABC0D")) == "link"


def test_a_place_within_a_place_is_no_difference():
    decision = compare(known("a", "江苏砚澜机械有限公司", phone=PHONE), known("b", "昆山砚澜机械有限公司", phone=PHONE))

    assert decision.verdict == "link"


def test_one_numeral_makes_another_company():
    shared = {"phone": PHONE, "website": SITE}

    assert (
        verdict(known("a", "砚澜第一机械有限公司", **shared), known("b", "砚澜第二机械有限公司", **shared)) == "review"
    )
    assert verdict(known("a", "砚澜精密机械有限公司", **shared), known("b", "砚斓精密机械有限公司", **shared)) == "link"


def test_fillers_in_one_town_are_not_one_company():
    assert verdict(known("a", "测试", city="苏州"), known("b", "测试", city="苏州")) == "apart"
    assert verdict(known("a", "王芳", city="苏州"), known("b", "王芳", city="苏州")) == "review"


def test_the_telephone_of_an_agent_links_none_of_its_clients():
    names = ("砚澜", "砚澜机械有限公司", "霁禾食品有限公司", "棠溪纺织有限公司", "珩岳软件有限公司")
    records = [known(name, name, phone=PHONE, website=SITE) for name in names]

    clusters, _ = link(records)

    assert len(clusters) == 5


def test_a_short_name_that_fits_two_companies_joins_neither():
    records = [
        known("a", "砚澜机械", city="苏州", phone=PHONE),
        known("b", "苏州砚澜机械有限公司", uscc=CODE, phone=PHONE),
        known("c", "苏州砚澜机械有限公司", uscc=OTHER_CODE, phone=PHONE),
    ]

    clusters, decisions = link(records)

    assert clusters == [frozenset("a"), frozenset("b"), frozenset("c")]
    assert {(d.a, d.b): d.verdict for d in decisions} == {("a", "b"): "review", ("a", "c"): "review"}
    assert "core_shared" in rules(decisions[0])


def test_the_stronger_evidence_stands_when_a_name_fits_two():
    records = [
        known("a", "砚澜机械", city="苏州", uscc=CODE),
        known("b", "苏州砚澜机械有限公司", uscc=CODE),
        known("c", "无锡砚澜机械有限公司"),
        known("d", "砚澜机械", city="苏州", phone=PHONE),
        known("e", "无锡砚澜机械有限公司", phone=PHONE),
    ]

    clusters, _ = link(records)

    assert clusters == [frozenset("abd"), frozenset("ce")]


def test_what_a_person_called_different_stays_different():
    records = [known("a", "苏州砚澜机械有限公司", uscc=CODE), known("b", "苏州砚澜机械有限公司", uscc=CODE)]

    clusters, decisions = link(records, apart=[frozenset("ab")])

    assert clusters == [frozenset("a"), frozenset("b")]
    assert rules(decisions[0])[0] == "told_apart"


def test_what_an_account_already_holds_stays_together_and_draws_others_in():
    records = [
        known("a", "砚澜机械", fixed="acc-1"),
        known("b", "Yanlan Machinery Co., Ltd.", fixed="acc-1"),
        known("c", "YANLAN MACHINERY CO LTD"),
        known("d", "霁禾食品"),
    ]

    clusters, _ = link(records)

    assert clusters == [frozenset("abc"), frozenset("d")]


def test_the_order_of_records_changes_nothing():
    records = [
        known(f"r{n}", name, phone=PHONE) for n, name in enumerate(("砚澜机械", "苏州砚澜机械有限公司", "砚澜机械厂"))
    ]

    assert link(records) == link(records[::-1])
    assert compare(records[0], records[1]) == compare(records[1], records[0])


def test_evidence_reads_in_both_languages():
    decision = compare(known("a", "砚澜机械", phone=PHONE), known("b", "砚澜机械", phone=PHONE))

    told = [item.detail for item in decision.evidence if item.rule in ("core", "phone")]
    assert [text.zh for text in told] == ["名称主体相同：砚澜机械", "电话相同，且无他人使用：+8651255501234"]
    assert [text.en for text in told] == [
        "same core of the name: 砚澜机械",
        "same telephone, nobody else's: +8651255501234",
    ]


def test_nothing_comes_of_nothing():
    assert link([]) == ([], [])
    assert link([known("a", "")])[0] == [frozenset("a")]


def _records(world: World) -> list[Known]:
    same = ("uscc", "phone", "website", "province", "city")
    return [
        known(one.key, one.name, other_names=(one.other_name,) if one.other_name else (),
              **{name: getattr(one, name) for name in same})
        for one in world.accounts
    ]  # fmt: skip


@pytest.mark.parametrize("seed", [7, 8])
def test_in_the_made_up_world_every_pair_is_joined_and_no_two_companies_are(seed):
    world = make_world(date(2026, 11, 9), seed=seed)
    company = {account.key: account.company for account in world.accounts}
    records = _records(world)

    clusters, _ = link(records)

    joined = {pair for cluster in clusters for pair in combinations(sorted(cluster), 2)}
    assert [pair for pair in joined if company[pair[0]] != company[pair[1]]] == []
    assert joined == {tuple(sorted(pair)) for pair in world.same}
