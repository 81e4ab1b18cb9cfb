"""The database is gone: what people type then, what they read, and what the CRMs hold afterwards."""

from __future__ import annotations

from typing import Any

from tests.cli.office import AS_OF, Office


def lose(office: Office) -> None:
    for file in office.folder.glob("kamsync.db*"):
        file.unlink()


def truths(office: Office) -> tuple[Any, Any]:
    return office.zoho.truth(), office.fxiaoke.truth()


def test_rm_kamsync_db_and_a_cycle_as_if_nothing_had_happened(office: Office) -> None:
    """
    kamsync cycle --apply    a day's work is in the CRMs
    rm kamsync.db*
    kamsync cycle --apply    by a cron job that knows of nothing
    """
    office.fill()
    office.type("cycle", "--apply", "--as-of", AS_OF)
    before = truths(office)
    lose(office)

    done = office.type("cycle", "--apply", "--as-of", AS_OF, "--json")

    assert (done.code, done.json["plan"]["changes"]) == (0, [])
    assert truths(office) == before


def test_recover_says_what_it_found_and_that_it_adds_up(office: Office) -> None:
    office.fill()
    office.type("cycle", "--apply", "--as-of", AS_OF)
    before = truths(office)
    there = {crm: sum(task.by_us for task in tenant.tasks())
             for crm, tenant in (("zoho", office.zoho), ("fxiaoke", office.fxiaoke))}  # fmt: skip
    lose(office)

    read = office.type("recover", "--yes")
    told = office.type("reconcile", "--json")
    status = office.type("status", "--json")

    assert read.code == 0, read.out
    assert "the database was empty: rebuilt from the CRMs" in read.out
    assert "next: kamsync plan" in read.out
    assert (told.code, told.json["verdict"]) == (0, "ok")
    figures = {one["connection"]: (one["receipts"], one["found"], one["adds_up"]) for one in told.json["connections"]}
    assert figures == {crm: (count, count, True) for crm, count in there.items()}
    assert {one["connection"]: one["sure"] for one in status.json["reconciled"]} == dict.fromkeys(there, True)
    assert truths(office) == before
    assert sum(there.values()) > 0


def test_both_speak_chinese_too(office: Office) -> None:
    assert "从 CRM 重建" in office.type("recover", "--help", lang="zh").out
    assert "逐条核对" in office.type("reconcile", "--help", lang="zh").out
