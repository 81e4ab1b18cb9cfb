"""The Zoho connector keeps every promise of the conformance suite."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kamsync.testing.suite import ConnectorTests
from kamsync.testing.tenant import Tenant
from kamsync_zoho import connector
from kamsync_zoho.sim import ZohoTenant


class TestZoho(ConnectorTests):
    connector = connector

    @pytest.fixture
    def tenant(self) -> Iterator[Tenant]:
        with ZohoTenant() as tenant:
            yield tenant
