"""`kamsync map lint`: what an admin sees after an edit, with and without a deployment around the file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kamsync.cli import main
from kamsync.mapping.schema import schema
from tests.cli.office import Office

WRONG = '[accounts]\nobject = "Acounts"\nentity = "account"\n[accounts.fields]\nname = "N"\nindustri = "I"\n'


def test_a_file_is_looked_over_without_any_deployment(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(WRONG, "utf-8")
    asked = ["map", "lint", str(file), "--config", str(tmp_path / "config.toml")]

    codes = [main([*asked, "--json"])]
    told = json.loads(capsys.readouterr().out)
    codes.append(main([*asked, "--lang", "zh"]))
    shown = capsys.readouterr().out

    assert codes == [2, 2]
    assert told["ok"] is False
    assert [(each["line"], each["key"], each["hint"]) for each in told["files"][0]["problems"]] == [
        (6, "accounts.fields.industri", 'did you mean "industry"?')
    ]
    assert "mine.toml:6" in shown
    assert '是不是想写 "industry"' in shown


def test_the_files_of_the_config_are_compared_with_what_the_last_pull_described(office: Office) -> None:
    office.fill()
    office.type("pull")
    before = office.type("map", "lint", "--json")
    zoho = office.folder / "mappings" / "zoho.toml"
    text = zoho.read_text("utf-8")
    zoho.write_text(text.replace('website = "Website"', 'website = "网站"'), "utf-8")

    after = office.type("map", "lint")
    named = office.type("map", "lint", str(zoho), "--json").json["files"][0]

    assert before.code == 0, before.out
    assert {Path(one["file"]).name for one in before.json["files"]} == {"zoho.toml", "fxiaoke.toml"}
    assert all(one["described"] >= 10 for one in before.json["files"])
    assert after.code == 2
    assert [(one["text"], one["hint"]) for one in named["problems"]] == [
        ('Accounts has no field "网站"', 'did you mean "Website" (网站)?')
    ]
    zoho.write_text(text, "utf-8")


def test_the_schema_is_printed_as_it_is_published(office: Office) -> None:
    assert json.loads(office.type("map", "schema").out) == schema()
