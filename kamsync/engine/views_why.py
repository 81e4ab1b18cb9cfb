"""Why is this task there, why this tag: the chain from the CRM back to rule, figures, records and run.

Reads only. A chain is told from the outside in: what was sent, who let it go, what asked for it, what that rests on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from kamsync.engine.standing import Standing, held, stand
from kamsync.engine.undone import kept_back
from kamsync.engine.views_find import NoSuchAccount, find_account
from kamsync.engine.workspace import Workspace
from kamsync.plugin import Text
from kamsync.store import plans, tracing, undone, verdicts
from kamsync.store.tables import Row

TASKS = 5  # of an account that was named, the newest debts are told


@dataclass(frozen=True, slots=True)
class Step:
    """One link of a chain. `name`: write, plan, undo, hold, duty, wish, verdict or record; `facts` are for programs."""

    name: str
    text: Text
    at: datetime | None = None
    more: tuple[Text, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Chain:
    """From one task or one record's tag back to its source."""

    thing: str
    account: str
    steps: tuple[Step, ...]


def why(workspace: Workspace, asked: str) -> list[Chain]:
    """The chains that `asked` fits: `task:…`, `tag:…`, or either by what follows the colon. Raises NoSuchAccount."""
    kind, colon, name = asked.partition(":")
    if not colon or kind not in ("task", "tag"):
        kind, name = "", asked
    with workspace.store.read() as tx:
        chains = [_task(tx, duty) for duty in tracing.duties_named(tx, name)] if kind != "tag" else []
        if not chains and kind != "task":
            connection, _, remote_id = name.partition("/")
            chains = [_tag(tx, state) for state in tracing.states_at(tx, connection, remote_id)]
    return chains or _of_account(workspace, kind, name)


def _of_account(workspace: Workspace, kind: str, name: str) -> list[Chain]:
    account = find_account(workspace, name)
    with workspace.store.read() as tx:
        chains = [_tag(tx, state) for state in tracing.states_of(tx, [account])] if kind != "task" else []
        if kind != "tag":
            chains += [_task(tx, duty) for duty in tracing.duties_of(tx, [account])[:TASKS]]
    if not chains:
        raise NoSuchAccount(
            Text(f"{name} 没有由 kamsync 要求的任务或标签", f"kamsync wants no task and no tag for {name}"),
            next="kamsync plan",
        )
    return chains


# ---- chains


def _task(tx: Connection, duty: Row) -> Chain:
    sent = tracing.task_intents(tx, duty["id"])
    steps = [
        *_sent(tx, tracing.with_undoing(tx, sent[0]) if sent else [], f"task:{duty['id']}"),
        _duty(duty),
        *_verdict(tx, duty["account"], duty["offered_on"]),
    ]
    return Chain(f"task:{duty['id']}", duty["account"], (*steps, *_record(tx, duty)))


def _tag(tx: Connection, state: Row) -> Chain:
    sent = tracing.tag_intents(tx, state["connection"], state["stream"], state["remote_id"])
    key = f"tags:{state['connection']}:{state['stream']}:{state['remote_id']}:r{state['revision']}"
    day = (plans.get(tx, sent[0]["plan"]) or {}).get("as_of") if sent else None
    line = undone.lineage(tx, sent[0]) if sent else []
    steps = [*_sent(tx, line, key), _wish(state), *_verdict(tx, state["account"], day)]
    return Chain(f"tag:{state['connection']}/{state['remote_id']}", state["account"], (*steps, *_record(tx, state)))


def _sent(tx: Connection, line: Sequence[Row], key: str) -> list[Step]:
    """What went out, and the plan it came from; where nothing did, what the newest plan says of it.

    `line`: the newest intent, what it took back if it did, what that had taken back …
    """
    if not line:
        change = tracing.planned(tx, key)
        return (
            [_plan(tx, change)] if change else [Step("plan", Text("还没有计划提到它", "no plan has spoken of it yet"))]
        )
    steps: list[Step] = []
    for place, intent in enumerate(line):
        steps += [_undo(intent)] if place else []
        steps.append(_write(tx, intent))
        change = tracing.planned(tx, intent["key"], intent["plan"]) or tracing.planned(tx, intent["key"])
        steps += [_plan(tx, change)] if change else []
    hold = line[-1]["hold"]
    return [*steps, Step("hold", kept_back(line[-1]), None, (), {"hold": hold})] if hold is not None else steps


def _undo(intent: Row) -> Step:
    """From what takes back to what it was about."""
    run = intent["run"]
    text = Text(f"撤销的是第 {run} 次运行的写入:", f"that is the undoing of what run {run} wrote:")
    return Step("undo", text, None, (), {"run": run})


def _write(tx: Connection, intent: Row) -> Step:
    receipts = tracing.receipts(tx, intent["id"])
    stands = stand(intent, receipts)
    said = stands.said
    where = f"{intent['connection']}/{intent['remote_id']}"
    made = f" #{intent['written_id']}" if intent["written_id"] else ""
    words = "" if intent["state"] == "done" else " ".join(filter(None, (intent["code"], intent["message"])))
    tail = f" · {words}" if words else ""
    attempts = [_receipt(row) for row in receipts]
    text = Text(f"{where}{made}:{said.zh}{tail}", f"{where}{made}: {said.en}{tail}")
    names = ("id", "key", "state", "attempt", "written_id", "run", "code", "message")
    facts = {name: intent[name] for name in names} | {"standing": stands}
    return Step("write", text, intent["sent_at"], (*attempts, _helps(stands)), facts)


def _helps(stands: Standing) -> Text:
    """What is the matter, and what to do."""
    return Text(
        f"{stands.cause.zh};{stands.next.zh}:{stands.command}", f"{stands.cause.en}; {stands.next.en}: {stands.command}"
    )


def _receipt(row: Row) -> Text:
    words = " ".join(filter(None, (row["code"] if row["outcome"] != "applied" else "", row["evidence"])))
    evidence = f" ({words})" if words else ""
    at = f"{row['at']:%Y-%m-%d %H:%M:%S} UTC"
    return Text(
        f"第 {row['attempt']} 次 {at} {row['outcome']}{evidence}",
        f"attempt {row['attempt']} {at} {row['outcome']}{evidence}",
    )


def _plan(tx: Connection, change: Row) -> Step:
    plan = plans.get(tx, change["plan"])
    who = tracing.who_applied(tx, change["plan"])
    by = Text(f",由 {who['who']} 执行", f", applied by {who['who']}") if who else Text("", "")
    planned = {"task": _task_planned, "task_change": _change_planned}.get(change["kind"], _tags_planned)
    text = planned(change, by)
    facts = {name: change[name] for name in ("plan", "seq", "state", "now", "last_written", "wanted")}
    more = [Text(change["zh"], change["en"])]
    if change["state"] == "held" and change["payload"] is not None:  # by a guard
        facts["standing"] = stands = held(change["hold"])
        more.append(_helps(stands))
    return Step("plan", text, plan["made_at"] if plan else None, tuple(more), facts)


def _task_planned(change: Row, by: Text) -> Text:
    plan, task = change["plan"], change["wanted"]
    return Text(f"计划 {plan}{by.zh}:建任务“{task}”", f"plan {plan}{by.en}: a task “{task}”")


def _change_planned(change: Row, by: Text) -> Text:
    plan, asked = change["plan"], ", ".join(f"{name}={value}" for name, value in change["wanted"].items())
    return Text(f"计划 {plan}{by.zh}:改动任务({asked})", f"plan {plan}{by.en}: a task changed ({asked})")


def _tags_planned(change: Row, by: Text) -> Text:
    plan, now, last, wish = change["plan"], *(_say(change[name]) for name in ("now", "last_written", "wanted"))
    return Text(
        f"计划 {plan}{by.zh}:当时为 {now},我们上次写 {last},要求 {wish}",
        f"plan {plan}{by.en}: it was {now}, we last wrote {last}, wanted {wish}",
    )


def _say(value: Any) -> str:
    return "–" if value in (None, [], "") else "、".join(map(str, value)) if isinstance(value, list) else str(value)


def _duty(duty: Row) -> Step:
    text = Text(
        f"规则 {duty['rule']}({duty['suffix']}):{duty['owed_on']} 起应办,{duty['due']} 前完成",
        f"rule {duty['rule']} ({duty['suffix']}): owed since {duty['owed_on']}, due {duty['due']}",
    )
    names = ("id", "rule", "suffix", "marker", "owner", "state")
    facts = {name: duty[name] for name in names} | {name: duty[name].isoformat() for name in ("owed_on", "due")}
    return Step("duty", text, None, (Text(duty["zh"], duty["en"]),), facts)


def _wish(state: Row) -> Step:
    text = Text(
        f"要求(第 {state['revision']} 版):{_say(state['wanted'])}",
        f"wanted (revision {state['revision']}): {_say(state['wanted'])}",
    )
    facts = {"wanted": state["wanted"], "revision": state["revision"]}
    return Step("wish", text, None, (Text(state["zh"], state["en"]),), facts)


def _verdict(tx: Connection, account: str, day: Any) -> list[Step]:
    row = verdicts.evaluation(tx, account, day)
    if row is None:
        return []
    score = "–" if row["score"] is None else row["score"]
    text = Text(
        f"{row['as_of']} 评为 {row['tier']},{score} 分,策略 {row['policy']}",
        f"judged {row['tier']} on {row['as_of']}, score {score}, policy {row['policy']}",
    )
    reasons = tuple(Text(*reason) for reason in (row["verdict"] or {}).get("reasons", ())[:3])
    facts = {"as_of": row["as_of"].isoformat(), "tier": row["tier"], "policy": row["policy"], "run": row["run"]}
    metrics = {"score": None if row["score"] is None else str(row["score"]), "metrics": row["metrics"]}
    return [Step("verdict", text, None, reasons, facts | metrics)]


def _record(tx: Connection, place: Row) -> list[Step]:
    """The CRM record it hangs on, as it last landed."""
    row = tracing.raw(tx, place["connection"], place["stream"], place["remote_id"])
    if row is None:
        return []
    changed = f"{row['modified_at']:%Y-%m-%d %H:%M:%S} UTC" if row["modified_at"] else "–"
    where = f"{place['connection']}/{place['stream']}/{place['remote_id']}"
    text = Text(
        f"记录 {where}:CRM 中最后改动 {changed},第 {row['run']} 次运行读入",
        f"record {where}: last changed in the CRM {changed}, landed by run {row['run']}",
    )
    facts = {"connection": place["connection"], "stream": place["stream"], "remote_id": place["remote_id"]}
    return [Step("record", text, row["landed_at"], (), facts | {"run": row["run"], "life": row["life"]})]


# ---- as JSON


def to_json(chains: list[Chain], names: dict[str, str], language: str) -> dict[str, Any]:
    return {
        "chains": [
            {
                "thing": chain.thing,
                "account": chain.account,
                "name": names.get(chain.account, ""),
                "steps": [_step(step, language) for step in chain.steps],
            }
            for chain in chains
        ]
    }


def _step(step: Step, language: str) -> dict[str, Any]:
    facts = dict(step.facts)
    stands = facts.pop("standing", None)
    return {
        "step": step.name,
        "at": step.at.isoformat() if step.at else None,
        "text": step.text.say(language),
        "more": [text.say(language) for text in step.more],
        **facts,
        **(stands.facts(language) if stands else {}),
    }
