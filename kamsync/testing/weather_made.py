"""What a named fault is made of, and how one comes over a tenant call by call."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass

from kamsync.plugin import Text
from kamsync.testing.server import Answer, Call
from kamsync.testing.tenant import Tenant


@dataclass(frozen=True, slots=True)
class Told:
    """How a fault was asked for: how strong, at which calls, how many of them pass before, and how often."""

    value: str
    on: str
    skip: int
    times: int


Strike = Callable[[Tenant, Told], None]


@dataclass(frozen=True, slots=True)
class Weather:
    """One kind of trouble. `usual`: the value that it has when none is told; empty where it takes none."""

    what: Text
    strike: Strike
    usual: str = ""


def each_call(
    tenant: Tenant,
    told: Told,
    before: Callable[[Call], object] = lambda call: None,
    after: Callable[[Answer], Answer] = lambda answer: answer,
    *,
    token: bool = True,
) -> None:
    """Do something before or after the calls that are meant. `token` False: calls for tokens are none of them."""
    handle, lock = tenant.server.handle, threading.Lock()
    left = {"skip": told.skip, "times": told.times}

    def is_meant(call: Call) -> bool:
        if not re.search(told.on, f"{call.method} {call.path}") or (not token and "token" in call.path.lower()):
            return False
        with lock:
            count = "skip" if left["skip"] else "times"
            left[count] -= 1
            return count == "times" and left["times"] >= 0

    def wrapped(call: Call) -> Answer:
        if not is_meant(call):
            return handle(call)
        before(call)
        return after(handle(call))

    tenant.server.handle = wrapped
