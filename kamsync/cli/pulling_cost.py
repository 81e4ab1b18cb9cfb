"""What `kamsync pull` shows of a job's cost before it begins, and how it asks whether to go on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kamsync.cli.screen import Screen
    from kamsync.engine.backfill import Prospect


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
        if purse.left is not None:
            screen.say(
                f"{purse.connection}:24 小时内已用 {purse.used} 积分,此类任务还可用 {purse.left}",
                f"{purse.connection}: {purse.used} credits used in 24 h, {purse.left} left for such a job",
            )


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
            {"connection": one.connection, "used": one.used, "allowed": one.allowed, "left": one.left}
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
