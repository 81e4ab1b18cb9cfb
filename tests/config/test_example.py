"""The example config and the connectors that come with kamsync know the same keys."""

import re
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from kamsync.config import load
from kamsync.config.blocks import ConnectionBlock, Sheet
from kamsync.plugin import Options
from kamsync_files.options import FileSet

EXAMPLE = Path("config.example.toml").read_text("utf-8")
CONNECTORS = {found.name: found.load() for found in entry_points(group="kamsync.connectors")}
USUAL = {"connector", "mapping", "writes"}


def block(name: str) -> set[str]:
    """The keys of one connection's block, those in comments too."""
    text = EXAMPLE.split(f"[connections.{name}]")[1].split("\n[")[0]
    return set(re.findall(r"^(?:# )?(\w+) = ", text, re.MULTILINE))


@pytest.mark.parametrize("name", ["zoho", "fxiaoke"])
def test_the_example_explains_every_key_of_a_connector(name: str):
    assert block(name) == set(CONNECTORS[name].options.model_fields) | set(ConnectionBlock.model_fields)


def test_the_example_explains_what_files_and_taps_have_of_their_own():
    """What has to do with writing and networks (tags, hosts, pace) means nothing there and is left out."""
    own = {name: set(CONNECTORS[name].options.model_fields) - set(Options.model_fields) for name in ("files", "singer")}
    tables = EXAMPLE.split("[connections.files.files.accounts]")[1].split("\n[")[0]

    assert block("files") == own["files"] - {"files"} | USUAL
    assert set(re.findall(r"^(?:# )?(\w+) = ", tables, re.MULTILINE)) == set(FileSet.model_fields)
    assert block("singer") == own["singer"] - {"properties"} | USUAL
    assert "`properties`" in EXAMPLE


def test_the_example_explains_every_key_of_kamsyncs_own():
    sections = {key: field.annotation for key, field in Sheet.model_fields.items() if key != "connections"}
    wanted = {*sections, *(key for one in sections.values() for key in getattr(one, "model_fields", {}))}

    assert wanted <= set(re.findall(r"^(?:# )?\[?(\w+)(?: = |\])", EXAMPLE, re.MULTILINE))


def test_the_example_works_with_every_key_in_use(tmp_path: Path):
    text = re.sub(r"^# (\w+ = )", r"\1", EXAMPLE, flags=re.MULTILINE).replace('"…"', '"FSAID_1"')
    for folder in ("mappings", "policies"):
        (tmp_path / folder).symlink_to(Path(folder).resolve())
    (tmp_path / "config.toml").write_text(text, "utf-8")

    config = load(tmp_path / "config.toml", CONNECTORS)

    assert [one.name for one in config.connections] == ["zoho", "fxiaoke", "files", "singer"]
