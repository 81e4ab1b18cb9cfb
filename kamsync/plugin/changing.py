"""Judge a change of a task by what the task is now, before anything is sent: every connector asks the same.

Pure: no CRM is known here.
"""

from __future__ import annotations

from kamsync.plugin.text import Text
from kamsync.plugin.writing import Cause, Change, LiveTask, Outcome, TaskChange

_NO_MORE = Text("任务已不在 CRM 中", "the task is no longer in the CRM")
_REFUSALS: dict[Cause, Text] = {
    "gone": _NO_MORE,
    "foreign": Text("该任务不带本系统的标记,不予改动", "the task does not carry our marker: left alone"),
    "locked": Text("任务已锁定", "the task is locked"),
}


def as_asked(change: TaskChange, live: LiveTask) -> bool:
    """Is the task already what the change asks for? One that is no more is deleted, and nobody has to do it."""
    if live.state == "gone":
        return change.asks <= {"close", "delete"}
    if live.state != "found" or change.delete:
        return False
    wanted = ((change.close, live.done), (change.due, live.due), (change.owner, live.owner))
    return all(asked is None or asked == now for asked, now in wanted)


def without_a_call(intent: str, change: TaskChange, live: LiveTask, able: frozenset[Change]) -> Outcome | None:
    """What becomes of a change that need not, or may not, be sent, by what its task is now; None: it may go."""
    missing = sorted(change.asks - able)
    if missing:
        said = Text(f"此连接不能:{'、'.join(missing)}", f"this connection cannot {', '.join(missing)} a task")
        return Outcome(intent, "refused", code="unsupported", message=_both(said), cause="unsupported")
    if as_asked(change, live):
        code = "gone" if live.state == "gone" else ""
        return Outcome(intent, "applied", change.remote_id, code, modified=live.modified)
    if live.state == "hidden":
        said = Text("看不到该任务", "the task cannot be seen")
        return Outcome(intent, "refused", code="hidden", message=_both(said))
    if live.state != "found":
        return _refused(intent, live.state)
    if None not in (change.modified, live.modified) and change.modified != live.modified:
        said = Text("计划之后有人改动过该任务", "someone changed the task since the plan")
        return Outcome(intent, "stale", change.remote_id, "moved", _both(said), live.modified)
    return _refused(intent, "locked") if live.locked else None


def _refused(intent: str, cause: Cause) -> Outcome:
    return Outcome(intent, "refused", code=cause, message=_both(_REFUSALS[cause]), cause=cause)


def _both(said: Text) -> str:
    return f"{said.zh} / {said.en}"
