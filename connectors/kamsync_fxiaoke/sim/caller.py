"""A caller for those who test against the simulated tenant or look at it by hand.

Sends what it is told, once: it paces nothing, retries nothing and refreshes no token.
"""

from __future__ import annotations

import uuid
from typing import Any

import requests

from kamsync_fxiaoke.sim.tenant import FxiaokeTenant

OFF = {"triggerApprovalFlow": False, "triggerWorkFlow": False}
Condition = tuple[str, str, list[Any]]  # field, operator, values


class Caller:
    """Speaks header style as `user` (body style when `legacy`)."""

    def __init__(self, tenant: FxiaokeTenant, *, user: str = "1000", legacy: bool = False) -> None:
        self.tenant, self.user, self.legacy = tenant, user, legacy
        self.http = requests.Session()
        self.http.trust_env = False
        self.token = ""

    def send(self, path: str, body: Any = None, headers: dict[str, str] | None = None) -> dict[str, Any]:
        url = f"{self.tenant.url}{path}?thirdTraceId={uuid.uuid4()}"
        reply = self.http.post(url, json=body, headers=headers, allow_redirects=False, timeout=10)
        answer: dict[str, Any] = reply.json()
        return answer

    def mint(self, **other: str) -> dict[str, Any]:
        o = self.tenant.options()
        body = {"appId": o["app_id"], "appSecret": o["app_secret"], "permanentCode": o["permanent_code"]}
        path = "/cgi/corpAccessToken/get/V2" if self.legacy else "/oauth2.0/token"
        return self.send(path, {**body, "grantType": "app_secret", **other})

    def call(self, path: str, data: Any = None, **top: Any) -> dict[str, Any]:
        if not self.token:
            minted = self.mint()
            self.token = minted.get("accessToken") or minted["corpAccessToken"]
        body = {**top, "data": data or {}}
        if not self.legacy:
            headers = {"authorization": f"Bearer {self.token}", "x-fs-ea": self.tenant.app.ea, "x-fs-userid": self.user}
            return self.send(path, body, headers)
        who = self.tenant.crm.people.open_id(self.user)
        auth = {"corpAccessToken": self.token, "corpId": self.tenant.app.corp_id, "currentOpenUserId": who}
        return self.send(path, {**auth, **body})

    def query(self, name: str = "AccountObj", *filters: Condition, **info: Any) -> dict[str, Any]:
        top = {key: info.pop(key) for key in ("includeNull", "convertUserId", "returnTotalNum") if key in info}
        total = {"find_explicit_total_num": info.pop("total")} if "total" in info else {}
        told = [{"field_name": field, "operator": how, "field_values": values} for field, how, values in filters]
        path = f"/cgi/crm/{'custom/' if name.endswith('__c') else ''}v2/data/query"
        search = {"filters": told, "limit": 100, "offset": 0, **info}
        return self.call(path, {"dataObjectApiName": name, "search_query_info": search, **total}, **top)

    def rows(self, name: str = "AccountObj", *filters: Condition, **info: Any) -> list[dict[str, Any]]:
        answer = self.query(name, *filters, **info)
        found: list[dict[str, Any]] = answer["data"]["dataList"]
        return found

    def names(self, *filters: Condition, **info: Any) -> list[str]:
        return [row["name"] for row in self.rows("AccountObj", *filters, **info)]

    def write(self, verb: str, **data: Any) -> dict[str, Any]:
        return self.call(f"/cgi/crm/v2/data/{verb}", data, **OFF)
