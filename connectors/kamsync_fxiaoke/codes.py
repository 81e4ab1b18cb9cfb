"""What Fxiaoke's error codes mean for us, as the errors kamsync knows.

Pure. Branches on code, endpoint and the shape of the request; words of the message are looked at only where these
leave a code with two meanings.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from kamsync.plugin import (
    AuthExpired,
    Cause,
    ConnectorError,
    KamsyncError,
    QuotaSpent,
    Refused,
    Request,
    Text,
    Throttled,
    Truncated,
    Unavailable,
)

ZONE = ZoneInfo("Asia/Shanghai")  # in which the daily quota begins anew
WINDOW_PAUSE = 5.5  # four such pauses outlast the 20-second window
MINT_PAUSE = 60.0  # the token call is counted by the minute
JITTER = 300  # after midnight not everybody comes at once
TOKEN_PATHS = frozenset({"/oauth2.0/token", "/cgi/corpAccessToken/get/V2"})

BUSY = frozenset({"-1", "-2", "50009"})
TOO_FAST = frozenset({"14001", "30004"})
DEAD_TOKEN = frozenset({"20005", "20016"})
SECRETS = frozenset({"10006", "20006", "20015"})
RIGHTS = frozenset({"15003", "20014", "20020", "20021", "20022", "20023"})
UNKNOWN_PERSON = frozenset({"20012", "30007", "30027"})
NO_EMPLOYEE = frozenset({"20012", "30027"})
PARAMETERS = frozenset(
    [str(code) for code in range(10001, 10016)]
    + [str(code) for code in range(11001, 11019)]
    + ["12004", "12005", "15002", "20017", "32000"]
)
OUR_TROUBLE = SECRETS | RIGHTS | {"20017", "30003"}  # refusals that are not about the one record
NO_CALLS = "30003"
_CAUSES: Mapping[str, Cause] = {
    **dict.fromkeys(PARAMETERS | {"duplicate"}, "invalid"),
    **dict.fromkeys(SECRETS | RIGHTS, "permission"),
    **dict.fromkeys(UNKNOWN_PERSON - NO_EMPLOYEE, "invalid"),
    **dict.fromkeys(NO_EMPLOYEE, "owner"),
    NO_CALLS: "limit",
}

_DUPLICATE = re.compile(r"duplicate|重复|查重", re.IGNORECASE)
_LOCKED = re.compile(r"锁|\block(ed)?\b", re.IGNORECASE)
_BUSINESS = re.compile(
    r"duplicate|重复|校验|验证规则|必填|required|validat|不允许|不存在|不合法|无效|not exist|not valid|invalid",
    re.IGNORECASE,
)
_ABSENT = re.compile(r"不存在|已删除|已作废|not\s+exist|not\s+found|no\s+such|deleted", re.IGNORECASE)


def code_of(said: Any) -> str | None:
    """The errorCode of an envelope as text ("0": all well); None when it is no envelope."""
    code = said.get("errorCode") if isinstance(said, Mapping) else None
    return None if code is None or isinstance(code, bool) else str(code).strip()


def error(said: Mapping[str, Any], request: Request, date: datetime | None) -> ConnectorError:
    """The error that an envelope with a code other than 0 is. `date`: when it was answered, by the CRM's clock."""
    code = code_of(said) or "?"
    text = _sentence(code, said, request)
    if code == "10013" and _offset(request) > 0:
        return Truncated(text, next="kamsync doctor")  # the wall of offset paging; else it speaks of a token missing
    if code in TOO_FAST:
        return Throttled(text, after=MINT_PAUSE if request.path in TOKEN_PATHS else WINDOW_PAUSE)
    if code == "30002":
        return QuotaSpent(text, after=until_midnight(date, str(said.get("traceId"))), next="kamsync status")
    if code in DEAD_TOKEN and request.path not in TOKEN_PATHS:
        return AuthExpired(text)
    if code in BUSY:
        return Refused(text, code=code) if request.write and is_lock(said) else Unavailable(text)
    if _is_final(code, said, request.write):
        code = "duplicate" if request.write and is_duplicate(_words(said)) else code
        return Refused(text, code=code, next="kamsync doctor" if code in OUR_TROUBLE else None)
    return Unavailable(text)  # a write with a code nobody has told us about: it may have happened


def _offset(request: Request) -> int:
    """How far into a list the request asked to begin."""
    data = request.json.get("data") if isinstance(request.json, Mapping) else None
    info = data.get("search_query_info") if isinstance(data, Mapping) else None
    offset = info.get("offset") if isinstance(info, Mapping) else 0
    return offset if isinstance(offset, int) else 0


def _is_final(code: str, said: Mapping[str, Any], write: bool) -> bool:
    """A clear no. To a read every unknown code is one; to a write only a known code or plain words are."""
    known = code in PARAMETERS | DEAD_TOKEN | SECRETS | RIGHTS | UNKNOWN_PERSON | {"30003"}
    return known or not write or bool(_BUSINESS.search(_words(said)))


def is_lock(said: Mapping[str, Any]) -> bool:
    """50009 is both "the service failed" and "the record is locked"; only the words tell."""
    return bool(_LOCKED.search(_words(said)))


def is_duplicate(words: str) -> bool:
    """The duplicate check has no code of its own; its words tell."""
    return bool(_DUPLICATE.search(words))


def is_absent(refusal: Refused) -> bool:
    """A look-up that was refused because there is nothing: its code is written down nowhere, its words tell."""
    about_the_row = refusal.code not in OUR_TROUBLE | UNKNOWN_PERSON
    return about_the_row and bool(_ABSENT.search(f"{refusal.text.zh} {refusal.text.en}"))


def cause_of(error: KamsyncError) -> Cause | None:
    """What a refused write means, where the engine can do something about it."""
    if not isinstance(error, Refused):
        return None
    if error.code in BUSY:
        return "locked"  # the only reading of this code that is a refusal
    return "gone" if is_absent(error) else _CAUSES.get(error.code or "")


def until_midnight(date: datetime | None, seed: str = "") -> float | None:
    """Seconds until the quota begins anew, and up to five minutes more, so that not every client comes at once."""
    if date is None:
        return None
    local = date.astimezone(ZONE)
    midnight = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return (midnight - local).total_seconds() + zlib.crc32(seed.encode()) % JITTER


def _words(said: Mapping[str, Any]) -> str:
    said_twice = [str(said.get(name) or "").strip() for name in ("errorMessage", "errorDescription")]
    return " ".join(words for words in dict.fromkeys(said_twice) if words)


_HINTS: dict[str, Text] = {
    **dict.fromkeys(
        SECRETS,
        Text(
            ";请核对 app_id、app_secret、permanent_code 与 base_url",
            "; check app_id, app_secret, permanent_code and base_url",
        ),
    ),
    **dict.fromkeys(
        RIGHTS,
        Text(
            ";请管理员在开放平台检查应用的授权、IP 白名单与开发者模式,并确认 acting_user 是 CRM 管理员",
            "; ask the admin to check the app's authorisation, its IP white list and developer mode, and that "
            "acting_user is a CRM admin",
        ),
    ),
    **dict.fromkeys(UNKNOWN_PERSON, Text(";该员工在企业中不存在", "; the enterprise has no such employee")),
    "30002": Text(";当日调用量已用完,北京时间零点恢复", "; today's calls are used up until 00:00 Beijing time"),
    "30003": Text(
        ";企业没有购买 OpenAPI 调用量包,请管理员购买后再试",
        "; the enterprise has bought no OpenAPI calls: ask the admin to",
    ),
    "30007": Text(";该部门在企业中不存在", "; the enterprise has no such department"),
}  # fmt: skip
_NO_HINT = Text("", "")
_NO_PATH = Text(
    ";网关没有这个接口,请核对 base_url 与企业所在的云",
    "; the gateway has no such path: check base_url and the tenant's cloud",
)


def _sentence(code: str, said: Mapping[str, Any], request: Request) -> Text:
    words = _words(said)[:300] or "?"
    trace = str(said.get("traceId") or "-")[:64]
    hint = _HINTS.get(code, _NO_HINT)
    if code == "10006" and request.path not in TOKEN_PATHS:
        hint = _NO_PATH
    return Text(
        f"纷享销客返回错误 {code}:{words}(traceId {trace}){hint.zh}",
        f"Fxiaoke answered error {code}: {words} (traceId {trace}){hint.en}",
    )
