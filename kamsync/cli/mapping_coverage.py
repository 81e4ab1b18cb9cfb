"""`kamsync map coverage`: how much of the key-account file the mapping fills."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from kamsync.cli.common import Asked, both, command
from kamsync.cli.mapping_versions import Only
from kamsync.plugin.text import Text

if TYPE_CHECKING:
    from kamsync.cli.screen import Screen
    from kamsync.engine.mapping_coverage import Coverage, StreamCover

BELOW = 7
SHOWN = 10
Stream = Annotated[
    str | None,
    typer.Argument(metavar="[STREAM]", show_default=False,
                   help=both("只要这个数据流,逐字段", "this stream only, field by field")),
]  # fmt: skip
AtLeast = Annotated[
    float | None,
    typer.Option("--at-least", metavar="PERCENT", min=0, max=100, show_default=False,
                 help=both("低于这个填充率就以 7 结束", "end with 7 where less than this is filled")),
]  # fmt: skip


def register(below: typer.Typer) -> None:
    command(
        below,
        "coverage",
        Text(
            "映射填满了多少:各字段、各等级;CRM 里有而没人读的字段;取值表里没有的选项,按背后的销售额排。",
            "How much the mapping fills, by field and tier; fields of the CRM that nothing reads; choices that no "
            "table knows, by the money behind them.",
        ),
        "kamsync map coverage",
        "kamsync map coverage zoho accounts",
        "kamsync map coverage zoho --at-least 60",
    )(coverage)


def coverage(asked: Asked, connection: Only = None, stream: Stream = None, at_least: AtLeast = None) -> int:
    from kamsync.cli.opening import looking
    from kamsync.cli.screen import Screen
    from kamsync.engine import mapping_coverage
    from kamsync.engine.mapping_fields import percent

    screen = Screen(asked)
    with looking(asked) as workspace:
        found = mapping_coverage.coverage(workspace, connection, stream)
        currency = workspace.config.base_currency
    code = BELOW if at_least is not None and not found.is_at_least(at_least) else 0
    if asked.json:
        screen.emit(mapping_coverage.to_json(found))
        return code
    if stream is not None:
        _fields(screen, found)
    else:
        _streams(screen, found)
    _unknown(screen, found, currency)
    told = percent(*found.filled)
    screen.say(f"映射的字段填充 {told}", f"mapped fields are filled {told}", "red" if code else "green")
    if code:
        screen.say(f"低于要求的 {at_least:g} %", f"less than the {at_least:g} % that were asked for", "red")
    first = max(found.streams, key=lambda one: len(one.unread), default=None)
    if first is not None and first.unread:
        screen.next(f"kamsync map suggest {first.place.connection} {first.place.stream}")
    else:
        screen.next("kamsync map")
    return code


def _streams(screen: Screen, found: Coverage) -> None:
    from kamsync.cli.screen import count, table
    from kamsync.engine.mapping_fields import percent

    heads = ("数据流", "实体", "记录", "已映射", "填充", "没人读", "不认得") if screen.is_zh else (
        "stream", "entity", "records", "mapped", "filled", "unread", "unknown")  # fmt: skip
    rows = [
        (f"{one.place.connection}/{one.place.stream}", one.place.entity, count(one.entities),
         f"{len(one.mapped)}/{len(one.fields)}", percent(*one.filled), count(len(one.unread)), count(len(one.unknown)))
        for one in found.streams
    ]  # fmt: skip
    screen.put(table(heads[0], heads[1], *((head, "right") for head in heads[2:]), rows=rows))


def _fields(screen: Screen, found: Coverage) -> None:
    from kamsync.cli.screen import table
    from kamsync.engine.mapping_fields import percent

    for one in found.streams:
        tiers = found.tiers if one.place.entity == "account" else []
        heads = ("字段", "填充") if screen.is_zh else ("field", "filled")
        rows = [
            (each.field, percent(each.filled, each.of), *(percent(*each.tiers.get(tier, (0, 0))) for tier in tiers))
            for each in sorted(one.mapped, key=lambda each: -each.filled)
        ]
        screen.put(table(heads[0], (heads[1], "right"), *((tier, "right") for tier in tiers), rows=rows))
        _left(screen, one)


def _left(screen: Screen, one: StreamCover) -> None:
    zh = screen.is_zh
    missing = [each.field for each in one.fields if not each.mapped]
    if missing:
        screen.line((f"{'没有映射' if zh else 'not mapped'}  ", "dim"), ", ".join(missing))
    for each in one.unread[:SHOWN]:
        screen.cut(
            (f"{'没人读' if zh else 'unread'}  ", "yellow"), f"{each.name} · {each.label}",
            (f"  {each.filled:,}  {' | '.join(each.samples)}", "dim"),
        )  # fmt: skip


def _unknown(screen: Screen, found: Coverage, currency: str) -> None:
    from kamsync.cli.screen import table
    from kamsync.engine.mapping_values import amount

    if not found.unknown:
        return
    heads = ("不认得的取值", "字段", "条数", "客户", "近 12 个月销售额") if screen.is_zh else (
        "unknown value", "field", "records", "customers", "12-month sales")  # fmt: skip
    rows = [
        (one.value, f"{one.place.connection}/{one.place.stream}.{one.field}", f"{one.count:,}",
         f"{len(one.accounts):,}", amount(one.sales, currency))
        for one in found.unknown[:SHOWN]
    ]  # fmt: skip
    screen.put(table(heads[0], heads[1], *((head, "right") for head in heads[2:]), rows=rows))
