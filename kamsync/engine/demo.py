"""The demo's stage: two simulated CRMs on this machine and a ready workspace that leads to them.

Changes nothing in a folder that no demo made. What is simulated is only the CRMs: everything else is the real thing.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import tomlkit
from filelock import FileLock, Timeout

from kamsync.config.faults import is_secret
from kamsync.config.toml_file import read
from kamsync.engine import connectors
from kamsync.engine.initing import workspace_files
from kamsync.plugin import Connector, KamsyncError, Options, Text

GO_LIVE = timedelta(days=7)  # what was owed before is only listed: a first day that people can keep
MARK = "demo.json"  # says that a demo made this folder, and where its CRMs were
MADE = ("config.toml", "mappings", "policies", "secrets", "crms", ".gitignore")
MADE_LATER = ("kamsync.db*", "plan-*.json")
# The CRMs, with what their tenants bought: Fxiaoke's plans begin at 100 calls in 20 s.
CRMS: Mapping[str, Mapping[str, int]] = {"zoho": {}, "fxiaoke": {"calls_per_20s": 500}}


class NotADemo(KamsyncError):
    """The folder holds something that no demo made; nothing was changed."""

    exit_code = 2


class InUse(KamsyncError):
    """Somebody works in the demo's folder at this moment."""

    exit_code = 3


@dataclass(frozen=True, slots=True)
class Crm:
    """One simulated CRM that is up. `tenant` is its connector's; `bought` says what its edition allows."""

    name: str
    title: Text
    tenant: Any
    bought: Text | None = None

    @property
    def url(self) -> str:
        return str(self.tenant.url)


@dataclass(frozen=True, slots=True)
class Stage:
    """What the demo plays on. `resumed`: the same tenants as last time, with everything done to them since."""

    folder: Path
    crms: tuple[Crm, ...]
    resumed: bool

    @property
    def config(self) -> Path:
        return self.folder / "config.toml"

    def save(self) -> None:
        """Keep the CRMs' state, so that the next start finds the same tenants."""
        for crm in self.crms:
            crm.tenant.save()


@contextmanager
def staged(folder: Path, today: date, language: str, *, again: bool = False) -> Iterator[Stage]:
    """Both CRMs up and the workspace ready. `again`: go on with the last demo's tenants, where there are any."""
    _refuse_foreign(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).touch()
    with _alone(folder):
        resumed = again and all((folder / "crms" / f"{name}.json").is_file() for name in CRMS)
        if not resumed:
            _clear(folder)
        (folder / "crms").mkdir(exist_ok=True)
        crms = tuple(_crm(folder, name, today) for name in CRMS)
        if not resumed:
            _write_workspace(folder, language, today)
        _lead_to(folder, crms)
        with ExitStack() as up:
            for crm in crms:
                up.enter_context(crm.tenant)
            yield Stage(folder, crms, resumed)


# ---- the folder


def _refuse_foreign(folder: Path) -> None:
    if not folder.exists() or (folder / MARK).is_file() or (folder.is_dir() and not any(folder.iterdir())):
        return
    raise NotADemo(
        Text(
            f"{folder} 不是演示建立的目录,没有改动任何内容;请换一个目录",
            f"{folder} was not made by a demo; nothing was changed. Take another folder",
        ),
        next="kamsync demo --dir DIR",
    )


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Nobody else in this folder: no other demo, no daemon, no writing command."""
    mine = _taken(folder, ".demo.lock")
    try:
        for name in ("kamsync.db.daemon.lock", "kamsync.db.lock"):
            _taken(folder, name).release()  # only looked: the demo's own steps will want it
        yield
    finally:
        mine.release()


def _taken(folder: Path, name: str) -> FileLock:
    lock = FileLock(folder / name)
    try:
        lock.acquire(timeout=0.5)
    except Timeout as busy:
        raise InUse(
            Text(
                f"{folder} 里还有演示或 kamsync 在运行,请先停掉它,或换一个目录",
                f"a demo or another kamsync is at work in {folder}: stop it first, or take another folder",
            ),
            next="kamsync demo --dir DIR",
        ) from busy
    return lock


def _clear(folder: Path) -> None:
    """Take away what an earlier demo made, and nothing else."""
    later = [path for pattern in MADE_LATER for path in folder.glob(pattern)]
    for path in [*(folder / name for name in MADE), *later]:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


# ---- the CRMs


def _crm(folder: Path, name: str, today: date) -> Crm:
    """A tenant with last time's state and port, where there are any; else a fresh one on a free port."""
    connector = connectors.find().connectors[name]
    assert connector.tenant is not None
    knobs = CRMS[name]
    state = folder / "crms" / f"{name}.json"
    try:
        tenant = connector.tenant(seed=True, today=today, state=state, port=_ports(folder).get(name, 0), **knobs)
    except OSError:  # the port went to somebody else meanwhile
        tenant = connector.tenant(seed=True, today=today, state=state, **knobs)
    calls = knobs.get("calls_per_20s")
    bought = Text(f"已购：每接口 20 秒 {calls} 次", f"bought: {calls} calls/20 s") if calls else None
    return Crm(name, connector.title, tenant, bought)


def _ports(folder: Path) -> dict[str, int]:
    try:
        ports = json.loads((folder / MARK).read_text("utf-8"))["ports"]
        return {str(name): int(port) for name, port in ports.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


# ---- the workspace


def _write_workspace(folder: Path, language: str, today: date) -> None:
    """The files that `kamsync init` writes, filled in for the demo."""
    chosen = [connectors.find().connectors[name] for name in CRMS]
    files = workspace_files(chosen)
    files.pop(".env.example", None)  # the demo's secrets lie in files
    files["config.toml"] = _filled_in(files["config.toml"], chosen, language, today)
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def _filled_in(text: str, chosen: list[Connector], language: str, today: date) -> str:
    document = tomlkit.parse(text)
    document["language"] = language
    document["deployment"] = "demo"
    policy: Any = document["policy"]
    policy["go_live"] = today - GO_LIVE
    for one in chosen:
        block: Any = document["connections"]
        for key in _secret_keys(one.options):
            block[one.name][key] = f"file:secrets/{one.name}.{key}"
    return tomlkit.dumps(document)


def _secret_keys(options: type[Options]) -> list[str]:
    return [key for key, field in options.model_fields.items() if is_secret(field.annotation) and field.is_required()]


def _lead_to(folder: Path, crms: tuple[Crm, ...]) -> None:
    """Addresses into the config, secrets into files of their own that only their owner may read."""
    path = folder / "config.toml"
    document = tomlkit.parse(read(path).text)
    secrets = folder / "secrets"
    secrets.mkdir(mode=0o700, exist_ok=True)
    for crm in crms:
        blocks: Any = document["connections"]
        hidden = _secret_keys(connectors.find().connectors[crm.name].options)
        for key, value in crm.tenant.options().items():
            if key in hidden:
                _keep_secret(secrets / f"{crm.name}.{key}", value)
            elif crm.name in blocks:  # on later starts a person may have taken it out
                blocks[crm.name][key] = value
    path.write_text(tomlkit.dumps(document), "utf-8")
    ports = {crm.name: crm.tenant.server.port for crm in crms}
    (folder / MARK).write_text(json.dumps({"made_by": "kamsync demo", "ports": ports}) + "\n", "utf-8")


def _keep_secret(path: Path, secret: str) -> None:
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(secret + "\n", "utf-8")
