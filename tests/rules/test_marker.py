"""How our tasks are recognised inside a CRM."""

from __future__ import annotations

import re

import pytest

from kamsync.rules.marker import find_marker, marker, slug, unmark

SHAPE = re.compile(r"kam:R\d\d:[^\s:]+:[a-z2-7]{26}")
PARTS = {"deployment": "main", "org": "org1", "rule": "R08", "remote_id": "4876", "suffix": "INV-0012-30"}


def test_a_marker_is_readable_and_keeps_its_value_for_ever():
    assert marker(**PARTS) == "kam:R08:INV-0012-30:lt7bb2k4air2tiesmdpqtopgcm"


@pytest.mark.parametrize("part", PARTS)
def test_each_part_makes_another_marker(part):
    other = "R09" if part == "rule" else PARTS[part] + "x"

    assert marker(**{**PARTS, part: other}) != marker(**PARTS)


def test_parts_that_read_alike_when_joined_make_different_markers():
    one = marker("ab", "c", "R01", "1", "x")
    two = marker("a", "bc", "R01", "1", "x")

    assert one[-26:] != two[-26:]


@pytest.mark.parametrize("suffix", ["", "a b", "a:b", "a\u3000b", "a\n"])
def test_a_suffix_that_could_not_be_read_back_is_refused(suffix):
    with pytest.raises(ValueError, match="suffix"):
        marker("main", "org1", "R08", "4876", suffix)


def test_our_marker_is_found_below_whatever_people_wrote():
    ours = marker(**PARTS)
    text = f"客户说下周付 😀\n参见 kam:R01:x:{'a' * 26}\n{ours}\n"

    assert find_marker(text) == ours


@pytest.mark.parametrize("text", ["", "kam:R8:x:" + "a" * 26, "kam:R08:a b:" + "a" * 26, "kam:R08:x:" + "A" * 26])
def test_what_only_resembles_a_marker_is_none(text):
    assert find_marker(text) is None


def test_a_customer_whose_name_is_a_marker_cannot_pass_for_our_task():
    name = f"某某公司 {marker(**PARTS)}"

    assert find_marker(unmark(name)) is None


@pytest.mark.parametrize("text", ["发票 12:30/甲", "", "~", "a" * 300, "\ud800", "a\u00a0b"])
def test_any_text_becomes_part_of_a_suffix(text):
    assert SHAPE.fullmatch(marker("main", "org1", "R08", "4876", slug(text) + "-7"))


def test_texts_that_differ_never_share_a_slug():
    texts = ["a b", "a_b", "a-b", "a~20b", "a~b", "a:b", "甲", "乙", "", "x" * 81, "x" * 82, "A", "a"]

    assert len({slug(text) for text in texts}) == len(texts)


def test_an_ordinary_number_stays_readable():
    assert slug("INV-2026.0012_a") == "INV-2026.0012_a"
