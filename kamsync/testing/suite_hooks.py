"""Checks of calls that come in: whose they are, what they name, and that the CRM makes them only as asked.

A call is a hint to poll sooner and nothing more; that none of them changes or loses anything is the engine's affair.
"""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from kamsync.plugin import ConfigError, ConnectorError, Hint, Hints, Refused
from kamsync.testing.posting import Post
from kamsync.testing.suite_bench import Bench, able, skip

OURS, OTHERS = "https://sync.example.cn/hooks/crm", "https://sync.example.cn/hooks/other"
DAY = timedelta(days=1)


class Hooks:
    """Notices, and watching."""

    def test_a_notice_names_what_to_poll(self, bench: Bench) -> None:
        """A customer was saved: the CRM says so, and the next poll comes sooner."""
        (id,) = bench.accounts(1)
        stream = bench.stream()
        hints = bench.hints()
        headers, body = able(bench.tenant.notice, "account", id)

        said = hints.hint(headers, body)

        assert list(said.objects) == [stream.object]

    @pytest.mark.parametrize("body", [b"", b"{", b"null", b"[]", b'{"object": 7}', "通知".encode(), b"[" * 9000])
    def test_a_notice_that_the_crm_did_not_send_is_refused(self, bench: Bench, body: bytes) -> None:
        """Anybody may knock at an open port: what is not signed, or makes no sense, is no reason to do anything."""
        (id,) = bench.accounts(1)
        hints = bench.hints()
        headers, _ = able(bench.tenant.notice, "account", id)

        with pytest.raises(ConnectorError):
            hints.hint(headers, body)

    def test_a_notice_whose_proof_was_touched_is_refused(self, bench: Bench) -> None:
        """Whoever saw one go by may not make another: without the secret no proof can be made."""
        (id,) = bench.accounts(1)
        hints = bench.hints()
        headers, body = able(bench.tenant.notice, "account", id)
        whole = hints.hint(headers, body)

        believed = [said for touched in _touched(headers, body) if (said := _heard(hints, *touched))]

        assert whole.objects
        assert len(believed) < len(_touched(headers, body))

    def test_without_a_secret_nobody_is_believed_and_the_setting_is_named(self, bench: Bench) -> None:
        """Doctor asks so, with an empty call: a connection that can know nobody is told apart from one that can."""
        hints = bench.hints()
        bare = bench.open()
        if not bench.tenant.listening or not isinstance(bare, Hints):
            skip("a secret for notices alone")

        with pytest.raises(ConfigError):
            bare.hint({}, b"")
        with pytest.raises(Refused):
            hints.hint({}, b"")

    def test_two_notices_are_told_apart_and_one_that_comes_again_is_known(self, bench: Bench) -> None:
        """What came before is dropped for a day: a new one that is taken for it would come to nothing."""
        one, other = bench.accounts(2)
        hints = bench.hints()
        first = able(bench.tenant.notice, "account", one)
        bench.clock.sleep(1.0)
        second = able(bench.tenant.notice, "account", other)

        told = [hints.hint(*call).id for call in (first, second, first)]

        assert told[0] == told[2]
        assert told == ["", "", ""] or told[0] != told[1]

    def test_a_notice_tells_when_it_was_sent_by_the_crms_clock(self, bench: Bench) -> None:
        """One that is kept back and sent tomorrow is refused; for that its stamp is read right, zone and unit."""
        (id,) = bench.accounts(1)
        hints = bench.hints()
        bench.clock.sleep(3 * DAY.total_seconds())

        said = hints.hint(*able(bench.tenant.notice, "account", id))

        assert said.at is None or abs(said.at - bench.tenant.now()) < timedelta(minutes=2)

    # ---- being called

    def test_a_watched_stream_is_called_for(self, bench: Bench) -> None:
        """The CRM is asked to call us, and what it then sends is what we believe."""
        watches = bench.watches()
        stream = bench.stream()

        until = watches.watch(OURS, [stream])

        (post,) = _posts(bench)
        assert isinstance(watches, Hints)
        assert (post.url, list(watches.hint(post.headers, post.body).objects)) == (OURS, [stream.object])
        assert until is None or until > bench.tenant.now()

    def test_what_is_not_watched_is_not_called_for(self, bench: Bench) -> None:
        """Each call costs somebody something: only what the mapping reads is asked for."""
        watches = bench.watches()
        others = [each for each in bench.session.streams() if each.entity == "contact"]

        watches.watch(OURS, others)

        assert _posts(bench) == []

    def test_watching_again_is_still_one_watch(self, bench: Bench) -> None:
        """Each start and each renewal says it again: one change must not be called out ten times."""
        stream = bench.stream()
        for _ in range(3):
            bench.watches().watch(OURS, [stream])

        assert [post.url for post in _posts(bench)] == [OURS]

    def test_a_watch_lives_as_long_as_was_said(self, bench: Bench) -> None:
        """It is renewed at half its life: whoever says too much is left without calls and never told."""
        watches = bench.watches()
        until = watches.watch(OURS, [bench.stream()])
        left = until - bench.tenant.now() if until else 30 * DAY
        bench.clock.sleep((left - timedelta(minutes=2)).total_seconds())

        assert len(_posts(bench)) == 1

    def test_a_renewed_watch_lives_longer(self, bench: Bench) -> None:
        """Half of its life has gone by: from now on it lives as long again."""
        watches = bench.watches()
        stream = bench.stream()
        until = watches.watch(OURS, [stream])
        bench.clock.sleep(((until - bench.tenant.now()) / 2 if until else DAY).total_seconds())

        again = watches.watch(OURS, [stream])

        assert (again is None) == (until is None)
        assert until is None or again is None or again > until

    def test_a_watch_that_died_is_begun_anew(self, bench: Bench) -> None:
        """We were away for a month: it ended without a word, and the next start begins it again."""
        watches = bench.watches()
        stream = bench.stream()
        watches.watch(OURS, [stream])
        bench.clock.sleep(40 * DAY.total_seconds())

        watches.watch(OURS, [stream])

        assert [post.url for post in _posts(bench)] == [OURS]

    def test_what_is_watched_no_more_is_not_called_for(self, bench: Bench) -> None:
        """Listening was switched off: the CRM is told, and nobody else's watch is touched."""
        watches = bench.watches()
        stream = bench.stream()
        for url in (OURS, OTHERS):
            watches.watch(url, [stream])

        watches.unwatch(OURS)

        assert [post.url for post in _posts(bench)] == [OTHERS]

    def test_ending_a_watch_that_is_not_there_is_no_trouble(self, bench: Bench) -> None:
        """It expired, or an admin took it away: over is over."""
        watches = bench.watches()

        watches.unwatch(OURS)

        watches.watch(OURS, [bench.stream()])
        assert len(_posts(bench)) == 1


def _posts(bench: Bench) -> list[Post]:
    """What the CRM posts about a customer who is new."""
    (id,) = bench.accounts(1)
    return list(able(bench.tenant.posts, "account", id))


def _heard(hints: Hints, headers: Any, body: bytes) -> Hint | None:
    with suppress(ConnectorError):
        return hints.hint(headers, body)
    return None


def _touched(headers: Any, body: bytes) -> list[tuple[Any, bytes]]:
    """The same call with each of its texts changed by itself: the proof is one of them."""
    found = [({**headers, name: f"{value}x"}, body) for name, value in headers.items()]
    said = json.loads(body)
    changed = [(name, value) for name, value in said.items() if isinstance(value, str)]
    return found + [(headers, json.dumps(said | {name: f"{value[:-1]}!"}).encode()) for name, value in changed]
