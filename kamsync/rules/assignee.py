"""Who a duty goes to: owner, else backup, else manager, else the queue.

It assigns nobody who has left or is away; who stands for whom is told to it.
"""

from __future__ import annotations

from dataclasses import dataclass

from kamsync.plugin import Text


@dataclass(frozen=True, slots=True)
class Person:
    """Someone of ours, by the CRM's own user id. `active` None: the CRM does not say, which counts as active."""

    id: str
    active: bool | None = None
    away: bool = False

    @property
    def can_act(self) -> bool:
        """Is there no word of this person having left or being on leave?"""
        return self.active is not False and not self.away


@dataclass(frozen=True, slots=True)
class Assignee:
    """`user` None: nobody can be named, and the CRM's default owner gets it."""

    user: str | None
    because: Text


_STEPS = (
    Text("客户负责人", "the account's owner"),
    Text("负责人不在，由备份负责人处理", "the owner is not available: the backup owner acts"),
    Text("负责人和备份都不在，由主管处理", "neither owner nor backup is available: the manager acts"),
)
_QUEUE = Text("没有可用的负责人，进入公共队列", "no responsible person is available: it goes to the queue")
_NOBODY = Text("没有可用的负责人，也没有设置公共队列", "no responsible person is available and no queue is set")


def assignee(owner: Person | None, backup: Person | None, manager: Person | None, queue: str | None) -> Assignee:
    """The first in line who can act."""
    for person, because in zip((owner, backup, manager), _STEPS, strict=True):
        if person and person.can_act:
            return Assignee(person.id, because)
    return Assignee(queue, _QUEUE if queue else _NOBODY)
