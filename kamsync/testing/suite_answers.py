"""Checks of what the CRM answers to a batch: too short, in another order, too long; and what is said of it afterwards.

An outcome may be careful, but it may not be wrong: each is held against what is really there.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Literal

from kamsync.plugin import ConnectorError, Intent, Outcome, Probe, Task
from kamsync.testing.server import Answer, Call
from kamsync.testing.suite_bench import Bench, able, leaves, skip, with_rows
from kamsync.testing.suite_changes import changing, made
from kamsync.testing.suite_redaction import spilt
from kamsync.testing.suite_sending import FacetName, each_facet, happened_to, one_of
from kamsync.testing.suite_tags import account
from kamsync.testing.suite_tasks import marker, ours, reminder, send, task_level

PRIORITIES: tuple[Literal["urgent", "high", "medium", "low"], ...] = ("urgent", "high", "medium", "low")
LONG = "华北精工集团" * 100
SAID = 2_000  # characters that may be said of one row
MANY = 130


class Answers:
    """Rows of a batch, and the rows of its answer."""

    @each_facet
    def test_rows_that_the_answer_leaves_out_are_unknown(self, bench: Bench, facet: FacetName) -> None:
        """Three were sent, two are told of: the third may have happened, and nobody may say that it did not."""
        batch = _Batch(bench, facet)
        batch.tampered(lambda rows: rows[:-1])

        outcomes = batch.send()

        assert [outcome.intent for outcome in outcomes] == [intent.id for intent in batch.intents]
        assert {outcome.state for outcome in outcomes} <= {"applied", "unknown"}
        assert not batch.one_answer or "unknown" in {outcome.state for outcome in outcomes}

    @each_facet
    def test_rows_in_another_order_are_told_truly(self, bench: Bench, facet: FacetName) -> None:
        """The middle one is refused, and the answer is turned round: each row keeps its own truth."""
        batch = _Batch(bench, facet, refused=0)
        batch.tampered(lambda rows: rows[::-1])

        outcomes = batch.send()

        if not batch.are_named:
            skip("answers whose rows name what they tell of")
        assert all(outcome.state != "refused" or not did for outcome, did in batch.truth(outcomes))
        assert all(outcome.state != "applied" or did for outcome, did in batch.truth(outcomes))

    @each_facet
    def test_rows_that_were_never_sent_are_passed_over(self, bench: Bench, facet: FacetName) -> None:
        """The answer tells of more rows than there were: no outcome for what is not ours."""
        batch = _Batch(bench, facet)
        batch.tampered(lambda rows: [*rows, dict(rows[-1])])

        outcomes = batch.send()

        assert [outcome.intent for outcome in outcomes] == [intent.id for intent in batch.intents]
        assert all(outcome.state in ("applied", "unknown") for outcome in outcomes)

    @each_facet
    def test_an_answer_that_tells_of_no_row_is_unknown(self, bench: Bench, facet: FacetName) -> None:
        """ "OK", and an empty list: it says nothing of what we asked for."""
        batch = _Batch(bench, facet)
        batch.tampered(lambda rows: [])

        outcomes = batch.send()

        assert [outcome.intent for outcome in outcomes] == [intent.id for intent in batch.intents]
        assert {outcome.state for outcome in outcomes} <= {"applied", "unknown"}
        assert not batch.one_answer or {outcome.state for outcome in outcomes} == {"unknown"}

    def test_nothing_to_write_makes_no_call(self, bench: Bench) -> None:
        """An empty batch is no question; neither is a look for nothing."""
        writer = bench.writer()
        writer.writes()
        bench.quiet()
        before = bench.tenant.traffic.total

        told = (list(writer.write([])), list(writer.live([])), list(writer.find([])))

        assert told == ([], [], [])
        assert bench.tenant.traffic.total == before

    @each_facet
    def test_what_is_said_of_a_row_quotes_no_secret(self, bench: Bench, facet: FacetName) -> None:
        """Code and message of an outcome are stored and shown; some CRMs quote the call that they did not like."""
        batch = _Batch(bench, facet)
        bench.tamper(lambda call, answer: _echoed(call, answer) if batch.is_it(call) else answer)

        outcomes = batch.send()

        said = " ".join(f"{outcome.code} {outcome.message}" for outcome in outcomes)
        assert spilt(bench, said) == []

    @each_facet
    def test_what_is_said_of_a_row_is_short(self, bench: Bench, facet: FacetName) -> None:
        """A gateway's whole page, once a row, would fill the store and no screen."""
        batch = _Batch(bench, facet)
        page = Answer(400, {"ok": False, "code": "x" * 9_000, "message": "y" * 9_000, "errorMessage": "z" * 9_000})
        bench.answer(page, batch.on, times=-1)

        outcomes = batch.send()

        assert all(len(outcome.code) + len(outcome.message) <= SAID for outcome in outcomes)

    # ---- tasks of every shape

    def test_every_priority_is_taken(self, bench: Bench) -> None:
        """Each CRM has its own words for them; none of ours may be refused."""
        (there,) = bench.accounts(1)
        batch = [_but(reminder(bench, there, number), priority=word) for number, word in enumerate(PRIORITIES, 1)]

        outcomes = send(bench, *batch)

        assert [outcome.state for outcome in outcomes] == ["applied"] * len(PRIORITIES)

    def test_a_subject_that_is_too_long_is_cut_and_keeps_its_marker(self, bench: Bench) -> None:
        """Some customers' names alone fill a line; the reminder must arrive all the same."""
        (there,) = bench.accounts(1)

        (outcome,) = send(bench, _but(reminder(bench, there), subject=f"回访 {LONG}"))

        (task,) = ours(bench)
        assert (outcome.state, task.marker) == ("applied", marker())
        assert task.subject.startswith("回访 华北精工集团")

    def test_a_task_without_words_is_taken(self, bench: Bench) -> None:
        """The policy's text may be empty; the marker still has its place."""
        (there,) = bench.accounts(1)

        (outcome,) = send(bench, _but(reminder(bench, there), body=""))

        assert (outcome.state, [task.marker for task in ours(bench)]) == ("applied", [marker()])

    # ---- looking for them

    def test_a_task_that_shows_late_is_found_when_the_wait_is_over(self, bench: Bench) -> None:
        """`settle` is a promise: after it a look finds what is there."""
        (there,) = bench.accounts(1)
        able(bench.tenant.delay, task_level(bench).settle / 2)
        sent_at = bench.clock.now()
        (sent,) = send(bench, reminder(bench, there))
        bench.clock.sleep(task_level(bench).settle)

        (found,) = bench.writer().find([Probe(marker(), bench.target(there), sent_at)])

        assert (found.state, found.remote_id) == ("found", sent.remote_id)

    def test_many_looks_are_answered_one_by_one_in_order(self, bench: Bench) -> None:
        """After a bad night more is in doubt than one call can ask about."""
        (there,) = bench.accounts(1)
        sent_at = bench.clock.now()
        send(bench, reminder(bench, there, 3))
        bench.clock.sleep(task_level(bench).settle)
        probes = [Probe(marker(number), bench.target(there), sent_at) for number in range(1, MANY)]

        found = list(bench.writer().find(probes))

        assert [each.marker for each in found] == [probe.marker for probe in probes]
        assert [each.marker for each in found if each.state == "found"] == [marker(3)]

    def test_a_look_at_a_crm_that_is_not_there_is_no_absence(self, bench: Bench) -> None:
        """No answer is not "no": it would be sent again, and be there twice."""
        (there,) = bench.accounts(1)
        task_level(bench)
        probe = Probe(marker(), bench.target(there), bench.clock.now())
        bench.tenant.stop()

        try:
            states = [each.state for each in bench.writer().find([probe])]
        except ConnectorError:
            states = []

        assert "absent" not in states


class _Batch:
    """Three rows of one facet, ready to go; one of them may be doomed."""

    def __init__(self, bench: Bench, facet: FacetName, refused: int | None = None) -> None:
        self.bench, self.facet = bench, facet
        if facet == "change":
            changing(bench, "due")
            (first,) = made(bench, 1, first=9)
        else:
            first = account(bench) if facet == "tags" else bench.accounts(1)[0]
        self.on = bench.last_call(lambda: send(bench, one_of(bench, facet, first, 9)))
        self.there = made(bench, 3) if facet == "change" else bench.accounts(3)
        self.intents = [one_of(bench, facet, id, number) for number, id in enumerate(self.there, 1)]
        self.calls = bench.times(self.on)
        self.are_named = True  # the rows of every answer so far
        if refused is not None and facet == "change":
            bench.tenant.remove_task(self.there[refused])
        elif refused is not None:
            bench.tenant.remove("account", self.there[refused])

    def is_it(self, call: Call) -> bool:
        """Is this the call that writes?"""
        return re.search(self.on, f"{call.method} {call.path}") is not None

    def tampered(self, turn: Callable[[list[Any]], list[Any]]) -> None:
        """From now on the rows of every answer to a write are turned like this."""

        def turned(rows: list[Any]) -> list[Any]:
            self.are_named = self.are_named and all(map(self._is_named, rows))
            return turn(rows)

        self.bench.tamper(lambda call, answer: with_rows(answer, turned) if self.is_it(call) else answer)

    def _is_named(self, row: Any) -> bool:
        """Does the row bear the id of its record, or of its intent? Else the order is all there is."""
        known = {*self.there, *(intent.id for intent in self.intents)}
        return bool(known & {value for value in leaves(row) if isinstance(value, str)})

    def send(self) -> list[Outcome]:
        return send(self.bench, *self.intents)

    @property
    def one_answer(self) -> bool:
        """Did all rows go in one call?"""
        return self.bench.times(self.on) - self.calls == 1

    def truth(self, outcomes: list[Outcome]) -> list[tuple[Outcome, bool]]:
        """Each outcome, and whether it really happened."""
        did = [happened_to(self.bench, self.facet, id) for id in self.there]
        return list(zip(outcomes, did, strict=True))


def _but(intent: Intent, **fields: Any) -> Intent:
    assert isinstance(intent.body, Task)
    return replace(intent, body=replace(intent.body, **fields))


def _echoed(call: Call, answer: Answer) -> Answer:
    """The answer, every row of it refused in the words of the call itself."""
    said = " ".join((*call.headers.values(), call.body.decode("utf-8", "replace")))
    refusal = {"ok": False, "status": "error", "code": said, "message": said, "errorCode": 10006, "errorMessage": said}
    return with_rows(answer, lambda rows: [{**row, **refusal} for row in rows])
