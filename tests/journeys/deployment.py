"""A deployment against two simulated CRMs, driven as people drive it: by commands, each a process of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from kamsync.testing.tenant import Tenant
from kamsync.testing.world import World
from kamsync_fxiaoke.sim import FxiaokeTenant
from kamsync_fxiaoke.sim import seed as seed_fxiaoke
from kamsync_zoho.sim import ZohoTenant
from kamsync_zoho.sim import seed as seed_zoho

COMMAND = (sys.executable, "-c", "import sys; from kamsync.cli import main; sys.exit(main())")
CONFIG = """\
language = "en"
deployment = "journey"
allow_plain_secrets = true

{zoho}

{fxiaoke}

[policy]
tiers = "policies/value4.toml"
reminders = "policies/reminders.toml"

{rest}
"""


def today() -> Any:
    return datetime.now(UTC).astimezone(ZoneInfo("Asia/Shanghai")).date()


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONUTF8": "1", "COLUMNS": "80", "KAMSYNC_LANG": "en", "KAMSYNC_CONFIG": ""}


def command(*args: str, cwd: Path, expect: int | None = 0) -> subprocess.CompletedProcess[str]:
    """Run kamsync to its end."""
    done = subprocess.run([*COMMAND, *args], cwd=cwd, env=environment(), capture_output=True, text=True, timeout=300)
    assert expect is None or done.returncode == expect, f"{args} ended {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


def in_json(*args: str, cwd: Path, expect: int | None = 0) -> Any:
    """What kamsync tells programs."""
    return json.loads(command(*args, "--json", cwd=cwd, expect=expect).stdout)


@dataclass
class Deployment:
    """A workspace and its two CRMs, which run in the test's own process."""

    folder: Path
    zoho: Tenant
    fxiaoke: Tenant
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def tenants(self) -> tuple[Tenant, Tenant]:
        return self.zoho, self.fxiaoke

    def configure(self, *, writes: str = "plan", rest: str = "", **options: Any) -> None:
        """Write the config; `options` go into both connections."""
        blocks = {
            name: _block(name, dict(tenant.options()) | options, writes)
            for name, tenant in (("zoho", self.zoho), ("fxiaoke", self.fxiaoke))
        }
        (self.folder / "config.toml").write_text(CONFIG.format(rest=rest, **blocks), "utf-8")

    def run(self, *args: str, expect: int | None = 0) -> subprocess.CompletedProcess[str]:
        return command(*args, cwd=self.folder, expect=expect)

    def json(self, *args: str, expect: int | None = 0) -> Any:
        return in_json(*args, cwd=self.folder, expect=expect)

    def start(self, *args: str) -> subprocess.Popen[str]:
        """A kamsync that goes on by itself; killed when the test ends."""
        process = subprocess.Popen(
            [*COMMAND, *args],
            cwd=self.folder,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.started.append(process)
        return process


def set_up(folder: Path, world: World, **config: Any) -> Deployment:
    """A workspace as `init` writes it, joined to two tenants that hold this world."""
    command("init", str(folder), cwd=folder.parent)
    zoho, fxiaoke = ZohoTenant(), FxiaokeTenant(calls_per_20s=2000)
    seed_zoho(zoho, world)
    seed_fxiaoke(fxiaoke, world)
    deployment = Deployment(folder, zoho.start(), fxiaoke.start())
    deployment.configure(**config)
    return deployment


def take_down(deployment: Deployment) -> None:
    for process in deployment.started:
        process.kill()
        process.communicate()
    for tenant in deployment.tenants:
        tenant.stop()
    shutil.rmtree(deployment.folder)


def _block(name: str, options: dict[str, Any], writes: str) -> str:
    told = {"connector": name, "mapping": f"mappings/{name}.toml", "writes": writes} | options
    return "\n".join([f"[connections.{name}]", *(f"{key} = {json.dumps(_plain(told[key]))}" for key in told)])


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


# ---- what must be true in the CRMs


def our_tags(tenant: Tenant) -> dict[str, list[str]]:
    """The tags of ours on every account."""
    return {id: [tag for tag in tenant.tags(id) if tag.startswith("KAM·")] for id in tenant.ids("account")}


def our_tasks(tenant: Tenant) -> list[tuple[str | None, str | None, str]]:
    """(marker, record it hangs on, subject) of every task of ours, doubles and all, in order."""
    return sorted((task.marker, task.target, task.subject) for task in tenant.tasks() if task.by_us)


def peoples(tenant: Tenant) -> tuple[Any, ...]:
    """People's own tags and tasks."""
    tags = {id: [tag for tag in tenant.tags(id) if not tag.startswith("KAM·")] for id in tenant.ids("account")}
    return tags, sorted((task for task in tenant.tasks() if not task.by_us), key=lambda task: task.id)
