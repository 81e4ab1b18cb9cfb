"""What can be made to go wrong at a simulated tenant's door, and how often.

Decides only; the server carries it out.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from typing import Any, Literal

# What stands before a CRM when it is not there: a gateway's page, a login.
PORTAL = "<!doctype html><html><body>请登录 Please sign in</body></html>"

FaultKind = Literal[
    "answer",  # give `status` and `body` instead of handling the call
    "drop_before",  # close the connection, nothing applied
    "drop_after",  # apply, then close the connection without an answer
    "error_after",  # apply, then answer `status` and `body`
    "late",  # hold the call `seconds`, apply it then, however long the client waited
    "slow",  # apply, then send the answer a byte at a time over `seconds`
    "truncate",  # apply, then send half of the answer and close
]


@dataclass(slots=True)
class Fault:
    """Hits calls whose "METHOD /path" matches `on`: lets `skip` of them pass, then strikes `times` (-1: always)."""

    kind: FaultKind
    on: str = ""
    times: int = 1
    skip: int = 0
    status: int = 500
    body: Any = ""
    headers: dict[str, str] | None = None
    seconds: float = 0.0


class Faults:
    """The faults in force, in order; the first that matches a call is taken."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def take(self, method: str, path: str) -> Fault | None:
        """The fault for this call, used up by one; None when all is well."""
        with self._lock:
            for fault in self._faults:
                if not re.search(fault.on, f"{method} {path}") or fault.times == 0:
                    continue
                if fault.skip > 0:
                    fault.skip -= 1
                    continue
                if fault.times > 0:
                    fault.times -= 1
                return fault
        return None
