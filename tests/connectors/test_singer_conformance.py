"""The Singer connector keeps every promise of the conformance suite that a program run beside can keep."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kamsync.testing.suite import ConnectorTests
from kamsync.testing.tenant import Tenant
from kamsync_singer import connector
from kamsync_singer.sim import SingerTenant


class TestSinger(ConnectorTests):
    connector = connector

    @pytest.fixture
    def tenant(self) -> Iterator[Tenant]:
        with SingerTenant() as tenant:
            yield tenant
