"""`kamsync doctor`: look everything over, with a fix for each finding."""

from __future__ import annotations

import typer

from kamsync.cli.common import Asked, command
from kamsync.plugin.text import Text

MARKS = {"ok": ("✓", "green"), "warn": ("!", "yellow"), "bad": ("✗", "red")}


def register(app: typer.Typer) -> None:
    command(
        app,
        "doctor",
        Text(
            "检查配置、密钥、数据库、策略、映射和每个连接;每个问题都附解决办法。不改动任何东西。",
            "Check config, secrets, store, policies, mappings and each connection; a fix for each finding. "
            "Changes nothing.",
        ),
        "kamsync doctor",
        "kamsync doctor --json",
    )(doctor)


def doctor(asked: Asked) -> int:
    from kamsync.cli.opening import quiet_logs
    from kamsync.cli.screen import Screen
    from kamsync.engine.doctor import checkup
    from kamsync.net import SystemClock
    from kamsync.plugin import Finding

    quiet_logs()
    screen = Screen(asked)
    found = checkup(asked.config, SystemClock())
    if asked.json:
        screen.emit({"ok": found.ok, "findings": [_json(one, asked.language) for one in found.findings]})
        return found.exit_code

    def show(one: Finding) -> None:
        mark, style = MARKS[one.state]
        screen.line((f"{mark} ", style), (f"{one.check}  ", "bold"), one.detail.say(asked.language))
        if one.fix is not None and one.state != "ok":
            screen.line(("  → ", "dim"), one.fix.say(asked.language))

    for one in found.findings:
        show(one)
    bad = sum(one.state == "bad" for one in found.findings)
    warned = sum(one.state == "warn" for one in found.findings)
    screen.line()
    if found.ok:
        screen.say(f"可以开始;{warned} 处提醒。", f"Ready to go; {warned} warnings.", "green")
        screen.next("kamsync pull")
    else:
        screen.say(f"{bad} 处问题,{warned} 处提醒。", f"{bad} problems, {warned} warnings.", "red")
        screen.next("kamsync doctor")
    return found.exit_code


def _json(one: object, language: str) -> dict[str, str | None]:
    from kamsync.plugin import Finding

    assert isinstance(one, Finding)
    return {
        "check": one.check,
        "state": one.state,
        "detail": one.detail.say(language),
        "fix": one.fix.say(language) if one.fix else None,
    }
