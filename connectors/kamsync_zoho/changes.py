"""Change reminders that are in Zoho: close, open again, move the day, give to somebody else, delete.

Each task is read just before; one that does not carry our marker is never touched. What was planned on a stamp goes by
itself, on the condition that the stamp still stands; the rest travels in batches. Deleting is putting into the bin.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from kamsync.plugin import (
    Change,
    ConnectorError,
    Field,
    Http,
    Intent,
    NotSent,
    Outcome,
    Request,
    TaskChange,
    TaskRef,
    batches,
    without_a_call,
)
from kamsync_zoho.find import Finder
from kamsync_zoho.metadata import Metadata
from kamsync_zoho.options import ZohoOptions
from kamsync_zoho.outcomes import Said, blames_a_row, by_id, ends_batch, judge, of_call, report, send
from kamsync_zoho.read import IDS_A_CALL
from kamsync_zoho.tasks import BATCH, MODULE, spelt
from kamsync_zoho.wire import API

DONE, OPEN = ("Completed", "已完成"), ("Not Started", "未开始", "未启动")


def able(metadata: Metadata, *, deletes: bool) -> frozenset[Change]:
    """What this organisation lets us change. `deletes`: the grant covers it, or does not tell."""
    fields = {field.name: field for field in metadata.fields_if_told(MODULE)}
    free: dict[Change, bool] = {
        "close": _status(fields, True) is not None,
        "reopen": _status(fields, False) is not None,
        "due": not fields or ("Due_Date" in fields and fields["Due_Date"].writable),
        "owner": not fields or ("Owner" in fields and fields["Owner"].writable),
        "delete": deletes,
    }
    return frozenset(name for name, can in free.items() if can)


def _status(fields: Mapping[str, Field], closed: bool) -> str | None:
    """The picklist's own word; None where an admin removed it."""
    return spelt(fields.get("Status"), DONE if closed else OPEN)


class Changes:
    """One batch of changes on its way."""

    def __init__(
        self,
        http: Http,
        metadata: Metadata,
        options: ZohoOptions,
        finder: Finder,
        can: frozenset[Change],
        intents: Sequence[Intent],
    ) -> None:
        self._http = http
        self._trigger = list(options.trigger)
        self._finder = finder
        self._can = can
        self._intents = intents
        self._changes = {item.id: item.body for item in intents if isinstance(item.body, TaskChange)}
        self._fields = {field.name: field for field in metadata.fields_if_told(MODULE)}
        self._outcomes: dict[str, Outcome] = {}
        self._error: ConnectorError | None = None

    def write(self) -> Sequence[Outcome]:
        """One outcome an intent."""
        self._look()
        left = [id for id in self._changes if id not in self._outcomes]
        gone = [id for id in left if self._changes[id].delete]
        planned = [id for id in left if id not in gone and self._changes[id].modified is not None]
        plain = [id for id in left if id not in gone and id not in planned]
        for id in planned:
            self._step(self._conditional, [id])
        for how, ids, most in ((self._together, plain, BATCH), (self._deletion, gone, IDS_A_CALL)):
            for batch in batches(ids, most):
                self._step(how, batch)
        return report(self._intents, self._outcomes, self._error)

    def _look(self) -> None:
        """What need not go, or may not, is told by what each task is now. Nothing is sent where nobody can look."""
        changes = list(self._changes.items())
        try:
            lives = self._finder.tasks([TaskRef(change.marker, change.remote_id) for _, change in changes])
        except NotSent:
            raise
        except ConnectorError as early:
            raise NotSent(early.text, after=getattr(early, "after", None), next=early.next) from early
        for (id, change), live in zip(changes, lives, strict=True):
            told = without_a_call(id, change, live, self._can)
            if told is not None:
                self._outcomes[id] = told

    # ---- the calls

    def _together(self, intents: Sequence[str]) -> Request:
        return Request("PUT", f"{API}/{MODULE}", json=self._body(intents), write=True)

    def _conditional(self, intents: Sequence[str]) -> Request:
        """Alone, for the condition is one of the whole call; Zoho's stamps count whole seconds."""
        change = self._changes[intents[0]]
        seen = {"If-Unmodified-Since": change.modified.isoformat(timespec="seconds")} if change.modified else {}
        path = f"{API}/{MODULE}/{change.remote_id}"
        return Request("PUT", path, headers=seen, json=self._body(intents), write=True)

    def _deletion(self, intents: Sequence[str]) -> Request:
        query = {"ids": ",".join(self._ids(intents)), "wf_trigger": str("workflow" in self._trigger).lower()}
        return Request("DELETE", f"{API}/{MODULE}", query, write=True)

    def _body(self, intents: Sequence[str]) -> dict[str, object]:
        return {
            "data": [self._row(self._changes[id]) for id in intents],
            "trigger": self._trigger,
            "skip_feature_execution": [{"name": "cadences"}],
        }

    def _row(self, change: TaskChange) -> dict[str, object]:
        row: dict[str, object] = {"id": change.remote_id}
        if change.close is not None:
            row["Status"] = _status(self._fields, change.close)
        if change.due is not None:
            row["Due_Date"] = change.due.isoformat()
        if change.owner is not None:
            row["Owner"] = {"id": change.owner}
        return row

    def _ids(self, intents: Sequence[str]) -> list[str]:
        return list(dict.fromkeys(self._changes[id].remote_id for id in intents))

    # ---- what came of them

    def _step(self, how: Callable[[Sequence[str]], Request], intents: Sequence[str]) -> None:
        """One call. Where Zoho refuses all of it for the sake of one row, its halves go by themselves."""
        if self._error is not None:
            self._all(intents, Said(state="not_sent", message=str(self._error)))
            return
        said = send(self._http, how(intents))
        if blames_a_row(said) and len(intents) > 1:
            middle = len(intents) // 2
            self._step(how, intents[:middle])
            self._step(how, intents[middle:])
            return
        if ends_batch(said):
            self._error = said.error
        if said.state is not None:
            self._all(intents, said)
            return
        asked = [self._changes[id].remote_id for id in intents]
        answers = by_id(said.rows, asked)
        for id in intents:
            self._outcomes[id] = judge(id, answers.get(self._changes[id].remote_id))

    def _all(self, intents: Sequence[str], said: Said) -> None:
        for id in intents:
            self._outcomes[id] = of_call(id, said)
