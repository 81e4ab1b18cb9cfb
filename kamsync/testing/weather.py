"""Faults by name, for `kamsync connector sim`: what each does, and how one is written.

A name stands for what may happen to a call; where and how often is said with it: NAME[@PATTERN][*TIMES].
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from kamsync.plugin import ConfigError, Text
from kamsync.plugin.document import did_you_mean
from kamsync.testing.faults import PORTAL, Fault
from kamsync.testing.server import Answer, Call
from kamsync.testing.tenant import Tenant

Strike = Callable[[Tenant, str, int], None]  # the tenant, which calls, how often
WRITTEN = re.compile(r"(?P<name>[a-z_]+)(?:@(?P<on>.*?))?(?:\*(?P<times>\d+))?")


@dataclass(frozen=True, slots=True)
class Weather:
    """One kind of trouble."""

    what: Text
    strike: Strike


def _fault(kind: Any, **more: Any) -> Strike:
    return lambda tenant, on, times: tenant.fault(Fault(kind, on=on, times=times, **more))


def _answer(tenant: Tenant, said: Answer | None, on: str, times: int) -> None:
    if said is None:
        raise ConfigError(Text("这个 CRM 没有这样的限额", "this CRM has no such limit"))
    headers = dict(said.headers)
    tenant.fault(Fault("answer", on=on, times=times, status=said.status, body=said.body, headers=headers))


def _dead_token(tenant: Tenant, on: str, times: int) -> None:
    """The token is dead before the call is looked at."""
    handle, left = tenant.server.handle, [times]

    def kill(call: Call) -> Answer:
        if left[0] and re.search(on, f"{call.method} {call.path}") and "token" not in call.path.lower():
            left[0] -= 1
            tenant.expire_token()
        return handle(call)

    tenant.server.handle = kill


NAMED: Mapping[str, Weather] = {
    "drop": Weather(Text("断线,什么也没发生", "the line drops, nothing happened"), _fault("drop_before")),
    "timeout_after_commit": Weather(Text("已生效,但没有回答", "applied, and no answer comes"), _fault("drop_after")),
    "error_after_commit": Weather(
        Text("已生效,却回 502 页面", "applied, and a 502 page comes"), _fault("error_after", status=502, body=PORTAL)
    ),
    "truncated": Weather(Text("已生效,回答断在一半", "applied, and half of the answer comes"), _fault("truncate")),
    "slow": Weather(Text("回答用 90 秒才到", "the answer takes 90 s to arrive"), _fault("slow", seconds=90.0)),
    "late": Weather(Text("90 秒后才生效", "applied 90 s later"), _fault("late", seconds=90.0)),
    "login_page": Weather(Text("200,却是登录页", "200, and a login page"), _fault("answer", status=200, body=PORTAL)),
    "server_error": Weather(Text("503", "503"), _fault("answer", status=503, body=PORTAL)),
    "empty": Weather(Text("200,没有内容", "200, and nothing in it"), _fault("answer", status=200, body=b"")),
    "too_fast": Weather(
        Text("调用过于频繁", "too many calls"), lambda tenant, on, times: _answer(tenant, tenant.too_fast(), on, times)
    ),
    "day_spent": Weather(
        Text("当日额度用完", "the day's calls are used up"),
        lambda tenant, on, times: _answer(tenant, tenant.spent(), on, times),
    ),
    "dead_token": Weather(Text("令牌突然失效", "the token has died"), _dead_token),
}


def strike(tenant: Tenant, written: str) -> None:
    """Let a fault as it was written come over a tenant."""
    read = WRITTEN.fullmatch(written)
    named = NAMED.get(read["name"]) if read else None
    if read is None or named is None:
        name = read["name"] if read else written
        close = did_you_mean(name, NAMED)
        more = Text(f";{close.zh}", f"; {close.en}") if close else Text("", "")
        raise ConfigError(
            Text(f"没有名为 {name} 的故障{more.zh}", f"there is no fault {name}{more.en}"),
            next="kamsync connector sim --help",
        )
    named.strike(tenant, read["on"] or "", int(read["times"] or 1))


def knobs(tenant: Any) -> dict[str, Any]:
    """The settings of a simulated CRM, and what they are; by custom the dataclass `knobs` holds them."""
    held = getattr(tenant, "knobs", None)
    return {each.name: getattr(held, each.name) for each in fields(held)} if is_dataclass(held) else {}
