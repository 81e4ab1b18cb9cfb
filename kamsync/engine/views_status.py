"""How things stand, on one screen: never greener than they are.

Reads only. Everything that is not fine is named with the command that helps.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from kamsync.config import Daily, Every
from kamsync.engine import dead, guarantees
from kamsync.engine.guarantees import Guarantee
from kamsync.engine.mapping_view import Remark, remarks
from kamsync.engine.views_hooks import Caller, callers
from kamsync.engine.views_known import Comparison, comparisons, not_as_it_should_be
from kamsync.engine.workspace import Workspace
from kamsync.plugin import Text
from kamsync.store import concerns, looking, outbox, runs, spending, verdicts
from kamsync.store.tables import Row

SEVERITY = ("ok", "never", "degraded", "failed")
LOOK_BACK = 200  # pull runs looked through for the latest word on each stream
SLACK = timedelta(minutes=15)
ONE_BY_ONE = 3  # holds of one guard that are told one by one


@dataclass(frozen=True, slots=True)
class Reason:
    """Something that is not as it should be."""

    verdict: str  # degraded | failed
    text: Text
    next: str


@dataclass(slots=True)
class StreamStatus:
    """Where one stream stands. `state`: ok, late, never, reading, failed or not_offered."""

    connection: str
    stream: str
    object: str
    state: str
    last_good: datetime | None = None
    lag: timedelta | None = None
    records: int = 0
    quarantined: int = 0
    trouble: Text | None = None


@dataclass(slots=True)
class Status:
    """Everything the screen shows."""

    now: datetime
    streams: list[StreamStatus]
    outbox: dict[str, int]
    quarantine: int
    credits: dict[str, tuple[int, int]]  # connection -> (requests, credits) of the last 24 hours
    holds: list[Row]
    writes: dict[str, str]
    judged: dict[str, Any] = field(default_factory=dict)
    guarantees: list[Guarantee] = field(default_factory=list)  # as they were last probed
    dead: Counter[str] = field(default_factory=Counter)  # of each class
    writer: str | None = None
    running: Row | None = None
    callers: list[Caller] = field(default_factory=list)
    compared: list[Comparison] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)  # about mappings
    reasons: list[Reason] = field(default_factory=list)

    @property
    def verdict(self) -> str:
        if self.streams and all(one.state in ("never", "not_offered") for one in self.streams):
            return "failed" if any(one.verdict == "failed" for one in self.reasons) else "never"
        return max((one.verdict for one in self.reasons), key=SEVERITY.index, default="ok")

    @property
    def next(self) -> list[str]:
        if self.verdict == "never":
            return ["kamsync doctor", "kamsync pull"]
        found = list(dict.fromkeys(reason.next for reason in self.reasons))
        return found or ["kamsync plan", "kamsync run"]


def status(workspace: Workspace) -> Status:
    """How this deployment stands now."""
    now, told = workspace.clock.now(), remarks(workspace)
    with workspace.store.read() as tx:
        heard = _last_heard(looking.ended_runs(tx, "pull", LOOK_BACK))
        streams = _streams(workspace, tx, now, heard)
        found = Status(
            now=now,
            streams=streams,
            outbox=outbox.counts(tx),
            quarantine=runs.quarantine_count(tx),
            credits=spending.since(tx, now - timedelta(days=1)),
            holds=runs.holds(tx),
            writes={one.name: one.writes for one in workspace.config.connections},
            judged=_judged(workspace, tx),
            dead=dead.counts(tx, now),
            running=looking.open_run(tx),
            callers=callers(workspace, tx),
            compared=comparisons(workspace, tx),
            remarks=told,
        )
        known = [Reason("degraded", *each) for each in not_as_it_should_be(found.compared, now)]
        mapped = [Reason("degraded", one.text, one.next) for one in told if one.bad]
        found.reasons = [*mapped, *_of_streams(found), *_of_concerns(tx), *known, *_of_runs(tx), *_of_outbox(found)]
    found.guarantees = guarantees.kept(workspace)
    found.writer = looking.writer(workspace.store, now)
    return found


def _judged(workspace: Workspace, tx: Connection) -> dict[str, Any]:
    day = verdicts.latest_date(tx)
    if day is None:
        return {}
    counts = verdicts.tier_counts(tx, day)
    return {"as_of": day, "tiers": {tier.name: counts.get(tier.name, 0) for tier in workspace.policy.tiers} | counts}


# ---- streams


@dataclass(frozen=True, slots=True)
class _Heard:
    """The latest word on each stream: its trouble, or None where it went well."""

    streams: dict[tuple[str, str], Text | None]
    connections: dict[str, Text]


def _last_heard(ended: list[Row]) -> _Heard:
    """Of the newest runs first, what each says of the streams that no newer one spoke of."""
    streams: dict[tuple[str, str], Text | None] = {}
    connections: dict[str, Text] = {}
    settled: set[str] = set()
    for run in ended:
        told = {one["where"]: Text(one["zh"], one["en"]) for one in run["trouble"] or []}
        seen = set()
        for one in run["figures"] or []:
            key = (one["connection"], one["stream"])
            streams.setdefault(key, told.get("/".join(key)))
            seen.add(one["connection"])
        for name, text in told.items():
            if "/" not in name and name not in settled:
                connections.setdefault(name, text)
        settled |= seen
    return _Heard(streams, connections)


def _streams(workspace: Workspace, tx: Connection, now: datetime, heard: _Heard) -> list[StreamStatus]:
    cursors = {(row["connection"], row["stream"]): row for row in runs.cursors(tx) if row["lane"] == "records"}
    records, quarantined = looking.record_counts(tx), looking.quarantine_counts(tx)
    found = []
    for one in workspace.config.connections:
        tenant = runs.tenant(tx, one.name)
        missing = set((tenant["facts"] or {}).get("missing", ())) if tenant else set()
        for stream, object in workspace.mappings[one.name].objects.items():
            key = (one.name, stream)
            line = StreamStatus(one.name, stream, object, "never")
            line.records, line.quarantined = records.get(key, 0), quarantined.get(key, 0)
            line.trouble = heard.connections.get(one.name) or heard.streams.get(key)
            _place(line, cursors.get(key), now, _patience(workspace), offered=stream not in missing)
            found.append(line)
    return found


def _place(line: StreamStatus, cursor: Row | None, now: datetime, patience: timedelta, *, offered: bool) -> None:
    line.last_good = cursor["position"] if cursor else None
    line.lag = max(now - line.last_good, timedelta(0)) if line.last_good else None
    if cursor is None or not cursor["completed"]:
        unread = "reading" if cursor is not None else "never"
        line.state = "failed" if line.trouble else unread if offered else "not_offered"
    elif line.trouble or not offered:
        line.state = "failed"
    else:
        line.state = "late" if line.lag is not None and line.lag > patience else "ok"


def _patience(workspace: Workspace) -> timedelta:
    """How old a stream may be: twice as long as the schedule leaves it, a day and a bit where nothing is scheduled."""
    plan = workspace.config.schedule
    gaps = [timedelta(seconds=one.seconds) for one in (plan.pull, plan.cycle) if isinstance(one, Every)]
    gaps += [timedelta(days=1) for one in (plan.pull, plan.cycle) if isinstance(one, Daily)]
    return 2 * min(gaps, default=timedelta(days=1)) + SLACK


# ---- reasons


def _of_streams(found: Status) -> list[Reason]:
    reasons: list[Reason] = []
    if not found.streams:
        text = Text("配置中没有任何连接", "the config has no connection")
        return [Reason("failed", text, "kamsync init DIR")]
    for name in found.writes:
        mine = [one for one in found.streams if one.connection == name]
        reasons += _of_connection(name, mine)
    return reasons


def _of_connection(name: str, mine: list[StreamStatus]) -> list[Reason]:
    reasons = []
    troubles = {one.trouble for one in mine if one.state == "failed" and one.trouble}
    if troubles and all(one.state in ("failed", "not_offered") for one in mine):
        first = next(iter(troubles))
        text = Text(f"{name}:全部数据流都没有读成:{first.zh}", f"{name}: no stream could be read: {first.en}")
        return [Reason("failed", text, "kamsync doctor")]
    for one in mine:
        where = f"{name}/{one.stream}"
        if one.state == "failed":
            why = one.trouble or Text("CRM 不再提供", "the CRM does not offer it any more")
            text = Text(f"{where}:上次没有读完:{why.zh}", f"{where}: not read to its end: {why.en}")
            reasons.append(Reason("degraded", text, "kamsync doctor"))
        elif one.stream == "accounts" and one.state == "not_offered":
            text = Text(f"{where}:CRM 不提供客户", f"{where}: the CRM offers no accounts")
            reasons.append(Reason("failed", text, "kamsync doctor"))
    unread = [one.stream for one in mine if one.state in ("never", "reading")]
    late = [one for one in mine if one.state == "late"]
    if unread:
        listed = "、".join(unread), ", ".join(unread)
        text = Text(f"{name}:从未完整读过:{listed[0]}", f"{name}: never read whole: {listed[1]}")
        reasons.append(Reason("degraded", text, f"kamsync pull {name}"))
    if late:
        oldest = max(one.lag or timedelta(0) for one in late)
        said = age(oldest)
        text = Text(
            f"{name}:{len(late)} 个数据流已经过时,最久的是 {said.zh}前",
            f"{name}: {len(late)} streams are out of date, the oldest by {said.en}",
        )
        reasons.append(Reason("degraded", text, f"kamsync pull {name}"))
    return reasons


def _of_concerns(tx: Connection) -> list[Reason]:
    """What pulls found odd and is not over: a lost field, records that are no longer listed, a strange clock."""
    return [Reason("degraded", Text(row["zh"], row["en"]), row["next"]) for row in concerns.all(tx)]


def _of_runs(tx: Connection) -> list[Reason]:
    """The latest run of each verb, where it did not end as it should."""
    reasons = []
    for kind in ("pull", "tier", "plan", "accept", "reconcile"):
        newest = looking.ended_runs(tx, kind, 1)
        if newest and newest[0]["verdict"] in (None, "interrupted"):
            number = newest[0]["id"]
            text = Text(f"第 {number} 次运行({kind})被中断", f"run {number} ({kind}) was interrupted")
            command = "kamsync cycle" if kind == "accept" else f"kamsync {kind}"
            reasons.append(Reason("degraded", text, command))
        elif kind != "pull" and newest and newest[0]["verdict"] == "failed":  # a pull's streams speak for themselves
            number = newest[0]["id"]
            text = Text(f"第 {number} 次运行({kind})失败", f"run {number} ({kind}) failed")
            reasons.append(Reason("failed", text, "kamsync doctor"))
    return reasons


def _of_holds(holds: list[Row]) -> Iterator[Text]:
    """A line a hold; many of one guard, such as everybody's day being full, are one line."""
    alike: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for hold in holds:
        alike[hold["guard"], hold["connection"]].append(hold)
    for (guard, connection), mine in alike.items():
        if len(mine) > ONE_BY_ONE:
            count, first = len(mine), mine[0]
            yield Text(
                f"{connection}:已扣住 {count} 项({guard}),首项:{first['zh']}",
                f"{connection}: {count} holds ({guard}), the first: {first['en']}",
            )
            continue
        for hold in mine:
            yield Text(f"已扣住(编号 {hold['id']}):{hold['zh']}", f"held (id {hold['id']}): {hold['en']}")


def _of_outbox(found: Status) -> list[Reason]:
    reasons = [Reason("degraded", text, "kamsync hold list") for text in _of_holds(found.holds)]
    unknown = found.outbox.get("unknown", 0) + (0 if found.writer else found.outbox.get("sending", 0))
    if unknown:
        text = Text(
            f"{unknown} 处写入结果不明,将按证据核实", f"{unknown} writes of unknown fate, to be settled by evidence"
        )
        reasons.append(Reason("degraded", text, "kamsync cycle"))
    if stopped := found.dead.total():
        kinds = ", ".join(f"{name} {number}" for name, number in sorted(found.dead.items()))
        text = Text(f"{stopped} 处写入停下了({kinds})", f"{stopped} writes have stopped ({kinds})")
        reasons.append(Reason("degraded", text, "kamsync dead list"))
    if found.quarantine:
        text = Text(
            f"{found.quarantine} 条记录读不懂,已隔离", f"{found.quarantine} records could not be read (quarantine)"
        )
        reasons.append(Reason("degraded", text, "kamsync doctor"))
    return reasons


# ---- words and JSON


def age(span: timedelta) -> Text:
    """A span as people say it."""
    minutes = int(span.total_seconds() // 60)
    if minutes < 1:
        return Text("不到 1 分钟", "less than a minute")
    if minutes < 120:
        return Text(f"{minutes} 分钟", f"{minutes} min")
    if minutes < 2880:
        return Text(f"{minutes // 60} 小时", f"{minutes // 60} h")
    return Text(f"{minutes // 1440} 天", f"{minutes // 1440} days")


def to_json(found: Status, language: str) -> dict[str, Any]:
    """The status in the shape that programs rely on."""
    return {
        "verdict": found.verdict,
        "streams": [_stream_json(one, language) for one in found.streams],
        "outbox": found.outbox,
        "dead": dict(found.dead),
        "guarantees": guarantees.to_json(found.guarantees, language),
        "quarantine": found.quarantine,
        "credits": {name: {"requests": used[0], "credits": used[1]} for name, used in found.credits.items()},
        "next": found.next,
        "reasons": [{"verdict": one.verdict, "text": one.text.say(language), "next": one.next}
                    for one in found.reasons],
        "holds": len(found.holds),
        "writes": found.writes,
        "mappings": [{"text": one.text.say(language), "next": one.next, "bad": one.bad} for one in found.remarks],
        "tiers": found.judged.get("tiers", {}),
        "as_of": found.judged["as_of"].isoformat() if found.judged else None,
        "writer": found.writer,
        "hooks": [one.to_json() for one in found.callers],
        "reconciled": [one.to_json() for one in found.compared],
        "now": found.now.isoformat(),
    }  # fmt: skip


def _stream_json(one: StreamStatus, language: str) -> dict[str, Any]:
    return {
        "connection": one.connection,
        "stream": one.stream,
        "object": one.object,
        "state": one.state,
        "last_good": one.last_good.isoformat() if one.last_good else None,
        "lag_seconds": round(one.lag.total_seconds()) if one.lag is not None else None,
        "records": one.records,
        "quarantined": one.quarantined,
        "trouble": one.trouble.say(language) if one.trouble else None,
    }
