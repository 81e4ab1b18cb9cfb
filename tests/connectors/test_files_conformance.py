"""The connector for files keeps every promise of the conformance suite that has to do with files."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kamsync.testing.suite import ConnectorTests
from kamsync.testing.tenant import Tenant
from kamsync_files import connector
from kamsync_files.sim import FilesTenant


class TestFiles(ConnectorTests):
    connector = connector

    @pytest.fixture
    def tenant(self) -> Iterator[Tenant]:
        with FilesTenant() as tenant:
            yield tenant
