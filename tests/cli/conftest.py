"""The office, on simulated tenants over real HTTP, in an 80-column terminal without colours."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kamsync_fxiaoke.sim import FxiaokeTenant
from kamsync_zoho.sim import ZohoTenant
from tests.cli.office import Office


@pytest.fixture(autouse=True)
def plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for name in ("KAMSYNC_CONFIG", "KAMSYNC_LANG", "FORCE_COLOR", "ZOHO_REFRESH_TOKEN", "ZOHO_CLIENT_SECRET"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def office(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Office]:
    """A workspace joined to two tenants in which nobody is a customer yet."""
    with ZohoTenant() as zoho, FxiaokeTenant(calls_per_20s=500) as fxiaoke:
        office = Office(tmp_path / "ws", capsys, zoho, fxiaoke)
        office.open()
        yield office
