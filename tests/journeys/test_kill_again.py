"""kill -9 while a window is read again: the same command goes on where it was, and ends with the same rows."""

from __future__ import annotations

import re
import signal
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from tests.journeys.deployment import Deployment
from tests.journeys.test_kill import Assassin

ROWS = 900  # as queries: they are counted, a page of 200 comes, and one of those left
THEN = datetime(2019, 3, 1, 9, tzinfo=UTC)  # nobody else has changed anything on that day


@pytest.mark.parametrize("nth", [2, 3])
def test_reading_again_outlives_a_kill(deploy: Callable[..., Deployment], nth: int) -> None:
    """
    pull    contacts of one day, killed at its n-th query
    then    the same again
    """
    deployment = deploy()
    for number in range(ROWS):
        deployment.zoho.add("contact", name=f"李雷{number}", modified=THEN + timedelta(seconds=number))
    deployment.run("pull", "zoho", "contacts")
    whole = rows(deployment)
    with sqlite3.connect(deployment.folder / "kamsync.db") as store:
        store.execute("UPDATE raw SET hash = 'spoilt' WHERE stream = 'contacts' AND modified_at < '2019-03-02'")
    again = ("pull", "zoho", "contacts", "--since", "2019-03-01", "--until", "2019-03-01", "--yes")
    assassin = Assassin(deployment.zoho, re.compile(r"POST .*/coql"), nth, "before")
    assassin.victim = deployment.start(*again)
    killed = assassin.victim.wait(120)
    assassin.retire()
    left = sum(hash == "spoilt" for _, hash in rows(deployment))

    report = deployment.json(*again)

    assert killed == -signal.SIGKILL
    assert left in (ROWS, ROWS - 200)
    [stream] = report["streams"]
    assert stream["records"] == left
    assert rows(deployment) == whole
    assert deployment.json("pull", "zoho", "contacts")["streams"][0]["changed"] == 0


def rows(deployment: Deployment) -> list[tuple[str, str]]:
    """(id, hash) of every contact stored."""
    with sqlite3.connect(deployment.folder / "kamsync.db") as store:
        query = "SELECT remote_id, hash FROM raw WHERE connection = 'zoho' AND stream = 'contacts' ORDER BY remote_id"
        return list(store.execute(query))
