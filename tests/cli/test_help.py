"""What a newcomer meets: the first words, help in two languages, mistakes on the command line."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

import pytest

from kamsync.cli import main
from kamsync.cli.app import build
from kamsync.cli.common import BREAK, asked_by
from tests.cli.office import width

CJK = re.compile(r"[\u4e00-\u9fff]")


def commands(command: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    below = getattr(command, "commands", {})
    return [path, *(found for name, one in below.items() for found in commands(one, (*path, name)))]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_first_screen_is_six_lines_that_fit(language: str, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["--lang", language])

    out = capsys.readouterr().out
    assert code == 0
    assert len(out.splitlines()) == 6
    assert width(out) <= 80
    assert all(word in out for word in ("kamsync demo", "kamsync init", "kamsync doctor", "--lang"))


@pytest.mark.parametrize("path", commands(build("en")), ids=" ".join)
def test_every_help_speaks_both_languages_and_knows_the_common_options(
    path: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    main([*path, "--help", "--lang", "zh"])
    zh = capsys.readouterr().out
    main([*path, "--help", "--lang", "en"])
    en = capsys.readouterr().out

    assert all(option in text for text in (zh, en) for option in ("--json", "--config", "--lang"))
    assert CJK.search(zh)
    assert not CJK.search(en.replace("华东精密", ""))
    assert BREAK not in zh + en
    assert width(en) <= 80


def test_help_answers_without_loading_the_store() -> None:
    script = (
        "import sys; from kamsync.cli import main; main(['--help']); "
        "sys.exit(any(name in sys.modules for name in ('sqlalchemy', 'sqlmodel', 'requests', 'scipy', 'rich')))"
    )

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["plann"], "No such command 'plann'"),
        (["pull", "--fulll"], "--fulll"),
        (["tier", "--as-of", "1.3.2026"], "YYYY-MM-DD"),
        (["apply"], "PLAN"),
        (["version", "--lang", "fr"], "'fr'"),
    ],
)
def test_wrong_usage_is_one_sentence_and_the_way_to_help(
    words: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(words)

    told = capsys.readouterr()
    assert code == 2
    assert says in told.err
    assert "--help" in told.err
    assert told.out == ""


def test_the_language_is_the_flags_then_the_environments_then_the_configs_then_the_locales(tmp_path: Any) -> None:
    config = tmp_path / "config.toml"
    config.write_text('language = "en"\n', "utf-8")
    argv = ["--config", str(config)]

    spoken = [
        asked_by([*argv, "--lang=zh"], {"KAMSYNC_LANG": "en"}).language,
        asked_by(argv, {"KAMSYNC_LANG": "zh"}).language,
        asked_by(argv, {"LANG": "zh_CN.UTF-8"}).language,
        asked_by([], {"LANG": "zh_CN.UTF-8", "KAMSYNC_CONFIG": str(tmp_path / "none")}).language,
        asked_by([], {"LANG": "C.UTF-8", "KAMSYNC_CONFIG": str(tmp_path / "none")}).language,
    ]

    assert spoken == ["zh", "zh", "en", "zh", "en"]


def test_version_tells_programs_too(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["version", "--json"])

    assert code == 0
    assert '"version": "' in capsys.readouterr().out
