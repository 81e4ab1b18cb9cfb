"""The screen that explains one account: 80 columns, about 40 rows."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text as Styled

from kamsync.cli.screen import Screen
from kamsync.engine.views_explain import Explanation
from kamsync.rules.scoring import DimensionScore, MetricScore
from kamsync.rules.wording import say, short

BAR = 20
MEMBERS = 4
MISSING = 6


def show_explanation(screen: Screen, told: Explanation) -> None:
    """Who, where they stand, the points that make up the score, why, and what would change it."""
    _head(screen, told)
    _points(screen, told)
    _reasons(screen, told)
    _steps(screen, told)
    _missing(screen, told)


def _head(screen: Screen, told: Explanation) -> None:
    row, zh = told.row, screen.is_zh
    screen.line((told.name, "bold"), (f"  {told.account}", "dim"))
    score = "–" if row["score"] is None else str(row["score"])
    known = f"{short(row['coverage'] * 100)}%"
    screen.line(
        (told.tier_label.say(screen.language), "bold cyan"),
        f" · {score} 分 · 已知 {known} · 自 {row['since']} · 按 {row['as_of']} 评"
        if zh
        else f" · score {score} · {known} known · since {row['since']} · as of {row['as_of']}",
    )
    shown = [f"{m.connection}/{m.remote_id} {m.name}" for m in told.members[:MEMBERS]]
    more = len(told.members) - MEMBERS
    for place, member in enumerate(shown):
        screen.line(("成员 " if zh else "members ", "dim") if place == 0 else "     " if zh else "        ", member)
    if more > 0:
        screen.say(f"     … 另有 {more} 个", f"        … and {more} more")


# ---- points


def _points(screen: Screen, told: Explanation) -> None:
    made = Table(box=None, show_header=True, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim", expand=True)
    zh = screen.is_zh
    heads = ("", "数值", "得分", "分数", "来源") if zh else ("", "value", "0–100", "points", "source")
    made.add_column(heads[0], width=22 if zh else 26, no_wrap=True, overflow="ellipsis")
    for head, width in zip(heads[1:4], (14, 6, 6), strict=True):
        made.add_column(head, justify="right", width=width, no_wrap=True, overflow="ellipsis")
    made.add_column(heads[4], no_wrap=True, overflow="ellipsis", ratio=1)
    for dimension in told.verdict.dimensions:
        _dimension_row(screen, made, dimension)
        for part in dimension.metrics:
            _metric_row(screen, made, told, part)
    total = told.verdict.score
    made.add_row(
        Styled("合计" if zh else "total", style="bold"), "", "",
        Styled("–" if total is None else str(total), style="bold"), "",
    )  # fmt: skip
    screen.put(made)


def _dimension_row(screen: Screen, made: Table, dimension: DimensionScore) -> None:
    scored = dimension.score
    filled = 0 if scored is None else round(float(scored) / 100 * BAR)
    bar = Styled("█" * filled, style="cyan") + Styled("░" * (BAR - filled), style="dim")
    made.add_row(
        Styled(dimension.label.say(screen.language), style="bold"),
        Styled(("权重 " if screen.is_zh else "weight ") + short(dimension.weight), style="dim"),
        "–" if scored is None else str(scored),
        Styled(str(dimension.points), style="bold"),
        bar if scored is not None else Styled(_unknown(screen), style="dim"),
    )


def _metric_row(screen: Screen, made: Table, told: Explanation, part: MetricScore) -> None:
    metric = told.metrics.get(part.name)
    known = part.value is not None and part.score is not None
    value = say(part.value, part.unit).say(screen.language) if part.value is not None else _unknown(screen)
    why = metric.note if metric and metric.note and not known else metric.source if metric else None
    mark = (" *" if part.assumed else "") + (" Δ" if part.name in told.drifted else "")
    made.add_row(
        "  " + part.label.say(screen.language) + mark,
        value,
        str(part.score) if part.score is not None else "–",
        str(part.points) if known else "–",
        why.say(screen.language) if why else "",
        style="" if known else "dim",
    )


def _unknown(screen: Screen) -> str:
    return "未知" if screen.is_zh else "unknown"


# ---- words


def _reasons(screen: Screen, told: Explanation) -> None:
    lines = [reason.say(screen.language) for reason in told.verdict.reasons]
    _listed(screen, "理由" if screen.is_zh else "why", lines)


def _steps(screen: Screen, told: Explanation) -> None:
    steps = (("↑", told.verdict.nearest.up), ("↓", told.verdict.nearest.down))
    lines = [f"{arrow} {step.text.say(screen.language)}" for arrow, step in steps if step is not None]
    _listed(screen, "最近的变化" if screen.is_zh else "nearest change", lines)


def _missing(screen: Screen, told: Explanation) -> None:
    if any(part.assumed for dimension in told.verdict.dimensions for part in dimension.metrics):
        screen.say("* 含假定,见理由", "* partly assumed, see why", "dim")
    if told.drifted:
        screen.say(
            "Δ 评级之后数据有变:此处显示评级时的数值", "Δ data has changed since: shown is what judged", "yellow"
        )
    elif told.dirty:
        screen.say("评级之后有新数据到达", "something landed since it was judged", "yellow")


def _listed(screen: Screen, title: str, lines: Sequence[str]) -> None:
    if not lines:
        return
    made = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1, 0, 0))
    made.add_column(no_wrap=True, style="dim")
    made.add_column(overflow="fold")
    for place, line in enumerate(lines):
        made.add_row(title if place == 0 else "", line)
    screen.put(made)
