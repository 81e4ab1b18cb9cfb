"""An open tap: what it offers, and one stream at a time read out of it, its state landing with its records.

Reads only. Each read is a run of its own with that stream alone selected; what else the tap says is passed over.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from kamsync.plugin import (
    Clock,
    ConfigError,
    CursorLost,
    Field,
    Finding,
    Gone,
    Health,
    Page,
    Record,
    Stream,
    Text,
    Window,
    same,
)
from kamsync_singer.catalog import Entry, entries, fields_of, of_schema, read_catalog, selecting
from kamsync_singer.messages import Message, bad_line, is_state, place, read_line, refuse_batches, state_text
from kamsync_singer.options import SingerOptions
from kamsync_singer.process import Child
from kamsync_singer.redact import Redactor

PAGE = 1000


class SingerSession:
    """Streams, fields and records of one tap."""

    def __init__(self, options: SingerOptions, clock: Clock) -> None:
        self._options = options
        self._clock = clock
        self._redact = Redactor(options.config)
        self._catalog: dict[str, Any] | None = None
        self._entries: dict[str, Entry] | None = None

    def check(self) -> Health:
        tap, found = self._options.tap, self._offered()
        keyless = ", ".join(entry.id for entry in found.values() if not entry.keys)
        findings = [
            Finding("streams", "ok", Text(f"{tap} 提供 {len(found)} 个数据流", f"{tap} offers {len(found)} streams"))
        ]
        if keyless:
            said = Text(
                f"没有主键,改动过的记录会成为新记录:{keyless}",
                f"have no key, so a changed record becomes another one: {keyless}",
            )
            findings.append(
                Finding("keys", "warn", said, Text("在 catalog 里写 key_properties", "set key_properties in a catalog"))
            )
        return Health(org=f"singer:{tap}", user="", name=tap, findings=tuple(findings))

    def streams(self) -> Sequence[Stream]:
        return [
            Stream(
                name=entry.id,
                object=entry.id,
                label=same(entry.name),
                incremental=not whole,
                lag=timedelta(0),
                keeps_cursor=not whole,
                lists_all=self._options.deletes,
            )
            for entry in self._offered().values()
            for whole in [entry.whole or self._options.deletes]
        ]

    def fields(self, stream: Stream) -> Sequence[Field]:
        return fields_of(self._entry(stream))

    def read(self, stream: Stream, window: Window, cursor: str | None) -> Iterator[Page]:
        """What the tap has since the state in the cursor. A page's cursor is a state that its records have reached."""
        if cursor is not None and not is_state(cursor):
            raise CursorLost(Text("存下的不是 Singer 状态", "what was kept is no Singer state"))
        entry, reached = self._entry(stream), cursor
        records: list[Record] = []
        gone: list[Gone] = []
        with self._running(entry, cursor) as child:
            for line in child.lines(self._clock, self._options.silence_seconds):
                message = None if line is None else read_line(line)
                if isinstance(message, Text):
                    records.append(bad_line(line or b"", message, self._options.tap, self._redact))
                elif isinstance(message, Message):
                    entry = self._learn(entry, message)
                    reached = state_text(message) if message.kind == "STATE" else reached
                    _take(message, entry, records, gone)
                if len(records) + len(gone) >= PAGE or line is None:
                    yield Page(tuple(records), tuple(gone), cursor=reached)
                    records, gone = [], []
            yield Page(tuple(records), tuple(gone), cursor=reached)
            child.done(self._options.silence_seconds)

    # ---- parts

    def _learn(self, entry: Entry, message: Message) -> Entry:
        """A SCHEMA knows best which properties are the key; the catalog may have said nothing of it."""
        if message.kind == "BATCH":
            raise refuse_batches(self._options.tap)
        if message.kind != "SCHEMA" or message.stream not in (entry.id, entry.name):
            return entry
        told = of_schema(message.told)
        return Entry(
            entry.id,
            entry.name,
            told.keys or entry.keys,
            told.bookmark or entry.bookmark,
            entry.whole,
            entry.properties,
        )

    def _entry(self, stream: Stream) -> Entry:
        found = self._offered().get(stream.object)
        if found is None:
            tap = self._options.tap
            raise ConfigError(
                Text(f"{tap} 没有数据流 {stream.object}", f"{tap} offers no stream {stream.object}"),
                next="kamsync doctor",
            )
        return found

    def _offered(self) -> dict[str, Entry]:
        if self._entries is None:
            given = self._options.catalog or self._options.properties
            if given is not None:
                self._catalog = read_catalog(_text_of(given), given.name)
            elif self._options.discover:
                self._catalog = read_catalog(self._discovered(), self._options.tap)
            found = entries(self._catalog) if self._catalog is not None else self._told_by_running()
            self._entries = {entry.id: entry for entry in found}
        return self._entries

    def _discovered(self) -> bytes:
        with self._child(["--discover"]) as child:
            told = [line for line in child.lines(self._clock, self._options.silence_seconds) if line]
            child.done(self._options.silence_seconds)
        return b"\n".join(told)

    def _told_by_running(self) -> list[Entry]:
        """The streams of a tap that cannot discover: one run to its end, for its SCHEMA messages."""
        found: dict[str, Entry] = {}
        with self._child([]) as child:
            for line in child.lines(self._clock, self._options.silence_seconds):
                message = read_line(line) if line else None
                if isinstance(message, Message) and message.kind == "SCHEMA":
                    found.setdefault(message.stream, of_schema(message.told))
            child.done(self._options.silence_seconds)
        return list(found.values())

    @contextmanager
    def _running(self, entry: Entry, state: str | None) -> Iterator[Child]:
        """The tap at work on one stream, with the files it needs in a folder that goes with it."""
        folder = tempfile.mkdtemp(prefix="kamsync-tap-")
        try:
            arguments: list[str] = []
            if self._catalog is not None:
                path = Path(folder, "catalog.json")
                path.write_text(json.dumps(selecting(self._catalog, entry.id), ensure_ascii=False), "utf-8")
                arguments += ["--properties" if self._options.properties else "--catalog", str(path)]
            if state:
                path = Path(folder, "state.json")
                path.write_text(state, "utf-8")
                arguments += ["--state", str(path)]
            with self._child(arguments) as child:
                yield child
        finally:  # also where a reader goes away in the middle and nobody closes what it read
            shutil.rmtree(folder, ignore_errors=True)

    def _child(self, arguments: Sequence[str]) -> Child:
        config = self._options.config
        given = ["--config", str(config)] if config else []
        folder = config.parent if config else Path.cwd()
        return Child([*self._options.command, *given, *arguments], folder, self._options.environment, self._redact)


def _take(message: Message, entry: Entry, records: list[Record], gone: list[Gone]) -> None:
    if message.kind != "RECORD" or message.stream not in (entry.id, entry.name):
        return
    placed = place(message, entry)
    if isinstance(placed, Gone):
        gone.append(placed)
    else:
        records.append(placed)


def _text_of(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as broken:
        why = getattr(broken, "strerror", None) or type(broken).__name__
        raise ConfigError(
            Text(f"读不了 {path}:{why}", f"{path} cannot be read: {why}"), next="kamsync doctor"
        ) from broken
