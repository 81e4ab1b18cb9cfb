"""When something is wrong: one clear message, the exit code that was promised, and nothing lost."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest

from kamsync.engine.workspace import opened
from kamsync.net import SystemClock
from kamsync.store import writing
from kamsync.testing.faults import Fault
from tests.cli.office import AS_OF, Office
from tests.engine import disks


def test_a_secret_that_is_not_there_is_named_with_the_way_to_set_it(office: Office) -> None:
    office.configure(**{'client_secret = "simulated-secret"': 'client_secret = "env:NO_SUCH_SECRET"'})

    pull, doctor = office.type("pull"), office.type("doctor")

    assert (pull.code, doctor.code) == (6, 6)
    assert "connections.zoho.client_secret" in pull.err
    assert "export NO_SUCH_SECRET=" in pull.err
    assert "✗ zoho.secrets" in doctor.out
    assert "✓ fxiaoke.access" in doctor.out


def test_a_wrong_secret_stops_one_crm_and_the_other_goes_on(office: Office) -> None:
    office.configure(**{"simulated-secret": "wrong-secret-000"})

    both, alone, doctor = office.type("pull"), office.type("pull", "zoho"), office.type("doctor")

    assert (both.code, alone.code, doctor.code) == (7, 8, 8)
    assert "✗ zoho: " in both.out
    assert "fxiaoke     accounts" in both.out
    assert "wrong-secret-000" not in both.out + both.err + doctor.out


def test_a_host_that_was_not_allowed_is_never_called(office: Office) -> None:
    office.configure(**{f'allow_hosts = ["127.0.0.1:{office.zoho.server.port}"]': "allow_hosts = []"})

    answer = office.type("pull", "zoho")

    assert answer.code == 2
    assert "allow_hosts" in answer.out
    assert not office.zoho.traffic.calls


def test_html_where_json_was_expected_is_said_with_where(office: Office) -> None:
    html = {"Content-Type": "text/html"}
    office.fxiaoke.fault(Fault("answer", on="data/query", times=-1, status=200, body="<html>busy</html>", headers=html))

    answer = office.type("pull", "fxiaoke", "orders")

    assert answer.code == 7
    assert "✗ fxiaoke/orders" in answer.out
    assert "JSON" in answer.out
    assert "Traceback" not in answer.out + answer.err


def test_status_is_not_green_after_a_stream_failed(office: Office) -> None:
    office.fill()
    office.type("pull")
    refusal = '{"code":"NO_PERMISSION","message":"permission denied","status":"error"}'
    office.zoho.fault(Fault("answer", on="Sales_Orders", times=-1, status=400, body=refusal))
    office.type("pull")

    answer = office.type("status", "--json")

    told = answer.json
    assert (answer.code, told["verdict"]) == (7, "degraded")
    assert [one["stream"] for one in told["streams"] if one["state"] == "failed"] == ["orders"]
    assert "kamsync doctor" in told["next"]


def test_status_before_the_first_pull_is_not_green_either(office: Office) -> None:
    answer = office.type("status", "--json")

    assert (answer.code, answer.json["verdict"]) == (7, "never")
    assert answer.json["next"] == ["kamsync doctor", "kamsync pull"]


def test_a_record_that_cannot_be_read_is_set_aside_and_status_says_so(office: Office) -> None:
    office.zoho.add("account", name="")
    office.fill()

    pull, status = office.type("pull"), office.type("status", "--json")

    assert pull.code == 0
    assert "quarantined zoho/accounts/" in pull.out
    assert (status.json["verdict"], status.json["quarantine"]) == ("degraded", 1)


def test_five_mistakes_in_a_config_are_told_at_once(office: Office) -> None:
    office.configure(**{
        'timezone = "Asia/Shanghai"': 'timezone = "Asia/Shanghia"',
        'language = "zh"': 'language = "cn"',
        'pull = "10m"': 'pull = "10 minutes"',
        "max_writes = 500": "max_writs = 500",
        'connector = "fxiaoke"': 'connector = "fxiaok"',
    })  # fmt: skip

    answer = office.type("pull")

    assert answer.code == 2
    assert all(word in answer.err for word in ("Asia/Shanghai", "language", "schedule.pull", "max_writes", "fxiaoke"))
    assert answer.err.count("config.toml:") >= 5


def test_reading_goes_on_while_another_kamsync_writes(office: Office) -> None:
    office.fill()
    office.type("pull")
    office.type("tier", "--as-of", AS_OF)

    with opened(office.config, SystemClock()) as busy, writing(busy.store):
        blocked = [office.type(*words).code for words in (["pull"], ["tier"], ["plan"], ["cycle"], ["apply", "1"])]
        reading = [office.type(*words).code for words in (
            ["status"], ["tier", "explain", "小河"], ["export", "accounts"], ["hold", "list"], ["doctor"])]  # fmt: skip

    assert blocked == [3, 3, 3, 3, 2]  # there is no plan 1 yet: that is told first
    assert reading == [0, 0, 0, 0, 0]


def test_a_store_of_a_newer_kamsync_is_left_alone(office: Office) -> None:
    office.type("status")
    store = sqlite3.connect(office.folder / "kamsync.db")
    store.execute("UPDATE alembic_version SET version_num = '0999'")
    store.commit()

    answers = [office.type(word) for word in ("pull", "status", "doctor")]

    assert [answer.code for answer in answers] == [5, 5, 5]
    assert store.execute("SELECT version_num FROM alembic_version").fetchone() == ("0999",)
    store.close()


def test_a_file_that_is_no_store_is_told(office: Office) -> None:
    (office.folder / "kamsync.db").write_text("not a database at all, 华东" * 100, "utf-8")

    answer = office.type("pull")

    assert answer.code == 4
    assert "kamsync.db" in answer.err


def test_deletions_beyond_the_guard_wait_for_a_person(office: Office) -> None:
    office.fill()
    extra = [office.zoho.add("account", name=f"临时客户{number}") for number in range(6)]
    office.type("pull")
    office.wait_for_the_next_second()
    for id in extra:
        office.zoho.remove("account", id)

    pull = office.type("pull")
    listed = office.type("hold", "list", "--json").json["holds"]
    before = len(office.type("export", "accounts").lines)
    approved = office.type("hold", "approve", str(listed[0]["id"]), "--json")
    after = len(office.type("export", "accounts").lines)

    assert pull.code == 7
    assert (listed[0]["guard"], listed[0]["count"], listed[0]["subject"]) == ("gone", 6, "accounts")
    assert (approved.code, approved.json["deleted"]) == (0, 6)
    assert (before, after) == (8, 2)


def test_writes_beyond_the_guard_are_held_and_go_out_when_approved(office: Office) -> None:
    ids = office.fill()
    office.writes = "on"
    office.configure(**{"max_writes = 500": "max_writes = 1"})

    cycle = office.type("cycle", "--as-of", AS_OF, "--json")
    held = office.type("hold", "list", "--json").json["holds"]
    approved = office.type("hold", "approve", str(held[0]["id"]), "--json")

    assert cycle.code == 7
    assert cycle.json["apply"]["held"] == 3
    assert [hold["connection"] for hold in held] == ["zoho"]
    assert (approved.code, approved.json["applied"]) == (0, 3)
    assert office.zoho.tags(ids["big"]) == ("KAM·二级",)
    assert office.type("hold", "list", "--json").json["holds"] == []


def test_a_mapping_with_mistakes_lists_them_with_their_lines(office: Office) -> None:
    path = office.folder / "mappings/zoho.toml"
    path.write_text(path.read_text("utf-8").replace("\nphone = ", "\nphoen = ", 1), "utf-8")

    pull, doctor = office.type("pull"), office.type("doctor")

    assert (pull.code, doctor.code) == (2, 2)
    assert "zoho.toml:" in pull.err
    assert 'did you mean "phone"?' in pull.err
    assert "✗ zoho.mapping" in doctor.out


def test_a_field_that_the_tenant_lost_is_a_warning_with_its_line(office: Office) -> None:
    office.zoho.hide_field("Accounts", "Influence")

    answer = office.type("doctor", "--json")

    told = [one for one in answer.json["findings"] if one["check"] == "zoho.mapped_fields"]
    assert answer.code == 0
    assert [one["state"] for one in told] == ["warn"]
    assert "influence" in told[0]["detail"]
    assert "zoho.toml:" in told[0]["fix"]


def test_a_figure_in_another_unit_than_the_mapping_takes_it_for_is_a_warning_with_its_line(office: Office) -> None:
    """年采购额(万元) read as if it were yuan: a key account would look ten thousand times too small."""
    path = office.folder / "mappings/fxiaoke.toml"
    path.write_text(path.read_text("utf-8").replace(", scale = 10000", ""), "utf-8")

    answer = office.type("doctor", "--json")

    told = [one for one in answer.json["findings"] if one["check"] == "fxiaoke.units"]
    assert (answer.code, [one["state"] for one in told]) == (0, ["warn"])
    assert "wallet_estimate__c (年采购额(万元))" in told[0]["detail"]
    assert re.search(r"fxiaoke\.toml:\d+ set scale = 10000", told[0]["fix"])


def test_every_finding_that_is_not_fine_says_what_to_do(office: Office) -> None:
    answer = office.type("doctor", "--json", lang="zh")

    assert answer.json["ok"] is True
    assert all(one["fix"] for one in answer.json["findings"] if one["state"] != "ok")
    levels = {one["check"]: one["detail"] for one in answer.json["findings"] if ".writes." in one["check"]}
    assert levels["zoho.writes.tags"].startswith("S2")


def test_ctrl_c_stops_a_pull_at_a_safe_place(office: Office) -> None:
    office.fill()
    office.zoho.server.latency = 1.0

    pull = subprocess.Popen(
        [sys.executable, "-c", "import sys; from kamsync.cli import main; sys.exit(main())", "pull", "--config",
         str(office.config), "--lang", "en"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # fmt: skip
    deadline = time.monotonic() + 20
    while not office.zoho.traffic.calls and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(1.0)
    pull.send_signal(2)
    _, err = pull.communicate(timeout=60)
    office.zoho.server.latency = 0.0

    assert pull.returncode == 130
    assert "stopping at a safe place" in err
    assert "Traceback" not in err
    assert office.type("pull").code == 0
    assert len(office.type("export", "orders").lines) == 11


@pytest.mark.parametrize("words", [("tier", "try", "none.jsonl"), ("apply", "none.json"), ("sim", "nope")])
def test_what_is_not_there_is_said_plainly(office: Office, words: tuple[str, ...]) -> None:
    answer = office.type(*words)

    assert answer.code == 2
    assert answer.err.strip()
    assert "Traceback" not in answer.err


def test_rows_are_tried_without_config_or_store(office: Office, tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text('{"id": "a", "metrics": {"revenue_12m": 5000000, "order_days_12m": "12"}}\nnot json\n', "utf-8")
    office.folder = tmp_path / "nowhere"

    answer = office.type("tier", "try", str(rows), "--as-of", AS_OF)

    assert answer.code == 7
    assert [line["id"] for line in answer.lines] == ["a", None]
    assert answer.lines[0]["since"] == AS_OF
    assert "error" in answer.lines[1]


def test_the_same_plan_is_empty_on_the_next_day_too(office: Office) -> None:
    office.fill()
    office.type("cycle", "--as-of", AS_OF, "--apply")
    next_day = date.fromisoformat(AS_OF).replace(day=3).isoformat()

    answer = office.type("cycle", "--as-of", next_day, "--json")

    assert answer.json["plan"]["changes"] == []


def test_a_store_with_a_broken_page_ends_every_writing_command_and_the_doctor_knows_the_way_back(
    office: Office,
) -> None:
    office.fill()
    office.type("pull")
    path = office.folder / "kamsync.db"
    (page,) = disks.roots(path, "receipt")
    disks.scribble(path, page)

    pull, cycle, doctor = office.type("pull"), office.type("cycle", "--apply"), office.type("doctor", "--json")
    fix = next(one["fix"] for one in doctor.json["findings"] if one["check"] == "store")
    subprocess.run(fix[fix.index("mv ") :].replace("; kamsync recover", ""), shell=True, check=True)
    again = office.type("recover", "--yes")

    assert (pull.code, cycle.code, doctor.code, again.code) == (4, 4, 4, 0)
    assert "next: kamsync doctor" in pull.err
    assert path.with_name("kamsync.db.damaged").exists()


def test_every_hold_on_writes_can_be_approved_with_one_command(office: Office) -> None:
    ids = office.fill()
    office.writes = "on"
    office.configure(**{"max_writes = 500": "max_writes = 1", "surge_from = 50": "surge_from = 0"})
    office.type("cycle", "--as-of", AS_OF)
    held = office.type("hold", "list", "--json").json["holds"]
    plan = office.type("plan", "--as-of", AS_OF)
    foretold = office.type("plan", "--as-of", AS_OF, "--json").json["guards"]

    wrong = [office.type("hold", "approve", *words).code for words in ([], ["1", "--writes"], ["1", "--on", "zoho"])]
    approved = office.type("hold", "approve", "--writes", "--on", "zoho", "--json")

    assert wrong == [2, 2, 2]
    assert {hold["guard"] for hold in held} == {"rule", "writes"}
    names = ("guard", "connection", "subject", "count", "of", "why")
    assert [[one[name] for name in names] for one in foretold] == [[hold[name] for name in names] for hold in held]
    assert "An unattended run would hold:" in plan.out
    assert held[0]["why"] in " ".join(plan.out.split())
    assert [one["hold"]["id"] for one in approved.json["approvals"]] == [hold["id"] for hold in held]
    assert office.zoho.tags(ids["big"]) == ("KAM·二级",)
    assert office.type("hold", "list", "--json").json["holds"] == []


def test_a_mapping_that_reads_what_kamsync_writes_is_refused_before_anything_is_read(office: Office) -> None:
    path = office.folder / "mappings/zoho.toml"
    path.write_text(path.read_text("utf-8").replace('\nrating = "Rating"', '\nrating = "Tag"', 1), "utf-8")
    line = path.read_text("utf-8").splitlines().index('rating = "Tag"') + 1

    pull, doctor = office.type("pull"), office.type("doctor", lang="zh")
    office.writes = "off"
    office.configure()
    reading_only = office.type("pull", "zoho", "accounts")

    assert (pull.code, doctor.code, reading_only.code) == (2, 2, 0)
    assert f"zoho.toml:{line}  accounts.fields.rating   reads Tag" in pull.err
    assert 'unknown = "ignore"' in pull.err
    assert "next: kamsync doctor" in pull.err
    assert "✗ zoho.mapping" in doctor.out
    assert "评级会以自己的结果为依据" in doctor.out


def test_the_doctor_tells_when_the_marker_is_kept_where_the_mapping_does_not_look(office: Office) -> None:
    path = office.folder / "mappings/zoho.toml"
    path.write_text(
        path.read_text("utf-8").replace('marker_from = ["Kamsync_Key", "Description"]', 'marker_from = "Subject"', 1),
        "utf-8",
    )

    findings = office.type("doctor", "--json").json["findings"]

    assert [one["state"] for one in findings if one["check"] == "zoho.marker"] == ["bad"]
