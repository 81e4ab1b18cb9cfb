"""What happened between the customer and us."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from kamsync.model.values import Filed, Ref

ActivityKind = Literal[
    "visit", "exec_visit", "call", "meeting", "email", "chat", "inspection", "training", "task", "note"
]
Direction = Literal["inbound", "outbound", "mutual"]
ActivityStatus = Literal["planned", "done", "cancelled"]

TOUCHES: frozenset[str] = frozenset({"visit", "exec_visit", "call", "meeting"})


@dataclass(frozen=True, kw_only=True)
class Activity(Filed):
    """活动. `at`: when it was or will be. A task or note is never a touch. `reached` False: nobody answered."""

    kind: ActivityKind
    about: tuple[Ref, ...] = ()  # account, deal, order, contact …: whatever the CRM hangs it on
    subject: str | None = None
    at: datetime | None = None
    end_at: datetime | None = None
    status: ActivityStatus | None = None
    direction: Direction | None = None
    reached: bool | None = None
    outcome: str | None = None
    owner: Ref | None = None
    participants: tuple[Ref, ...] = ()  # contacts and users who took part
    marker: str | None = None  # ours: then it is no activity of the customer's at all


def is_two_way(activity: Activity) -> bool:
    """Did the customer answer: inbound, mutual, or a done visit, meeting or call that reached someone."""
    if activity.marker is not None or activity.status != "done" or activity.reached is False:
        return False
    if activity.kind in ("task", "note"):
        return False
    return activity.direction in ("inbound", "mutual") or activity.kind in TOUCHES
