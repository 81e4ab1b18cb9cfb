"""`kamsync quality`: how good the customers' files are, and what to mend first."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kamsync.cli.common import Asked, AsOf, both, command
from kamsync.plugin.text import Text

if TYPE_CHECKING:
    from kamsync.engine.views_care import File

Limit = Annotated[int, typer.Option("--limit", min=1, help=both("列出几个客户", "how many accounts to list"))]


def register(app: typer.Typer) -> None:
    command(
        app,
        "quality",
        Text(
            "客户档案的质量:完整、及时、有效、唯一;先列最该补的。",
            "How good the files are: complete, fresh, valid, unique; what to mend first on top.",
        ),
        "kamsync quality",
        "kamsync quality --limit 50 --json",
    )(quality)


def quality(asked: Asked, limit: Limit = 15, as_of: AsOf = None) -> int:
    from kamsync.cli.opening import looking
    from kamsync.cli.screen import Screen, count, lined_up
    from kamsync.engine.views_care import files
    from kamsync.rules.quality import FIELDS

    screen = Screen(asked)
    with looking(asked) as workspace:
        found = files(workspace, as_of)
        day = as_of or workspace.today
    below = [file for file in found if file.found.score is not None and file.found.score < file.target]
    if asked.json:
        shown = [_shape(file) for file in found[:limit]]
        screen.emit({"as_of": day.isoformat(), "accounts": len(found), "below": len(below), "files": shown})
        return 0
    scores = [file.found.score for file in found if file.found.score is not None]
    mean = sum(scores, Decimal(0)) / len(scores) if scores else None
    said = "–" if mean is None else f"{mean:.2f}"
    screen.line(
        ("档案质量" if screen.is_zh else "file quality", "bold"),
        f" · {day} · 平均 {said} · {count(len(found))} 个客户,{count(len(below))} 个低于目标"
        if screen.is_zh
        else f" · {day} · mean {said} · {count(len(found))} accounts, {count(len(below))} below target",
    )
    heads = ("客户", "得分", "目标", "缺少") if screen.is_zh else ("account", "score", "target", "missing")
    comma = "、" if screen.is_zh else ", "
    rows = [
        (
            file.name,
            "–" if file.found.score is None else str(file.found.score),
            str(file.target),
            comma.join(FIELDS[name].say(screen.language) for name in file.found.missing) or "–",
        )
        for file in found[:limit]
    ]
    if rows:
        screen.put(lined_up((heads[0], 26), (heads[1], 6), (heads[2], 6), (heads[3], 0), rows=rows))
    screen.next("kamsync care" if found else "kamsync tier")
    return 0


def _shape(file: File) -> dict[str, Any]:
    parts = {name: getattr(file.found, name) for name in ("complete", "fresh", "valid", "unique")}
    return {
        "account": file.account,
        "name": file.name,
        "tier": file.tier,
        "score": None if file.found.score is None else str(file.found.score),
        "target": file.target,
        "parts": {name: None if value is None else str(round(value, 4)) for name, value in parts.items()},
        "missing": list(file.found.missing),
    }
