"""`kamsync status`: how things stand, on one screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from kamsync.cli.common import Asked, command
from kamsync.plugin.text import Text

if TYPE_CHECKING:
    from kamsync.cli.screen import Screen
    from kamsync.engine.views_hooks import Caller
    from kamsync.engine.views_known import Comparison
    from kamsync.engine.views_status import Status

CODES = {"ok": 0, "never": 7, "degraded": 7, "failed": 7}  # a monitor that reads exit codes is never misled


def register(app: typer.Typer) -> None:
    command(
        app,
        "status",
        Text(
            "一屏看清现状:每个数据流读到何时、待写与存疑、隔离、额度、该做什么。",
            "How things stand: how fresh each stream is, what is to be written, quarantine, credits, what to do.",
        ),
        "kamsync status",
        "kamsync status --json",
    )(status)


def status(asked: Asked) -> int:
    from kamsync.cli.opening import looking
    from kamsync.cli.screen import Screen
    from kamsync.engine import views_status

    screen = Screen(asked)
    with looking(asked) as workspace:
        found = views_status.status(workspace)
    if asked.json:
        screen.emit(views_status.to_json(found, asked.language))
    else:
        _show(screen, found)
        screen.next(*found.next)
    return CODES[found.verdict]


def _show(screen: Screen, found: Status) -> None:
    screen.line((f"kamsync {'状态' if screen.is_zh else 'status'} · ", "bold"), screen.verdict(found.verdict))
    for reason in found.reasons:
        style = "red" if reason.verdict == "failed" else "yellow"
        screen.line(("! ", style), reason.text.say(screen.language))
    for one in found.remarks:
        if not one.bad:
            screen.line(("· ", "dim"), one.text.say(screen.language))
            screen.line(("  → ", "dim"), one.next)
    _connections(screen, found)
    _figures(screen, found)


def _connections(screen: Screen, found: Status) -> None:
    from kamsync.cli.screen import table
    from kamsync.engine.views_status import age

    rows = []
    for name, writes in found.writes.items():
        mine = [one for one in found.streams if one.connection == name]
        lags = [one.lag for one in mine if one.lag is not None]
        fine = sum(one.state == "ok" for one in mine)
        offered = sum(one.state != "not_offered" for one in mine)
        oldest = age(max(lags)).say(screen.language) if lags else "–"
        used = found.credits.get(name, (0, 0))
        records = sum(one.records for one in mine)
        rows.append((name, f"{fine}/{offered}", oldest, f"{records:,}", writes, f"{used[0]:,}", f"{used[1]:,}"))
    heads = ("连接", "正常流", "最久未读", "记录", "写回", "24h 请求", "24h 积分") if screen.is_zh else (
        "connection", "fresh", "oldest", "records", "writes", "calls 24h", "credits 24h")  # fmt: skip
    if rows:
        columns = [(head, "right") if place in (1, 2, 3, 5, 6) else head for place, head in enumerate(heads)]
        screen.put(table(*columns, rows=rows))
    bad = [one for one in found.streams if one.state != "ok"]
    if bad and len(bad) < len(found.streams):
        _streams(screen, found)


def _streams(screen: Screen, found: Status) -> None:
    """The streams that are not fine, by themselves."""
    from kamsync.cli.screen import table
    from kamsync.engine.views_status import age

    words = {
        "late": Text("过时", "late"), "never": Text("没读过", "never read"), "reading": Text("读到一半", "half read"),
        "failed": Text("失败", "failed"), "not_offered": Text("租户没有", "not offered"),
    }  # fmt: skip
    rows = []
    for one in found.streams:
        if one.state != "ok":
            lag = age(one.lag).say(screen.language) if one.lag is not None else "–"
            rows.append((f"{one.connection}/{one.stream}", words[one.state].say(screen.language), lag))
    heads = ("数据流", "状况", "距上次") if screen.is_zh else ("stream", "state", "since")
    screen.put(table(heads[0], heads[1], (heads[2], "right"), rows=rows))


def _figures(screen: Screen, found: Status) -> None:
    from kamsync.engine.guarantees import short

    zh = screen.is_zh
    if found.judged:
        tiers = " · ".join(f"{name} {number}" for name, number in found.judged["tiers"].items())
        screen.line((f"{'评级' if zh else 'tiers'} ", "dim"), f"{found.judged['as_of']}  {tiers}")
    states = {
        "done": Text("已写", "written"), "planned": Text("待写", "to write"), "sending": Text("在写", "sending"),
        "unknown": Text("存疑", "unknown"), "refused": Text("被拒", "refused"), "stale": Text("已变", "stale"),
        "superseded": Text("作废", "superseded"), "dropped": Text("放弃", "dropped"),
        "undone": Text("已撤销", "undone"),
    }  # fmt: skip
    told = [f"{states[name].say(screen.language)} {found.outbox[name]}" for name in states if found.outbox.get(name)]
    screen.line((f"{'发件箱' if zh else 'outbox'} ", "dim"), " · ".join(told) or ("空" if zh else "empty"))
    screen.line((f"{'隔离' if zh else 'quarantine'} ", "dim"), str(found.quarantine))
    for one in found.compared:
        if not (one.figures.get("receipts") or one.figures.get("listed")):
            continue  # nothing of ours was there then
        screen.line((f"{'核对' if zh else 'compared'} ", "dim"), _compared(one, found, zh))
    if found.guarantees:
        screen.line((f"{'保证' if zh else 'promised'} ", "dim"), short(found.guarantees).say(screen.language))
    if found.callers:
        screen.line(
            (f"{'变更通知' if zh else 'hooks'} ", "dim"), " · ".join(_caller(one, found, zh) for one in found.callers)
        )
    if found.writer:
        screen.line((f"{'正在运行' if zh else 'at work'} ", "dim"), found.writer)


def _compared(one: Comparison, found: Status, zh: bool) -> str:
    """When its tasks were last compared with our receipts, and how that came out."""
    from kamsync.engine.views_status import age

    told = one.figures
    away, since = told["removed"] + told["unmarked"], age(found.now - (one.at or found.now))
    sign = "=" if told["adds_up"] else "≠"
    if zh:
        return f"{one.connection} {since.zh}前:写入 {told['receipts']} {sign} 在 {told['found']} + 被人移除 {away}"
    return f"{one.connection} {since.en} ago: {told['receipts']} written {sign} {told['found']} there + {away} removed"


def _caller(one: Caller, found: Status, zh: bool) -> str:
    """When this CRM last called us."""
    from kamsync.engine.views_status import age

    if one.last is None:
        return f"{one.connection} {'还没有来过' if zh else 'never yet'}"
    since = age(found.now - one.last)
    return f"{one.connection} {since.zh}前" if zh else f"{one.connection} {since.en} ago"
