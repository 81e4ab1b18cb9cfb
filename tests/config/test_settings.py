"""What a config means, and what is said when it is wrong."""

import re
from collections.abc import Callable
from datetime import date, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from kamsync.config import Config, Daily, Every, load
from kamsync.plugin import Secret
from kamsync.plugin.document import Problems
from tests.config.conftest import CONNECTORS, GOOD

Read = Callable[[str], Config]


def problems(config: Read, text: str, language: str = "en") -> list[str]:
    with pytest.raises(Problems) as caught:
        config(text)
    return caught.value.text.say(language).splitlines()[1:]


def test_a_small_config_is_filled_up_with_sensible_values(config: Read, workspace: Path):
    got = config(GOOD)

    assert (got.timezone, got.language, got.deployment, got.base_currency) == (
        ZoneInfo("Asia/Shanghai"), "zh", "main", "CNY",
    )  # fmt: skip
    assert got.store.url == f"sqlite:///{workspace}/kamsync.db"
    assert (got.schedule.pull, got.schedule.cycle) == (Every(600), Daily(time(7, 30)))
    assert (got.guards.max_writes, got.guards.max_gone, got.guards.max_share) == (500, 3, 0.05)
    assert (got.policy.tiers, got.policy.prefer) == (workspace / "policies/value4.toml", ("zoho", "fxiaoke"))
    (zoho,) = got.connections
    assert (zoho.name, zoho.connector, zoho.writes, zoho.mapping) == (
        "zoho", "zoho", "plan", workspace / "mappings/zoho.toml",
    )  # fmt: skip
    assert got.connection("zoho") is zoho


def test_a_store_that_is_not_named_lies_beside_the_config(config: Read, workspace: Path):
    got = config(GOOD.replace('[store]\nurl = "sqlite:///kamsync.db"\n', ""))

    assert got.store.url == f"sqlite:///{workspace}/kamsync.db"


def test_values_that_are_given_are_taken(config: Read):
    more = 'writes = "on"\nallow_hosts = ["127.0.0.1:8080"]\nsettle_seconds = 1.5\n[policy]\ngo_live = 2026-12-01'
    times = '[schedule]\npull = "1h30m"\ncycle = "off"\n'
    text = 'base_currency = "USD"\n' + GOOD.replace("[policy]", more) + times

    got = config(text)

    assert (got.base_currency, got.policy.go_live) == ("USD", date(2026, 12, 1))
    assert (got.schedule.pull, got.schedule.cycle) == (Every(5400), None)
    assert got.connections[0].writes == "on"
    assert got.connections[0].options.allow_hosts == ("127.0.0.1:8080",)
    assert got.connections[0].options.settle_seconds == 1.5


FIVE_MISTAKES = """\
timezone = "Asia/Shangai"
langage = "zh"

[connections.zoho]
connector = "zoho"
mapping = "mappings/zoho.toml"
writes = "yes"
client_id = 1000
client_secret = "1a2b3c"

[policy]
tiers = "policies/value4.toml"
reminders = "policies/reminders.toml"

[schedule]
cycle = "7 o'clock"
"""


def test_five_mistakes_are_listed_at_once(config: Read):
    got = problems(config, FIVE_MISTAKES)

    assert got == [
        '  config.toml:1   timezone                         "Asia/Shangai" is not a time zone',
        '                  did you mean "Asia/Shanghai"?',
        "  config.toml:2   langage                          is not a setting here",
        '                  did you mean "language"?',
        '  config.toml:7   connections.zoho.writes          "yes" is not one of its choices',
        "                  choices: off, plan, on",
        "  config.toml:8   connections.zoho.client_id       should be text in quotes, not 1000",
        "  config.toml:9   connections.zoho.client_secret   is a secret in plain text",
        '                  write "env:CLIENT_SECRET" or "file:PATH"; or set allow_plain_secrets = true',
        '  config.toml:16  schedule.cycle                   "7 o\'clock" is not a schedule',
        '                  write an interval ("10m", "1h30m"), a time of day ("07:30") or "off"',
    ]


def test_the_same_mistakes_in_chinese(config: Read):
    got = problems(config, FIVE_MISTAKES, "zh")

    assert got[:4] == [
        '  config.toml:1   timezone                         没有 "Asia/Shangai" 这个时区',
        '                  是不是想写 "Asia/Shanghai"？',
        "  config.toml:2   langage                          不是这里的配置项",
        '                  是不是想写 "language"？',
    ]


def test_a_secret_is_never_repeated_in_a_message(config: Read):
    text = FIVE_MISTAKES.replace('"1a2b3c"', "[123123]")

    got = problems(config, text)

    assert "123123" not in "\n".join(got)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('connector = "zoho"', 'connector = "zohoo"', [
            '  config.toml:9  connections.zoho.connector   "zohoo" is not an installed connector',
            '                 did you mean "zoho"?']),
        ('connector = "zoho"', 'connector = "sap"', [
            '  config.toml:9  connections.zoho.connector   "sap" is not an installed connector',
            "                 installed: fxiaoke, zoho"]),
        ('connector = "zoho"\n', "", ["  config.toml:8  connections.zoho.connector   is missing"]),
        ('client_id = "1000.华为"\n', "", ["  config.toml:8  connections.zoho.client_id   is missing"]),
        ('"1000.华为"', '"…"', [
            "  config.toml:11  connections.zoho.client_id   is still the example's …: fill in your own value",
            "                  the comment beside this key tells where to find it"]),
        ('"env:ZOHO_CLIENT_SECRET"', '"…"', [
            "  config.toml:12  connections.zoho.client_secret   is still the example's …: fill in your own value",
            "                  the comment beside this key tells where to find it"]),
        ("env:ZOHO_CLIENT_SECRET", "sealed:ZOHO", [
            "  config.toml:12  connections.zoho.client_secret   sealed: secrets are not supported by this version yet",
            "                  use env:NAME or file:PATH for now"]),
        ("env:ZOHO_CLIENT_SECRET", "env:", [
            "  config.toml:12  connections.zoho.client_secret   env: needs a name after it"]),
        ("client_id =", 'accounts_url = "accounts.zoho.com.cn"\nclient_id =', [
            '  config.toml:11  connections.zoho.accounts_url   "accounts.zoho.com.cn" is not a web address',
            '                  write it like "https://crm.example.com"']),
        ("client_id =", 'client_idd = "x"\nclient_id =', [
            "  config.toml:11  connections.zoho.client_idd   is not a setting here",
            '                  did you mean "client_id"?']),
        ("client_id =", 'mappping = "x"\nclient_id =', [
            "  config.toml:11  connections.zoho.mappping   is not a setting here",
            '                  did you mean "mapping"?']),
        ("client_id =", 'style = "heder"\nclient_id =', [
            '  config.toml:11  connections.zoho.style   "heder" is not one of its choices',
            '                  did you mean "header"?']),
        ("sqlite:///kamsync.db", "mysql://root@localhost/kam", [
            "  config.toml:6  store.url   is not the address of a store",
            '                 write "sqlite:///kamsync.db" or "postgresql+psycopg://user@host/db"']),
        ("sqlite:///kamsync.db", "postgresql://kam:123456@db/kam", [
            "  config.toml:6  store.url   holds a password in plain text",
            "                 leave it out and use ~/.pgpass or PGPASSWORD; or set allow_plain_secrets = true"]),
        ('["zoho", "fxiaoke"]', '["zohho", 7]', [
            '  config.toml:17  policy.prefer[1]   "zohho" is not a connection of this config',
            '                  did you mean "zoho"?',
            "  config.toml:17  policy.prefer[2]   should be text in quotes, not 7"]),
        ("[policy]", '[policy]\ngo_live = "2026-12-01"', [
            '  config.toml:15  policy.go_live   should be a date without quotes, like 2026-12-01, not "2026-12-01"']),
        ("[policy]", "[guards]\nmax_share = 5\n[policy]", [
            "  config.toml:15  guards.max_share   5 is not a share", '                  write "40%"']),
        ("[connections.zoho]", '[connections."a b"]\nconnector="zoho"\nmapping="mappings/zoho.toml"\nclient_id="x"\n'
            'client_secret="env:A"\n[connections.zoho]', [
            "  config.toml:8  connections.\"a b\"   a connection's name may not be empty or hold spaces, / or :"]),
        ('deployment = "main"', 'deployment = " "', ["  config.toml:3  deployment   may not be empty"]),
        ('language = "zh"', 'language = "de"', [
            '  config.toml:2  language   "de" is not one of its choices', "                 choices: zh, en"]),
    ],
)  # fmt: skip
def test_each_mistake_has_a_line_and_a_way_out(config: Read, old: str, new: str, said: list[str]):
    assert problems(config, GOOD.replace(old, new, 1)) == said


def test_a_file_that_is_not_there_is_named(config: Read, workspace: Path):
    got = problems(config, GOOD.replace("value4", "价值四维"))

    assert got == [
        f"  config.toml:15  policy.tiers   there is no file {workspace}/policies/价值四维.toml",
        "                  get the default one with: kamsync init DIR (relative paths begin at this file's folder)",
    ]


def test_tables_of_the_wrong_shape_are_problems_too(config: Read):
    got = problems(config, 'connections = "zoho"\nstore = 1\npolicy = []\n')

    assert got == [
        '  config.toml:1  connections   should be a table, not "zoho"',
        "  config.toml:2  store         should be a table, not 1",
        "  config.toml:3  policy        should be a table, not []",
    ]


def test_a_connection_that_is_no_table_is_a_problem(config: Read):
    got = problems(config, GOOD.replace("[store]", "[connections]\nfxiaoke = 1\n[store]"))

    assert got == ["  config.toml:6  connections.fxiaoke   should be a table: [connections.fxiaoke]"]


def test_prefer_may_name_a_connection_that_was_left_out(config: Read):
    got = config(GOOD.replace('["zoho", "fxiaoke"]', '["fxiaoke", "zoho"]'))

    assert got.policy.prefer == ("fxiaoke", "zoho")


def test_plain_secrets_are_taken_where_the_owner_allows_them(config: Read):
    text = "allow_plain_secrets = true\n" + GOOD.replace("env:ZOHO_CLIENT_SECRET", "1a2b3c").replace(
        "sqlite:///kamsync.db", "postgresql://kam:123456@db/kam"
    )

    got = config(text)

    assert got.connections[0].options.client_secret == Secret("1a2b3c")
    assert got.store.url == "postgresql+psycopg://kam:123456@db/kam"
    assert "1a2b3c" not in repr(got)
    assert "123456" not in repr(got)


def test_a_config_that_is_not_toml_says_where(config: Read):
    assert problems(config, "timezone = Asia\n") == ["  config.toml:1  is not TOML: Invalid value"]


def test_the_example_needs_only_its_placeholders_filled(workspace: Path):
    """Every key of the example that is kamsync's own is known and right."""
    text = Path("config.example.toml").read_text("utf-8")
    (workspace / "mappings/fxiaoke.toml").touch()
    (workspace / "config.toml").write_text(text, "utf-8")

    with pytest.raises(Problems) as caught:
        load(workspace / "config.toml", CONNECTORS)

    said = {problem.key for problem in caught.value.problems}
    assert {key for key in said if not key.startswith("connections.")} == set()
    assert "connections.zoho.client_id" in said


def test_a_config_that_names_no_policies_takes_the_shipped_ones(workspace: Path) -> None:
    file = workspace / "config.toml"
    file.write_text(re.sub(r"(?ms)^\[policy\].*?(?=^\[|\Z)", "", GOOD), "utf-8")
    shipped = Path(__file__).parents[2]

    config = load(file, CONNECTORS, shipped)

    assert config.policy.tiers == shipped / "policies" / "value4.toml"
    assert config.policy.reminders == shipped / "policies" / "reminders.toml"
