"""Any Singer tap as a connector: what the entry point loads.

Reads only, and without a network of ours: the tap is a child process that has its own.
"""

from __future__ import annotations

from datetime import date
from importlib.resources import files
from typing import Any

from kamsync.plugin import Clock, Connector, Http, Session, Text
from kamsync_singer.options import SingerOptions

__all__ = ["connector"]


def _mapping() -> str:
    return files(__name__).joinpath("mapping.toml").read_text("utf-8")


def _open(options: Any, http: Http, clock: Clock) -> Session:
    from kamsync_singer.session import SingerSession

    return SingerSession(options, clock)


def _tenant(*, seed: bool = False, today: date | None = None, **named: Any) -> Any:
    """A tap and its source; `seed`: with a few rows."""
    from kamsync_singer.sim import SingerTenant

    return SingerTenant(seed=seed, **named)


connector = Connector(
    name="singer",
    title=Text("Singer tap", "Singer tap"),
    options=SingerOptions,
    wire=None,
    mapping=_mapping,
    open=_open,
    tenant=_tenant,
    setup=Text(
        "把 tap 装进它自己的虚拟环境,写好它的 config.json(权限 0600),command 指向它的程序",
        "Install the tap into a virtual environment of its own, write its config.json (mode 0600), "
        "and let command point to its program",
    ),
)
