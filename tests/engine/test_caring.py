"""How customers are served, read from the store, and what becomes of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.engine.desk import ROOT, Desk, when

RULES = ROOT / "policies/reminders.toml"


def only(desk: Desk, *rules: str, more: str = "") -> None:
    """These rules with their usual numbers and words."""
    path = desk.folder / "some.toml"
    path.write_text("".join(f"[{rule}]\n" for rule in rules) + more, "utf-8")
    desk.policy["reminders"] = str(path)
    desk.configure()


def work(desk: Desk) -> None:
    desk.pull()
    desk.judge()


@pytest.fixture
def whole(zoho_desk: Desk) -> Desk:
    """A desk that reads every stream."""
    zoho_desk.streams = None
    zoho_desk.configure()
    return zoho_desk


def test_a_contract_that_ends_goes_through_the_whole_cycle_to_a_task_on_its_record(whole: Desk) -> None:
    only(whole, "R04")
    id = whole.zoho.add("account", name="中国一拖集团有限公司")
    whole.zoho.add(
        "contract",
        account=id,
        number="HT-7",
        start=whole.today - timedelta(days=300),
        end=whole.today + timedelta(days=20),
        status="active",
    )

    whole.cycle()
    whole.cycle()

    assert [(task.subject, task.done) for task in whole.our_tasks()] == [
        ("续签 中国一拖集团有限公司 的合同 HT-7：2026-03-22 到期", False)
    ]


def test_a_contract_that_another_follows_is_not_to_be_renewed(whole: Desk) -> None:
    only(whole, "R04")
    id, end = whole.zoho.add("account", name="中国一拖集团有限公司"), whole.today + timedelta(days=20)
    for start, last in ((end - timedelta(days=300), end), (end, end + timedelta(days=365))):
        whole.zoho.add("contract", account=id, number=f"HT-{start}", start=start, end=last, status="active")

    work(whole)

    assert whole.duties == []


def test_an_open_complaint_is_told_in_working_days_and_ends_with_it(whole: Desk) -> None:
    only(whole, "R11")
    id = whole.zoho.add("account", name="中国一拖集团有限公司")
    case = whole.zoho.add("case", account=id, kind="complaint", status="open", opened_at=when("2026-02-02"))

    work(whole)
    first = [(rule, state) for rule, _, state in whole.duties]
    whole.wait(minutes=5)
    whole.zoho.change("case", case, status="closed")
    work(whole)

    assert first == [("R11", "wanted")]
    assert [(rule, state) for rule, _, state in whole.duties] == [("R11", "over")]


def test_a_crm_that_notes_no_first_response_has_none_that_is_late(whole: Desk) -> None:
    only(whole, "R10")
    id = whole.zoho.add("account", name="中国一拖集团有限公司")
    whole.zoho.add("case", account=id, kind="service", status="open", opened_at=when("2026-02-02"))

    work(whole)

    assert whole.duties == []


def test_fifteen_new_tasks_a_day_go_to_an_owner_and_a_digest_tells_of_the_rest(zoho_desk: Desk) -> None:
    only(zoho_desk, "R01", more="[R00]\n")
    owner = zoho_desk.zoho.add("user", name="王芳")
    for number in range(20):
        zoho_desk.overdue(name=f"客户{number:02}机械有限公司", owner=owner)

    zoho_desk.cycle()
    first = [task.subject for task in zoho_desk.our_tasks()]
    zoho_desk.cycle()
    same_day = len(zoho_desk.our_tasks())
    zoho_desk.wait(days=1)
    zoho_desk.cycle()

    assert len(first) == 15
    assert [subject for subject in first if "还有" in subject] == ["还有 6 项提醒排在后面"]
    assert same_day == 15
    assert len([task for task in zoho_desk.our_tasks() if "还有" not in task.subject]) == 20


def test_a_festival_is_one_task_for_all_customers_of_an_owner(zoho_desk: Desk) -> None:
    zoho_desk.clock.pass_by(when("2026-06-16") - zoho_desk.clock.now())
    only(zoho_desk, "R19")
    owners = [zoho_desk.zoho.add("user", name=name) for name in ("王芳", "李雷")]
    for number, owner in enumerate([*owners, *owners]):
        id = zoho_desk.zoho.add("account", name=f"客户{number:02}机械有限公司", owner=owner)
        zoho_desk.zoho.add("contact", account=id, name="韩梅")
    mapping = (ROOT / "mappings/zoho.toml").read_text("utf-8")
    start = mapping.index("care_consent")
    consent = mapping[:start] + "care_consent = { constant = true }" + mapping[mapping.index("\n", start) :]
    zoho_desk.mappings["zoho"] = zoho_desk.folder / "consent.toml"
    zoho_desk.mappings["zoho"].write_text(consent, "utf-8")
    zoho_desk.configure()

    zoho_desk.cycle()
    zoho_desk.cycle()

    assert (
        sorted((task.subject, task.due) for task in zoho_desk.our_tasks())
        == [("端午节问候大客户（2026-06-19）", "2026-06-18")] * 2
    )


def test_an_emergency_is_told_again_within_the_day_though_nothing_else_happened(whole: Desk) -> None:
    only(whole, "R12")
    id = whole.zoho.add("account", name="中国一拖集团有限公司")
    whole.zoho.add("case", account=id, kind="emergency", status="open", opened_at=whole.clock.now())
    work(whole)
    first = [row["suffix"].rpartition("-")[2] for row in whole.wanted]

    whole.wait(hours=4)
    work(whole)

    assert first == ["0"]
    assert [row["suffix"].rpartition("-")[2] for row in whole.wanted] == ["1"]
