"""`kamsync map diff` and `kamsync map coverage`: what an edit would do, and what is still missing."""

from __future__ import annotations

from pathlib import Path

from kamsync.rules.dependence import metrics_of
from kamsync.rules.metrics import CATALOGUE
from tests.cli.office import AS_OF, Office, width


def edit(office: Office, old: str, new: str) -> Path:
    file = office.folder / "mappings/zoho.toml"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")
    return file


def test_a_diff_tells_fields_examples_customers_money_and_what_depends(office: Office) -> None:
    ids = office.fill()
    office.type("pull")
    office.type("tier", "--as-of", AS_OF)
    edit(office, '"大型" = "大"', '"大型" = "中"')
    edit(office, 'wallet = { from = "Wallet_Estimate", ', 'wallet = { from = "Wallet_Estimate", scale = 10, ')

    told = office.type("map", "diff", "--json").json["mappings"][0]

    accounts = told["streams"][0]
    fields = {one["field"]: one for one in accounts["fields"]}
    assert (told["connection"], told["state"], told["accounts"]) == ("zoho", "edited", 1)
    assert (accounts["differs"], accounts["comes"], accounts["leaves"]) == (1, 0, 0)
    assert fields["size"]["examples"] == [{"id": ids["big"], "before": "大", "after": "中"}]
    assert fields["wallet"]["examples"][0]["after"] == "300,000,000.00 CNY"
    assert fields["wallet"]["metrics"] == ["wallet_gap", "share_of_wallet"]
    assert fields["size"]["more"] == ["which customers are judged"]
    assert sum(told["tiers"].values()) == 1


def test_a_diff_fits_the_screen_in_both_languages_and_ends_in_the_command_that_publishes(office: Office) -> None:
    office.fill()
    office.type("pull")
    edit(office, 'cost = { from = "Cost_Total"', 'cost = { from = "Grand_Total"')

    zh, en = (office.type("map", "diff", lang=lang) for lang in ("zh", "en"))

    assert "zoho/orders  11 条中 11 条有变" in zh.out
    assert "zoho/orders  11 of 11 differ" in en.out
    assert "12-month gross margin" in en.out
    assert 'kamsync map publish zoho -m "…"' in en.out
    assert max(width(zh.out), width(en.out)) <= 80


def test_a_diff_names_the_records_that_would_leave_and_why(office: Office) -> None:
    office.fill()
    office.type("pull")
    edit(office, 'since = "Cooperation_Since"', 'since = "Account_Name"')

    told = office.type("map", "diff", "zoho", "--json").json["mappings"][0]["streams"][0]

    assert (told["leaves"], told["records"]) == (2, 2)
    assert any("should be a date" in why for why in told["why"])


def test_nothing_edited_is_said_and_a_file_with_mistakes_is_told_with_its_line(office: Office) -> None:
    office.type("pull")
    same = office.type("map", "diff")
    edit(office, 'industry = "Industry"', 'industri = "Industry"')

    wrong = office.type("map", "diff")

    assert "the files say what is in force already" in same.out
    assert wrong.code == 2
    assert "accounts.fields.industri" in wrong.err


def test_every_metric_depends_on_some_field(office: Office) -> None:
    fields = {("account", name) for name in ("wallet", "since", "influence")}
    fields |= {(entity, "date") for entity in ("order", "deal", "invoice", "survey", "activity", "case", "payment")}

    found = {metric for entity, name in fields for metric in metrics_of(entity, name)}

    assert found == set(CATALOGUE)


# ---- coverage


def test_coverage_tells_how_full_each_field_is_tier_by_tier(office: Office) -> None:
    office.fill()
    office.type("pull")
    office.type("tier", "--as-of", AS_OF)

    told = office.type("map", "coverage", "zoho", "accounts", "--json").json["streams"][0]

    fields = {one["field"]: one for one in told["fields"]}
    assert told["entities"] == 2
    assert fields["size"]["fill_rate"] == 1.0
    assert fields["uscc"]["fill_rate"] == 0.5
    assert sorted(fields["uscc"]["tiers"].values()) == [0.0, 1.0] or len(fields["uscc"]["tiers"]) == 1
    assert fields["flags"]["mapped"] is False


def test_unknown_choices_are_ranked_by_the_money_behind_them(office: Office) -> None:
    office.fill()
    edit(office, '"大型" = "大"\n', "")
    edit(office, '"小型" = "小"\n', "")
    office.type("pull")

    told = office.type("map", "coverage", "zoho", "--json").json["unknown"]
    screen = office.type("map", "coverage", "zoho")

    assert [(one["field"], one["value"], one["count"], one["accounts"]) for one in told] == [
        ("size", "大型", 1, 1),
        ("size", "小型", 1, 1),
    ]
    assert told[0]["sales_12m_minor"] >= told[1]["sales_12m_minor"]
    assert "大型" in screen.out
    assert width(screen.out) <= 80


def test_a_gate_that_is_not_met_ends_with_seven(office: Office) -> None:
    office.fill()
    office.type("pull")

    codes = [office.type("map", "coverage", "zoho", "--at-least", percent).code for percent in ("1", "99.9")]

    assert codes == [0, 7]


# ---- said by pull, status and doctor


def test_a_file_that_is_not_in_force_is_told_with_the_command_by_pull_status_and_doctor(office: Office) -> None:
    office.fill()
    office.configure(**{'mapping_publish = "auto"': 'mapping_publish = "manual"'})
    office.type("pull")
    edit(office, '"大型" = "大"', '"大型" = "中"')
    said = "zoho.toml was edited and is not in force yet (version 1 is)"

    pull, status, doctor = (office.type(command) for command in ("pull", "status", "doctor"))

    assert all(said in told.out.replace("\n", " ") for told in (pull, status, doctor))
    assert all("kamsync map diff zoho" in told.out for told in (pull, status, doctor))
    assert not any(said in one["text"] for one in office.type("status", "--json").json["reasons"])


def test_a_half_saved_file_is_told_and_what_was_in_force_stays_so(office: Office) -> None:
    ids = office.fill()
    office.type("pull")
    file = office.folder / "mappings/zoho.toml"
    file.write_text(file.read_text("utf-8")[:900], "utf-8")

    pull, status = office.type("pull"), office.type("status", "--json").json

    assert pull.code == 0
    assert "version 1 stays in force" in pull.out.replace("\n", " ")
    assert status["verdict"] == "degraded"
    assert any("version 1 stays in force" in one["text"] for one in status["reasons"])
    assert office.type("map", "preview", "fxiaoke", "accounts", "--json").json["shown"][0]["id"] == ids["twin"]
