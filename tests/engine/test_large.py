"""Records as large as nobody thought of: they land, or are set aside alone with the reason; the others always land."""

from __future__ import annotations

import pytest

from tests.engine.desk import PEOPLE, Desk, of

STREAMS = PEOPLE
MB = 1_000_000


@pytest.mark.parametrize("crm", ["zoho", "fxiaoke"])
def test_many_records_of_five_megabytes_land_though_no_one_answer_holds_them(desk: Desk, crm: str) -> None:
    tenant = desk.zoho if crm == "zoho" else desk.fxiaoke
    names = [f"湖北宏源电缆制造有限公司{number}" for number in range(9)]
    ids = [tenant.add("account", name=name, address="a" * (5 * MB)) for name in names]

    report = desk.pull("accounts")

    assert (of(report, "accounts", crm).trouble, of(report, "accounts", crm).tally.quarantined) == (None, 0)
    assert desk.raw(crm, "accounts") == dict.fromkeys(ids, "live")
    assert {len(row["address"]) for row in desk.rows("member")} == {5 * MB}


@pytest.mark.parametrize("crm", ["zoho", "fxiaoke"])
def test_a_record_that_no_answer_holds_is_set_aside_alone(desk: Desk, crm: str) -> None:
    tenant = desk.zoho if crm == "zoho" else desk.fxiaoke
    before = tenant.add("account", name="华新水泥股份有限公司")
    monster = tenant.add("account", name="湖北宏源电缆制造有限公司", address="a" * (40 * MB))
    after = tenant.add("account", name="福耀玻璃工业集团股份有限公司")

    report = desk.pull("accounts")
    again = desk.pull("accounts")

    assert (of(report, "accounts", crm).trouble, of(again, "accounts", crm).trouble) == (None, None)
    assert [row["remote_id"] for row in desk.rows("member")] == sorted([before, after])
    [aside] = desk.rows("quarantine")
    assert (aside["remote_id"], aside["en"]) == (monster, "the record is too large; what it holds was not read")
    assert of(again, "accounts", crm).tally.changed == 0
