"""The Zoho connector against a simulated organisation, through the real door."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from kamsync.net import Door, SystemClock
from kamsync.plugin import (
    CursorLost,
    Intent,
    NotSent,
    Page,
    Probe,
    Record,
    Refused,
    Stream,
    TagChange,
    Target,
    Task,
    Truncated,
    Window,
)
from kamsync.testing.faults import Fault
from kamsync.testing.server import Answer, Call
from kamsync.testing.tenant import Tenant
from kamsync_zoho import connector
from kamsync_zoho.session import ZohoSession
from kamsync_zoho.sim import ZohoTenant

START = datetime(2026, 1, 1, tzinfo=UTC)
ACCOUNTS = Stream("accounts", "Accounts", "account")
TASKS = Stream("tasks", "Tasks", "activity")
HOUR = timedelta(hours=1)


def always(hi: datetime = START + timedelta(days=3650), **more: Any) -> Window:
    return Window(None, hi, **more)


def without_queries(tenant: ZohoTenant) -> None:
    """The grant lacks the right to query: records are read from lists."""
    tenant.knobs.scopes = tuple(scope for scope in tenant.knobs.scopes if "coql" not in scope)


def marker(number: int) -> str:
    return f"kam:R08:INV-{number}:" + "abcdefghijklmnopqrstuvwxy2"


@pytest.fixture
def open_(request: pytest.FixtureRequest) -> Iterator[Callable[..., ZohoSession]]:
    doors: list[Door] = []

    def session(tenant: ZohoTenant, **more: Any) -> ZohoSession:
        options = connector.options(**{**tenant.options(), **more})
        clock = SystemClock()
        doors.append(Door("zoho", connector.wire, options, clock, deadline=5.0))
        opened = connector.open(options, doors[-1], clock)
        assert isinstance(opened, ZohoSession)
        return opened

    yield session
    for door in doors:
        door.close()


@pytest.fixture
def tenant() -> Iterator[ZohoTenant]:
    with ZohoTenant() as running:
        yield running  # type: ignore[misc]  # start() tells only the base class


@pytest.fixture
def session(tenant: ZohoTenant, open_: Callable[..., ZohoSession]) -> ZohoSession:
    return open_(tenant)


def accounts(tenant: Tenant, count: int, *, same_second: int = 1) -> list[str]:
    return [
        tenant.add("account", name=f"“华为”技术😀有限公司{i}", modified=START + timedelta(seconds=i // same_second))
        for i in range(count)
    ]


def read_all(session: ZohoSession, stream: Stream, window: Window) -> tuple[list[Page], list[Record]]:
    pages = list(session.read(stream, window, None))
    return pages, [record for page in pages for record in page.records]


def task_for(id: str, number: int = 1, **more: Any) -> Task:
    values: dict[str, Any] = {
        "target": Target("accounts", "Accounts", id), "subject": "【KA】催款:华北精工集团", "body": "发票逾期 30 天",
        "due": date(2026, 12, 1), "priority": "urgent", "owner": None, "marker": marker(number),
    }  # fmt: skip
    return Task(**{**values, **more})


def change(id: str, add: tuple[str, ...] = (), remove: tuple[str, ...] = ()) -> TagChange:
    return TagChange(Target("accounts", "Accounts", id), add, remove)


# ---- check-up and metadata


def test_a_check_up_tells_who_and_where_we_are(session: ZohoSession, tenant: ZohoTenant) -> None:
    health = session.check()

    assert (health.org, health.zone, health.currency) == (tenant.knobs.org_id, "Asia/Shanghai", "CNY")
    assert health.user
    assert [finding.check for finding in health.findings if finding.state != "ok"] == []


def test_a_missing_scope_is_one_finding_and_not_the_end(open_: Callable[..., ZohoSession]) -> None:
    scopes = ("ZohoCRM.modules.ALL", "ZohoCRM.settings.ALL", "ZohoCRM.users.READ", "ZohoCRM.org.READ")

    with ZohoTenant(scopes=scopes) as tenant:
        health = open_(tenant).check()

    (finding,) = [finding for finding in health.findings if finding.state != "ok"]
    assert (finding.check, finding.state, "ZohoCRM.coql.READ" in finding.detail.en) == ("zoho.coql", "warn", True)


def test_streams_have_kamsyncs_names_and_leave_out_what_holds_no_records(session: ZohoSession) -> None:
    names = {stream.object: stream.name for stream in session.streams()}

    assert names["Sales_Orders"] == "orders"
    assert names["Satisfaction_Surveys"] == "surveys"
    assert names["users"] == "users"
    assert "Attachments" not in names


def test_every_stream_can_be_read_and_described(session: ZohoSession) -> None:
    for stream in session.streams():
        session.fields(stream)
        pages = list(session.read(stream, always(), None))

        assert pages[-1].cursor is None


def test_fields_tell_choices_uniqueness_and_targets(session: ZohoSession) -> None:
    tasks = {field.name: field for field in session.fields(TASKS)}
    contacts = {field.name: field for field in session.fields(Stream("contacts", "Contacts"))}

    assert tasks["Kamsync_Key"].unique
    assert not tasks["Subject"].unique
    assert "Not Started" in [choice.label for choice in tasks["Status"].choices]
    assert contacts["Account_Name"].refers_to == "Accounts"


# ---- reading


def test_a_list_is_read_whole_oldest_change_first(session: ZohoSession, tenant: ZohoTenant) -> None:
    ids = accounts(tenant, 450, same_second=7)

    pages, records = read_all(session, ACCOUNTS, always())

    assert sorted(record.id for record in records) == sorted(ids)
    assert [page.through is not None for page in pages] == [True, True]
    assert pages[-1].through is not None
    assert pages[-1].through.modified == START + timedelta(seconds=449 // 7)


def test_reading_goes_on_from_any_page_without_loss(session: ZohoSession, tenant: ZohoTenant) -> None:
    ids = accounts(tenant, 450)
    first = next(iter(session.read(ACCOUNTS, always(), None)))

    rest = [record.id for page in session.read(ACCOUNTS, always(), first.cursor) for record in page.records]

    assert [record.id for record in first.records] + rest == ids


def test_a_window_is_closed_below_and_open_above(session: ZohoSession, tenant: ZohoTenant) -> None:
    ids = accounts(tenant, 10)
    window = Window(START + timedelta(seconds=3), START + timedelta(seconds=7))

    pages, records = read_all(session, ACCOUNTS, window)

    assert [record.id for record in records] == ids[3:7]
    assert pages[-1].cursor is None


def test_nothing_changed_is_one_empty_page(session: ZohoSession, tenant: ZohoTenant) -> None:
    accounts(tenant, 3)

    pages, records = read_all(session, ACCOUNTS, Window(START + HOUR, START + 2 * HOUR))

    assert (len(pages), records, pages[0].cursor) == (1, [], None)


def test_every_list_call_has_fields_and_never_a_page_beside_a_token(session: ZohoSession, tenant: ZohoTenant) -> None:
    without_queries(tenant)
    seen: list[dict[str, str]] = []
    handle = tenant.server.handle
    tenant.server.handle = lambda call: (seen.append(dict(call.query)), handle(call))[1]  # type: ignore[func-returns-value]  # appends, then answers
    accounts(tenant, 450)

    read_all(session, ACCOUNTS, always(want=frozenset({"Account_Name", "No_Such_Field"})))

    lists = [query for query in seen if "fields" in query]
    assert len(lists) == 3
    assert all("page" not in query for query in lists)
    assert len({query["fields"] for query in lists}) == 1
    assert "No_Such_Field" not in lists[0]["fields"]
    assert {"Modified_Time", "Created_Time", "Owner", "Account_Name"} <= set(lists[0]["fields"].split(","))


def test_the_wall_of_one_list_is_passed_by_beginning_anew(open_: Callable[..., ZohoSession]) -> None:
    with ZohoTenant(ceiling=400) as tenant:
        without_queries(tenant)
        ids = accounts(tenant, 1_000)
        _, records = read_all(open_(tenant), ACCOUNTS, always())

    assert {record.id for record in records} == set(ids)


def test_a_wall_inside_one_second_is_admitted(open_: Callable[..., ZohoSession]) -> None:
    with ZohoTenant(ceiling=400) as tenant:
        without_queries(tenant)
        accounts(tenant, 900, same_second=900)
        session = open_(tenant)

        with pytest.raises(Truncated):
            read_all(session, ACCOUNTS, always())


def test_a_dead_page_token_loses_the_cursor_and_nothing_else(session: ZohoSession, tenant: ZohoTenant) -> None:
    without_queries(tenant)
    accounts(tenant, 450)
    first = next(iter(session.read(ACCOUNTS, always(), None)))
    tenant.offset = timedelta(hours=25)

    with pytest.raises(CursorLost):
        list(session.read(ACCOUNTS, always(), first.cursor))


def test_a_cursor_of_another_make_is_lost_too(session: ZohoSession) -> None:
    with pytest.raises(CursorLost):
        list(session.read(ACCOUNTS, always(), '{"row": 7}'))


def test_more_fields_than_one_call_takes_come_in_slices(session: ZohoSession, tenant: ZohoTenant) -> None:
    (id,) = accounts(tenant, 1)
    describe(tenant, 60)
    want = frozenset(f"Extra_{number}" for number in range(60))

    (page,) = session.read(ACCOUNTS, always(want=want), None)

    (record,) = page.records
    assert (record.id, want <= set(record.body), want <= (page.fields or frozenset())) == (id, True, True)


def describe(tenant: ZohoTenant, count: int, edit: Callable[[], None] = lambda: None) -> None:
    """Give Accounts so many more fields, served beside its own; `edit` happens between two slices."""
    extra = [f"Extra_{number}" for number in range(count)]
    handle = tenant.server.handle

    def answer(call: Call) -> Answer:
        if call.query.get("module") == "Accounts":
            fields = [{"api_name": name, "data_type": "text"} for name in extra]
            return Answer(200, {"fields": [*fields, {"api_name": "Account_Name", "data_type": "text"}]})
        if "ids" in call.query:
            edit()
        given = handle(call)
        if call.path != "/crm/v8/Accounts" or given.status != 200:
            return given
        body = json.loads(given.body)
        for row in body["data"]:
            row |= {name: "值" for name in extra if name in call.query["fields"].split(",")}
        return replace(given, body=body)

    tenant.server.handle = answer


def test_activities_tell_the_module_of_their_parent(session: ZohoSession, tenant: ZohoTenant) -> None:
    (id,) = accounts(tenant, 1)
    tenant.add("activity", kind="task", subject="回访", about=(id,), account=id, modified=START)

    _, records = read_all(session, TASKS, always(want=frozenset({"Subject", "What_Id"})))

    assert "$se_module" in records[0].body


def test_an_element_without_id_is_quarantined_and_the_page_goes_on(session: ZohoSession, tenant: ZohoTenant) -> None:
    without_queries(tenant)
    good = {"id": 5725767000000411001, "Modified_Time": "2026-01-01T08:00:00+08:00"}
    odd = [{"Account_Name": "无号"}, {"id": "2", "Modified_Time": "yesterday"}, "text"]
    body = {"data": [good, *odd], "info": {"more_records": False}}
    tenant.fault(Fault("answer", on="GET /crm/v8/Accounts$", status=200, body=body))

    _, records = read_all(session, ACCOUNTS, always())

    assert [(record.id, record.problem is None) for record in records] == [
        ("5725767000000411001", True), ("", False), ("2", False), ("", False),
    ]  # fmt: skip


def test_no_position_is_claimed_once_the_order_broke(session: ZohoSession, tenant: ZohoTenant) -> None:
    without_queries(tenant)
    rows = [{"id": str(n), "Modified_Time": f"2026-01-0{n}T00:00:00+00:00"} for n in (3, 1, 2)]
    body = {"data": rows, "info": {"more_records": False}}
    tenant.fault(Fault("answer", on="GET /crm/v8/Accounts$", status=200, body=body))

    (page,) = session.read(ACCOUNTS, always(), None)

    assert (len(page.records), page.through) == (3, None)


def test_a_server_without_page_tokens_is_read_by_page_number(session: ZohoSession, tenant: ZohoTenant) -> None:
    without_queries(tenant)
    for n in (1, 2):
        rows = [{"id": str(n), "Modified_Time": f"2026-01-0{n}T00:00:00+00:00"}]
        body = {"data": rows, "info": {"more_records": n == 1}}
        tenant.fault(Fault("answer", on="GET /crm/v8/Accounts$", status=200, body=body))

    _, records = read_all(session, ACCOUNTS, always())

    assert [record.id for record in records] == ["1", "2"]


def test_a_module_that_cannot_be_sorted_is_read_unsorted(session: ZohoSession, tenant: ZohoTenant) -> None:
    without_queries(tenant)
    refusal = {"code": "INVALID_DATA", "details": {"param_name": "sort_by"}, "message": "x", "status": "error"}
    handle = tenant.server.handle
    tenant.server.handle = lambda call: Answer(400, refusal) if "sort_by" in call.query else handle(call)
    ids = accounts(tenant, 250)

    pages, records = read_all(session, ACCOUNTS, always())

    assert sorted(record.id for record in records) == ids
    assert [page.through for page in pages] == [None, None]


def test_a_module_we_may_not_see_is_refused_at_once(open_: Callable[..., ZohoSession]) -> None:
    with ZohoTenant(unreadable=("Invoices",)) as tenant:
        session = open_(tenant)

        with pytest.raises(Refused):
            list(session.read(Stream("invoices", "Invoices"), always(), None))

        assert tenant.traffic.calls["GET /crm/v8/Invoices"] == 1


def test_deletions_are_listed_with_the_window_they_fell_in(session: ZohoSession, tenant: ZohoTenant) -> None:
    ids = accounts(tenant, 3)
    tenant.remove("account", ids[1])
    now = tenant.now()

    pages = list(session.gone(ACCOUNTS, Window(now - HOUR, now + HOUR), None))
    later = list(session.gone(ACCOUNTS, Window(now + HOUR, now + 2 * HOUR), None))

    assert [gone.id for page in pages for gone in page.gone] == [ids[1]]
    assert [gone.id for page in later for gone in page.gone] == []


def test_each_id_is_found_or_gone(session: ZohoSession, tenant: ZohoTenant) -> None:
    ids = accounts(tenant, 2)
    tenant.remove("account", ids[0])

    states = [gotten.state for gotten in session.get(ACCOUNTS, [*ids, "9"])]

    assert states == ["gone", "found", "gone"]


def test_a_sweep_lists_every_id(session: ZohoSession, tenant: ZohoTenant) -> None:
    ids = accounts(tenant, 450, same_second=450)

    swept = [record.id for page in session.ids(ACCOUNTS, None) for record in page.records]

    assert swept == ids


def test_a_row_edited_between_two_slices_is_read_again_whole(session: ZohoSession, tenant: ZohoTenant) -> None:
    first, second = accounts(tenant, 2)
    later = START + HOUR
    describe(tenant, 60, lambda: tenant.change("account", first, name="新名", modified=later))
    want = frozenset({"Account_Name", *(f"Extra_{number}" for number in range(60))})

    (page,) = session.read(ACCOUNTS, always(want=want), None)

    torn, calm = page.records
    assert (torn.id, torn.modified, torn.body["Account_Name"]) == (first, later, "新名")
    assert "Extra_0" not in torn.body
    assert (calm.id, "Extra_0" in calm.body) == (second, True)


# ---- tasks


def test_a_task_is_created_with_its_marker_and_fires_nothing(session: ZohoSession, tenant: ZohoTenant) -> None:
    (id,) = accounts(tenant, 1)

    (outcome,) = session.write([Intent("1", task_for(id))])

    (task,) = tenant.tasks()
    assert (outcome.state, outcome.remote_id) == ("applied", task.id)
    assert (task.marker, task.target, task.due, task.body) == (marker(1), id, "2026-12-01", "发票逾期 30 天")
    assert tenant.workflows_fired == 0


def test_the_same_task_twice_is_one_task(session: ZohoSession, tenant: ZohoTenant) -> None:
    (id,) = accounts(tenant, 1)
    (first,) = session.write([Intent("1", task_for(id))])

    (second,) = session.write([Intent("2", task_for(id))])

    assert (second.state, second.remote_id) == ("applied", first.remote_id)
    assert len(tenant.tasks()) == 1


def test_one_bad_row_does_not_hold_up_the_others(session: ZohoSession, tenant: ZohoTenant) -> None:
    (id,) = accounts(tenant, 1)
    batch = [task_for(id, 1), task_for("77", 2), task_for(id, 3, owner="88"), task_for(id, 4)]

    outcomes = session.write([Intent(str(n), task) for n, task in enumerate(batch)])

    assert [outcome.state for outcome in outcomes] == ["applied", "refused", "refused", "applied"]
    assert outcomes[1].code


def test_a_lost_answer_is_unknown_and_the_task_is_found_by_its_key(session: ZohoSession, tenant: ZohoTenant) -> None:
    (id,) = accounts(tenant, 1)
    tenant.fault(Fault("drop_after", on="POST /crm/v8/Tasks$"))

    (outcome,) = session.write([Intent("1", task_for(id))])

    (found, absent) = session.find([probe(id, 1), probe(id, 2)])
    assert outcome.state == "unknown"
    assert (found.state, found.remote_id, found.strong) == ("found", tenant.tasks()[0].id, True)
    assert absent.state == "absent"


def probe(id: str, number: int) -> Probe:
    return Probe(marker(number), Target("accounts", "Accounts", id), datetime.now(UTC))


def test_without_a_key_field_the_marker_is_the_last_line_and_is_found_in_lists(
    open_: Callable[..., ZohoSession],
) -> None:
    with ZohoTenant(task_key_field=False) as tenant:
        session = open_(tenant)
        (id,) = accounts(tenant, 1)
        session.write([Intent("1", task_for(id))])

        found, absent = session.find([probe(id, 1), probe(id, 2)])
        (task,) = tenant.tasks()

    assert session.writes()[0].level == "E2"
    assert task.body == f"发票逾期 30 天\n\n{marker(1)}"
    assert (found.state, found.remote_id, absent.state) == ("found", task.id, "absent")
    assert "POST /crm/v8/coql" not in tenant.traffic.calls


def test_a_task_is_found_though_zohos_clock_is_hours_behind(open_: Callable[..., ZohoSession]) -> None:
    with ZohoTenant(task_key_field=False) as tenant:
        tenant.offset = -3 * HOUR
        session = open_(tenant)
        (id,) = accounts(tenant, 1)
        session.write([Intent("1", task_for(id))])

        (found,) = session.find([probe(id, 1)])

    assert found.state == "found"


def test_a_zoho_that_refuses_unknown_keys_takes_our_tasks(open_: Callable[..., ZohoSession]) -> None:
    with ZohoTenant(unknown_keys="refuse", task_key_field=False) as tenant:
        (outcome,) = open_(tenant).write([Intent("1", task_for(accounts(tenant, 1)[0]))])

    assert outcome.state == "applied"


def test_without_the_right_to_query_tasks_are_found_in_lists(open_: Callable[..., ZohoSession]) -> None:
    with ZohoTenant(scopes=("ZohoCRM.modules.ALL", "ZohoCRM.settings.ALL")) as tenant:
        session = open_(tenant)
        (id,) = accounts(tenant, 1)
        session.write([Intent("1", task_for(id))])

        found, absent = session.find([probe(id, 1), probe(id, 2)])

    assert (found.state, found.strong, absent.state) == ("found", True, "absent")


def test_with_a_key_field_zoho_itself_keeps_tasks_single(session: ZohoSession) -> None:
    task, tags = session.writes()

    assert (task.level, task.batch, task.facts["field"]) == ("E3", 100, "Kamsync_Key")
    assert (tags.level, tags.settle) == ("S2", 150.0)


def test_a_key_field_that_is_not_there_is_said_before_anything_is_sent(
    tenant: ZohoTenant, open_: Callable[..., ZohoSession]
) -> None:
    session = open_(tenant, task_key_field="Kamsnyc_Key")

    with pytest.raises(NotSent, match="Kamsnyc_Key"):
        session.write([Intent("1", task_for(accounts(tenant, 1)[0]))])

    assert tenant.tasks() == []


def test_all_our_tasks_are_listed_and_nobody_elses(session: ZohoSession, tenant: ZohoTenant) -> None:
    (id,) = accounts(tenant, 1)
    tenant.add("activity", kind="task", subject="自己的任务", account=id)
    first, second = session.write([Intent(str(n), task_for(id, n)) for n in (1, 2)])
    tenant.close_task(str(second.remote_id))

    ours = sorted(session.ours(None), key=lambda task: task.marker)

    assert [(task.remote_id, task.marker, task.done) for task in ours] == [
        (first.remote_id, marker(1), False), (second.remote_id, marker(2), True),
    ]  # fmt: skip
    assert {task.target for task in ours} == {Target("accounts", "Accounts", id)}


def test_nothing_sent_leaves_as_not_sent(session: ZohoSession, tenant: ZohoTenant) -> None:
    (id,) = accounts(tenant, 1)
    session.check()
    busy = {"code": "TOO_MANY_REQUESTS", "details": {}, "message": "", "status": "error"}
    tenant.fault(Fault("answer", on="POST /crm/v8/Tasks$", status=429, body=busy))

    with pytest.raises(NotSent):
        session.write([Intent("1", task_for(id))])

    assert tenant.tasks() == []


@pytest.mark.parametrize(
    "body",
    [
        {"data": [{"code": "SUCCESS", "details": {"id": "1"}}]},
        {"data": [{"code": "SUCCESS", "details": {"id": "1"}}] * 2},
        {"data": [{"code": "SUCCESS", "details": {}}, {"code": "INTERNAL_ERROR"}]},
        {"data": [None, "ok"]},
        {
            "data": [
                {"code": "INVALID_DATA", "details": {"json_path": "$.data[1].Owner"}},  # which one was made?
                {"code": "SUCCESS", "details": {"id": "1"}},
            ]
        },
        {"data": {}},
        {},
    ],
)
def test_an_answer_that_does_not_add_up_is_unknown(session: ZohoSession, tenant: ZohoTenant, body: Any) -> None:
    (id,) = accounts(tenant, 1)
    tenant.fault(Fault("answer", on="POST /crm/v8/Tasks$", status=201, body=body))

    outcomes = session.write([Intent("1", task_for(id, 1)), Intent("2", task_for(id, 2))])

    assert [outcome.state for outcome in outcomes] == ["unknown", "unknown"]


def test_a_repeat_in_another_field_is_not_taken_for_ours(session: ZohoSession, tenant: ZohoTenant) -> None:
    row = {"code": "DUPLICATE_DATA", "details": {"api_name": "Ticket_No", "id": "9"}, "status": "error"}
    tenant.fault(Fault("answer", on="POST /crm/v8/Tasks$", status=400, body={"data": [row]}))

    (outcome,) = session.write([Intent("1", task_for(accounts(tenant, 1)[0]))])

    assert (outcome.state, outcome.code) == ("refused", "DUPLICATE_DATA")


def test_a_newer_zoho_names_the_repeated_task_elsewhere(session: ZohoSession, tenant: ZohoTenant) -> None:
    row = {"code": "DUPLICATE_DATA", "details": {"api_name": "Kamsync_Key", "duplicate_record": {"id": "9"}}}
    tenant.fault(Fault("answer", on="POST /crm/v8/Tasks$", status=400, body={"data": [row]}))

    (outcome,) = session.write([Intent("1", task_for(accounts(tenant, 1)[0]))])

    assert (outcome.state, outcome.remote_id) == ("applied", "9")


def test_long_texts_are_cut_to_what_zoho_holds(session: ZohoSession, tenant: ZohoTenant) -> None:
    (id,) = accounts(tenant, 1)
    task = task_for(id, subject="催款\n" + "长" * 400, body="\x00" + "文" * 40_000)

    (outcome,) = session.write([Intent("1", task)])

    (stored,) = tenant.tasks()
    assert outcome.state == "applied"
    assert (len(stored.subject), stored.subject[:4], stored.subject[-1]) == (250, "催款 长", "…")
    assert len(stored.body) == 32_000


# ---- tags


def test_tags_are_added_and_removed_one_by_one(session: ZohoSession, tenant: ZohoTenant) -> None:
    first, second = accounts(tenant, 2)
    tenant.set_tags(first, ["老客户", "KAM·二级"])
    tenant.set_tags(second, ["展会"])

    outcomes = session.write([
        Intent("1", change(first, add=("KAM·一级",), remove=("KAM·二级",))),
        Intent("2", change(second, add=("KAM·一级",))),
    ])  # fmt: skip

    assert [outcome.state for outcome in outcomes] == ["applied", "applied"]
    assert (set(tenant.tags(first)), set(tenant.tags(second))) == ({"老客户", "KAM·一级"}, {"展会", "KAM·一级"})


def test_like_changes_travel_together(session: ZohoSession, tenant: ZohoTenant) -> None:
    ids = accounts(tenant, 100)

    outcomes = session.write([Intent(id, change(id, add=("KAM·一级",))) for id in ids])

    assert {outcome.state for outcome in outcomes} == {"applied"}
    assert tenant.traffic.calls["POST /crm/v8/Accounts/actions/add_tags"] == 1


def test_a_locked_record_is_refused_alone(session: ZohoSession, tenant: ZohoTenant) -> None:
    first, second = accounts(tenant, 2)
    tenant.lock_record(first)

    outcomes = session.write([Intent(id, change(id, add=("KAM·一级",))) for id in (first, second)])

    assert [(outcome.state, outcome.code) for outcome in outcomes] == [
        ("refused", "RECORD_LOCKED"),
        ("applied", "SUCCESS"),
    ]


def test_a_record_at_its_limit_of_tags_can_still_change_tier(open_: Callable[..., ZohoSession]) -> None:
    with ZohoTenant(tags_per_record=2) as tenant:
        (id,) = accounts(tenant, 1)
        tenant.set_tags(id, ["老客户", "KAM·二级"])

        (outcome,) = open_(tenant).write([Intent("1", change(id, add=("KAM·一级",), remove=("KAM·二级",)))])

        assert (outcome.state, set(tenant.tags(id))) == ("applied", {"老客户", "KAM·一级"})


def test_a_change_half_done_is_unknown_and_says_so(session: ZohoSession, tenant: ZohoTenant) -> None:
    (id,) = accounts(tenant, 1)
    tenant.set_tags(id, ["KAM·二级"])
    tenant.fault(Fault("answer", on="POST .*/add_tags$", status=503))

    (outcome,) = session.write([Intent("1", change(id, add=("KAM·一级",), remove=("KAM·二级",)))])

    assert (outcome.state, "old tags are gone" in outcome.message) == ("unknown", True)


def test_a_tag_too_long_for_zoho_is_refused_before_sending(session: ZohoSession, tenant: ZohoTenant) -> None:
    first, second = accounts(tenant, 2)

    outcomes = session.write(
        [Intent("1", change(first, ("KAM·" + "长" * 22,))), Intent("2", change(second, ("KAM·" + "长" * 21,)))]
    )

    assert [(outcome.state, outcome.code) for outcome in outcomes] == [
        ("refused", "TAG_TOO_LONG"), ("applied", "SUCCESS"),
    ]  # fmt: skip


def test_a_full_module_refuses_the_rows_that_need_a_new_tag(open_: Callable[..., ZohoSession]) -> None:
    with ZohoTenant(tags_per_module=1, auto_create_tags=False) as tenant:
        first, second = accounts(tenant, 2)
        tenant.set_tags(first, ["KAM·一级"])

        outcomes = open_(tenant).write([
            Intent("1", change(second, ("KAM·一级",))), Intent("2", change(first, ("KAM·二级",))),
        ])  # fmt: skip

    assert [(outcome.state, outcome.code) for outcome in outcomes] == [
        ("applied", "SUCCESS"), ("refused", "LIMIT_EXCEEDED"),
    ]  # fmt: skip


def test_a_dead_token_before_a_write_sends_nothing_twice(session: ZohoSession, tenant: ZohoTenant) -> None:
    (id,) = accounts(tenant, 1)
    session.check()
    tenant.expire_token()

    (outcome,) = session.write([Intent("1", change(id, ("KAM·一级",)))])

    assert (outcome.state, tenant.tags(id)) == ("applied", ("KAM·一级",))


def test_live_tells_tags_owner_and_lock_and_what_is_missing(session: ZohoSession, tenant: ZohoTenant) -> None:
    ids = accounts(tenant, 60)
    tenant.set_tags(ids[0], ["老客户"])
    tenant.lock_record(ids[1])
    targets = [Target("accounts", "Accounts", id) for id in (*ids, "9")]

    lives = session.live(targets)

    assert (lives[0].tags, lives[0].locked, bool(lives[0].owner), lives[0].modified) == (
        ("老客户",),
        False,
        True,
        START,
    )
    assert (lives[1].tags, lives[1].locked) == ((), True)
    assert [live.found for live in lives] == [True] * 60 + [False]
    assert lives[60] == replace(lives[60], target=targets[60], found=False, tags=None)
