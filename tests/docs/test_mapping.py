"""The examples of `docs/mapping.md` work as they stand there, in their order."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from kamsync_fxiaoke.sim import FxiaokeTenant
from kamsync_zoho.sim import ZohoTenant
from tests.cli.office import AS_OF, Office

PAGE = Path(__file__).parents[2] / "docs/mapping.md"
EXAMPLES = re.findall(r"(?m)^    (kamsync .+)$", PAGE.read_text("utf-8"))


@pytest.fixture
def office(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    monkeypatch.setenv("COLUMNS", "80")
    with ZohoTenant() as zoho, FxiaokeTenant(calls_per_20s=500) as fxiaoke:
        office = Office(tmp_path / "ws", capsys, zoho, fxiaoke)
        office.open()
        yield office


def test_every_example_of_the_page_works_in_its_order_and_without_a_call(office: Office) -> None:
    big = office.fill()["big"]
    office.type("pull")
    office.type("tier", "--as-of", AS_OF)
    file = office.folder / "mappings/zoho.toml"
    calls = sum(office.zoho.traffic.calls.values())

    codes = {}
    for example in EXAMPLES:
        if "map lint" in example:
            file.write_text(file.read_text("utf-8").replace('"大型" = "大"', '"大型" = "中"'), "utf-8")
        codes[example] = office.type(*shlex.split(example.replace("RECORD", big))[1:]).code

    assert len(codes) == 16
    assert {example: code for example, code in codes.items() if code} == {}
    assert sum(office.zoho.traffic.calls.values()) == calls
