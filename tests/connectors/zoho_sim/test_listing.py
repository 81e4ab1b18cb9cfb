"""Lists of the simulated Zoho: fields, pages, walls, stamps, deletions."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

START = datetime(2026, 3, 1, 9, tzinfo=UTC)


def fill(zoho, count, *, step=1, **fields):
    """Accounts modified `step` seconds apart; their ids, oldest first."""
    stamps = [START + timedelta(seconds=step * index) for index in range(count)]
    with zoho.tenant.lock:
        return [zoho.tenant.add("account", name=f"客户{at:%H%M%S}", modified=at, **fields) for at in stamps]


def codes(*replies):
    return [(reply.status_code, reply.json()["code"]) for reply in replies]


def test_a_row_is_sent_with_the_orgs_offset_whole_seconds_and_long_ids(zoho):
    owner = zoho.tenant.add("user", name="王磊", email="wl@example.cn")
    parent = zoho.tenant.add("account", name="华北集团", modified=START)
    id = zoho.tenant.add(
        "account", name="华北精工 “北京”", wallet=1234567.5, owner=owner, parent=parent, tags=["老客户"], modified=START
    )

    reply = zoho.get(
        "Accounts", ids=id, fields="Account_Name,Wallet_Estimate,Owner,Parent_Account,Tag,Modified_Time,Fax,Nonsense"
    )

    (row,) = reply.json()["data"]
    assert row == {
        "id": id,
        "Account_Name": "华北精工 “北京”",
        "Wallet_Estimate": 1234567.5,
        "Owner": {"name": "王磊", "id": owner, "email": "wl@example.cn"},
        "Parent_Account": {"name": "华北集团", "id": parent},
        "Tag": [{"name": "老客户", "id": row["Tag"][0]["id"], "color_code": "#57B1FD"}],
        "Modified_Time": "2026-03-01T17:00:00+08:00",
        "Fax": None,
    }
    assert len(id) in (18, 19)


def test_fields_are_mandatory_at_most_fifty_and_never_the_id_alone(zoho):
    fifty_one = ",".join(f"F{number}" for number in range(51))

    replies = [zoho.get("Accounts"), zoho.get("Accounts", fields="id"), zoho.get("Accounts", fields=fifty_one)]
    long = zoho.get("Accounts", fields="Account_Name," + "x" * 1024)

    assert codes(*replies, long) == [
        (400, "REQUIRED_PARAM_MISSING"),
        (400, "INVALID_DATA"),
        (400, "LIMIT_EXCEEDED"),
        (400, "LIMIT_EXCEEDED"),
    ]


def test_an_empty_list_is_a_204_without_a_body(zoho):
    reply = zoho.get("Accounts", fields="Account_Name")

    assert (reply.status_code, reply.content) == (204, b"")


def test_a_walk_by_token_brings_every_row_once_past_the_wall(open_tenant):
    zoho = open_tenant(wall=400)
    ids = fill(zoho, 950, step=0)

    pages = zoho.walk("Accounts", "Account_Name", sort_by="Modified_Time", sort_order="asc")

    assert [len(page) for page in pages] == [200, 200, 200, 200, 150]
    assert [id for page in pages for id in page] == ids


def test_pages_by_number_end_at_the_wall(open_tenant):
    zoho = open_tenant(wall=400)
    fill(zoho, 450)

    second, third = [zoho.get("Accounts", fields="Account_Name", page=page) for page in (2, 3)]

    assert second.json()["info"]["more_records"] is True
    assert codes(third) == [(400, "DISCRETE_PAGINATION_LIMIT_EXCEEDED")]
    assert third.json()["details"] == {"limit": 400}


def test_a_walk_ends_at_the_ceiling_with_an_error_not_in_silence(open_tenant):
    zoho = open_tenant(ceiling=400)
    fill(zoho, 450)
    second = zoho.get("Accounts", fields="Account_Name", page=2).json()["info"]

    third = zoho.get("Accounts", fields="Account_Name", page_token=second["next_page_token"])

    assert codes(third) == [(400, "PAGINATION_LIMIT_EXCEEDED")]


def test_a_page_token_is_bound_to_its_parameters_and_dies_after_a_day(zoho):
    fill(zoho, 3)
    token = zoho.get("Accounts", fields="Account_Name", per_page=2).json()["info"]["next_page_token"]

    good = zoho.get("Accounts", fields="Account_Name", per_page=2, page_token=token)
    altered = [
        zoho.get("Accounts", fields="Account_Name,Phone", per_page=2, page_token=token),
        zoho.get("Accounts", fields="Account_Name", page_token=token),
        zoho.get("Accounts", fields="Account_Name", per_page=2, page_token="forged"),
        zoho.get("Accounts", fields="Account_Name", per_page=2, page_token=token, page=2),
    ]
    zoho.tenant.offset += timedelta(hours=24, seconds=1)
    zoho.token = zoho.mint().json()["access_token"]
    old = zoho.get("Accounts", fields="Account_Name", per_page=2, page_token=token)

    assert [len(good.json()["data"]), good.json()["info"]["more_records"]] == [1, False]
    assert codes(*altered, old) == [
        (400, "TOKEN_BOUND_DATA_MISMATCH"),
        (400, "TOKEN_BOUND_DATA_MISMATCH"),
        (400, "TOKEN_BOUND_DATA_MISMATCH"),
        (400, "AMBIGUITY_DURING_PROCESSING"),
        (400, "EXPIRED_VALUE"),
    ]


def test_a_row_edited_during_a_walk_is_seen_again_and_by_plain_pages_another_is_skipped(zoho):
    ids = fill(zoho, 6)
    query = {"fields": "Account_Name", "per_page": 3, "sort_by": "Modified_Time", "sort_order": "asc"}
    first = zoho.get("Accounts", **query).json()
    zoho.tenant.change("account", ids[0], phone="010-1")

    by_token = zoho.get("Accounts", **query, page_token=first["info"]["next_page_token"]).json()
    by_page = zoho.get("Accounts", **query, page=2).json()

    assert [row["id"] for row in by_token["data"]] == ids[3:6]
    assert by_token["info"]["more_records"] is True
    assert [row["id"] for row in by_page["data"]] == [*ids[4:6], ids[0]]


def test_modified_since_is_inclusive_and_304_when_nothing_is_newer(zoho):
    ids = fill(zoho, 3)
    query = {"fields": "Account_Name", "sort_by": "Modified_Time", "sort_order": "asc"}

    same = zoho.get("Accounts", headers={"If-Modified-Since": "2026-03-01T17:00:01+08:00"}, **query)
    later = zoho.get("Accounts", headers={"If-Modified-Since": "2026-03-01T17:00:03+08:00"}, **query)
    naive = zoho.get("Accounts", headers={"If-Modified-Since": "2026-03-01T17:00:03"}, **query)

    assert [row["id"] for row in same.json()["data"]] == ids[1:]
    assert (later.status_code, later.content) == (304, b"")
    assert codes(naive) == [(400, "INVALID_DATA")]


def test_rows_sort_by_id_falling_unless_asked_otherwise(zoho):
    ids = fill(zoho, 3, step=-1)

    falling = zoho.walk("Accounts", "Account_Name")
    rising = zoho.walk("Accounts", "Account_Name", sort_by="Created_Time", sort_order="asc", per_page=2)

    assert falling == [ids[::-1]]
    assert rising == [ids[:0:-1], ids[:1]]


def test_one_record_comes_whole_and_an_unknown_one_not_at_all(zoho):
    (id,) = fill(zoho, 1, uscc="91110108MA01ABCD2X")

    found, unknown = zoho.get(f"Accounts/{id}"), zoho.get("Accounts/5725767999999999999")

    assert found.json()["data"][0]["USCC"] == "91110108MA01ABCD2X"
    assert unknown.status_code == 204


def test_a_created_record_shows_in_lists_only_after_the_lag_but_at_once_by_its_id(open_tenant):
    zoho = open_tenant(visibility_lag=60)
    id = zoho.write("Tasks", {"Subject": "回访"}).json()["data"][0]["details"]["id"]

    early = [zoho.get("Tasks", fields="Subject"), zoho.coql("select Subject from Tasks where id is not null")]
    direct = zoho.get(f"Tasks/{id}")
    zoho.tenant.offset += timedelta(seconds=61)
    late = [zoho.get("Tasks", fields="Subject"), zoho.coql("select Subject from Tasks where id is not null")]

    assert [reply.status_code for reply in (*early, direct, *late)] == [204, 204, 200, 200, 200]


def test_deletions_have_a_list_of_their_own_by_type_and_time(zoho):
    binned, purged, kept = fill(zoho, 3)
    zoho.tenant.remove("account", binned)
    zoho.tenant.purge(purged)

    every = zoho.get("Accounts/deleted", type="all").json()["data"]
    permanent = zoho.get("Accounts/deleted", type="permanent").json()["data"]
    newer = zoho.get("Accounts/deleted", headers={"If-Modified-Since": "2199-01-01T00:00:00+08:00"})

    assert {(row["id"], row["type"]) for row in every} == {(binned, "recycle"), (purged, "permanent")}
    assert [row["id"] for row in permanent] == [purged]
    assert newer.status_code == 204
    assert zoho.walk("Accounts", "Account_Name") == [[kept]]


def test_a_restored_record_leaves_the_deletions_with_its_old_stamp(zoho):
    (id,) = fill(zoho, 1)
    zoho.tenant.remove("account", id)

    zoho.tenant.restore(id)

    assert zoho.get("Accounts/deleted").status_code == 204
    (row,) = zoho.get("Accounts", fields="Modified_Time").json()["data"]
    assert row == {"id": id, "Modified_Time": "2026-03-01T17:00:00+08:00"}


def test_a_merge_moves_the_children_and_deletes_the_loser(zoho):
    winner, loser = fill(zoho, 2)
    contact = zoho.tenant.add("contact", name="张三", account=loser, modified=START)

    zoho.tenant.merge(winner, loser)

    (row,) = zoho.get("Contacts", ids=contact, fields="Account_Name,Modified_Time").json()["data"]
    assert row["Account_Name"]["id"] == winner
    assert row["Modified_Time"] > "2026-03-01T17:00:00+08:00"
    assert zoho.get("Accounts/deleted").json()["data"][0]["id"] == loser


def test_the_deletions_end_at_the_wall_as_they_have_no_tokens(open_tenant):
    zoho = open_tenant(wall=2)
    for id in fill(zoho, 4):
        zoho.tenant.remove("account", id)

    pages = [zoho.get("Accounts/deleted", per_page=1, page=page) for page in (2, 3)]

    assert [reply.status_code for reply in pages] == [200, 400]
    assert pages[1].json()["code"] == "DISCRETE_PAGINATION_LIMIT_EXCEEDED"


def test_the_count_is_of_live_rows(zoho):
    ids = fill(zoho, 3)
    zoho.tenant.remove("account", ids[0])

    assert zoho.get("Accounts/actions/count").json() == {"count": "2"}


def test_related_lists_show_what_hangs_on_a_record(zoho):
    first, other = fill(zoho, 2)
    task = zoho.tenant.add("activity", kind="task", about=first, subject="回访")
    note = zoho.tenant.add("activity", kind="note", about=first, text="来访纪要")
    zoho.tenant.add("activity", kind="task", about=other)

    tasks = zoho.get(f"Accounts/{first}/Tasks", fields="Subject,What_Id,$se_module").json()["data"]
    notes = zoho.get(f"Accounts/{first}/Notes", fields="Parent_Id,Note_Content").json()["data"]

    assert [(row["id"], row["$se_module"]) for row in tasks] == [(task, "Accounts")]
    assert [(row["id"], row["Parent_Id"]["module"]["api_name"]) for row in notes] == [(note, "Accounts")]


def test_many_readers_at_a_time_each_get_the_whole(zoho):
    ids = fill(zoho, 500)
    walks = []

    threads = [threading.Thread(target=lambda: walks.append(zoho.walk("Accounts", "Phone"))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [[id for page in walk for id in page] for walk in walks] == [ids[::-1]] * 4


@pytest.mark.parametrize(
    "query", [{"per_page": 201}, {"page": 0}, {"page": "x"}, {"sort_by": "Phone"}, {"sort_order": "up"}]
)
def test_a_parameter_out_of_range_is_refused(zoho, query):
    assert codes(zoho.get("Accounts", fields="Phone", **query)) == [(400, "INVALID_DATA")]
