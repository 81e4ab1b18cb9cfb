"""`kamsync value try`: what a file of purchases teaches, and what each customer is expected to bring."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kamsync.cli import main

CDNOW = Path(__file__).parents[1] / "rules" / "data" / "cdnow_summary.csv"


@pytest.fixture
def kamsync(capsys):
    """The command line: what it exits with, the lines it prints and what it notes beside them."""

    def run(*words):
        code = main([*words, "--lang", "en"])
        said = capsys.readouterr()
        return code, [json.loads(line) for line in said.out.splitlines() if line.startswith("{")], said.err

    return run


def test_the_first_line_tells_what_was_learned_and_then_each_customer(kamsync):
    code, (learned, *customers), _ = kamsync("value", "try", str(CDNOW), "--weeks", "39")

    assert code == 0
    assert {name: round(each, 3) for name, each in learned["bgnbd"].items()} == {
        "r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426, "log_likelihood": -9582.426,
    }  # fmt: skip
    assert {name: round(each, 2) for name, each in learned["gamma_gamma"].items()} == {"p": 6.25, "q": 3.74, "v": 15.45}
    assert (learned["customers"], learned["repeats"], learned["weeks"]) == (2357, 946, 39)
    first = customers[0]
    assert (len(customers), first["customer"]) == (2357, "1")
    assert round(first["expected_purchases"], 3) == 1.226
    assert (round(first["p_alive"], 4), round(first["expected_value"], 2)) == (0.7266, 24.66)
    assert all(each["p_alive"] < 1 for each in customers)


def test_margin_and_discount_change_what_a_customer_brings(kamsync):
    _, plain, _ = kamsync("value", "try", str(CDNOW), "--discount", "0")
    _, thin, _ = kamsync("value", "try", str(CDNOW), "--discount", "0", "--margin", "0.25")
    _, later, _ = kamsync("value", "try", str(CDNOW))

    whole = plain[1]["expected_purchases"] * plain[1]["expected_value"]
    assert plain[1]["clv"] == pytest.approx(whole, abs=0.005)
    assert thin[1]["clv"] == pytest.approx(whole / 4, abs=0.005)
    assert later[1]["clv"] < plain[1]["clv"]


def test_with_few_who_came_back_it_falls_back_and_says_so(kamsync, tmp_path):
    path = tmp_path / "few.csv"
    path.write_text("customer,date,amount\n华为,2026-01-01,100\n华为,2026-01-15,60\n比亚迪,2026-01-29,5\n", "utf-8")

    code, (learned, huawei, byd), err = kamsync("value", "try", str(path), "--weeks", "4", "--discount", "0")

    assert code == 0
    assert (learned["bgnbd"], learned["gamma_gamma"], learned["until"]) == (None, None, "2026-01-29")
    assert learned["fallback"] == "customers who came back: 1 (a fit needs 30)"
    assert " ".join(err.split()) == f"{learned['fallback']}: each is carried forward at its own pace"
    assert (huawei["p_alive"], huawei["expected_purchases"], huawei["clv"]) == (None, 1.0, 60.0)
    assert (byd["expected_purchases"], byd["clv"]) == (0.0, None)


def test_a_line_that_cannot_be_read_is_told_at_the_end(kamsync, tmp_path):
    path = tmp_path / "bad.csv"
    path.write_text("customer,x,t_x,T,mean_value\na,1,5,3,9\nb,1,1,3,9\n", "utf-8")

    code, rows, _ = kamsync("value", "try", str(path))

    assert code == 7
    assert [row["customer"] for row in rows[1:]] == ["b", "a"]
    assert rows[-1] == {"customer": "a", "line": 2, "error": "line 2: t_x must lie between 0 and T"}


def test_a_file_of_another_kind_is_refused_with_a_way_out(kamsync, tmp_path):
    path = tmp_path / "other.csv"
    path.write_text("name,city\n华为,深圳\n", "utf-8")

    code, rows, err = kamsync("value", "try", str(path))

    assert (code, rows) == (2, [])
    assert "the first line must name the columns" in err.replace("\n", " ")
