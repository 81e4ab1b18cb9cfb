"""What each kind of field makes of what CRMs send, the hostile included."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kamsync.mapping import Notes, Rejection, apply, is_void, read_mapping
from kamsync.model import ENTITIES, Money, Ref
from kamsync.plugin import Record, Text
from tests.mapping.conftest import SHANGHAI, small

Read = Callable[..., Any]
MIDNIGHT = 1_769_875_200_000  # 2026-02-01 00:00 in Shanghai


@pytest.mark.parametrize(
    ("entity", "field", "raw", "value"),
    [
        ("account", 'industry = "X"', " 汽车 ", "汽车"),
        ("account", 'industry = "X"', "-None-", None),
        ("account", 'industry = "X"', "", None),
        ("account", 'industry = "X"', {"name": "汽车", "id": "7"}, "汽车"),
        ("account", 'industry = "X"', ["汽车", "电子"], "汽车、电子"),
        ("account", 'industry = "X"', 12, "12"),
        ("account", 'industry = "X"', Decimal("12.50"), "12.50"),
        ("account", 'industry = "X"', "汽\x00车\ud800", "汽\ufffd车\ufffd"),
        ("account", 'industry = "X.Y"', {"Y": "深"}, "深"),
        ("account", 'industry = "X.Y"', [{"Y": "深"}], "深"),
        ("account", 'industry = "X.Y"', "浅", None),
        ("account", 'industry = { from = "X", default = "其他" }', None, "其他"),
        ("account", 'phone = { from = "X", as = "phone" }', " 010-8888 8888 转 6", "+861088888888;ext=6"),
        ("account", 'phone = { from = "X", as = "phone" }', 13800138000, "+8613800138000"),
        ("account", 'other_names = "X"', "华为;Huawei\uff1b華為\n华为", ("华为", "Huawei", "華為")),
        ("account", 'other_names = "X"', ["Huawei Co., Ltd", None, ""], ("Huawei Co., Ltd",)),
        ("account", 'employees = "X"', "1,200", 1200),
        ("account", 'employees = "X"', Decimal("500.0"), 500),
        ("account", 'employees = "X"', "82.5", 83),
        ("account", 'wallet = "X"', "21739535.00", Money(2173953500, "CNY", 2173953500)),
        ("account", 'wallet = "X"', "¥1,234,567.895", Money(123456790, "CNY", 123456790)),
        ("account", 'wallet = "X"', Decimal("0.005"), Money(1, "CNY", 1)),
        ("account", 'wallet = "X"', 0, Money(0, "CNY", 0)),
        ("account", 'wallet = "X"', "", None),
        ("account", 'wallet = { from = "X", scale = 10000 }', "350.5", Money(350500000, "CNY", 350500000)),
        ("account", 'wallet = { from = "X", currency = "JPY" }', 5000, Money(5000, "JPY", None)),
        ("deal", 'probability = { from = "X", as = "percent" }', 75, Decimal("0.75")),
        ("deal", 'probability = { from = "X", as = "percent" }', "12.5%", Decimal("0.125")),
        ("survey", 'score = "X"', "4.50", Decimal("4.50")),
        ("account", 'since = "X"', "2026-11-30", date(2026, 11, 30)),
        ("account", 'since = "X"', "2026/1/5", date(2026, 1, 5)),
        ("account", 'since = "X"', "2026年1月5日", date(2026, 1, 5)),
        ("account", 'since = "X"', "2026-11-30T23:30:00Z", date(2026, 12, 1)),
        ("account", 'since = "X"', "2026-11-30T23:30:00+08:00", date(2026, 11, 30)),
        ("account", 'since = "X"', MIDNIGHT, date(2026, 2, 1)),
        ("account", 'since = "X"', str(MIDNIGHT - 1), date(2026, 1, 31)),
        ("account", 'since = "X"', -86_400_000 * 365, date(1969, 1, 1)),
        ("account", 'created_at = "X"', "2026-11-20T09:31:07+08:00", datetime(2026, 11, 20, 1, 31, 7, tzinfo=UTC)),
        ("account", 'created_at = "X"', "2026-11-20 09:31:07", datetime(2026, 11, 20, 1, 31, 7, tzinfo=UTC)),
        ("account", 'created_at = "X"', "2026-11-20", datetime(2026, 11, 19, 16, 0, tzinfo=UTC)),
        ("account", 'created_at = "X"', MIDNIGHT + 1, datetime(2026, 1, 31, 16, 0, 0, 1000, tzinfo=UTC)),
        ("account", 'blacklisted = "X"', False, False),
        ("account", 'blacklisted = "X"', "是", True),
        ("account", 'blacklisted = "X"', 0, False),
        ("account", 'blacklisted = "X"', "", None),
        ("account", 'owner = { from = "X", to = "contacts" }', {"name": "李雷", "id": "572"}, Ref("contacts", "572")),
        ("account", 'owner = { from = "X", to = "contacts" }', {"id": "572"}, Ref("contacts", "572")),
        ("account", 'owner = { from = "X", to = "contacts" }', "572", Ref("contacts", "572")),
        ("account", 'owner = { from = "X", to = "contacts" }', ["1001"], Ref("contacts", "1001")),
        ("account", 'owner = { from = "X", to = "contacts" }', [{"id": 1001}], Ref("contacts", "1001")),
        ("account", 'owner = { from = "X", to = "contacts" }', [], None),
        ("account", 'owner = { from = "X", to = "contacts" }', {"id": None, "name": ""}, None),
        ("order", 'counts = { from = "X", values = { "normal" = true, "已作废" = false } }', "Normal ", True),
        ("order", 'counts = { from = "X", values = { "2" = true } }', 2, True),
        ("order", 'counts = { from = "X", values = { "true" = false } }', True, False),
        ("case", 'kind = "X"', "complaint", "complaint"),
        ("case", 'kind = { constant = "service" }', None, "service"),
    ],
)  # fmt: skip
def test_a_value_becomes_what_the_model_holds(read: Read, entity: str, field: str, raw: object, value: object):
    notes = Notes()

    assert read(entity, field, {"X": raw}, notes) == value
    assert notes.odd == []


@pytest.mark.parametrize(
    ("entity", "field", "raw", "said"),
    [
        ("account", 'industry = "X"', True, "should be text, got True"),
        ("account", 'industry = "X"', [["x"]], "should be text, got list(1)"),
        ("account", 'employees = "X"', "五百", 'should be a number, got "五百"'),
        ("account", 'employees = "X"', True, "should be a number, got True"),
        ("account", 'wallet = "X"', {"amount": 1}, "should be a number, got dict(1)"),
        ("account", 'wallet = "X"', "NaN", 'should be a number, got "NaN"'),
        ("account", 'wallet = "X"', float("inf"), "should be a number, got inf"),
        ("account", 'wallet = "X"', Decimal("1E+999999"), "should be a number, got 1E+999999"),
        ("account", 'wallet = "X"', 10**400, "should be a number, got a very large number"),
        ("account", 'wallet = { from = "X", scale = 10000 }', 10**16, "should be a number, got 1" + "0" * 20),
        ("deal", 'probability = { from = "X", as = "percent" }', 120,
         "should be a percentage from 0 to 100, got 120"),
        ("account", 'since = "X"', "明天", 'should be a date, got "明天"'),
        ("account", 'since = "X"', "2026-02-30", 'should be a date, got "2026-02-30"'),
        ("account", 'since = "X"', 10**30, "should be a date, got 1" + "0" * 30),
        ("account", 'since = "X"', 1.5, "should be a date, got 1.5"),
        ("account", 'created_at = "X"', "9999-12-31T23:59:59-10:00",
         'should be a point in time, got "9999-12-31T23:59:59-10:00"'),
        ("account", 'blacklisted = "X"', "也许", 'should be yes or no, got "也许"'),
        ("account", 'owner = { from = "X", to = "contacts" }', True, "should be a reference to a record, got True"),
        ("order", 'counts = { from = "X", unknown = "reject", values = { "normal" = true } }', "draft",
         'should be one of: normal, got "draft"'),
    ],
)  # fmt: skip
def test_a_value_of_the_wrong_kind_sets_the_record_aside(read: Read, entity: str, field: str, raw: object, said: str):
    got = read(entity, field, {"X": raw})

    assert isinstance(got, Rejection)
    assert (got.field, got.why.en) == (field.split(" ")[0], said)


@pytest.mark.parametrize(
    ("entity", "field", "raw", "value", "odd"),
    [
        ("account", 'rating = { from = "X", values = { "大型" = "大" } }', "集团", "集团", '"集团"'),
        ("deal", 'status = { from = "X", default = "open", values = { "赢单" = "won" } }', "搁置", "open", '"搁置"'),
        ("order", 'counts = { from = "X", values = { "normal" = true } }', "8", None, '"8"'),
        ("account", 'since = "X"', "0000-00-00", None, '"0000-00-00"'),
        ("account", 'since = "X"', 0, None, "0"),
        ("account", 'phone = { from = "X", as = "phone" }', "无", None, '"无"'),
        ("account", 'wallet = { from = "X", currency_from = "C" }', 5, None, '"??"'),
    ],
)  # fmt: skip
def test_a_strange_value_is_reported_and_the_record_goes_on(
    read: Read, entity: str, field: str, raw: object, value: object, odd: str
):
    notes = Notes()

    assert read(entity, field, {"X": raw, "C": "??"}, notes) == value
    assert notes.odd == [(field.split(" ")[0], odd)]


def test_an_unknown_value_can_be_passed_over_in_silence(read: Read):
    notes = Notes()
    field = 'status = { from = "X", default = "open", unknown = "ignore", values = { "赢单" = "won" } }'

    assert read("deal", field, {"X": "谈判"}, notes) == "open"
    assert notes.odd == []


@pytest.mark.parametrize(
    ("divides", "rate", "base"),
    [("false", "7.10", 71_000), ("true", "0.125", 80_000), ("false", None, None), ("false", "-1", None)],
)
def test_money_in_another_currency_is_worth_its_rate(read: Read, divides: str, rate: str | None, base: int | None):
    field = f'wallet = {{ from = "X", currency_from = "C", rate_from = "R", rate_divides = {divides} }}'

    got = read("account", field, {"X": "100", "C": "US Dollar - USD", "R": rate})

    assert got == Money(10_000, "USD", base)


def test_the_first_field_that_says_something_wins(read: Read):
    field = 'date = ["Order_Date", "Created_Time"]'

    assert read("order", field, {"Order_Date": "2026-01-05", "Created_Time": "2026-02-01"}) == date(2026, 1, 5)
    assert read("order", field, {"Order_Date": "", "Created_Time": "2026-02-01"}) == date(2026, 2, 1)
    assert read("order", field, {"Order_Date": "0000-00-00", "Created_Time": MIDNIGHT}) == date(2026, 2, 1)
    assert read("order", field, {}) is None


def test_a_picklist_is_known_by_its_label_or_by_its_value(read: Read):
    field = 'size = { from = ["s__r", "s"], values = { "大型" = "大", "2" = "中" } }'

    assert read("account", field, {"s": "TvP3c4kMA", "s__r": "大型"}) == "大"
    assert read("account", field, {"s": "2", "s__r": "Mittel"}) == "中"
    assert read("account", field, {"s": ["x", "2"]}) == "中"


def test_a_reference_goes_where_the_record_says(read: Read):
    field = 'about = [{ from = "What", type_from = ["$se_module", "What.module.api_name"], to = "accounts" },'
    field += ' { from = "Who", to = "contacts" }, { from = "Rel", type_in = "describe_api_name" }]'
    who = {"Who": {"id": "9", "name": "韩梅梅"}}

    assert read("activity", field, {"What": {"id": "5"}, "$se_module": "accounts", **who}) == (
        Ref("accounts", "5"), Ref("contacts", "9"),
    )  # fmt: skip
    assert read("activity", field, {"What": {"id": "5", "module": {"api_name": "Deals"}}}) == (Ref(None, "5"),)
    assert read("activity", field, {"What": "5"}) == (Ref("accounts", "5"),)
    assert read("activity", field, {"Rel": [
        {"id": "1", "describe_api_name": "Accounts"}, {"id": "1", "describe_api_name": "Accounts"},
        {"id": "2", "describe_api_name": "LeadsObj"}, {"id": None},
    ]}) == (Ref("accounts", "1"), Ref(None, "2"))  # fmt: skip


def test_a_record_without_its_name_is_set_aside(read: Read):
    got = read("account", 'industry = "X"', {"Name": " ", "X": "汽车"})

    assert got == Rejection("name", Text("是空的，而它必须有值", "is empty, and must not be"))


def test_a_record_that_cannot_be_placed_keeps_the_connectors_reason():
    record = Record("", None, {}, problem=Text("没有 id", "has no id"))

    got = apply(small("account", 'industry = "X"'), "things", record, zone=SHANGHAI, base_currency="CNY")

    assert got == Rejection("", Text("没有 id", "has no id"))


VOID = read_mapping(
    '[tasks]\nobject = "ScheduleObj"\nentity = "activity"\nmarker_from = ["key", "content"]\n'
    'gone_when = { life_status = "invalid", is_deleted = true }\nskip_when = { kind = ["birthday", "节日"] }\n'
    '[tasks.fields]\nkind = { constant = "task" }\n',
    "x.toml",
)


@pytest.mark.parametrize(
    ("body", "void", "kept"),
    [
        ({"life_status": "normal", "is_deleted": False}, False, True),
        ({"life_status": "invalid"}, True, False),
        ({"is_deleted": True}, True, False),
        ({"is_deleted": "true"}, True, False),
        ({"kind": "节日"}, False, False),
        ({"kind": ["Birthday"]}, False, False),
        ({"kind": [["x"]], "life_status": {"a": []}}, False, True),
    ],
)
def test_void_and_unwanted_records_make_no_entity(body: dict[str, Any], void: bool, kept: bool):
    record = Record("1", None, body)

    got = apply(VOID, "tasks", record, zone=SHANGHAI, base_currency="CNY")

    assert (is_void(VOID, "tasks", record), got is not None) == (void, kept)


def test_our_own_task_is_known_by_its_marker():
    marker = "kam:R08:INV-0012-30:" + "ab" * 13
    texts = [{"key": marker}, {"content": f"付款逾期\n{marker}"}, {"key": 7, "content": "kam:R08:x"}]

    found = [apply(VOID, "tasks", Record("1", None, body), zone=SHANGHAI, base_currency="CNY") for body in texts]

    assert [getattr(task, "marker", "?") for task in found] == [marker, marker, None]


ODD_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.integers(min_value=10**300, max_value=10**301) | st.floats()
    | st.decimals() | st.text("0年-:T.Zx\x00\ud800😀华 ", max_size=12)
    | st.sampled_from(["0000-00-00", "2026-13-45", "9" * 30, "1e999999", "²", "0001-01-01T00:00:00+14:00", "-None-"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["id", "name", "Y"]), inner, max_size=2),
    max_leaves=4,
)  # fmt: skip

EVERY_KIND = {
    "account": 'name = "A"\nother_names = "B"\nsize = { from = ["A", "B"], values = { "大型" = "大" } }\n'
    'employees = { from = "A", scale = 10 }\n'
    'wallet = { from = "A", scale = 10000, currency_from = "B", rate_from = "C" }\n'
    'since = ["A", "B"]\ncreated_at = "A"\nblacklisted = "A"\nphone = { from = "A", as = "phone" }\n'
    'parent = { from = "A", to = "things" }\n',
    "activity": 'kind = { from = "A", default = "call" }\nabout = { from = "A", type_in = "Y", type_from = "B.Y" }\n'
    'at = "A"\n',
    "deal": 'probability = { from = "A", as = "percent" }\nclose_date = "A.Y"\n',
}
HOSTILE = {
    entity: read_mapping(
        f'[things]\nobject = "Things"\nentity = "{entity}"\ngone_when = {{ C = "x" }}\n[things.fields]\n{fields}', "x"
    )
    for entity, fields in EVERY_KIND.items()
}


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(HOSTILE)), st.fixed_dictionaries({"A": ODD_JSON, "B": ODD_JSON, "C": ODD_JSON}))
def test_whatever_a_crm_sends_there_is_an_answer(entity: str, body: dict[str, Any]):
    notes = Notes()

    got = apply(HOSTILE[entity], "things", Record("1", None, body), zone=SHANGHAI, base_currency="CNY", notes=notes)

    assert got is None or isinstance(got, Rejection | ENTITIES[entity])
    (repr(got) + repr(notes)).encode()
    if isinstance(got, Rejection):
        assert len(got.value) <= 82
        got.why.zh.encode()
