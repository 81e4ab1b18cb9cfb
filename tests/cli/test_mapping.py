"""`kamsync map`: what admins see and do about their mappings."""

from __future__ import annotations

from tests.cli.office import Office, width


def test_each_connection_says_which_file_maps_it_and_how_much(office: Office) -> None:
    answer = office.type("map", "--json")

    told = {one["connection"]: one for one in answer.json["mappings"]}
    assert answer.code == 0
    assert list(told) == ["zoho", "fxiaoke"]
    assert told["zoho"]["file"].endswith("mappings/zoho.toml")
    assert told["zoho"]["streams"] >= 13
    assert told["zoho"]["problem"] is None


def test_a_mapping_with_mistakes_is_told_with_its_lines_beside_the_one_that_is_fine(office: Office) -> None:
    file = office.folder / "mappings/zoho.toml"
    file.write_text(file.read_text("utf-8").replace('industry = "Industry"', 'industri = "Industry"'), "utf-8")

    answer = office.type("map")

    assert answer.code == 2
    assert "fxiaoke.toml" in answer.out
    assert "accounts.fields.industri" in answer.out
    assert 'did you mean "industry"?' in answer.out
    assert width(answer.out.split("\n", 3)[0]) <= 80


# ---- fields


def test_fields_tell_how_full_each_is_what_stands_in_it_and_where_it_goes(office: Office) -> None:
    office.fill()
    office.zoho.add("contact", name="欧阳小明", mobile="13800138000")
    office.type("pull")

    told = {one["name"]: one for one in office.type("fields", "zoho", "accounts", "--json").json["fields"]}
    people = {one["name"]: one for one in office.type("fields", "zoho", "Contacts", "--json").json["fields"]}

    size = told["Customer_Size"]
    assert size["label"] == "企业规模"
    assert (size["fill_rate"], size["mapped"]) == (1.0, ["size"])
    assert {one["label"]: (one["count"], one["known"]) for one in size["choices"]} == {
        "大型": (1, True),
        "小型": (1, True),
    }
    assert told["Fax"]["filled"] == 0
    assert people["Mobile"]["samples"] == ["138******00"]


def test_a_choice_that_the_mapping_does_not_know_is_marked(office: Office) -> None:
    office.fill()
    file = office.folder / "mappings/zoho.toml"
    file.write_text(file.read_text("utf-8").replace('"大型" = "大"\n', ""), "utf-8")
    office.type("pull")

    zh, en = (office.type("fields", "zoho", "accounts", "--search", "规模", lang=lang) for lang in ("zh", "en"))

    assert zh.code == en.code == 0
    assert "大型 1 ?" in zh.out
    assert "fields with data: 1, mapped: 1" in en.out
    assert width(zh.out) <= 80
    assert width(en.out) <= 80


def test_a_stream_that_is_not_mapped_is_refused_with_the_one_that_was_meant(office: Office) -> None:
    answer = office.type("fields", "zoho", "acounts")

    assert answer.code == 2
    assert 'zoho maps no stream acounts; did you mean "accounts"?' in answer.err


# ---- preview


def test_a_preview_shows_real_records_before_and_after_without_a_call(office: Office) -> None:
    ids = office.fill()
    office.type("pull")
    office.zoho.stop()

    answer = office.type("map", "preview", "zoho", "accounts", "size", "--json")

    shown = {one["id"]: one["fields"][0] for one in answer.json["shown"]}
    assert answer.code == 0
    assert shown[ids["big"]]["sources"] == {"Customer_Size": "大型"}
    assert shown[ids["big"]]["after"] == "大"
    assert answer.json["edited"] is False


def test_a_preview_names_the_field_that_was_meant(office: Office) -> None:
    answer = office.type("map", "preview", "zoho", "accounts", "sizes")

    assert answer.code == 2
    assert 'account has no field sizes; did you mean "size"?' in answer.err
