"""A simulated Fenxiang Xiaoke (纷享销客) enterprise behind a real HTTP door.

POST and JSON only; every answer is HTTP 200, failures too. State lives in `crm`, behaviour in the files beside.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from kamsync.testing.posting import Post
from kamsync.testing.server import Answer, Call
from kamsync.testing.tenant import Tenant, TrueTask
from kamsync_fxiaoke.sim import bridge, hands, metadata, push, query, writing
from kamsync_fxiaoke.sim.crm import Asked, Crm, Knobs
from kamsync_fxiaoke.sim.door import credentials
from kamsync_fxiaoke.sim.envelope import QUOTA_SPENT, TOKEN_PARAMETER, TOO_OFTEN, Problem, missing
from kamsync_fxiaoke.sim.limits import Limits
from kamsync_fxiaoke.sim.people import Employee
from kamsync_fxiaoke.sim.rows import Row
from kamsync_fxiaoke.sim.schedule import true_task
from kamsync_fxiaoke.sim.tokens import App, Tokens
from kamsync_fxiaoke.sim.values import ms

_Verb = Callable[[Crm, Asked], dict[str, Any]]
_VERBS: dict[str, _Verb] = {
    "query": query.query, "get": query.get, "create": writing.create, "update": writing.update,
    "invalid": writing.invalidate, "delete": writing.delete, "recover": writing.recover,
    "changeOwner": writing.change_owner,
}  # fmt: skip
_CRM: dict[str, _Verb] = {
    **{f"/cgi/crm/v2/data/{verb}": act for verb, act in _VERBS.items()},
    **{f"/cgi/crm/custom/v2/data/{verb}": act for verb, act in _VERBS.items()},
    "/cgi/crm/custom/v2/data/findSimple": query.find_simple,
    "/cgi/crm/custom/v2/data/findOne": query.find_one,
    "/cgi/crm/custom/data/invalid": writing.invalidate,
    "/cgi/crm/v2/object/list": metadata.list_objects,
    "/cgi/crm/v2/object/describe": metadata.describe,
    "/cgi/crm/v2/object/lock": writing.lock,
    "/cgi/crm/v2/object/unlock": writing.unlock,
    "/cgi/crm/v2/special/function": bridge.function,
    "/cgi/message/send": bridge.message,
}


class FxiaokeTenant(Tenant):
    """One enterprise and one app. Keyword arguments beyond the base's are the fields of `Knobs`."""

    def __init__(
        self,
        *,
        port: int = 0,
        latency: float = 0.0,
        state: Path | None = None,
        app: App | None = None,
        acting_user: str = "1000",
        **knobs: Any,
    ) -> None:
        super().__init__(port=port, latency=latency, state=state)
        self.app = app or App()
        self.knobs = Knobs(**knobs)
        self.crm = Crm(self.now, acting_user, self.knobs)
        self.tokens = Tokens(self.app, self.now, max(0.02, latency), self.knobs)
        self.limits = Limits(self.now)
        self.events_to: str | None = None  # the address that an admin entered for the event subscription
        self._events = itertools.count(1)
        self.untraced = 0  # calls without a thirdTraceId of their own
        self._traces: set[str] = set()
        people = self.crm.people
        self._directory: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
            "/cgi/user/list": people.list,
            "/cgi/user/simpleList": people.list,
            "/cgi/user/get": people.get,
            "/cgi/user/getByMobile": people.by_mobile,
            "/cgi/user/get/batchByUpdTime": people.changed_between,
            "/cgi/department/list": people.departments,
        }

    # ---- the door

    def handle(self, call: Call) -> Answer:
        try:
            return Answer(200, self._answer(call))
        except Problem as problem:
            return Answer(200, problem.body())

    def _answer(self, call: Call) -> dict[str, Any]:
        path = call.path
        token_calls = {"/oauth2.0/token": self.tokens.current, "/cgi/corpAccessToken/get/V2": self.tokens.legacy}
        if path not in token_calls and path not in _CRM and path not in self._directory:
            raise Problem(TOKEN_PARAMETER, f"the request uri {path} does not exist")
        if call.method != "POST":
            raise Problem(TOKEN_PARAMETER, f"the request uri {path} does not exist for {call.method}")
        body = _body(call)
        if path in token_calls:
            return token_calls[path](body)
        with self.lock:
            self._trace(call)
            asked = credentials(self.crm, self.tokens, call, body, needs_actor=path in _CRM)
            self.limits.admit(path, self.knobs.calls_per_20s, self.knobs.daily_quota)
            if path in _CRM:
                return _CRM[path](self.crm, asked)
            return self._directory[path](body)

    def _trace(self, call: Call) -> None:
        given = call.query.get("thirdTraceId", "")
        if not given or given in self._traces:
            self.untraced += 1
        self._traces.add(given)

    def options(self) -> Mapping[str, Any]:
        return {
            "base_url": self.url, "app_id": self.app.app_id, "app_secret": self.app.app_secret,
            "permanent_code": self.app.permanent_code, "acting_user": self.crm.acting_user,
            "allow_hosts": [f"127.0.0.1:{self.server.port}"], "calls_per_20s": self.knobs.calls_per_20s,
        }  # fmt: skip

    most_rows = 100

    @property
    def workflows_fired(self) -> int:
        return self.crm.workflows_fired

    def too_fast(self) -> Answer:
        return Answer(200, Problem(TOO_OFTEN, "the frequency limit of this interface is exceeded").body())

    def spent(self) -> Answer:
        return Answer(200, Problem(QUOTA_SPENT, "the daily OpenAPI quota is used up").body())

    def expire_token(self) -> None:
        self.tokens.kill()

    def dump(self) -> Any:
        return {"crm": self.crm.dump(), "tokens": self.tokens.dump(), "limits": self.limits.dump()}

    def says(self, code: str) -> Answer:
        return Answer(200, Problem(int(code), f"the code {code}", described=len(code) > 5).body())

    def roll_back(self, state: Any) -> None:
        with self.lock:
            last = self.crm.serial
            self.crm.load(state["crm"])
            self.crm.serial = max(last, self.crm.serial)

    def load(self, state: Any) -> None:
        self.crm.load(state["crm"])
        self.tokens.load(state["tokens"])
        if "limits" in state:  # not in what older simulators left
            self.limits.load(state["limits"])

    # ---- people's hands

    def add(self, entity: str, *, modified: datetime | None = None, **neutral: Any) -> str:
        with self.lock:
            at = ms(modified or self.now())
            if entity == "user":
                return self._hire(at, neutral)
            name, values = self._placed(entity, neutral)
            owner = (values.get("owner") or [self.crm.person()])[0]
            values = {"name": self._usual_name(name), **values}
            kept = {field: value for field, value in values.items() if value is not None}
            id = str(self.crm.born(name, kept, at=at, by=owner, owner=owner)["_id"])
            self._tell(name, id, "insert")
            return id

    def change(self, entity: str, id: str, *, modified: datetime | None = None, **neutral: Any) -> None:
        with self.lock:
            at = ms(modified or self.now())
            if entity == "user":
                self.crm.hire(_employee(id, at, neutral, self.crm.people.employees[id]))
                return
            row = self._any(entity, id)
            if entity == "activity":
                values = hands.activity_values(self.crm, row["object_describe_api_name"], neutral)
            else:
                values = hands.values(self.crm, entity, neutral)
            self.crm.alter(row, values, by=self.crm.person(), at=at)
            self._tell(row["object_describe_api_name"], id, "update")

    def remove(self, entity: str, id: str) -> None:
        with self.lock:
            if entity == "user":
                self.crm.leave(id)
                return
            row = self._any(entity, id)
            self.crm.tables[row["object_describe_api_name"]].drop(id)
            self._tell(row["object_describe_api_name"], id, "delete")

    def invalidate(self, entity: str, id: str) -> None:
        """A person moves a record into the recycle bin (作废)."""
        with self.lock:
            writing.void(self.crm, self._any(entity, id), self.crm.person())

    discard = invalidate

    def recover(self, entity: str, id: str) -> None:
        """A person takes a record out of the recycle bin again."""
        with self.lock:
            writing.restore(self.crm, self._any(entity, id), self.crm.person())

    def pool(self, id: str) -> None:
        """An account goes back into a pool (公海): nobody owns it."""
        with self.lock:
            changes = {"high_seas_id": "6500000000000000000000aa", "owner": None}
            self.crm.alter(self.crm.row("AccountObj", id), changes, by=self.crm.person(), at=ms(self.now()))

    def event(self, name: str, id: str, kind: str = "update", *, retry: int | None = None) -> bytes:
        """What the CRM would push about a record now."""
        at = ms(self.now())
        plain = {
            "tenantId": int(self.crm.people.tenant_id), "eventType": kind, "apiName": name, "dataId": id,
            "timestamp": at, "messageId": f"AC{at:x}{id[-6:]}{next(self._events):x}",
        }  # fmt: skip
        return push.event(self.app.aes_key, plain, at=at, ea=self.app.ea, retry=retry)

    def posts(self, entity: str, id: str) -> Sequence[Post]:
        return self._posts(hands.ENTITIES[entity][0], id, "update")

    def _posts(self, name: str, id: str, kind: str) -> list[Post]:
        return [Post(self.events_to, {}, self.event(name, id, kind))] if self.events_to else []

    def _tell(self, name: str, id: str, kind: str) -> None:
        """Push what people's hands did."""
        for post in self._posts(name, id, kind):
            self.postman.take(post)

    def restore(self, id: str) -> None:
        self.recover("account", id)

    def lock_record(self, id: str) -> None:
        self.lock_row(id)

    def delay(self, seconds: float) -> None:
        self.knobs.lag = seconds

    def reword_task(self, id: str, subject: str) -> None:
        """The subject is the first line of its one text."""
        with self.lock:
            _, *rest = str(self.crm.row("ScheduleObj", id).get("content", "")).split("\n")
        self.change("activity", id, subject="\n".join([subject, *rest]))

    @property
    def listening(self) -> Mapping[str, Any]:
        return {"aes_key": self.app.aes_key}

    def notice(self, entity: str, id: str) -> tuple[Mapping[str, str], bytes]:
        return {}, self.event(hands.ENTITIES[entity][0], id)

    def lock_row(self, id: str, *, on: bool = True) -> None:
        """An approval locks a record, or lets it go."""
        with self.lock:
            name = self.crm.object_of(id)
            row = self.crm.row(name or "", id)
            self.crm.alter(row, {"lock_status": "1" if on else "0"}, by=self.crm.person(), at=ms(self.now()))

    def ids(self, entity: str) -> Sequence[str]:
        with self.lock:
            if entity == "user":
                return list(self.crm.people.employees)
            rows = (row for name in _objects_of(entity) for row in self.crm.tables[name].rows.values())
            return [row["_id"] for row in rows if row["life_status"] != "invalid"]

    def tags(self, id: str) -> tuple[str, ...]:
        with self.lock:
            options = self.crm.objects["AccountObj"].fields["kam_tags__c"].options
            return tuple(options[value] for value in self.crm.row("AccountObj", id).get("kam_tags__c", ()))

    def set_tags(self, id: str, tags: Sequence[str]) -> None:
        with self.lock:
            spec = self.crm.objects["AccountObj"].fields["kam_tags__c"]
            values = [spec.value(tag) for tag in tags] or None
            row = self.crm.row("AccountObj", id)
            self.crm.alter(row, {"kam_tags__c": values}, by=self.crm.person(), at=ms(self.now()))

    def tasks(self) -> Sequence[TrueTask]:
        with self.lock:
            rows = self.crm.tables["ScheduleObj"].rows.values()
            schedules = [row for row in rows if row["life_status"] != "invalid"]
            return [
                *(true_task(row, by_us=row["_id"] in self.crm.made) for row in schedules),
                *(bridge.true_task(id, task) for id, task in self.crm.work.items()),
            ]

    def close_task(self, id: str) -> None:
        self.change("activity", id, status="done")

    def remove_task(self, id: str) -> None:
        self.remove("activity", id)

    def copy_task(self, id: str) -> str:
        with self.lock:
            row = self.crm.row("ScheduleObj", id)
            kept = ("content", "begin_time", "end_time", "participants", "related_object_data")
            values = {name: row[name] for name in kept if name in row}
            by = self.crm.person()
            return str(self.crm.born("ScheduleObj", values, at=ms(self.now()), by=by, owner=by)["_id"])

    def _placed(self, entity: str, neutral: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        if entity != "activity":
            return hands.ENTITIES[entity][0], hands.values(self.crm, entity, neutral)
        name = hands.activity_object(str(neutral.get("kind")), done=neutral.get("status") != "planned")
        return name, hands.activity_values(self.crm, name, neutral)

    def _usual_name(self, name: str) -> str:
        """A name for a record that was added without one."""
        thing = self.crm.objects[name]
        number = len(self.crm.tables[name].rows) + 1
        return f"{thing.numbered}-{number:06d}" if thing.numbered else f"{thing.label}{number}"

    def _any(self, entity: str, id: str) -> Row:
        """The row of an entity, whichever of its objects keeps it."""
        name = next((one for one in _objects_of(entity) if id in self.crm.tables[one].rows), _objects_of(entity)[0])
        return self.crm.row(name, id)

    def _hire(self, at: int, neutral: Mapping[str, Any]) -> str:
        id = self.crm.people.fresh_id()
        usual = Employee(id, f"员工{id}", mobile=f"1390000{int(id):04d}", created=at, changed=at)
        self.crm.hire(_employee(id, at, neutral, usual))
        return id


def _objects_of(entity: str) -> tuple[str, ...]:
    return hands.ACTIVITIES if entity == "activity" else (hands.ENTITIES[entity][0],)


def _employee(id: str, at: int, neutral: Mapping[str, Any], was: Employee) -> Employee:
    """An employee as told in neutral words, otherwise as they were."""
    leader = neutral.get("manager", was.leader)
    return Employee(
        id,
        str(neutral.get("name", was.name)),
        str(neutral.get("email", was.email) or ""),
        str(neutral.get("phone", was.mobile) or ""),
        neutral.get("active", was.active) is not False,
        None if leader is None else hands.ref(leader),
        was.created,
        at,
    )


def _body(call: Call) -> Mapping[str, Any]:
    try:
        body = json.loads(call.body or b"{}", parse_float=Decimal)
    except ValueError:
        raise missing("body (JSON)") from None
    if not isinstance(body, dict):
        raise missing("body (a JSON object)")
    return body
