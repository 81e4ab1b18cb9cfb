"""What `kamsync pull` shows of a job's cost before it begins and beside what it took, and how it asks to go on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kamsync.cli.screen import Screen
    from kamsync.engine.forecasting import Prospect, Purse
    from kamsync.engine.pull import PullReport


def show(screen: Screen, found: Prospect) -> None:
    """Calls, credits and minutes per stream; what nobody can say is a dash."""
    from kamsync.cli.screen import table

    zh = ("连接", "数据流", "记录", "请求", "积分", "分钟", "依据")
    en = ("connection", "stream", "records", "calls", "credits", "minutes", "from")
    heads = zh if screen.is_zh else en
    words = {"count": ("CRM 计数", "a count"), "history": ("上次实际", "the last one"), "none": ("未知", "unknown")}
    rows = [
        (one.connection, one.stream, *map(_figure, (one.records, one.calls, one.credits)), _minutes(one.seconds),
         words[one.basis][0 if screen.is_zh else 1])
        for one in found.estimates
    ]  # fmt: skip
    screen.put(table(*heads[:2], *((head, "right") for head in heads[2:6]), heads[6], rows=rows))
    for purse in found.purses:
        _purse(screen, purse, found)


def _purse(screen: Screen, purse: Purse, found: Prospect) -> None:
    needed, calls = found.credits(purse.connection), found.calls(purse.connection)
    if needed is not None and calls is not None:
        screen.say(
            f"{purse.connection}:共 {calls} 次请求、{needed} 积分",
            f"{purse.connection}: {calls} calls, {needed} credits in all",
        )
    if purse.opening[0]:
        screen.say(
            f"{purse.connection}:登录与查看租户另需 {purse.opening[0]} 次请求、{purse.opening[1]} 积分",
            f"{purse.connection}: signing in and looking at the tenant takes {purse.opening[0]} calls, "
            f"{purse.opening[1]} credits beside",
            "dim",
        )
    if purse.left is None:
        return
    screen.say(
        f"{purse.connection}:24 小时内已用 {purse.used} 积分,此类任务还可用 {purse.left}",
        f"{purse.connection}: {purse.used} credits used in 24 h, {purse.left} left for such a job",
    )
    if needed is not None and needed > purse.left:
        screen.say(
            f"! {purse.connection}:今天读不完,用完后停在原处,额度恢复后接着读",
            f"! {purse.connection}: more than today's; it stops where it is and goes on when credits are back",
            "yellow",
        )


def beside(screen: Screen, report: PullReport, *, each: bool) -> None:
    """The forecast and what it really took, for every connection; stream by stream where `each`."""
    from kamsync.cli.screen import count, table

    pairs = _pairs(report)
    if each and pairs:
        zh = ("连接", "数据流", "预计请求", "实际", "预计积分", "实际", "差")
        en = ("connection", "stream", "calls said", "took", "credits said", "took", "off")
        heads = zh if screen.is_zh else en
        rows = [
            (*where, *map(count, (said[0], took[0], said[1], took[1])), _off(said[1], took[1]))
            for where, said, took in pairs
        ]
        screen.put(table(*heads[:2], *((head, "right") for head in heads[2:]), rows=rows))
    for name in dict.fromkeys(where[0] for where, _, _ in pairs):
        mine = [(said, took) for where, said, took in pairs if where[0] == name]
        calls, credits = (tuple(sum(pair[side][unit] for pair in mine) for side in (0, 1)) for unit in (0, 1))
        screen.say(
            f"{name}:预计 {calls[0]} 次请求、{credits[0]} 积分,实际 {calls[1]}、{credits[1]}({_off(*credits)})",
            f"{name}: {calls[0]} calls, {credits[0]} credits were said; it took {calls[1]} and {credits[1]} "
            f"({_off(*credits)})",
        )


def _pairs(report: PullReport) -> list[tuple[tuple[str, str], tuple[int, int], tuple[int, int]]]:
    """((connection, stream), said, took) of every stream that was reckoned and read to its end."""
    said = report.prospect.of if report.prospect is not None else {}
    return [
        ((one.connection, one.stream), (told.calls, told.credits), (one.requests, one.credits))
        for one in report.streams
        if (told := said.get((one.connection, one.stream))) is not None
        and told.calls is not None
        and told.credits is not None
        and one.trouble is None
    ]


def _off(said: int, took: int) -> str:
    return "–" if not said else f"{(took - said) / said:+.1%}"


def to_json(found: Prospect) -> dict[str, Any]:
    return {
        "dry_run": True,
        "streams": [
            {"connection": one.connection, "stream": one.stream, "records": one.records, "calls": one.calls,
             "credits": one.credits, "seconds": None if one.seconds is None else round(one.seconds, 1),
             "basis": one.basis}
            for one in found.estimates
        ],
        "budget": [
            {"connection": one.connection, "used": one.used, "allowed": one.allowed, "left": one.left,
             "opening": {"calls": one.opening[0], "credits": one.opening[1]}}
            for one in found.purses
        ],
    }  # fmt: skip


def agreed(screen: Screen, *, yes: bool) -> bool:
    """May it begin? Asked only of a person at a terminal."""
    import sys

    import typer

    if yes or not (sys.stdin.isatty() and sys.stdout.isatty()):
        return True
    return typer.confirm("继续?" if screen.is_zh else "go on?", default=True)


def _figure(value: int | None) -> str:
    return "–" if value is None else f"{value:,}"


def _minutes(seconds: float | None) -> str:
    return "–" if seconds is None else f"{seconds / 60:.1f}"
