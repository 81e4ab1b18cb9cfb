"""The Fxiaoke connector against its simulated tenant, through the real door."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from kamsync.net import Door, SystemClock
from kamsync.plugin import (
    CursorLost,
    Intent,
    Options,
    Probe,
    QuotaSpent,
    Refused,
    Stream,
    TagChange,
    Target,
    Task,
    Truncated,
    Window,
)
from kamsync.testing.faults import Fault
from kamsync_fxiaoke import connector
from kamsync_fxiaoke.sim import FxiaokeTenant

MARKER = "kam:R08:INV-0012-30:" + "abcdefgh23456" * 2
ACCOUNTS = Stream("accounts", "AccountObj", "account")


class HastyClock(SystemClock):
    """The real time, but nobody waits."""

    def __init__(self) -> None:
        super().__init__()
        self.skipped = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.skipped

    def sleep(self, seconds: float) -> None:
        self.skipped += seconds


@pytest.fixture
def hire() -> Iterator[Callable[..., FxiaokeTenant]]:
    hired: list[FxiaokeTenant] = []

    def build(**knobs: Any) -> FxiaokeTenant:
        tenant = FxiaokeTenant(**knobs)
        tenant.start()
        hired.append(tenant)
        return tenant

    yield build
    for tenant in hired:
        tenant.stop()


@pytest.fixture
def tenant(hire: Callable[..., FxiaokeTenant]) -> FxiaokeTenant:
    return hire()


@pytest.fixture
def enter() -> Iterator[Callable[..., Any]]:
    doors: list[Door] = []

    def build(tenant: FxiaokeTenant, **options: Any) -> Any:
        given: Options = connector.options(**{**tenant.options(), **options})
        clock = HastyClock()
        door = Door("fx", connector.wire, given, clock, deadline=5.0)
        doors.append(door)
        return connector.open(given, door, clock)

    yield build
    for door in doors:
        door.close()


@pytest.fixture
def session(tenant: FxiaokeTenant, enter: Callable[..., Any]) -> Any:
    return enter(tenant)


def window(lo: datetime | None = None) -> Window:
    return Window(lo, datetime.now(UTC) + timedelta(hours=1))


def read(session: Any, stream: Stream = ACCOUNTS, within: Window | None = None) -> list[Any]:
    return list(session.read(stream, within or window(), None))


def records(pages: list[Any]) -> list[Any]:
    return [record for page in pages for record in page.records]


def gone(pages: list[Any]) -> set[Any]:
    return {(each.id, each.kind) for page in pages for each in page.gone}


def task(id: str, marker: str = MARKER, owner: str | None = None) -> Intent:
    target = Target("accounts", "AccountObj", id)
    due = date(2026, 3, 2)
    return Intent(
        "i1", Task(target, "催收 华为技术", "发票 INV-0012 已逾期 30 天", due, "high", owner, marker, "华为技术")
    )


def tagged(id: str, *, add: tuple[str, ...] = (), remove: tuple[str, ...] = (), intent: str = "t1") -> Intent:
    return Intent(intent, TagChange(Target("accounts", "AccountObj", id), add, remove))


def states(outcomes: Any) -> list[str]:
    return [outcome.state for outcome in outcomes]


# ---- who and what


def test_the_check_up_tells_who_we_are_and_finds_nothing_wrong(session):
    health = session.check()

    assert health.org
    assert health.zone == "Asia/Shanghai"
    assert [finding for finding in health.findings if finding.state == "bad"] == []


def test_streams_bear_our_names_and_their_objects(session):
    offered = {stream.name: (stream.object, stream.entity) for stream in session.streams()}

    assert offered["accounts"] == ("AccountObj", "account")
    assert offered["surveys"] == ("satisfaction__c", "survey")
    assert offered["users"] == ("users", "user")


def test_fields_tell_labels_choices_and_what_may_be_written(session):
    fields = {field.name: field for field in session.fields(ACCOUNTS)}

    assert fields["kam_tags__c"].type == "select_many"
    assert "KAM·一级" in [choice.label for choice in fields["kam_tags__c"].choices]
    assert fields["kam_tags__c"].custom


def test_a_wrong_secret_is_refused_with_the_keys_to_look_at(tenant, enter):
    session = enter(tenant, app_secret="0" * 32)

    with pytest.raises(Refused, match="app_secret") as raised:
        session.check()

    assert raised.value.exit_code == 8
    assert "0" * 32 not in str(raised.value)


def test_body_style_and_the_legacy_token_work_too(tenant, enter):
    id = tenant.add("account", name="华为技术")
    person = next(r.body["openUserId"] for r in records(read(enter(tenant), users_stream())))

    session = enter(tenant, auth_style="body", login="legacy", acting_user=person)

    assert [record.id for record in records(read(session))] == [id]


def users_stream() -> Stream:
    return Stream("users", "users", "user", incremental=False)


# ---- reading


def test_every_row_comes_once_over_many_pages(tenant, session):
    same = datetime.now(UTC) - timedelta(days=1)
    ids = {tenant.add("account", name=f"客户 {number}", modified=same) for number in range(250)}

    found = [record.id for record in records(read(session))]

    assert len(found) == 250
    assert set(found) == ids


def test_a_pull_goes_on_where_a_cursor_says(tenant, session):
    ids = {tenant.add("account", name=f"客户 {number}") for number in range(230)}
    first = next(iter(session.read(ACCOUNTS, window(), None)))

    rest = list(session.read(ACCOUNTS, window(), first.cursor))

    assert {record.id for record in first.records} | {record.id for record in records(rest)} == ids
    assert len(records(rest)) == 130
    assert rest[-1].cursor is None


def test_a_row_edited_while_we_read_is_not_lost(tenant, session):
    ids = [tenant.add("account", name=f"客户 {number}") for number in range(150)]
    pages = session.read(ACCOUNTS, window(), None)
    first = next(pages)
    tenant.change("account", ids[0], name="改名")
    tenant.change("account", ids[149], name="改名")

    found = {record.id for record in first.records} | {record.id for record in records(list(pages))}

    assert found == set(ids)


def test_a_window_is_closed_below_and_open_above(tenant, session):
    at = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
    inside = tenant.add("account", name="在内", modified=at)
    tenant.add("account", name="在外", modified=at + timedelta(minutes=1))

    found = records(read(session, within=Window(at, at + timedelta(minutes=1))))

    assert [record.id for record in found] == [inside]
    assert found[0].modified == at


def test_a_row_is_kept_as_it_came_less_what_describes_the_query(tenant, session):
    tenant.add("account", name="华为 技术🌸")

    record = records(read(session))[0]

    assert record.body["name"] == "华为 技术🌸"
    assert not {"searchAfterId", "total_num"} & set(record.body)
    assert "tel" in record.body
    assert not record.body["tel"]


@pytest.mark.parametrize("void_rows", ["always", "filtered", "never"])
def test_a_void_row_is_never_shown_as_live(hire, enter, void_rows):
    tenant = hire(void_rows=void_rows)
    kept, void = tenant.add("account", name="在"), tenant.add("account", name="作废")
    tenant.invalidate("account", void)

    pages = read(enter(tenant), within=window(datetime.now(UTC) - timedelta(hours=1)))

    assert [record.id for record in records(pages)] == [kept]
    assert gone(pages) == (set() if void_rows == "never" else {(void, "void")})


def test_a_custom_object_is_read_whatever_its_wrapping(hire, enter):
    tenant = hire(custom_list="top", strict_paths=True)
    account = tenant.add("account", name="华为技术")
    id = tenant.add("survey", account=account, score=9, max_score=10, kind="csat", date=date(2026, 3, 2))

    found = records(read(enter(tenant), Stream("surveys", "satisfaction__c", "survey", custom=True)))

    assert [record.id for record in found] == [id]


def test_the_staff_come_under_the_ids_that_owners_have(tenant, session):
    owner = records(read(session, users_stream()))[0]
    id = tenant.add("account", name="华为技术", owner=owner.id)

    account = next(record for record in records(read(session)) if record.id == id)

    assert account.body["owner"] == [owner.id]


def test_the_sweep_lists_every_live_id(tenant, session):
    ids = {tenant.add("account", name=f"客户 {number}") for number in range(120)}

    found = {record.id for page in session.ids(ACCOUNTS, None) for record in page.records}

    assert found == ids


def test_a_row_looked_up_alone_is_found_or_gone(tenant, session):
    there, void, never = tenant.add("account", name="在"), tenant.add("account", name="作废"), "0" * 24
    tenant.invalidate("account", void)

    found = session.get(ACCOUNTS, [there, void, never])

    assert [each.state for each in found] == ["found", "gone", "gone"]
    assert found[0].page.records[0].body["name"] == "在"


def test_a_cursor_of_another_kind_is_lost_not_guessed(session):
    with pytest.raises(CursorLost):
        list(session.read(ACCOUNTS, window(), "offset=100"))


def test_a_crm_that_keeps_no_order_is_found_out(tenant, session, monkeypatch):
    for number in range(150):
        tenant.add("account", name=f"客户 {number}")
    handle = tenant.server.handle

    def upside_down(call):
        answer = handle(call)
        if call.path.endswith("/query"):
            answer.body["data"]["dataList"].reverse()
        return answer

    monkeypatch.setattr(tenant.server, "handle", upside_down)

    with pytest.raises(Truncated, match="order"):
        read(session)


def test_a_short_page_from_a_crm_that_names_no_limit_is_not_taken_for_the_last(tenant, session, monkeypatch):
    ids = {tenant.add("account", name=f"客户 {number}") for number in range(70)}
    handle = tenant.server.handle

    def thirty_at_most(call):
        answer = handle(call)
        if call.path.endswith("/query"):
            del answer.body["data"]["dataList"][30:]
            answer.body["data"].pop("limit", None)
        return answer

    monkeypatch.setattr(tenant.server, "handle", thirty_at_most)

    assert {record.id for record in records(read(session))} == ids


@pytest.mark.parametrize("kind", ["drop_before", "truncate", "drop_after"])
def test_reading_survives_a_broken_line(tenant, session, kind):
    id = tenant.add("account", name="华为技术")
    tenant.fault(Fault(kind, "data/query"))

    assert [record.id for record in records(read(session))] == [id]


@pytest.mark.parametrize(
    "body",
    [
        "<html>请登录</html>",
        {"errorCode": -1, "errorMessage": "system busy"},
        {"errorCode": 50009, "errorMessage": "timeout"},
        {"errorCode": "30004", "errorMessage": "too fast"},
        {"errorCode": 20016, "errorMessage": "token expired"},
    ],
)
def test_reading_survives_what_passes(tenant, session, body):
    id = tenant.add("account", name="华为技术")
    tenant.fault(Fault("answer", "data/query", status=200, body=body))

    assert [record.id for record in records(read(session))] == [id]


def test_a_spent_day_is_told_with_the_time_until_midnight(hire, enter):
    session = enter(hire(daily_quota=3))

    session.streams()
    session.streams()
    with pytest.raises(QuotaSpent) as raised:
        [session.streams() for _ in range(9)]

    assert 0 < raised.value.after <= 86400


def test_a_narrow_limit_is_never_hit(hire, enter):
    tenant = hire(calls_per_20s=100)
    session = enter(tenant, calls_per_20s=100)
    session.check()

    for _ in range(20):
        session.streams()

    assert all(seen.status == 200 for seen in tenant.traffic.log)


# ---- tags


def test_our_tags_change_and_everybody_else_s_stay(tenant, session):
    id = tenant.add("account", name="华为技术")
    tenant.set_tags(id, ["老客户", "KAM·二级", "展会"])

    outcomes = session.write([tagged(id, add=("KAM·一级",), remove=("KAM·二级",))])

    assert states(outcomes) == ["applied"]
    assert sorted(tenant.tags(id)) == sorted(["老客户", "展会", "KAM·一级"])
    assert set(session.live([Target("accounts", "AccountObj", id)])[0].tags) == set(tenant.tags(id))


def test_a_tag_that_is_there_already_is_not_written_again(tenant, session):
    id = tenant.add("account", name="华为技术")
    tenant.set_tags(id, ["KAM·一级"])

    outcomes = session.write([tagged(id, add=("KAM·一级",), remove=("KAM·二级",))])

    assert states(outcomes) == ["applied"]
    assert tenant.traffic.calls["POST /cgi/crm/v2/data/update"] == 0


def test_a_tag_outside_our_namespace_is_refused(tenant, session):
    id = tenant.add("account", name="华为技术")
    tenant.set_tags(id, ["老客户"])

    outcomes = session.write([tagged(id, remove=("老客户",))])

    assert [(each.state, each.code) for each in outcomes] == [("refused", "foreign_tag")]
    assert tenant.tags(id) == ("老客户",)


def test_a_missing_option_is_refused_with_what_the_admin_should_add(tenant, session):
    id = tenant.add("account", name="华为技术")

    outcome = session.write([tagged(id, add=("KAM·特级",))])[0]

    assert (outcome.state, outcome.code) == ("refused", "option_missing")
    assert "KAM·特级" in outcome.message


def test_a_missing_field_is_refused_and_found_by_the_check_up(tenant, enter):
    session = enter(tenant, tag_field="no_such__c")
    id = tenant.add("account", name="华为技术")

    outcome = session.write([tagged(id, add=("KAM·一级",))])[0]

    assert (outcome.state, outcome.code) == ("refused", "field_missing")
    assert "tag_field" in [finding.check for finding in session.check().findings if finding.state == "bad"]


def test_a_locked_row_and_a_void_row_are_refused_and_the_batch_goes_on(tenant, session):
    locked, void, free = (tenant.add("account", name=name) for name in ("锁定", "作废", "正常"))
    tenant.lock_row(locked)
    tenant.invalidate("account", void)

    outcomes = session.write([tagged(id, add=("KAM·一级",), intent=id) for id in (locked, void, free)])

    assert [(each.state, each.code) for each in outcomes] == [
        ("refused", "locked"),
        ("refused", "gone"),
        ("applied", ""),
    ]


def test_live_tells_what_is_not_there(tenant, session):
    id = tenant.add("account", name="华为技术")

    live = session.live([Target("accounts", "AccountObj", id), Target("accounts", "AccountObj", "0" * 24)])

    assert [(each.found, each.tags) for each in live] == [(True, ()), (False, None)]


# ---- tasks


def test_a_task_is_a_schedule_with_its_marker_on_the_last_line(tenant, session):
    id = tenant.add("account", name="华为技术")

    outcome = session.write([task(id)])[0]

    made = tenant.tasks()
    assert (outcome.state, outcome.remote_id) == ("applied", made[0].id)
    assert (made[0].marker, made[0].target, made[0].due) == (MARKER, id, "2026-03-02")
    assert made[0].by_us
    assert len(made) == 1


@pytest.mark.parametrize("kind", ["drop_after", "truncate", "error_after"])
def test_a_task_whose_answer_is_lost_is_unknown_made_once_and_found_again(tenant, session, kind):
    id = tenant.add("account", name="华为技术")
    tenant.fault(Fault(kind, "data/create", status=502, body="<html>"))
    sent_at = datetime.now(UTC)

    outcomes = session.write([task(id), tagged(id, add=("KAM·一级",))])
    found = session.find([Probe(MARKER, Target("accounts", "AccountObj", id), sent_at)])[0]

    assert states(outcomes) == ["unknown", "not_sent"]
    assert len(tenant.tasks()) == 1
    assert (found.state, found.remote_id) == ("found", tenant.tasks()[0].id)


def test_a_task_that_never_was_is_absent_but_only_weakly(tenant, session):
    id = tenant.add("account", name="华为技术")

    found = session.find([Probe(MARKER, Target("accounts", "AccountObj", id), datetime.now(UTC))])[0]

    assert (found.state, found.strong) == ("absent", False)


@pytest.mark.parametrize(
    ("body", "state"),
    [
        ({"errorCode": 50009, "errorMessage": "service timeout"}, "unknown"),
        ({"errorCode": 50009, "errorMessage": "数据已锁定,不可编辑"}, "refused"),
        ({"errorCode": 30004, "errorMessage": "too fast"}, "not_sent"),
        ({"errorCode": 30002, "errorMessage": "quota"}, "not_sent"),
        ({"errorCode": 20016, "errorMessage": "expired"}, "not_sent"),
        ({"errorCode": 30027, "errorMessage": "no such employee"}, "refused"),
        ({"errorCode": 11005, "errorMessage": "illegal"}, "refused"),
        ({"errorCode": 320002, "errorMessage": "字段「跟进方式」必填"}, "refused"),
        ({"errorCode": 987654, "errorMessage": "java.lang.NullPointerException"}, "unknown"),
    ],
)
def test_each_answer_to_a_write_has_its_own_outcome(tenant, session, body, state):
    id = tenant.add("account", name="华为技术")
    tenant.fault(Fault("answer", "data/create", status=200, body=body))

    assert states(session.write([task(id)])) == [state]


def test_everything_of_ours_is_listed_and_people_s_schedules_are_not(tenant, session):
    id = tenant.add("account", name="华为技术")
    session.write([task(id)])
    other = MARKER.replace("INV-0012-30", "INV-0013-30")
    session.write([task(id, other)])
    tenant.close_task(next(each.id for each in tenant.tasks() if each.marker == other))
    tenant.add("activity", account=id, kind="task", subject="自己的事", at=datetime.now(UTC))

    ours = {each.marker: each for each in session.ours(None)}

    assert set(ours) == {MARKER, other}
    assert ours[MARKER].target == Target("accounts", "AccountObj", id)
    assert (ours[MARKER].done, ours[other].done) == (False, True)


def test_a_schedule_thrown_away_by_a_person_is_not_ours_any_more(tenant, session):
    id = tenant.add("account", name="华为技术")
    session.write([task(id)])
    tenant.remove_task(tenant.tasks()[0].id)

    assert list(session.ours(None)) == []


def test_no_approval_and_no_workflow_is_started(tenant, session, monkeypatch):
    id = tenant.add("account", name="华为技术")
    seen = []
    handle = tenant.server.handle
    monkeypatch.setattr(tenant.server, "handle", lambda call: (seen.append(call), handle(call))[1])

    session.write([task(id), tagged(id, add=("KAM·一级",))])

    sent = [call.json() for call in seen if call.path.endswith(("create", "update"))]
    assert len(sent) == 2
    assert all(body["triggerApprovalFlow"] is False and body["triggerWorkFlow"] is False for body in sent)
    traces = [call.query["thirdTraceId"] for call in seen]
    assert len(set(traces)) == len(traces)


def test_writes_tell_their_level(session):
    levels = {each.facet: (each.level, each.settle) for each in session.writes()}

    assert levels == {"tags": ("S1", 150.0), "task": ("E1", 150.0)}


def test_amounts_are_never_floats(tenant, session):
    account = tenant.add("account", name="华为技术")
    tenant.add("order", account=account, number="SO-1", gross=Decimal("100.01"))

    order = records(read(session, Stream("orders", "SalesOrderObj", "order")))[0]

    assert not any(isinstance(value, float) for value in order.body.values())
    assert Decimal(order.body["order_amount"]) == Decimal("100.01")
