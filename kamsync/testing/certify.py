"""`kamsync connector certify`: try a connector, tell what it keeps, grade it, and keep the report in its package.

Against a configured connection it only reads, and gives no grade: what people's hands must do, nobody does there.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kamsync import __version__
from kamsync.cli.screen import Screen, table
from kamsync.engine import certificates
from kamsync.engine.connectors import find
from kamsync.plugin import ConfigError, Connector, Text
from kamsync.testing.claims import claims
from kamsync.testing.grades import GROUPS, RULES, UNCLAIMED, grade
from kamsync.testing.watching import NAME, Outcome, watched

FAILED = 7
CASE, LIVE = "kamsync.testing.case", "kamsync.testing.live"  # pytest imports them, once the environment names whom
MARKS = {"passed": ("·", "green"), "failed": ("✗", "bold red"), "skipped": ("s", "dim")}


def installed(name: str) -> Connector:
    """The connector of this name, or why there is none."""
    found = find()
    if name in found.connectors:
        return found.connectors[name]
    why = next((broken.why for broken in found.broken if broken.name == name), None)
    having = ", ".join(sorted(found.connectors))
    none = Text(f"没有名为 {name} 的连接器;已装:{having}", f"there is no connector {name}; installed: {having}")
    raise ConfigError(why or none, next="kamsync connector list")


def certify(screen: Screen, name: str, *, only: str = "", out: Path | None = None) -> int:
    """Every check against the simulated tenant."""
    connector = installed(name)
    if connector.tenant is None:
        raise ConfigError(
            Text(
                f"连接器 {name} 没有带模拟 CRM,检验套件无从下手",
                f"the connector {name} brings no simulated CRM, which the suite needs",
            ),
            next="kamsync connector list",
        )
    os.environ[NAME] = name
    outcomes = _run(screen, CASE, only)
    report = report_of(connector, outcomes)
    if only:
        report["grade"] = report["rule"] = None
    else:
        report["kept"] = str(certificates.keep(find().origins[name].package, _paper(report)) or "") or None
    _end(screen, report, outcomes, out)
    return FAILED if report["failed"] else 0


def against(
    screen: Screen, name: str, config: Path, connection: str, *, only: str = "", out: Path | None = None
) -> int:
    """The checks that a real tenant allows: those that read."""
    connector = installed(name)
    os.environ["KAMSYNC_LIVE_CONFIG"], os.environ["KAMSYNC_LIVE_CONNECTION"] = str(config.absolute()), connection
    outcomes = _run(screen, LIVE, only)
    report = {**_counts(outcomes), "connector": connector.name, "against": connection, "grade": None}
    _end(screen, report, outcomes, out)
    return FAILED if report["failed"] else 0


def report_of(connector: Connector, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """All that is known of a connector after the suite: what planners, lists and people read."""
    origin = find().origins[connector.name]
    told = claims(connector)
    letter = grade(((one.group, one.result) for one in outcomes), told["levels"])
    return {
        "connector": connector.name,
        "version": origin.version,
        "provider": origin.provider,
        "contract": connector.contract,
        "kamsync": __version__,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "grade": letter,
        "rule": RULES[letter].en,
        "capabilities": told["capabilities"],
        "levels": told["levels"],
        **_counts(outcomes),
        "groups": _groups(outcomes),
        "checks": [one.to_json() for one in outcomes],
    }


def _paper(report: dict[str, Any]) -> dict[str, Any]:
    """What travels with the package: of single checks those that failed, and what was lacking for the others."""
    checks = report["checks"]
    lacking = sorted({one["message"].removesuffix(UNCLAIMED) for one in checks if one["result"] == "skipped"})
    failed = [one for one in checks if one["result"] == "failed"]
    return {**report, "checks": failed, "not_applicable_for_want_of": lacking}


def _counts(outcomes: Sequence[Outcome]) -> dict[str, int]:
    return {result: sum(one.result == result for one in outcomes) for result in ("passed", "failed", "skipped")}


def _groups(outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    names = dict.fromkeys(one.group for one in outcomes)
    return [{"group": name, **_counts([one for one in outcomes if one.group == name])} for name in names]


# ---- telling


def _run(screen: Screen, module: str, only: str) -> list[Outcome]:
    """The checks of a module, a mark each on the way."""
    screen.note("正在逐条检验 …", "trying one promise after the other …")
    began = [""]

    def each(one: Outcome) -> None:
        if screen.asked.json:
            return
        if one.group != began[0]:
            began[0] = one.group
            title = GROUPS[one.group].title.say(screen.language) if one.group in GROUPS else one.group
            screen.out.print(f"\n{title}  ", style="dim", end="")
        mark, style = MARKS[one.result]
        screen.out.print(mark, style=style, end="")

    outcomes = watched(module, only, each)
    if not screen.asked.json:
        screen.out.print()
    if not outcomes:
        raise ConfigError(
            Text(f"没有名字里含 {only!r} 的检查", f"no check has {only!r} in its name"),
            next="kamsync connector certify NAME",
        )
    return outcomes


def _end(screen: Screen, report: dict[str, Any], outcomes: Sequence[Outcome], out: Path | None) -> None:
    if out is not None:
        out.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", "utf-8")
    if screen.asked.json:
        screen.emit(report)
        return
    for one in outcomes:
        if one.result == "failed":
            _failure(screen, report["connector"], one)
    _summary(screen, report, outcomes)


def _failure(screen: Screen, name: str, one: Outcome) -> None:
    """What was promised, why it matters, what came instead, and the smallest way to see it again."""
    screen.line("\n", ("✗ ", "bold red"), (one.check.removeprefix("test_").replace("_", " "), "bold"))
    screen.line(("  " + one.why, "dim"))
    for line in one.message.splitlines()[:6]:
        screen.line("  " + line)
    if one.place:
        screen.line((f"  {one.place}", "dim"))
    if one.calls:
        screen.say("  最后几次调用:", "  the last calls:", "dim")
        for call in one.calls:
            screen.line("    " + call)
    screen.next(f'kamsync connector certify {name} --only "{one.check}"')


def _summary(screen: Screen, report: dict[str, Any], outcomes: Sequence[Outcome]) -> None:
    zh = screen.is_zh
    heads = ("检查", ("通过", "right"), ("未过", "right"), ("跳过", "right"))
    english = ("checks", ("passed", "right"), ("failed", "right"), ("skipped", "right"))
    rows = [
        (
            GROUPS[each["group"]].title.say(screen.language) if each["group"] in GROUPS else each["group"],
            *(str(each[result]) for result in ("passed", "failed", "skipped")),
        )
        for each in _groups(outcomes)
    ]
    screen.say("", "")
    screen.put(table(*(heads if zh else english), rows=rows))
    lacking = sorted({one.message.removesuffix(UNCLAIMED) for one in outcomes if one.result == "skipped"})
    if lacking:
        listed = "; ".join(lacking)
        screen.say(f"不适用(没有声明,或没有这样东西):{listed}", f"not applicable, for want of: {listed}", "dim")
    if report["grade"]:
        rule = RULES[report["grade"]]
        screen.say(f"\n等级 {report['grade']}:{rule.zh}", f"\ngrade {report['grade']}: {rule.en}", "bold")
        if report.get("kept"):
            screen.say(f"报告存于 {report['kept']}", f"the report is kept at {report['kept']}", "dim")
    screen.next("kamsync connector list")
