"""Spoilt words: what a connector says of itself and its tenant, how it signs in, and what it should not say."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from pydantic import ConfigDict

from kamsync.plugin import (
    AuthExpired,
    ConnectorError,
    Field,
    Health,
    Refused,
    Reply,
    Request,
    Stream,
    Unavailable,
    Window,
    same,
)
from kamsync.testing.faults import PORTAL
from kamsync.testing.server import Answer
from kamsync.testing.suite import ConnectorTests as Suite
from tests.connectors.acme import AcmeOptions, AcmeWriter, connector
from tests.connectors.broken import Read, enter, fails, sends, spoils, wired

sound: Any = connector.wire


# ---- of itself

enter(
    "has_a_name_with_a_blank",
    replace(connector, name="Acme CRM"),
    Suite.test_the_connector_is_of_this_contract_and_has_a_plain_name,
)
enter(
    "maps_what_is_not_offered",
    replace(connector, mapping=lambda: connector.mapping().replace('object = "customers"', 'object = "clients"')),
    Suite.test_the_default_mapping_is_sound_and_fits_the_tenant,
)


class _TakesAnyKey(AcmeOptions):
    model_config = ConfigDict(extra="ignore")


class _QuotesItsInput(AcmeOptions):
    model_config = ConfigDict(hide_input_in_errors=False)


class _PrintsItself(AcmeOptions):
    def __str__(self) -> str:
        return f"{self.key}:{self.secret.reveal()}"


enter("takes_any_key", replace(connector, options=_TakesAnyKey), Suite.test_a_key_that_no_connection_has_is_refused)
enter(
    "quotes_its_input",
    replace(connector, options=_QuotesItsInput),
    Suite.test_a_setting_that_is_refused_is_not_quoted_with_the_others,
)
enter("prints_itself", replace(connector, options=_PrintsItself), Suite.test_options_do_not_print_their_secrets)


# ---- of its tenant


@spoils("check", Suite.test_a_check_up_tells_who_we_are_and_what_time_it_is)
def does_not_know_the_organisation(check: Any) -> Health:
    return replace(check(), org="")


@fails(Suite.test_the_organisation_has_the_same_id_after_a_restart)
class MakesUpAnOrganisation(AcmeWriter):
    def check(self) -> Health:
        return replace(super().check(), org=str(id(self)))


@spoils("streams", Suite.test_streams_are_told_once_each)
def tells_streams_twice(streams: Any) -> Sequence[Stream]:
    return [*streams(), *streams()]


@spoils("streams", Suite.test_every_stream_can_be_read_to_its_end)
def offers_what_it_cannot_read(streams: Any) -> Sequence[Stream]:
    return [*streams(), Stream("ghosts", "ghosts")]


@spoils("fields", Suite.test_every_stream_describes_its_fields_once_each)
def tells_fields_twice(fields: Any, stream: Stream) -> Sequence[Field]:
    return [*fields(stream), *fields(stream)]


# ---- signing in


_answers = itertools.count()


def _takes_each_token_once(request: Request, reply: Reply) -> None:
    sound.check(request, reply)
    if request.auth and next(_answers) % 2 == 0:
        raise AuthExpired(same("a token a call"))


def _never_signs_in_again(request: Request, reply: Reply) -> None:
    try:
        sound.check(request, reply)
    except AuthExpired as expired:
        raise Refused(expired.text) from expired


def _takes_a_dead_token_for_weather(request: Request, reply: Reply) -> None:
    try:
        sound.check(request, reply)
    except AuthExpired as expired:
        raise Unavailable(expired.text) from expired


def _takes_a_no_for_weather(request: Request, reply: Reply) -> None:
    try:
        sound.check(request, reply)
    except Refused as no:
        raise Unavailable(no.text) from no


def _takes_any_page_for_a_no(request: Request, reply: Reply) -> None:
    try:
        sound.check(request, reply)
    except Unavailable as broken:
        raise Refused(broken.text) from broken


wired(
    "takes_each_token_once",
    Suite.test_many_calls_share_one_token,
    Suite.test_readers_that_start_at_one_time_share_one_token_call,
    check=_takes_each_token_once,
)
wired(
    "never_signs_in_again",
    Suite.test_a_token_that_dies_in_the_middle_costs_one_token_call_and_no_record,
    check=_never_signs_in_again,
)
wired(
    "takes_a_dead_token_for_weather",
    Suite.test_tokens_that_always_die_end_in_a_refusal,
    check=_takes_a_dead_token_for_weather,
)
wired(
    "takes_a_no_for_weather",
    Suite.test_a_wrong_secret_is_refused_once_and_not_asked_about_again,
    check=_takes_a_no_for_weather,
)
wired(
    "takes_any_page_for_a_no",
    Suite.test_a_token_service_that_is_down_for_a_moment_is_asked_again,
    given={"answer": Answer(200, PORTAL)},
    check=_takes_any_page_for_a_no,
)
wired(
    "takes_any_page_for_a_no",
    Suite.test_a_token_service_that_stays_down_is_unavailable_and_not_a_refusal,
    check=_takes_any_page_for_a_no,
)


# ---- what should not be said


@fails(
    Suite.test_a_bad_day_prints_no_secret,
    Suite.test_a_crm_that_quotes_our_key_is_not_quoted,
    Suite.test_a_token_service_that_quotes_our_secret_is_not_quoted,
)
class QuotesItsSettings(AcmeWriter):
    def _quoting(self, broken: ConnectorError) -> Unavailable:
        return Unavailable(same(f"{broken.text.en} (with {self._options.secret.reveal()})"))

    def check(self) -> Health:
        try:
            return super().check()
        except ConnectorError as broken:
            raise self._quoting(broken) from broken

    def read(self, stream: Stream, window: Window, cursor: str | None) -> Read:
        try:
            yield from super().read(stream, window, cursor)
        except ConnectorError as broken:
            raise self._quoting(broken) from broken


@sends(Suite.test_no_secret_travels_in_an_address)
def puts_its_key_into_the_address(options: Any, request: Request) -> Request:
    return replace(request, query={**request.query, "secret": options.secret.reveal()})


@fails(
    Suite.test_no_cursor_holds_a_secret,
    Suite.test_a_check_up_shows_no_secret,
    Suite.test_a_session_does_not_print_its_secrets,
)
class ShowsItsKey(AcmeWriter):
    def __repr__(self) -> str:
        return f"<Acme {self._options.secret.reveal()}>"

    def check(self) -> Health:
        return replace(super().check(), name=self._options.secret.reveal())

    def read(self, stream: Stream, window: Window, cursor: str | None) -> Iterator[Any]:
        for page in super().read(stream, window, cursor):
            yield replace(page, cursor=f"{page.cursor} {self._options.secret.reveal()}")
