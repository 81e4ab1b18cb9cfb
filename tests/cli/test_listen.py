"""Listening as people set it up: what doctor finds, what status shows, what a wrong address says."""

from __future__ import annotations

from kamsync.daemon.hooks import Hooks
from kamsync.engine.workspace import opened
from kamsync.net import SystemClock
from tests.cli.office import Office

LISTENS = {"# listen = ": "listen = "}


def test_doctor_says_nothing_of_listening_where_nothing_is_listened_to(office: Office) -> None:
    doctor = office.type("doctor")

    assert "listen" not in doctor.out


def test_doctor_tells_what_is_missing_before_crms_can_call(office: Office) -> None:
    office.configure(**LISTENS)

    doctor = office.type("doctor", "--json").json

    told = {one["check"]: one["state"] for one in doctor["findings"]}
    assert {name: told[name] for name in ("listen", "listen.public_url", "zoho.hooks", "fxiaoke.hooks")} == {
        "listen": "ok", "listen.public_url": "warn", "zoho.hooks": "warn", "fxiaoke.hooks": "warn",
    }  # fmt: skip


def test_doctor_is_content_where_crms_can_reach_us_and_be_known(office: Office) -> None:
    office.options = {"zoho": dict(office.zoho.listening), "fxiaoke": dict(office.fxiaoke.listening)}
    office.configure(**LISTENS, **{"# public_url = ": "public_url = "})

    doctor = office.type("doctor")

    assert "✓ listen.public_url" in doctor.out
    assert "https://sync.example.cn/hooks/zoho" in doctor.out.replace("\n", "")
    assert "✓ fxiaoke.hooks" in doctor.out


def test_doctor_warns_of_an_address_that_only_we_can_reach_and_of_a_door_open_to_all(office: Office) -> None:
    office.configure(
        **{
            '# listen = "127.0.0.1:': 'listen = "0.0.0.0:',
            '# public_url = "https://sync.example.cn"': 'public_url = "http://10.0.0.8"',
        }
    )

    doctor = office.type("doctor", "--json").json

    told = {one["check"]: one["state"] for one in doctor["findings"]}
    assert (told["listen"], told["listen.public_url"]) == ("warn", "warn")


def test_status_shows_when_each_crm_last_called(office: Office) -> None:
    office.options = {"zoho": dict(office.zoho.listening)}
    office.configure()
    id = office.zoho.add("account", name="中国一拖集团有限公司")
    office.type("pull")
    before = office.type("status")
    with opened(office.config, SystemClock()) as workspace, Hooks(workspace, listens=True) as hooks:
        heard = hooks.ears.hear("zoho", *office.zoho.notice("account", id))

    after, told = office.type("status"), office.type("status", "--json").json

    assert heard.is_welcome
    assert "hooks" not in before.out
    assert "hooks zoho less than a minute ago" in after.out
    assert [one["connection"] for one in told["hooks"]] == ["zoho"]


def test_an_address_that_is_none_is_wrong_usage(office: Office) -> None:
    answer = office.type("run", "--listen", "8091")

    assert answer.code == 2
    assert "'8091' is not an address to listen at" in answer.err
