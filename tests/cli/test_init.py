"""A workspace: made whole, never overwritten, and honest about what is still to be filled in."""

from __future__ import annotations

from pathlib import Path

import pytest

from kamsync.config import load
from kamsync.engine.connectors import find
from kamsync_files.options import FilesOptions
from tests.cli.office import Office


def test_init_writes_everything_a_workspace_needs(office: Office, tmp_path: Path) -> None:
    answer = office.type("init", str(tmp_path / "new"), "--json")

    assert answer.code == 0
    assert [Path(path).relative_to(tmp_path / "new").as_posix() for path in answer.json["created"]] == [
        "config.toml",
        "mappings/zoho.toml",
        "mappings/fxiaoke.toml",
        "mappings/mapping.schema.json",
        "policies/abc_matrix.toml",
        "policies/calendar-cn.toml",
        "policies/reminders.toml",
        "policies/sabc.toml",
        "policies/value4.toml",
        "policies/vip_two_stage.toml",
        ".env.example",
        ".gitignore",
    ]
    assert "ZOHO_REFRESH_TOKEN=" in (tmp_path / "new/.env.example").read_text("utf-8")


def test_init_never_overwrites(office: Office) -> None:
    before = {path: path.read_bytes() for path in office.folder.rglob("*.toml")}

    answer = office.type("init", str(office.folder))

    assert answer.code == 2
    assert "nothing was changed" in answer.err
    assert {path: path.read_bytes() for path in office.folder.rglob("*.toml")} == before


def test_init_for_one_crm_leaves_the_other_out_and_loads_once_filled_in(office: Office, tmp_path: Path) -> None:
    answer = office.type("init", str(tmp_path / "one"), "--crm", "fxiaoke")

    path = tmp_path / "one/config.toml"
    path.write_text(path.read_text("utf-8").replace('"…"', '"FSAID_1"'), "utf-8")
    config = load(path, find().connectors)
    assert answer.code == 0
    assert [one.name for one in config.connections] == ["fxiaoke"]
    assert config.policy.prefer == ("fxiaoke",)
    assert config.policy.calendar == tmp_path / "one/policies/calendar-cn.toml"
    assert not (tmp_path / "one/mappings/zoho.toml").exists()


def test_init_for_files_and_a_tap_brings_their_blocks_whole(office: Office, tmp_path: Path) -> None:
    answer = office.type("init", str(tmp_path / "new"), "--crm", "zoho,files,singer")

    path = tmp_path / "new/config.toml"
    path.write_text(path.read_text("utf-8").replace('"…"', '"FSAID_1"'), "utf-8")
    config = load(path, find().connectors)
    files = next(one for one in config.connections if one.name == "files")
    assert answer.code == 0
    assert [one.name for one in config.connections] == ["zoho", "files", "singer"]
    assert isinstance(files.options, FilesOptions)
    assert set(files.options.files) == {"accounts", "orders"}
    assert config.policy.prefer == ("zoho",)
    assert (tmp_path / "new/mappings/singer.toml").read_text("utf-8").splitlines()[1].startswith("# Singer tap")


def test_a_crm_that_is_not_installed_is_named_with_those_that_are(office: Office, tmp_path: Path) -> None:
    answer = office.type("init", str(tmp_path / "x"), "--crm", "zohoo")

    assert answer.code == 2
    assert 'did you mean "zoho"?' in answer.err
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("words", [("doctor",), ("pull",), ("status",)])
def test_placeholders_left_in_a_new_workspace_are_told_with_their_lines(
    office: Office, tmp_path: Path, words: tuple[str, ...]
) -> None:
    office.type("init", str(tmp_path / "new"))
    office.folder = tmp_path / "new"

    answer = office.type(*words)

    assert answer.code == 2
    told = answer.out + answer.err
    assert "connections.zoho.client_id" in told
    assert "connections.fxiaoke.app_id" in told
    assert "config.toml:" in told
    assert "Traceback" not in told
