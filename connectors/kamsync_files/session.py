"""An open folder: its streams, their columns with samples, and their rows; only files that changed are read.

Reads only. A file that cannot be read is named after all the others of its stream were read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from kamsync.plugin import (
    Clock,
    ConfigError,
    ConnectorError,
    Field,
    Finding,
    Gotten,
    Health,
    Page,
    Record,
    Refused,
    Stream,
    Text,
    Unavailable,
    Window,
    same,
    scale_of,
)
from kamsync_files.cells import kind_of
from kamsync_files.folder import Found, files_of, reachable, sets
from kamsync_files.header import name_of
from kamsync_files.ledger import Ledger
from kamsync_files.options import FileSet, FilesOptions
from kamsync_files.table import Row, Table

PAGE = 1000
PREVIEW = 200  # rows that a column's kind is told from
SAMPLES = 3


class FilesSession:
    """Streams, fields, rows and ids of one folder."""

    def __init__(self, options: FilesOptions, clock: Clock) -> None:
        self._options = options
        self._clock = clock
        self._zone = ZoneInfo(options.timezone)

    def check(self) -> Health:
        reachable(self._options.folder)
        findings = [finding for name, wanted in sets(self._options).items() for finding in self._look(name, wanted)]
        return Health(org="files", user="", name=str(self._options.folder), findings=tuple(findings))

    def streams(self) -> Sequence[Stream]:
        reachable(self._options.folder)
        return [
            Stream(name=name, object=name, label=same(wanted.path), lag=timedelta(0), keeps_cursor=True)
            for name, wanted in sets(self._options).items()
        ]

    def fields(self, stream: Stream) -> Sequence[Field]:
        """The columns of the file that changed last, with a few values of each and what kind they seem to be."""
        wanted = self._set(stream)
        table = Table(self._files(stream.object, wanted)[-1], wanted, self._zone)
        bodies = table.bodies(PREVIEW)
        key = {name_of(column) for column in wanted.key}
        told = []
        only = {name_of(column) for column in wanted.columns} | key
        for name in table.header.names:
            if wanted.columns and name not in only:
                continue
            values = [body[name] for body in bodies if body.get(name) is not None]
            samples = tuple(dict.fromkeys(str(value)[:40] for value in values))[:SAMPLES]
            kind = kind_of(values)
            scale = scale_of(name) if kind in ("integer", "number") else 1
            told.append(Field(name, name, kind, required=name in key, samples=samples, scale=scale))
        return told

    def read(self, stream: Stream, window: Window, cursor: str | None) -> Iterator[Page]:
        """The rows of files that are new or have changed; the ledger in the cursor says which are not."""
        wanted = self._set(stream)
        files = self._files(stream.object, wanted)
        ledger = Ledger.of(cursor, wanted)
        ledger.forget_all_but({file.name for file in files})
        if cursor is None and window.lo is not None:  # one stretch of time is asked for: older files are not in it
            for file in files:
                if file.changed < window.lo:
                    ledger.finish(file)
        fresh = [file for file in files if not ledger.is_read(file)]
        bad: list[Refused] = []
        for file in fresh:
            try:
                yield from self._pages(file, wanted, ledger)
            except Refused as unreadable:
                bad.append(unreadable)
        if bad:
            raise _several(bad)
        if not fresh and ledger.text() != cursor:
            yield Page(cursor=ledger.text())

    def ids(self, stream: Stream, cursor: str | None) -> Iterator[Page]:
        """Every row of every file. A row that nobody can read may be any of them: then nothing is said to be gone."""
        wanted = self._set(stream)
        for file in self._files(stream.object, wanted):
            rows = iter(Table(file, wanted, self._zone).rows())
            while batch := list(islice(rows, PAGE)):
                unclear = next((row.record.problem for row in batch if not row.readable), None)
                if unclear is not None:
                    raise Refused(
                        Text(
                            f"无法判断哪些行已被删除:{unclear.zh}",
                            f"it cannot be told which rows were removed: {unclear.en}",
                        ),
                        code="bad_row",
                    )
                yield Page(tuple(Record(row.record.id, row.record.modified, {}) for row in batch))

    def get(self, stream: Stream, ids: Sequence[str]) -> Sequence[Gotten]:
        """These rows as they stand in the files now. While a row cannot be read, nobody can say that one is gone."""
        wanted, asked = self._set(stream), set(ids)
        found: dict[str, Record] = {}
        clear = True
        for file in self._files(stream.object, wanted):
            for row in Table(file, wanted, self._zone).rows():
                clear = clear and row.readable
                if row.record.id in asked:
                    found[row.record.id] = row.record
        absent = "gone" if clear else "hidden"
        return [Gotten(id, "found", Page((found[id],))) if id in found else Gotten(id, absent) for id in ids]

    # ---- parts

    def _pages(self, file: Found, wanted: FileSet, ledger: Ledger) -> Iterator[Page]:
        rows = iter(Table(file, wanted, self._zone).rows())
        landed = sum(1 for _ in islice(rows, ledger.begun(file)))
        batch = list(islice(rows, PAGE))
        while True:
            following = list(islice(rows, PAGE))
            landed += len(batch)
            if following:
                ledger.reach(file, landed)
            else:
                ledger.finish(file)
            yield Page(_records(batch), cursor=ledger.text())
            if not following:
                return
            batch = following

    def _set(self, stream: Stream) -> FileSet:
        known = sets(self._options)
        if stream.object not in known:
            raise ConfigError(
                Text(f"没有文件属于 {stream.object}", f"no file belongs to {stream.object}"), next="kamsync doctor"
            )
        return known[stream.object]

    def _files(self, name: str, wanted: FileSet) -> list[Found]:
        """The stream's files. None at all is trouble, not an empty stream: somebody moved them."""
        reachable(self._options.folder)
        stem = None if self._options.files else name
        found = files_of(self._options.folder, wanted, self._clock.now(), stem=stem)
        if not found:
            where = self._options.folder / wanted.path
            raise Unavailable(
                Text(f"{name}:没有文件 {where}", f"{name}: there is no file {where}"), next="kamsync doctor"
            )
        return found

    def _look(self, name: str, wanted: FileSet) -> Iterator[Finding]:
        """How the newest file of a stream reads, for people; its rows are not judged here."""
        check = f"files.{name}"
        fix = Text(f"检查 files.{name} 的设置", f"check the settings of files.{name}")
        try:
            files = self._files(name, wanted)
            table = Table(files[-1], wanted, self._zone)
        except ConnectorError as trouble:
            yield Finding(check, "bad", trouble.text, fix)
            return
        header, how = table.header, table.source.how
        yield Finding(
            check,
            "ok",
            Text(
                f"{len(files)} 个文件;{files[-1].name}({how.zh}):第 {header.number} 行是 {len(header.names)} 个列名",
                f"{len(files)} files; {files[-1].name} ({how.en}): line {header.number} names "
                f"{len(header.names)} columns",
            ),
        )
        for odd in (*table.source.odd, *_repeated(files[-1], header.repeated), *_keyless(name, wanted)):
            yield Finding(check, "warn", odd, fix)


def _records(rows: list[Row]) -> tuple[Record, ...]:
    return tuple(row.record for row in rows)


def _repeated(file: Found, names: Sequence[str]) -> Iterator[Text]:
    for name in names:
        yield Text(
            f"{file.name}:列名 {name} 出现了不止一次;后面的叫 {name}#2",
            f"{file.name}: the column {name} is there more than once; the later one is called {name}#2",
        )


def _keyless(name: str, wanted: FileSet) -> Iterator[Text]:
    if not wanted.key:
        yield Text(
            f"{name} 没有写 key:改动过的行会成为新记录",
            f"{name} has no key: a row that is edited becomes another record",
        )


def _several(bad: Sequence[Refused]) -> Refused:
    if len(bad) == 1:
        return bad[0]
    zh, en = "\n".join(one.text.zh for one in bad), "\n".join(one.text.en for one in bad)
    return Refused(Text(zh, en), code="bad_file", next="kamsync doctor")
