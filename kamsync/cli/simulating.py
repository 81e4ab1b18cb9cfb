"""`kamsync sim`: a simulated CRM on this machine, for demos, tests and authors of connectors.

The simulator and its made-up world come with the connector; no command that works on real CRMs ever loads them.
"""

from __future__ import annotations

import signal
import time
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kamsync.cli.common import Asked, both, command
from kamsync.plugin.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def register(app: typer.Typer) -> None:
    command(
        app,
        "sim",
        Text(
            "在本机启动一个模拟 CRM,直到被停止;打印地址与凭据。",
            "Start a simulated CRM on this machine until it is stopped; prints its address and credentials.",
        ),
        "kamsync sim zoho --port 8801 --seed demo",
        "kamsync sim fxiaoke --port 8802 --seed demo --state fx.json --json",
    )(sim)


Connector = Annotated[
    str, typer.Argument(metavar="CONNECTOR", help=both("连接器,如 zoho", "a connector, such as zoho"))
]
Port = Annotated[int, typer.Option("--port", min=0, max=65535, help=both("端口,0 为任意", "port; 0: any"))]
Seed = Annotated[
    str | None,
    typer.Option("--seed", metavar="demo", show_default=False, help=both("装入演示数据", "load the demo's world")),
]
State = Annotated[
    Path | None,
    typer.Option("--state", metavar="FILE", show_default=False,
                 help=both("停止时存入、启动时读回的状态文件", "kept here at the end, taken up at the start")),
]  # fmt: skip
Calls = Annotated[
    int | None,
    typer.Option("--calls-per-20s", min=1, show_default=False, help=both("每 20 秒的调用数", "calls allowed in 20 s")),
]
Latency = Annotated[
    float, typer.Option("--latency", min=0, help=both("每次应答的延迟(秒)", "seconds each answer takes"))
]


def sim(
    asked: Asked,
    connector: Connector,
    port: Port = 0,
    seed: Seed = None,
    state: State = None,
    calls_per_20s: Calls = None,
    latency: Latency = 0.0,
) -> int:
    from kamsync.cli.screen import Screen

    knobs: dict[str, Any] = {} if calls_per_20s is None else {"calls_per_20s": calls_per_20s}
    with until_stopped() as stop:
        tenant = simulated(connector, port=port, seed=seed, state=state, latency=latency, **knobs)
        return serve(Screen(asked), connector, tenant, port, stop)


def serve(screen: Any, connector: str, tenant: Any, port: int, stop: Sequence[int]) -> int:
    """Start it, say where it is, and let it run until it is to stop; its state is saved then."""
    _start(tenant, connector, port)
    try:
        _tell(screen, connector, tenant)
        while not stop:
            time.sleep(0.2)
    finally:
        tenant.stop()
    return 0


def simulated(
    name: str,
    *,
    port: int = 0,
    seed: str | None = None,
    state: Path | None = None,
    latency: float = 0.0,
    today: date | None = None,
    **knobs: Any,
) -> Any:
    """A simulated tenant of this connector, not started; `seed="demo"` fills it, unless its state is taken up."""
    from kamsync.engine.connectors import find
    from kamsync.plugin.errors import ConfigError

    installed = find().connectors
    found = installed.get(name)
    if found is None or found.tenant is None or found.wire is None:  # without a network nothing can be reached
        having = ", ".join(sorted(one for one, each in installed.items() if each.tenant and each.wire))
        raise ConfigError(
            Text(f"没有 {name} 的模拟器;可选:{having}", f"there is no simulator of {name}; there are: {having}"),
            next="kamsync sim --help",
        )
    if seed not in (None, "demo"):
        raise ConfigError(Text(f"没有名为 {seed} 的数据;可选:demo", f"there is no seed {seed}; there is: demo"))
    try:
        return found.tenant(seed=seed == "demo", today=today, port=port, state=state, latency=latency, **knobs)
    except TypeError as unknown:
        why = Text(f"{name} 的模拟器没有设置 {', '.join(knobs)}", f"the simulator of {name} lacks: {', '.join(knobs)}")
        raise ConfigError(why) from unknown


def _start(tenant: Any, name: str, port: int) -> None:
    from kamsync.plugin.errors import ConfigError

    try:
        tenant.start()
    except OSError as busy:
        why = busy.strerror or type(busy).__name__
        raise ConfigError(
            Text(f"端口 {port} 不能使用:{why}", f"port {port} cannot be used: {why}"),
            next=f"kamsync sim {name} --port 0",
        ) from busy
    except (ValueError, KeyError, TypeError) as broken:
        raise ConfigError(
            Text(f"状态文件读不懂:{tenant.state}", f"the state file cannot be understood: {tenant.state}")
        ) from broken


def _tell(screen: Any, name: str, tenant: Any) -> None:
    options = dict(tenant.options())
    if screen.asked.json:
        screen.emit({"url": tenant.url, "credentials": options})
        return
    screen.say(
        f"模拟的 {name} 在 {tenant.url} 运行(Ctrl-C 停止)", f"a simulated {name} at {tenant.url} (Ctrl-C ends it)"
    )
    screen.say("放进 config.toml(另需 allow_plain_secrets = true):",
               "for config.toml (with allow_plain_secrets = true):", "dim")  # fmt: skip
    screen.line(config_block(name, name, options))
    screen.next("kamsync doctor")


def config_block(connection: str, connector: str, options: dict[str, Any], writes: str = "plan") -> str:
    """The block of a config that connects to a simulated tenant."""
    given = {"connector": connector, "mapping": f"mappings/{connector}.toml", "writes": writes} | options
    return "\n".join([f"[connections.{connection}]", *(f"{key} = {_toml(value)}" for key, value in given.items())])


def _toml(value: Any) -> str:
    import json

    if isinstance(value, list | tuple):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False)


@contextmanager
def until_stopped() -> Iterator[list[int]]:
    """SIGTERM and Ctrl-C are how a simulator ends: its state is saved and nothing is wrong.

    The signals that came are put into a list: a lock could be held by what the signal interrupts, or by its twin.
    """
    came: list[int] = []
    before = {
        number: signal.signal(number, lambda number, _: came.append(number))
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield came
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
