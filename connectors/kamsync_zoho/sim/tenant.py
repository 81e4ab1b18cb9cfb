"""The simulated Zoho CRM tenant: its door, its clock, and the hands of the people who work in it.

State and answers live in the neighbouring files; here they meet.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from kamsync.testing.posting import Post
from kamsync.testing.server import Answer, Call, dumps
from kamsync.testing.tenant import Tenant, TrueTask
from kamsync_zoho.sim import actions, channels, persist, routes
from kamsync_zoho.sim.bulk import Bulk
from kamsync_zoho.sim.crm import Crm
from kamsync_zoho.sim.fields import modules
from kamsync_zoho.sim.knobs import Knobs
from kamsync_zoho.sim.limits import Limits
from kamsync_zoho.sim.metadata import make_user
from kamsync_zoho.sim.neutral import MODULES, USER_FIELDS, body_of, completed, module_of
from kamsync_zoho.sim.oauth import CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN, OAuth
from kamsync_zoho.sim.refusals import Refusal
from kamsync_zoho.sim.state import Org, Row

HEAVY = re.compile(r"POST /crm/v8/coql|(GET|POST|PUT) /crm/v8/[A-Z]\w*(/search|/upsert)?")
NOTIFY_TOKEN = "simulated-notify-token-51c7"
MARKER = re.compile(r"kam:R\d\d:[^\s:]+:[a-z2-7]{26}")


class ZohoTenant(Tenant):
    """One org. Knobs (see `Knobs`) are keyword arguments, and may be turned later on `tenant.knobs`."""

    def __init__(self, *, port: int = 0, latency: float = 0.0, state: Path | None = None, **knobs: Any) -> None:
        self.knobs = Knobs(**knobs)
        super().__init__(port=port, latency=latency, state=state)
        org = Org(
            modules(task_key=self.knobs.task_key_field, extra=self.knobs.extra_fields), ZoneInfo(self.knobs.time_zone)
        )
        limits = Limits(self.knobs, self.epoch)
        oauth = OAuth(self.knobs, self.epoch, lambda: self.url)
        self.crm = Crm(org, self.knobs, self.epoch, limits, oauth, us="", admin="")
        self.crm.bulk = Bulk()
        self.crm.admin = make_user(self.crm, "系统管理员", "admin@example.cn", profile="Administrator")
        self.crm.us = make_user(self.crm, "kamsync", "kamsync@example.cn", profile="Administrator")

    @property
    def org(self) -> Org:
        return self.crm.org

    @property
    def workflows_fired(self) -> int:
        """Records written with `trigger` absent, or with workflow in it."""
        return self.crm.workflows_fired

    @property
    def credits_spent(self) -> int:
        return self.crm.limits.spent

    def epoch(self) -> float:
        return self.now().timestamp()

    # ---- the door

    def handle(self, call: Call) -> Answer:
        with self.lock:
            if call.path == "/oauth/v2/token":
                return self.crm.oauth.serve(call)
            headers: dict[str, str] = {}
            try:
                self.crm.limits.admit(self.traffic.in_flight, self._of_the_class())
                headers["X-ACCESSTOKEN-RESET"] = self.org.iso(self.crm.oauth.check(call))
                answer = routes.answer(self.crm, call)
            except Refusal as refusal:
                answer = refusal.answer()
            body = answer.body if answer.body is None or isinstance(answer.body, bytes) else dumps(answer.body)
            return Answer(answer.status, body, {**headers, **answer.headers, **self.crm.limits.headers()})

    def _of_the_class(self) -> int:
        """Calls under way that count against the second, smaller limit."""
        return sum(count for name, count in list(self.traffic.open.items()) if HEAVY.fullmatch(name))

    def options(self) -> Mapping[str, Any]:
        return {
            "accounts_url": self.url,
            "allow_hosts": [f"127.0.0.1:{self.server.port}"],
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "refresh_token": REFRESH_TOKEN,
        }

    def dump(self) -> Any:
        with self.lock:
            return persist.dump(self.crm)

    def load(self, state: Any) -> None:
        with self.lock:
            persist.load(self.crm, state)

    def roll_back(self, state: Any) -> None:
        """Who is signed in stays signed in, and what was used of the day's credits stays used."""
        with self.lock:
            last, tokens, ledger = self.org.last_id, dict(self.crm.oauth.tokens), list(self.crm.limits.ledger)
            used, spent = self.crm.limits.used, self.crm.limits.spent
            persist.load(self.crm, state)
            self.org.last_id = max(last, self.org.last_id)
            self.crm.oauth.tokens = tokens
            self.crm.limits.ledger.clear()
            self.crm.limits.ledger.extend(ledger)
            self.crm.limits.used, self.crm.limits.spent = used, spent

    def says(self, code: str) -> Answer:
        return Refusal(code).answer()

    # ---- people's hands

    def add(self, entity: str, *, modified: datetime | None = None, **neutral: Any) -> str:
        with self.lock:
            if entity == "user":
                return self._add_user(neutral, modified)
            at = modified.timestamp() if modified else self.epoch()
            module, kind = module_of(entity, neutral)
            body = completed(self.org, module, {**body_of(self.org, module, neutral), **kind}, at)
            body["Tag"] = [self.org.tag(module, name) for name in neutral.get("tags", ())]
            born = neutral.get("created_at") or neutral.get("opened_at")
            created = born.timestamp() if isinstance(born, datetime) else at
            row = self.org.insert(module, body, at=at, created=min(created, at), by=self.crm.admin)
            self._tell(row, "insert")
            return row.id

    def _add_user(self, neutral: Mapping[str, Any], modified: datetime | None) -> str:
        id = make_user(self.crm, neutral.get("name", "员工"), neutral.get("email", ""))
        self._change_user(id, neutral, modified)
        return id

    def _change_user(self, id: str, neutral: Mapping[str, Any], modified: datetime | None) -> None:
        user = self.org.users[id]
        user.update({USER_FIELDS[name]: value for name, value in neutral.items() if name in USER_FIELDS})
        if neutral.get("active") is not None:
            user["status"] = "active" if neutral["active"] else "inactive"
        if neutral.get("manager") is not None:
            user["Reporting_To"] = self.org.user_ref(str(getattr(neutral["manager"], "id", neutral["manager"])))
        user["Modified_Time"] = self.org.iso(modified.timestamp() if modified else self.epoch())
        for email in (False, True):
            self.org.user_ref(id, email=email)

    def change(self, entity: str, id: str, *, modified: datetime | None = None, **neutral: Any) -> None:
        with self.lock:
            if entity == "user":
                self._change_user(id, neutral, modified)
                return
            row = self.org.must(id)
            at = modified.timestamp() if modified else self.epoch()
            self.org.update(row, body_of(self.org, row.module, neutral), at=at, by=self.crm.admin)
            self._tell(row, "update")

    def remove(self, entity: str, id: str) -> None:
        """Into the recycle bin; `purge` empties it. A user is only marked as deleted."""
        with self.lock:
            if entity == "user":
                self.org.users[id]["status"] = "deleted"
                return
            row = self.org.must(id)
            self.org.delete(row, at=self.epoch(), by=self.crm.admin)
            self._tell(row, "delete")

    def purge(self, id: str) -> None:
        """Delete past the recycle bin."""
        with self.lock:
            self.org.delete(self.org.must(id), at=self.epoch(), by=self.crm.admin, kind="permanent")

    def restore(self, id: str) -> None:
        """Back from the recycle bin, the stamp as it was."""
        with self.lock:
            self.org.restore(id)

    def merge(self, winner: str, loser: str) -> None:
        """A person merges two records: the children move, the loser is deleted."""
        with self.lock:
            self.org.merge(self.org.must(winner), self.org.must(loser), at=self.epoch(), by=self.crm.admin)

    def convert(self, id: str) -> None:
        """A person turns a lead into an account and a contact."""
        with self.lock:
            actions.convert_lead(self.crm, self.org.must(id))

    def notices(self, id: str, operation: str = "update") -> list[bytes]:
        """What Zoho would post to the channels that watch this record's module."""
        with self.lock:
            return [body for _, body in channels.calls_for(self.crm, self.org.must(id), operation)]

    def posts(self, entity: str, id: str) -> Sequence[Post]:
        with self.lock:
            return self._posts(self.org.must(id), "update")

    def _posts(self, row: Row, operation: str) -> list[Post]:
        kind = {"content-type": "application/json"}
        return [Post(url, kind, body) for url, body in channels.calls_for(self.crm, row, operation)]

    def _tell(self, row: Row, operation: str) -> None:
        """Post to the channels what people's hands did."""
        for post in self._posts(row, operation):
            self.postman.take(post)

    # ---- what the conformance suite turns

    def delay(self, seconds: float) -> None:
        self.knobs.visibility_lag = seconds

    def wall(self, rows: int) -> None:
        self.knobs.wall = rows

    def forbid(self, entity: str) -> None:
        self.knobs.unreadable = MODULES[entity]

    def drop_field(self, entity: str, name: str) -> None:
        self.hide_field(MODULES[entity][0], name)

    @property
    def listening(self) -> Mapping[str, Any]:
        return {"notify_token": NOTIFY_TOKEN}

    def notice(self, entity: str, id: str) -> tuple[Mapping[str, str], bytes]:
        said = {"module": MODULES[entity][0], "ids": [id], "operation": "update", "token": NOTIFY_TOKEN,
                "server_time": int(self.epoch() * 1000)}  # fmt: skip
        return {"content-type": "application/json"}, dumps(said)

    def lock_record(self, id: str, *, locked: bool = True) -> None:
        """An approval process locks a record (or lets it go): writes to it answer RECORD_LOCKED."""
        with self.lock:
            self.org.must(id).body["Locked__s"] = locked

    def calculate(self, id: str, **fields: Any) -> None:
        """A formula or roll-up comes to another value; the stamp moves only if the knob says so."""
        with self.lock:
            touch = self.knobs.formulas_move_modified
            self.org.update(self.org.must(id), fields, at=self.epoch(), by=self.crm.admin, touch=touch)

    def hide_field(self, module: str, name: str) -> None:
        """The profile may no longer see a field: it is gone from metadata, lists and COQL."""
        with self.lock:
            self.org.hidden.add((module, name))

    def forget_places(self) -> None:
        """Page tokens live a day: let it pass."""
        self.offset += timedelta(seconds=self.knobs.page_token_ttl + 1)

    def too_fast(self) -> Answer:
        return replace(Refusal("TOO_MANY_REQUESTS", status=429).answer(), headers={"Retry-After": "3"})

    def spent(self) -> Answer:
        return replace(Refusal("TOO_MANY_REQUESTS", status=429).answer(), headers={"X-API-CREDITS-REMAINING": "0"})

    # ---- the truth

    def ids(self, entity: str) -> Sequence[str]:
        with self.lock:
            if entity == "user":
                return [id for id, user in self.org.users.items() if user["status"] != "deleted"]
            return [str(num) for module in MODULES[entity] for num in self.org.tables[module].rows]

    def tags(self, id: str) -> tuple[str, ...]:
        with self.lock:
            return tuple(tag["name"] for tag in self.org.must(id).body["Tag"])

    def set_tags(self, id: str, tags: Sequence[str]) -> None:
        with self.lock:
            row = self.org.must(id)
            found = [self.org.tag(row.module, name) for name in dict.fromkeys(tags)]
            touch = self.knobs.tags_move_modified
            self.org.update(row, {"Tag": found}, at=self.epoch(), by=self.crm.admin, touch=touch)

    def tasks(self) -> Sequence[TrueTask]:
        with self.lock:
            return [true_task(row) for row in self.org.tables["Tasks"].rows.values()]

    def close_task(self, id: str) -> None:
        self.change("activity", id, status="done")

    def remove_task(self, id: str) -> None:
        self.remove("activity", id)

    def copy_task(self, id: str) -> str:
        """A field that may not repeat stays empty in the copy."""
        with self.lock:
            row = self.org.must(id)
            fields = self.org.modules["Tasks"].fields
            given = {name: value for name, value in row.body.items() if name in fields and not fields[name].unique}
            left_out = ("id", "Created_Time", "Modified_Time", "Created_By", "Modified_By")
            kept = {name: value for name, value in given.items() if name not in left_out}
            return self.org.insert("Tasks", kept, at=self.epoch(), by=self.crm.admin).id

    def expire_token(self) -> None:
        with self.lock:
            self.crm.oauth.tokens.clear()


def true_task(row: Row) -> TrueTask:
    """A task as it is. The marker is in the field of its own, or in the text where there is none."""
    body = row.body
    written = MARKER.search(body["Description"] or "")
    return TrueTask(
        id=row.id,
        subject=body["Subject"] or "",
        body=body["Description"] or "",
        marker=body.get("Kamsync_Key") or (written[0] if written else None),
        target=body["What_Id"]["id"] if body["What_Id"] else None,
        owner=body["Owner"]["id"] if body["Owner"] else None,
        due=body["Due_Date"],
        done=body["Status"] == "Completed",
        by_us=row.by_api,
    )
