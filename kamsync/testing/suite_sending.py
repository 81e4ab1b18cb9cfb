"""Checks of writes in bad weather: applied, surely not, or unknown; and never sent twice by the connector.

One truth for both facets: an outcome may be careful, but it may not be wrong.
"""

from __future__ import annotations

from typing import Literal

import pytest

from kamsync.plugin import Intent, NotSent, Outcome
from kamsync.testing.faults import PORTAL, FaultKind
from kamsync.testing.server import Answer
from kamsync.testing.suite_bench import Bench
from kamsync.testing.suite_changes import LATER, changing, made, moved
from kamsync.testing.suite_tags import OURS, account, change
from kamsync.testing.suite_tasks import look, marker, ours, reminder, send

FacetName = Literal["task", "change", "tags"]  # a new task, a change of one that is there, tags
each_facet = pytest.mark.parametrize("facet", ["task", "change", "tags"])


class _Post:
    """One write of a facet, ready to go, and what can be known of it."""

    def __init__(self, bench: Bench, facet: FacetName) -> None:
        self.bench, self.facet = bench, facet
        self.tasks: dict[int, str] = {}
        if facet == "change":
            changing(bench, "due")
            self.tasks = {number: made(bench, 1, first=number)[0] for number in (1, 7)}
        self.account = account(bench) if facet == "tags" else bench.accounts(1)[0]
        self.on = bench.last_call(lambda: send(bench, self._intent(7)))
        self.before = bench.times(self.on)

    def _intent(self, number: int) -> Intent:
        if self.facet == "task":
            return reminder(self.bench, self.account, number)
        if self.facet == "change":
            return moved(self.bench, self.tasks[number], number)
        return change(self.bench, self.account, add=OURS[1:2] if number == 7 else OURS[:1])

    def go(self) -> Outcome:
        """Send it; what kept the whole batch back is an outcome, too."""
        intent = self._intent(1)
        try:
            (outcome,) = send(self.bench, intent)
        except NotSent as nothing:
            return Outcome(intent.id, "not_sent", message=str(nothing))
        assert outcome.intent == intent.id
        return outcome

    @property
    def calls(self) -> int:
        """How often the writing call was made since."""
        return self.bench.times(self.on) - self.before

    @property
    def applied(self) -> int:
        """How often it really happened."""
        if self.facet == "tags":
            return self.bench.tenant.tags(self.account).count(OURS[0])
        if self.facet == "change":
            return [task.due for task in ours(self.bench) if task.id == self.tasks[1]].count(LATER.isoformat())
        return [task.marker for task in ours(self.bench)].count(marker(1))


class Sending:
    """What is said of a write whose call went wrong."""

    @each_facet
    @pytest.mark.parametrize("kind", ["drop_after", "truncate"])
    def test_a_write_whose_answer_is_lost_is_unknown_and_sent_once(
        self, bench: Bench, facet: FacetName, kind: FaultKind
    ) -> None:
        """It was applied and nobody heard: sent again it would be two; called refused, the next run would send it."""
        post = _Post(bench, facet)
        bench.fault(kind, post.on)

        outcome = post.go()

        assert (outcome.state, post.calls, post.applied) == ("unknown", 1, 1)

    @each_facet
    @pytest.mark.parametrize("answer", [Answer(502, PORTAL), Answer(200, PORTAL), Answer(500, b""), Answer(200, b"{}")])
    def test_a_write_that_was_applied_behind_a_senseless_answer_is_unknown(
        self, bench: Bench, facet: FacetName, answer: Answer
    ) -> None:
        """A gateway gave up, the CRM did not: an error page proves nothing."""
        post = _Post(bench, facet)
        bench.fault("error_after", post.on, status=answer.status, body=answer.body)

        outcome = post.go()

        assert (outcome.state, post.calls, post.applied) == ("unknown", 1, 1)

    @each_facet
    @pytest.mark.parametrize("answer", [Answer(502, PORTAL), Answer(200, PORTAL)])
    def test_a_write_that_never_arrived_is_not_called_done(
        self, bench: Bench, facet: FacetName, answer: Answer
    ) -> None:
        """The same page, but this time nothing happened: the reminder would be lost for good."""
        post = _Post(bench, facet)
        bench.answer(answer, post.on)

        outcome = post.go()

        assert (outcome.state in ("unknown", "not_sent"), post.calls, post.applied) == (True, 1, 0)

    @each_facet
    def test_a_write_whose_line_drops_before_it_is_read_is_not_called_done(
        self, bench: Bench, facet: FacetName
    ) -> None:
        """From here it looks like the lost answer: unknown, unless it can be proved that nothing left."""
        post = _Post(bench, facet)
        bench.fault("drop_before", post.on)

        outcome = post.go()

        assert (outcome.state in ("unknown", "not_sent"), post.calls, post.applied) == (True, 1, 0)

    @each_facet
    def test_a_write_that_was_turned_away_is_not_sent_and_may_go_again(self, bench: Bench, facet: FacetName) -> None:
        """Too many calls: surely nothing happened, and a minute later it goes through, once."""
        post = _Post(bench, facet)
        bench.answer(bench.tenant.too_fast(), post.on)

        turned_away = post.go()
        between = post.applied
        bench.clock.sleep(60.0)
        again = post.go()

        assert (turned_away.state, between) == ("not_sent", 0)
        assert (again.state, post.applied) == ("applied", 1)

    @each_facet
    def test_a_write_to_a_crm_that_is_not_there_is_not_sent(self, bench: Bench, facet: FacetName) -> None:
        """No connection, no byte: it may safely go again, and must not wait for a person to look."""
        post = _Post(bench, facet)
        bench.tenant.stop()

        outcome = post.go()

        assert outcome.state == "not_sent"

    @each_facet
    def test_a_write_with_a_dead_token_happens_once_at_most(self, bench: Bench, facet: FacetName) -> None:
        """The token died since the last call: what is said of the write agrees with what is there."""
        post = _Post(bench, facet)
        bench.tenant.expire_token()

        outcome = post.go()

        assert (outcome.state, post.applied) in (("applied", 1), ("not_sent", 0))

    @each_facet
    def test_what_follows_an_unknown_write_is_told_truly(self, bench: Bench, facet: FacetName) -> None:
        """The line drops in the middle of a batch: the rest is not sent, unknown or done, and that is true."""
        post = _Post(bench, facet)
        there = made(bench, 3, first=21) if facet == "change" else bench.accounts(3)
        batch = [one_of(bench, facet, id, number) for number, id in enumerate(there, 21)]
        bench.fault("drop_after", post.on)

        outcomes = send(bench, *batch)

        assert [outcome.intent for outcome in outcomes] == [intent.id for intent in batch]
        assert {"unknown"} <= {outcome.state for outcome in outcomes} <= {"unknown", "not_sent", "applied"}
        happened = [happened_to(bench, facet, id) for id in there]
        assert all(outcome.state != "not_sent" or not did for outcome, did in zip(outcomes, happened, strict=True))
        assert all(outcome.state != "applied" or did for outcome, did in zip(outcomes, happened, strict=True))


def one_of(bench: Bench, facet: FacetName, id: str, number: int) -> Intent:
    """One row of a batch: on this account, or of this task."""
    if facet == "change":
        return moved(bench, id, number)
    return reminder(bench, id, number) if facet == "task" else change(bench, id, add=OURS[:1])


def happened_to(bench: Bench, facet: FacetName, id: str) -> bool:
    """Was that row really written?"""
    if facet == "tags":
        return id in bench.tenant.ids("account") and OURS[0] in bench.tenant.tags(id)
    if facet == "change":
        return (id, LATER.isoformat()) in {(task.id, task.due) for task in ours(bench)}
    return id in {task.target for task in ours(bench)}


class Settling:
    """Evidence after doubt."""

    def test_a_task_whose_answer_was_lost_is_found(self, bench: Bench) -> None:
        """The settle wait over, a look by its marker ends the doubt without sending anything."""
        post = _Post(bench, "task")
        sent_at = bench.clock.now()
        bench.fault("drop_after", post.on)
        post.go()

        (found,) = look(bench, sent_at, 1)

        (task,) = [task for task in ours(bench) if task.marker == marker(1)]
        assert (found.state, found.remote_id) == ("found", task.id)

    def test_a_task_that_was_lost_on_the_way_is_not_found(self, bench: Bench) -> None:
        """It never arrived: a look says so, and it may be sent again."""
        post = _Post(bench, "task")
        sent_at = bench.clock.now()
        bench.fault("drop_before", post.on)
        post.go()

        (found,) = look(bench, sent_at, 1)

        assert found.state == "absent"
