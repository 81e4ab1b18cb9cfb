"""A person's TOML file, and where its mistakes are."""

import tomllib
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kamsync.config.toml_file import read
from kamsync.plugin import Text
from kamsync.plugin.document import Problem, Problems, nearest, parse

SAMPLE = dedent('''\
    # 注释 [not.a.table]
    top = 1
    a.b."c.d" = """
    [fake]
    x = 2
    """
    list = [
      "one",   # [x]
      { name = "华为", note = 'it''s'}, # odd
    ]

    [tables."名 字"]
    key = 2026-01-01 10:00:00
    [[items]]
    id = 1
    [[items.parts]]
    n = 1
    [[items]]
    id = 2
    [items.extra]
    deep = { far = [1, [2, 3]] }
    [[items.parts]]
    n = 2
''').replace("it''s", "its")


def test_every_key_knows_its_line():
    document = parse(SAMPLE, "样例.toml")

    where = {
        ("top",): 2, ("a",): 3, ("a", "b", "c.d"): 3, ("list",): 7, ("list", 0): 8, ("list", 1, "note"): 9,
        ("tables", "名 字"): 12, ("tables", "名 字", "key"): 13, ("items", 0, "id"): 15,
        ("items", 0, "parts", 0, "n"): 17,
        ("items", 1): 18, ("items", 1, "id"): 19, ("items", 1, "extra", "deep", "far", 1, 1): 21,
        ("items", 1, "parts", 0, "n"): 23,
    }  # fmt: skip
    assert {keys: document.line(*keys) for keys in where} == where


def test_a_key_that_is_not_there_is_placed_in_the_nearest_table():
    document = parse(SAMPLE, "样例.toml")

    assert document.line("tables", "名 字", "missing", "deeper") == 12
    assert document.line("nowhere") == 1


def test_problems_print_as_one_aligned_list_in_both_languages():
    found = Problems(
        [
            Problem("mappings/zoho.toml", 9, "accounts.fields.industri",
                    Text("不是 kamsync 的客户字段", "is not a kamsync account field"),
                    Text('是不是想写 "industry"？', 'did you mean "industry"?')),
            Problem("mappings/zoho.toml", 11, "联系人.as", Text('"person" 不是一种类型', '"person" is not a kind')),
        ]
    )  # fmt: skip

    assert found.text.en.splitlines() == [
        "mappings/zoho.toml: 2 problems",
        "  zoho.toml:9   accounts.fields.industri   is not a kamsync account field",
        '                did you mean "industry"?',
        '  zoho.toml:11  联系人.as                  "person" is not a kind',
    ]
    assert found.text.zh.splitlines()[0] == "mappings/zoho.toml: 2 个问题"
    assert found.exit_code == 2


@pytest.mark.parametrize(
    ("content", "line", "says"),
    [
        (b"a = 1\nb = = 2\n", 2, "is not TOML: Invalid value"),
        ("a = 1\n# 中文".encode("gbk"), 2, "is not UTF-8 text"),
        (b'a = 1\nb = "x', 2, "is not TOML: Unterminated string"),
        (b"a = 1\n[t]\na = 1\na = 2\n", 4, "is not TOML: Cannot overwrite a value"),
    ],
)
def test_a_file_that_cannot_be_read_says_where(tmp_path: Path, content: bytes, line: int, says: str):
    (tmp_path / "配置.toml").write_bytes(content)

    with pytest.raises(Problems) as caught:
        read(tmp_path / "配置.toml")

    (problem,) = caught.value.problems
    assert (problem.line, problem.text.en) == (line, says)


def test_a_missing_file_says_how_to_get_one(tmp_path: Path):
    with pytest.raises(Problems) as caught:
        read(tmp_path / "config.toml")

    assert str(caught.value).splitlines() == [
        f"{tmp_path}/config.toml: 1 problem",
        "  config.toml  there is no such file",
        "               make a workspace with: kamsync init DIR",
    ]


def test_a_file_saved_by_notepad_is_read(tmp_path: Path):
    (tmp_path / "config.toml").write_bytes('\ufefflanguage = "zh"\r\n[store]\r\nurl = "x"\r\n'.encode())

    document = read(tmp_path / "config.toml")

    assert (document.data["language"], document.line("store", "url")) == ("zh", 3)


def test_the_nearest_word_ignores_case_and_gives_up_on_strangers():
    assert nearest("industri", ["name", "industry"]) == "industry"
    assert nearest("accountobj", ["AccountObj", "ContactObj"]) == "AccountObj"
    assert nearest("zzz", ["name", "industry"]) is None


KEYS = st.text("ab.\"'[]#=\\ 华\n", max_size=4)
VALUES = st.recursive(
    st.integers(0, 9) | st.booleans() | st.text("a\"'\\\n]}#,=华", max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(KEYS, VALUES, max_size=4))
def test_whatever_toml_allows_every_key_has_a_line(data: dict[str, object]):
    text = "".join(f"\n{_toml_key(key)} = {_toml(value)}" for key, value in data.items())

    document = parse(text, "x.toml")

    assert document.data == tomllib.loads(text)
    assert set(_paths(data)) <= set(document.lines)


def _toml_key(key: str) -> str:
    return _toml(key)


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_toml_key(k)} = {_toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    return str(value).lower()


def _paths(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    if isinstance(value, dict):
        inner = [deep for key, item in value.items() for deep in _paths(item, (*path, key))]
    elif isinstance(value, list):
        inner = [deep for index, item in enumerate(value) for deep in _paths(item, (*path, index))]
    else:
        inner = []
    return [path, *inner] if path else inner
