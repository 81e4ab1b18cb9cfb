"""A mapping file with mistakes: all of them are listed, each with its line and a way out."""

import pytest

from kamsync.mapping import read_mapping
from kamsync.plugin.document import Problems

FIVE_MISTAKES = """\
[accounts]
object = "Accounts"
entity = "account"

[accounts.fields]
name = "Account_Name"
industri = "Industry"
owner = { from = "Owner", as = "person" }
wallet_date = { from = "Wallet_Date", as = "money" }
parent = { from = "Parent_Account", to = "account" }
size = { from = "Customer_Size", unknwon = "keep", values = { "大型" = "大" } }
"""


def problems(text: str, language: str = "en") -> list[str]:
    with pytest.raises(Problems) as caught:
        read_mapping(text, "mappings/zoho.toml")
    assert caught.value.exit_code == 2
    return caught.value.text.say(language).splitlines()


def test_five_mistakes_are_listed_at_once():
    assert problems(FIVE_MISTAKES) == [
        "mappings/zoho.toml: 5 problems",
        "  zoho.toml:7   accounts.fields.industri         is not a kamsync account field",
        '                did you mean "industry"?',
        '  zoho.toml:8   accounts.fields.owner.as         "person" is not a kind',
        "                kinds that fit: ref",
        '  zoho.toml:9   accounts.fields.wallet_date.as   "money" does not fit: wallet_date is a date',
        "                kinds that fit: date",
        '  zoho.toml:10  accounts.fields.parent.to        there is no stream "account"',
        '                did you mean "accounts"?',
        "  zoho.toml:11  accounts.fields.size.unknwon     is not a key of a field",
        '                did you mean "unknown"?',
    ]


def test_the_same_mistakes_in_chinese():
    assert problems(FIVE_MISTAKES, "zh")[:5] == [
        "mappings/zoho.toml: 5 个问题",
        "  zoho.toml:7   accounts.fields.industri         不是 kamsync 的 account 字段",
        '                是不是想写 "industry"？',
        '  zoho.toml:8   accounts.fields.owner.as         "person" 不是一种类型',
        "                可选：ref",
    ]


GOOD = """\
[accounts]
object = "Accounts"
entity = "account"
[accounts.fields]
name = "Account_Name"
"""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ["zoho.toml:1  maps no stream", "the default one: kamsync init DIR"]),
        ('accounts = "Accounts"', ["zoho.toml:1  accounts   should be a table, one for each stream"]),
        (GOOD.replace('entity = "account"', 'entity = "acount"'), [
            'zoho.toml:3  accounts.entity   "acount" is not an entity', 'did you mean "account"?']),
        (GOOD.replace('object = "Accounts"\n', ""), [
            "zoho.toml:1  accounts   needs object: the CRM's own name for it"]),
        (GOOD.replace('name = "Account_Name"', ""), [
            "zoho.toml:4  accounts.fields   does not map name, which every account needs", 'name = "…"']),
        (GOOD.replace("[accounts.fields]", "[accounts.feilds]"), [
            "zoho.toml:1  accounts          needs a table [accounts.fields]",
            "zoho.toml:4  accounts.feilds   is not a key of a stream", 'did you mean "fields"?']),
        (GOOD + "phone = 7", [
            "zoho.toml:6  accounts.fields.phone   should be a field's name or a table",
            'write it like "Account_Name" or { from = ["A", "B"] }']),
        (GOOD + 'phone = { as = "phone" }', [
            "zoho.toml:6  accounts.fields.phone   needs from: which CRM field it comes from"]),
        (GOOD + "phone = []", [
            "zoho.toml:6  accounts.fields.phone   should be a CRM field's name or a list of them",
            'write it like "Account_Name" or { from = ["A", "B"] }']),
        (GOOD + 'owner = "Owner"', [
            "zoho.toml:6  accounts.fields.owner   does not say which stream it points to",
            'add to = "accounts", or type_from = "…"']),
        (GOOD + 'rating = { from = "Size", as = "choice" }', [
            "zoho.toml:6  accounts.fields.rating   needs values: what each CRM value means",
            'write it like values = { "大型" = "大" }']),
        (GOOD + 'wallet = { from = "W", scale = "万" }', [
            "zoho.toml:6  accounts.fields.wallet.scale   should be a positive number",
            "write it like scale = 10000 (for 万元)"]),
        (GOOD + 'since = { from = "S", scale = 2 }', [
            "zoho.toml:6  accounts.fields.since.scale   means nothing for the kind date",
            "keys: from, formula, as, default, unknown, class, purpose"]),
        (GOOD + 'employees = { from = "E", default = "many" }', [
            'zoho.toml:6  accounts.fields.employees.default   "many" is not a whole number']),
        (GOOD + '[accounts.values.sise]\n"大型" = "大"', [
            "zoho.toml:6  accounts.values.sise   belongs to no field that is mapped here"]),
        (GOOD + '[accounts.gone_when]\nlife_status = []', [
            "zoho.toml:7  accounts.gone_when.life_status   "
            "should be a text, a whole number, true or false, or a list of them"]),
        (GOOD.replace("[accounts.fields]", 'marker_from = "Description"\n[accounts.fields]'), [
            "zoho.toml:4  accounts.marker_from   is for activities only"]),
        (GOOD + GOOD.replace("accounts", "clients"), [
            'zoho.toml:7  clients.object   "Accounts" is already mapped as accounts']),
        ('[deals]\nobject = "Deals"\nentity = "deal"\n[deals.fields]\nstatus = "Stage"\n[deals.values.status]\n'
         '"Closed Won" = "wonn"', [
            'zoho.toml:7  deals.values.status."Closed Won"   "wonn" is not one of a few words', 'did you mean "won"?']),
        ('[calls]\nobject = "Calls"\nentity = "activity"\n[calls.fields]\nkind = { constant = "cal" }', [
            'zoho.toml:5  calls.fields.kind.constant   "cal" is not one of a few words',
            'did you mean "call"?']),
        ('[deals]\nobject = "Deals"\nentity = "deal"\n[deals.fields]\n'
         'status = { from = "Stage", unknown = "keep", values = { "A" = "won" } }', [
            'zoho.toml:5  deals.fields.status.unknown   "keep" cannot be used here',
            "choices: default, ignore, reject"]),
    ],
)  # fmt: skip
def test_each_mistake_has_a_line_and_a_way_out(text: str, said: list[str]):
    assert [line.strip() for line in problems(text)[1:]] == said


def test_what_a_mapping_reads_is_known_before_any_record_comes():
    mapping = read_mapping(
        GOOD + 'wallet = { from = "W", currency_from = "Currency", rate_from = "Rate" }\n'
        '[tasks]\nobject = "Tasks"\nentity = "activity"\nmarker_from = ["Key", "Description"]\n'
        'gone_when = { "life.status" = "invalid" }\n[tasks.fields]\nkind = { constant = "task" }\n'
        'about = { from = "What_Id", type_from = "$se_module" }\n',
        "mappings/zoho.toml",
    )

    assert mapping.streams == ("accounts", "tasks")
    assert (mapping.object_of("tasks"), mapping.stream_of("tasks"), mapping.stream_of("Deals")) == (
        "Tasks",
        "tasks",
        None,
    )
    assert mapping.entities == {"accounts": "account", "tasks": "activity"}
    assert mapping.account_streams == {"accounts"}
    assert mapping.wanted_fields("accounts") == {"Account_Name", "W", "Currency", "Rate"}
    assert mapping.wanted_fields("tasks") == {"Key", "Description", "life", "What_Id", "$se_module"}
