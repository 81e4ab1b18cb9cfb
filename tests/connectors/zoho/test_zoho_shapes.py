"""The odd corners of the one shape: lists of values, odd numbers, system values, and looking things up."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kamsync.plugin import Field, Probe, Target
from kamsync_zoho.canon import Cells, canonical, number
from tests.connectors.zoho.conftest import ACCOUNTS


def field(name: str, type: str, **more: str) -> Field:
    return Field(name, name, type, **more)


def test_several_choices_are_a_list_or_nothing_in_every_way():
    cells = Cells(
        ["Id", "Colours", "None"], [field("Colours", "multiselectpicklist"), field("None", "multiselectpicklist")]
    )

    listed = canonical({"id": "1", "Colours": ["红", "蓝"], "None": []})

    assert cells.row(["1", "红,蓝", ""]) == listed == {"id": "1", "Colours": ["红", "蓝"], "None": None}


@pytest.mark.parametrize(
    ("sent", "one"),
    [("100.00", 100), ("100", 100), ("128000000.50", Decimal("128000000.5")), ("0.10", Decimal("0.1")), ("-0.0", 0)],
)
def test_a_number_has_one_spelling(sent, one):
    cells = Cells(["Id", "Amount"], [field("Amount", "currency")])

    assert number(Decimal(sent)) == one
    assert cells.row(["1", sent])["Amount"] == one


def test_a_formula_is_read_by_what_it_yields():
    fields = [field("Score", "formula", returns="double"), field("Code", "formula", returns="string")]

    row = Cells(["Id", "Score", "Code"], fields).row(["1", "7.50", "007"])

    assert (row["Score"], row["Code"]) == (Decimal("7.5"), "007")


def test_yes_and_no_in_a_file_are_neither_words_nor_guesses():
    cells = Cells(["Id", "Yes", "No", "Unknown"], [field(name, "boolean") for name in ("Yes", "No", "Unknown")])

    assert cells.row(["1", "true", "FALSE", ""]) == {"id": "1", "Yes": True, "No": False, "Unknown": None}


def test_an_id_of_any_length_stays_text():
    assert canonical({"id": 57257670000004110015725767000000411001})["id"] == "57257670000004110015725767000000411001"


def test_zohos_system_values_stay_out_but_the_kind_of_the_parent():
    row = {"id": "1", "$approval_state": "approved", "$se_module": {"api_name": "Deals"}, "What_Id": {"id": "2"}}

    assert canonical(row) == {"id": "1", "$se_module": "Deals", "What_Id": {"id": "2"}}


def test_the_module_told_inside_a_parent_is_told_beside_it():
    row = {"id": "1", "What_Id": {"id": "2", "name": "甲", "module": {"api_name": "Deals", "id": "9"}}}

    assert canonical(row) == {"id": "1", "What_Id": {"id": "2"}, "$se_module": "Deals"}


def test_a_value_of_an_unknown_kind_is_kept_and_kills_nothing():
    row = {"id": "1", "Odd": {"deep": [{"x": 1}]}, "Odder": [[None]]}

    assert canonical(row) == row


def test_nothing_is_ever_looked_up_by_search(org):
    (id,) = org.accounts(1)
    target = Target("accounts", "Accounts", id)

    org.session.find([Probe("kam:R08:INV-1:" + "a" * 26, target, org.now())])
    org.session.live([target])
    list(org.session.ours(None))
    org.session.get(ACCOUNTS, [id])

    assert [name for name in org.tenant.traffic.calls if "search" in name] == []
