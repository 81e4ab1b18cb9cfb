"""The tier policy file: what it says, and every mistake in it at once."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from textwrap import dedent

import pytest

from kamsync.config.policies import policy_of, read_policy
from kamsync.plugin.document import Problems, parse
from kamsync.rules.policy import Admission, Gates, Override, Policy, Steadiness

FILE = Path(__file__).parents[2] / "policies" / "value4.toml"

SMALL = dedent("""\
    name = "两级"

    [[tiers]]
    name = "VIP"
    also = ["A"]
    floor = 60
    [[tiers]]
    name = "普通"
    floor = 0

    [dimensions.value]
    weight = 100
    [dimensions.value.metrics.revenue_12m]
    weight = 60
    anchors = [[0, 0], ["100万", 30], ["1.5亿", 100]]
    [dimensions.value.metrics.overdue_180d]
    weight = 40
    anchors = [[0, 100], [1000000, 0]]
""")


def policy(text: str) -> Policy:
    return policy_of(parse(text, "policies/test.toml"))


def faults(text: str) -> list[tuple[int | None, str, str]]:
    with pytest.raises(Problems) as caught:
        policy(text)
    return [(problem.line, problem.key, problem.text.en) for problem in caught.value.problems]


def test_the_default_policy_has_three_tiers_and_four_dimensions_of_hundred_points():
    value4 = read_policy(FILE)

    assert [(tier.name, tier.rank, tier.floor) for tier in value4.tiers] == [
        ("一级", 1, 75),
        ("二级", 2, 55),
        ("三级及以下", 3, 0),
    ]
    assert {each.name: (each.weight, [int(rule.weight) for rule in each.metrics]) for each in value4.dimensions} == {
        "current": (35, [50, 30, 20]),
        "potential": (25, [40, 35, 25]),
        "lifetime": (20, [60, 20, 20]),
        "loyalty_influence": (20, [25, 25, 20, 30]),
    }
    assert value4.steadiness == Steadiness()
    assert value4.gates == Gates(strategic_tier="二级", credit_tier="二级")
    assert (value4.value.margin_rate, value4.value.discount) == (Decimal("0.20"), Decimal("0.10"))
    assert (value4.book.admit, value4.is_tagged("三级及以下")) == ((), True)


def test_a_tier_answers_to_every_name_it_has():
    value4 = read_policy(FILE)

    names = ["一级", "VIP客户", "a", "重点客户", "一般客户", "Tier 3", "特级"]
    assert [tier.rank if (tier := value4.tier(name)) else None for name in names] == [1, 1, 1, 2, 3, 3, None]


def test_what_a_short_file_leaves_out_has_its_usual_value():
    small = policy(SMALL)

    assert (small.kind, small.steadiness, small.value.margin_rate) == ("weighted", Steadiness(), None)
    assert (small.gates.strategic_tier, small.gates.credit_tier, small.gates.group_below) == (None, None, None)
    assert small.dimensions[0].metrics[0].anchors[2] == (150_000_000, 100)
    assert small.tiers[0].label.zh == "VIP"


def test_the_version_changes_with_the_text():
    assert policy(SMALL).version == policy(SMALL).version != policy(SMALL + "\n").version


def test_book_and_overrides_are_read():
    read = policy(
        SMALL
        + dedent("""\
        [book]
        tagged = ["A"]
        [[book.admit]]
        sizes = ["大", "中"]
        min_revenue_12m = "20万"
        [[overrides]]
        account = "zoho/365"
        tier = "A"
        reason = "年度战略合作"
        author = "销售运营部"
        from = 2026-01-01
        until = 2027-01-01
        """)
    )

    assert read.book.tagged == ("VIP",)
    assert read.book.admit == (Admission(sizes=("大", "中"), min_revenue_12m=Decimal(200_000)),)
    spell = Override("VIP", "年度战略合作", "销售运营部", date(2026, 1, 1), date(2027, 1, 1))
    assert read.overrides == (("zoho/365", spell),)


def test_every_mistake_is_listed_at_once_with_its_line():
    text = dedent("""\
        name = "x"
        kind = "weightd"
        colour = 1
        [[tiers]]
        name = "A"
        floor = 50
        [[tiers]]
        name = "B"
        also = ["A"]
        floor = 60
        [dimensions.value]
        weight = 90
        label = { zh = "价值" }
        [dimensions.value.metrics.revenu_12m]
        weight = 10
        anchors = [[0, 0], [1, 1]]
        [dimensions.value.metrics.revenue_12m]
        weight = 100
        anchors = [[0, 0], ["很多", 30], [5, 101]]
        [dimensions.value.metrics.growth_yoy]
        weight = 0
        anchors = [[0, 0], [0, 30], [1, 20]]
        [steadiness]
        up_days = 1.5
        [coverage]
        judge = 60
        [gates]
        strategic_tier = "C"
        [value]
        margin_rate = "20%"
        [book]
        tagged = "A"
        [[book.admit]]
        [[overrides]]
        account = "a"
        tier = "A"
        reason = ""
        author = "李"
        from = "2026-01-01"
        until = 2027-01-01
        """)

    assert faults(text) == [
        (2, "kind", '"weightd" is not a kind'),
        (3, "colour", "is not a key here"),
        (7, "tiers[2]", '"A" already names another tier'),
        (10, "tiers[2].floor", "must be below that of the tier above"),
        (10, "tiers[2].floor", "of the lowest tier must be 0: scores below are in no tier"),
        (11, "dimensions", "the weights add up to 90, not 100"),
        (13, "dimensions.value.label", "must be given in both languages"),
        (14, "dimensions.value.metrics.revenu_12m", "is not a metric that kamsync measures"),
        (19, "dimensions.value.metrics.revenue_12m.anchors[2]", "is not a pair [value, score]"),
        (19, "dimensions.value.metrics.revenue_12m.anchors[3]", "must score between 0 and 100"),
        (21, "dimensions.value.metrics.growth_yoy.weight", "must be more than 0; else leave the block out"),
        (22, "dimensions.value.metrics.growth_yoy.anchors[2]", "must have a larger value than the one before"),
        (22, "dimensions.value.metrics.growth_yoy.anchors", "must only rise or only fall in score"),
        (24, "steadiness.up_days", "must be a whole number, 0 or more"),
        (26, "coverage.judge", "must be a number from 0 to 1"),
        (28, "gates.strategic_tier", '"C" is not a tier of this policy'),
        (30, "value.margin_rate", "must be a number from -1 to 1"),
        (32, "book.tagged", 'must be a list of texts, such as ["大", "中"]'),
        (33, "book.admit[1]", "has no condition and would admit every account"),
        (37, "overrides[1].reason", "must be a text"),
        (39, "overrides[1].from", "is not a date"),
    ]


def test_a_misspelt_metric_is_met_with_the_right_one():
    with pytest.raises(Problems) as caught:
        policy(SMALL.replace("revenue_12m", "revenu_12m"))

    (problem,) = caught.value.problems
    assert (problem.hint and problem.hint.en) == 'did you mean "revenue_12m"?'


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("weight = 40", "weight = 39", "the weights add up to 99, not 100"),
        ("floor = 60", "", "is missing"),
        ("floor = 60", "floor = 101", "must be a number from 0 to 100"),
        ("floor = 60", "floor = true", "must be a number from 0 to 100"),
        ("weight = 60", "weight = nan", "must be a number from 0 to 100"),
        ('["100万", 30]', '["100千", 30]', "is not a pair [value, score]"),
        ("[[0, 100], [1000000, 0]]", "[[0, 50], [1, 50]]", "scores the same everywhere"),
        ("[[0, 100], [1000000, 0]]", "[[0, 50]]", "needs at least two points"),
        ("[[0, 100], [1000000, 0]]", "7", "needs at least two points"),
        ('name = "VIP"', 'name = ""', "must be a text"),
        (SMALL, "steadiness = 3\n" + SMALL, "must be a table: [steadiness]"),
    ],
)
def test_one_wrong_value_is_named(old: str, new: str, says: str):
    assert says in [text for _, _, text in faults(SMALL.replace(old, new, 1))]


def test_an_override_that_is_too_long_is_refused_where_it_is_written():
    text = SMALL + dedent("""\
        [[overrides]]
        account = "a"
        tier = "VIP"
        reason = "r"
        author = "李"
        from = 2026-01-01
        until = 2027-01-02
        """)

    assert faults(text) == [(19, "overrides[1]", "it is longer than 365 days")]


def test_an_empty_file_lists_what_it_needs():
    assert [text for _, _, text in faults("")] == ["needs at least one tier", "needs at least one dimension"]


def test_a_metric_may_not_count_twice():
    text = SMALL.replace("weight = 100", "weight = 50") + dedent("""\
        [dimensions.again]
        weight = 50
        [dimensions.again.metrics.revenue_12m]
        weight = 100
        anchors = [[0, 0], [1, 100]]
        """)

    assert faults(text) == [(21, "dimensions.again.metrics.revenue_12m", "is used in value already")]
