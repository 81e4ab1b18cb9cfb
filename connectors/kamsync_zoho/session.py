"""An open connection to one Zoho organisation: hands each question to the file that answers it.

Keeps what the metadata said for its own life, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from kamsync.plugin import (
    Change,
    Clock,
    Field,
    Forecast,
    Found,
    Gotten,
    Health,
    Hint,
    Http,
    Intent,
    KamsyncError,
    Live,
    LiveTask,
    NotSent,
    Ours,
    Outcome,
    Page,
    Probe,
    Stream,
    TagChange,
    Target,
    Task,
    TaskChange,
    TaskRef,
    Text,
    Window,
    Write,
)
from kamsync_zoho import changes, checkup, tags, tasks, watch
from kamsync_zoho.find import Finder
from kamsync_zoho.forecast import Forecaster
from kamsync_zoho.jobs import Jobs
from kamsync_zoho.live import live
from kamsync_zoho.metadata import USERS, Metadata
from kamsync_zoho.options import ZohoOptions
from kamsync_zoho.queries import Queries
from kamsync_zoho.read import Lists
from kamsync_zoho.scopes import covered
from kamsync_zoho.tasks import Key
from kamsync_zoho.ways import Ways

DELETING = "ZohoCRM.modules.tasks.DELETE"
NEW, CHANGED = 0.1, 1.0  # credits a row: a batch of new tasks; one changed on the condition that it has not moved
SETTLE = 150.0  # the door's deadline, the server's tail, and the lag of a list


class ZohoSession:
    """Every capability of the contract."""

    def __init__(self, options: ZohoOptions, http: Http, clock: Clock) -> None:
        self._options = options
        self._http = http
        self._clock = clock
        self._metadata = Metadata(http)
        self._lists = Lists(http, self._metadata)
        self._tags: dict[tuple[str, str], frozenset[str]] = {}  # of records, as last looked at
        queries = Queries(http, self._metadata, self._lists, options.coql_columns)
        jobs = Jobs(http, self._metadata)
        self._ways = Ways(self._lists, queries, jobs, options.bulk_above)
        self._forecaster = Forecaster(http, self._metadata, queries, jobs, options.bulk_above)

    # ---- reading

    def check(self) -> Health:
        return checkup.check(self._options, self._http, self._metadata)

    def streams(self) -> Sequence[Stream]:
        return self._metadata.streams()

    def fields(self, stream: Stream) -> Sequence[Field]:
        return self._metadata.fields(stream.object)

    def read(self, stream: Stream, window: Window, cursor: str | None) -> Iterator[Page]:
        return self._ways.read(stream, window, cursor)

    def slices(self, stream: Stream, window: Window, want: int) -> Sequence[Window]:
        return self._ways.slices(stream, window, want)

    def forecast(self, stream: Stream, window: Window, parts: int = 1) -> Forecast | None:
        return self._forecaster.forecast(stream, window, parts)

    def gone(self, stream: Stream, window: Window, cursor: str | None) -> Iterator[Page]:
        return self._lists.gone(stream, window, cursor)

    def ids(self, stream: Stream, cursor: str | None) -> Iterator[Page]:
        return self._ways.ids(stream, cursor)

    def get(self, stream: Stream, ids: Sequence[str]) -> Sequence[Gotten]:
        return self._lists.get(stream, ids)

    def hint(self, headers: Mapping[str, str], body: bytes) -> Hint:
        return watch.hint(self._options.notify_token, body)

    def watch(self, url: str, streams: Sequence[Stream]) -> datetime | None:
        modules = [stream.object for stream in streams if stream.object != USERS.object]
        return watch.Watch(self._http, self._options.notify_token).keep(url, modules)

    def unwatch(self, url: str) -> None:
        watch.Watch(self._http, self._options.notify_token).stop(url)

    # ---- writing

    def writes(self) -> Sequence[Write]:
        settle = SETTLE if self._options.settle_seconds is None else self._options.settle_seconds
        return (self._task_level(settle), _tag_level(settle))

    def live(self, targets: Sequence[Target]) -> Sequence[Live]:
        found = live(self._lists, self._metadata, targets)
        for each in found:
            self._tags[each.target.object, each.target.remote_id] = frozenset(each.tags or ())
        return found

    def find(self, probes: Sequence[Probe]) -> Sequence[Found]:
        return self._finder().find(probes)

    def ours(self, since: datetime | None) -> Iterator[Ours]:
        return self._finder().ours(since)

    def tasks(self, refs: Sequence[TaskRef]) -> Sequence[LiveTask]:
        return self._finder().tasks(refs)

    def write(self, intents: Sequence[Intent]) -> Sequence[Outcome]:
        """Each kind in its own calls, should several come at once."""
        told: dict[str, Outcome] = {}
        for kind, send in ((Task, self._create), (TaskChange, self._change), (TagChange, self._tag)):
            some = [intent for intent in intents if isinstance(intent.body, kind)]
            try:
                told |= {outcome.intent: outcome for outcome in (send(some) if some else ())}
            except NotSent as early:
                if not told:
                    raise
                told |= {intent.id: Outcome(intent.id, "not_sent", message=str(early)) for intent in some}
        return [told[intent.id] for intent in intents]

    def _create(self, intents: Sequence[Intent]) -> Sequence[Outcome]:
        return tasks.Tasks(self._http, self._metadata, self._options, intents).write()

    def _change(self, intents: Sequence[Intent]) -> Sequence[Outcome]:
        try:
            finder, able = self._finder(), self._able()
        except KamsyncError as early:
            raise NotSent(early.text, next=early.next) from early
        return changes.Changes(self._http, self._metadata, self._options, finder, able, intents).write()

    def _tag(self, intents: Sequence[Intent]) -> Sequence[Outcome]:
        return tags.Tags(self._http, self._metadata, self._options.tag_prefix, intents, self._tags).write()

    # ---- how well

    def _key(self) -> Key:
        return tasks.key(self._metadata, self._options.task_key_field)

    def _finder(self) -> Finder:
        return Finder(self._http, self._clock, self._metadata, self._lists, self._key())

    def _able(self) -> frozenset[Change]:
        """Deleting needs a right of its own, which not every grant has."""
        granted = self._http.facts().get("scope")
        return changes.able(self._metadata, deletes=granted is None or covered(granted, DELETING))

    def _task_level(self, settle: float) -> Write:
        found, able = self._key(), self._able()
        if found.field is not None and found.unique:
            why = Text(
                f"Zoho 保证 {tasks.MODULE}.{found.field} 不重复:同一提醒只会有一条任务",
                f"Zoho keeps {tasks.MODULE}.{found.field} unique: a duty can have one task only",
            )
            facts = {"field": found.field}
            return Write("task", "E3", tasks.BATCH, settle, why, True, NEW, CHANGED, able, facts)
        where = found.field or "Description"
        why = Text(
            f"标记写在 {tasks.MODULE}.{where},写入结果不明时按列表查找;Zoho 不保证唯一",
            f"the marker is in {tasks.MODULE}.{where} and looked up in lists after doubt; Zoho does not keep it unique",
        )
        facts = {"field": where}
        return Write("task", "E2", tasks.BATCH, settle, why, True, NEW, CHANGED, able, facts, _better(found.field))


def _better(field: str | None) -> Text:
    """What would let Zoho keep our keys unique."""
    if field is None:
        return Text(
            "在「任务」模块新增单行文本字段 Kamsync_Key(勾选「不允许重复值」),即为 E3",
            'a single-line field Kamsync_Key on Tasks, "do not allow duplicate values" ticked, makes it E3',
        )
    return Text(
        f"给 {tasks.MODULE}.{field} 勾选「不允许重复值」,即为 E3",
        f'"do not allow duplicate values" ticked on {tasks.MODULE}.{field} makes it E3',
    )


def _tag_level(settle: float) -> Write:
    why = Text("Zoho 可逐个增删标签,别人的标签不受影响", "Zoho adds and removes single tags; those of people stay")
    return Write("tags", "S2", tags.BATCH, settle, why, credits_per_row=0.02)
