"""Recover: the database was lost, or an old copy is in its place, and the CRMs tell what it should hold.

Writes to no CRM: reads what is needed, judges, takes back every task and tag that is ours, and says what adds up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from kamsync.engine.connections import Connection
from kamsync.engine.forecasting import Prospect, prospect
from kamsync.engine.judge import TierReport, judge
from kamsync.engine.knowing import compare
from kamsync.engine.pull import PullReport, pull
from kamsync.engine.reconciling import Reckoning
from kamsync.engine.settle import settle, take_over
from kamsync.engine.verbs import connected_at_work, known_connection
from kamsync.engine.workspace import Workspace
from kamsync.plugin import KamsyncError
from kamsync.store import Writer, cursors, known, still_ours

Found = Literal["empty", "copy", "whole"]  # nothing was there; less than the CRMs tell of; all that they tell of


@dataclass(slots=True)
class Compared:
    """What comparing brought, connection by connection. E0 connections show nothing and have no row."""

    reckonings: list[Reckoning] = field(default_factory=list)
    troubles: dict[str, KamsyncError] = field(default_factory=dict)

    @property
    def verdict(self) -> str:
        if self.troubles:
            return "degraded" if self.reckonings else "failed"
        return "ok" if all(one.adds_up and not one.unclear for one in self.reckonings) else "degraded"

    def to_json(self, language: str) -> dict[str, Any]:
        troubles = {
            name: {"kind": type(error).__name__, "text": error.text.say(language), "next": error.next}
            for name, error in self.troubles.items()
        }
        rows = [one.to_json() for one in self.reckonings]
        return {"verdict": self.verdict, "connections": rows, "troubles": troubles}


@dataclass(slots=True)
class Recovery:
    """What was found, and what was made of it."""

    found: Found
    pull: PullReport
    tier: TierReport
    compared: Compared

    @property
    def verdict(self) -> str:
        worst = ("ok", "degraded", "failed")
        return max(self.pull.verdict, self.compared.verdict, key=worst.index)


def reconcile_verb(workspace: Workspace, connection: str | None = None) -> Compared:
    """Compare every task that carries our marker with our receipts, now."""
    names = None if connection is None else [known_connection(workspace, connection)]
    with connected_at_work(workspace, names) as (writer, ready, troubles):
        take_over(workspace, writer)
        settle(workspace, writer, ready)
        return _compared(workspace, writer, ready, troubles, recovering=False)


def recover_verb(workspace: Workspace, look: Callable[[Prospect], bool]) -> Recovery | None:
    """Make the store whole again from the CRMs; None where the cost (`look`) was not agreed to.

    Until it is done nothing is written by anybody: a recovery that breaks off is taken up by the next command.
    """
    with connected_at_work(workspace) as (writer, ready, troubles):
        if not look(prospect(workspace, ready, sweep=True, large=True)):
            return None
        with workspace.store.write() as tx:
            still_ours(tx, writer)
            empty = not cursors.completed(tx)
            for name in ready:
                known.put(tx, name, sure=False, whole_at=None)
        pulled = pull(workspace, writer, ready, dict(troubles), sweep=True)
        judged = judge(workspace, writer, workspace.today)
        take_over(workspace, writer)
        settle(workspace, writer, ready)
        compared = _compared(workspace, writer, ready, troubles, recovering=True)
    back = sum(one.adopted + one.finished + one.tags for one in compared.reckonings)
    return Recovery("empty" if empty else "copy" if back else "whole", pulled, judged, compared)


def _compared(
    workspace: Workspace,
    writer: Writer,
    ready: dict[str, Connection],
    troubles: dict[str, KamsyncError],
    *,
    recovering: bool,
) -> Compared:
    told, failed = compare(workspace, writer, ready.values(), recovering=recovering)
    return Compared(told, troubles | failed)
