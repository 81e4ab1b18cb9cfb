"""Who we are in a call: one style, one token, one trace, the CRM's own hosts."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from kamsync.net import Door, MemoryBox
from kamsync.net.hosts import admit
from kamsync.plugin import ConfigError, Refused, Reply, Secret, Token
from kamsync.testing.faults import Fault
from kamsync.testing.server import Answer
from kamsync_fxiaoke import connector
from kamsync_fxiaoke.wire import mint

CLOUDS = [
    "open.fxiaoke.com",
    "open-hwcloud.fxiaoke.com",
    "open-ale.fxiaoke.com",
    "open-hws.fxiaoke.com",
    "open-ksc.sharecrm.com",
    "open-na.sharecrm.com",
]


@pytest.mark.parametrize("style", ["header", "body"])
@pytest.mark.parametrize("login", ["oauth2", "legacy"])
def test_each_style_signs_alone_with_either_token(desk, style, login):
    one = desk(employee_ids="number")
    open_id = one.tenant.crm.people.open_id("1000")
    ea = {"enterprise_account": one.tenant.app.ea}
    other = desk(auth_style=style, login=login, acting_user=open_id if style == "body" else "1000", **ea)
    (id,) = other.many(1)

    assert other.ids() == [id]
    (call,) = [call for call, _ in other.seen if call.path.endswith("/query")]
    assert ("authorization" in call.headers) == (style == "header")
    assert ("corpAccessToken" in call.json()) == (style == "body")


def test_every_call_bears_a_trace_of_its_own(desk):
    one = desk()
    one.many(150)

    one.ids()

    traces = [call.query["thirdTraceId"] for call, _ in one.seen]
    assert len(set(traces)) == len(traces) > 2
    assert all(re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-.*", trace) for trace in traces)
    assert one.tenant.untraced == 0


@pytest.mark.parametrize(("left", "age"), [(7200, 0), (7084, 116), (3600, 3600), (700, 6500)])
def test_a_token_is_renewed_where_the_crm_gives_a_new_one(left, age):
    """Before 6,600 s the same token comes back; after 7,200 s it is dead."""
    options = connector.options(app_id="a", app_secret="s", permanent_code="p", acting_user="1000")
    body = f'{{"errorCode":0,"accessToken":"T","expiresIn":{left},"ea":"e"}}'.encode()

    token = mint(options).read(Reply(200, {}, body))

    assert 6600 <= age + token.refresh_after < 7200


def test_many_threads_make_one_token_call(desk):
    one = desk(calls_per_20s=10_000)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: one.session.streams(), range(16)))

    assert one.tenant.tokens.minted == 1
    assert one.tenant.tokens.concurrent == 0
    assert one.tenant.token_calls == 1


def test_processes_share_the_token_through_the_store(desk):
    one, box = desk(), MemoryBox()
    options = connector.options(**one.tenant.options())
    for _ in range(3):
        door = Door("fx", connector.wire, options, one.clock, tokens=box, deadline=5.0)
        connector.open(options, door, one.clock).streams()
        door.close()

    assert one.tenant.token_calls == 1


def test_a_token_that_stays_dead_is_fetched_once_more_and_no_oftener(desk):
    """One public client loops here for ever and burns the day's calls."""
    one = desk()
    dead = {"errorCode": 20016, "errorMessage": "the access token does not exist or has expired"}
    one.tenant.fault(Fault("answer", "object/list", times=-1, status=200, body=dead))

    with pytest.raises(Refused):
        one.session.streams()

    assert one.tenant.token_calls <= 2
    assert one.tenant.traffic.calls["POST /cgi/crm/v2/object/list"] <= 2


def admits(url, *allowed):
    """May the connector speak to this address, out of the box or because the config allows it?"""
    try:
        admit(url, connector.wire.hosts, allowed, "fx")
    except ConfigError:
        return False
    return True


@pytest.mark.parametrize("host", CLOUDS)
def test_every_cloud_of_the_vendor_is_spoken_to(host):
    assert admits(f"https://{host}/oauth2.0/token")


@pytest.mark.parametrize(
    "url", ["http://open.fxiaoke.com/x", "https://open.fxiaoke.com.evil.cn/x", "http://10.0.0.7/x"]
)
def test_other_hosts_and_plain_http_are_refused_unless_allowed(url):
    assert not admits(url)
    assert admits("http://10.0.0.7/x", "10.0.0.7")


def test_a_redirect_is_not_followed(desk):
    one = desk()
    one.tenant.fault(Fault("answer", "object/list", status=302, headers={"Location": "https://www.fxiaoke.com/"}))

    one.session.streams()

    assert one.tenant.traffic.calls["POST /cgi/crm/v2/object/list"] == 2


@pytest.mark.parametrize("kind", ["truncate", "drop_after"])
def test_html_and_broken_bodies_are_read_again_and_the_token_is_kept(desk, kind):
    one = desk()
    one.session.streams()
    one.tenant.fault(Fault("answer", "object/list", status=200, body="<html>请登录</html>"))
    one.tenant.fault(Fault(kind, "object/list"))

    one.session.streams()

    assert one.tenant.token_calls == 1


def test_secrets_and_phone_numbers_are_in_no_log_line(desk, capsys):
    one = desk()
    one.tenant.add("account", name="华为技术", phone="13900001234")
    one.ids()
    with pytest.raises(Refused):
        desk(app_secret="f" * 32).session.streams()

    told = capsys.readouterr()
    for secret in (one.tenant.app.app_secret, one.tenant.app.permanent_code, "13900001234", "f" * 32):
        assert secret not in told.out + told.err


def test_the_limit_of_a_path_is_kept_without_one_throttled_answer(desk):
    one = desk(calls_per_20s=100)
    one.many(300)

    began = one.clock.monotonic()
    for _ in range(40):
        one.ids()

    assert one.tenant.limits.refused == 0
    assert one.clock.monotonic() - began > 15  # seconds; on a slow machine less of it is skipped


def test_a_day_that_is_spent_and_a_quota_never_bought_are_told_apart(desk):
    spent, none = desk(daily_quota=1), desk(daily_quota=0)

    with pytest.raises(Exception, match="30002") as over:
        [spent.session.streams() for _ in range(3)]
    with pytest.raises(Refused, match="30003"):
        none.session.streams()

    assert 0 < over.value.after <= 86_700  # type: ignore[attr-defined]  # QuotaSpent
    assert spent.tenant.traffic.calls["POST /cgi/crm/v2/object/list"] == 2


def test_mixed_styles_are_never_sent_because_the_crm_refuses_them(desk):
    one = desk()
    one.session.streams()
    papers = {"authorization": "Bearer x"}
    from kamsync_fxiaoke.sim.caller import Caller

    answer = Caller(one.tenant).send("/cgi/crm/v2/object/list", {"corpAccessToken": "x", "data": {}}, papers)

    assert answer["errorCode"] == 10001
    assert one.refusals()[-1:] == [10001]
    assert one.refusals()[:-1] == []


def signed(**options: Any) -> Any:
    from kamsync.plugin import Request

    given = connector.options(app_id="a", app_secret="s", permanent_code="p", acting_user="1000", **options)
    token = Token(Secret("T"), 7200, 6650, facts={"ea": "e", "corp": "c"})
    return connector.wire.sign(given, token, Request("POST", "/x", json={"data": {}}))


def test_the_papers_lie_where_each_style_wants_them():
    header, body = signed(), signed(auth_style="body")

    assert header.json == {"data": {}}
    assert dict(header.headers) == {"authorization": "Bearer T", "x-fs-ea": "e", "x-fs-userid": "1000"}
    assert not body.headers
    assert body.json == {"data": {}, "corpAccessToken": "T", "corpId": "c", "currentOpenUserId": "1000"}


def test_an_error_code_as_text_is_an_error_and_zero_as_text_is_none(desk):
    one = desk()
    one.tamper = lambda call, answer: Answer(200, {**answer.body, "errorCode": str(answer.body["errorCode"])})
    (id,) = one.many(1)

    assert one.ids() == [id]
