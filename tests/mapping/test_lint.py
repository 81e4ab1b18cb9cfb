"""Everything wrong with a mapping at once: broken lines, slips in names of the CRM's, each with line and way out."""

from __future__ import annotations

import pytest

from benchmarks.mapping_lint import main
from kamsync.mapping import read_mapping
from kamsync.mapping.linting import Known, slips
from kamsync.mapping.reading import look_over
from kamsync.plugin import Choice, Field
from kamsync.plugin.document import Problem

FIELDS = [
    Field("Account_Name", "客户名称", "text"), Field("Phone", "电话", "phone"),
    Field("Industry", "所属行业", "picklist"), Field("Billing_City", "账单城市", "text"),
    Field("Billing_Code", "账单邮编", "text"),
    Field("Customer_Size", "企业规模", "picklist", choices=(Choice("1", "大型企业"), Choice("2", "中型企业"))),
    Field("Wallet", "年采购额(万元)", "currency", scale=10_000),
]  # fmt: skip
HEAD = '[accounts]\nobject = "Accounts"\nentity = "account"\n[accounts.fields]\n'


def said(text: str, known: Known | None = None) -> list[tuple[int | None, str, str | None]]:
    """(line, what is said, the way out) of every problem."""
    read = look_over(text, "mappings/x.toml")
    found: list[Problem] = list(read.problems)
    if read.mapping is not None:
        found += slips(read.mapping, known or Known(fields={"accounts": FIELDS}))
    return [(one.line, one.text.en, one.hint.en if one.hint else None) for one in found]


def test_a_hundred_planted_mistakes_are_named_and_nine_tenths_have_the_right_way_out_first() -> None:
    assert main(100) == 0


@pytest.mark.parametrize(
    ("line", "word", "hint"),
    [
        ('name = "Acount_Name"', "Acount_Name", 'did you mean "Account_Name" (客户名称)?'),
        ('name = "account_name"', "account_name", 'did you mean "Account_Name" (客户名称)?'),
        ('name = "客户名称"', "客户名称", 'did you mean "Account_Name" (客户名称)?'),
        ('name = ["Account_Name", "Acount_Nam"]', None, None),
        ('name = "Account_Name"\nwallet = { from = "Wallet", scale = 10000, currency_from = "Curency" }', None, None),
        ('name = "Account_Name"\nindustry = "Indutsry__r"', "Indutsry__r", 'did you mean "Industry__r" (所属行业)?'),
        ('name = "Account_Name"\ncity = "Billing_Cty"', "Billing_Cty", 'did you mean "Billing_City" (账单城市)?'),
        ('name = "Account_Name"\nuscc = "My_Own_Field"', None, None),
        ('name = "Account_Name"\nemployees = { formula = "Phnoe + 1" }', "Phnoe", 'did you mean "Phone" (电话)?'),
    ],
)
def test_a_field_that_is_none_and_nearly_one_is_named(line: str, word: str | None, hint: str | None) -> None:
    found = said(HEAD + line)

    assert found == ([] if word is None else [(4 + line.count("\n") + 1, f'Accounts has no field "{word}"', hint)])


def test_a_choice_that_is_none_and_nearly_one_is_named() -> None:
    values = '"大型企业" = "大"\n"中形企业" = "中"\n"集团" = "大"\n'

    found = said(HEAD + 'name = "Account_Name"\nsize = "Customer_Size"\n[accounts.values.size]\n' + values)

    assert found == [(9, 'is no choice there: "中形企业"', 'did you mean "中型企业"?')]


def test_a_figure_in_other_units_than_its_label_says_is_named() -> None:
    ((line, text, hint),) = said(HEAD + 'name = "Account_Name"\nwallet = "Wallet"')

    assert line == 6
    assert text.startswith("reads Wallet")
    assert hint == "set scale = 10000"


def test_without_a_tenant_the_usual_names_of_the_crm_are_known() -> None:
    known = Known()
    known.learn(read_mapping(HEAD + 'name = "Account_Name"\nphone = "Phone"\n', "usual"))

    text = '[a]\nobject = "Acounts"\nentity = "account"\n[a.fields]\nname = "X"'

    assert said(text, known) == [(2, 'there is no object "Acounts"', 'did you mean "Accounts"?')]
    assert said(HEAD + 'name = "Acount_Name"', known) == [
        (5, 'Accounts has no field "Acount_Name"', 'did you mean "Account_Name"?')
    ]


def test_every_broken_line_is_named_and_the_rest_is_looked_at_all_the_same() -> None:
    text = HEAD + 'name = "Account_Name\nphone = Phone\nname = "A"\nname = "B"\nindustri = "I"\n[accounts.fields]\n'

    assert said(text) == [
        (5, "is not TOML: Illegal character '\\n'", "a quote is missing"),
        (6, "is not TOML: Invalid value", 'texts go in quotes: phone = "Phone"'),
        (8, "is there twice", "line 7 has it already; take one of them out"),
        (9, "is not a kamsync account field", 'did you mean "industry"?'),
        (10, "is there twice", "line 4 has it already; take one of them out"),
    ]


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("blacklisted = { constant = tru }", None),
        ('行业 = "X"', 'a name that is not English goes in quotes: "行业" = …'),
        ('"行业" = "X"', 'did you mean "industry" (行业)?'),
        ("industry =", 'should be name = "Field"'),
        ('owner = { from = "X", to = "accounts"', "a bracket is missing"),
    ],
)
def test_the_usual_slips_in_writing_have_a_way_out(line: str, hint: str | None) -> None:
    found = said(f'{HEAD}name = "Account_Name"\n{line}\n')

    assert found[0][0] == 6
    assert hint is None or found[0][2] == hint


@pytest.mark.parametrize("cut", range(0, 260, 7))
def test_a_file_that_was_saved_half_way_is_named_and_never_taken_for_less_than_it_says(cut: int) -> None:
    whole = HEAD + 'name = "Account_Name"\nother_names = ["A",\n "B"]\nsize = "S"\n[accounts.values.size]\n'
    whole += '"大型企业" = "大"\n"中型企业" = "中"\n"小型企业" = "小"\n'

    read = look_over(whole[:cut], "mappings/x.toml")

    if not read.problems:  # cut between two lines: what is there is whole
        assert whole[:cut].rstrip().splitlines()[-1] in whole.splitlines()
    assert all(problem.file == "mappings/x.toml" and problem.line for problem in read.problems)
