"""`kamsync identity try`: records of a file become clusters, and what a person should look at is written beside."""

from __future__ import annotations

import json

import pytest

from kamsync.cli import main

RECORDS = [
    {"id": "z1", "source": "zoho", "name": "苏州砚澜精密机械有限公司", "city": "苏州", "website": "www.yanlan.example"},
    {"id": "f1", "source": "fxiaoke", "name": "砚澜精密", "phone": "", "uscc": None, "other_names": []},
    {"id": "z2", "name": "Suzhou Yanlan Precision Machinery Co., Ltd.", "other_names": "砚澜精密"},
    {"id": 7, "name": "霁禾食品"},
    {"id": "f2", "name": "霁禾(上海)食品有限公司", "phone": 13812345678},
    {"id": "f3", "name": "霁禾(北京)食品有限公司"},
]


@pytest.fixture
def kamsync(capsys):
    """The command line: what it exits with and what it prints."""

    def run(*words):
        code = main([*words, "--lang", "en"])
        return code, [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return run


@pytest.fixture
def records(tmp_path):
    path = tmp_path / "records.jsonl"
    lines = [json.dumps(one, ensure_ascii=False) for one in RECORDS]
    path.write_text("\ufeff" + "\n".join([*lines[:2], "", *lines[2:]]) + "\n", "utf-8")
    return path


def test_a_line_each_with_its_cluster(kamsync, records, tmp_path):
    pairs = tmp_path / "pairs.jsonl"

    code, rows = kamsync("identity", "try", str(records), "--review", str(pairs))

    assert code == 0
    assert [row["id"] for row in rows] == ["z1", "f1", "z2", "7", "f2", "f3"]
    assert [row["cluster"] for row in rows] == ["z1", "z1", "z1", "7", "f2", "f3"]
    asked = [json.loads(line) for line in pairs.read_text("utf-8").splitlines()]
    assert {frozenset((one["a"], one["b"])) for one in asked} == {frozenset(("7", "f2")), frozenset(("7", "f3"))}
    assert all(one["evidence"] and one["score"] for one in asked)


def test_a_line_that_cannot_be_read_is_named_and_the_others_are_linked(kamsync, tmp_path):
    path = tmp_path / "broken.jsonl"
    path.write_text('{"id": "a", "name": "砚澜"}\n{"id": \n{"name": "无"}\n{"id": "a", "name": "霁禾"}\n', "utf-8")

    code, rows = kamsync("identity", "try", str(path))

    assert code == 7
    assert rows[0] == {"id": "a", "cluster": "a"}
    assert [row["line"] for row in rows[1:]] == [2, 3, 4]


def test_a_file_that_is_not_there_is_wrong_usage(kamsync, tmp_path):
    assert kamsync("identity", "try", str(tmp_path / "none.jsonl"))[0] == 2
