"""What one line of the log says of a job that ended: its verdict, its figures, and what a person may do next."""

from __future__ import annotations

from kamsync.engine import exits
from kamsync.engine.cycle import Cycle
from kamsync.engine.pull import PullReport

Figures = dict[str, object]


def figures(report: PullReport | Cycle) -> Figures:
    """The figures of a pull or a cycle; `verdict` first."""
    return _pull(report) if isinstance(report, PullReport) else _cycle(report)


def _pull(report: PullReport) -> Figures:
    tallies = [one.tally for one in report.streams]
    told: Figures = {
        "verdict": report.verdict,
        "records": sum(one.records for one in tallies),
        "new": sum(one.new for one in tallies),
        "changed": sum(one.changed for one in tallies),
        "deleted": sum(one.deleted for one in tallies),
        "quarantined": sum(one.quarantined for one in tallies),
    }
    troubles = {name: trouble.text.en for name, trouble in report.troubles.items()}
    troubles |= {f"{one.connection}/{one.stream}": one.trouble.text.en for one in report.streams if one.trouble}
    held = {f"{one.connection}/{one.stream}": one.held for one in report.streams if one.held}
    concerns = {f"{one.connection}/{one.stream}": one.concerns[0].text.en for one in report.streams if one.concerns}
    if concerns:
        told |= {"concerns": concerns, "next": "kamsync status"}
    if troubles or held:
        told |= {"troubles": troubles, "held": held, "next": "kamsync status"}
    return told


def _cycle(done: Cycle) -> Figures:
    made = done.plan
    told = _pull(done.pull) | {
        "accounts": done.tier.accounts,
        "tiers": done.tier.tiers,
        "changed_tiers": done.tier.changed,
        "plan": made.id,
        "changes": len(made.changes),
        "skipped": len(made.skipped),
    }
    if done.applied is not None:
        told |= {"applied": dict(done.applied.push.counts), "held_writes": len(done.applied.accepted.held)}
    if told["verdict"] == "ok" and exits.of_cycle(done) != exits.DONE:
        told |= {"verdict": "degraded", "next": "kamsync status"}
    waiting = _waiting(done)
    return told | ({"waiting": waiting, "next": f"kamsync apply {made.id}"} if waiting else {})


def _waiting(done: Cycle) -> int:
    """Planned rows that wait for a person."""
    if done.applied is None:
        return len(done.plan.changes)
    sent = {result.row["key"] for result in done.applied.push.results}
    held = {row["key"] for row in done.applied.accepted.held}
    return sum(row["key"] not in sent and row["key"] not in held for row in done.plan.changes)
