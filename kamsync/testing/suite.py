"""The conformance suite: what a connector must keep, tried against its simulated tenant.

A connector's whole test is a class that inherits `ConnectorTests`, names its connector and hands over its tenant.
Each check is a promise; one for a capability that the session does not claim is skipped, and says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import pytest

GROUPS = (
    "bench",
    "hearing",
    "reading",
    "lists",
    "keeping",
    "entities",
    "deleting",
    "people",
    "typing",
    "faults",
    "auth",
    "tags",
    "tasks",
    "changes",
    "seeing",
    "hooks",
    "sending",
    "answers",
    "metadata",
    "redaction",
)
pytest.register_assert_rewrite(*(f"kamsync.testing.suite_{group}" for group in GROUPS))

from kamsync.plugin import Connector  # noqa: E402  (assertions of the groups explain themselves only if told before)
from kamsync.testing.suite_answers import Answers  # noqa: E402
from kamsync.testing.suite_auth import Auth  # noqa: E402
from kamsync.testing.suite_bench import Bench  # noqa: E402
from kamsync.testing.suite_changes import Changing  # noqa: E402
from kamsync.testing.suite_deleting import Deleting  # noqa: E402
from kamsync.testing.suite_entities import Entities  # noqa: E402
from kamsync.testing.suite_faults import Faults  # noqa: E402
from kamsync.testing.suite_hooks import Hooks  # noqa: E402
from kamsync.testing.suite_keeping import Keeping  # noqa: E402
from kamsync.testing.suite_lists import Lists  # noqa: E402
from kamsync.testing.suite_metadata import Metadata  # noqa: E402
from kamsync.testing.suite_people import Owning, People  # noqa: E402
from kamsync.testing.suite_reading import Reading  # noqa: E402
from kamsync.testing.suite_redaction import Redaction  # noqa: E402
from kamsync.testing.suite_seeing import Seeing  # noqa: E402
from kamsync.testing.suite_sending import Sending, Settling  # noqa: E402
from kamsync.testing.suite_tags import Tags  # noqa: E402
from kamsync.testing.suite_tasks import Tasks  # noqa: E402
from kamsync.testing.suite_typing import Typing  # noqa: E402
from kamsync.testing.tenant import Tenant  # noqa: E402

__all__ = ["Bench", "ConnectorTests"]


class ConnectorTests(  # by what is asked: who it is, then reading, then writing, then silence
    Metadata,
    Auth,
    Reading,
    Lists,
    Keeping,
    Entities,
    Typing,
    Deleting,
    People,
    Hooks,
    Faults,
    Tags,
    Tasks,
    Changing,
    Seeing,
    Sending,
    Settling,
    Answers,
    Owning,
    Redaction,
):
    """Every check there is. Inherit, set `connector`, and write the fixture `tenant`."""

    connector: ClassVar[Connector]

    @pytest.fixture
    def tenant(self) -> Iterator[Tenant]:
        raise NotImplementedError("a connector's test class has a fixture `tenant` that yields its running tenant")

    @pytest.fixture
    def bench(self, tenant: Tenant) -> Iterator[Bench]:
        """The connector, opened on a fresh tenant."""
        with Bench(self.connector, tenant) as bench:
            yield bench
