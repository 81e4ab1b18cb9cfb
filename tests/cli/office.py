"""An office to type commands in: a workspace made by `kamsync init`, joined to two simulated tenants.

What is typed goes through `main`, in this process; what comes back is the code and both outputs.
"""

from __future__ import annotations

import json
import re
import shutil
import time
import unicodedata
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kamsync.cli import main
from kamsync.cli.simulating import config_block
from kamsync_fxiaoke.sim import FxiaokeTenant
from kamsync_zoho.sim import ZohoTenant

AS_OF = "2026-03-02"
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


@dataclass
class Office:
    """Two tenants, a folder and a keyboard."""

    folder: Path
    capsys: pytest.CaptureFixture[str]
    zoho: ZohoTenant
    fxiaoke: FxiaokeTenant
    options: dict[str, dict[str, Any]] = field(default_factory=dict)
    writes: str = "plan"

    @property
    def config(self) -> Path:
        return self.folder / "config.toml"

    def type(self, *words: str, lang: str = "en") -> Answer:
        self.capsys.readouterr()
        code = main([*words, "--config", str(self.config), "--lang", lang])
        told = self.capsys.readouterr()
        return Answer(code, told.out, told.err)

    def open(self) -> None:
        """A new workspace that knows both tenants, and three reminders: enough to try the commands with."""
        assert self.type("init", str(self.folder)).code == 0
        self.remind(ROOT / "tests/reminders.toml")
        self.configure()

    def remind(self, policy: Path) -> None:
        """This is the reminder policy from now on."""
        shutil.copy(policy, self.folder / "policies/reminders.toml")

    def configure(self, **changes: str) -> None:
        """Fill the config in; `changes`: words of its text to replace."""
        blocks = {"zoho": dict(self.zoho.options()), "fxiaoke": dict(self.fxiaoke.options())}
        text = self.config.read_text("utf-8").replace("allow_plain_secrets = false", "allow_plain_secrets = true")
        for name, options in blocks.items():
            given = options | {"settle_seconds": 1} | self.options.get(name, {})
            block = config_block(name, name, given, self.writes)
            text = re.sub(rf"\[connections\.{name}\].*?(?=\n\[)", lambda _, block=block: block + "\n", text, flags=re.S)
        for word, other in changes.items():
            text = text.replace(word, other)
        self.config.write_text(text, "utf-8")

    def wait_for_the_next_second(self) -> None:
        """The CRMs' stamps have a grain of one second."""
        time.sleep(1.1)

    def fill(self) -> dict[str, str]:
        """A good customer known to both CRMs, and a small one."""
        z, f = self.zoho, self.fxiaoke
        owner = z.add("user", name="王丽", email="wangli@example.cn")
        big = z.add("account", name="华东精密机械有限公司", uscc="91320500MA1MXK7B5M", size="大", influence=80,
                    since=date(2019, 3, 1), wallet=30_000_000, wallet_date=date(2026, 1, 5), owner=owner)  # fmt: skip
        twin = f.add("account", name="华东精密机械有限公司", uscc="91320500MA1MXK7B5M")
        small = z.add("account", name="苏州小河五金店", size="小", owner=owner)
        for month in range(1, 11):
            z.add("order", account=big, number=f"SO-{month:02d}", date=date(2025, month + 2, 12), counts=True,
                  gross=1_200_000, cost=900_000)  # fmt: skip
        z.add("invoice", account=big, number="INV-7", issued=date(2025, 12, 12), due=date(2026, 1, 11),
              amount=200_000, status="open")  # fmt: skip
        z.add("order", account=small, number="SO-99", date=date(2025, 6, 1), counts=True, gross=8_000, cost=6_000)
        return {"big": big, "twin": twin, "small": small}


def width(text: str) -> int:
    """Columns on a terminal."""
    return max((sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line) for line in text.splitlines()),
               default=0)  # fmt: skip
