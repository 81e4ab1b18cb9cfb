"""One simulated CRM of the drill, in a process of its own: people act in it, faults strike, and it judges the store.

It also kills the puller: at the call that it was told, from inside its own door.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from random import Random
from typing import Any

from _drill_check import compare, passed
from _drill_hands import Hands
from _drill_tenants import hands

from kamsync.testing.faults import PORTAL, Fault
from kamsync.testing.server import Answer, Call

KINDS = ("drop_before", "drop_after", "truncate", "too_fast", "server_error", "portal", "dead_token")


@dataclass
class Door:
    """Stands before the CRM's own door: lets people act meanwhile, lets tokens die, kills."""

    hands: Hands
    rng: Random
    honest: Callable[[Call], Answer]
    calls: int = 0
    every: int = 0  # so many calls between two steps of people; 0: nobody acts meanwhile
    victim: int = 0
    kill_at: int = 0
    kill_after: bool = False
    kills: int = 0
    ready: list[tuple[Fault, int]] = field(default_factory=list)  # faults in force, and how often each may strike
    struck: int = 0

    def handle(self, call: Call) -> Answer:
        self.calls += 1
        if self.every and self.calls % self.every == 0:
            with self.hands.tenant.lock:
                self.hands.act()
        if self.victim and self.calls >= self.kill_at:
            answer = self.honest(call) if self.kill_after else Answer(500, None)
            self.kill()
            return answer
        return self.honest(call)

    def strike(self, fault: Fault) -> None:
        self.ready.append((fault, fault.times))
        self.hands.tenant.fault(fault)

    def clear(self) -> None:
        """Fair weather from here on."""
        self.hands.tenant.server.faults.clear()
        self.struck += sum(times - fault.times for fault, times in self.ready)
        self.ready.clear()
        self.victim = 0

    def kill(self) -> None:
        victim, self.victim = self.victim, 0
        if victim:
            os.kill(victim, signal.SIGKILL)
            self.kills += 1


def serve(pipe: Pipe, crm: str, seed: int, records: int, company_from: float) -> None:
    """The whole life of one CRM; the parent's words come by the pipe, each with one answer."""
    rng = Random(f"{crm} {seed}")
    at = hands(crm, rng)
    at.fill(records, company_from)
    door = Door(at, rng, at.tenant.server.handle)
    at.tenant.server.handle = door.handle
    with at.tenant:
        pipe.send(dict(at.tenant.options()))
        while True:
            word, *given = pipe.recv()
            answer: Any = None
            if word == "stop":
                pipe.send(None)
                return
            if word == "wait":
                at.tenant.offset += timedelta(seconds=given[0])
            elif word == "act":
                with at.tenant.lock:
                    at.touched.clear()
                    for _ in range(given[0]):
                        at.act()
            elif word == "meanwhile":
                door.every = given[0]
            elif word == "faults":
                _strike(door, rng, given[0])
            elif word == "disarm":
                door.victim = 0
            elif word == "clear":
                door.clear()
            elif word == "kill":
                door.kill_at, door.kill_after = door.calls + given[1], rng.random() < 0.5
                door.victim = given[0]
            elif word == "passed":
                answer = passed(Path(given[0]), crm, at)
            elif word == "compare":
                answer = compare(Path(given[0]), crm, at)
            elif word == "figures":
                answer = _figures(at, door)
            pipe.send(answer)


def _figures(at: Hands, door: Door) -> dict[str, Any]:
    """What was done to whom, and how this tenant behaves."""
    knobs = {name: getattr(at.tenant.knobs, name, None) for name in ("void_rows", "invalid_touches", "lag")}
    return {
        "calls": at.tenant.traffic.total,
        "faults": door.struck,
        "kills": door.kills,
        "credits": getattr(at.tenant, "credits_spent", 0),
        "done": dict(at.done),
        "knobs": {name: value for name, value in knobs.items() if value is not None},
    }


def _strike(door: Door, rng: Random, count: int) -> None:
    """So many faults, each at some call from now on, on whatever is asked for then."""
    tenant = door.hands.tenant
    for _ in range(count):
        kind, skip = rng.choice(KINDS), rng.randrange(0, 40)
        if kind == "dead_token":
            tenant.expire_token()
            door.struck += 1
        elif kind == "too_fast":
            said = tenant.too_fast()
            headers = dict(said.headers)
            door.strike(Fault("answer", on="crm", skip=skip, status=said.status, body=said.body, headers=headers))
        elif kind == "server_error":
            door.strike(Fault("answer", skip=skip, times=rng.choice([1, 1, 2, 6]), status=503, body=PORTAL))
        elif kind == "portal":
            door.strike(Fault("answer", skip=skip, status=200, body=PORTAL))
        else:
            door.strike(Fault(kind, skip=skip, times=rng.choice([1, 1, 3])))
