"""A tenant's schema changes under us: named with the nearest name, nothing nulled, the stream goes on."""

from __future__ import annotations

from typing import Any

import pytest

from kamsync.engine import views_status
from kamsync.plugin import Choice, Field
from tests.engine.desk import Desk, of
from tests.engine.shelf import Shelf

BASE = {
    "Full_Name": Field("Full_Name", "姓名", "text", id="f1"),
    "Title": Field("Title", "职务", "text", id="f2"),
    "Decision_Role": Field("Decision_Role", "决策角色", "picklist", id="f3", choices=(Choice("决策者", "决策者"),)),
}


@pytest.fixture
def shelf(zoho_desk: Desk) -> Shelf:
    """One contact, read once with the fields as they were."""
    shelf = Shelf(zoho_desk, fields_now=list(BASE.values()))
    shelf.add("李雷", Title="总监", Decision_Role="决策者")
    shelf.pull()
    shelf.desk.wait(minutes=16)
    return shelf


def _now(shelf: Shelf, **fields: Field | None) -> None:
    shelf.fields_now = [field for field in (BASE | fields).values() if field is not None]


def _without(shelf: Shelf, name: str) -> None:
    """The field is gone from every record, and somebody edits one."""
    stamp, body = shelf.rows["000001"]
    shelf.rows["000001"] = (stamp, {key: value for key, value in body.items() if key != name})
    shelf.change("000001", Full_Name="李雷雷")


def _said(shelf: Shelf) -> str:
    report = shelf.pull()
    assert of(report, "contacts").trouble is None
    [concern] = of(report, "contacts").concerns
    assert (report.verdict, concern.kind) == ("degraded", "drift")
    return concern.text.en


def test_a_removed_field_keeps_its_last_value_and_the_rest_goes_on(shelf: Shelf) -> None:
    _now(shelf, Title=None)
    _without(shelf, "Title")

    said = _said(shelf)

    assert "Title cannot be read any more" in said
    row = shelf.stored("000001")
    assert (row["name"], row["title"]) == ("李雷雷", "总监")


def test_a_value_that_a_person_empties_is_empty(shelf: Shelf) -> None:
    shelf.change("000001", Title=None)

    shelf.pull()

    assert shelf.stored("000001")["title"] is None


def test_a_renamed_field_is_guessed_by_its_lasting_id(shelf: Shelf) -> None:
    _now(shelf, Title=None, Position=Field("Position", "岗位", "text", id="f2"))
    _without(shelf, "Title")

    assert "field Title is called Position now" in _said(shelf)


def test_a_field_that_people_see_under_another_name_is_told_once_and_nothing_is_degraded(shelf: Shelf) -> None:
    _now(shelf, Title=Field("Title", "岗位", "text", id="f2"))

    first = shelf.pull()
    shelf.desk.wait(minutes=16)
    second = shelf.pull()

    told, again = of(first, "contacts"), of(second, "contacts")
    assert [note.zh for note in told.notes] == ["字段 Title 在 CRM 里由“职务”改称“岗位”;映射按 Title 读取,照常有效"]
    assert (first.verdict, told.concerns, again.notes) == ("ok", [], [])


def test_a_field_without_a_lasting_id_is_guessed_by_its_name(shelf: Shelf) -> None:
    _now(shelf, Title=None, Titel=Field("Titel", "头衔", "text", id="f9"))
    _without(shelf, "Title")

    assert 'did you mean "Titel"?' in _said(shelf)


@pytest.mark.parametrize(
    ("field", "said"),
    [
        (Field("Title", "职务", "number", id="f2"), "Title was of type text and is number now"),
        (
            Field("Decision_Role", "决策角色", "picklist", id="f3", choices=(Choice("参谋", "参谋"),)),
            "Decision_Role has new choices that the mapping does not know: 参谋",
        ),
    ],
    ids=["another type", "a choice that nobody mapped"],
)
def test_a_field_that_became_another_is_named_until_the_mapping_is_looked_at(
    shelf: Shelf, field: Field, said: str
) -> None:
    _now(shelf, **{field.name: field})

    first = _said(shelf)
    shelf.desk.wait(minutes=16)
    later = _said(shelf)

    assert said in first
    assert later == first
    assert any(said in reason.text.en for reason in views_status.status(shelf.desk.workspace).reasons)


@pytest.mark.parametrize("choice", ["影响者", "Influencer"])
def test_a_new_choice_that_the_mapping_knows_is_no_news(shelf: Shelf, choice: str) -> None:
    choices = (Choice("决策者", "决策者"), Choice(choice, choice))
    _now(shelf, Decision_Role=Field("Decision_Role", "决策角色", "picklist", id="f3", choices=choices))

    assert shelf.pull().verdict == "ok"


def test_a_field_that_comes_back_ends_the_concern(shelf: Shelf) -> None:
    _now(shelf, Title=None)
    shelf.pull()
    shelf.desk.wait(minutes=16)
    _now(shelf)

    report = shelf.pull()

    assert (report.verdict, shelf.desk.rows("concern")) == ("ok", [])


def test_fields_are_asked_for_once_in_a_quarter_of_an_hour(shelf: Shelf) -> None:
    asked = shelf.asked.count("fields")
    for _ in range(4):
        shelf.pull()
        shelf.desk.wait(minutes=5)

    assert shelf.asked.count("fields") - asked == 2


def test_a_formula_that_moves_no_stamp_is_refreshed_by_the_sweep(shelf: Shelf) -> None:
    silent: dict[str, Any] = {"Title": Field("Title", "职务", "formula", id="f2", silent=True)}
    _now(shelf, **silent)
    shelf.desk.mappings["zoho"] = _touched(shelf.desk)
    shelf.desk.configure()
    shelf.pull()
    stamp, body = shelf.rows["000001"]
    shelf.rows["000001"] = (stamp, body | {"Title": "副总裁"})
    shelf.desk.wait(hours=25)

    shelf.pull()

    assert shelf.stored("000001")["title"] == "副总裁"


def test_a_field_hidden_from_us_in_zoho_keeps_its_values(zoho_desk: Desk) -> None:
    id = zoho_desk.zoho.add("contact", name="李雷", title="总监")
    zoho_desk.pull("contacts")
    zoho_desk.wait(minutes=16)
    zoho_desk.zoho.hide_field("Contacts", "Title")
    zoho_desk.zoho.change("contact", id, name="李雷雷")

    report = zoho_desk.pull("contacts")

    [concern] = of(report, "contacts").concerns
    assert "Title cannot be read any more" in concern.text.en
    [row] = zoho_desk.rows("contact")
    assert (row["name"], row["title"]) == ("李雷雷", "总监")


def _touched(desk: Desk) -> Any:
    """The mapping, edited by a person: today's fields are the ones it was written for."""
    path = desk.folder / "zoho.toml"
    path.write_text(desk.mappings["zoho"].read_text("utf-8") + "\n# 已看过\n", "utf-8")
    return path
