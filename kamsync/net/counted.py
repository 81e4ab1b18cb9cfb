"""What is known of the calls that were made: one attempt, and the sum of them.

Values only; the door counts.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One attempt that was made. `status` None: no answer came. `outcome`: ok, or the name of the error."""

    connection: str
    method: str
    host: str
    path: str
    status: int | None
    outcome: str
    seconds: float
    credits: int
    write: bool
    retry: bool


@dataclass(slots=True)
class Spent:
    """What a door has used so far."""

    requests: int = 0
    credits: int = 0
    retries: int = 0
    by_path: Counter[str] = field(default_factory=Counter)
