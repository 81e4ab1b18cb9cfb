"""How Zoho is spoken to: addresses, token call, signature, prices and limits.

Pure: it builds calls and reads answers, and sends none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from kamsync.plugin import (
    Limit,
    Mint,
    Refused,
    Reply,
    Request,
    Secret,
    Text,
    Throttled,
    Token,
    Unavailable,
    Wire,
    stamp,
)
from kamsync_zoho.options import ENDINGS, ZohoOptions, centre_of, first_guess
from kamsync_zoho.replies import check

API = "/crm/v8"
BULK = "/crm/bulk/v8"
JOB_CREDITS = 50
CLASS_CALLS = 10  # at one time, in every edition, of the calls that Zoho counts apart
DAY = 86_400.0
PAID_CREDITS = 50_000  # what every paid edition has, whatever its number of users
MINT_REST = 600.0  # Zoho blocks the rest of a ten-minute window
EARLY = 300.0  # a token is renewed this long before it dies
IN_FLIGHT = 8

_PERMANENT = re.compile(r"invalid_|unauthorized|unsupported|access_denied|server_based|org_", re.IGNORECASE)


def mint(options: ZohoOptions) -> Mint:
    """The refresh call. Its secrets travel in the body, where no proxy logs them."""
    form = {
        "grant_type": "refresh_token",
        "refresh_token": options.refresh_token.reveal(),
        "client_id": options.client_id,
        "client_secret": options.client_secret.reveal(),
    }
    request = Request("POST", "/oauth/v2/token", form=form, auth=False)
    return Mint(request, options.accounts_url, lambda reply: _token(options, reply))


def _token(options: ZohoOptions, reply: Reply) -> Token:
    if reply.status >= 500:
        raise Unavailable(
            Text(f"Zoho 令牌服务暂时不可用(HTTP {reply.status})", f"Zoho's token service is down (HTTP {reply.status})")
        )
    said = reply.json()
    if not isinstance(said, Mapping):
        said = {}
    secret = said.get("access_token")
    if not isinstance(secret, str) or not secret:
        raise _no_token(reply.status, said)
    life = _life(said)
    named = said.get("api_domain")
    base = options.api_url or (named.rstrip("/") if isinstance(named, str) and named else None)
    _same_centre(options, base)
    facts = {"scope": said["scope"]} if isinstance(said.get("scope"), str) else {}
    return Token(Secret(secret), life, max(life - EARLY, life / 2), base, facts)


def _same_centre(options: ZohoOptions, base: str | None) -> None:
    """A grant lives in one data centre; a token server that leads into another is not to be followed."""
    ours, theirs = centre_of(options.accounts_url), centre_of(base or "")
    if ours and theirs and ours != theirs:
        raise Refused(
            Text(
                f"令牌来自数据中心 {ours},却指向 {theirs} 的接口地址 {base};请核对 accounts_url",
                f"the token comes from the data centre {ours} and leads to {theirs} ({base}); check accounts_url",
            ),
            code="data_centre",
            next="kamsync doctor",
        )


def _life(said: Mapping[str, object]) -> float:
    """Seconds; old token services counted milliseconds."""
    for name in ("expires_in_sec", "expires_in"):
        try:
            seconds = float(str(said[name]))
        except (KeyError, ValueError):
            continue
        if 0 < seconds < float("inf"):
            return seconds / 1000 if seconds >= 100_000 else seconds
    return 3600.0


def _no_token(status: int, said: Mapping[str, object]) -> Refused | Throttled:
    """The words differ by data centre: only the fixed OAuth codes mean no; anything else means wait."""
    code = str(said.get("error") or "")
    if _PERMANENT.match(code):
        return Refused(
            Text(
                f"Zoho 不发访问令牌:{code}。请核对 accounts_url 的数据中心、client_id、client_secret 与 refresh_token",
                f"Zoho grants no access token: {code}. Check the data centre in accounts_url, client_id, "
                "client_secret and refresh_token",
            ),
            code=code,
            next="kamsync doctor",
        )
    return Throttled(
        Text(
            f"Zoho 暂停发放访问令牌(HTTP {status},{code or '无说明'}),十分钟后再试",
            f"Zoho pauses its token service for us (HTTP {status}, {code or 'no reason given'}); trying in ten minutes",
        ),
        after=MINT_REST,
        next="kamsync doctor",
    )


def _sign(options: ZohoOptions, token: Token, request: Request) -> Request:
    return replace(request, headers={**request.headers, "Authorization": f"Zoho-oauthtoken {token.secret.reveal()}"})


def price(request: Request) -> int:
    """Credits of one call."""
    if not request.auth:
        return 0
    body = request.json if isinstance(request.json, Mapping) else {}
    if request.path.endswith("/coql"):
        return _query_price(str(body.get("select_query", "")))
    if request.method == "POST" and request.path.startswith(f"{BULK}/read"):
        return JOB_CREDITS
    if request.path.endswith(("/add_tags", "/remove_tags")):
        return _each(50, body.get("ids"))
    if request.write and isinstance(body.get("data"), Sequence):
        return _each(10, body["data"])
    return 3 if "cvid" in request.query else 1


def _query_price(query: str) -> int:
    asked = re.search(r"\blimit\s+(?:\d+\s*,\s*)?(\d+)\s*$", query.strip(), re.IGNORECASE)
    return rows_price(int(asked[1]) if asked else 200)


def rows_price(limit: int) -> int:
    """Credits of a query that may answer with so many rows, however many come."""
    return 1 if limit <= 200 else 2 if limit <= 1000 else 3


def _each(size: int, items: object) -> int:
    count = len(items) if isinstance(items, Sequence) else 1
    return max(1, -(-count // size))


def _limits(options: ZohoOptions) -> Sequence[Limit]:
    return (
        Limit("credits", options.daily_credits or PAID_CREDITS, DAY, "credit"),
        Limit("downloads", 10, 60.0, paths=r"/bulk/v8/read/[^/]+/result$"),
        # Queries, sorted lists, searches and writes of many rows share a second, smaller number of calls at one time.
        Limit("class", CLASS_CALLS, 0.0, paths=r"/crm/v8/(coql|[A-Z]\w*(/search|/upsert)?)$"),
    )


def _ends(reply: Reply) -> datetime | None:
    """When the token dies: Zoho may tell with each answer."""
    return stamp(reply.headers.get("x-accesstoken-reset"))


def _left(reply: Reply) -> int | None:
    """What the organisation has left of its day's credits: told from half of them on, whoever spent them."""
    told = reply.headers.get("x-api-credits-remaining", "").strip()
    return int(told) if told.isdecimal() else None


wire = Wire(
    base=first_guess,
    hosts=(
        "accounts.zohocloud.ca",
        *(f"{site}.{ending}" for ending in ENDINGS for site in ("zohoapis", "accounts.zoho")),
    ),
    mint=mint,
    sign=_sign,
    check=check,
    limits=_limits,
    price=price,
    concurrency=lambda options: options.concurrency or IN_FLIGHT,
    ends=_ends,
    left=_left,
)
