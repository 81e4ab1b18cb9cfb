"""The Fxiaoke connector keeps every promise of the conformance suite."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kamsync.testing.suite import ConnectorTests
from kamsync.testing.tenant import Tenant
from kamsync_fxiaoke import connector
from kamsync_fxiaoke.sim import FxiaokeTenant


class TestFxiaoke(ConnectorTests):
    connector = connector

    @pytest.fixture
    def tenant(self) -> Iterator[Tenant]:
        with FxiaokeTenant() as tenant:
            yield tenant
