"""`kamsync connector`: what engineers who write connectors need: list, new, certify, dev, sim.

All but the list is done by `python -m kamsync.testing`, in a process of its own. The room of the suite and of the
simulated CRMs stands above the command line and is never imported here: no command that works on a real CRM can come to
load it, and what the suite changes in a process (logging, warnings, assertions) ends with that process.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from kamsync.cli.common import Asked, both, command, group
from kamsync.plugin.text import Text

FAULTS = (
    "drop, timeout_after_commit, error_after_commit, truncated, slow, late, login_page, server_error, status, empty, "
    "code, too_fast, day_spent, dead_token"
)
PEOPLE = "ties, disorder, moving, rival, backup, locked, deleted, merged, lag, wall, forbidden, skewed"


def register(app: typer.Typer) -> None:
    below = group(
        app,
        "connector",
        Text(
            "连接器:列出已装的,新建、试跑、检验一个。",
            "Connectors: list what is installed; make, try and certify one.",
        ),
        "kamsync connector list",
        "kamsync connector new acme",
    )(list_connectors)
    command(
        below, "list", Text("已装的连接器、能力与等级。", "What is installed, what it can do, its grade."),
        "kamsync connector list --json",
    )(list_connectors)  # fmt: skip
    _making(below)
    _trying(below)


def _making(below: typer.Typer) -> None:
    """Commands that make a connector and grade it."""
    command(
        below,
        "new",
        Text(
            "新建一个连接器软件包:能安装、能通过检验,再改成你的 CRM。",
            "Make a connector's package: it installs and passes the suite; then make it your CRM's.",
        ),
        "kamsync connector new acme",
        "kamsync connector new acme --writes --dir src/acme",
    )(new)
    command(
        below,
        "certify",
        Text(
            "对照模拟 CRM 逐条检验一个连接器,给出等级;结果存在它的软件包里。",
            "Try a connector against its simulated CRM, promise by promise, and grade it; the result stays in its "
            "package.",
        ),
        "kamsync connector certify acme",
        "kamsync connector certify acme --only every_record",
        "kamsync connector certify zoho --against config.toml zoho",
    )(certify)


def _trying(below: typer.Typer) -> None:
    """Commands that look at one connector at work."""
    command(
        below,
        "dev",
        Text(
            "看一个连接器怎样读:请求、记录、游标;默认对着它的模拟 CRM。",
            "Watch a connector read: calls, records, cursors; by default from its simulated CRM.",
        ),
        "kamsync connector dev acme read customers --limit 5 --trace",
        "kamsync connector dev zoho read accounts --against config.toml zoho",
        "kamsync connector dev acme check",
    )(dev)
    command(
        below,
        "sim",
        Text(
            f"启动模拟 CRM,并让它出指定的故障。\n\n线路与应答:{FAULTS}。\n\n人、别的程序、CRM 的脾气:{PEOPLE}。\n\n"
            "写作 名字[=值][@匹配][+先放过几次][*次数];--list 逐条说明,并列出设置。",
            f"Start the simulated CRM with faults of your choice.\n\nOn the line: {FAULTS}.\n\n"
            f"People, other programs, the CRM's ways: {PEOPLE}.\n\n"
            "Written NAME[=VALUE][@PATTERN][+SKIP][*TIMES]; --list explains each, and the settings.",
        ),
        "kamsync connector sim acme --fault timeout_after_commit",
        'kamsync connector sim acme --fault "too_fast@GET /records*3"',
        "kamsync connector sim zoho --fault rival=20*500 --fault backup+200",
        "kamsync connector sim zoho --script night.faults",
        "kamsync connector sim acme --list",
    )(sim)


Name = Annotated[str, typer.Argument(metavar="NAME", help=both("连接器的名字", "the connector's name"))]
Against = Annotated[
    tuple[Path, str] | None,
    typer.Option("--against", metavar="CONFIG CONNECTION", show_default=False,
                 help=both("改为对着这个配置里的真实连接,只读", "a configured connection instead; read only")),
]  # fmt: skip


def new(
    asked: Asked,
    name: Name,
    dir: Annotated[
        Path | None,
        typer.Option("--dir", show_default=False, help=both("文件夹,默认 ./NAME", "the folder, by default ./NAME")),
    ] = None,
    writes: Annotated[bool, typer.Option("--writes", help=both("连写入部分一起", "with the writing half"))] = False,
) -> int:
    return _child(asked, "new", name, *(["--dir", str(dir)] if dir else []), *(["--writes"] if writes else []))


def certify(
    asked: Asked,
    name: Name,
    against: Against = None,
    only: Annotated[
        str | None,
        typer.Option("--only", metavar="WORDS", show_default=False,
                     help=both("只做名字含这段文字的检查;不评级", "only checks with this in their name; no grade")),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", show_default=False,
                     help=both("报告另存一份(JSON)", "keep the report (JSON) here too")),
    ] = None,
) -> int:  # fmt: skip
    words = [*_against(against), *(["--only", only] if only else []), *(["--out", str(out)] if out else [])]
    return _child(asked, "certify", name, *words)


def dev(
    asked: Asked,
    name: Name,
    verb: Annotated[str, typer.Argument(metavar="VERB", help="check | streams | fields | read | gone")] = "check",
    stream: Annotated[
        str,
        typer.Argument(
            metavar="[STREAM]", show_default=False, help=both("数据流或 CRM 对象", "a stream or the CRM's object")
        ),
    ] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, help=both("最多几条记录", "records at most"))] = 5,
    trace: Annotated[bool, typer.Option("--trace", help=both("显示每次请求", "show each call"))] = False,
    against: Against = None,
) -> int:
    words = [*([stream] if stream else []), "--limit", str(limit), *(["--trace"] if trace else []), *_against(against)]
    return _child(asked, "dev", name, verb, *words)


def sim(
    asked: Asked,
    name: Name,
    fault: Annotated[
        list[str] | None,
        typer.Option("--fault", metavar="FAULT", show_default=False,
                     help=both("故障,可多次给出", "a fault; may be given again")),
    ] = None,
    script: Annotated[
        Path | None,
        typer.Option("--script", metavar="FILE", show_default=False,
                     help=both("故障脚本:每行一个故障,# 后为说明", "faults, one a line; # begins a remark")),
    ] = None,
    knob: Annotated[
        list[str] | None,
        typer.Option("--knob", metavar="NAME=VALUE", show_default=False,
                     help=both("模拟 CRM 的设置,可多次给出", "a setting of the simulated CRM; may be given again")),
    ] = None,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help=both("端口,0 为任意", "port; 0: any"))] = 0,
    empty: Annotated[bool, typer.Option("--empty", help=both("不装演示数据", "without the made-up world"))] = False,
    list_: Annotated[
        bool, typer.Option("--list", help=both("列出故障与设置", "list faults and settings, and end"))
    ] = False,
) -> int:  # fmt: skip
    words = [word for each in fault or () for word in ("--fault", each)]
    words += [word for each in knob or () for word in ("--knob", each)]
    words += ["--script", str(script)] if script else []
    words += ["--port", str(port), *(["--empty"] if empty else []), *(["--list"] if list_ else [])]
    return _child(asked, "sim", name, *words)


def _against(against: tuple[Path, str] | None) -> list[str]:
    return ["--against", str(against[0]), against[1]] if against else []


# ---- the process beside


def _command(asked: Asked, words: tuple[str, ...]) -> list[str]:
    spoken = ["--lang", asked.language, *(["--json"] if asked.json else [])]
    return [sys.executable, "-m", "kamsync.testing", *words, *spoken]


def _child(asked: Asked, *words: str) -> int:
    """Let `kamsync.testing` do it, on this screen; its exit code. Being asked to stop is passed on."""
    process = subprocess.Popen(_command(asked, words))  # noqa: S603  our own interpreter, our own words
    # A terminal's Ctrl-C reaches the child by itself; what is meant for this process alone is handed on.
    before = {
        signal.SIGINT: signal.signal(signal.SIGINT, signal.SIG_IGN),
        signal.SIGTERM: signal.signal(signal.SIGTERM, lambda *_: process.terminate()),
    }
    try:
        return process.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


# ---- the list


def list_connectors(asked: Asked) -> int:
    from kamsync.cli.screen import Screen, table
    from kamsync.engine.connectors import find

    screen = Screen(asked)
    found = find()
    rows = _rows(asked)
    broken = [{"name": one.name, "provider": one.provider, "why": one.why.say(asked.language)} for one in found.broken]
    if asked.json:
        screen.emit({"connectors": rows, "broken": broken})
        return 0
    zh = screen.is_zh
    heads = (
        ("名称", "版本", "提供者", "契约", "等级", "能力")
        if zh
        else ("name", "version", "from", "contract", "grade", "can")
    )
    shown = [
        (row["name"], row["version"], row["provider"], str(row["contract"]), _grade(row, zh=zh), _can(row))
        for row in rows
    ]
    screen.put(table(*heads, rows=shown))
    for one in broken:
        screen.trouble(f"{one['name']} ({one['provider']})", Text(one["why"], one["why"]))
    screen.next("kamsync connector certify NAME", "kamsync connector new acme")
    return 0


def _rows(asked: Asked) -> list[dict[str, Any]]:
    from kamsync.engine import certificates
    from kamsync.engine.connectors import find

    found = find()
    papers = {name: certificates.kept(origin.package) for name, origin in found.origins.items()}
    unknown = [name for name, paper in papers.items() if paper is None or not paper.stands]
    claims = _claims(asked, unknown)
    rows = []
    for name, connector in sorted(found.connectors.items()):
        origin, paper = found.origins[name], papers[name]
        told = paper.report if paper is not None and paper.stands else claims.get(name, {})
        rows.append({
            "name": name, "title": connector.title.say(asked.language), "version": origin.version,
            "provider": origin.provider, "contract": connector.contract, "simulated": connector.tenant is not None,
            "capabilities": told.get("capabilities"), "levels": told.get("levels"),
            "grade": paper.grade if paper else None, "graded": _graded(paper),
        })  # fmt: skip
    return rows


def _graded(paper: Any) -> str:
    return "never" if paper is None else "now" if paper.stands else "older code"


def _claims(asked: Asked, names: list[str]) -> dict[str, Any]:
    """What connectors claim when they are asked; a stranger's simulator that hangs costs a minute and no more."""
    if not names:
        return {}
    try:
        done = subprocess.run(  # noqa: S603  our own interpreter, our own words
            _command(asked, ("claims", *names)),
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )
        lines = [json.loads(line) for line in done.stdout.splitlines()]
    except (subprocess.TimeoutExpired, ValueError):
        return {}
    return {line["name"]: line for line in lines}


def _grade(row: dict[str, Any], *, zh: bool) -> str:
    if row["grade"] is None:
        return "–"
    return f"{row['grade']}{'(代码已变)' if zh else ' (code changed)'}" if row["graded"] != "now" else str(row["grade"])


def _can(row: dict[str, Any]) -> str:
    if row["capabilities"] is None:
        return "?"
    levels = ", ".join(f"{facet} {level}" for facet, level in (row["levels"] or {}).items())
    return " ".join([*row["capabilities"], *([f"({levels})"] if levels else [])])
