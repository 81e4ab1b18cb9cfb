"""Records as no form should let through: each becomes an entity or is set aside by name; nothing raises or hangs."""

from __future__ import annotations

import json
import time
from datetime import date
from typing import Any

import pytest

from kamsync.engine.land import body_text
from kamsync.mapping import Mapping, Notes, Rejection, apply, read_mapping
from kamsync.model import Account
from kamsync.plugin import Record
from tests.mapping.conftest import SHANGHAI

TEXT = """
[accounts]
object = "Accounts"
entity = "account"
[accounts.fields]
name = "Name"
uscc = "Code"
phone = "Phone"
domain = "Site"
region = ["State", "City"]
industry_code = "Industry"
wallet = { from = "Wallet", scale = 10000 }
since = "Since"
founded = { from = "Founded", unknown = "default" }
flags = "Flags"
concerns = { formula = "text(left(Name, 50), ' / ', left(Notes, 200))" }
goals = { from = "Goals", norm = ["half", "spaces"] }
"""
GOOD = {"Name": "华新水泥股份有限公司", "Phone": "027-87773898"}
LARGE = "长" * (5 * 1024 * 1024 // 3)


@pytest.fixture(scope="module")
def mapping() -> Mapping:
    return read_mapping(TEXT, "mappings/hostile.toml")


def made(mapping: Mapping, notes: Notes | None = None, **body: Any) -> Any:
    record = Record("1", None, {**GOOD, **body})
    return apply(mapping, "accounts", record, zone=SHANGHAI, base_currency="CNY", notes=notes or Notes())


@pytest.mark.parametrize("field", ["Name", "Code", "Phone", "Site", "State", "Industry", "Flags", "Notes", "Goals"])
def test_a_text_of_five_megabytes_takes_no_longer_than_reading_it(mapping: Mapping, field: str) -> None:
    began = time.process_time()

    account = made(mapping, **{field: LARGE})

    assert isinstance(account, Account)
    assert time.process_time() - began < 1.0


@pytest.mark.parametrize("field", ["Wallet", "Since"])
def test_a_figure_or_day_of_five_megabytes_is_set_aside_by_name(mapping: Mapping, field: str) -> None:
    refused = made(mapping, **{field: LARGE})

    assert isinstance(refused, Rejection)
    assert refused.field == field.lower()
    assert len(refused.value) < 200
    assert len(refused.why.en) < 300


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("华新🚀水泥👨‍👩‍👧‍👦", "华新🚀水泥👨‍👩‍👧‍👦"),
        ("华\x00新", "华\ufffd新"),
        ("华\ud83d新", "华\ufffd新"),
        ("\u202eمرحبا\u202c 华新", "\u202eمرحبا\u202c 华新"),
        ("ｅ\u0301", "ｅ\u0301"),
    ],
)
def test_a_name_is_kept_as_people_wrote_it_less_what_databases_refuse(mapping: Mapping, name: str, kept: str) -> None:
    account = made(mapping, Name=name)

    assert account.name == kept
    assert json.loads(body_text({"Name": name}))["Name"].isprintable() or kept == account.name
    account.name.encode()  # what is left can be stored


@pytest.mark.parametrize(
    ("raw", "since", "noted"),
    [
        ("0001-01-01", None, True), ("0000-00-00", None, True), ("9999-12-31", date(9999, 12, 31), False),
        (0, None, True), ("2026-02-30", Rejection, False), (253_402_300_799_999, Rejection, False),
        (-10**18, Rejection, False), ("昨天", Rejection, False), ([], None, False), ({"id": 1}, Rejection, False),
    ],
)  # fmt: skip
def test_days_at_the_ends_of_the_calendar_are_named(mapping: Mapping, raw: Any, since: Any, noted: bool) -> None:
    notes = Notes()

    account = made(mapping, notes, Since=raw)

    if since is Rejection:
        assert isinstance(account, Rejection)
        assert account.field == "since"
    else:
        assert account.since == since
        assert bool(notes.odd) == noted


def test_an_optional_day_that_is_none_need_not_cost_the_record(mapping: Mapping) -> None:
    notes = Notes()

    account = made(mapping, notes, Founded="民国九年")

    assert isinstance(account, Account)
    assert account.founded is None
    assert notes.odd == [("founded", '"民国九年"')]


@pytest.mark.parametrize("raw", ["9" * 400, "1" * 30 + "万", 10**400, "1e999999999", "٣٤٥", "½", "NaN", "-Infinity"])
def test_an_amount_beyond_all_money_is_set_aside_or_exact(mapping: Mapping, raw: Any) -> None:
    account = made(mapping, Wallet=raw)

    assert isinstance(account, Rejection) or account.wallet.minor == 345 * 10_000 * 100


def test_a_thousand_wrapped_lists_and_objects_are_no_text(mapping: Mapping) -> None:
    nested: Any = "x"
    for _ in range(900):
        nested = [nested]

    refused = made(mapping, Name=nested)

    assert isinstance(refused, Rejection)
    assert refused.field == "name"
