"""Look everything over before it is needed: files, secrets, store, connections. Each finding says what to do.

Changes nothing in a CRM and nothing in the workspace.
"""

from __future__ import annotations

import os
import shlex
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kamsync import config as configs
from kamsync.config import Config, ConnectionConfig
from kamsync.config.toml_file import Problem, Problems
from kamsync.engine import connectors, doctor_hooks, doctor_tenant
from kamsync.engine.mapping_force import Force, file_of
from kamsync.engine.mapping_view import remarks
from kamsync.engine.shipped import share
from kamsync.engine.workspace import Workspace
from kamsync.plugin import Clock, Finding, KamsyncError, Text, same
from kamsync.store import Store, StoreDamaged, StoreNewer, StoreUnusable, looking, open_store
from kamsync.store.database import HEAD

OLDEST_SQLITE = (3, 35)  # RETURNING
ORDER = (2, 6, 4, 5, 8, 7)  # which exit code speaks for several


@dataclass(slots=True)
class Checkup:
    """What the doctor found. `codes`: the exit codes of what is bad."""

    findings: list[Finding] = field(default_factory=list)
    codes: set[int] = field(default_factory=set)

    @property
    def ok(self) -> bool:
        return not any(one.state == "bad" for one in self.findings)

    @property
    def exit_code(self) -> int:
        """What is wrong first: files, then secrets, the store, the CRMs."""
        return 0 if self.ok else next((code for code in ORDER if code in self.codes), 7)

    def fine(self, check: str, detail: Text) -> None:
        self.findings.append(Finding(check, "ok", detail))

    def bad(self, check: str, detail: Text, fix: Text, code: int = 7) -> None:
        self.findings.append(Finding(check, "bad", detail, fix))
        self.codes.add(code)

    def failed(self, check: str, error: KamsyncError) -> None:
        """An expected error as findings: each mistake in a file by itself."""
        if isinstance(error, Problems):
            for problem in error.problems:
                self.bad(check, _said(problem), problem.hint or same(f"edit {problem.file}"), error.exit_code)
            return
        self.bad(check, error.text, same(error.next or "kamsync doctor"), error.exit_code)


def _said(problem: Problem) -> Text:
    line = f":{problem.line}" if problem.line else ""
    where = " ".join(part for part in (f"{Path(problem.file).name}{line}", problem.key) if part)
    return Text(f"{where} {problem.text.zh}", f"{where} {problem.text.en}")


def checkup(path: Path, clock: Clock, environ: Mapping[str, str] | None = None) -> Checkup:
    """Everything that can be looked over from the config at `path`."""
    found = Checkup()
    environ = dict(os.environ) if environ is None else environ
    _connectors(found)
    try:
        config = configs.load(path, connectors.find().connectors, share())
    except Problems as wrong:
        found.failed("config", wrong)
        return found
    count = len(config.connections)
    found.fine("config", Text(f"{path}:{count} 个连接", f"{path}: {count} connections"))
    if not count:
        detail = Text("没有任何 [connections.…]", "there is no [connections.…] block")
        found.bad("config", detail, same("kamsync init DIR"), 2)
    _files(found, config)
    unsealed = [one for one in config.connections if _secrets(found, config, one, environ)]
    store = _store(found, config, clock)
    if store is None:
        return found
    try:
        workspace = Workspace(config, store, clock, environ)
        _connections(found, workspace, unsealed)
        found.findings += doctor_hooks.look(workspace)
    finally:
        store.close()
    return found


def _connectors(found: Checkup) -> None:
    for broken in connectors.find().broken:
        fix = Text(f"升级或卸载软件包 {broken.provider}", f"upgrade or uninstall the package {broken.provider}")
        detail = Text(f"连接器 {broken.name}:{broken.why.zh}", f"connector {broken.name}: {broken.why.en}")
        found.findings.append(Finding("connectors", "warn", detail, fix))


def _files(found: Checkup, config: Config) -> None:
    calendar = config.policy.calendar or share() / "policies" / "calendar-cn.toml"
    readers: tuple[tuple[str, Path, Callable[[Path], Any]], ...] = (
        ("policy.tiers", config.policy.tiers, configs.read_policy),
        ("policy.reminders", config.policy.reminders, configs.read_reminders),
        ("policy.calendar", calendar, configs.read_calendar),
    )
    for check, path, read in readers:
        try:
            read(path)
            found.fine(check, same(str(path)))
        except Problems as wrong:
            found.failed(check, wrong)


def _secrets(found: Checkup, config: Config, one: ConnectionConfig, environ: Mapping[str, str]) -> bool:
    """Are all secrets of this connection there?"""
    check = f"{one.name}.secrets"
    try:
        configs.unseal(one, environ, config.folder)
    except configs.SecretMissing as missing:
        for zh, en in zip(missing.text.zh.splitlines(), missing.text.en.splitlines(), strict=True):
            fix = Text(
                "填好 .env 并载入:set -a; . ./.env; set +a", "fill in .env and load it: set -a; . ./.env; set +a"
            )
            found.bad(check, Text(zh, en), fix, missing.exit_code)
        return False
    found.fine(check, Text("密钥都在", "all secrets are there"))
    return True


def _store(found: Checkup, config: Config, clock: Clock) -> Store | None:
    try:
        store = open_store(config.store.url)
        store.look_over(always=True)
    except StoreDamaged as broken:
        found.bad("store", broken.text, _way_back(broken.where), broken.exit_code)
        return None
    except StoreUnusable as broken:
        fix = Text("检查 [store] url 与磁盘权限", "check [store] url and the rights on that folder")
        found.bad("store", broken.text, fix, broken.exit_code)
        return None
    except StoreNewer as newer:
        found.failed("store", newer)
        return None
    version = f", SQLite {sqlite3.sqlite_version}" if store.is_sqlite else ""
    found.fine("store", Text(f"{store.where}(结构 {HEAD}{version})", f"{store.where} (schema {HEAD}{version})"))
    if store.is_sqlite and sqlite3.sqlite_version_info < OLDEST_SQLITE:
        detail = Text(f"SQLite {sqlite3.sqlite_version} 太旧", f"SQLite {sqlite3.sqlite_version} is too old")
        found.bad(
            "store", detail, Text("升级 Python 自带的 SQLite 到 3.35 以上", "use a Python with SQLite 3.35 or later"), 4
        )
    who = looking.writer(store, clock.now())
    if who is not None:
        found.fine("writer", Text(f"正在写入:{who}", f"being written by {who}"))
    return store


def _way_back(where: str) -> Text:
    """From a damaged file: what was in it lies in the CRMs, too; the broken one is kept for whoever looks into it."""
    path, aside, log, index = (shlex.quote(where + ending) for ending in ("", ".damaged", "-wal", "-shm"))
    command = f"mv {path} {aside}; rm -f {log} {index}; kamsync recover"
    return Text(f"恢复备份;没有备份就移开它、由 CRM 重建:{command}",
                f"put a backup back; without one, set it aside and rebuild from the CRMs: {command}")  # fmt: skip


def _connections(found: Checkup, workspace: Workspace, unsealed: list[ConnectionConfig]) -> None:
    """Mapping files of all, then the tenants of those that can be reached."""
    mappings = {}
    for one in workspace.config.connections:
        try:
            mappings[one.name] = file_of(one, workspace.connectors)
            count = len(mappings[one.name].streams)
            found.fine(
                f"{one.name}.mapping", Text(f"{one.mapping}:{count} 个数据流", f"{one.mapping}: {count} streams")
            )
        except Problems as wrong:
            found.failed(f"{one.name}.mapping", wrong)
    for remark in remarks(workspace):
        found.findings.append(Finding("mapping", "warn", remark.text, same(remark.next)))
    workspace.force = {name: Force(0, mapping) for name, mapping in mappings.items()}
    workspace.mappings = mappings  # the files as they lie there: what an admin is about to publish
    for one in unsealed:
        if one.name in mappings:
            _tenant(found, workspace, one.name)


def _tenant(found: Checkup, workspace: Workspace, name: str) -> None:
    for finding, code in doctor_tenant.look(workspace, name):
        found.findings.append(finding)
        if finding.state == "bad":
            found.codes.add(code)
