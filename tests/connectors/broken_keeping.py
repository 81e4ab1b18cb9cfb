"""Spoilt connectors without a network: places that are not kept, and secrets that a program tells."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import kamsync_files
import kamsync_singer
from kamsync.plugin import Page, Stream, Window
from kamsync.testing.suite import ConnectorTests as Suite
from kamsync_files.session import FilesSession
from kamsync_files.sim import FilesTenant
from kamsync_singer.session import SingerSession
from kamsync_singer.sim import SingerTenant
from tests.connectors.broken import enter


def reads(*checks: Callable[..., None]) -> Callable[[Callable[..., Iterator[Page]]], None]:
    """This function stands in for the reading of files; it is handed the sound one first."""

    def spoil(change: Callable[..., Iterator[Page]]) -> None:
        class Spoilt(FilesSession):
            def read(self, stream: Stream, window: Window, cursor: str | None) -> Iterator[Page]:
                return change(lambda place: FilesSession.read(self, stream, window, place), cursor)

        spoilt = replace(kamsync_files.connector, open=lambda options, _, clock: Spoilt(options, clock))
        enter(change.__name__, spoilt, *checks, tenant=FilesTenant)

    return spoil


@reads(Suite.test_what_was_read_does_not_come_again_while_nothing_changes)
def begins_anew_each_time(sound: Any, cursor: str | None) -> Iterator[Page]:
    return sound(None)


@reads(
    Suite.test_a_record_that_is_new_comes_from_the_kept_place,
    Suite.test_a_record_that_changed_comes_again_with_what_changed,
    Suite.test_a_kept_place_is_good_after_a_restart,
)
def reads_a_file_once_for_ever(sound: Any, cursor: str | None) -> Iterator[Page]:
    yield from sound(cursor) if cursor is None else [Page(cursor=cursor)]


@reads(Suite.test_what_did_not_change_looks_the_same_when_it_comes_again)
def counts_how_often_it_read(sound: Any, cursor: str | None) -> Iterator[Page]:
    for page in sound(cursor):
        yield replace(
            page,
            records=tuple(replace(one, body={**one.body, "again": cursor is not None}) for one in page.records),
        )


class Talks(SingerSession):
    """Its errors quote the program as it spoke."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._redact: Any = str


enter(
    "tells_what_the_tap_said",
    replace(kamsync_singer.connector, open=lambda options, _, clock: Talks(options, clock)),
    Suite.test_a_program_that_quotes_our_secret_is_not_quoted,
    tenant=SingerTenant,
)
