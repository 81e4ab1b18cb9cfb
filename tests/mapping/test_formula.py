"""Formulas: exact figures out of a record's own fields, nothing of the host within reach, bounded in every way."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kamsync.mapping import Notes, Rejection
from kamsync.mapping.convert import Odd, Unfit
from kamsync.mapping.formula import FormulaError, read_formula
from kamsync.mapping.formula_functions import FUNCTIONS
from kamsync.model import Money
from kamsync.plugin.document import Problems
from tests.mapping.conftest import SHANGHAI, small

Read = Callable[..., Any]
ROW = {"Amount": "1,000.10", "Rate": Decimal("0.3"), "None": None, "Kind": "VIP 客户", "$m": {"x": "deep"},
       "Begin": "2026-01-05", "End": 1_769_875_200_000, "Big": 10**17, "订单金额": 12}  # fmt: skip


def worked_out(text: str, row: dict[str, Any] = ROW) -> Any:
    return read_formula(text).evaluator(SHANGHAI)(row)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Amount * 0.1", Decimal("100.01")),
        ("0.1 + 0.2", Decimal("0.3")),
        ("Amount - Amount * Rate", Decimal("700.07")),
        ("-Amount", Decimal("-1000.10")),
        ("订单金额 / 8", Decimal("1.5")),
        ("Amount + Missing", None),
        ("total(Amount, Missing)", Decimal("1000.10")),
        ("first(Missing, Rate)", Decimal("0.3")),
        ("round(Amount / 3, 2)", Decimal("333.37")),
        ("max(1, Rate, Missing)", Decimal(1)),
        ("'A' if Amount > 1000 else 'B'", "A"),
        ("'A' if Missing > 1000 else 'B'", "B"),
        ("starts(Kind, 'vip') and Amount >= 1", True),
        ("Kind in ('x', 'vip 客户')", True),
        ("Kind not in ('x', 'y')", True),
        ("Missing == None", True),
        ("not known(Missing)", True),
        ("field('$m.x')", "deep"),
        ("text(Kind, '/', Amount)", "VIP 客户/1,000.10"),
        ("left(Kind, 3)", "VIP"),
        ("right(Kind, 2)", "客户"),
        ("replace(Kind, ' ', '')", "VIP客户"),
        ("days(Begin, End)", Decimal(27)),
        ("year(End)", Decimal(2026)),
        ("length(Kind)", Decimal(6)),
    ],
)
def test_a_formula_is_worked_out_exactly(text: str, value: Any) -> None:
    assert worked_out(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "Amount.real", "().__class__", "__import__('os')", "open('x')", "[x for x in Amount]", "lambda: 1",
        "Amount ** 9", "Amount[0]", "f'{Amount}'", "(y := 1)", "Amount % 2", "*Amount", "first(*Amount)",
        "text(sep=1)", "1 < 2 < 3", "Amount; 1", "", "1j", "b'x'", "field(Amount)", "abs()", "round(1,2,3)",
        "Amount @ 1", "~Amount", "1e400", "Amount if", "'a' * 9", "{}", "await x", "Kind in Kind", "x is None",
    ],
)  # fmt: skip
def test_what_could_reach_further_is_refused_when_it_is_read(text: str) -> None:
    if text == "'a' * 9":  # a text is no number: refused when it is worked out
        with pytest.raises(Unfit):
            worked_out(text)
        return
    with pytest.raises(FormulaError):
        read_formula(text)


@pytest.mark.parametrize("text", ["1+" * 400 + "1", "+".join(["1"] * 240), "-" * 450 + "1"])
def test_a_formula_has_a_size(text: str) -> None:
    with pytest.raises(FormulaError):
        read_formula(text)


def test_figures_and_texts_cannot_grow_without_end() -> None:
    with pytest.raises(Unfit):
        worked_out("Big * Big")
    with pytest.raises(Unfit):
        worked_out("text(x, x)", {"x": "长" * 30_000})
    with pytest.raises(Unfit):
        worked_out("replace(x, 'a', x)", {"x": "a" * 20_000})


def test_a_division_by_nothing_is_odd_and_the_record_goes_on(read: Read) -> None:
    notes = Notes()

    value = read("account", 'wallet = { formula = "A / B", default = 5 }'.replace(", default = 5", ""),
                 {"A": 1, "B": 0}, notes)  # fmt: skip

    assert value is None
    assert notes.odd == [("wallet", '"A / B: ÷ 0"')]


def test_a_formula_feeds_the_fields_own_kind(read: Read) -> None:
    wallet = 'wallet = { formula = "Potential * 10000", currency = "CNY" }'
    size = """size = { formula = "'大' if Staff >= 300 else '小'" }"""

    assert read("account", wallet, {"Potential": "350.5"}) == Money(350_500_000, "CNY", 350_500_000)
    assert read("account", size, {"Staff": "1,200"}) == "大"


def test_a_word_where_a_figure_is_needed_sets_the_record_aside(read: Read) -> None:
    refused = read("account", 'employees = { formula = "Staff + 1" }', {"Staff": "几百人"})

    assert isinstance(refused, Rejection)
    assert refused.field == "employees"


@pytest.mark.parametrize(
    ("line", "said", "hint"),
    [
        ('employees = { formula = "rond(Staff)" }', "has no function rond", 'did you mean "round"?'),
        ('employees = { formula = "Staff +" }', "cannot be read: invalid syntax", "write it like formula"),
        ('employees = { formula = "Staff.x" }', "uses Staff.x, which is not allowed", "allowed: field names"),
        ('employees = { formula = 5 }', "should be text in quotes", None),
        ('employees = { from = "A", formula = "A" }', "goes without from", None),
    ],
)  # fmt: skip
def test_a_mistake_in_a_formula_is_named_with_its_line(line: str, said: str, hint: str | None) -> None:
    with pytest.raises(Problems) as refused:
        small("account", line)

    (problem,) = refused.value.problems
    assert (problem.line, problem.text.en) == (6, said)
    assert (hint is None and problem.hint is None) or str(problem.hint and problem.hint.en).startswith(str(hint))


def test_the_fields_of_a_formula_are_read_from_the_crm() -> None:
    mapping = small("account", """employees = { formula = "field('$m.x') + Staff + text(Other)" }""")

    assert mapping.wanted_fields("things") == {"Name", "$m", "Staff", "Other"}


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals() | st.text(max_size=8) | st.floats(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["id", "x"]), inner, max_size=2),
    max_leaves=4,
)
FORMULAS = [f"{name}(a, b)" for name in FUNCTIONS] + [f"{name}(a)" for name in FUNCTIONS] + [
    "a + b", "a / b", "a == b", "a < b", "a in (b, 1)", "-a", "a if b else a", "replace(a, b, a)",
]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(FORMULAS), anything, anything)
def test_whatever_a_record_holds_a_formula_ends_in_a_value_or_a_named_refusal(text: str, a: Any, b: Any) -> None:
    try:
        run = read_formula(text).evaluator(ZoneInfo("UTC"))
    except FormulaError:
        return
    try:
        run({"a": a, "b": b})
    except (Unfit, Odd):
        return
