"""`kamsync map publish`, `history`, `show` and `rollback`: which mapping is in force, and since when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from kamsync.cli.common import Asked, both, command
from kamsync.cli.mapping_fields import Connection
from kamsync.plugin.text import Text

if TYPE_CHECKING:
    from kamsync.cli.screen import Screen
    from kamsync.engine.mapping_publish import Published

Only = Annotated[
    str | None,
    typer.Argument(metavar="[CONNECTION]", show_default=False,
                   help=both("只要这个连接;默认全部", "this connection only; all by default")),
]  # fmt: skip
Why = Annotated[str, typer.Option("-m", "--message", metavar="TEXT", help=both("为什么,一句话", "why, in a sentence"))]
Version = Annotated[int, typer.Argument(metavar="VERSION", min=1, help=both("版本号", "the number of a version"))]
Newest = Annotated[
    int | None,
    typer.Argument(metavar="[VERSION]", min=1, show_default=False,
                   help=both("版本号;默认生效的", "the number of a version; by default the one in force")),
]  # fmt: skip


def register(below: typer.Typer) -> None:
    command(
        below,
        "publish",
        Text(
            "让改过的映射文件生效,记下谁、何时、为什么,并由已存的原始记录重建,不访问 CRM。",
            "Bring edited mapping files into force, with who, when and why, and make all entities anew from what is "
            "kept: no CRM is asked.",
        ),
        'kamsync map publish -m "add receivables"',
    )(publish)
    command(
        below,
        "history",
        Text("映射的各个版本:谁、何时、为什么。", "Every version of a mapping: who, when and why."),
        "kamsync map history zoho",
    )(history)
    command(
        below,
        "show",
        Text("打印某个版本的全文。", "Print a version as it was."),
        "kamsync map show zoho 2 > mappings/zoho.toml",
    )(show)
    command(
        below,
        "rollback",
        Text(
            "退回到以前的版本,并由原始记录重建;文件不动,改了它才会再生效。",
            "Go back to an earlier version and make all entities anew. The file is left alone; it comes into force "
            "again once it is edited or published.",
        ),
        "kamsync map rollback zoho 2",
    )(rollback)


def publish(asked: Asked, connection: Only = None, message: Why = "") -> int:
    from kamsync.cli.opening import ended, working
    from kamsync.cli.screen import Screen
    from kamsync.engine.mapping_verbs import publish_verb

    screen = Screen(asked)
    with working(asked, screen) as workspace:
        done = publish_verb(workspace, connection, message)
        _told(screen, done)
        return ended(workspace, 0)


def rollback(asked: Asked, connection: Connection, version: Version) -> int:
    from kamsync.cli.opening import ended, working
    from kamsync.cli.screen import Screen
    from kamsync.engine.mapping_verbs import roll_back_verb

    screen = Screen(asked)
    with working(asked, screen) as workspace:
        done = roll_back_verb(workspace, connection, version)
        _told(screen, done)
        return ended(workspace, 0)


def history(asked: Asked, connection: Only = None) -> int:
    from kamsync.cli.opening import looking
    from kamsync.cli.screen import Screen, table
    from kamsync.engine.mapping_view import versions

    screen = Screen(asked)
    with looking(asked) as workspace:
        found = versions(workspace, connection)
        zone = workspace.config.timezone
    if asked.json:
        names = ("connection", "version", "who", "why", "digest")
        screen.emit({
            "versions": [{name: row[name] for name in names} | {"at": row["at"].isoformat()} for row in found]
        })  # fmt: skip
        return 0
    if not found:
        screen.say("还没有发布过:文件就是生效的映射", "nothing was published yet: the files are in force")
        screen.next("kamsync pull")
        return 0
    words = {"first": "最初", "edited": "文件改过"} if screen.is_zh else {"first": "the first", "edited": "edited file"}
    rows = [
        (row["connection"], str(row["version"]), f"{row['at'].astimezone(zone):%Y-%m-%d %H:%M}", row["who"],
         str(words.get(row["why"], row["why"])))
        for row in found
    ]  # fmt: skip
    heads = (
        ("连接", "版本", "时间", "谁", "为什么") if screen.is_zh else ("connection", "version", "when", "who", "why")
    )
    screen.put(table(heads[0], (heads[1], "right"), *heads[2:], rows=rows))
    older = next((row for row in found if row["version"] > 1), None)
    screen.next(f"kamsync map rollback {older['connection']} {older['version'] - 1}" if older else "kamsync map")
    return 0


def show(asked: Asked, connection: Connection, version: Newest = None) -> int:
    from kamsync.cli.opening import looking
    from kamsync.cli.screen import Screen
    from kamsync.engine.mapping_view import text_of

    with looking(asked) as workspace:
        number, text = text_of(workspace, connection, version)
    if asked.json:
        Screen(asked).emit({"connection": connection, "version": number, "text": text})
    else:
        typer.echo(text, nl=not text.endswith("\n"))
    return 0


def _told(screen: Screen, done: Published) -> None:
    from kamsync.cli.screen import count, table

    if screen.asked.json:
        screen.emit(_json(done))
        return
    for name, version in done.versions.items():
        screen.say(f"{name}:版本 {version} 生效", f"{name}: version {version} is in force", "green")
    if not done.versions:
        screen.say("文件与生效的映射一致", "the files say what is in force already")
    if done.waits:
        screen.say(
            "另一个 kamsync 正在写入:它会在下一页之前重建",
            "another kamsync is at work: it makes everything anew before its next page",
            "yellow",
        )
    moved = [one for one in done.rebuilt if one.records or one.left]
    if moved:
        heads = ("数据流", "记录", "有变", "离开", "隔离", "秒") if screen.is_zh else (
            "stream", "records", "changed", "left", "quarantined", "seconds")  # fmt: skip
        rows = [
            (f"{one.connection}/{one.stream}", count(one.records), count(one.changed), count(one.left),
             count(one.quarantined), f"{one.seconds:.1f}")
            for one in moved
        ]  # fmt: skip
        screen.put(table(heads[0], *((head, "right") for head in heads[1:]), rows=rows))
        screen.say("由已存的记录重建,没有访问 CRM", "made anew from what is kept; no CRM was asked", "dim")
    changed = any(one.changed or one.left for one in done.rebuilt)
    screen.next("kamsync tier" if changed else "kamsync status" if done.waits else "kamsync map history")


def _json(done: Published) -> dict[str, Any]:
    return {
        "versions": done.versions,
        "waits": done.waits,
        "requests": 0,
        "rebuilt": [
            {"connection": one.connection, "stream": one.stream, "records": one.records, "changed": one.changed,
             "left": one.left, "quarantined": one.quarantined, "seconds": round(one.seconds, 2)}
            for one in done.rebuilt
        ],
    }  # fmt: skip
