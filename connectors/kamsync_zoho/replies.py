"""Tell what an answer of Zoho's means: fine, wait, sign in again, refused, gone astray.

Judges by status and code, hardly ever by the message, which comes in the reader's language. It sends nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from kamsync.plugin import (
    AuthExpired,
    ConnectorError,
    CursorLost,
    QuotaSpent,
    Refused,
    Reply,
    Request,
    Text,
    Throttled,
    Truncated,
    Unavailable,
    http_date,
)
from kamsync_zoho.scopes import needed

PROBE_AGAIN = 900.0  # seconds: how often spent credits are asked about
SMALL = 2_000  # bytes: an error is never longer, a page seldom shorter

NOTHING = frozenset({"NO_CONTENT", "NOT_MODIFIED", "NOT MODIFIED"})
PERMISSION = frozenset({"OAUTH_SCOPE_MISMATCH", "NO_PERMISSION", "AUTHORIZATION_FAILED", "PERMISSION_DENIED"})
_LOST = frozenset({"EXPIRED_VALUE", "TOKEN_BOUND_DATA_MISMATCH"})
_WALL = frozenset({"DISCRETE_PAGINATION_LIMIT_EXCEEDED", "PAGINATION_LIMIT_EXCEEDED"})
_BUSY = frozenset({"TOO_MANY_REQUESTS", "RATE_LIMIT_EXCEEDED"})
_ILL = frozenset({"INTERNAL_ERROR", "INTERNAL_SERVER_ERROR", "DEPENDENT_SERVICE_ERROR", "SERVICE_UNAVAILABLE"})
_STALE = frozenset({"INVALID_TOKEN", "AUTHENTICATION_FAILURE"})
_CREDITS = re.compile(r"24\s*(?:-\s*)?(?:hours|h\b|小时)|credit|积分|额度", re.IGNORECASE)
_CONCURRENCY = re.compile(r"concurren|并发", re.IGNORECASE)


def check(request: Request, reply: Reply) -> None:
    """Return when the answer can be read; raise what it is otherwise. Results row by row pass for writes."""
    if not request.auth:
        return  # the token call is read by its own eyes
    if reply.status in (204, 304):
        return
    if reply.status == 200 and request.path.endswith("/result") and reply.body.startswith(b"PK"):
        return  # a bulk file
    if 200 <= reply.status < 300 and len(reply.body) > SMALL:
        if not reply.body[:64].lstrip().startswith((b"{", b"\xef\xbb\xbf{")):
            raise _astray(request, reply)
        return
    said = _said(reply)
    if reply.status in (401, 429) or reply.status >= 500 or _code(said) in _BUSY:
        raise _by_status(request, reply, said)
    if said is None or (not said and reply.status < 300):
        raise _astray(request, reply)  # "nothing" is told by status 204 or 304, never by an empty 200
    if _readable(request, reply, said):
        return
    raise _by_code(request, reply, said)


def _readable(request: Request, reply: Reply, said: Mapping[str, Any]) -> bool:
    code = _code(said)
    if code in NOTHING:
        return True
    if request.write and any(isinstance(said.get(name), list) for name in ("data", "tags")):
        return True
    return 200 <= reply.status < 300 and str(said.get("status", "")).lower() not in ("error", "failure")


def _by_status(request: Request, reply: Reply, said: Mapping[str, Any] | None) -> ConnectorError:
    code = _code(said)
    if reply.status >= 500:
        return Unavailable(_text(request, reply, said, "服务异常", "is in trouble"))
    if reply.status == 401 and code not in PERMISSION:
        return AuthExpired(_text(request, reply, said, "不认这个访问令牌", "does not accept the access token"))
    if reply.status == 401:
        return _refused(request, reply, said)
    return _throttled(request, reply, said)


def _by_code(request: Request, reply: Reply, said: Mapping[str, Any]) -> ConnectorError:
    code = _code(said) or _row_code(said)
    if code in _LOST:
        return CursorLost(_text(request, reply, said, "已不认得列表的翻页位置", "lost our place in the list"))
    if code in _WALL:
        return Truncated(_text(request, reply, said, "列表太长,给不全", "gives no more of so long a list"))
    if code in _ILL:
        return Unavailable(_text(request, reply, said, "服务异常", "is in trouble"))
    if code in _STALE:
        return AuthExpired(_text(request, reply, said, "不认这个访问令牌", "does not accept the access token"))
    return _refused(request, reply, said)


def _refused(request: Request, reply: Reply, said: Mapping[str, Any] | None) -> Refused | Unavailable:
    code = _code(said) or _row_code(said)
    if not code:
        return _astray(request, reply)  # Zoho refuses by a word of its own; a number may be anybody's
    if code == "OAUTH_SCOPE_MISMATCH":
        scope = needed(request)
        text = Text(
            f"Zoho 授权缺少权限范围 {scope}({request.method} {request.path}),请重新授权",
            f"the Zoho grant lacks the scope {scope} ({request.method} {request.path}); grant it anew",
        )
        return Refused(text, code=code, next="kamsync doctor")
    text = _text(request, reply, said, "拒绝了调用", "refused the call")
    return Refused(text, code=code, details=_details(said), next="kamsync doctor")


def _throttled(request: Request, reply: Reply, said: Mapping[str, Any] | None) -> Throttled:
    """One code serves both limits; what the headers count decides, then the words, then the milder one."""
    after = _retry_after(reply)
    left = _number(reply.headers.get("x-api-credits-remaining"))
    if left is None:
        left = _number(reply.headers.get("x-ratelimit-day-remaining"))
    words = json.dumps(said, ensure_ascii=False) if said else reply.body[:SMALL].decode("utf-8", "replace")
    worded = bool(_CREDITS.search(words)) and not _CONCURRENCY.search(words)
    if left <= 0 if left is not None else worded:
        text = _text(request, reply, said, "的调用额度已用完", "has no credits left for us")
        return QuotaSpent(text, after=after if after is not None else PROBE_AGAIN, next="kamsync status")
    return Throttled(_text(request, reply, said, "要求放慢调用", "asks us to slow down"), after=after)


def _astray(request: Request, reply: Reply) -> Unavailable:
    start = reply.body[:40].decode("utf-8", "replace").strip()
    return Unavailable(
        Text(
            f"{request.method} {request.path}:期望 JSON,收到的是 {start!r}(HTTP {reply.status})",
            f"{request.method} {request.path}: expected JSON, got {start!r} (HTTP {reply.status})",
        )
    )


def _said(reply: Reply) -> Mapping[str, Any] | None:
    """The body as an object; None where it is none."""
    try:
        read = json.loads(reply.body)
    except (ValueError, RecursionError):
        return None
    return read if isinstance(read, Mapping) else None


def _code(said: Mapping[str, Any] | None) -> str:
    """The code in upper case; older bodies hold the number under `code` and the word under `error`."""
    for name in ("code", "error"):
        word = said.get(name) if said else None
        if isinstance(word, str) and not word.isdigit():
            return word.strip().upper()
    return ""


def _row_code(said: Mapping[str, Any] | None) -> str:
    """The code of the first row, where a whole call failed row by row."""
    for rows in (said or {}).values():
        if isinstance(rows, Sequence) and rows and isinstance(rows[0], Mapping):
            return _code(rows[0])
    return ""


def _details(said: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """What the error points at; of the first row where a whole call failed row by row."""
    found = (said or {}).get("details")
    if not isinstance(found, Mapping) and said and not _code(said):
        row = next((rows[0] for rows in said.values() if isinstance(rows, list) and rows), None)
        found = row.get("details") if isinstance(row, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _text(request: Request, reply: Reply, said: Mapping[str, Any] | None, zh: str, en: str) -> Text:
    words = str((said or {}).get("message") or "")[:200]
    what = " ".join(part for part in (_code(said) or _row_code(said), words) if part)
    call = f"{request.method} {request.path}, HTTP {reply.status}" + (f", {what}" if what else "")
    return Text(f"Zoho {zh}({call})", f"Zoho {en} ({call})")


def _retry_after(reply: Reply) -> float | None:
    value = reply.headers.get("retry-after")
    seconds = _number(value)
    if seconds is not None:
        return max(0.0, seconds)
    until: datetime | None = http_date(value)
    now = http_date(reply.headers.get("date"))
    return max(0.0, (until - now).total_seconds()) if until and now else None


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if abs(number) < 1e12 else None
