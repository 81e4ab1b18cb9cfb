"""No rule reads what kamsync writes: a mapping that does is refused with its line and a way out."""

from __future__ import annotations

from pathlib import Path

import pytest

from kamsync.mapping import loops, read_mapping
from kamsync.plugin import Hand
from kamsync_fxiaoke import connector as fxiaoke
from kamsync_fxiaoke.options import FxiaokeOptions
from kamsync_zoho import connector as zoho
from kamsync_zoho.options import ZohoOptions
from tests.connectors.acme import connector as acme

HAND = Hand(tags=frozenset({"Tag"}), tasks=frozenset({"Tasks"}))
ACCOUNTS = '[accounts]\nobject = "Accounts"\nentity = "account"\n{more}\n[accounts.fields]\nname = "Name"\n{field}\n'
TASKS = '[tasks]\nobject = "tasks"\nentity = "{entity}"\n{more}\n[tasks.fields]\n{field}\n'
A_TASK = {"entity": "activity", "field": 'kind = { constant = "task" }'}


def _told(text: str, hand: Hand = HAND) -> list[tuple[int | None, str, str]]:
    found = loops(read_mapping(text, "zoho.toml"), hand, "KAM·")
    assert all(problem.hint is not None and problem.file == "zoho.toml" for problem in found)
    return [(problem.line, problem.key, problem.text.en.split(",")[0]) for problem in found]


@pytest.mark.parametrize(
    "field",
    [
        'rating = "Tag"',
        'industry = ["Industry", "Tag"]',
        'industry = "Tag.name"',
        'rating = { from = "Tag", values = { "重点" = "A" } }',  # an unknown value of a text is kept
        'annual_revenue = { from = "Revenue", currency_from = "Tag" }',
    ],
)
def test_a_field_that_carries_our_tags_is_no_source(field: str) -> None:
    line, key, said = _told(ACCOUNTS.format(more="", field=field))[0]

    assert (line, key) == (7, f"accounts.fields.{field.split(' ')[0]}")
    assert said == "reads Tag"


def test_tags_of_peoples_may_be_read_where_they_are_named_one_by_one() -> None:
    field = 'size = { from = "Tag", as = "choice", values = { "大客户" = "大" }, unknown = "ignore" }'

    assert _told(ACCOUNTS.format(more="", field=field)) == []


def test_a_tag_of_ours_is_no_value_wherever_it_comes_from() -> None:
    """A workflow in the CRM may have copied it into a field of its own."""
    field = 'strategic = { from = "Copied", as = "choice", values = { "kam·一级" = 90 }, unknown = "ignore" }'

    assert _told(ACCOUNTS.format(more="", field=field)) == [
        (
            7,
            "accounts.fields.strategic",
            "takes a tag that kamsync itself writes for a value: it would judge by its own verdicts",
        )
    ]


@pytest.mark.parametrize("condition", ["gone_when", "skip_when"])
def test_no_record_comes_or_goes_by_a_tag_of_ours(condition: str) -> None:
    ours = _told(ACCOUNTS.format(more=f'{condition} = {{ "Tag.name" = "KAM·三级及以下" }}', field=""))
    theirs = _told(ACCOUNTS.format(more=f'{condition} = {{ "Tag.name" = "停用" }}', field=""))

    assert [(line, key) for line, key, _ in ours] == [(4, f'accounts.{condition}."Tag.name"')]
    assert theirs == []


def test_our_own_tasks_are_told_from_the_customers_activities() -> None:
    unmarked = _told(TASKS.format(more="", **A_TASK))
    as_cases = _told(TASKS.format(more="", entity="case", field='number = "Id"'))
    marked = _told(TASKS.format(more='marker_from = "Description"', **A_TASK))

    assert unmarked == [(1, "tasks", "kamsync's own tasks are tasks")]
    assert as_cases == [(3, "tasks.entity", "kamsync's own tasks are tasks")]
    assert marked == []


def test_the_marker_is_looked_for_where_the_settings_put_it() -> None:
    hand = Hand(tasks=HAND.tasks, marker="Our_Key")
    away = _told(TASKS.format(more='marker_from = "Description"', **A_TASK), hand)
    there = _told(TASKS.format(more='marker_from = ["Our_Key", "Description"]', **A_TASK), hand)

    assert away == [(4, "tasks.marker_from", "does not look at Our_Key")]
    assert there == []


def test_both_crms_say_where_kamsync_writes_and_their_default_mappings_read_none_of_it() -> None:
    secret = {"client_secret": "env:A", "refresh_token": "env:B"}
    z = zoho.hand(ZohoOptions.model_construct(**secret, task_key_field="Our_Key"))
    f = fxiaoke.hand(FxiaokeOptions.model_construct(tag_field="our_tags__c"))

    assert (z, f) == (
        Hand(frozenset({"Tag"}), frozenset({"Tasks"}), "Our_Key"),
        Hand(frozenset({"our_tags__c"}), frozenset({"ScheduleObj"})),
    )
    for name, hand in (("zoho", zoho.hand(ZohoOptions.model_construct(task_key_field=None))), ("fxiaoke", f)):
        path = Path(f"mappings/{name}.toml")
        assert loops(read_mapping(path.read_text("utf-8"), str(path)), hand, "KAM·") == []


def test_a_connector_made_from_the_template_says_it_too() -> None:
    hand = acme.hand(None)

    assert (set(hand.tags), set(hand.tasks), hand.marker) == ({"tags"}, {"todos"}, "key")
    assert loops(read_mapping(acme.mapping(), "acme.toml"), hand, "KAM·") == []


def test_the_select_many_field_is_known_by_its_labels_too() -> None:
    hand = Hand(tags=frozenset({"kam_tags__c"}))

    assert [key for _, key, _ in _told(ACCOUNTS.format(more="", field='rating = "kam_tags__c__r"'), hand)] == [
        "accounts.fields.rating"
    ]
