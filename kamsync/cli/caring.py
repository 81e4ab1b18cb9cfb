"""`kamsync care`: what will be owed in the weeks to come; `kamsync care calendar`: the working days of a year."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kamsync.cli.common import Asked, AsOf, both, command, group, read_date
from kamsync.plugin.text import Text

if TYPE_CHECKING:
    from kamsync.cli.screen import Screen
    from kamsync.engine.views_care import Preview
    from kamsync.engine.working_days import Year

SHOWN = 12
Owner = Annotated[
    str | None,
    typer.Option("--owner", metavar="NAME", show_default=False,
                 help=both("只看这位负责人(姓名或员工编号)", "only of this owner, by name or user id")),
]  # fmt: skip
Weeks = Annotated[int, typer.Option("--weeks", min=1, max=26, help=both("往后看几周", "how many weeks ahead"))]
YearOf = Annotated[
    int | None,
    typer.Argument(metavar="[YEAR]", min=2000, max=2099, show_default=False, help=both("哪一年", "which year")),
]
Days = Annotated[
    list[date] | None,
    typer.Option(metavar="DATE", parser=read_date, show_default=False, help=both("可写多次", "may be given often")),
]


def register(app: typer.Typer) -> None:
    below = group(
        app,
        "care",
        Text("预览之后几周要做的客户关怀与提醒。", "Preview the reminders of the weeks to come, by week and owner."),
        "kamsync care",
        "kamsync care --owner 1001 --weeks 2",
        "kamsync care calendar 2027",
    )(care)
    command(
        below,
        "calendar",
        Text(
            "显示一年的工作日历;用 --off、--work、--plain 修改。",
            "Show a year's working calendar; change it with --off, --work and --plain.",
        ),
        "kamsync care calendar 2026",
        "kamsync care calendar --off 2027-02-04 --work 2027-02-13",
    )(calendar)


def care(asked: Asked, owner: Owner = None, weeks: Weeks = 4, as_of: AsOf = None) -> int:
    from kamsync.cli.opening import looking
    from kamsync.cli.screen import Screen
    from kamsync.engine.views_care import preview

    screen = Screen(asked)
    with looking(asked) as workspace:
        found = preview(workspace, weeks, owner, as_of)
    if asked.json:
        screen.emit(_shape(found))
        return 0
    _show(screen, found, alone=owner is not None)
    screen.next("kamsync plan" if found.coming else "kamsync tier")
    return 0


def _shape(found: Preview) -> dict[str, Any]:
    from kamsync.engine.views_care import counted

    return {
        "as_of": found.as_of.isoformat(),
        "until": found.until.isoformat(),
        "weeks": [
            {
                "from": week.isoformat(),
                "owners": [
                    dict(zip(("connection", "owner", "name"), who, strict=True))
                    | {"count": sum(rules.values()), "rules": rules}
                    for who, rules in owners.items()
                ],
            }
            for week, owners in counted(found.coming).items()
        ],
        "duties": [
            {
                "on": one.on.isoformat(), "due": one.due.isoformat(), "rule": one.rule, "account": one.account,
                "name": one.name, "priority": one.priority, "subject": {"zh": one.subject.zh, "en": one.subject.en},
                "connection": one.owner[0], "owner": one.owner[1],
            }
            for one in found.coming
        ],
    }  # fmt: skip


def _show(screen: Screen, found: Preview, *, alone: bool) -> None:
    from kamsync.cli.screen import count, lined_up, table
    from kamsync.engine.views_care import counted

    title = "之后的提醒" if screen.is_zh else "reminders to come"
    screen.line((title, "bold"), f" · {found.as_of} – {found.until} · {count(len(found.coming))}")
    weeks = counted(found.coming)
    heads = (
        ("负责人", *(f"{week:%m-%d}" for week in weeks)) if screen.is_zh else ("owner", *(f"{w:%m-%d}" for w in weeks))
    )
    people = sorted({who for owners in weeks.values() for who in owners})
    rows = [
        (f"{who[2]} ({who[0]})", *(count(sum(owners.get(who, {}).values())) for owners in weeks.values()))
        for who in people
    ]
    if rows:
        screen.put(table(heads[0], *((head, "right") for head in heads[1:]), rows=rows))
    if not found.coming:
        screen.say("没有要做的提醒", "nothing will be owed")
    elif alone:
        names = ("日期", "截止", "提醒") if screen.is_zh else ("on", "due", "reminder")
        lines = [
            (f"{one.on:%m-%d}", f"{one.due:%m-%d}", one.subject.say(screen.language)) for one in found.coming[:SHOWN]
        ]
        screen.put(lined_up((names[0], 5), (names[1], 5), (names[2], 0), rows=lines))
        if len(found.coming) > SHOWN:
            screen.say(f"… 共 {len(found.coming)} 项;全部见 --json", f"… {len(found.coming)} in all; --json has them")
    else:
        _show_rules(screen, found)


def _show_rules(screen: Screen, found: Preview) -> None:
    """How many of each rule."""
    from collections import Counter

    from kamsync.cli.screen import count
    from kamsync.rules.reminder_rules import RULES

    many = Counter(one.rule for one in found.coming)
    said = [f"{RULES[rule].title.say(screen.language)} {count(number)}" for rule, number in many.most_common()]
    screen.line(("、" if screen.is_zh else ", ").join(said))


# ---- the working calendar


def calendar(asked: Asked, year: YearOf = None, off: Days = None, work: Days = None, plain: Days = None) -> int:
    from kamsync.cli.opening import looking
    from kamsync.cli.screen import Screen
    from kamsync.engine.working_days import change, of_year

    screen = Screen(asked)
    with looking(asked) as workspace:
        asked_for = [*(off or ()), *(work or ()), *(plain or ())]
        changed = change(workspace, off or (), work or (), plain or ()) if asked_for else None
        shown = of_year(workspace, year or (asked_for[0].year if asked_for else workspace.today.year))
    if asked.json:
        screen.emit(_year_shape(shown) | ({"changed": str(changed)} if changed else {}))
        return 0
    if changed:
        screen.say(f"已改 {changed}", f"changed {changed}", "green")
    _show_year(screen, shown)
    screen.next("kamsync care")
    return 0


def _year_shape(shown: Year) -> dict[str, Any]:
    return {
        "year": shown.year,
        "provisional": shown.provisional,
        "working_days": shown.working_days,
        "off": [day.isoformat() for day in shown.off],
        "work": [day.isoformat() for day in shown.work],
        "festivals": {name: day.isoformat() for name, day in shown.festivals.items()},
        "hours": [shown.opens.isoformat("minutes"), shown.closes.isoformat("minutes")],
    }


def _show_year(screen: Screen, shown: Year) -> None:
    from kamsync.rules.reminder_rules.greeting import NAMES

    state = Text(
        "暂定:尚未公布,按周末和法定节假日推算", "provisional: weekdays less statutory festivals, until it is published"
    )
    hours = f"{shown.opens:%H:%M}–{shown.closes:%H:%M}"
    screen.line(
        (f"{shown.year}", "bold"),
        f" · {shown.working_days} 个工作日 · {hours}"
        if screen.is_zh
        else f" · {shown.working_days} working days · {hours}",
    )
    if shown.provisional:
        screen.say(state.zh, state.en, "yellow")
    screen.say("放假(含调休)", "days off on weekdays", "dim")
    for span in _spans(shown.off):
        screen.line(f"  {span}")
    if shown.work:
        days = ", ".join(f"{day:%m-%d}" for day in shown.work)
        screen.line(("调休上班 " if screen.is_zh else "weekend days worked  ", "dim"), days)
    said = ", ".join(f"{NAMES[name].say(screen.language)} {day:%m-%d}" for name, day in shown.festivals.items())
    screen.line(("节日 " if screen.is_zh else "festivals  ", "dim"), said)


def _spans(days: tuple[date, ...]) -> list[str]:
    """Runs of days, over weekends too, as 10-01..10-07."""
    found: list[list[date]] = []
    for day in days:
        if (
            found
            and (day - found[-1][-1]).days <= 3
            and all((found[-1][-1].toordinal() + step - 1) % 7 >= 5 for step in range(1, (day - found[-1][-1]).days))
        ):
            found[-1].append(day)
        else:
            found.append([day])
    return [f"{run[0]:%m-%d}" if len(run) == 1 else f"{run[0]:%m-%d}..{run[-1]:%m-%d}" for run in found]
