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
