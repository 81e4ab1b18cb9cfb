"""One open Fxiaoke connection: what kamsync may ask of it.

It puts the parts together and holds no logic of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from kamsync.plugin import (
    Clock,
    Field,
    Forecast,
    Found,
    Gotten,
    Health,
    Hint,
    Http,
    Intent,
    Live,
    LiveTask,
    Ours,
    Outcome,
    Page,
    Probe,
    Refused,
    Stream,
    Target,
    TaskRef,
    Window,
    Write,
    batches,
)
from kamsync_fxiaoke import fields, health, objects, people, reading
from kamsync_fxiaoke.api import INVALID, PAGE, Api, where
from kamsync_fxiaoke.channels import channel
from kamsync_fxiaoke.codes import is_absent
from kamsync_fxiaoke.events import Events
from kamsync_fxiaoke.forecast import Forecaster
from kamsync_fxiaoke.functions import Functions
from kamsync_fxiaoke.options import FxiaokeOptions
from kamsync_fxiaoke.reading import Reader
from kamsync_fxiaoke.rows import Row, gone, id_of, moment
from kamsync_fxiaoke.tag_functions import TagFunctions
from kamsync_fxiaoke.tags import Tags
from kamsync_fxiaoke.voids import Voids
from kamsync_fxiaoke.writing import Writer

FRESH_STAFF = 10.0  # seconds


class FxiaokeSession:
    """The contract's methods, each handed to the part that knows how."""

    def __init__(self, options: FxiaokeOptions, http: Http, clock: Clock) -> None:
        self._options = options
        self._http = http
        self._clock = clock
        self._api = Api(http, open_ids=options.employee_ids == "open" and options.auth_style == "header")
        functions = Functions(self._api, options.function_prefix)
        self._field = Tags(self._api, options, clock)
        self._tags = TagFunctions(functions, options, clock) if options.tag_channel == "function" else self._field
        self._channel = channel(self._api, options, functions, clock)
        self._writer = Writer(self._api, self._tags, self._channel)
        voids = Voids(self._api, options.void_rows)
        self._reader = Reader(self._api, voids, second_path=options.second_path)
        self._forecaster = Forecaster(self._api, voids)
        self._events = Events(options.aes_key)
        self._seen_staff: tuple[float, list[people.Person]] | None = None

    # ---- reading

    def check(self) -> Health:
        listed = self._api.objects()
        tags = self._field if self._tags is self._field else None
        staff = people.staff(self._api, self._http.now())
        self._seen_staff = (self._clock.monotonic(), staff)
        return health.look(self._api, self._clock, self._options, tags, listed, staff)

    def _staff(self) -> list[people.Person]:
        """The staff; what a check-up saw a moment ago serves the pull that follows it, once."""
        seen, self._seen_staff = self._seen_staff, None
        if seen is not None and self._clock.monotonic() - seen[0] < FRESH_STAFF:
            return seen[1]
        return people.staff(self._api, self._http.now())

    def streams(self) -> Sequence[Stream]:
        return objects.streams(self._api.objects())

    def read(self, stream: Stream, window: Window, cursor: str | None) -> Iterator[Page]:
        whole = self._whole(stream)
        return self._reader.pages(stream, window, cursor) if whole is None else iter([whole])

    def slices(self, stream: Stream, window: Window, want: int) -> Sequence[Window]:
        return self._reader.slices(stream, window, want)

    def forecast(self, stream: Stream, window: Window, parts: int = 1) -> Forecast | None:
        if stream.object == objects.USERS.object:
            return self._forecast_staff()
        if stream.object == objects.DEPARTMENTS.object:
            return Forecast(1, 1)
        return self._forecaster.forecast(stream, window, parts)

    def _forecast_staff(self) -> Forecast:
        """Nothing where a check-up has just seen the staff, else the list in one call."""
        seen = self._seen_staff
        if seen is not None and self._clock.monotonic() - seen[0] < FRESH_STAFF:
            return Forecast(0, 0, len(seen[1]))
        return Forecast(1, 1)

    def ids(self, stream: Stream, cursor: str | None) -> Iterator[Page]:
        whole = self._whole(stream)
        return self._reader.ids(stream, cursor) if whole is None else iter([whole])

    def _whole(self, stream: Stream) -> Page | None:
        """The streams that are no object and come in one piece."""
        if stream.object == objects.USERS.object:
            return people.users(self._staff(), self._options)
        return people.departments(self._api) if stream.object == objects.DEPARTMENTS.object else None

    def get(self, stream: Stream, ids: Sequence[str]) -> Sequence[Gotten]:
        whole = self._whole(stream)
        if whole is not None:
            found = {record.id: Page((record,)) for record in whole.records}
            return [Gotten(id, "found" if id in found else "gone", found.get(id)) for id in ids]
        return [self._get(stream, id) for id in ids]

    def _get(self, stream: Stream, id: str) -> Gotten:
        try:
            row = self._api.get(stream.object, id)
        except Refused as refusal:
            return Gotten(id, "gone" if is_absent(refusal) else "hidden")
        if row is None:
            return Gotten(id, "hidden")
        return Gotten(id, "gone" if gone(row) else "found", reading.one(row))

    def fields(self, stream: Stream) -> Sequence[Field]:
        if stream.object == objects.USERS.object:
            return fields.staff()
        if stream.object == objects.DEPARTMENTS.object:
            return fields.departments()
        return fields.of(self._api.describe(stream.object))

    def hint(self, headers: Mapping[str, str], body: bytes) -> Hint:
        """The object that an event speaks of, with the answer without which the CRM sends it again."""
        return self._events.hint(body, self._http.now())

    # ---- writing

    def writes(self) -> Sequence[Write]:
        return self._writer.promises(self._options.settle_seconds)

    def live(self, targets: Sequence[Target]) -> Sequence[Live]:
        """From lists, a hundred at a time; a record that a list does not show is asked for by itself."""
        by_object: dict[str, list[str]] = defaultdict(list)
        for target in targets:
            by_object[target.object].append(target.remote_id)
        rows = {object: self._rows(object, ids) for object, ids in by_object.items()}
        return [self._live(target, rows[target.object].get(target.remote_id)) for target in targets]

    def _rows(self, object: str, ids: Sequence[str]) -> dict[str, Row]:
        found: dict[str, Row] = {}
        for some in batches(list(dict.fromkeys(ids)), PAGE):
            found |= {id_of(row): row for row in self._api.all(object, [where("_id", "IN", *some)])}
        for id in ids:
            row = None if id in found else self._alone(object, id)
            if row is not None:
                found[id] = row
        return found

    def _alone(self, object: str, id: str) -> Row | None:
        try:
            return self._api.get(object, id)
        except Refused:
            return None

    def _live(self, target: Target, row: Row | None) -> Live:
        if row is None or row.get("life_status") == INVALID:
            return Live(target, False)
        owner = row.get("owner")
        return Live(
            target,
            True,
            tags=self._tags.read(target, row),
            modified=moment(row.get("last_modified_time")),
            locked=str(row.get("lock_status")) == "1",
            owner=str(owner[0]) if isinstance(owner, list) and owner else None,
        )

    def find(self, probes: Sequence[Probe]) -> Sequence[Found]:
        return self._channel.find(probes)

    def ours(self, since: datetime | None) -> Iterator[Ours]:
        return self._channel.ours(since)

    def tasks(self, refs: Sequence[TaskRef]) -> Sequence[LiveTask]:
        return self._channel.tasks(refs)

    def write(self, intents: Sequence[Intent]) -> Sequence[Outcome]:
        return self._writer.write(intents)
