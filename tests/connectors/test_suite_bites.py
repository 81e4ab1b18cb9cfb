"""The conformance suite notices broken promises: each spoilt connector fails the check that is about its fault."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from kamsync.testing.suite import Bench, ConnectorTests
from kamsync.testing.tenant import Lacks, Tenant
from tests.connectors import (
    broken_changes,
    broken_hooks,
    broken_keeping,
    broken_lists,
    broken_reading,
    broken_saying,
    broken_tasks,
    broken_writing,
)
from tests.connectors.acme import AcmeTenant, connector
from tests.connectors.broken import BROKEN, EXCUSED, Broken

LEAST = 120
READ = (
    broken_reading,
    broken_lists,
    broken_hooks,
    broken_writing,
    broken_tasks,
    broken_changes,
    broken_saying,
    broken_keeping,
)  # they enter what they spoil


def complaint(case: Broken) -> str | None:
    """What the case's check has to say of a spoilt connector; None when it is content."""
    try:
        with case.tenant() as tenant, Bench(case.connector, tenant) as bench:
            case.check(ConnectorTests(), bench, **case.given)
    except (pytest.skip.Exception, Lacks) as skipped:
        pytest.fail(f"the check was skipped: {skipped}")
    except (Exception, pytest.fail.Exception) as unkept:  # noqa: BLE001  a connector may fail a check in any way
        return f"{type(unkept).__name__}: {unkept}"
    return None


def checks() -> list[str]:
    return [name for name in dir(ConnectorTests) if name.startswith("test_")]


@pytest.mark.parametrize("case", BROKEN, ids=str)
def test_a_broken_promise_is_noticed(case: Broken) -> None:
    said = complaint(case)

    assert said is not None


def test_each_check_has_a_spoilt_connector_or_an_excuse() -> None:
    tried = {case.check.__name__ for case in BROKEN}

    assert set(checks()) - tried == EXCUSED.keys()
    assert all(EXCUSED.values())


def test_there_are_checks_enough_and_none_hides_another() -> None:
    """Two parts with a check of one name would leave one of the two untried, and nobody would see it."""
    told = Counter(name for part in ConnectorTests.__bases__ for name in vars(part) if name.startswith("test_"))

    assert [name for name, times in told.items() if times > 1] == []
    assert len(told) >= LEAST


class TestAcme(ConnectorTests):
    """The connector that is spoilt above keeps every promise as it is."""

    connector = connector

    @pytest.fixture
    def tenant(self) -> Iterator[Tenant]:
        with AcmeTenant() as tenant:
            yield tenant
