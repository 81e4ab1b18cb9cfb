"""Spoilt writers: outcomes, tags, tasks; nothing here is ever sent to a real CRM."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from kamsync.plugin import Intent, Live, NotSent, Outcome, Request, TagChange, Target, Write
from kamsync.testing.faults import PORTAL
from kamsync.testing.server import Answer
from kamsync.testing.suite import ConnectorTests as Suite
from tests.connectors.acme import AcmeWriter, writing
from tests.connectors.broken import fails, sends, spoils

Outcomes = Sequence[Outcome]
Intents = Sequence[Intent]


# ---- outcomes


@fails(Suite.test_a_write_whose_answer_is_lost_is_unknown_and_sent_once, facet="tags", kind="drop_after")
class TriesWritesAgain(AcmeWriter):
    def write(self, intents: Intents) -> Outcomes:
        outcomes = super().write(intents)
        again = any(one.state == "unknown" for one in outcomes)
        return super().write(intents) if again else outcomes


@spoils(
    "write",
    Suite.test_a_write_that_never_arrived_is_not_called_done,
    Suite.test_a_write_whose_line_drops_before_it_is_read_is_not_called_done,
    Suite.test_what_follows_an_unknown_write_is_told_truly,
    Suite.test_an_answer_that_tells_of_no_row_is_unknown,
)
def hopes_for_the_best(write: Any, intents: Intents) -> Outcomes:
    return [replace(one, state="applied") if one.state == "unknown" else one for one in write(intents)]


@spoils(
    "write",
    Suite.test_a_write_that_was_applied_behind_a_senseless_answer_is_unknown,
    Suite.test_rows_that_the_answer_leaves_out_are_unknown,
    Suite.test_a_change_whose_answer_was_lost_shows_in_a_look,
    answer=Answer(502, PORTAL),
)
def takes_silence_for_a_no(write: Any, intents: Intents) -> Outcomes:
    return [replace(one, state="refused") if one.state == "unknown" else one for one in write(intents)]


@spoils("write", Suite.test_a_write_that_was_turned_away_is_not_sent_and_may_go_again)
def takes_a_pause_for_a_no(write: Any, intents: Intents) -> Outcomes:
    return _instead_of_not_sent(write, intents, "refused")


@spoils("write", Suite.test_a_write_to_a_crm_that_is_not_there_is_not_sent)
def knows_nothing_for_sure(write: Any, intents: Intents) -> Outcomes:
    return _instead_of_not_sent(write, intents, "unknown")


@spoils("write", Suite.test_a_write_with_a_dead_token_happens_once_at_most)
def takes_whatever_for_done(write: Any, intents: Intents) -> Outcomes:
    return _instead_of_not_sent(write, intents, "applied")


def _instead_of_not_sent(write: Any, intents: Intents, state: Any) -> Outcomes:
    try:
        return write(intents)
    except NotSent as early:
        return [Outcome(intent.id, state, message=str(early)) for intent in intents]


@spoils(
    "write",
    Suite.test_each_row_of_a_batch_is_told_by_itself,
    Suite.test_each_task_of_a_batch_is_told_by_itself,
    Suite.test_each_change_of_a_batch_is_told_by_itself,
)
def tells_of_fewer(write: Any, intents: Intents) -> Outcomes:
    return [one for one in write(intents) if one.state == "applied"]


class _ByPlace(AcmeWriter):
    """Takes the rows of an answer for the rows of the batch, one by one."""

    def _send(self, path: str, intents: Intents) -> dict[str, Outcome]:
        body = {"quiet": True, "rows": [{"ref": each.id, **writing._row(each.body)} for each in intents]}
        rows = self._http.call(Request("POST", path, json=body, write=True)).json()["rows"]
        return {each.id: writing._outcome(each, row) for each, row in zip(intents, rows, strict=True)}


fails(Suite.test_rows_in_another_order_are_told_truly, Suite.test_rows_that_were_never_sent_are_passed_over)(_ByPlace)


@fails(Suite.test_nothing_to_write_makes_no_call)
class AsksWhoItIsFirst(AcmeWriter):
    def write(self, intents: Intents) -> Outcomes:
        self.check()
        return super().write(intents)


@fails(Suite.test_what_is_said_of_a_row_quotes_no_secret)
class QuotesItsKeyInOutcomes(AcmeWriter):
    def write(self, intents: Intents) -> Outcomes:
        return [replace(one, message=self._options.secret.reveal()) for one in super().write(intents)]


@spoils("write", Suite.test_what_is_said_of_a_row_is_short)
def keeps_whole_pages(write: Any, intents: Intents) -> Outcomes:
    return [replace(one, message="x" * 9_000) for one in write(intents)]


# ---- tags


@fails(
    Suite.test_a_tag_of_ours_stands_beside_those_of_people,
    Suite.test_a_tag_that_people_add_after_we_looked_stays,
    Suite.test_a_tag_that_people_removed_after_we_looked_does_not_come_back,
)
class WritesWholeLists(AcmeWriter):
    seen: dict[str, tuple[str, ...]]

    def live(self, targets: Sequence[Target]) -> Sequence[Live]:
        lives = super().live(targets)
        self.__dict__.setdefault("seen", {}).update({one.target.remote_id: one.tags or () for one in lives})
        return lives

    def write(self, intents: Intents) -> Outcomes:
        for intent in intents:
            assert isinstance(intent.body, TagChange)
            id = intent.body.target.remote_id
            (now,) = super().live([intent.body.target])
            then = self.__dict__.get("seen", {}).get(id, ())
            kept = [tag for tag in then if tag not in intent.body.remove] + list(intent.body.add)
            row = {"ref": "1", "id": id, "add": kept, "remove": list(now.tags or ()), "seen": None}
            self._http.call(Request("POST", "/tags", json={"quiet": True, "rows": [row]}, write=True))
        return [Outcome(intent.id, "applied") for intent in intents]


def _changes(intents: Intents) -> Iterator[tuple[Intent, TagChange]]:
    return ((intent, intent.body) for intent in intents if isinstance(intent.body, TagChange))


@fails(Suite.test_adding_a_tag_twice_changes_nothing, Suite.test_removing_a_tag_that_is_not_there_is_done_already)
class RefusesWhatIsDoneAlready(AcmeWriter):
    def write(self, intents: Intents) -> Outcomes:
        done = set()
        for intent, change in _changes(intents):
            (live,) = self.live([change.target])
            tags = set(live.tags or ())
            if tags >= set(change.add) and not tags & set(change.remove):
                done.add(intent.id)
        return [replace(one, state="refused") if one.intent in done else one for one in super().write(intents)]


@fails(Suite.test_only_the_tag_that_is_named_is_removed)
class RemovesAllOfOurTags(AcmeWriter):
    def write(self, intents: Intents) -> Outcomes:
        more = []
        for intent, change in _changes(intents):
            (live,) = self.live([change.target])
            ours = tuple(tag for tag in live.tags or () if tag.startswith("KAM"))
            more.append(replace(intent, body=replace(change, remove=ours)))
        return super().write(more)


@spoils("write", Suite.test_a_change_of_tier_is_one_intent, Suite.test_adding_and_taking_away_leaves_it_as_it_was)
def only_adds(write: Any, intents: Intents) -> Outcomes:
    return write([replace(one, body=replace(change, remove=())) for one, change in _changes(intents)])


@fails(Suite.test_a_tag_outside_our_namespace_is_never_touched)
class TouchesAnyTag(AcmeWriter):
    def __init__(self, options: Any, http: Any) -> None:
        super().__init__(options.model_copy(update={"tag_prefix": ""}), http)


@spoils("write", Suite.test_different_changes_in_one_batch_are_not_mixed_up)
def sends_one_change_for_all(write: Any, intents: Intents) -> Outcomes:
    first = next(change for _, change in _changes(intents))
    return write([replace(one, body=replace(change, add=first.add)) for one, change in _changes(intents)])


@spoils(
    "writes",
    Suite.test_a_batch_of_the_size_it_names_is_taken,
    Suite.test_a_batch_of_tasks_of_the_size_it_names_is_taken,
    Suite.test_a_batch_of_changes_of_the_size_it_names_is_taken,
)
def names_too_large_a_batch(writes: Any) -> Sequence[Write]:
    return [replace(one, batch=one.batch + 10) for one in writes()]


@sends(Suite.test_tasks_fire_no_workflow, Suite.test_tags_fire_no_workflow, Suite.test_changes_fire_no_workflow)
def lets_workflows_run(options: Any, request: Request) -> Request:
    return replace(request, json={**request.json, "quiet": False}) if request.write else request


@spoils("live", Suite.test_live_tells_the_tags_that_people_see)
def sees_no_tags(live: Any, targets: Sequence[Target]) -> Sequence[Live]:
    return [replace(one, tags=()) for one in live(targets)]


@spoils("live", Suite.test_live_answers_each_target_and_misses_none)
def tells_of_the_living_only(live: Any, targets: Sequence[Target]) -> Sequence[Live]:
    return [one for one in live(targets) if one.found]


@fails(Suite.test_live_reads_past_what_was_read_before)
class RemembersWhatWasLive(AcmeWriter):
    def live(self, targets: Sequence[Target]) -> Sequence[Live]:
        kept: dict[Target, Live] = self.__dict__.setdefault("kept", {})
        for one in super().live([target for target in targets if target not in kept]):
            kept[one.target] = one
        return [kept[target] for target in targets]


@spoils("live", Suite.test_a_lock_is_seen_before_writing)
def sees_no_lock(live: Any, targets: Sequence[Target]) -> Sequence[Live]:
    return [replace(one, locked=False) for one in live(targets)]


@spoils(
    "write",
    Suite.test_a_locked_record_is_not_written_on_and_says_so,
    Suite.test_a_task_for_a_record_that_is_gone_is_refused,
)
def says_done_to_everything(write: Any, intents: Intents) -> Outcomes:
    return [replace(one, state="applied") for one in write(intents)]


@spoils("write", Suite.test_a_change_planned_on_an_older_record_harms_nothing)
def says_stale_and_writes(write: Any, intents: Intents) -> Outcomes:
    late = [replace(one, body=replace(change, modified=None)) for one, change in _changes(intents)]
    return [replace(one, state="stale") for one in write(late)]
