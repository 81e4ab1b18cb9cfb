"""Checks of tags: ours come and go one by one, those of people stay whatever happens.

How an answer that got lost is told is for the checks of sending.
"""

from __future__ import annotations

from collections.abc import Sequence

from kamsync.plugin import Intent, Outcome, TagChange, Target, Write
from kamsync.testing.suite_bench import Bench, skip

OURS = ("KAM·一级", "KAM·二级", "KAM·三级")
THEIRS = ("老客户", "展会😀")


def tags_level(bench: Bench) -> Write:
    """How this tenant lets us write tags; skips where it does not."""
    found = next((write for write in bench.writer().writes() if write.facet == "tags"), None)
    return found or skip("tags")


def change(bench: Bench, id: str, *, add: Sequence[str] = (), remove: Sequence[str] = (), intent: str = "") -> Intent:
    tags_level(bench)
    return Intent(intent or f"tags-{id}", TagChange(bench.target(id), tuple(add), tuple(remove)))


def write(bench: Bench, *intents: Intent) -> list[Outcome]:
    return list(bench.writer().write(intents))


def account(bench: Bench, *tags: str) -> str:
    """An account that carries these tags."""
    (id,) = bench.accounts(1)
    tags_level(bench)
    bench.tenant.set_tags(id, (*OURS, *THEIRS))  # so that each is known to the CRM
    bench.tenant.set_tags(id, tags)
    return id


class Tags:
    """Adding, removing, looking."""

    def test_a_tag_of_ours_stands_beside_those_of_people(self, bench: Bench) -> None:
        """A salesperson's own tags are their memory; a sync that wrote the whole list once erased them all."""
        id = account(bench, *THEIRS)

        (outcome,) = write(bench, change(bench, id, add=OURS[:1]))

        assert outcome.state == "applied"
        assert sorted(bench.tenant.tags(id)) == sorted((*THEIRS, OURS[0]))

    def test_adding_a_tag_twice_changes_nothing(self, bench: Bench) -> None:
        """After a lost receipt the same tag may be planned again; that must be harmless."""
        id = account(bench, THEIRS[0])
        write(bench, change(bench, id, add=OURS[:1]))

        (outcome,) = write(bench, change(bench, id, add=OURS[:1]))

        assert outcome.state == "applied"
        assert sorted(bench.tenant.tags(id)) == sorted((THEIRS[0], OURS[0]))

    def test_only_the_tag_that_is_named_is_removed(self, bench: Bench) -> None:
        """An account that drops out of the tiers loses our tag and nothing else."""
        id = account(bench, *THEIRS, OURS[0], OURS[1])

        (outcome,) = write(bench, change(bench, id, remove=OURS[:1]))

        assert outcome.state == "applied"
        assert sorted(bench.tenant.tags(id)) == sorted((*THEIRS, OURS[1]))

    def test_removing_a_tag_that_is_not_there_is_done_already(self, bench: Bench) -> None:
        """Somebody took it off by hand: what is wanted is true."""
        id = account(bench, THEIRS[0])

        (outcome,) = write(bench, change(bench, id, remove=OURS[:1]))

        assert (outcome.state, bench.tenant.tags(id)) == ("applied", (THEIRS[0],))

    def test_a_change_of_tier_is_one_intent(self, bench: Bench) -> None:
        """From the second tier to the first: the old tag goes, the new one comes, people's stay."""
        id = account(bench, THEIRS[0], OURS[1])

        (outcome,) = write(bench, change(bench, id, add=OURS[:1], remove=OURS[1:2]))

        assert outcome.state == "applied"
        assert sorted(bench.tenant.tags(id)) == sorted((THEIRS[0], OURS[0]))

    def test_a_tag_outside_our_namespace_is_never_touched(self, bench: Bench) -> None:
        """Should a fault elsewhere ask for it: the connector is the last who can keep its hands off people's tags."""
        id = account(bench, *THEIRS)

        outcomes = write(bench, change(bench, id, remove=THEIRS[:1])) + write(bench, change(bench, id, add=["重要"]))

        assert [outcome.state for outcome in outcomes] == ["refused", "refused"]
        assert sorted(bench.tenant.tags(id)) == sorted(THEIRS)

    def test_each_row_of_a_batch_is_told_by_itself(self, bench: Bench) -> None:
        """One account was deleted since the plan; the others still get their tags."""
        account(bench)
        first, missing, last = bench.accounts(3)
        bench.tenant.remove("account", missing)
        batch = [change(bench, id, add=OURS[:1]) for id in (first, missing, last)]

        outcomes = write(bench, *batch)

        assert [outcome.intent for outcome in outcomes] == [intent.id for intent in batch]
        assert [outcome.state for outcome in outcomes] == ["applied", "refused", "applied"]
        assert (bench.tenant.tags(first), bench.tenant.tags(last)) == (OURS[:1], OURS[:1])

    def test_a_batch_of_the_size_it_names_is_taken(self, bench: Bench) -> None:
        """The engine fills batches to what the connector says it takes."""
        account(bench)
        batch = [change(bench, id, add=OURS[:1]) for id in bench.accounts(tags_level(bench).batch)]

        outcomes = write(bench, *batch)

        assert [outcome.intent for outcome in outcomes] == [intent.id for intent in batch]
        assert {outcome.state for outcome in outcomes} == {"applied"}

    def test_different_changes_in_one_batch_are_not_mixed_up(self, bench: Bench) -> None:
        """Three accounts, three tiers: each gets its own."""
        account(bench)
        there = bench.accounts(3)

        write(bench, *(change(bench, id, add=[tag]) for id, tag in zip(there, OURS, strict=True)))

        assert [bench.tenant.tags(id) for id in there] == [(tag,) for tag in OURS]

    def test_tags_fire_no_workflow(self, bench: Bench) -> None:
        """A CRM's automation that mails customers on every edit must not wake for ours."""
        id = account(bench)

        write(bench, change(bench, id, add=OURS[:1]))

        if bench.tenant.workflows_fired is None:
            skip("a count of workflows")
        assert bench.tenant.workflows_fired == 0

    # ---- looking

    def test_live_tells_the_tags_that_people_see(self, bench: Bench) -> None:
        """A plan is made against what stands there now, by the words that people read."""
        id = account(bench, THEIRS[1], OURS[0])

        (live,) = bench.writer().live([bench.target(id)])

        assert live.found
        assert sorted(live.tags or ()) == sorted((THEIRS[1], OURS[0]))

    def test_live_answers_each_target_and_misses_none(self, bench: Bench) -> None:
        """One answer a target, in their order; a record that is gone is told as not found."""
        account(bench)
        there = bench.accounts(60)
        bench.tenant.remove("account", there[7])
        targets = [bench.target(id) for id in there]

        lives = list(bench.writer().live(targets))

        assert [live.target for live in lives] == targets
        assert [number for number, live in enumerate(lives) if not live.found] == [7]

    def test_live_reads_past_what_was_read_before(self, bench: Bench) -> None:
        """A person takes the tag off a second before we push: we see it."""
        id = account(bench, OURS[0])
        target: Target = bench.target(id)
        bench.writer().live([target])
        bench.tenant.set_tags(id, THEIRS)

        (live,) = bench.writer().live([target])

        assert sorted(live.tags or ()) == sorted(THEIRS)
