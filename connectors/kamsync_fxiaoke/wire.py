"""How Fxiaoke is spoken to: addresses, token call, signatures of both styles, judging an answer.

Pure: it sends nothing.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from kamsync.plugin import (
    ConfigError,
    Limit,
    Mint,
    Reply,
    Request,
    Secret,
    Text,
    Token,
    Unavailable,
    Wire,
    http_date,
)
from kamsync_fxiaoke.codes import code_of, error
from kamsync_fxiaoke.options import FxiaokeOptions

CLOUDS = ("fxiaoke.com", "sharecrm.com")
WINDOW = 20.1  # the CRM counts 20 s; a little more, because its stamps are rounded
DAY = 86_400.0
LIFE = 7200.0
SAME_TOKEN = 550.0  # with less than 600 s to live, the CRM gives a new token; before that the same one again
IN_FLIGHT = 6

_TOKEN_PATHS = {"oauth2": "/oauth2.0/token", "legacy": "/cgi/corpAccessToken/get/V2"}


def mint(options: FxiaokeOptions) -> Mint:
    """The token call."""
    body = {
        "appId": options.app_id,
        "appSecret": options.app_secret.reveal(),
        "permanentCode": options.permanent_code.reveal(),
    }
    if options.login == "oauth2":
        body["grantType"] = "app_secret"
    request = Request("POST", _TOKEN_PATHS[options.login], trace(), json=body, auth=False)
    return Mint(request, options.base_url, lambda reply: _token(options, request, reply))


def _token(options: FxiaokeOptions, request: Request, reply: Reply) -> Token:
    said = envelope(request, reply)
    secret = said.get("accessToken") or said.get("corpAccessToken")
    if not isinstance(secret, str) or not secret:
        raise Unavailable(Text("令牌接口的回答里没有令牌", "the token call answered without a token"))
    life = _seconds(said.get("expiresIn"))
    facts = {
        "ea": said.get("ea") or options.enterprise_account,
        "corp": said.get("corpId") or said.get("openUserId"),
    }
    kept = {name: str(value) for name, value in facts.items() if value}
    return Token(Secret(secret), life, max(life - SAME_TOKEN, life / 4), facts=kept)


def _seconds(said: Any) -> float:
    try:
        life = float(said)
    except (TypeError, ValueError):
        return LIFE
    return life if 0 < life < DAY * 60 else LIFE


def sign(options: FxiaokeOptions, token: Token, request: Request) -> Request:
    """The call with our papers on: in its headers, or in its body for older private clouds; never both."""
    query = {**request.query, **trace()}
    if options.auth_style == "header":
        headers = {
            **request.headers,
            "authorization": f"Bearer {token.secret.reveal()}",
            "x-fs-ea": _fact(token, "ea", "enterprise_account"),
            "x-fs-userid": options.acting_user,
        }
        return replace(request, query=query, headers=headers)
    papers = {
        "corpAccessToken": token.secret.reveal(),
        "corpId": _fact(token, "corp", "login"),
        "currentOpenUserId": options.acting_user,
    }
    return replace(request, query=query, json={**(request.json or {}), **papers})


def _fact(token: Token, name: str, key: str) -> str:
    if name not in token.facts:
        raise ConfigError(
            Text(
                f"令牌接口没有给出企业标识,请检查配置项 {key}",
                f"the token call did not name the enterprise: look at the setting {key}",
            ),
            next="kamsync doctor",
        )
    return token.facts[name]


def trace() -> dict[str, str]:
    """A fresh id for every attempt, as the gateway wants it."""
    return {"thirdTraceId": str(uuid.uuid4())}


def check(request: Request, reply: Reply) -> None:
    """Raise what this answer is. HTTP status says nothing here; the token call is read by `mint`."""
    if request.auth:
        envelope(request, reply)


def envelope(request: Request, reply: Reply) -> Mapping[str, Any]:
    """The answer's JSON when all went well, else the error it is."""
    said = reply.json()
    code = code_of(said)
    if code is None:
        raise Unavailable(
            Text(
                f"回答不是纷享销客的格式(HTTP {reply.status});请核对 base_url",
                f"the answer is not Fxiaoke's (HTTP {reply.status}); check base_url",
            ),
            next="kamsync doctor",
        )
    if code != "0":
        raise error(said, request, http_date(reply.headers.get("date")))
    found: Mapping[str, Any] = said
    return found


wire = Wire(
    base=lambda options: options.base_url,
    hosts=CLOUDS,
    mint=mint,
    sign=sign,
    check=check,
    limits=lambda options: (
        Limit("20 s", options.calls_per_20s, WINDOW, per_path=True),
        Limit("day", options.daily_calls, DAY),
    ),
    price=lambda _: 1,
    concurrency=lambda options: options.concurrency or IN_FLIGHT,
)
