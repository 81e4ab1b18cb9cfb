"""The conformance suite bound to one installed connector by its name: what `kamsync connector certify` runs.

The name comes from the environment, because it is pytest that imports this file.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

from kamsync.engine.connectors import find
from kamsync.testing.suite import ConnectorTests
from kamsync.testing.watching import NAME

LAST = 8  # calls that are told of a failed check


class TestConnector(ConnectorTests):
    """Every check, on a fresh tenant each."""

    connector = find().connectors[os.environ[NAME]]

    @pytest.fixture
    def tenant(self, request: pytest.FixtureRequest) -> Iterator[Any]:
        assert self.connector.tenant is not None
        with self.connector.tenant() as tenant:
            yield tenant
        if self.connector.wire is None:
            return
        last = [f"{seen.name} → {seen.status or 'dropped'}" for seen in tenant.traffic.log[-LAST:]]
        request.node.user_properties.append(("calls", last))
