"""`kamsync map diff`: what an edited mapping would change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from kamsync.cli.common import Asked, command
from kamsync.cli.mapping_versions import Only
from kamsync.plugin.text import Text

if TYPE_CHECKING:
    from kamsync.cli.screen import Screen
    from kamsync.engine.mapping_diff import Diff, FieldDiff, StreamDiff

SHOWN = 3


def register(below: typer.Typer) -> None:
    command(
        below,
        "diff",
        Text(
            "改过的映射文件会改变什么:逐字段的条数和例子,涉及哪些客户、多少销售额、哪些指标。不访问 CRM。",
            "What an edited mapping would change: records and examples field by field, which customers and how much "
            "money are concerned, which metrics depend. No CRM is asked.",
        ),
        "kamsync map diff",
        "kamsync map diff zoho --json",
    )(diff)


def diff(asked: Asked, connection: Only = None) -> int:
    from kamsync.cli.opening import looking
    from kamsync.cli.screen import Screen
    from kamsync.engine import mapping_diff

    screen = Screen(asked)
    with looking(asked) as workspace:
        found = mapping_diff.diff(workspace, connection)
        currency = workspace.config.base_currency
    if asked.json:
        screen.emit(mapping_diff.to_json(found, asked.language))
        return 0
    news = [one for one in found if one.draft.is_news]
    for one in news:
        _show(screen, one, currency)
    if not news:
        screen.say("文件与生效的映射一致", "the files say what is in force already", "green")
        screen.next("kamsync map")
        return 0
    where = f" {news[0].draft.connection}" if len(news) == 1 else ""
    screen.next(f'kamsync map publish{where} -m "…"', f"kamsync map preview {news[0].draft.connection} accounts")
    return 0


def _show(screen: Screen, one: Diff, currency: str) -> None:
    from kamsync.engine.mapping_values import amount

    zh, draft = screen.is_zh, one.draft
    version = f"生效的是版本 {draft.version}" if zh else f"version {draft.version} is in force"
    screen.line((draft.file.name, "bold"), f"  {version}")
    if draft.why is not None:
        screen.line(("! ", "yellow"), draft.why.say(screen.language))
    if not one.streams:
        screen.say("没有一条已存的记录会变", "no record that is kept would change")
    for each in one.streams:
        _stream(screen, each)
    tiers = " · ".join(f"{name} {count}" for name, count in one.tiers.items())
    told = amount(one.sales, currency)
    screen.line(
        f"涉及 {one.accounts:,} 个客户,近 12 个月销售额 {told}" if zh else
        f"{one.accounts:,} customers concerned, 12-month net sales {told}",
        (f"  {tiers}" if tiers else "", "dim"),
    )  # fmt: skip


def _stream(screen: Screen, each: StreamDiff) -> None:
    zh = screen.is_zh
    counts = f"{each.records:,} 条中 {each.differs:,} 条有变" if zh else f"{each.differs:,} of {each.records:,} differ"
    place = each.place
    screen.line((f"{place.connection}/{place.stream}", "bold"), f"  {counts}")
    if each.comes:
        screen.say(f"  + {each.comes:,} 条进入档案", f"  + {each.comes:,} come into the files", "green")
    if each.leaves:
        screen.say(f"  - {each.leaves:,} 条离开档案", f"  - {each.leaves:,} leave the files", "red")
    for why, count in each.why.most_common(SHOWN):
        screen.line(("    ✗ ", "red"), f"{count:,} × {why.say(screen.language)}")
    for told in sorted(each.fields.values(), key=lambda told: -told.count):
        _field(screen, told)


def _field(screen: Screen, told: FieldDiff) -> None:
    from kamsync.rules.metrics import CATALOGUE

    zh = screen.is_zh
    unknown = "未知" if zh else "unknown"
    depends = [CATALOGUE[name].label.say(screen.language) for name in told.metrics]
    depends += [text.say(screen.language) for text in told.more]
    screen.cut(
        ("  ~ ", "yellow"), (f"{told.field}  ", "bold"), f"{told.count:,}",
        (f"  {'影响' if zh else 'for'} {', '.join(depends)}" if depends else "", "dim"),
    )  # fmt: skip
    for id, before, after in told.examples:
        screen.cut((f"      {id}  ", "dim"), before or unknown, (" → ", "dim"), after or unknown)
