"""`python -m kamsync.testing`: the kit for authors of connectors, as a process of its own.

The command line starts it (`kamsync connector …`) and shows it in its help; the words here are the same.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kamsync.cli.common import Asked
from kamsync.cli.screen import Screen
from kamsync.plugin import ConfigError, KamsyncError, Text
from kamsync.plugin.text import same


def main(argv: Sequence[str] | None = None) -> int:
    """Do one thing; its exit code."""
    given = _parser().parse_args(argv)
    screen = Screen(Asked(given.lang, Path("config.toml"), given.json))
    try:
        return int(_ACTS[given.act](screen, given))
    except KamsyncError as known:
        screen.note(known.text.zh, known.text.en)
        if known.next:
            screen.note(f"接下来:{known.next}", f"next: {known.next}")
        return known.exit_code
    except ModuleNotFoundError as missing:
        if missing.name != "pytest":
            raise
        screen.note("检验套件需要 pytest", "the suite needs pytest")
        screen.note("接下来:pip install 'kamsync[kit]'", "next: pip install 'kamsync[kit]'")
        return 2
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kamsync connector")
    acts = parser.add_subparsers(dest="act", required=True)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--lang", default="en", choices=("zh", "en"))
    common.add_argument("--json", action="store_true")
    common.add_argument("--against", nargs=2, metavar=("CONFIG", "CONNECTION"))
    new, certify, dev, sim, claims = (
        acts.add_parser(name, parents=[common]) for name in ("new", "certify", "dev", "sim", "claims")
    )
    for each in (new, certify, dev, sim):
        each.add_argument("name")
    new.add_argument("--dir", type=Path)
    new.add_argument("--writes", action="store_true")
    certify.add_argument("--only", default="")
    certify.add_argument("--out", type=Path)
    dev.add_argument("verb")
    dev.add_argument("stream", nargs="?", default="")
    dev.add_argument("--limit", type=int, default=5)
    dev.add_argument("--trace", action="store_true")
    sim.add_argument("--fault", action="append", default=[])
    sim.add_argument("--script", type=Path)
    sim.add_argument("--knob", action="append", default=[])
    sim.add_argument("--port", type=int, default=0)
    sim.add_argument("--empty", action="store_true")
    sim.add_argument("--list", action="store_true")
    claims.add_argument("names", nargs="+")
    return parser


def _new(screen: Screen, given: Any) -> int:
    from kamsync.testing.new import make

    folder = given.dir or Path(given.name)
    made = make(given.name, folder, writes=given.writes)
    if screen.asked.json:
        screen.emit({"name": given.name, "folder": str(folder), "files": [str(path) for path in made]})
        return 0
    for path in made:
        screen.line("  " + path.as_posix())
    screen.next(f"pip install -e {folder}", f"pytest {folder}", f"kamsync connector dev {given.name} read customers")
    return 0


def _certify(screen: Screen, given: Any) -> int:
    from kamsync.testing.certify import against, certify

    if given.against:
        config, connection = given.against
        return against(screen, given.name, Path(config), connection, only=given.only, out=given.out)
    return certify(screen, given.name, only=given.only, out=given.out)


def _dev(screen: Screen, given: Any) -> int:
    from kamsync.cli.opening import quiet_logs
    from kamsync.testing.dev import Asked as Shown
    from kamsync.testing.dev import dev

    quiet_logs()
    there = (Path(given.against[0]), given.against[1]) if given.against else None
    return dev(screen, given.name, Shown(given.verb, given.stream, given.limit, given.trace), there)


def _sim(screen: Screen, given: Any) -> int:
    from kamsync.cli.simulating import serve, simulated, until_stopped
    from kamsync.testing.weather import scripted, strike

    turned = dict(_knob(each) for each in given.knob)
    with until_stopped() as stop:
        seed = None if given.empty or given.list else "demo"
        tenant = simulated(given.name, port=given.port, seed=seed, **turned)
        if given.list:
            return _list(screen, tenant)
        script = scripted(given.script) if given.script else []
        for each in (*given.fault, *script):
            strike(tenant, each)
        return serve(screen, given.name, tenant, given.port, stop)


def _knob(written: str) -> tuple[str, Any]:
    name, equals, value = written.partition("=")
    if not equals:
        raise ConfigError(Text(f"{written!r} 应写作 名字=值", f"{written!r} is to be NAME=VALUE"))
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _list(screen: Screen, tenant: Any) -> int:
    from kamsync.testing.weather import NAMED, knobs

    tenant.server.stop()
    turned = knobs(tenant)
    if screen.asked.json:
        faults = {_with_value(name, weather): weather.what.say(screen.language) for name, weather in NAMED.items()}
        screen.emit({"faults": faults, "knobs": {name: str(value) for name, value in turned.items()}})
        return 0
    screen.say(
        "故障(--fault 名字[=值][@匹配][+先放过几次][*次数]):",
        "faults (--fault NAME[=VALUE][@PATTERN][+SKIP][*TIMES]):",
        "dim",
    )
    for name, weather in NAMED.items():
        screen.line((f"  {_with_value(name, weather):22}", "bold"), weather.what.say(screen.language))
    screen.say("设置(--knob 名字=值):", "settings (--knob NAME=VALUE):", "dim")
    for name, value in turned.items():
        screen.line((f"  {name:22}", "bold"), repr(value))
    return 0


def _with_value(name: str, weather: Any) -> str:
    return f"{name}={weather.usual}" if weather.usual else name


def _claims(screen: Screen, given: Any) -> int:
    """One line of JSON a connector. A stranger's simulator may fail in any way: then its line says so."""
    from kamsync.cli.opening import quiet_logs
    from kamsync.testing.certify import installed
    from kamsync.testing.claims import claims

    quiet_logs()
    for name in given.names:
        try:
            told = claims(installed(name))
        except Exception as broken:  # noqa: BLE001  a stranger's code; it is named, and the others go on
            told = {"name": name, "capabilities": None, "levels": None, "why": same(repr(broken)).en}
        screen.emit(told)
    return 0


_ACTS = {"new": _new, "certify": _certify, "dev": _dev, "sim": _sim, "claims": _claims}

if __name__ == "__main__":
    sys.exit(main())
