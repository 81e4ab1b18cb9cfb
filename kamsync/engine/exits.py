"""How a run ended, as the exit code that scripts and schedulers read."""

from __future__ import annotations

from collections.abc import Iterable

from kamsync.engine.cycle import Applied, Cycle
from kamsync.engine.planned import Plan
from kamsync.engine.pull import PullReport
from kamsync.engine.push import Result
from kamsync.plugin import KamsyncError

DONE, USAGE, DEGRADED, REFUSED = 0, 2, 7, 8


def of_troubles(troubles: Iterable[KamsyncError], *, anything_done: bool) -> int:
    """A refusal by the CRM counts as one only where it left nothing to be done; else the run is degraded."""
    codes = {one.exit_code for one in troubles}
    if not codes:
        return DONE
    if anything_done:
        return DEGRADED
    return next((code for code in (REFUSED, USAGE) if code in codes), DEGRADED)


def of_pull(report: PullReport) -> int:
    if report.verdict == "ok":
        return DONE
    troubles = [*report.troubles.values(), *(one.trouble for one in report.streams if one.trouble)]
    read = any(not one.trouble for one in report.streams)
    return of_troubles(troubles, anything_done=read) or DEGRADED


def of_plan(made: Plan) -> int:
    looked_at = bool(made.changes or made.skipped or made.adopted or made.waiting)
    return of_troubles(made.troubles.values(), anything_done=looked_at)


def of_apply(done: Applied, others: Iterable[Result] = ()) -> int:
    """Rows that people changed since the plan are no failure; refused, unknown, unsent and held ones are."""
    counts = done.push.counts
    failed = done.push.troubles.values()
    if failed:
        return of_troubles(failed, anything_done=counts["applied"] > 0)
    bad = counts["refused"] + counts["unknown"] + counts["not_sent"] + len(done.accepted.held)
    bad += sum(one.outcome in ("unknown", "not_sent") for one in others)
    return DEGRADED if bad else DONE


def of_cycle(done: Cycle) -> int:
    """The first of its parts that did not end well."""
    codes = [of_pull(done.pull), of_plan(done.plan), of_apply(done.applied) if done.applied else DONE]
    return next((code for code in codes if code), DONE)
