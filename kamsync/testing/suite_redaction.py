"""Checks of silence: no secret, no token, in any error or log line, however bad the day.

Listens at DEBUG to everything that is said, and reads each error with all that led to it.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from kamsync.plugin import ConnectorError, Secret
from kamsync.testing.faults import PORTAL
from kamsync.testing.server import Answer, Call
from kamsync.testing.suite_auth import WRONG
from kamsync.testing.suite_bench import Bench
from kamsync.testing.suite_hearing import Heard, listening


class Redaction:
    """Secrets stay where they are."""

    def test_options_do_not_print_their_secrets(self, bench: Bench) -> None:
        """A support ticket with the printed settings in it must be harmless."""
        options = bench.connector.options(**bench.tenant.options())

        printed = f"{options!r} {options} {options.model_dump()} {options.model_dump_json()}"

        assert _secrets(bench) or bench.is_offline
        assert spilt(bench, printed) == []

    def test_a_setting_that_is_refused_is_not_quoted_with_the_others(self, bench: Bench) -> None:
        """The library's own error shows the whole input, secrets and all."""
        whole = dict(bench.tenant.options())
        less = [{name: whole[name] for name in whole if name != left_out} for left_out in whole]
        said = " ".join(_refusal(bench, given) for given in [{**whole, "no_such_key": 1}, *less])

        assert "no_such_key" in said
        assert spilt(bench, said) == []

    def test_a_bad_day_prints_no_secret(self, bench: Bench) -> None:
        """Dead tokens, cut lines, foreign pages, a service that is down: all of it is logged, none of it with a key."""
        bench.several_pages()
        on = bench.listing()

        with listening() as heard:
            _try(heard, bench.session.check)
            bench.fault("drop_before", on)
            bench.answer(Answer(200, PORTAL), on)
            _try(heard, bench.pages)
            bench.tenant.expire_token()
            _try(heard, bench.pages)
            bench.answer(Answer(500, PORTAL), "", times=-1)
            _try(heard, bench.pages)
            _try(heard, lambda: bench.pages(session=bench.open()))
            bench.well_again()
            bench.tenant.stop()
            _try(heard, bench.pages)

        assert len(heard.lines) > 10
        assert spilt(bench, heard.text) == []

    def test_a_crm_that_quotes_our_key_is_not_quoted(self, bench: Bench) -> None:
        """Error pages love to repeat the call they did not like, its headers included."""
        bench.accounts(1)
        bench.pages()
        bench.tamper(lambda call, answer: _echo(call))

        with listening() as heard:
            _try(heard, bench.pages)
            _try(heard, bench.session.check)

        assert len(heard.lines) > 2
        assert spilt(bench, heard.text) == []

    def test_a_token_service_that_quotes_our_secret_is_not_quoted(self, bench: Bench) -> None:
        """ "The secret X is wrong" is a sentence that real token services say."""
        bench.accounts(1)
        bench.stream()
        bench.tamper(lambda call, answer: _echo(call))
        secrets = [
            name for name, value in bench.connector.options(**bench.tenant.options()) if isinstance(value, Secret)
        ]

        with listening() as heard:
            for name in secrets:
                session = bench.open(**{name: WRONG})
                _try(heard, session.check)

        assert heard.lines
        assert spilt(bench, heard.text) == []

    def test_a_program_that_quotes_our_secret_is_not_quoted(self, bench: Bench) -> None:
        """A tap that fails prints its settings, password and all, and that is what the error shows."""
        bench.accounts(1)
        stream = bench.stream()
        bench.tenant.break_down()

        with listening() as heard:
            _try(heard, lambda: bench.pages(stream))

        assert heard.lines
        assert spilt(bench, heard.text) == []

    def test_no_secret_travels_in_an_address(self, bench: Bench) -> None:
        """Addresses are logged by every proxy on the way; bodies and headers are not."""
        seen: list[str] = []

        def noted(call: Call, answer: Answer) -> Answer:
            seen.append(" ".join((call.path, *call.query.values())))
            return answer

        bench.tamper(noted)
        session = bench.session = bench.open()
        bench.accounts(1)

        bench.pages(session=session)
        session.check()

        assert seen
        assert spilt(bench, " ".join(seen)) == []

    def test_no_cursor_holds_a_secret(self, bench: Bench) -> None:
        """Cursors are stored in plain, and shown by `kamsync status`."""
        bench.several_pages()

        pages = bench.pages()

        kept = " ".join(str(page.cursor) for page in pages)
        assert spilt(bench, kept) == []

    def test_a_check_up_shows_no_secret(self, bench: Bench) -> None:
        """`kamsync doctor` is what people paste into a support ticket."""
        health = bench.session.check()

        said = f"{health} {bench.session.streams()}"

        assert spilt(bench, said) == []

    def test_a_session_does_not_print_its_secrets(self, bench: Bench) -> None:
        """It turns up in tracebacks."""
        bench.session.check()

        printed = f"{bench.session!r} {bench.session}"

        assert spilt(bench, printed) == []


def _refusal(bench: Bench, given: Mapping[str, Any]) -> str:
    """What is said of settings that may be wrong."""
    try:
        bench.connector.options(**given)
    except ValidationError as refused:
        return str(refused)
    return ""


def spilt(bench: Bench, text: str) -> list[str]:
    """The secrets that can be read in a text."""
    known = {value for _, value in _secrets(bench)} | bench.secrets
    return sorted(secret for secret in known if secret in text)


def _secrets(bench: Bench) -> list[tuple[str, str]]:
    options = bench.connector.options(**bench.tenant.options())
    return [(name, value.reveal()) for name, value in options if isinstance(value, Secret)]


def _try(heard: Heard, act: Callable[[], object]) -> None:
    """Do it; should it fail, hear the error and all that led to it."""
    try:
        act()
    except ConnectorError as error:
        heard.lines += traceback.format_exception(error)
        heard.lines += [repr(error), error.text.zh, error.text.en, str(error.next)]


def _echo(call: Call) -> Answer:
    """An answer made of the call itself."""
    said = " ".join((*call.headers.values(), call.body.decode("utf-8", "replace")))
    return Answer(400, {"code": said, "error": said, "message": said, "errorCode": 10006, "errorMessage": said})
