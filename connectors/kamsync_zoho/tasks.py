"""Create reminders as Zoho tasks, each carrying its marker.

Fires no workflow that the config does not name, and no cadence. Changes none that is there: see `changes`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from kamsync.plugin import (
    ConfigError,
    ConnectorError,
    Field,
    Http,
    Intent,
    KamsyncError,
    NotSent,
    Outcome,
    Priority,
    Request,
    Task,
    Text,
    batches,
)
from kamsync_zoho.marker import clean, cut, one_line, signed
from kamsync_zoho.metadata import Metadata
from kamsync_zoho.options import ZohoOptions
from kamsync_zoho.outcomes import (
    Said,
    are_in_order,
    blames_a_row,
    code_of,
    ends_batch,
    judge,
    of_call,
    refusal,
    report,
    send,
)
from kamsync_zoho.shapes import Row, ref, section
from kamsync_zoho.wire import API

MODULE = "Tasks"
BATCH = 100
SUBJECT = 250
DESCRIPTION = 32_000

_PRIORITY: Mapping[Priority, tuple[str, ...]] = {
    "urgent": ("Highest", "High"),
    "high": ("High",),
    "medium": ("Normal",),
    "low": ("Low",),
}


@dataclass(frozen=True, slots=True)
class Key:
    """Where a task's marker goes. `field` None: the last line of its description."""

    field: str | None = None
    unique: bool = False
    length: int | None = None


def key(metadata: Metadata, wished: str | None) -> Key:
    """The field that carries our key: the configured one, else a unique text field whose name says so."""
    if wished is None:
        for field in metadata.fields_if_told(MODULE):
            if field.unique and field.type == "text" and field.writable and _named_for_us(field.name):
                return Key(field.name, True, field.length)
        return Key()
    fields = metadata.fields_if_told(MODULE)
    if not fields:
        return Key(wished)  # no right to look: taken at its word, though not for unique
    chosen = next((field for field in fields if field.name == wished), None)
    if chosen is None:
        raise ConfigError(
            Text(
                f"task_key_field = {wished!r}:Zoho 的 Tasks 模块没有这个字段(或授权用户看不到)",
                f"task_key_field = {wished!r}: the Tasks module in Zoho has no such field (or hides it from us)",
            ),
            next="kamsync doctor",
        )
    return Key(chosen.name, chosen.unique, chosen.length)


def _named_for_us(name: str) -> bool:
    folded = name.casefold()
    return "kamsync" in folded or ("kam" in folded and "key" in folded)


class Tasks:
    """One batch of reminders on its way."""

    def __init__(self, http: Http, metadata: Metadata, options: ZohoOptions, intents: Sequence[Intent]) -> None:
        self._http = http
        self._trigger = list(options.trigger)
        self._intents = intents
        self._tasks = {item.id: item.body for item in intents if isinstance(item.body, Task)}
        self._outcomes: dict[str, Outcome] = {}
        self._error: ConnectorError | None = None
        try:
            self._key = key(metadata, options.task_key_field)
            self._fields = {field.name: field for field in metadata.fields_if_told(MODULE)}
        except KamsyncError as early:
            raise NotSent(early.text, next=early.next) from early

    def write(self) -> Sequence[Outcome]:
        """One outcome an intent; a task Zoho already holds under our key counts as applied."""
        self._refuse_long_keys()
        ready = [id for id in self._tasks if id not in self._outcomes]
        waiting = deque(batches(ready, BATCH))
        while waiting:
            batch = waiting.popleft()
            if self._error is not None:
                self._all(batch, Said(state="not_sent", message=str(self._error)))
                continue
            said = self._send(batch)
            if blames_a_row(said) and len(batch) > 1:
                middle = len(batch) // 2
                waiting.extendleft([batch[middle:], batch[:middle]])
                continue
            self._take(batch, said)
        return report(self._intents, self._outcomes, self._error)

    def _send(self, batch: Sequence[str]) -> Said:
        payload = {
            "data": [self._row(self._tasks[id]) for id in batch],
            "trigger": self._trigger,
            "skip_feature_execution": [{"name": "cadences"}],
        }
        return send(self._http, Request("POST", f"{API}/{MODULE}", json=payload, write=True))

    def _take(self, batch: Sequence[str], said: Said) -> None:
        if ends_batch(said):
            self._error = said.error
        if said.state is not None:
            self._all(batch, said)
        elif len(said.rows) != len(batch):
            words = f"{len(said.rows)} results for {len(batch)} rows"
            self._all(batch, Said(state="unknown", message=words))
        elif not are_in_order(said.rows):
            self._all(batch, Said(state="unknown", message="the results are not in the order of the rows"))
        else:
            self._by_place(batch, said.rows)

    def _by_place(self, batch: Sequence[str], rows: Sequence[object]) -> None:
        """Rows answer in the order they were sent; an id told twice proves that they did not."""
        judged = [self._judge(id, row) for id, row in zip(batch, rows, strict=True)]
        ids = [outcome.remote_id for outcome in judged if outcome.state == "applied"]
        for outcome in judged:
            twice = outcome.state == "applied" and ids.count(outcome.remote_id) > 1
            self._outcomes[outcome.intent] = replace(outcome, state="unknown", remote_id=None) if twice else outcome

    def _judge(self, intent: str, row: object) -> Outcome:
        outcome = judge(intent, row)
        if isinstance(row, Mapping) and code_of(row) == "DUPLICATE_DATA":
            return self._adopted(outcome, section(row, "details"))
        if outcome.state == "applied" and outcome.remote_id is None:
            return replace(outcome, state="unknown", message="no id was told")
        return outcome

    def _adopted(self, outcome: Outcome, details: Row) -> Outcome:
        """The key was there already: the task is ours. Another field that may not repeat is a plain no."""
        field = details.get("api_name")
        if self._key.field is None or (field and field != self._key.field):
            return outcome
        id = ref(details) or ref(details.get("duplicate_record"))
        return replace(outcome, state="applied" if id else "unknown", remote_id=id)

    def _all(self, batch: Sequence[str], said: Said) -> None:
        for id in batch:
            self._outcomes[id] = of_call(id, said)

    def _refuse_long_keys(self) -> None:
        room = self._key.length
        if self._key.field is None or not room:
            return
        for id, task in self._tasks.items():
            if len(task.marker) > room:
                words = f"the key has {len(task.marker)} characters, {self._key.field} takes {room}: lengthen the field"
                self._outcomes[id] = refusal(id, "KEY_TOO_LONG", words)

    # ---- one row

    def _row(self, task: Task) -> dict[str, object]:
        row: dict[str, object] = {
            "Subject": cut(one_line(task.subject), self._room("Subject", SUBJECT)),
            "Due_Date": task.due.isoformat(),
            "Status": spelt(self._fields.get("Status"), ("Not Started",)),
            "Priority": spelt(self._fields.get("Priority"), _PRIORITY[task.priority]),
            "Owner": {"id": task.owner} if task.owner else None,
            "$se_module": task.target.object,
            "Who_Id" if task.target.object == "Contacts" else "What_Id": {"id": task.target.remote_id},
        }
        room = self._room("Description", DESCRIPTION)
        if self._key.field is None:
            row["Description"] = signed(task.body, task.marker, room)
        else:
            row["Description"] = cut(clean(task.body), room)
            row[self._key.field] = task.marker
        return {name: value for name, value in row.items() if value is not None}

    def _room(self, name: str, most: int) -> int:
        field = self._fields.get(name)
        return min(most, field.length) if field and field.length else most


def spelt(field: Field | None, wished: Sequence[str]) -> str | None:
    """The picklist's own spelling of the first wish it has; None where an admin removed them all."""
    if field is None or not field.choices:
        return wished[0]
    for wish in (each.casefold() for each in wished):
        for choice in field.choices:
            if wish in (choice.label.casefold(), choice.value.casefold()):
                return choice.label
    return None
