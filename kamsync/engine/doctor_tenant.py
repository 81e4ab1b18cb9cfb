"""Look one tenant over: can we sign in, whose clock is wrong, what is missing there, how safely may we write.

Reads only; a connection that cannot be opened is one finding.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from kamsync.engine import doctor_books, doctor_promises, guarantees
from kamsync.engine.connections import Connection, connected
from kamsync.engine.workspace import Workspace
from kamsync.mapping import drift, scales
from kamsync.plugin import Describes, Field, Finding, KamsyncError, Stream, Text, Write, same
from kamsync.store import concerns

MOST_SKEW = 120.0  # seconds
BAD, REFUSED = 7, 8
SHOWN = 4  # fields named in one finding


def look(workspace: Workspace, name: str) -> Iterator[tuple[Finding, int]]:
    """Findings about one connection, each with the exit code it stands for when it is bad."""
    with connected(workspace, [name]) as (ready, troubles):
        for error in troubles.values():
            fix = Text(f"检查 [connections.{name}]", f"check [connections.{name}]")
            helps = error.next and error.next != "kamsync doctor"
            detail = Text(error.text.zh, error.text.en)
            yield Finding(f"{name}.access", "bad", detail, same(error.next or "") if helps else fix), error.exit_code
        for connection in ready.values():
            for finding in _health(connection):
                yield replace(finding, check=f"{name}.{finding.check}"), REFUSED
            found = (*_clock(workspace, connection), *_streams(connection), *_concerns(workspace, name))
            for finding in (*found, *_writes(workspace, connection), *doctor_books.look(workspace, connection)):
                yield replace(finding, check=f"{name}.{finding.check}"), BAD


def _health(connection: Connection) -> Iterator[Finding]:
    health = connection.health
    if health is None:
        return
    name = health.name or health.org
    yield Finding("access", "ok", Text(f"已登录 {name}(组织 {health.org})", f"signed in to {name} (org {health.org})"))
    for finding in health.findings:
        yield replace(finding, check=finding.check.removeprefix(f"{connection.connector.name}."))


def _clock(workspace: Workspace, connection: Connection) -> Iterator[Finding]:
    health = connection.health
    if health is None or health.clock is None or any(one.check == "clock" for one in health.findings):
        return
    skew = abs((health.clock - workspace.clock.now()).total_seconds())
    said = Text(f"与 CRM 的时钟相差 {skew:.0f} 秒", f"{skew:.0f} s between the CRM's clock and ours")
    if skew <= MOST_SKEW:
        yield Finding("clock", "ok", said)
    else:
        yield Finding("clock", "warn", said, Text("校准本机时钟(NTP)", "set this machine's clock (NTP)"))


def _streams(connection: Connection) -> Iterator[Finding]:
    file = connection.config.mapping
    for stream, object in connection.missing:
        worst = connection.mapping.entities[stream] == "account"
        yield Finding(
            "streams",
            "bad" if worst else "warn",
            Text(f"租户里没有 {object}(数据流 {stream})", f"this tenant has no {object} (stream {stream})"),
            Text(f"请管理员授权,或从 {file} 删去 [{stream}]", f"ask for access, or remove [{stream}] from {file}"),
        )
    if connection.streams:
        count = len(connection.streams)
        yield Finding("streams", "ok", Text(f"可读 {count} 个数据流", f"{count} streams can be read"))
    yield from _fields(connection)


def _fields(connection: Connection) -> Iterator[Finding]:
    """Mapped fields that the tenant does not have, and figures that are taken for another unit than they are in."""
    if not isinstance(connection.session, Describes):
        return
    found = False
    for stream in connection.streams:
        try:
            fields = connection.session.fields(stream)
        except KamsyncError as refused:
            fix = Text("请管理员授权读取字段", "ask for the right to read the fields")
            yield Finding("mapped_fields", "warn", refused.text, fix)
            found = True
            continue
        if fields:  # some streams have no metadata
            for finding in (*_lacking(connection, stream, fields), *_miscounted(connection, stream, fields)):
                found = found or finding.check == "mapped_fields"
                yield finding
    if not found:
        yield Finding("mapped_fields", "ok", Text("映射的字段租户都有", "every mapped field is there"))


def _lacking(connection: Connection, stream: Stream, fields: Sequence[Field]) -> Iterator[Finding]:
    problems = drift(connection.mapping, stream.name, fields)
    if not problems:
        return
    keys = ", ".join(problem.key.rpartition(".")[2] for problem in problems[:SHOWN])
    more = Text(f" 等 {len(problems)} 项", f" and {len(problems) - SHOWN} more")
    rest = more if len(problems) > SHOWN else same("")
    first = problems[0]
    place = f"{connection.config.mapping}:{first.line}"
    hint = first.hint or Text("改映射,或在 CRM 里建此字段", "edit the mapping, or add the field to the CRM")
    yield Finding(
        "mapped_fields",
        "warn",
        Text(
            f"{stream.name}:映射的字段在 {stream.object} 里没有:{keys}{rest.zh}",
            f"{stream.name}: mapped, but not in {stream.object}: {keys}{rest.en}",
        ),
        Text(f"{place} {hint.zh}", f"{place} {hint.en}"),
    )


def _miscounted(connection: Connection, stream: Stream, fields: Sequence[Field]) -> Iterator[Finding]:
    """A revenue in 万元 that is read as yuan makes a key account a small one."""
    for problem in scales(connection.mapping, stream.name, fields):
        place, fix = f"{connection.config.mapping}:{problem.line}", problem.hint or same("scale")
        said = Text(f"{problem.key} {problem.text.zh}", f"{problem.key} {problem.text.en}")
        yield Finding("units", "warn", said, Text(f"{place} {fix.zh}", f"{place} {fix.en}"))


def _concerns(workspace: Workspace, name: str) -> Iterator[Finding]:
    """What pulls found odd and what is not over."""
    with workspace.store.read() as tx:
        rows = [row for row in concerns.all(tx) if row["connection"] == name]
    for row in rows:
        fix = Text("看 docs/pulling.md", "see docs/pulling.md")
        yield Finding(row["kind"], "warn", Text(row["zh"], row["en"]), fix)


def _writes(workspace: Workspace, connection: Connection) -> Iterator[Finding]:
    """How safely each facet may be written, and why."""
    mode = connection.config.writes
    if mode == "off" or connection.writer is None:
        yield Finding("writes", "ok", Text("只读", "reads only"))
        return
    try:
        levels = list(zip(connection.writer.writes(), guarantees.probe(workspace, connection), strict=True))
    except KamsyncError as refused:
        yield Finding("writes", "bad", refused.text, same(refused.next or "kamsync doctor"))
        return
    yield Finding("writes", "ok", same(f'writes = "{mode}"'))
    for one, promise in levels:
        yield from doctor_promises.look(promise)
        yield from _unmarked(connection, one)


def _unmarked(connection: Connection, write: Write) -> Iterator[Finding]:
    """Streams that would not see our marker where this tenant keeps it, and take our tasks for the customer's."""
    field = write.facts.get("field")
    if write.facet != "task" or field is None:
        return
    tasks = {object.casefold() for object in connection.connector.hand(connection.options).tasks}
    for spec in connection.mapping.specs.values():
        if spec.object.casefold() in tasks and field not in {path[0] for path in spec.marker_from}:
            line = connection.mapping.document.line(spec.name, "marker_from")
            yield Finding(
                "marker",
                "bad",
                Text(
                    f"{spec.name}:标识写在 {field},而映射不看它:自己的任务会被当作与客户的联系",
                    f"{spec.name}: the marker is in {field}, where the mapping does not look: our own tasks would be "
                    "taken for contacts with the customer",
                ),
                same(f'{connection.config.mapping}:{line} marker_from = ["{field}", …]'),
            )
