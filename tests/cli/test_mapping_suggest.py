"""`kamsync map suggest`: lines for what nothing reads, tried on the records that are kept."""

from __future__ import annotations

import re

from tests.cli.office import Office


def less(office: Office) -> str:
    """The mapping without a plain field, one of choices, and the tables they need."""
    file = office.folder / "mappings/zoho.toml"
    text = re.sub(r"(?m)^(size|since) = .*\n", "", file.read_text("utf-8"))
    text = re.sub(r"(?ms)^\[accounts\.values\.size\].*?(?=^\[|^# ----)", "", text)
    file.write_text(text, "utf-8")
    return text


def test_fields_that_nothing_reads_are_proposed_with_how_sure_and_why_and_nothing_is_saved(office: Office) -> None:
    office.fill()
    text = less(office)
    office.type("pull")

    told = office.type("map", "suggest", "zoho", "accounts", "--json").json

    found = {one["field"]: one for one in told["proposals"]}
    assert found["since"]["line"] == 'since = "Cooperation_Since"'
    assert found["size"]["line"].startswith('size = { from = "Customer_Size", values = {')
    assert '"大型" = "大"' in found["size"]["line"]
    assert found["size"]["confidence"] == 1.0
    assert found["size"]["why"] == ["Customer_Size is a known name of it", "2 of 2 records read well"]
    assert (office.folder / "mappings/zoho.toml").read_text("utf-8") == text


def test_what_is_proposed_can_be_pasted_and_fills_the_field(office: Office) -> None:
    ids = office.fill()
    text = less(office)
    office.type("pull")
    lines = office.type("map", "suggest", "zoho", "accounts").out.split("next:")[0].splitlines()
    pasted = "\n".join(line for line in lines if line.startswith(("size = ", "since = ")))
    file = office.folder / "mappings/zoho.toml"
    file.write_text(text.replace("[accounts.fields]\n", f"[accounts.fields]\n{pasted}\n"), "utf-8")

    office.type("map", "publish", "-m", "as proposed")

    shown = office.type("map", "preview", "zoho", "accounts", "size", "--record", ids["big"], "--json").json["shown"][0]
    assert shown["fields"][0]["after"] == "大"
