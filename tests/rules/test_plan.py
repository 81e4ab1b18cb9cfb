"""Tags are compared three ways: what is wanted, what we last wrote, what stands there now."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kamsync.rules.plan import tag_step

ONE, TWO, THEIRS = "KAM·一级", "KAM·二级", "KAM·老朋友"


def test_a_tag_that_is_missing_is_added() -> None:
    step = tag_step(ONE, 1, None, None, [])

    assert (step.verdict, step.add, step.remove) == ("change", (ONE,), ())


def test_a_new_tier_replaces_the_tag_that_we_wrote() -> None:
    step = tag_step(TWO, 2, ONE, 1, [ONE])

    assert (step.verdict, step.add, step.remove) == ("change", (TWO,), (ONE,))


def test_a_tag_that_stands_there_needs_nothing_whoever_set_it() -> None:
    assert tag_step(ONE, 1, None, None, [ONE]).verdict == "settled"


def test_a_tag_in_our_namespace_that_a_person_set_stays() -> None:
    step = tag_step(TWO, 2, ONE, 1, [ONE, THEIRS])

    assert THEIRS not in step.remove


def test_a_tag_that_someone_removed_stays_away_until_the_tier_changes() -> None:
    assert tag_step(ONE, 1, ONE, 1, []).verdict == "skip"
    assert tag_step(TWO, 2, ONE, 1, []).add == (TWO,)


def test_back_to_an_earlier_tier_is_a_new_wish() -> None:
    step = tag_step(ONE, 3, TWO, 2, [TWO])

    assert (step.add, step.remove) == ((ONE,), (TWO,))


def test_a_tier_that_is_not_tagged_takes_our_tag_away_and_nothing_else() -> None:
    step = tag_step(None, 2, ONE, 1, [ONE, THEIRS])

    assert (step.verdict, step.add, step.remove) == ("change", (), (ONE,))


def test_a_record_that_cannot_be_seen_is_left_alone() -> None:
    step = tag_step(ONE, 1, None, None, None)

    assert step.verdict == "skip"
    assert step.why is not None


NAMES = st.sampled_from([ONE, TWO, THEIRS])


@given(
    wanted=st.none() | NAMES,
    owned=st.none() | NAMES,
    revision=st.integers(1, 3),
    behind=st.integers(0, 2),
    live=st.frozensets(NAMES),
)
def test_only_what_we_wrote_is_ever_removed_and_what_was_done_is_settled(
    wanted: str | None, owned: str | None, revision: int, behind: int, live: frozenset[str]
) -> None:
    step = tag_step(wanted, revision, owned, revision - behind if owned else None, live)

    assert set(step.remove) <= {owned} - {wanted}
    if step.verdict == "change":
        after = (live | set(step.add)) - set(step.remove)
        assert tag_step(wanted, revision, wanted, revision, after).verdict == "settled"


@pytest.mark.parametrize("live", [[], [THEIRS]])
def test_nothing_wanted_and_nothing_written_is_settled(live: list[str]) -> None:
    assert tag_step(None, 1, None, None, live).verdict == "settled"
