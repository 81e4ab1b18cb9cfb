"""Look for tasks of ours: by id, by key, by a list of what changed since, or all of them.

Reads tables only. Zoho's search is never asked, for it lags behind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Literal

from kamsync.plugin import (
    Clock,
    Found,
    Http,
    LiveTask,
    Ours,
    Probe,
    Refused,
    Stream,
    Target,
    TaskRef,
    Truncated,
    batches,
    stamp,
)
from kamsync_zoho import coql
from kamsync_zoho.marker import find_marker
from kamsync_zoho.metadata import Metadata, stream_name
from kamsync_zoho.read import Lists
from kamsync_zoho.shapes import Row, ref, rows, text_id, truth
from kamsync_zoho.tasks import MODULE, Key

_LOCK = "Locked__s"
_FACTS = ("Modified_Time", "Subject", "Status", "Closed_Time", "Due_Date", "Owner", "Description")
_PLACE = ("What_Id", "Who_Id", "$se_module", "Created_Time", "Created_By")
_MAY_LACK = frozenset({"Closed_Time", _LOCK})
_TASKS = Stream("tasks", MODULE)
EARLIER = timedelta(minutes=10)  # clocks differ; a task made a little "before" it was sent is still ours


class Finder:
    """Looks through one organisation's tasks."""

    def __init__(self, http: Http, clock: Clock, metadata: Metadata, lists: Lists, key: Key) -> None:
        self._http = http
        self._clock = clock
        self._metadata = metadata
        self._lists = lists
        self._key = key

    def find(self, probes: Sequence[Probe]) -> Sequence[Found]:
        """One answer a probe."""
        if not probes:
            return []
        if self._key.field is not None:
            try:
                there = self._by_key(self._key.field, [probe.marker for probe in probes])
                return [_answer(probe, there) for probe in probes]
            except Refused:
                pass  # no right to query: the list shows the same, at a higher price
        try:
            there = self._by_list({probe.marker for probe in probes}, self._long_before(probes))
        except Truncated:
            return [Found(probe.marker, "unsure") for probe in probes]
        return [_answer(probe, there) for probe in probes]

    def _long_before(self, probes: Sequence[Probe]) -> datetime:
        """Surely before the first was sent, by Zoho's clock, should it be behind ours."""
        behind = max(self._clock.now() - self._http.now(), timedelta(0))
        return min(probe.sent_at for probe in probes) - behind - EARLIER

    def _by_key(self, field: str, markers: Sequence[str]) -> Mapping[str, str]:
        there: dict[str, str] = {}
        for batch in batches(list(dict.fromkeys(markers)), coql.MOST_VALUES):
            reply = self._http.call(coql.select([field], MODULE, f"{coql.column(field)} in {coql.values(batch)}"))
            for row in rows(reply):
                _keep(there, str(row.get(field)), text_id(row.get("id")))
        return there

    def _by_list(self, markers: set[str], since: datetime | None) -> Mapping[str, str]:
        there: dict[str, str] = {}
        for row in self._rows(since):
            for marker in self._words(row) & markers:
                _keep(there, marker, text_id(row.get("id")))
        return there

    def ours(self, since: datetime | None) -> Iterator[Ours]:
        """Every task that carries a marker."""
        seen: set[str] = set()
        for row in self._rows(since):
            id, marker = text_id(row.get("id")), self._marker(row)
            if marker is not None and id not in seen:
                seen.add(id)  # a row edited while we page comes twice
                yield Ours(id, marker, _target(row), **_facts(row), **_origin(row))

    def tasks(self, refs: Sequence[TaskRef]) -> Sequence[LiveTask]:
        """One answer a ref, from the table itself."""
        known = self._ids([ref.marker for ref in refs if ref.remote_id is None])
        ids = [ref.remote_id or known.get(ref.marker, "") for ref in refs]
        rows = self._lists.by_ids(MODULE, [id for id in ids if id], self._names(_FACTS, (_LOCK,))) if any(ids) else {}
        return [self._live(ref, id, rows.get(id)) for ref, id in zip(refs, ids, strict=True)]

    def _live(self, ref: TaskRef, id: str, row: Row | None) -> LiveTask:
        if row is None:
            return LiveTask(ref, self._absent(id) if id else "gone")
        state: Literal["found", "foreign"] = "found" if self._marker(row) == ref.marker else "foreign"
        return LiveTask(ref, state, id, locked=truth(row.get(_LOCK)), **_facts(row))

    def _absent(self, id: str) -> Literal["gone", "hidden"]:
        """A list leaves out what is not there and what we may not see; the record itself tells which."""
        (alone,) = self._lists.get(_TASKS, [id])
        return "gone" if alone.state == "gone" else "hidden"

    def _ids(self, markers: Sequence[str]) -> Mapping[str, str]:
        """The ids of tasks known by their markers alone."""
        if not markers:
            return {}
        if self._key.field is not None:
            try:
                return self._by_key(self._key.field, markers)
            except Refused:
                pass  # no right to query
        return self._by_list(set(markers), None)

    def _rows(self, since: datetime | None) -> Iterator[Row]:
        return self._lists.rows(MODULE, self._names(_FACTS, _PLACE), since)

    def _names(self, *wanted: Sequence[str]) -> list[str]:
        """Fields to ask for; of those that an organisation may lack, the ones it has."""
        known = {field.name for field in self._metadata.fields_if_told(MODULE)}
        names = [name for some in wanted for name in some if name not in _MAY_LACK or not known or name in known]
        return [*names, self._key.field] if self._key.field is not None else names

    def _words(self, row: Row) -> set[str]:
        """All that could be a marker: it is one word, and stands alone unless someone wrapped it in HTML."""
        told = [value for value in (row.get(self._key.field or ""), row.get("Description")) if isinstance(value, str)]
        words = {word for text in told for word in text.split()}
        marker = self._marker(row)
        return words | {marker} if marker else words

    def _marker(self, row: Row) -> str | None:
        """From the key field; from the description for tasks made before there was one."""
        return find_marker(row.get(self._key.field or ""), row.get("Description"))


def _keep(there: dict[str, str], marker: str, id: str) -> None:
    """Of several tasks with one marker the oldest counts: the lowest id, as a number."""
    held = there.get(marker)
    if id and (held is None or (len(id), id) < (len(held), held)):
        there[marker] = id


def _answer(probe: Probe, there: Mapping[str, str]) -> Found:
    id = there.get(probe.marker)
    return Found(probe.marker, "found", id) if id else Found(probe.marker, "absent")


def _target(row: Row) -> Target | None:
    """The record a task hangs on now; the stream is the caller's to name."""
    module = _module(row)
    for name in ("What_Id", "Who_Id"):
        id = ref(row.get(name))
        if id:
            object = module if name == "What_Id" else "Contacts"
            return Target(stream_name(object), object, id)
    return None


def _module(row: Row) -> str:
    """From `$se_module`, or from the lookup itself where it names its module; an account otherwise."""
    said: Any = row.get("$se_module")
    what = row.get("What_Id")
    if not said and isinstance(what, Mapping):
        said = what.get("module")
    if isinstance(said, Mapping):
        said = said.get("api_name")
    return said if isinstance(said, str) and said else "Accounts"


def _facts(row: Row) -> dict[str, Any]:
    """What a task is now."""
    return {
        "done": _is_done(row),
        "owner": ref(row.get("Owner")),
        "due": _day(row.get("Due_Date")),
        "subject": row.get("Subject"),
        "modified": stamp(row.get("Modified_Time")),
    }


def _origin(row: Row) -> dict[str, Any]:
    """Who made it, and when."""
    return {"created": stamp(row.get("Created_Time")), "creator": ref(row.get("Created_By"))}


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _is_done(row: Row) -> bool:
    return str(row.get("Status") or "").casefold() in ("completed", "已完成") or bool(row.get("Closed_Time"))
