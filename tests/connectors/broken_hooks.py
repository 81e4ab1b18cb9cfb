"""Spoilt hearing: connectors that believe anybody, mix calls up, or have the CRM call wrongly."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from kamsync.plugin import ConfigError, Hint, Refused, Stream, same
from kamsync.testing.suite import ConnectorTests as Suite
from kamsync_zoho import connector as zoho
from kamsync_zoho.session import ZohoSession
from kamsync_zoho.sim import ZohoTenant
from tests.connectors.broken import enter, spoils

numbers = itertools.count()


@spoils("hint", Suite.test_a_notice_names_what_to_poll)
def hears_of_deals_only(hint: Any, headers: Any, body: bytes) -> Hint:
    return Hint(("deals",))


@spoils("hint", Suite.test_a_notice_that_the_crm_did_not_send_is_refused)
def believes_anybody(hint: Any, headers: Any, body: bytes) -> Hint:
    return Hint(("customers",))


@spoils("hint", Suite.test_a_notice_whose_proof_was_touched_is_refused)
def believes_whoever_writes_json(hint: Any, headers: Any, body: bytes) -> Hint:
    return Hint((str(json.loads(body)["object"]),))


@spoils("hint", Suite.test_two_notices_are_told_apart_and_one_that_comes_again_is_known)
def takes_each_notice_for_the_first(hint: Any, headers: Any, body: bytes) -> Hint:
    return replace(hint(headers, body), id="1")


@spoils("hint", Suite.test_two_notices_are_told_apart_and_one_that_comes_again_is_known)
def numbers_notices_as_they_come(hint: Any, headers: Any, body: bytes) -> Hint:
    return replace(hint(headers, body), id=str(next(numbers)))


@spoils("hint", Suite.test_a_notice_tells_when_it_was_sent_by_the_crms_clock)
def reads_the_stamp_in_another_zone(hint: Any, headers: Any, body: bytes) -> Hint:
    said = hint(headers, body)
    return replace(said, at=said.at + timedelta(hours=8))


# ---- being called


class Sound(ZohoSession):
    """Zoho's session, to be spoilt."""


def watching(*checks: Any) -> Any:
    """This Zoho session must fail these checks."""

    def spoil(session: type[ZohoSession]) -> type[ZohoSession]:
        enter(session.__name__, replace(zoho, open=session), *checks, tenant=ZohoTenant)
        return session

    return spoil


@watching(Suite.test_without_a_secret_nobody_is_believed_and_the_setting_is_named)
class RefusesWhereNothingIsSet(Sound):
    def hint(self, headers: Mapping[str, str], body: bytes) -> Hint:
        try:
            return super().hint(headers, body)
        except ConfigError as unset:
            raise Refused(unset.text) from unset


@watching(Suite.test_a_watched_stream_is_called_for)
class AsksForNothing(Sound):
    def watch(self, url: str, streams: Sequence[Stream]) -> datetime | None:
        return None


@watching(Suite.test_what_is_not_watched_is_not_called_for)
class WatchesAllThereIs(Sound):
    def watch(self, url: str, streams: Sequence[Stream]) -> datetime | None:
        return super().watch(url, self.streams())


@watching(Suite.test_watching_again_is_still_one_watch)
class WatchesOnceMoreEachTime(Sound):
    def watch(self, url: str, streams: Sequence[Stream]) -> datetime | None:
        return super().watch(f"{url}?{next(numbers)}", streams)


@watching(Suite.test_a_watch_lives_as_long_as_was_said)
class SaysForever(Sound):
    def watch(self, url: str, streams: Sequence[Stream]) -> datetime | None:
        super().watch(url, streams)
        return None


@watching(Suite.test_a_renewed_watch_lives_longer)
class RenewsNothing(Sound):
    until: datetime | None = None

    def watch(self, url: str, streams: Sequence[Stream]) -> datetime | None:
        self.until = self.until or super().watch(url, streams)
        return self.until


@watching(Suite.test_a_watch_that_died_is_begun_anew)
class WatchesOncePerSession(Sound):
    until: datetime | None = None

    def watch(self, url: str, streams: Sequence[Stream]) -> datetime | None:
        self.until = self.until or super().watch(url, streams)
        return self.until


@watching(Suite.test_what_is_watched_no_more_is_not_called_for)
class NeverStops(Sound):
    def unwatch(self, url: str) -> None:
        return None


@watching(Suite.test_ending_a_watch_that_is_not_there_is_no_trouble)
class CannotEndWhatIsOver(Sound):
    def unwatch(self, url: str) -> None:
        raise Refused(same("not subscribed"))
