"""The promises of tiering, one by one: bands, steadiness, floors and caps, reasons, the nearest step."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kamsync.config.policies import read_policy
from kamsync.model import Member
from kamsync.plugin import Text, same
from kamsync.rules.facts import DealFacts, Facts, MoneyDueFacts, OrderFacts, SurveyFacts
from kamsync.rules.metrics import Metric, Metrics
from kamsync.rules.policy import Admission, Book, Dimension, MetricRule, Override
from kamsync.rules.tiers import Previous, Verdict, decide, judge

VALUE4 = read_policy(Path(__file__).parents[2] / "policies" / "value4.toml")
DAY = date(2026, 11, 22)
LINE = ((Decimal(0), Decimal(0)), (Decimal(100), Decimal(100)))

# The bars of value4 over one dimension: satisfaction alone is the score, and the other weights set the coverage.
PLAIN = replace(
    VALUE4,
    dimensions=(
        Dimension(
            "all",
            Text("全部", "all"),
            Decimal(100),
            (
                MetricRule("satisfaction", Decimal(60), LINE, "points"),
                MetricRule("influence", Decimal(20), LINE, "rating"),
                MetricRule("active_months_12", Decimal(20), LINE, "months"),
            ),
        ),
    ),
)


def scoring(total: str, *, known: int = 100, **more: str) -> Metrics:
    """Metrics whose score is `total` with `known` percent of the weight known (100, 80 or 60)."""
    names = ["satisfaction", "influence", "active_months_12"][: (known - 40) // 20]
    values = dict.fromkeys(names, total) | more
    found = {name: Metric(name=name, value=Decimal(value), source=same("test")) for name, value in values.items()}
    return Metrics(DAY, found)


def was(tier: str, days: int = 400, *, low: int = 0) -> Previous:
    """In a tier for so many days, after so many low runs."""
    return Previous(scored_tier=tier, since=DAY - timedelta(days=days), pending_down=low)


def verdict(total: str, previous: Previous | None = None, *, known: int = 100, **how: Any) -> Verdict:
    return decide(scoring(total, known=known), PLAIN, previous, DAY, **how)


def state(found: Verdict) -> tuple[str, date, int]:
    return found.scored_tier, found.since, found.pending_down


# ---- (1) and (4): bands


@pytest.mark.parametrize(
    ("total", "tier"),
    [("100", "一级"), ("75", "一级"), ("74.995", "一级"), ("74.9949", "二级"), ("55", "二级"), ("54.99", "三级及以下"),
     ("0", "三级及以下")],
)  # fmt: skip
def test_a_first_verdict_takes_the_plain_bands_after_rounding_half_up(total: str, tier: str):
    found = verdict(total)

    assert state(found) == (tier, DAY, 0)
    assert found.tier == tier


@pytest.mark.parametrize(
    ("total", "tier"), [("57", "二级"), ("56.99", "三级及以下"), ("77", "一级"), ("76.99", "二级")]
)
def test_moving_up_takes_two_points_above_the_bar_and_may_jump(total: str, tier: str):
    found = verdict(total, was("三级及以下"))

    assert found.scored_tier == tier


@pytest.mark.parametrize(("days", "tier"), [(29, "二级"), (30, "一级")])
def test_moving_up_takes_thirty_days_in_the_tier(days: int, tier: str):
    found = verdict("90", was("二级", days))

    assert found.scored_tier == tier
    assert found.since == (DAY if tier == "一级" else DAY - timedelta(days=days))


def test_moving_down_takes_two_low_runs_in_a_row():
    first = verdict("71.99", was("一级"))
    second = verdict("71.99", was("一级", low=1))

    assert state(first) == ("一级", DAY - timedelta(days=400), 1)
    assert state(second) == ("二级", DAY, 0)


@pytest.mark.parametrize("total", ["72", "74.5", "76.9"])
def test_a_run_that_is_not_low_resets_the_counter(total: str):
    found = verdict(total, was("一级", low=1))

    assert state(found) == ("一级", DAY - timedelta(days=400), 0)


@pytest.mark.parametrize(("days", "expected"), [(89, ("一级", 2)), (90, ("二级", 0))])
def test_moving_down_takes_ninety_days_in_the_tier(days: int, expected: tuple[str, int]):
    found = verdict("10", was("一级", days, low=1))

    assert (found.scored_tier, found.pending_down) == expected


def test_moving_down_goes_one_tier_a_step_however_low_the_score():
    found = verdict("0", was("一级", low=5))

    assert found.scored_tier == "二级"


def test_the_lowest_tier_is_never_low():
    assert state(verdict("0", was("三级及以下", low=1))) == ("三级及以下", DAY - timedelta(days=400), 0)


@pytest.mark.parametrize(
    ("age", "expected"), [(0, ("一级", 0)), (179, ("一级", 0)), (180, ("二级", 0)), (None, ("二级", 0))]
)
def test_within_180_days_of_the_first_order_nothing_is_lost(age: int | None, expected: tuple[str, int]):
    first_order = None if age is None else DAY - timedelta(days=age)

    found = verdict("10", was("一级", low=1), first_order=first_order)

    assert (found.scored_tier, found.pending_down) == expected


def test_a_new_customer_may_rise_within_its_first_180_days():
    assert verdict("90", was("二级"), first_order=DAY).scored_tier == "一级"


# ---- (3): coverage


def test_below_sixty_percent_a_known_account_keeps_its_tier_and_counter():
    thin = Metrics(DAY, {"influence": Metric(name="influence", value=Decimal(100), source=same("test"))})

    found = decide(thin, PLAIN, was("二级", 50, low=1), DAY)

    assert state(found) == ("二级", DAY - timedelta(days=50), 1)
    assert {"kept", "short_of_data"} <= set(found.flags)


def test_below_sixty_percent_a_new_account_is_lowest_and_flagged():
    thin = Metrics(DAY, {"influence": Metric(name="influence", value=Decimal(100), source=same("test"))})

    found = decide(thin, PLAIN, None, DAY)

    assert (found.tier, found.scored_tier) == ("三级及以下", "三级及以下")
    assert {"unjudged", "short_of_data"} <= set(found.flags)


def test_exactly_sixty_percent_is_enough_to_judge():
    found = verdict("60", known=60)

    assert (str(found.coverage), found.tier) == ("0.6000", "二级")


@pytest.mark.parametrize(("known", "tier"), [(60, "二级"), (80, "一级"), (100, "一级")])
def test_below_eighty_percent_the_best_tier_is_out_of_reach_but_scored(known: int, tier: str):
    found = verdict("90", known=known)

    assert (found.scored_tier, found.tier) == ("一级", tier)
    assert ("coverage_cap" in found.flags) == (tier == "二级")


# ---- (5) and (6): floors and caps leave the scored tier alone


@pytest.mark.parametrize(("rating", "tier"), [(80, "二级"), (79, "三级及以下"), (None, "三级及以下")])
def test_a_strategic_account_is_not_below_the_second_tier(rating: int | None, tier: str):
    found = verdict("10", strategic=rating)

    assert (found.scored_tier, found.tier) == ("三级及以下", tier)


@pytest.mark.parametrize(
    ("group", "tier"), [("一级", "二级"), ("二级", "三级及以下"), ("三级及以下", "三级及以下"), (None, "三级及以下")]
)
def test_a_member_is_at_most_one_tier_below_its_group(group: str | None, tier: str):
    assert verdict("10", group_tier=group).tier == tier


@pytest.mark.parametrize(("overdue", "tier"), [("1000000", "一级"), ("1000000.01", "二级")])
def test_old_debt_above_a_tenth_of_sales_caps_the_tier(overdue: str, tier: str):
    metrics = scoring("90", revenue_12m="10000000")

    found = decide(metrics, PLAIN, None, DAY, overdue_180d=Decimal(overdue))

    assert (found.scored_tier, found.tier) == ("一级", tier)


def test_any_old_debt_without_sales_caps_and_unknown_sales_do_not():
    nothing_sold, unknown = scoring("90", revenue_12m="0"), scoring("90")

    assert decide(nothing_sold, PLAIN, None, DAY, overdue_180d=Decimal(1)).tier == "二级"
    assert decide(unknown, PLAIN, None, DAY, overdue_180d=Decimal(1)).tier == "一级"


@pytest.mark.parametrize("why", ["blacklisted", "deregistered"])
def test_a_barred_account_is_lowest_even_if_strategic(why: str):
    found = verdict("90", strategic=100, **{why: True})

    assert (found.scored_tier, found.tier) == ("一级", "三级及以下")
    assert why in found.flags


def override(tier: str, start: date = DAY, until: date = DAY, reason: str = "集团年度战略合作") -> Override:
    return Override(tier, reason, "销售运营部", start, until)


def test_an_override_has_the_last_word_even_over_a_blacklist():
    found = verdict("90", known=60, override=override("一级"), blacklisted=True)

    assert (found.tier, found.flags[-1]) == ("一级", "override")
    assert found.reasons[0].zh == "销售运营部 指定为一级（至 2026-11-22）：集团年度战略合作"


@pytest.mark.parametrize(
    ("start", "until", "holds"),
    [(0, 0, True), (-10, 0, True), (0, 365, True), (1, 5, False), (-5, -1, False), (0, 366, False), (-366, 0, False)],
)
def test_an_override_holds_on_both_its_days_and_for_at_most_365(start: int, until: int, holds: bool):
    spell = override("三级及以下", DAY + timedelta(days=start), DAY + timedelta(days=until))

    assert (verdict("90", override=spell).tier == "三级及以下") == holds


def test_an_override_without_a_reason_is_ignored_and_that_is_said():
    found = verdict("90", override=override("三级及以下", reason="  "))

    assert (found.tier, found.flags) == ("一级", ("override_ignored",))
    assert "人工指定无效" in found.reasons[-1].zh


def test_gates_never_feed_back_into_the_scored_tier():
    """A capped first-class account stays scored first class, and returns the day its data is complete."""
    capped = verdict("90", known=60)

    later = decide(scoring("90"), PLAIN, capped.previous, DAY + timedelta(days=1))

    assert (capped.tier, later.tier, later.since) == ("二级", "一级", DAY)


# ---- (8): the same date twice


SCORES = st.decimals(0, 100, places=2)
STATES = st.none() | st.builds(
    was, st.sampled_from(["一级", "二级", "三级及以下"]), st.integers(0, 400), low=st.integers(0, 3)
)


@given(SCORES, STATES)
def test_a_second_run_on_the_same_date_changes_nothing(total: Decimal, previous: Previous | None):
    first = verdict(str(total), previous)

    again = verdict(str(total), first.previous)

    assert state(again) == state(first)
    assert again.tier == first.tier


@given(SCORES, STATES)
def test_judging_from_the_same_earlier_state_gives_the_same_verdict(total: Decimal, previous: Previous | None):
    assert verdict(str(total), previous) == verdict(str(total), previous)


@given(SCORES, SCORES, STATES)
def test_a_better_score_never_ends_in_a_worse_tier(one: Decimal, two: Decimal, previous: Previous | None):
    low, high = sorted([one, two])

    assert verdict(str(high), previous).rank <= verdict(str(low), previous).rank


@given(st.lists(st.decimals(70, 79, places=2), min_size=1, max_size=6))
def test_a_score_that_wavers_around_a_bar_never_flaps(totals: list[Decimal]):
    found = verdict("76")
    for index, total in enumerate(totals, 1):
        assume(total >= 72)
        found = decide(scoring(str(total)), PLAIN, found.previous, DAY + timedelta(days=100 * index))

    assert found.scored_tier == "一级"


# ---- (9): reasons and the nearest step


def test_the_main_reason_comes_first_and_the_points_add_up():
    found = judge(
        Facts(account="a", name="华东精密", as_of=DAY, orders=OrderFacts(net_12m=800_000_000), influence=100), VALUE4
    )

    assert found.reasons[0].zh.startswith("只掌握")
    assert any(reason.zh.startswith("未知：") for reason in found.reasons)
    assert any(reason.zh == "假定：近 12 个月毛利，无成本的订单按假定毛利率 20%" for reason in found.reasons)


@pytest.mark.parametrize(
    ("total", "previous", "flag", "main"),
    [
        ("90", was("二级", 5), "up_waits", "90.00 分已够一级，但现等级未满 30 天，最早 2026-12-17 升级"),
        ("60", was("一级"), "low", "60.00 < 72：第 1 次偏低，连续 2 次才降级"),
        ("60", was("一级", 10, low=1), "down_waits",
         "60.00 < 72：已连续 2 次偏低，但现等级未满 90 天，最早 2027-02-10 降级"),
        ("76", was("二级"), "up_margin", "76.00 分已过一级的 75 分，升级要 77 分"),
        ("73", was("一级"), "down_margin", "73.00 分低于一级的 75 分，未低过 72 分"),
        ("90", was("二级"), "moved_up", "满意度 90 分，得分最多：54.00 分"),
        ("60", was("一级", low=1), "moved_down", "满意度 60 分，失分最多：24.00 分"),
    ],
)  # fmt: skip
def test_what_moved_or_held_an_account_is_said_first(total: str, previous: Previous, flag: str, main: str):
    found = verdict(total, previous)

    assert flag in found.flags
    assert found.reasons[0].zh == main


def test_every_reason_speaks_both_languages():
    found = verdict("60", was("一级", low=1), strategic=90, override=override("一级"), blacklisted=True)

    assert all(reason.zh and reason.en and reason.zh != reason.en for reason in found.reasons)


def test_the_nearest_step_up_names_the_smallest_single_change():
    found = decide(scoring("74", influence="70"), PLAIN, None, DAY)

    step = found.nearest.up
    assert step is not None
    assert (step.metric, step.tier, str(step.score)) == ("satisfaction", "一级", "75.00")
    assert (step.now, str(step.to)) == (Decimal(74), "77.00")
    assert step.text.zh == "满意度由 74 分变为 77 分，得分 75.00，即为一级"


def test_a_step_is_named_to_the_last_yuan():
    """Sales weigh 0.175 of the score and earn a point for every 600,000 yuan, so 75.00 is 9,177,143 yuan away."""
    values = {
        "revenue_12m": "8000000", "gross_margin_12m": "1800000", "order_days_12m": "15",
        "wallet_gap": "6000000", "weighted_pipeline_12m": "2400000", "growth_yoy": "0.52",
        "clv_36m": "7200000", "margin_cum_36m": "4200000", "tenure_months": "90",
        "on_time_rate": "0.99", "satisfaction": "86", "active_months_12": "12", "influence": "90",
    }  # fmt: skip
    found = {name: Metric(name=name, value=Decimal(value), source=same("test")) for name, value in values.items()}

    step = decide(Metrics(DAY, found), VALUE4, None, DAY).nearest.up

    assert step is not None
    assert (step.metric, str(step.to), str(step.score)) == ("revenue_12m", "17177143", "75.00")


def test_no_single_metric_is_no_step():
    assert decide(scoring("0", satisfaction="92"), PLAIN, was("二级"), DAY).nearest.up is None
    assert verdict("90").nearest.up is None
    assert verdict("10").nearest.down is None


GRAINS = {"satisfaction": Decimal("0.01"), "growth_yoy": Decimal("0.0001"), "on_time_rate": Decimal("0.0001")}
NUMBERS = {rule.name: st.decimals(rule.anchors[0][0], rule.anchors[-1][0], places=2) for rule in VALUE4.rules}


@given(st.fixed_dictionaries(NUMBERS), st.sampled_from([None, "一级", "二级", "三级及以下"]))
def test_taking_the_nearest_step_leads_to_the_tier_it_promises(values: dict[str, Decimal], tier: str | None):
    def judged(changed: dict[str, Decimal], low: int) -> Verdict:
        found = {name: Metric(name=name, value=value, source=same("test")) for name, value in changed.items()}
        return decide(Metrics(DAY, found), VALUE4, was(tier, low=low) if tier else None, DAY)

    here = judged(values, low=0)

    for step, low in ((here.nearest.up, 0), (here.nearest.down, 1)):
        if step and tier in (None, here.scored_tier):
            there = judged(values | {step.metric: step.to}, low)
            assert (there.scored_tier, there.score) == (step.tier, step.score)
            grain = {
                "satisfaction": Decimal("0.01"),
                "growth_yoy": Decimal("0.0001"),
                "on_time_rate": Decimal("0.0001"),
            }
            less = step.to + (1 if step.now > step.to else -1) * grain.get(step.metric, Decimal(1))
            assert judged(values | {step.metric: less}, low).scored_tier != there.scored_tier


# ---- the whole file


def test_an_account_is_judged_from_its_file_alone():
    facts = Facts(
        account="a1",
        name='"华为"技术🙂',
        as_of=DAY,
        orders=OrderFacts(net_12m=9_000_000_000, net_prev_12m=1_000_000_000, days_12m=60, months_12m=12,
                          net_36m=20_000_000_000, first=date(2010, 1, 1)),
        due=MoneyDueFacts(due_12m=100, on_time_12m=100, overdue_180d=900_000_001),
        influence=100,
        surveys=SurveyFacts(csat=Decimal(99)),
        deals=DealFacts(weighted_12m=9_000_000_000),
        clv_36m=9_000_000_000,
    )  # fmt: skip

    found = judge(facts, VALUE4)

    assert (found.scored_tier, found.tier) == ("一级", "二级")
    assert "credit_cap" in found.flags


def test_an_override_in_the_policy_file_finds_its_account_by_id_or_by_record():
    spell = override("一级")
    by_id = replace(VALUE4, overrides=(("a1", spell),))
    by_record = replace(VALUE4, overrides=(("zoho/365", override("二级", DAY, DAY)), ("zoho/365", spell)))
    facts = Facts(account="a1", name="甲", as_of=DAY, members=(Member("zoho", "accounts", "365"),))

    assert judge(facts, by_id).tier == judge(facts, by_record).tier == "一级"
    assert judge(replace(facts, account="a2", members=()), by_id).tier == "三级及以下"


def test_a_tier_that_the_policy_no_longer_has_starts_anew():
    assert state(verdict("60", was("战略级"))) == ("二级", DAY, 0)


def test_the_book_admits_whoever_meets_all_lines_of_one_block():
    book = Book(admit=(Admission(min_revenue_12m=Decimal(200_000), ordered_within_days=30), Admission(sizes=("大",))))
    facts = Facts(account="a", name="甲", as_of=DAY)
    busy = replace(facts, orders=OrderFacts(net_12m=20_000_000, last=DAY - timedelta(days=30)))
    poor = replace(facts, orders=OrderFacts(net_12m=19_999_999, last=DAY))

    assert [book.admits(each) for each in (facts, busy, poor, replace(facts, size="大"))] == [False, True, False, True]
    assert Book().admits(facts)
