"""Checks of signing in: one token for all calls, renewed once when it dies, and no storm when it is refused.

Keeping tokens is the door's work; reading the token call is the connector's, and both are tried together here.
"""

from __future__ import annotations

import re
from collections import Counter

import pytest

from kamsync.plugin import Refused, Secret, Unavailable
from kamsync.testing.faults import PORTAL
from kamsync.testing.server import Answer, Call
from kamsync.testing.suite_bench import Bench, ids

WRONG = "wrong-密钥-5f0e9a"


class Auth:
    """Tokens, secrets and the token call."""

    def test_many_calls_share_one_token(self, bench: Bench) -> None:
        """Token calls are few a minute; one for each call would lock the connection out."""
        bench.several_pages()

        bench.pages()
        bench.session.check()

        assert bench.tenant.token_calls == 1

    def test_readers_that_start_at_one_time_share_one_token_call(self, bench: Bench) -> None:
        """Eight streams begin at once with no token at hand: one asks, the others wait for it."""
        bench.accounts(1)
        stream = bench.stream()
        session = bench.open()
        before = bench.tenant.token_calls

        bench.at_once([lambda: bench.pages(stream, session=session)] * 8)

        assert bench.tenant.token_calls == before + 1

    def test_a_token_that_dies_in_the_middle_costs_one_token_call_and_no_record(self, bench: Bench) -> None:
        """An admin signs the integration out and in again while a long list is being read."""
        there = bench.several_pages()
        pages = iter(bench.session.read(bench.stream(), bench.window(bench.stream()), None))
        first = next(pages)
        before = bench.tenant.token_calls
        bench.tenant.expire_token()

        rest = bench.drain(pages)

        assert Counter(ids([first, *rest])) == Counter(there)
        assert bench.tenant.token_calls == before + 1

    def test_tokens_that_always_die_end_in_a_refusal(self, bench: Bench) -> None:
        """The user behind the grant was locked: asking for token after token helps nobody."""
        bench.accounts(1)
        bench.pages()
        before = bench.tenant.token_calls
        _kill_each(bench)

        with pytest.raises(Refused):
            bench.pages()

        assert bench.tenant.token_calls <= before + 2

    def test_a_wrong_secret_is_refused_once_and_not_asked_about_again(self, bench: Bench) -> None:
        """A typo in the config must say so at once, not block the token service for everybody."""
        stream = bench.stream()

        for name in _secrets(bench):
            session = bench.open(**{name: WRONG})
            before = bench.tenant.token_calls
            for _ in range(3):
                with pytest.raises(Refused) as refusal:
                    bench.pages(stream, session=session)
            assert bench.tenant.token_calls == before + 1, name
            assert WRONG not in str(refusal.value)

    @pytest.mark.parametrize("answer", [Answer(503, PORTAL), Answer(403, PORTAL), Answer(200, PORTAL)])
    def test_a_token_service_that_is_down_for_a_moment_is_asked_again(self, bench: Bench, answer: Answer) -> None:
        """A web page in front of the token service is weather, not a revoked grant."""
        (there,) = bench.accounts(1)
        bench.answer(answer, _token_call(bench))

        pages = bench.pages(session=bench.open())

        assert ids(pages) == [there]

    def test_a_token_service_that_stays_down_is_unavailable_and_not_a_refusal(self, bench: Bench) -> None:
        """Only the CRM's clear no may make an admin look for the secret; the rest passes."""
        bench.accounts(1)
        bench.answer(Answer(503, PORTAL), _token_call(bench), times=-1)

        with pytest.raises(Unavailable):
            bench.pages(session=bench.open())


def _secrets(bench: Bench) -> list[str]:
    """The options of this connection that are secrets."""
    options = bench.connector.options(**bench.tenant.options())
    return [name for name, value in options if isinstance(value, Secret)]


def _token_call(bench: Bench) -> str:
    """The token call in the form that a fault is aimed by: the first that a fresh session makes."""
    bench.quiet()
    made = len(bench.tenant.traffic.log)
    bench.pages(session=bench.open())
    bench.quiet()
    return f"^{re.escape(bench.tenant.traffic.log[made].name)}$"


def _kill_each(bench: Bench) -> None:
    """From now on a token is dead before it can be used."""
    handle = bench.tenant.server.handle

    def kill(call: Call) -> Answer:
        bench.tenant.expire_token()
        return handle(call)

    bench.tenant.server.handle = kill
