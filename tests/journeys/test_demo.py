"""`kamsync demo`, run as a newcomer runs it; what it claims is checked against the CRMs' own state."""

from __future__ import annotations

import json
import shutil
import signal
import stat
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from rich.cells import cell_len

from kamsync.config import read_calendar
from kamsync.engine.connectors import find
from kamsync.testing.tenant import Tenant
from tests.journeys.deployment import COMMAND, command, environment, in_json, our_tags, our_tasks, peoples

URGENT = 10  # how many of one owner's reminders may be urgent in the demo's world
CRMS = {"zoho": {}, "fxiaoke": {"calls_per_20s": 500}}


@dataclass(frozen=True)
class Played:
    """A demo that is over: its folder, what it told programs, and what it showed people (twice, in one folder)."""

    folder: Path
    told: dict[str, Any]
    shown: dict[str, str]
    again: Path


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """The demo for programs, and for people in both languages."""
    base = tmp_path_factory.mktemp("demo")
    told = in_json("demo", "--lang", "en", cwd=base)
    again = base / "again"
    shown = {"zh": command("demo", "--lang", "zh", "--dir", "again", cwd=base).stdout}
    (again / "notes.txt").write_text("mine\n", "utf-8")
    shown["en"] = command("demo", "--lang", "en", "--dir", "again", cwd=base).stdout
    return Played(base / "kamsync-demo", told, shown, again)


@pytest.fixture
def folder(played: Played, tmp_path: Path) -> Path:
    """A copy of the finished demo, to go on with."""
    return Path(shutil.copytree(played.folder, tmp_path / "kamsync-demo"))


@contextmanager
def tenants(folder: Path) -> Iterator[dict[str, Tenant]]:
    """The demo's own tenants, up again where its config looks for them."""
    ports = json.loads((folder / "demo.json").read_text("utf-8"))["ports"]
    up: dict[str, Tenant] = {}
    try:
        for name, knobs in CRMS.items():
            tenant = find().connectors[name].tenant
            assert tenant is not None
            up[name] = tenant(state=folder / "crms" / f"{name}.json", port=ports[name], **knobs).start()
        yield up
    finally:
        for one in up.values():
            one.stop()


def untouched_tenants(today: date) -> dict[str, Tenant]:
    """The same tenants as nobody but people ever saw them."""
    fresh = {}
    for name, knobs in CRMS.items():
        tenant = find().connectors[name].tenant
        assert tenant is not None
        fresh[name] = tenant(seed=True, today=today, **knobs)
        fresh[name].stop()
    return fresh


# ---- what it tells


def test_the_whole_cycle_is_told_to_programs(played: Played):
    told = played.told

    accounts = [one for one in told["pull"]["streams"] if one["stream"] == "accounts"]
    assert told["pull"]["verdict"] == "ok"
    assert [one["new"] for one in accounts] == [248, 248]
    assert told["pull"]["linked"] == {"accounts": 400, "shared": 96, "review": told["pull"]["linked"]["review"]}
    assert (told["tier"]["accounts"], sum(told["tier"]["tiers"].values())) == (400, 400)
    assert told["plan"]["counts"]["tags_add"] == 496
    assert told["apply"]["applied"] == len(told["plan"]["changes"]) > 600
    assert told["second_plan"]["changes"] == []
    assert told["people_untouched"]


def test_the_demos_data_reaches_the_default_policys_bars(played: Played):
    rows = command("export", "accounts", cwd=played.folder).stdout.splitlines()

    coverages = [float(json.loads(row)["coverage"]) for row in rows]

    assert len(coverages) == 400
    assert sum(each >= 0.60 for each in coverages) >= 0.90 * 400
    assert sum(each >= 0.80 for each in coverages) >= 0.40 * 400
    assert min(coverages) < 0.60  # the others show what missing data does


def test_the_screen_fits_a_terminal_and_says_what_was_done(played: Played):
    for language, shown in played.shown.items():
        lines = shown.splitlines()
        assert max(cell_len(line.rstrip()) for line in lines) <= 80, language
        assert "\x1b" not in shown
        assert sum("KAM·" in line for line in lines) == 2
        assert "500" in shown  # the tenant that bought 500 calls per 20 s
    best = played.told["top"][0]["name"]
    assert f"kamsync tier explain {best}" in played.shown["zh"]
    assert all(f"{place}  " in played.shown["en"] for place in range(1, 11))


def test_what_it_tells_to_try_works_when_the_crms_are_gone(played: Played):
    best = played.told["top"][0]["name"]
    assert played.told["next"][0] == f"kamsync tier explain {best}"

    why = in_json("tier", "explain", best, cwd=played.folder)
    sheet = command("export", "accounts", "--format", "csv", cwd=played.folder).stdout

    assert (why["tier"], why["score"]) == (played.told["top"][0]["tier"], played.told["top"][0]["score"])
    assert len(sheet.splitlines()) == 401


def test_its_config_teaches_how_secrets_are_kept(played: Played):
    config = (played.folder / "config.toml").read_text("utf-8")
    secrets = played.folder / "secrets"

    assert "allow_plain_secrets = false" in config
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o700
    for path in secrets.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert path.read_text("utf-8").strip() not in config


# ---- what is true in the CRMs


def test_after_a_second_cycle_each_tag_and_task_is_there_once_and_peoples_things_are_as_they_were(folder: Path):
    with tenants(folder) as crms:
        second = in_json("cycle", "--apply", cwd=folder)
        accounts = [json.loads(row) for row in command("export", "accounts", cwd=folder).stdout.splitlines()]
        plan = json.loads((folder / "plan-0001.json").read_text("utf-8"))
        fresh = untouched_tenants(date.fromisoformat(plan["as_of"]))

        assert second["plan"]["changes"] == []
        assert second["apply"]["applied"] == 0
        wanted: dict[str, dict[str, list[str]]] = {name: {} for name in crms}
        for account in accounts:
            for member in account["members"]:
                wanted[member["connection"]][member["remote_id"]] = [f"KAM·{account['tier']}"]
        assert {name: our_tags(crm) for name, crm in crms.items()} == wanted
        for name, crm in crms.items():
            tasks = [one for one in plan["changes"] if one["kind"] == "task" and one["connection"] == name]
            expected = sorted((one["task"]["marker"], one["task"]["subject"]) for one in tasks)
            assert sorted((marker, subject) for marker, _, subject in our_tasks(crm)) == expected
            assert set(Counter(marker for marker, _, _ in our_tasks(crm)).values()) == {1}
            assert peoples(crm) == peoples(fresh[name])


def test_each_task_is_due_on_a_working_day_or_at_once_for_someone_who_is_still_there(folder: Path):
    calendar = read_calendar(folder / "policies" / "calendar-cn.toml")
    with tenants(folder) as crms:
        ours = {name: [task for task in crm.tasks() if task.by_us] for name, crm in crms.items()}
        people = {name: set(crm.ids("user")) for name, crm in crms.items()}

    for name, tasks in ours.items():
        assert tasks
        calm = [task for task in tasks if not task.subject.startswith("Emergency")]
        assert all(task.due and calendar.is_working(date.fromisoformat(task.due)) for task in calm)
        assert max(Counter(task.owner for task in calm).values()) <= 15 + URGENT
        assert {task.owner for task in tasks} <= people[name]
        assert not any(task.done for task in tasks)


# ---- keeping the CRMs up


@contextmanager
def served(folder: Path) -> Iterator[tuple[dict[str, Any], subprocess.Popen[str]]]:
    """`kamsync demo --serve` in a finished demo's folder, until told to stop."""
    process = subprocess.Popen(
        [*COMMAND, "demo", "--serve", "--json", "--dir", str(folder)],
        cwd=folder.parent, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline()), process
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)


def truth(told: dict[str, Any]) -> list[Any]:
    answers = []
    for crm in told["crms"]:
        with urlopen(f"{crm['url']}/truth", timeout=10) as answer:
            answers.append(json.loads(answer.read()))
    return answers


def test_serve_changes_thirty_records_and_leaves_work_for_the_next_plan(folder: Path):
    with served(folder) as (told, process):
        pulled = in_json("pull", cwd=folder)
        in_json("tier", cwd=folder)
        planned = in_json("plan", cwd=folder)

    assert (told["serving"], told["changed_records"]) == (True, 30)
    assert process.returncode == 0
    assert sum(one["new"] for one in pulled["streams"] if one["stream"] == "accounts") == 4
    assert planned["counts"]["tags_add"] >= 4
    waiting = [one for one in planned["skipped"] if "it waits" in one["why"]]  # whose owner has a full day already
    assert planned["counts"]["tasks"] >= 1
    assert planned["counts"]["tasks"] + len(waiting) >= 6
    assert any("removed" in one["why"] or "摘" in one["why"] for one in planned["skipped"])


def test_a_second_serve_finds_the_same_tenants_in_the_same_place(folder: Path):
    with served(folder) as (first, _):
        before = truth(first)
        occupied = command("demo", "--dir", str(folder), cwd=folder.parent, expect=3)

    with tenants(folder) as crms:
        after = [json.loads(json.dumps(crm.truth())) for crm in crms.values()]

    assert "at work" in occupied.stderr
    assert after == before
    with served(folder) as (second, _):
        assert second["crms"] == first["crms"]


# ---- where it may not play


def test_a_folder_that_no_demo_made_is_left_alone(tmp_path: Path):
    (tmp_path / "config.toml").write_text("mine = true\n", "utf-8")

    refused = command("demo", "--dir", str(tmp_path), cwd=tmp_path, expect=2)

    assert "not made by a demo" in refused.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config.toml"]


def test_playing_again_begins_anew_and_leaves_what_people_put_there(played: Played):
    config = (played.again / "config.toml").read_text("utf-8")

    runs = in_json("status", cwd=played.again)

    assert "400 accounts" in played.shown["en"]
    assert 'language = "en"' in config  # of the second demo: nothing of the first is left
    assert runs["outbox"]["done"] == len(played.told["plan"]["changes"])
    assert (played.again / "notes.txt").read_text("utf-8") == "mine\n"
