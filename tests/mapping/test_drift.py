"""A mapping beside the fields that a tenant really has."""

from kamsync.mapping import drift, missing, read_mapping
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
