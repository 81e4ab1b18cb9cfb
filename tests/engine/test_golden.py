"""The value that survives is the one that everything shows and reckons with, and goes with its record."""

from __future__ import annotations

from kamsync.engine import views_export, views_golden
from tests.engine.desk import BASIC, Desk

STREAMS = BASIC
STAYS_OPEN = True

SHORT, FULL, CODE = "华新水泥", "华新水泥股份有限公司", "914403001922038216"


def _account(desk: Desk) -> dict[str, object]:
    return next(iter(views_export.export(desk.workspace, "accounts")))


def test_the_name_that_survives_is_shown_everywhere_and_goes_with_its_record(desk: Desk) -> None:
    ours = desk.fxiaoke.add("account", name=SHORT, uscc=CODE, phone="027-87773898")
    theirs = desk.zoho.add("account", name=FULL, uscc=CODE, phone="027-87773898")
    desk.pull()
    named = ([row["name"] for row in desk.rows("account")], desk.facts(ours).name, _account(desk)["name"])
    desk.wait(minutes=5)
    desk.zoho.remove("account", theirs)

    desk.pull()

    assert named == ([FULL], FULL, FULL)
    assert _account(desk)["name"] == desk.facts(ours).name == SHORT


def test_a_contradiction_is_a_fact_of_the_customer_and_changes_no_record(desk: Desk) -> None:
    ours = desk.zoho.add("account", name=FULL, uscc=CODE, phone="027-87773898")
    desk.fxiaoke.add("account", name=FULL, uscc=CODE, phone="027-87770001")

    desk.pull()

    assert desk.facts(ours).conflicts == ("phone",)
    assert _account(desk)["conflicts"] == ["phone"]
    assert [(one.account, one.golden.name) for one in views_golden.of_book(desk.workspace)] == [
        (desk.account_of(ours), "phone")
    ]
    assert len({row["phone"] for row in desk.rows("member")}) == 2


def test_a_tag_does_not_make_a_record_the_newest(desk: Desk) -> None:
    """Our own writing moves a CRM's stamp: were that news, values would go to and fro for ever."""
    older = desk.zoho.add("account", name=FULL, uscc=CODE, phone="027-87773898")
    desk.wait(minutes=5)
    desk.fxiaoke.add("account", name=FULL, uscc=CODE, phone="027-87770001")
    desk.pull()
    before = _account(desk)["phone"]
    desk.wait(minutes=5)
    desk.zoho.set_tags(older, ["KAM·一级"])
    desk.zoho.change("account", older)  # the stamp moves, too

    desk.pull()

    assert before == _account(desk)["phone"] == "+862787770001"


def test_a_rating_is_the_preferred_crm_s_and_not_the_newest(desk: Desk) -> None:
    """After a lost store only the CRMs' stamps are left, which our tags have moved: a tier must not hang on them."""
    ours = desk.zoho.add("account", name=FULL, uscc=CODE, influence=80)
    desk.wait(minutes=5)
    desk.fxiaoke.add("account", name=FULL, uscc=CODE, influence=20)

    desk.pull()

    assert desk.facts(ours).influence == 80
