"""Reports as JSON values, in the shapes that programs rely on: keys may be added, never renamed.

Shapes only; texts come out in one language, amounts and scores as decimal strings.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from kamsync.engine import guarantees
from kamsync.engine.course import Concern
from kamsync.engine.cycle import Applied, Cycle
from kamsync.engine.forecasting import Estimate, Prospect
from kamsync.engine.judge import TierReport
from kamsync.engine.planned import Plan
from kamsync.engine.pull import PullReport, StreamReport
from kamsync.engine.push import Result
from kamsync.engine.verbs import ApplyReport
from kamsync.plugin import KamsyncError
from kamsync.rules.guards import Stop
from kamsync.store.tables import Row

Json = dict[str, Any]

# What kamsync itself says of a row, in Chinese; a CRM's own words stay as they came.
OUR_WORDS = {
    "applied before": "此前已写入",
    "no longer wanted": "已不再需要",
    "the record is no longer there": "记录已不在 CRM 中",
    "someone changed its tags since the plan": "计划之后有人改过它的标签",
    "writes are paused: kamsync resume push": "写回已暂停:kamsync resume push",
    "no answer for this row": "应答里没有这一条",
    "it does not leave any more": "不再发出",
    "beyond the guard: kamsync hold list": "超出保护上限:kamsync hold list",
}


def trouble(error: KamsyncError, language: str) -> Json:
    """What went wrong, and the command that helps."""
    return {"kind": type(error).__name__, "text": error.text.say(language), "next": error.next}


def figure(value: Decimal | None) -> str | None:
    """A decimal as text, without an exponent; None stays unknown."""
    return None if value is None else f"{value:f}"


def number(value: Decimal) -> int | float:
    """A count of credits: whole where it is whole."""
    return int(value) if value == value.to_integral_value() else float(value)


# ---- pull


def pull(report: PullReport, language: str) -> Json:
    return {
        "run": report.run,
        "verdict": report.verdict,
        "seconds": round(report.seconds, 3),
        "streams": [_stream(one, language, report.prospect) for one in report.streams],
        "missing": [{"connection": name, "stream": stream, "object": obj} for name, stream, obj in report.missing],
        "troubles": {name: trouble(error, language) for name, error in report.troubles.items()},
        "concerns": _concerns(report.concerns, language),
        "linked": {
            "accounts": report.linked.accounts,
            "shared": report.linked.shared,
            "review": report.linked.review,
        },
    }


def _concerns(concerns: Sequence[Concern], language: str) -> list[Json]:
    return [{"kind": each.kind, "text": each.text.say(language), "next": each.next} for each in concerns]


def _stream(one: StreamReport, language: str, prospect: Prospect | None) -> Json:
    told = prospect.of.get((one.connection, one.stream)) if prospect is not None else None
    return {
        "connection": one.connection,
        "stream": one.stream,
        "object": one.object,
        "pages": one.tally.pages,
        "records": one.tally.records,
        "new": one.tally.new,
        "changed": one.tally.changed,
        "deleted": one.tally.deleted,
        "quarantined": one.tally.quarantined,
        "requests": one.requests,
        "credits": one.credits,
        "forecast": _forecast(told) if told is not None else None,
        "held": one.held,
        "trouble": trouble(one.trouble, language) if one.trouble else None,
        "lanes": one.lanes,
        "concerns": _concerns(one.concerns, language),
        "notes": [note.say(language) for note in one.notes],
    }


def _forecast(told: Estimate) -> Json:
    """What it was said to take; null where nobody could say."""
    return {"records": told.records, "calls": told.calls, "credits": told.credits, "basis": told.basis}


# ---- tier


def tier(report: TierReport) -> Json:
    return {
        "run": report.run,
        "as_of": report.as_of.isoformat(),
        "accounts": report.accounts,
        "tiers": report.tiers,
        "changed": report.changed,
        "short_of_data": report.short_of_data,
        "judged": report.judged,
        "held": report.held,
    }


# ---- plan


def plan(made: Plan, names: Mapping[str, str], language: str, file: str | None = None) -> Json:
    """`names`: the accounts' names; `file`: where this view is written."""
    return {
        "plan": made.id,
        "file": file,
        "as_of": made.as_of.isoformat(),
        "digest": made.digest,
        "changes": [_change(row, names, language) for row in made.changes],
        "skipped": [_left_out(row, names, language) for row in made.skipped],
        "held": [_left_out(row, names, language) for row in made.held],
        "withdrawn": [_left_out(row, names, language) for row in made.withdrawn],
        "undoes": made.undoes,
        "counts": counts(made),
        "credits": number(made.credits),
        "guarantees": guarantees.to_json(made.guarantees, language),
        "troubles": {name: trouble(error, language) for name, error in made.troubles.items()},
    }


def stops(found: Sequence[Stop], language: str) -> list[Json]:
    """What guards would hold of a plan."""
    names = ("guard", "connection", "subject", "count", "of")
    return [{name: getattr(one, name) for name in names} | {"rows": len(one.keys), "why": one.text.say(language)}
            for one in found]  # fmt: skip


def counts(made: Plan) -> dict[str, int]:
    """How much a plan would do, and how much it leaves alone."""
    tags = [row["payload"] for row in made.changes if row["kind"] == "tags"]
    return {
        "tags_add": sum(len(payload["add"]) for payload in tags),
        "tags_remove": sum(len(payload["remove"]) for payload in tags),
        "tasks": sum(row["kind"] == "task" for row in made.changes),
        "task_changes": sum(row["kind"] == "task_change" for row in made.changes),
        "skipped": len(made.skipped),
        "held": len(made.held),
        "waiting": made.waiting,
        "adopted": made.adopted,
    }


def _change(row: Row, names: Mapping[str, str], language: str) -> Json:
    shown = {
        "key": row["key"],
        "kind": row["kind"],
        "connection": row["connection"],
        "target": {"stream": row["stream"], "remote_id": row["remote_id"], "object": row["object"]},
        "account": row["account"],
        "name": names.get(row["account"], ""),
        "now": row["now"],
        "last_written": row["last_written"],
        "want": row["wanted"],
        "because": _why(row, language),
        "credits": number(row["credits"]),
    }
    if row["kind"] == "task":
        task = {name: row["payload"][name] for name in ("subject", "due", "owner", "priority", "marker")}
        return shown | {"task": task}
    if row["kind"] == "task_change":
        return shown | {"task": {"remote_id": row["payload"]["task"], "marker": row["payload"]["marker"]}}
    return shown | {"add": row["payload"]["add"], "remove": row["payload"]["remove"]}


def _left_out(row: Row, names: Mapping[str, str], language: str) -> Json:
    return {
        "key": row["key"],
        "kind": row["kind"],
        "connection": row["connection"],
        "target": {"stream": row["stream"], "remote_id": row["remote_id"], "object": row["object"]},
        "account": row["account"],
        "name": names.get(row["account"], ""),
        "why": _why(row, language),
    }


def _why(row: Row, language: str) -> str:
    return str(row["zh"] if language == "zh" else row["en"])


# ---- apply


def apply(done: Applied, language: str, others: Sequence[Result] = ()) -> Json:
    """Row by row. A row that moved since the plan, or that nobody wants any more, counts as skipped."""
    rows = [_result(result, language) for result in (*done.push.results, *others)]
    rows += [_skipped(row, "skipped", why.say(language)) for row, why in done.accepted.skipped]
    held = _our_words("beyond the guard: kamsync hold list", language)
    rows += [_skipped(row, "held", held) for row in done.accepted.held]
    withdrawn = _our_words("it does not leave any more", language)
    rows += [_skipped(row, "withdrawn", withdrawn) for row in done.accepted.withdrawn]
    told = Counter(row["outcome"] for row in rows)
    return {
        "applied": told["applied"],
        "refused": told["refused"],
        "unknown": told["unknown"],
        "not_sent": told["not_sent"],
        "skipped": told["skipped"] + told["stale"],
        "held": told["held"],
        "withdrawn": told["withdrawn"],
        "results": rows,
        "plan": done.accepted.plan,
        "run": done.accepted.run,
        "undoes": done.accepted.undoes,
        "settled": {
            "done": done.settled.done,
            "planned": done.settled.planned,
            "waiting": done.settled.waiting,
        },
        "troubles": {name: trouble(error, language) for name, error in done.push.troubles.items()},
    }


def applied(report: ApplyReport, language: str) -> Json:
    return apply(report.applied, language, report.others)


def undone(made: Plan, report: ApplyReport, language: str) -> Json:
    """As an apply; what its plan left alone is told, too."""
    shape = applied(report, language)
    left = [_skipped(row, "skipped", _why(row, language)) for row in made.skipped]
    return shape | {"results": shape["results"] + left, "skipped": shape["skipped"] + len(left)}


def _our_words(message: str, language: str) -> str:
    return OUR_WORDS.get(message, message) if language == "zh" else message


def _result(result: Result, language: str) -> Json:
    return {
        "key": result.row["key"],
        "outcome": result.outcome,
        "remote_id": result.remote_id,
        "code": result.code,
        "message": _our_words(result.message, language),
        "connection": result.row["connection"],
        "kind": result.row["kind"],
        "account": result.row["account"],
    }


def _skipped(row: Row, outcome: str, why: str) -> Json:
    return {
        "key": row["key"],
        "outcome": outcome,
        "remote_id": None,
        "code": "",
        "message": why,
        "connection": row["connection"],
        "kind": row["kind"],
        "account": row["account"],
    }


# ---- cycle


def cycle(done: Cycle, names: Mapping[str, str], language: str, file: str | None = None) -> Json:
    return {
        "pull": pull(done.pull, language),
        "tier": tier(done.tier),
        "plan": plan(done.plan, names, language, file),
        "apply": apply(done.applied, language) if done.applied is not None else None,
    }
