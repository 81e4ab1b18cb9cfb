"""A CRM product nobody sells, so that the config room is tested without any connector of ours."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import pytest

from kamsync.config import Config, load
from kamsync.plugin import Connector, Options, Secret, Wire, same


class SampleOptions(Options):
    accounts_url: str = "https://accounts.example.com"
    client_id: str
    client_secret: Secret
    webhook_secret: Secret | None = None
    style: Literal["header", "body"] = "header"


def unused(*_: Any) -> Any:
    raise AssertionError("reading a config opens no connection")


def sample(name: str) -> Connector:
    wire = Wire(unused, (), unused, unused, unused, unused, unused, unused)
    return Connector(name, same(name), SampleOptions, wire, lambda: "", unused)


CONNECTORS = {name: sample(name) for name in ("zoho", "fxiaoke")}

GOOD = """\
timezone = "Asia/Shanghai"
language = "zh"
deployment = "main"

[store]
url = "sqlite:///kamsync.db"

[connections.zoho]
connector = "zoho"
mapping = "mappings/zoho.toml"
client_id = "1000.华为"
client_secret = "env:ZOHO_CLIENT_SECRET"

[policy]
tiers = "policies/value4.toml"
reminders = "policies/reminders.toml"
prefer = ["zoho", "fxiaoke"]
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A folder with the files that a config points to."""
    for name in ("mappings/zoho.toml", "policies/value4.toml", "policies/reminders.toml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


@pytest.fixture
def config(workspace: Path) -> Callable[[str], Config]:
    """The config that a text holds, read from the workspace."""

    def read(text: str) -> Config:
        path = workspace / "config.toml"
        path.write_text(text, "utf-8")
        return load(path, CONNECTORS)

    return read
