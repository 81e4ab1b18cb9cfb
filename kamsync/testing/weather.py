"""Faults by name, for `kamsync connector sim`: what each does, and how one is written.

A name stands for what may happen; how strong, where, when and how often is said with it:
NAME[=VALUE][@PATTERN][+SKIP][*TIMES]. A script is a file with one a line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from kamsync.plugin import ConfigError, Text
from kamsync.plugin.document import did_you_mean
from kamsync.testing.faults import PORTAL, Fault
from kamsync.testing.server import Answer
from kamsync.testing.tenant import Lacks, Tenant
from kamsync.testing.weather_made import Strike, Told, Weather, each_call
from kamsync.testing.weather_people import PEOPLE

WRITTEN = re.compile(
    r"(?P<name>[a-z_]+)(?:=(?P<value>[^@+*]*))?(?:@(?P<on>.*?))?(?:\+(?P<skip>\d+))?(?:\*(?P<times>\d+))?"
)


def _fault(kind: Any, **more: Any) -> Strike:
    def strike(tenant: Tenant, told: Told) -> None:
        tenant.fault(Fault(kind, on=told.on, times=told.times, skip=told.skip, **more))

    return strike


def _held(kind: Any) -> Strike:
    """A fault that lasts as many seconds as are told."""
    return lambda tenant, told: _fault(kind, seconds=float(told.value))(tenant, told)


def _answer(tenant: Tenant, said: Answer | None, told: Told) -> None:
    if said is None:
        raise Lacks("such a limit")
    _fault("answer", status=said.status, body=said.body, headers=dict(said.headers))(tenant, told)


def _dead_token(tenant: Tenant, told: Told) -> None:
    """The token is dead before the call is looked at."""
    each_call(tenant, told, lambda call: None if "token" in call.path.lower() else tenant.expire_token(), token=False)


LINE: Mapping[str, Weather] = {
    "drop": Weather(Text("断线,什么也没发生", "the line drops, nothing happened"), _fault("drop_before")),
    "timeout_after_commit": Weather(Text("已生效,但没有回答", "applied, and no answer comes"), _fault("drop_after")),
    "error_after_commit": Weather(
        Text("已生效,却回 502 页面", "applied, and a 502 page comes"), _fault("error_after", status=502, body=PORTAL)
    ),
    "truncated": Weather(Text("已生效,回答断在一半", "applied, and half of the answer comes"), _fault("truncate")),
    "slow": Weather(Text("回答用这么多秒才到", "the answer takes so many seconds to arrive"), _held("slow"), "90"),
    "late": Weather(Text("这么多秒后才生效", "applied so many seconds later"), _held("late"), "90"),
    "login_page": Weather(Text("200,却是登录页", "200, and a login page"), _fault("answer", status=200, body=PORTAL)),
    "server_error": Weather(Text("503", "503"), _fault("answer", status=503, body=PORTAL)),
    "status": Weather(
        Text("这个 HTTP 状态,没有正文", "this HTTP status, and no body"),
        lambda tenant, told: _fault("answer", status=int(told.value), body=b"")(tenant, told), "502",
    ),
    "empty": Weather(Text("200,没有内容", "200, and nothing in it"), _fault("answer", status=200, body=b"")),
    "code": Weather(
        Text("CRM 自己的错误码,按它自己的写法", "the CRM's own error of this code, in its own envelope"),
        lambda tenant, told: _answer(tenant, tenant.says(told.value), told), "1",
    ),
    "too_fast": Weather(
        Text("调用过于频繁", "too many calls"), lambda tenant, told: _answer(tenant, tenant.too_fast(), told)
    ),
    "day_spent": Weather(
        Text("当日额度用完", "the day's calls are used up"),
        lambda tenant, told: _answer(tenant, tenant.spent(), told),
    ),
    "dead_token": Weather(Text("令牌突然失效", "the token has died"), _dead_token),
}  # fmt: skip
NAMED: Mapping[str, Weather] = {**LINE, **PEOPLE}


def strike(tenant: Tenant, written: str) -> None:
    """Let a fault as it was written come over a tenant."""
    read = WRITTEN.fullmatch(written)
    named = NAMED.get(read["name"]) if read else None
    if read is None or named is None:
        raise _unknown(read["name"] if read else written)
    told = Told(read["value"] or named.usual, read["on"] or "", int(read["skip"] or 0), int(read["times"] or 1))
    try:
        named.strike(tenant, told)
    except Lacks as lacks:
        raise ConfigError(Text(f"这个模拟 CRM 没有:{lacks}", f"this simulated CRM lacks {lacks}")) from lacks
    except ValueError as odd:
        raise ConfigError(
            Text(f"{written}:{told.value!r} 不合适", f"{written}: {told.value!r} is no value for it"),
            next="kamsync connector sim NAME --list",
        ) from odd


def _unknown(name: str) -> ConfigError:
    close = did_you_mean(name, NAMED)
    more = Text(f";{close.zh}", f"; {close.en}") if close else Text("", "")
    return ConfigError(
        Text(f"没有名为 {name} 的故障{more.zh}", f"there is no fault {name}{more.en}"),
        next="kamsync connector sim --help",
    )


def scripted(path: Path) -> list[str]:
    """The faults of a script, in order: one a line; what follows # is for people."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except OSError as broken:
        why = broken.strerror or type(broken).__name__
        raise ConfigError(Text(f"读不了 {path}:{why}", f"{path} cannot be read: {why}")) from broken
    return [fault for line in lines if (fault := line.partition("#")[0].strip())]


def knobs(tenant: Any) -> dict[str, Any]:
    """The settings of a simulated CRM, and what they are; by custom the dataclass `knobs` holds them."""
    held = getattr(tenant, "knobs", None)
    return {each.name: getattr(held, each.name) for each in fields(held)} if is_dataclass(held) else {}
