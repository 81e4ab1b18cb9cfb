"""A call of a CRM's makes a poll come sooner and does nothing else, however it comes: lost, late, twice, forged.

Calls go over real HTTP into the daemon's own door; what is looked at is what the store then holds.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from dataclasses import replace as changed
from datetime import datetime
from typing import Any

import pytest

from kamsync.config.listening import Address
from kamsync.daemon.hooks import Hooks
from kamsync.daemon.listen import Listener
from kamsync.engine import views_status
from kamsync.net import Stopped
from kamsync.testing.posting import Post, Posted, send
from kamsync.testing.server import Answer, Call
from kamsync.testing.tenant import Tenant
from tests.engine.desk import PEOPLE, Desk

STREAMS = PEOPLE
OBJECTS = {"zoho": "Accounts", "fxiaoke": "AccountObj"}


@dataclass
class Porch:
    """A desk with its front door open. Calls come from the first connection's tenant."""

    desk: Desk
    hooks: Hooks
    listener: Listener
    log: list[dict[str, Any]] = field(default_factory=list)

    @property
    def tenant(self) -> Tenant:
        return self.desk.tenant

    @property
    def name(self) -> str:
        return self.desk.connections[0]

    @property
    def url(self) -> str:
        return f"http://{self.listener.address}/hooks/{self.name}"

    def call_about(self, id: str) -> Post:
        """What the CRM sends now about this account."""
        headers, body = self.tenant.notice("account", id)
        return Post(self.url, headers, body)

    def status(self, *posts: Post) -> list[int]:
        return [send(post).status for post in posts]

    def look(self) -> None:
        """What the daemon does on a beat, some seconds later."""
        self.desk.wait(seconds=6)
        if self.hooks.is_due:
            self.hooks.work()

    @property
    def stored(self) -> dict[str, str | None]:
        return {row["remote_id"]: row["name"] for row in self.desk.rows("member")}

    @property
    def polls(self) -> int:
        return sum(row["kind"] == "hook" for row in self.desk.rows("run"))

    @property
    def traffic(self) -> int:
        return self.tenant.traffic.total


@pytest.fixture(params=["zoho", "fxiaoke"])
def porch(request: pytest.FixtureRequest) -> Iterator[Porch]:
    """Everything was read once, and an account is there."""
    desk: Desk = request.getfixturevalue(f"{request.param}_desk")
    desk.options[request.param] |= desk.tenant.listening
    desk.tenant.add("account", name="中国一拖集团有限公司")
    desk.pull()
    with opened(desk) as stack:
        yield stack.porch


class opened(ExitStack):
    """A daemon's hearing, from start to end."""

    def __init__(self, desk: Desk, public_url: str | None = None) -> None:
        super().__init__()
        desk.workspace.config = changed(
            desk.workspace.config,
            daemon=desk.workspace.config.daemon.model_copy(update={"public_url": public_url}),
        )
        log: list[dict[str, Any]] = []
        hooks = self.enter_context(Hooks(desk.workspace, listens=True))

        def note(event: str, **facts: Any) -> None:
            log.append({"event": event, **facts})

        listener = self.enter_context(Listener(Address("127.0.0.1", 0), hooks.ears.hear, note))
        self.porch = Porch(desk, hooks, listener, log)


# ---- what a call is good for


def test_a_change_is_stored_because_the_crm_called(porch: Porch) -> None:
    id = porch.tenant.add("account", name="安徽合力股份有限公司")

    answers = porch.status(porch.call_about(id))
    porch.look()

    assert answers[0] in (200, 202)
    assert porch.stored[id] == "安徽合力股份有限公司"


def test_nobody_is_asked_while_a_call_is_answered(porch: Porch) -> None:
    (id,) = porch.tenant.ids("account")
    before = porch.traffic

    porch.status(porch.call_about(id))

    assert porch.traffic == before


def test_only_what_was_named_is_polled_and_only_what_is_new_of_it(porch: Porch) -> None:
    """No look-back, no list of deletions, no sweep: those keep to the schedule."""
    (id,) = porch.tenant.ids("account")
    porch.desk.wait(days=2)
    porch.status(porch.call_about(id))
    lanes = {(row["stream"], row["lane"]): row["position"] for row in porch.desk.rows("cursor")}

    porch.look()

    after = {(row["stream"], row["lane"]): row["position"] for row in porch.desk.rows("cursor")}
    assert {key for key in after if after[key] != lanes.get(key)} == {("accounts", "records")}


@pytest.mark.parametrize("porch", ["fxiaoke"], indirect=True)
def test_what_shows_late_is_looked_at_once_more(porch: Porch) -> None:
    """The call is faster than the CRM's own lists."""
    porch.tenant.delay(30)
    id = porch.tenant.add("account", name="安徽合力股份有限公司")
    porch.status(porch.call_about(id))
    porch.look()
    before = porch.stored

    for _ in range(6):
        porch.desk.wait(minutes=3)
        porch.look()

    assert id not in before
    assert porch.stored[id] == "安徽合力股份有限公司"
    assert porch.polls == 2


# ---- calls that are lost, late, out of order, twice


def test_a_call_that_was_lost_costs_nothing_but_time(porch: Porch) -> None:
    id = porch.tenant.add("account", name="安徽合力股份有限公司")

    porch.look()
    before = porch.stored
    porch.desk.pull()

    assert id not in before
    assert porch.stored[id] == "安徽合力股份有限公司"


def test_a_call_that_comes_an_hour_late_is_refused_and_the_pull_brings_the_change(porch: Porch) -> None:
    id = porch.tenant.add("account", name="安徽合力股份有限公司")
    post = porch.call_about(id)
    porch.desk.wait(hours=1)

    answers = porch.status(post)
    porch.look()
    porch.desk.pull()

    assert (answers, porch.polls) == ([404], 0)
    assert porch.stored[id] == "安徽合力股份有限公司"


def test_calls_in_the_wrong_order_leave_what_the_crm_has(porch: Porch) -> None:
    (id,) = porch.tenant.ids("account")
    posts = []
    for name in ("第一拖拉机股份有限公司", "中国一拖集团有限公司", "洛阳一拖有限公司"):
        porch.desk.wait(seconds=2)
        porch.tenant.change("account", id, name=name)
        posts.append(porch.call_about(id))

    for post in reversed(posts):
        porch.status(post)
        porch.look()

    assert porch.stored == {id: "洛阳一拖有限公司"}


def test_a_call_that_comes_again_is_answered_as_the_first_and_polls_nothing(porch: Porch) -> None:
    (id,) = porch.tenant.ids("account")
    post = porch.call_about(id)
    first = porch.status(post)
    porch.look()
    polls = porch.polls

    again = porch.status(post, post)
    porch.look()

    assert again == first * 2
    assert (polls, porch.polls) == (1, 1)


def test_forty_calls_about_one_object_are_one_poll_and_one_row(porch: Porch) -> None:
    ids = [porch.tenant.add("account", name=f"客户{number}有限公司") for number in range(40)]

    with porch.desk.counts("UPDATE hook") as touched:
        answers = porch.status(*[porch.call_about(id) for id in ids])
    porch.look()

    assert set(answers) <= {200, 202}
    assert (touched.rows, porch.polls) == (1, 1)
    assert set(ids) <= set(porch.stored)


def test_a_call_that_comes_while_we_look_is_looked_at_after(porch: Porch) -> None:
    (id,) = porch.tenant.ids("account")
    handle, called = porch.tenant.server.handle, []

    def meanwhile(call: Call) -> Answer:
        answer = handle(call)
        if not called and ("coql" in call.path or "query" in call.path or "Accounts" in call.path):
            called.append(porch.tenant.add("account", name="恰在此时有限公司"))
            caller = threading.Thread(target=send, args=[porch.call_about(called[0])])
            caller.start()
            caller.join()
        return answer

    porch.tenant.server.handle = meanwhile
    porch.status(porch.call_about(id))
    porch.look()
    due = porch.hooks.ears.due
    porch.look()

    assert due == {porch.name}
    assert called[0] in porch.stored


def test_what_was_noted_outlives_the_daemon(porch: Porch) -> None:
    id = porch.tenant.add("account", name="安徽合力股份有限公司")
    porch.status(porch.call_about(id))

    with opened(porch.desk) as again:
        again.porch.look()

    assert porch.stored[id] == "安徽合力股份有限公司"


def test_a_poll_that_could_not_begin_is_begun_later(porch: Porch) -> None:
    """Somebody else writes: what waits goes on waiting."""
    from kamsync.engine.ledger import AlreadyWriting
    from kamsync.store import writing

    id = porch.tenant.add("account", name="安徽合力股份有限公司")
    porch.status(porch.call_about(id))
    with writing(porch.desk.workspace.store), pytest.raises(AlreadyWriting):
        porch.look()

    porch.look()

    assert porch.stored[id] == "安徽合力股份有限公司"


def test_a_poll_that_was_cut_off_is_made_again(porch: Porch) -> None:
    """Whoever stops the daemon may change their mind; what waited still does."""
    id = porch.tenant.add("account", name="安徽合力股份有限公司")
    porch.status(porch.call_about(id))
    porch.desk.workspace.stop.set()
    with pytest.raises(Stopped):
        porch.look()
    porch.desk.workspace.stop.clear()

    porch.look()

    assert porch.stored[id] == "安徽合力股份有限公司"


# ---- calls that are not the CRM's, or say what is not so


def _forged(porch: Porch, id: str) -> list[Post]:
    whole = porch.call_about(id)
    said = json.loads(whole.body)
    bodies = [
        b"", b"{}", b"[]", b"null", b"\xff\xfe", b"<html>", b"[" * 5000, b"9" * 9999,
        json.dumps(said | {"token": "x", "signature": "0" * 40}).encode(),
        json.dumps(said | {"token": None, "signature": None}).encode(),
        json.dumps(said | {"token": "\ud800", "signature": "\ud800"}).encode(),
        json.dumps({"module": "Accounts", "apiName": "AccountObj", "ids": [id]}).encode(),
    ]  # fmt: skip
    return [changed(whole, body=body) for body in bodies]


def test_a_forged_call_is_turned_away_and_moves_nothing(porch: Porch) -> None:
    (id,) = porch.tenant.ids("account")
    porch.tenant.change("account", id, name="改了名有限公司")
    before = porch.stored, porch.traffic, porch.desk.rows("hook")

    answers = porch.status(*_forged(porch, id))
    porch.look()

    assert set(answers) == {404}
    assert (porch.stored, porch.traffic, porch.desk.rows("hook")) == before
    assert porch.polls == 0


def test_a_genuine_call_at_another_connections_door_is_turned_away(porch: Porch) -> None:
    (id,) = porch.tenant.ids("account")
    post = porch.call_about(id)
    other = {"zoho": "fxiaoke", "fxiaoke": "zoho"}[porch.name]

    answers = porch.status(*(changed(post, url=post.url.replace(porch.name, name)) for name in (other, "x", "")))

    assert answers == [404, 404, 404]


def test_a_call_changes_no_data_by_what_it_says(porch: Porch) -> None:
    """It says that the account was deleted, and names another tenant's ids: the CRM's lists are asked, nothing else."""
    (id,) = porch.tenant.ids("account")
    if porch.name == "zoho":
        said = json.loads(porch.call_about(id).body)
        lies = said | {"operation": "delete", "affected_values": [{"record_id": id, "values": {"Account_Name": "假"}}]}
        post = changed(porch.call_about(id), body=json.dumps(lies).encode())
    else:
        post = Post(porch.url, {}, porch.desk.fxiaoke.event("AccountObj", id, "delete"))

    answers = porch.status(post)
    porch.look()

    assert answers[0] in (200, 202)
    assert porch.stored == {id: "中国一拖集团有限公司"}
    assert porch.desk.raw(porch.name, "accounts") == {id: "live"}


def test_an_object_that_the_mapping_does_not_read_is_forgotten_at_once(porch: Porch) -> None:
    """Nobody fills the store with names, however well the calls are proven."""
    if porch.name == "zoho":
        said = json.loads(porch.call_about("1").body)
        posts = [
            changed(porch.call_about("1"), body=json.dumps(said | {"module": f"Own_{n}"}).encode()) for n in range(9)
        ]
    else:
        posts = [Post(porch.url, {}, porch.desk.fxiaoke.event(f"own_{n}__c", "6" * 24)) for n in range(9)]

    answers = porch.status(*posts)

    assert set(answers) <= {200, 202}
    assert porch.desk.rows("hook") == []
    assert not porch.hooks.ears.due


def test_a_call_begins_no_first_load(request: pytest.FixtureRequest) -> None:
    desk: Desk = request.getfixturevalue("zoho_desk")
    desk.options["zoho"] |= desk.tenant.listening
    id = desk.tenant.add("account", name="中国一拖集团有限公司")

    with opened(desk) as stack:
        answers = stack.porch.status(stack.porch.call_about(id))
        stack.porch.look()

    assert (answers, stack.porch.stored) == ([202], {})


def test_without_a_secret_nobody_is_believed_and_it_is_told(request: pytest.FixtureRequest) -> None:
    desk: Desk = request.getfixturevalue("zoho_desk")
    desk.tenant.add("account", name="中国一拖集团有限公司")

    with opened(desk) as stack:
        (answer,) = stack.porch.status(stack.porch.call_about(desk.tenant.ids("account")[0]))

    assert answer == 404
    assert [line["why"] for line in stack.porch.log] == ["unset"]


# ---- being called


@pytest.fixture
def watched(zoho_desk: Desk) -> Iterator[Porch]:
    zoho_desk.options["zoho"] |= zoho_desk.tenant.listening
    zoho_desk.pull()
    with opened(zoho_desk, "https://sync.example.cn") as stack:
        yield stack.porch


def _dies(porch: Porch) -> datetime | None:
    channels = list(porch.desk.zoho.crm.channels.values())
    return datetime.fromtimestamp(channels[0].dies, porch.tenant.now().tzinfo) if channels else None


def test_the_crm_is_asked_to_call_about_what_the_mapping_reads(watched: Porch) -> None:
    watched.look()

    (channel,) = watched.desk.zoho.crm.channels.values()
    assert channel.url == "https://sync.example.cn/hooks/zoho"
    assert sorted(channel.events) == ["Accounts.all", "Contacts.all"]


def test_a_watch_is_renewed_long_before_it_ends(watched: Porch) -> None:
    watched.look()
    first = _dies(watched)
    watched.look()
    again = _dies(watched)

    watched.desk.wait(days=1)
    watched.look()

    renewed = _dies(watched)
    assert first == again
    assert first is not None
    assert renewed is not None
    assert renewed > first


def test_a_watch_of_an_hour_is_renewed_at_half_its_life(watched: Porch) -> None:
    """Zoho gives an hour to whom it does not like, whatever was asked for."""
    handle = watched.tenant.server.handle

    def shortened(call: Call) -> Answer:
        answer = handle(call)
        for channel in watched.desk.zoho.crm.channels.values():
            channel.dies = min(channel.dies, watched.desk.zoho.crm.now() + 3600)
        if call.path.endswith("/actions/watch") and answer.status < 300:
            said = json.loads(answer.wire()[0])
            for event in said["watch"][0]["details"]["events"]:
                event["channel_expiry"] = watched.desk.zoho.org.iso(watched.desk.zoho.crm.now() + 3600)
            return changed(answer, body=said)
        return answer

    watched.tenant.server.handle = shortened
    watched.look()
    first = _dies(watched)

    watched.desk.wait(minutes=31)
    watched.look()

    second = _dies(watched)
    assert first is not None
    assert second is not None
    assert second > first


def test_a_watch_that_the_crm_lost_is_begun_anew_and_the_pull_covers_until_then(watched: Porch) -> None:
    watched.look()
    watched.desk.zoho.crm.channels.clear()
    id = watched.tenant.add("account", name="无人通知的客户有限公司")
    watched.desk.pull()

    watched.desk.wait(days=1)
    watched.look()

    assert watched.stored[id] == "无人通知的客户有限公司"
    assert _dies(watched) is not None


def test_a_crm_that_will_not_call_is_a_concern_until_it_will(watched: Porch) -> None:
    knobs = watched.desk.zoho.knobs
    scopes = knobs.scopes
    knobs.scopes = tuple(scope for scope in scopes if "notifications" not in scope)
    watched.look()
    told = [row["kind"] for row in watched.desk.rows("concern")]
    verdict = views_status.status(watched.desk.workspace).verdict
    knobs.scopes = scopes

    watched.desk.wait(minutes=11)
    watched.look()

    assert (told, verdict) == (["watch"], "degraded")
    assert watched.desk.rows("concern") == []
    assert _dies(watched) is not None


def test_another_public_address_takes_the_place_of_the_one_before(watched: Porch) -> None:
    watched.look()

    with opened(watched.desk, "https://new.example.cn") as stack:
        stack.porch.look()

    assert [channel.url for channel in watched.desk.zoho.crm.channels.values()] == ["https://new.example.cn/hooks/zoho"]


def test_status_says_who_called_last(porch: Porch) -> None:
    (id,) = porch.tenant.ids("account")
    before = views_status.status(porch.desk.workspace).callers

    sent: list[Posted] = [send(porch.call_about(id))]

    (caller,) = views_status.status(porch.desk.workspace).callers
    assert (before, sent[0].status in (200, 202)) == ([], True)
    assert (caller.connection, caller.last is not None) == (porch.name, True)
