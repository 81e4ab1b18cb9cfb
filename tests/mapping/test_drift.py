"""A mapping beside the fields that a tenant really has."""

import pytest

from kamsync.mapping import drift, missing, read_mapping, scales
from kamsync.plugin import Field

MAPPING = read_mapping(
    '[accounts]\nobject = "Accounts"\nentity = "account"\n[accounts.fields]\nname = "Account_Name"\n'
    'size = ["Customer_Sise__r", "Customer_Sise"]\nindustry = ["Industry__r", "Industry"]\n'
    'wallet_date = ["采购额日期", "Created_Time"]\nsince = "合作开始日"\nrating = "zzz"\n'
    'owner = { from = "$owner", to = "accounts" }\n',
    "mappings/zoho.toml",
)
TENANT = [
    Field("Account_Name", "客户名称", "text"),
    Field("Customer_Size", "企业规模", "picklist"),
    Field("Industry", "行业", "picklist"),
    Field("Created_Time", "创建时间", "datetime"),
    Field("CF_7", "合作起始日", "date"),
]


def test_a_mapped_field_that_the_tenant_lacks_is_named_with_the_likely_one():
    found = drift(MAPPING, "accounts", TENANT)

    assert [(one.line, one.key, one.text.en, one.hint.en if one.hint else "") for one in found] == [
        (6, "accounts.fields.size", "reads Customer_Sise__r, Customer_Sise, which Accounts does not have",
         'did you mean "Customer_Size" (企业规模)?'),
        (9, "accounts.fields.since", "reads 合作开始日, which Accounts does not have",
         'did you mean "CF_7" (合作起始日)?'),
        (10, "accounts.fields.rating", "reads zzz, which Accounts does not have", ""),
    ]  # fmt: skip


def test_what_a_tenant_lacks_can_be_left_out_of_a_call():
    assert missing(MAPPING, "accounts", TENANT) == {
        "Customer_Sise__r", "Customer_Sise", "采购额日期", "合作开始日", "zzz",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("recipe", "told"),
    [
        ('"CF_9"', [(5, "accounts.fields.wallet", "set scale = 10000")]),
        ('{ from = ["Wallet", "CF_9"], scale = 1000 }', [(5, "accounts.fields.wallet", "set scale = 10000")]),
        ('{ from = "CF_9", scale = 10000 }', []),
        ('"Plain"', []),
    ],
)
def test_a_figure_that_is_taken_for_another_unit_than_its_label_says_is_named(recipe, told):
    mapping = read_mapping(
        f'[accounts]\nobject = "Accounts"\nentity = "account"\n[accounts.fields]\nwallet = {recipe}\nname = "CF_8"\n',
        "mappings/zoho.toml",
    )
    tenant = [
        Field("CF_9", "年采购额(万元)", "currency", scale=10_000),
        Field("CF_8", "客户(万)", "text", scale=10_000),
        Field("Plain", "年采购额", "currency"),
    ]

    found = scales(mapping, "accounts", tenant)

    assert [(one.line, one.key, one.hint.en) for one in found] == told
    assert all("年采购额(万元)), which counts in units of 10,000; the mapping" in one.text.en for one in found)
