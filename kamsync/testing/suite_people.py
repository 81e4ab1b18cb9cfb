"""Checks of people who work in the CRM meanwhile: they merge, restore, lock, hide and edit, and what is theirs stays.

Nothing here goes wrong on the line; that is for the checks of faults and sending.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from functools import partial
from itertools import pairwise

import pytest

from kamsync.plugin import ConnectorError, Gone, NotSent, Page, Session, TagChange, Writes
from kamsync.testing.suite_bench import HOUR, Bench, able, gone, ids, records, skip
from kamsync.testing.suite_tags import OURS, THEIRS, account, change, write
from kamsync.testing.suite_tasks import look, marker, ours, reminder, send, task_level

RIVALS = 4


class People:
    """Deleting, restoring, merging; rights and fields."""

    def test_a_record_that_was_restored_is_there_again(self, bench: Bench) -> None:
        """Deleted by mistake, taken back a minute later: the customer goes on as if nothing had been."""
        there = bench.accounts(3)
        bench.tenant.discard("account", there[1])
        able(bench.tenant.restore, there[1])

        came = ids(bench.pages())

        assert sorted(came) == sorted(there)

    def test_a_restored_record_is_swept_and_found_as_alive(self, bench: Bench) -> None:
        """Its stamp may be as old as before: then only the sweep can bring it back."""
        there = bench.accounts(3)
        bench.tenant.discard("account", there[1])
        able(bench.tenant.restore, there[1])

        swept = ids(bench.drain(bench.sweep().ids(bench.stream(), None)))
        (gotten,) = bench.gets().get(bench.stream(), [there[1]])

        assert (sorted(swept), gotten.state) == (sorted(there), "found")

    def test_an_account_that_was_merged_away_is_told_as_gone(self, bench: Bench) -> None:
        """Two records of one customer become one: the loser's tier must not live on."""
        winner, loser, other = bench.accounts(3)
        lo = bench.tenant.now() - HOUR
        able(bench.tenant.merge, winner, loser)

        told = _gone(bench, lo)

        assert {each.id for each in told} <= {loser}
        assert told or loser not in ids(bench.drain(bench.sweep().ids(bench.stream(), None)))
        assert all(each.into == winner for each in told if each.kind == "merged")
        assert sorted(ids(bench.pages())) == sorted([winner, other])

    def test_deletions_in_windows_laid_edge_to_edge_are_all_told(self, bench: Bench) -> None:
        """Each poll asks from where the last one ended; on the edge, too, somebody is deleted."""
        there = bench.accounts(6)
        lists = bench.gone()
        edges = [bench.tenant.now() - HOUR]
        for id in there:
            bench.tenant.remove("account", id)
            bench.clock.sleep(1.0)
            edges.append(bench.tenant.now())
        stream = bench.stream()

        parts = [bench.drain(lists.gone(stream, bench.window(stream, lo, hi), None)) for lo, hi in pairwise(edges)]

        assert {each.id for part in parts for each in gone(part)} == set(there)

    def test_a_window_without_deletions_tells_none_and_ends(self, bench: Bench) -> None:
        """Most polls: nobody was deleted. A list of deletions that invents one takes a customer away."""
        bench.accounts(3)
        stream = bench.stream()

        pages: list[Page] = bench.drain(bench.gone().gone(stream, bench.window(stream, bench.start), None))

        assert gone(pages) == []
        assert [page.cursor for page in pages][-1:] in ([None], [])

    def test_records_that_may_not_be_seen_are_a_refusal_and_no_empty_list(self, bench: Bench) -> None:
        """An admin changes a role: "no customers" and "not yours to see" are told apart, or everybody is deleted."""
        bench.accounts(3)
        stream = bench.stream()
        bench.pages(stream)
        able(bench.tenant.forbid, "account")
        session = bench.open()

        offered = any(each.object == stream.object for each in session.streams())

        if offered:
            with pytest.raises(ConnectorError):
                bench.pages(stream, session=session)

    def test_a_field_that_is_hidden_costs_no_record(self, bench: Bench) -> None:
        """An admin hides a field at noon: the customers arrive without it, and say that it was not asked for."""
        stream = bench.stream()
        name = _spare_field(bench)
        there = bench.accounts(3)
        able(bench.tenant.drop_field, "account", name)

        pages = bench.pages(stream, session=bench.open())

        assert sorted(ids(pages)) == sorted(there)
        assert all(record.body.get(name) is None for record in records(pages))

    def test_a_field_that_is_hidden_is_no_longer_described(self, bench: Bench) -> None:
        """Drift is told before the pull: by comparing what the mapping reads with what is described."""
        name = _spare_field(bench)
        bench.stream()
        able(bench.tenant.drop_field, "account", name)
        bench.session = bench.open()

        told = {field.name for field in bench.describes().fields(bench.stream())}

        assert name not in told
        assert told


class Owning:
    """People's edits between our look and our write."""

    def test_a_tag_that_people_add_after_we_looked_stays(self, bench: Bench) -> None:
        """Between plan and push a salesperson tags the customer: theirs stays beside ours."""
        id = account(bench, THEIRS[0])
        bench.writer().live([bench.target(id)])
        bench.tenant.set_tags(id, THEIRS)

        (outcome,) = write(bench, change(bench, id, add=OURS[:1]))

        assert outcome.state == "applied"
        assert sorted(bench.tenant.tags(id)) == sorted((*THEIRS, OURS[0]))

    def test_a_tag_that_people_removed_after_we_looked_does_not_come_back(self, bench: Bench) -> None:
        """Whoever writes whole lists brings back what was taken off a minute ago."""
        id = account(bench, *THEIRS, OURS[1])
        bench.writer().live([bench.target(id)])
        bench.tenant.set_tags(id, (THEIRS[1], OURS[1]))

        (outcome,) = write(bench, change(bench, id, add=OURS[:1], remove=OURS[1:2]))

        assert outcome.state == "applied"
        assert sorted(bench.tenant.tags(id)) == sorted((THEIRS[1], OURS[0]))

    def test_a_change_planned_on_an_older_record_harms_nothing(self, bench: Bench) -> None:
        """The record was saved since: stale, or done all the same; but people's tags are as they left them."""
        id = account(bench, THEIRS[0])
        (live,) = bench.writer().live([bench.target(id)])
        bench.clock.sleep(2.0)
        bench.tenant.set_tags(id, THEIRS)
        planned = change(bench, id, add=OURS[:1])
        body = TagChange(bench.target(id), OURS[:1], (), modified=live.modified)

        (outcome,) = write(bench, type(planned)(planned.id, body))

        assert outcome.state in ("applied", "stale")
        assert (OURS[0] in bench.tenant.tags(id)) == (outcome.state == "applied")
        assert set(THEIRS) <= set(bench.tenant.tags(id))

    def test_adding_and_taking_away_leaves_it_as_it_was(self, bench: Bench) -> None:
        """Undo is this: the record looks as if we had never been."""
        id = account(bench, *THEIRS)
        write(bench, change(bench, id, add=OURS[:1]))

        (outcome,) = write(bench, change(bench, id, remove=OURS[:1]))

        assert (outcome.state, sorted(bench.tenant.tags(id))) == ("applied", sorted(THEIRS))

    def test_a_locked_record_is_not_written_on_and_says_so(self, bench: Bench) -> None:
        """It is in approval: the others of the batch get their tags, this one tells why not."""
        locked = account(bench)
        (free,) = bench.accounts(1)
        able(bench.tenant.lock_record, locked)

        batch = [change(bench, locked, add=OURS[:1]), change(bench, free, add=OURS[:1])]
        outcomes = write(bench, *batch)

        assert [outcome.state == "applied" for outcome in outcomes] == [
            OURS[0] in bench.tenant.tags(id) for id in (locked, free)
        ]
        assert outcomes[1].state == "applied"
        assert outcomes[0].state in ("applied", "refused", "stale", "not_sent")

    def test_a_lock_is_seen_before_writing(self, bench: Bench) -> None:
        """The plan shows a locked record as one that has to wait."""
        locked = account(bench)
        (free,) = bench.accounts(1)
        able(bench.tenant.lock_record, locked)

        lives = bench.writer().live([bench.target(locked), bench.target(free)])

        assert [live.locked for live in lives] == [True, False]

    # ---- tasks in people's hands

    def test_a_task_that_people_reworded_is_still_known(self, bench: Bench) -> None:
        """Somebody edits the subject: it is the same reminder, and must not be made again."""
        (account,) = bench.accounts(1)
        began = bench.clock.now()
        (sent,) = send(bench, reminder(bench, account))
        bench.tenant.reword_task(str(sent.remote_id), "已约好下周三")

        (found,) = look(bench, began, 1)

        assert (found.state, found.remote_id) == ("found", sent.remote_id)

    def test_a_task_that_is_done_is_still_known(self, bench: Bench) -> None:
        """Ticked off is not gone: the reminder has had its effect."""
        (account,) = bench.accounts(1)
        began = bench.clock.now()
        (sent,) = send(bench, reminder(bench, account))
        bench.tenant.close_task(str(sent.remote_id))

        (found,) = look(bench, began, 1)

        assert (found.state, found.remote_id) == ("found", sent.remote_id)

    def test_a_task_that_people_deleted_is_not_listed_as_ours(self, bench: Bench) -> None:
        """What is gone from the CRM is not owned any more."""
        (account,) = bench.accounts(1)
        outcomes = send(bench, reminder(bench, account, 1), reminder(bench, account, 2))
        bench.tenant.remove_task(str(outcomes[0].remote_id))
        bench.clock.sleep(task_level(bench).settle)

        listed = [each.marker for each in bench.writer().ours(None)]

        assert listed == [marker(2)]

    def test_a_reminder_sent_by_two_at_one_time_is_one_task(self, bench: Bench) -> None:
        """Level E3 is the CRM's own word: even two daemons that know nothing of each other make one task."""
        if task_level(bench).level != "E3":
            skip("E3")
        (account,) = bench.accounts(1)
        sessions = [bench.open() for _ in range(RIVALS)]

        def sending(session: Session) -> None:
            with suppress(NotSent):
                assert isinstance(session, Writes)
                session.write([reminder(bench, account)])

        bench.at_once([partial(sending, session) for session in sessions])

        assert [task.marker for task in ours(bench)] == [marker()]


def _gone(bench: Bench, lo: datetime) -> list[Gone]:
    """Every deletion that is told since, by either lane."""
    window = bench.window(bench.stream(), lo)
    told = gone(bench.pages(window=window))
    if bench.has("gone"):
        told += gone(bench.drain(bench.gone().gone(bench.stream(), window, None)))
    return told


def _spare_field(bench: Bench) -> str:
    """A field that the mapping reads and an account can do without: empty on a plain one."""
    stream = bench.stream()
    (id,) = bench.accounts(1)
    known = {field.name for field in bench.describes().fields(stream) if field.writable and not field.required}
    (record,) = records(bench.pages(stream))
    bench.tenant.remove("account", id)
    empty = [name for name in sorted(bench.want(stream) & known) if record.body.get(name) is None]
    return empty[0] if empty else skip("a field that an account can do without")
