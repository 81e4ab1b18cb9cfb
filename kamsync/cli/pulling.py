"""`kamsync pull`: read the CRMs, normalize, link."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kamsync.cli.common import Asked, both, command, read_date
from kamsync.plugin.errors import ConfigError
from kamsync.plugin.text import Text

if TYPE_CHECKING:
    from rich.table import Table

    from kamsync.cli.screen import Screen
    from kamsync.engine.backfill import Wanted
    from kamsync.engine.forecasting import Prospect
    from kamsync.engine.pull import PullReport
    from kamsync.engine.workspace import Workspace


def register(app: typer.Typer) -> None:
    command(
        app,
        "pull",
        Text(
            "从各 CRM 拉取变化,归并到客户。可随时中断,再运行会接着读。",
            "Pull what changed in the CRMs and link it to accounts. May be interrupted; the next pull goes on.",
        ),
        "kamsync pull",
        "kamsync pull zoho orders --full",
        "kamsync pull --full --dry-run",
        "kamsync pull zoho orders --since 2026-01-01 --until 2026-01-31",
    )(pull)


Connection = Annotated[
    str | None, typer.Argument(metavar="CONNECTION", show_default=False, help=both("只读这个连接", "this one only"))
]
Stream = Annotated[
    str | None, typer.Argument(metavar="STREAM", show_default=False, help=both("只读这个数据流", "this stream only"))
]
Full = Annotated[bool, typer.Option("--full", help=both("从头全部重读", "read everything again from the beginning"))]


Sweep = Annotated[
    bool,
    typer.Option(
        "--sweep", help=both("核对全部编号,找出漏掉和消失的", "compare every id: what was missed, what is gone")
    ),
]
AcceptEmpty = Annotated[
    bool,
    typer.Option(
        "--accept-empty", help=both("确认:列空的数据流确实清空了", "yes, a stream that lists nothing really is empty")
    ),
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help=both("只估算请求、积分和时间", "only reckon calls, credits and time"))
]
Since = Annotated[
    date | None,
    typer.Option(
        "--since", parser=read_date, metavar="DATE", help=both("补读:从这一天起", "read again: from this day on")
    ),
]
Until = Annotated[
    date | None,
    typer.Option(
        "--until", parser=read_date, metavar="DATE", help=both("补读:到这一天为止(含)", "read again: up to this day")
    ),
]
Ids = Annotated[
    Path | None,
    typer.Option("--ids", metavar="FILE", help=both("补读:文件中的编号,每行一个", "read again: ids, one a line")),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help=both("不询问", "do not ask"))]


def pull(
    asked: Asked,
    connection: Connection = None,
    stream: Stream = None,
    full: Full = False,
    sweep: Sweep = False,
    accept_empty: AcceptEmpty = False,
    dry_run: DryRun = False,
    since: Since = None,
    until: Until = None,
    ids: Ids = None,
    yes: Yes = False,
) -> int:
    from kamsync.cli import pulling_cost
    from kamsync.cli.opening import ended, working
    from kamsync.cli.screen import Screen
    from kamsync.engine import exits, shapes
    from kamsync.engine.backfill import NOTHING
    from kamsync.engine.mapping_view import remarks
    from kamsync.engine.verbs import reckoned_pull

    screen = Screen(asked)
    wanted = _wanted(since, until, ids)
    again = wanted != NOTHING
    if again and (connection is None or stream is None):
        raise _needs_stream()

    def look(found: Prospect) -> bool:
        if dry_run and asked.json:
            screen.emit(pulling_cost.to_json(found))
        elif not asked.json:
            pulling_cost.show(screen, found)
        return not dry_run and (not again or pulling_cost.agreed(screen, yes=yes or asked.json))

    with working(asked, screen) as workspace:
        report = reckoned_pull(
            workspace, look, connection, stream,
            full=full, sweep=sweep, accept_empty=accept_empty, wanted=wanted, changes_too=dry_run,
            reckon=dry_run or again or full,
        )  # fmt: skip
        if report is None:
            return 0
        code = ended(workspace, exits.of_pull(report))
        if asked.json:
            screen.emit(shapes.pull(report, asked.language))
        else:
            show_pull(screen, workspace, report)
            pulling_cost.beside(screen, report, each=again or full)
            for one in remarks(workspace):
                screen.line(("! ", "yellow"), one.text.say(screen.language))
                screen.line(("  → ", "dim"), one.next)
            screen.next(*(["kamsync tier"] if report.verdict == "ok" else ["kamsync doctor", "kamsync status"]))
    return code


def _wanted(since: date | None, until: date | None, ids: Path | None) -> Wanted:
    from kamsync.engine.backfill import Wanted

    try:
        listed = ids.read_text("utf-8-sig").split() if ids is not None else []
    except (OSError, UnicodeDecodeError) as broken:
        raise ConfigError(
            Text(f"读不了 {ids}:{broken}", f"cannot read {ids}: {broken}"), next="kamsync pull --help"
        ) from broken
    return Wanted(since, until, tuple(dict.fromkeys(listed)))


def _needs_stream() -> ConfigError:
    return ConfigError(
        Text("补读需要写明连接和数据流", "to read again, name the connection and the stream"),
        next="kamsync pull zoho orders --since 2026-01-01",
    )


def show_pull(screen: Screen, workspace: Workspace, report: PullReport) -> None:
    """What came, stream by stream; what did not, and why."""
    seconds = f"{report.seconds:.1f}"
    screen.line(
        (f"拉取 #{report.run} · " if screen.is_zh else f"pull #{report.run} · ", "bold"),
        screen.verdict(report.verdict),
        f" · {seconds} 秒" if screen.is_zh else f" · {seconds} s",
    )
    if report.streams:
        screen.put(_streams(screen, report))
    _troubles(screen, workspace, report)
    linked = report.linked
    screen.say(
        f"客户 {linked.accounts} 个,其中 {linked.shared} 个在多个 CRM 中;待人工确认 {linked.review} 对",
        f"accounts: {linked.accounts}, in more than one CRM: {linked.shared}, pairs for a person: {linked.review}",
    )


def _streams(screen: Screen, report: PullReport) -> Table:
    from kamsync.cli.screen import count, table

    zh = ("连接", "数据流", "记录", "新增", "变更", "删除", "隔离", "请求", "积分")
    en = ("connection", "stream", "records", "new", "changed", "gone", "bad", "calls", "credits")
    heads = zh if screen.is_zh else en
    rows = []
    for one in report.streams:
        mark = " ✗" if one.trouble else " !" if one.held else ""
        tally = one.tally
        figures = (tally.records, tally.new, tally.changed, tally.deleted, tally.quarantined, one.requests, one.credits)
        rows.append((one.connection, one.stream + mark, *map(count, figures)))
    return table(*heads[:2], *((head, "right") for head in heads[2:]), rows=rows)


def _troubles(screen: Screen, workspace: Workspace, report: PullReport) -> None:
    from kamsync.engine.views import quarantined

    for name, error in report.troubles.items():
        screen.trouble(name, error.text)
    for concern in report.concerns:
        screen.say(f"! {concern.text.zh}:{concern.next}", f"! {concern.text.en}: {concern.next}", "yellow")
    for one in report.streams:
        if one.trouble is not None:
            screen.trouble(f"{one.connection}/{one.stream}", one.trouble.text)
        if one.held:
            screen.say(
                f"! {one.connection}/{one.stream}:{one.held} 条删除超出保护上限,已扣住:kamsync hold list",
                f"! {one.connection}/{one.stream}: {one.held} deletions beyond the guard are held: kamsync hold list",
                "yellow",
            )
        for concern in one.concerns:
            screen.say(f"! {concern.text.zh}:{concern.next}", f"! {concern.text.en}: {concern.next}", "yellow")
        for note in one.notes:
            where = f"{one.connection}/{one.stream}"
            screen.say(f"  {where}:{note.zh}", f"  {where}: {note.en}", "dim")
    for name, stream, object in report.missing:
        screen.say(f"  {name} 没有 {object}({stream}),未读", f"  {name} has no {object} ({stream}): not read", "dim")
    for row in quarantined(workspace, report.run):
        where = f"{row['connection']}/{row['stream']}/{row['remote_id']}"
        field = f" {row['field']}" if row["field"] else ""
        screen.say(f"! 隔离 {where}{field}:{row['zh']}", f"! quarantined {where}{field}: {row['en']}", "yellow")
