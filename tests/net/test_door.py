"""What the door promises, tried over real HTTP."""

import gzip
import json
import threading
import time
from datetime import timedelta

import pytest
import structlog

from kamsync.net import MemoryBox, Stopped, SystemClock
from kamsync.plugin import (
    ConfigError,
    Limit,
    NotSent,
    QuotaSpent,
    Refused,
    Request,
    Throttled,
    Unavailable,
)
from kamsync.testing.faults import Fault
from kamsync.testing.server import Answer

READ = Request("GET", "/accounts", query={"名": "华为 技术"})
WRITE = Request("POST", "/tasks", json={"subject": "回访 华为技术🌸"}, write=True)


def test_a_read_brings_the_whole_answer_and_is_counted(crm, open_door):
    door = open_door()

    reply = door.call(READ)

    assert reply.json() == {"path": "/accounts"}
    assert crm.seen[-1].query == {"名": "华为 技术"}
    assert (door.spent.requests, door.spent.credits, door.spent.retries) == (2, 2, 0)
    assert door.spent.by_path == {"/token": 1, "/accounts": 1}


@pytest.mark.parametrize(
    "fault",
    [
        Fault("drop_before", "/accounts"),
        Fault("drop_after", "/accounts"),
        Fault("truncate", "/accounts"),
        Fault("answer", "/accounts", status=502, body="<html>Bad gateway</html>"),
        Fault("answer", "/accounts", status=200, body="<html>Please sign in</html>"),
        Fault("answer", "/accounts", status=429, body={}),
    ],
    ids=lambda fault: f"{fault.kind}-{fault.status}",
)
def test_a_read_survives_one_fault(crm, open_door, fast_clock, fault):
    crm.server.faults.add(fault)
    door = open_door(clock=fast_clock)

    reply = door.call(READ)

    assert reply.json() == {"path": "/accounts"}
    assert door.spent.retries == 1


def test_a_read_gives_up_after_five_tries(crm, open_door, fast_clock):
    crm.server.faults.add(Fault("answer", "/accounts", times=-1, status=503, body="<html>"))
    door = open_door(clock=fast_clock)

    with pytest.raises(Unavailable, match="failed"):
        door.call(READ)

    assert crm.server.traffic.calls["GET /accounts"] == 5


def test_a_pause_the_crm_asks_for_is_kept(crm, open_door, fast_clock):
    crm.server.faults.add(Fault("answer", "/accounts", status=429, body={}, headers={"Retry-After": "30"}))
    door = open_door(clock=fast_clock)

    door.call(READ)

    assert 30 <= fast_clock.passed <= 32


def test_a_long_pause_is_raised_at_once_and_believed_up_to_six_hours(crm, open_door, fast_clock):
    crm.server.faults.add(Fault("answer", "/accounts", times=-1, status=429, headers={"Retry-After": "1000000000"}))
    door = open_door(clock=fast_clock)

    with pytest.raises(Throttled) as raised:
        door.call(READ)

    assert raised.value.after == 6 * 3600
    assert fast_clock.passed == 0


@pytest.mark.parametrize(("said", "error"), [("spent", QuotaSpent), ("字段无效", Refused)])
def test_a_final_answer_is_not_asked_for_twice(crm, open_door, fast_clock, said, error):
    crm.answers["/accounts"] = lambda _: Answer(200, {"error": said})
    door = open_door(clock=fast_clock)

    with pytest.raises(error):
        door.call(READ)

    assert crm.server.traffic.calls["GET /accounts"] == 1


def test_a_drip_ends_at_the_deadline(crm, open_door, fast_clock):
    crm.server.faults.add(Fault("slow", "/accounts", times=-1, seconds=30.0))
    door = open_door(deadline=0.3, clock=fast_clock)

    with pytest.raises(Unavailable, match=r"no whole answer within 0\.3 s"):
        door.call(READ)


def test_a_drip_after_a_write_leaves_it_open(crm, open_door):
    crm.server.faults.add(Fault("slow", "/tasks", times=-1, seconds=30.0))
    door = open_door(deadline=0.3)

    with pytest.raises(Unavailable):
        door.call(WRITE)

    assert crm.server.traffic.calls["POST /tasks"] == 1


def test_a_bomb_and_a_flood_are_not_swallowed(crm, open_door, fast_clock):
    crm.answers["/bomb"] = lambda _: Answer(200, gzip.compress(b" " * 20_000_000), {"Content-Encoding": "gzip"})
    crm.answers["/flood"] = lambda _: Answer(200, b" " * (33 << 20))
    door = open_door(clock=fast_clock)

    with pytest.raises(Unavailable, match="absurd"):
        door.call(Request("GET", "/bomb"))
    with pytest.raises(Unavailable, match="over 32 MB"):
        door.call(Request("GET", "/flood"))


def test_a_redirect_is_named_and_not_followed(crm, open_door, fast_clock):
    crm.answers["/accounts"] = lambda _: Answer(302, None, {"Location": "https://evil.example/x?y=1"})
    door = open_door(clock=fast_clock)

    with pytest.raises(Unavailable, match=r"redirected to evil\.example"):
        door.call(READ)


def test_connections_are_kept_for_reads_and_new_for_writes(crm, open_door):
    door = open_door()

    door.call(READ)
    door.call(READ)
    door.call(WRITE)

    assert [call.headers.get("connection") for call in crm.seen] == [None, None, None, "close"]


# ---- writes


@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "truncate", "error_after"])
def test_a_write_whose_answer_is_lost_is_sent_once_and_left_open(crm, open_door, kind):
    crm.server.faults.add(Fault(kind, "/tasks", times=-1))
    door = open_door()

    with pytest.raises(Unavailable):
        door.call(WRITE)

    assert crm.server.traffic.calls["POST /tasks"] == 1


def test_a_write_to_a_closed_port_was_not_sent(crm, open_door):
    door = open_door()
    door.call(READ)
    crm.server.stop()

    with pytest.raises(NotSent, match="refused"):
        door.call(WRITE)


def test_a_throttled_write_was_not_sent_and_keeps_the_pause(crm, open_door):
    crm.server.faults.add(Fault("answer", "/tasks", times=-1, status=429, headers={"Retry-After": "7"}))
    door = open_door()

    with pytest.raises(NotSent) as raised:
        door.call(WRITE)

    assert raised.value.after == 7
    assert crm.server.traffic.calls["POST /tasks"] == 1


def test_a_write_with_a_dead_token_was_not_sent_and_the_next_one_goes(crm, open_door):
    door = open_door()
    door.call(READ)
    crm.dead.update(crm.tokens)

    with pytest.raises(NotSent):
        door.call(WRITE)

    assert door.call(WRITE).json() == {"path": "/tasks"}


def test_a_refused_write_says_so(crm, open_door):
    crm.answers["/tasks"] = lambda _: Answer(200, {"error": "owner has left"})
    door = open_door()

    with pytest.raises(Refused, match="owner has left"):
        door.call(WRITE)


def test_a_write_when_stopping_was_not_sent(crm, open_door):
    stop = threading.Event()
    door = open_door(stop=stop)
    door.call(READ)
    stop.set()

    with pytest.raises(NotSent):
        door.call(WRITE)
    with pytest.raises(Stopped):
        door.call(READ)


# ---- hosts


@pytest.mark.parametrize(
    "base",
    [
        "http://tiny.example",
        "https://tiny.example.evil.example",
        "https://eviltiny.example",
        "https://tiny.example@evil.example",
        "https://evil.example\\@tiny.example",
        "https://tiny.example:8443",
        "https://10.0.0.1",
    ],
)
def test_a_host_outside_the_clouds_is_refused_before_a_secret_leaves(open_door, base):
    door = open_door(options={"base": base, "allow_hosts": ()})

    with pytest.raises(ConfigError, match="allow_hosts") as raised:
        door.call(READ)

    assert raised.value.exit_code == 2


def test_a_host_without_port_in_allow_hosts_allows_any_port(crm, open_door):
    door = open_door(options={"allow_hosts": ("127.0.0.1",)})

    assert door.call(READ).status == 200


def test_the_address_named_by_the_token_is_checked_too(open_door):
    door = open_door(token_base=lambda _: "https://evil.example")

    with pytest.raises(ConfigError, match=r"evil\.example"):
        door.call(READ)


# ---- tokens


def test_fifty_threads_share_one_token(crm, open_door):
    door = open_door()
    threads = [threading.Thread(target=door.call, args=(READ,)) for _ in range(50)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(crm.tokens) == 1
    assert crm.server.traffic.calls["GET /accounts"] == 50
    assert crm.server.traffic.most_in_flight <= 8


def test_a_dead_token_is_renewed_once_and_the_read_repeated(crm, open_door):
    door = open_door()
    door.call(READ)
    crm.dead.update(crm.tokens)

    assert door.call(READ).status == 200

    assert len(crm.tokens) == 2


def test_a_crm_that_calls_every_token_dead_ends_in_a_refusal(crm, open_door):
    crm.kill_all = True
    door = open_door()

    for _ in range(20):
        with pytest.raises(Refused) as raised:
            door.call(READ)
        assert raised.value.code == "auth"

    assert len(crm.tokens) == 8


def test_a_token_is_renewed_in_time_without_being_called_dead(crm, open_door, fast_clock):
    door = open_door(clock=fast_clock)
    door.call(READ)
    fast_clock.sleep(3300)

    door.call(READ)

    assert len(crm.tokens) == 2
    assert crm.server.traffic.calls["GET /accounts"] == 2


def test_a_token_that_cannot_be_renewed_is_used_while_it_lives(crm, open_door, fast_clock):
    door = open_door(clock=fast_clock)
    door.call(READ)
    fast_clock.sleep(3300)
    crm.server.faults.add(Fault("answer", "/token", times=-1, status=503, body="<html>"))

    assert door.call(READ).status == 200


def test_a_token_outlives_the_process_in_a_box(crm, open_door, fast_clock):
    box = MemoryBox()
    open_door(clock=fast_clock, tokens=box).call(READ)
    fast_clock.sleep(100)

    open_door(clock=fast_clock, tokens=box).call(READ)

    assert len(crm.tokens) == 1
    assert box.get("tiny").refresh_at - box.get("tiny").minted_at == timedelta(seconds=3240)


def test_a_wrong_password_is_refused_once_a_minute_and_never_printed(crm, open_door, fast_clock):
    door = open_door(clock=fast_clock, options={"password": "wrong-密码-123456"})

    for _ in range(3):
        with pytest.raises(Refused) as raised:
            door.call(READ)

    assert crm.server.traffic.calls["POST /token"] == 1
    assert "wrong-密码-123456" not in raised.value.text.zh + str(raised.value) + repr(raised.value)


def test_no_secret_and_no_query_reaches_the_log_or_an_error(crm, open_door, fast_clock):
    crm.answers["/accounts"] = lambda call: Answer(200, {"error": f"bad token {call.headers['authorization']}"})
    door = open_door(clock=fast_clock)

    with structlog.testing.capture_logs() as lines, pytest.raises(Refused) as raised:
        door.call(READ)

    assert "token-00000001" not in f"{raised.value} {raised.value.text}"
    assert "token-0000" not in str(lines)
    assert "华为" not in str(lines)
    assert {line["event"] for line in lines} == {"net.call"}


def test_a_broken_line_is_told_without_the_query(crm, open_door, fast_clock):
    crm.server.faults.add(Fault("drop_before", "/accounts", times=-1))
    door = open_door(clock=fast_clock)

    with pytest.raises(Unavailable) as raised:
        door.call(READ)

    assert str(raised.value).startswith("GET 127.0.0.1:")
    assert "/accounts: the other side closed the connection" in str(raised.value)
    assert raised.value.__context__ is None


# ---- pace, clock


def test_no_window_is_ever_overfull(crm, open_door, fast_clock):
    door = open_door(clock=fast_clock, limits=[Limit("20s", 10, 20.0, per_path=True)], concurrency=1)
    went: list[float] = []
    crm.answers["/accounts"] = lambda _: (went.append(fast_clock.passed), Answer(200, {}))[1]

    for _ in range(35):
        door.call(READ)

    assert all(later - earlier >= 20 for earlier, later in zip(went, went[10:], strict=False))
    assert fast_clock.passed == pytest.approx(60)


def test_credits_are_counted_by_their_price_and_a_spent_day_is_said(open_door, fast_clock):
    door = open_door(clock=fast_clock, limits=[Limit("day", 12, 86400.0, unit="credit")])
    door.call(Request("GET", "/dear"))
    door.call(Request("GET", "/dear"))

    with pytest.raises(QuotaSpent) as raised:
        door.call(Request("GET", "/dear"))

    assert 0 < raised.value.after <= 86400
    assert door.spent.credits == 11


def test_the_crm_s_clock_is_told_from_its_answers(crm, open_door, fast_clock):
    door = open_door()
    crm.offset = timedelta(hours=-1)

    door.call(READ)

    assert abs((crm.server.now() - door.now()).total_seconds()) < 2


def test_each_attempt_is_told_to_whoever_asked(crm, open_door, fast_clock):
    crm.server.faults.add(Fault("drop_before", "/accounts"))
    told = []

    open_door(clock=fast_clock, on_call=told.append).call(READ)

    assert [(each.path, each.status, each.outcome, each.retry) for each in told] == [
        ("/token", 200, "ok", False),
        ("/accounts", None, "Unavailable", False),
        ("/accounts", 200, "ok", True),
    ]


def test_a_dead_token_on_an_unsigned_call_is_a_refusal(open_door):
    door = open_door()

    with pytest.raises(Refused):
        door.call(Request("GET", "/accounts", auth=False))


def test_many_threads_keep_the_pace_together(crm, open_door):
    door = open_door(limits=[Limit("burst", 5, 0.3)], concurrency=8)
    went: list[float] = []
    crm.answers["/accounts"] = lambda _: (went.append(time.monotonic()), Answer(200, {}))[1]
    threads = [threading.Thread(target=door.call, args=(READ,)) for _ in range(12)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    went.sort()
    assert len(went) == 12
    assert all(later - earlier >= 0.3 for earlier, later in zip(went, went[5:], strict=False))


def test_nonsense_is_told_with_the_place_it_came_from(crm, open_door, fast_clock):
    crm.server.faults.add(Fault("answer", "/token", times=-1, status=200, body="<html>login</html>"))
    door = open_door(clock=fast_clock)

    with pytest.raises(Unavailable, match=r"POST 127\.0\.0\.1:\d+/token: expected JSON, got '<html>") as raised:
        door.call(READ)

    assert raised.value.next == "kamsync doctor"
    assert crm.server.traffic.calls["POST /token"] == 3


def test_a_sleep_ends_at_once_when_asked_to_stop():
    clock = SystemClock()
    threading.Timer(0.05, clock.stop.set).start()

    with pytest.raises(Stopped) as raised:
        clock.sleep(3600)

    assert raised.value.exit_code == 130


def test_a_token_that_another_process_renewed_is_taken_over_and_not_thrown_away(crm, open_door, fast_clock):
    box = MemoryBox()
    ours, theirs = open_door(clock=fast_clock, tokens=box), open_door(clock=fast_clock, tokens=box)
    ours.call(READ)
    theirs.call(READ)
    crm.dead.update(crm.tokens)
    theirs.call(READ)

    ours.call(READ)

    assert len(crm.tokens) == 2
    assert box.get("tiny").token.secret.reveal() == crm.tokens[-1]


@pytest.mark.parametrize("word", ["\ud800", "令牌", "a\nb: c"])
def test_a_token_that_no_header_can_carry_is_said(open_door, crm, word, fast_clock):
    crm.answers["/odd"] = lambda _: Answer(200, {})
    crm._token = lambda _: Answer(200, json.dumps({"token": word, "life": 3600}).encode())

    with pytest.raises(Unavailable, match="no header"):
        open_door(clock=fast_clock).call(Request("GET", "/odd"))


def test_a_token_that_is_to_live_for_ever_is_believed_for_a_year(open_door, crm, fast_clock):
    crm.tokens.append("token-00000007")
    crm._token = lambda _: Answer(200, {"token": "token-00000007", "life": 10**15})

    assert open_door(clock=fast_clock).call(Request("GET", "/fine")).status == 200


def test_a_header_that_cannot_be_sent_is_a_call_that_did_not_leave(open_door, crm, fast_clock):
    with pytest.raises(NotSent):
        open_door(clock=fast_clock).call(Request("POST", "/write", headers={"x-who": "a\nb"}, write=True))

    assert "POST /write" not in crm.server.traffic.calls


def test_half_a_character_that_a_crm_told_goes_back_to_it_as_a_question_mark(crm, open_door):
    door = open_door()

    door.call(Request("GET", "/list", {"page_token": "a\ud800"}))
    door.call(Request("POST", "/query", json={"after": "b\udc00"}))

    assert crm.seen[-2].query == {"page_token": "a?"}
    assert crm.seen[-1].body == b'{"after":"b?"}'
