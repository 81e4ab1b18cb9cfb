"""The nouns of writing that connectors and kamsync pass between them: tasks, tags, and what became of each.

Frozen and plain: no behaviour beyond reading themselves. Every datetime is aware; ids are strings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from kamsync.plugin.text import Text

Facet = Literal["task", "tags"]
Priority = Literal["urgent", "high", "medium", "low"]
Change = Literal["close", "reopen", "due", "owner", "delete"]  # of a task of ours that is in the CRM
# Why a row was refused, where the CRMs' many codes mean one thing: its record or task is no more; it is not ours; the
# owner is unknown there or has left; an approval or a person locked it; we lack the right; an allowance is used up; an
# admin has to add something (a field, an option) first; the CRM does not take the value; this connection cannot do it
# at all.
Cause = Literal["gone", "foreign", "owner", "locked", "permission", "limit", "setup", "invalid", "unsupported"]


@dataclass(frozen=True, slots=True, order=True)
class Target:
    """One record in the CRM that something is written on."""

    stream: str
    object: str
    remote_id: str


@dataclass(frozen=True, slots=True)
class Task:
    """A reminder to create on `target`. `due` is a local date; `owner` the CRM's own user id (None: its default).

    `marker` identifies it inside the CRM for ever and must be stored with it.
    """

    target: Target
    subject: str
    body: str
    due: date
    priority: Priority
    owner: str | None
    marker: str
    target_name: str = ""


@dataclass(frozen=True, slots=True)
class TaskChange:
    """What is to be otherwise in a task of ours that is in the CRM; whatever is not given stays as it is.

    `target`: the record it was made for; it may hang elsewhere now. `marker`: what the task must carry, or it is not
    ours and nobody touches it. `close`: True ticks it off, False opens it again. `due` is a local date. `delete` puts
    it where the CRM's own people put what they delete; nothing else is looked at then. `modified`: the task's stamp
    when this was planned; a task that has moved since is stale.
    """

    target: Target
    remote_id: str
    marker: str
    close: bool | None = None
    due: date | None = None
    owner: str | None = None
    delete: bool = False
    modified: datetime | None = None

    @property
    def asks(self) -> frozenset[Change]:
        """What it asks for, by name."""
        if self.delete:
            return frozenset({"delete"})
        asked: dict[Change, bool] = {
            "close": self.close is True,
            "reopen": self.close is False,
            "due": self.due is not None,
            "owner": self.owner is not None,
        }
        return frozenset(name for name, wanted in asked.items() if wanted)


@dataclass(frozen=True, slots=True)
class TagChange:
    """Tags to add to and remove from `target`: never the whole list. All are in our own namespace.

    `modified`: the record's stamp when it was planned, for CRMs that can refuse a stale write.
    """

    target: Target
    add: tuple[str, ...]
    remove: tuple[str, ...]
    modified: datetime | None = None


@dataclass(frozen=True, slots=True)
class Intent:
    """An accepted plan row on its way out. `id` is ours; the outcome answers by it."""

    id: str
    body: Task | TaskChange | TagChange


OutcomeState = Literal["applied", "refused", "stale", "not_sent", "unknown"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one intent.

    refused: the CRM said no for good (`code`, `message` in its words). stale: the record moved; plan again.
    not_sent: surely did not happen, may be sent again. unknown: nobody can tell yet. `cause` names what a code means,
    where kamsync can do something about it.
    """

    intent: str
    state: OutcomeState
    remote_id: str | None = None
    code: str = ""
    message: str = ""
    modified: datetime | None = None
    cause: Cause | None = None


@dataclass(frozen=True, slots=True)
class Live:
    """What the CRM holds now for a target. `tags` None: cannot be read here."""

    target: Target
    found: bool
    tags: tuple[str, ...] | None = None
    modified: datetime | None = None
    locked: bool = False
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class Probe:
    """A look for a task of ours that may or may not have been created."""

    marker: str
    target: Target
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to a probe. `strong`: an absence seen this way is an absence; a weak look lags behind."""

    marker: str
    state: Literal["found", "absent", "unsure"]
    remote_id: str | None = None
    strong: bool = True


@dataclass(frozen=True, slots=True)
class Ours:
    """A task in the CRM that carries a marker of kamsync's, wherever it hangs now. None: the CRM does not tell.

    `creator`: the CRM's own id of the user who made it, as `Health.user` names ours; with `created` it tells our own
    second task from a copy that a person made.
    """

    remote_id: str
    marker: str
    target: Target | None
    done: bool
    owner: str | None = None
    due: date | None = None
    subject: str | None = None
    modified: datetime | None = None
    created: datetime | None = None
    creator: str | None = None


@dataclass(frozen=True, slots=True)
class TaskRef:
    """A task of ours to be looked at: by its id, or by its marker alone."""

    marker: str
    remote_id: str | None = None


@dataclass(frozen=True, slots=True)
class LiveTask:
    """What a task of ours is now. What is None is not told here.

    gone: deleted, or in the bin. hidden: the CRM will not say whether it is there. foreign: the task of that id does
    not carry the marker; it is somebody else's, or a person made it theirs.
    """

    ref: TaskRef
    state: Literal["found", "gone", "hidden", "foreign"]
    remote_id: str | None = None
    done: bool | None = None
    owner: str | None = None
    due: date | None = None
    subject: str | None = None
    modified: datetime | None = None
    locked: bool = False


@dataclass(frozen=True, slots=True)
class Write:
    """How well this tenant lets us write one facet.

    task levels: E3 the CRM enforces our key · E2 strong read by key · E1 lagging search · E0 fire and forget.
    tag levels: S2 single tags added and removed by the server · S1 a field only kamsync edits · S0 a shared field.
    `settle`: seconds until a write can surely be found again. `changes`: what may be changed in a task that is there;
    who claims any has `tasks`, too. `better`: what an admin could do for a higher level; None: nothing.
    """

    facet: Facet
    level: Literal["E3", "E2", "E1", "E0", "S2", "S1", "S0"]
    batch: int
    settle: float
    why: Text
    undoable: bool = True
    credits_per_row: float = 0.0
    credits_per_change: float = 0.0
    changes: frozenset[Change] = frozenset()
    facts: Mapping[str, str] = field(default_factory=dict)
    better: Text | None = None
