"""The way of an engineer with the kit, by commands: make, install, list, certify, look, simulate."""

from __future__ import annotations

import json
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kamsync.testing.weather import NAMED
from tests.docs.author import Author, settle_in

SECRET = "simulated-secret-8f2e"
BROKEN = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "kamsync-torn"
version = "2.1"

[project.entry-points."kamsync.connectors"]
torn = "kamsync_torn:connector"
"""


@pytest.fixture(scope="module")
def author(tmp_path_factory: pytest.TempPathFactory) -> Author:
    """An engineer who has made and installed `acme`, with its writing half, and nothing else."""
    author = settle_in(tmp_path_factory.mktemp("author"))
    for line in ("kamsync connector new acme --writes", "pip install -q --no-deps -e acme"):
        done = author.run(line)
        assert done.returncode == 0, done.stderr
    return author


@pytest.fixture
def session_file(author: Author) -> Iterator[Path]:
    """The connector's reading half; it is as before when the test is over."""
    file = author.folder / "acme" / "kamsync_acme" / "session.py"
    before = file.read_text("utf-8")
    yield file
    file.write_text(before, "utf-8")


def listed(author: Author) -> dict[str, Any]:
    told = json.loads(author.run("kamsync connector list --json").stdout)
    return {each["name"]: each for each in told["connectors"]} | {f"!{each['name']}": each for each in told["broken"]}


def spoil(file: Path) -> None:
    """Every restart begins with the first page again."""
    text = file.read_text("utf-8")
    file.write_text(text.replace("query, cursor):", "query, None):"), "utf-8")


def test_a_new_connector_is_listed_with_all_that_it_claims(author: Author) -> None:
    acme = listed(author)["acme"]

    assert (acme["provider"], acme["version"], acme["contract"]) == ("kamsync-acme", "0.1.0", 1)
    assert {"read", "gone", "ids", "get", "slices", "write"} <= set(acme["capabilities"])
    assert acme["levels"] == {"task": "E3", "tags": "S2"}


def test_those_that_come_with_kamsync_are_listed_beside_it(author: Author) -> None:
    told = listed(author)

    assert {"acme", "zoho", "fxiaoke"} <= told.keys()
    assert told["fxiaoke"]["levels"]["tags"] == "S1"


def test_a_new_reader_passes_its_own_tests(author: Author) -> None:
    author.run("kamsync connector new neo_crm")

    done = author.run("PYTHONPATH=. pytest -q -p no:cacheprovider", cwd=author.folder / "neo_crm")

    assert done.returncode == 0, done.stdout
    assert "failed" not in done.stdout


def test_a_connector_that_cannot_be_loaded_is_named_and_stops_no_other(author: Author) -> None:
    package = author.folder / "torn" / "kamsync_torn"
    package.mkdir(parents=True)
    (package.parent / "pyproject.toml").write_text(BROKEN)
    (package / "__init__.py").write_text("import a_module_that_is_not_there\n")
    author.run("pip install -q --no-deps -e torn")

    told = listed(author)
    author.run("pip uninstall -q -y kamsync-torn")

    assert "a_module_that_is_not_there" in told["!torn"]["why"]
    assert told["!torn"]["provider"] == "kamsync-torn"
    assert "acme" in told


def test_a_grade_is_computed_and_believed_while_the_code_is_the_same(author: Author, session_file: Path) -> None:
    done = author.run("kamsync connector certify acme --json --out report.json")
    graded = listed(author)["acme"]
    session_file.write_text(session_file.read_text("utf-8") + "\n# one line more\n", "utf-8")

    changed = listed(author)["acme"]

    report = json.loads(done.stdout)
    assert [check for check in report["checks"] if check["result"] == "failed"] == []
    assert (done.returncode, report["grade"], report["failed"]) == (0, "A", 0)
    assert report["passed"] >= 120
    assert report == json.loads((author.folder / "report.json").read_text("utf-8"))
    assert (graded["grade"], graded["graded"]) == ("A", "now")
    assert (changed["grade"], changed["graded"]) == ("A", "older code")


def test_a_broken_promise_is_told_with_the_way_to_see_it_again(author: Author, session_file: Path) -> None:
    spoil(session_file)

    done = author.run("kamsync connector certify acme --only after_any_page")
    command = re.search(r"next: (kamsync connector certify acme --only .*)", done.stdout)
    assert command is not None, done.stdout
    again = author.run(command[1])

    assert (done.returncode, again.returncode) == (7, 7)
    assert "✗ reading resumes after any page without loss or repeat" in again.stdout
    assert "GET /records/customers → 200" in again.stdout


def test_a_connector_that_loses_records_gets_the_worst_grade(author: Author, session_file: Path) -> None:
    spoil(session_file)

    done = author.run("kamsync connector certify acme --json")

    report = json.loads(done.stdout)
    assert (done.returncode, report["grade"]) == (7, "F")
    assert {check["group"] for check in report["checks"] if check["result"] == "failed"} == {"Reading", "Lists"}


def test_reading_is_shown_call_by_call_and_without_secrets(author: Author) -> None:
    done = author.run("kamsync connector dev acme read customers --limit 2 --trace --json")

    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert [event["event"] for event in events[-3:]] == ["record", "record", "page"]
    assert any(event["event"] == "call" and "GET /records/customers" in event["request"] for event in events)
    assert events[-1]["cursor"]
    assert SECRET not in done.stdout + done.stderr
    assert "Bearer" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("kamsync connector new 'Acme CRM'", "no name for a connector"),
        ("kamsync connector new zoho", "installed already"),
        ("kamsync connector new other --dir acme", "left as it is"),
        ("kamsync connector certify nobody", "there is no connector nobody"),
        ("kamsync connector certify acme --only no_such_check", "no check has"),
        ("kamsync connector dev acme read custmers", "there are: customers"),
        ("kamsync connector dev acme write", "there are: check"),
        ("kamsync connector sim acme --fault timeout_after_comit", 'did you mean "timeout_after_commit"'),
        ("kamsync connector sim acme --knob pages=3", "pages"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(author: Author, line: str, said: str) -> None:
    done = author.run(line)

    assert done.returncode == 2
    assert said in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_every_fault_stands_in_the_help(author: Author) -> None:
    text = author.run("kamsync connector sim --help").stdout

    assert set(NAMED) <= set(re.findall(r"[a-z_]+", text))


# ---- against a tenant that runs


@pytest.fixture
def config(author: Author, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A workspace with a connection to a simulated tenant that runs, under the faults of the test."""
    faults = [word for each in getattr(request, "param", ()) for word in ("--fault", each)]
    process = subprocess.Popen(
        [str(author.bin / "kamsync"), "connector", "sim", "acme", "--json", *faults],
        cwd=author.folder, env=author.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    told = json.loads(process.stdout.readline())
    folder = author.folder / "workspace"
    if not folder.exists():
        author.run("kamsync init workspace")
        mapping = author.folder / "acme" / "kamsync_acme" / "mapping.toml"
        (folder / "mappings" / "acme.toml").write_text(mapping.read_text("utf-8"), "utf-8")
    block = "\n".join(f"{key} = {json.dumps(value)}" for key, value in told["credentials"].items())
    (folder / "config.toml").write_text(
        'language = "en"\nallow_plain_secrets = true\n\n'
        f'[connections.north]\nconnector = "acme"\nmapping = "mappings/acme.toml"\nwrites = "plan"\n{block}\n\n'
        '[policy]\ntiers = "policies/value4.toml"\nreminders = "policies/reminders.toml"\n',
        "utf-8",
    )
    yield folder / "config.toml"
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=20) == 0
    process.communicate()


@pytest.mark.parametrize("config", [["too_fast@GET /records"]], indirect=True)
def test_a_configured_connection_is_read_in_the_weather_that_was_asked_for(author: Author, config: Path) -> None:
    done = author.run(f"kamsync connector dev acme read customers --limit 1 --trace --json --against {config} north")

    events = [json.loads(line)["event"] for line in done.stdout.splitlines()]
    assert (done.returncode, events[-2:]) == (0, ["record", "page"])
    assert SECRET not in done.stdout + done.stderr


def test_a_configured_connection_is_checked_by_reading_alone(author: Author, config: Path) -> None:
    done = author.run(f"kamsync connector certify acme --json --against {config} north")

    report = json.loads(done.stdout)
    assert (done.returncode, report["failed"], report["grade"]) == (0, 0, None)
    assert report["passed"] > 5
