"""`kamsync reconcile` and `kamsync recover`: our books beside what the CRMs hold of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from kamsync.cli.common import Asked, both, command
from kamsync.plugin.text import Text

if TYPE_CHECKING:
    from kamsync.cli.screen import Screen
    from kamsync.engine.forecasting import Prospect
    from kamsync.engine.recovering import Compared, Recovery


def register(app: typer.Typer) -> None:
    command(
        app,
        "reconcile",
        Text(
            "把 CRM 中带我们标记的任务与回执逐条核对:谁被人移除,谁重复,谁对不上。不写 CRM;每天随周期自动做一次。",
            "Compare every task that carries our marker with our receipts: what people removed, what is there twice, "
            "what does not add up. Writes to no CRM; a cycle does it once a day.",
        ),
        "kamsync reconcile",
        "kamsync reconcile zoho",
    )(reconcile)
    command(
        app,
        "recover",
        Text(
            "数据库丢失、损坏或换成旧备份之后:从 CRM 重建,认回我们的任务与标签。完成之前什么都不写。",
            "After the database was lost, broken or replaced by an old copy: rebuild it from the CRMs and take back "
            "our tasks and tags. Nothing is written before it is done.",
        ),
        "kamsync recover",
        "kamsync recover --yes",
    )(recover)


Connection = Annotated[
    str | None,
    typer.Argument(metavar="CONNECTION", show_default=False, help=both("只核对这个连接", "this connection only")),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help=both("不询问", "do not ask"))]


def reconcile(asked: Asked, connection: Connection = None) -> int:
    from kamsync.cli.opening import ended, working
    from kamsync.cli.screen import Screen
    from kamsync.engine import recovering

    screen = Screen(asked)
    with working(asked, screen) as workspace:
        done = recovering.reconcile_verb(workspace, connection)
        if asked.json:
            screen.emit(done.to_json(asked.language))
        else:
            show_compared(screen, done)
            screen.next(*(["kamsync doctor"] if done.troubles else ["kamsync plan"]))
        return ended(workspace, _code(done))


def recover(asked: Asked, yes: Yes = False) -> int:
    from kamsync.cli import pulling_cost
    from kamsync.cli.opening import ended, working
    from kamsync.cli.screen import Screen
    from kamsync.engine import exits, recovering

    screen = Screen(asked)

    def look(found: Prospect) -> bool:
        if asked.json:
            return True
        pulling_cost.show(screen, found)
        screen.say(
            "此外,每个连接再列一遍带标记的任务,费用与读一遍它的任务相当",
            "beside this, the tasks that carry our marker are listed once: as much as reading that CRM's tasks",
            "dim",
        )
        return pulling_cost.agreed(screen, yes=yes)

    with working(asked, screen) as workspace:
        done = recovering.recover_verb(workspace, look)
        if done is None:
            return 0
        if asked.json:
            screen.emit(_json(done, asked.language))
        else:
            _show(screen, done)
        return ended(workspace, exits.of_pull(done.pull) or _code(done.compared))


def _code(done: Compared) -> int:
    from kamsync.engine import exits

    return exits.of_troubles(done.troubles.values(), anything_done=bool(done.reckonings)) or (
        exits.DONE if done.verdict == "ok" else exits.DEGRADED
    )


def _json(done: Recovery, language: str) -> dict[str, object]:
    from kamsync.engine import shapes

    told = done.compared.to_json(language)
    more = {"found": done.found, "pull": shapes.pull(done.pull, language), "tier": shapes.tier(done.tier)}
    return told | more | {"verdict": done.verdict}


FOUND = {
    "empty": Text("数据库是空的:已从 CRM 重建", "the database was empty: rebuilt from the CRMs"),
    "copy": Text("数据库比 CRM 旧:已补齐", "the database knew less than the CRMs tell: made good"),
    "whole": Text("数据库没有缺什么", "the database lacked nothing"),
}


def _show(screen: Screen, done: Recovery) -> None:
    records = sum(one.tally.records for one in done.pull.streams)
    screen.line(("recover · ", "bold"), screen.verdict(done.verdict), "  ", FOUND[done.found].say(screen.language))
    screen.say(
        f"读入 {records:,} 条记录,评级 {done.tier.accounts:,} 个客户",
        f"{records:,} records read, {done.tier.accounts:,} accounts judged",
    )
    for one in done.pull.streams:
        if one.trouble is not None:
            screen.trouble(f"{one.connection}/{one.stream}", one.trouble.text)
    show_compared(screen, done.compared)
    if done.verdict == "ok":
        screen.say(
            "人删掉的提醒,若仍欠着且 CRM 不列出已删除的内容,可能再出现一次:请先看计划",
            "a reminder that a person deleted may come once more where it is still owed: look at the plan first",
            "dim",
        )
    screen.next(*(["kamsync plan"] if done.verdict == "ok" else ["kamsync doctor", "kamsync recover"]))


def show_compared(screen: Screen, done: Compared) -> None:
    """A row a connection, and what does not add up."""
    from kamsync.cli.screen import table

    zh = ("连接", "回执", "在", "被人移除", "去标记", "不明", "认回", "标签", "副本", "重复", "他人标记", "请求", "")
    en = ("connection", "receipts", "there", "removed", "unmarked", "unseen", "adopted", "tags", "copies", "spare",
          "strangers", "calls", "")  # fmt: skip
    heads = zh if screen.is_zh else en
    rows = []
    for one in done.reckonings:
        figures = (one.receipts, one.found, one.removed, one.unmarked, one.unseen, one.adopted + one.finished,
                   one.tags, one.copies, one.spares + one.unclear, one.strangers, one.calls)  # fmt: skip
        rows.append((one.connection, *map(str, figures), "✓" if one.adds_up else "✗"))
    if rows:
        screen.put(table(heads[0], *((head, "right") for head in heads[1:]), rows=rows))
    for name, error in done.troubles.items():
        screen.trouble(name, error.text)
    if not rows and not done.troubles:
        screen.say("没有可核对的连接(writes = off,或无法列出)", "no connection has anything to compare")
