"""Send accepted intents one after another, and tell honestly what became of each.

After the first whose fate is unknown nothing more is sent: the rest is not sent, and may go later.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from kamsync.plugin import (
    Intent,
    KamsyncError,
    NotSent,
    Outcome,
    Refused,
    TagChange,
    Target,
    Task,
    TaskChange,
    Text,
    Unavailable,
    Write,
    without_a_call,
)
from kamsync_fxiaoke.api import INVALID, Api
from kamsync_fxiaoke.channels import Channel
from kamsync_fxiaoke.codes import OUR_TROUBLE, cause_of, is_absent
from kamsync_fxiaoke.rows import Row
from kamsync_fxiaoke.tags import refused

SETTLE = 150.0
IN_REVIEW = frozenset({"under_review", "in_change"})


class TagStore(Protocol):
    """Where tags are kept: in a field, or as the CRM's own by functions."""

    def promise(self, settle: float) -> Write: ...
    def read(self, target: Target, row: Row) -> tuple[str, ...] | None: ...
    def work_out(self, intent: Intent, change: TagChange, row: Row) -> list[str] | Outcome: ...
    def send(self, intent: Intent, change: TagChange, values: list[str]) -> Outcome: ...


@dataclass(frozen=True, slots=True)
class Writer:
    """What writing needs: the calls, and the ways that tags and reminders take here."""

    api: Api
    tags: TagStore
    channel: Channel

    def promises(self, settle: float | None) -> list[Write]:
        """What writing is worth here."""
        settle = SETTLE if settle is None else settle
        return [self.tags.promise(settle), self.channel.promise(settle)]

    def write(self, intents: Sequence[Intent]) -> list[Outcome]:
        """One outcome an intent, in their order."""
        outcomes: list[Outcome] = []
        for intent in intents:
            outcome, go_on = self._one(intent)
            outcomes.append(outcome)
            if not go_on:
                break
        why = outcomes[-1].message if outcomes else ""
        left = intents[len(outcomes) :]
        return outcomes + [Outcome(intent.id, "not_sent", code="batch_stopped", message=why) for intent in left]

    def _one(self, intent: Intent) -> tuple[Outcome, bool]:
        """What became of one intent, and whether the next may go."""
        send = self._ready(intent)
        if isinstance(send, Outcome):
            return send, send.state != "not_sent"
        try:
            return send(), True
        except NotSent as error:
            return _not_sent(intent, error), False
        except Refused as error:
            return _refusal(intent, error), error.code not in OUR_TROUBLE
        except Unavailable as error:
            return Outcome(intent.id, "unknown", code="unknown", message=_both(error)), False

    def _ready(self, intent: Intent) -> Callable[[], Outcome] | Outcome:
        """Everything up to the call that changes something. Only reads, so no trouble here leaves a doubt."""
        body = intent.body
        if isinstance(body, Task):
            return partial(self.channel.create, intent, body)
        try:
            return self._changed(intent, body) if isinstance(body, TaskChange) else self._tagged(intent, body)
        except Refused as error:
            if is_absent(error):
                return _gone(intent)
            ours = error.code == "auth" or error.code in OUR_TROUBLE
            return _not_sent(intent, error) if ours else _refusal(intent, error)
        except KamsyncError as error:
            return _not_sent(intent, error)

    def _changed(self, intent: Intent, change: TaskChange) -> Callable[[], Outcome] | Outcome:
        live, row = self.channel.look(change)
        told = without_a_call(intent.id, change, live, self.channel.able())
        return told or partial(self.channel.change, intent, change, row)

    def _tagged(self, intent: Intent, change: TagChange) -> Callable[[], Outcome] | Outcome:
        row = self.api.get(change.target.object, change.target.remote_id)
        values = _hurdle(intent, row) or self.tags.work_out(intent, change, row or {})
        return values if isinstance(values, Outcome) else partial(self.tags.send, intent, change, values)


def _hurdle(intent: Intent, row: Row | None) -> Outcome | None:
    """What keeps a row from being edited."""
    if row is None or row.get("life_status") == INVALID:
        return _gone(intent)
    if str(row.get("lock_status")) == "1":
        return refused(intent, "locked", Text("记录已锁定", "the record is locked"), "locked")
    if str(row.get("life_status")) in IN_REVIEW:
        return refused(intent, "in_review", Text("记录正在审批中", "the record is under review"), "locked")
    if row.get("high_seas_id") and not row.get("owner"):
        why = Text("客户在公海中,无人负责", "the account lies in a pool and is nobody's")
        return refused(intent, "pooled", why, "locked")
    return None


def _gone(intent: Intent) -> Outcome:
    return refused(intent, "gone", Text("客户已作废或不存在", "the account is void or no more"), "gone")


def _not_sent(intent: Intent, error: KamsyncError) -> Outcome:
    return Outcome(intent.id, "not_sent", code=getattr(error, "code", "") or "not_sent", message=_both(error))


def _refusal(intent: Intent, error: Refused) -> Outcome:
    return Outcome(intent.id, "refused", code=error.code, message=_both(error), cause=cause_of(error))


def _both(error: KamsyncError) -> str:
    return f"{error.text.zh} / {error.text.en}"
