"""`kamsync map test`: golden rows beside a mapping."""

from __future__ import annotations

from tests.cli.office import Office, width


def test_a_recorded_row_holds_until_the_mapping_says_otherwise_and_then_names_both_lines(office: Office) -> None:
    ids = office.fill()
    office.type("pull")
    recorded = office.type("map", "test", "zoho", "accounts", "--record", ids["big"])
    before = office.type("map", "test", "--json")
    file = office.folder / "mappings/zoho.toml"
    text = file.read_text("utf-8").replace('"大型" = "大"', '"大型" = "中"')
    file.write_text(text, "utf-8")

    told = office.type("map", "test", "--json")
    screen = office.type("map", "test", lang="zh")

    golden = office.folder / "mappings/zoho.golden.toml"
    line = golden.read_text("utf-8").splitlines().index('size = "大"') + 1
    field = next(number for number, each in enumerate(text.splitlines(), 1) if each.startswith("size = "))
    assert "written to zoho.golden.toml" in recorded.out
    assert (before.code, before.json) == (0, {"rows": 1, "problems": []})
    assert told.code == 7
    assert told.json["problems"] == [
        {"file": str(golden), "line": line, "key": "accounts[1].expect.size", "text": "should be 大, is 中",
         "hint": f"as zoho.toml:{field} reads it"}
    ]  # fmt: skip
    assert "应为 大,得到 中" in screen.out
    assert width(screen.out.split("\n", 1)[1]) <= 80


def test_a_golden_row_hides_what_belongs_to_a_person(office: Office) -> None:
    account = office.fill()["big"]
    id = office.zoho.add("contact", name="欧阳小明", account=account, mobile="13800138000", email="ou.yang@example.cn")
    office.type("pull")

    office.type("map", "test", "zoho", "contacts", "--record", id)

    text = (office.folder / "mappings/zoho.golden.toml").read_text("utf-8")
    assert "13800138000" not in text
    assert "ou.yang" not in text
    assert "欧阳小明" not in text
    assert "138******00" in text
    assert office.type("map", "test").code == 0


def test_a_row_that_must_be_left_out_and_one_of_an_unknown_stream_are_told(office: Office) -> None:
    golden = office.folder / "mappings/zoho.golden.toml"
    golden.write_text(
        "[[accounts]]\nrecord = '''{\"Account_Name\": \"甲\"}'''\nkept = false\n\n[[acounts]]\nrecord = '{}'\n", "utf-8"
    )

    told = office.type("map", "test", "zoho", "--json").json["problems"]

    assert [(one["line"], one["text"]) for one in told] == [
        (3, "should be left out, and comes into the files"),
        (5, "is no stream of the mapping"),
    ]


def test_without_rows_the_way_to_the_first_one_is_told(office: Office) -> None:
    answer = office.type("map", "test")

    assert answer.code == 0
    assert "kamsync map test CONNECTION STREAM --record ID" in answer.out
