"""A connection without a network: it has the time, and no call leaves through it."""

from datetime import UTC, datetime

import pytest

from kamsync.engine.offline import Offline
from kamsync.plugin import ConfigError, Options, Request

NOW = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)


class StillClock:
    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        return 0.0

    def sleep(self, seconds: float) -> None:
        raise AssertionError("nobody waits here")


def test_it_tells_the_machines_time_and_costs_nothing():
    door = Offline("files", Options(), StillClock())

    assert (door.now(), door.spent.requests, door.facts()) == (NOW, 0, {})


@pytest.mark.parametrize("way", ["call", "download"])
def test_every_call_is_refused_by_name(way: str):
    door = Offline("files", Options(), StillClock())

    with pytest.raises(ConfigError, match="the connector of files declares no network and calls /orders"):
        getattr(door, way)(Request("GET", "/orders"))


def test_as_many_streams_are_read_at_once_as_the_config_says():
    assert Offline("files", Options(concurrency=5), StillClock()).concurrency == 5
