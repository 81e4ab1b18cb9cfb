"""Who we are in a Zoho organisation and what it lets us do, tried out with calls that change nothing.

Finds; it repairs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from kamsync.plugin import Finding, Health, Http, KamsyncError, Refused, Request, Text, same
from kamsync_zoho import coql
from kamsync_zoho.editions import Edition, credits_of, edition_of
from kamsync_zoho.metadata import Metadata
from kamsync_zoho.options import ZohoOptions
from kamsync_zoho.scopes import covered
from kamsync_zoho.shapes import Row, text_id
from kamsync_zoho.tasks import MODULE, key
from kamsync_zoho.wire import API, IN_FLIGHT

State = Literal["bad", "warn"]

_GRANT = Text("补上该权限后重新授权,再运行 kamsync doctor", "grant that scope as well, then: kamsync doctor")


_Probe = tuple[str, Request, str, State]
_PROBES: tuple[_Probe, ...] = (
    (
        "accounts",
        Request("GET", f"{API}/Accounts", {"fields": "Modified_Time", "per_page": "1"}),
        "ZohoCRM.modules.accounts.READ",
        "bad",
    ),
    (
        "tasks",
        Request("GET", f"{API}/Tasks", {"fields": "Modified_Time", "per_page": "1"}),
        "ZohoCRM.modules.tasks.READ",
        "bad",
    ),
    ("tags", Request("GET", f"{API}/settings/tags", {"module": "Accounts"}), "ZohoCRM.settings.tags.READ", "warn"),
    ("coql", coql.select([], "Tasks", "id is not null", limit=1), "ZohoCRM.coql.READ", "warn"),
)


def check(options: ZohoOptions, http: Http, metadata: Metadata) -> Health:
    """One answer for `kamsync doctor` and for the store to know the organisation again."""
    org = metadata.organisation()
    me = _me(metadata)
    granted = http.facts().get("scope", "")
    findings = list(_described(metadata))
    findings += [_tried(http, granted, *probe) for probe in _PROBES]
    findings += [_key(metadata, options.task_key_field), _kind(org)]
    edition = edition_of(org)
    findings += _calls(edition, options) if edition else ()
    return Health(
        org=text_id(org.get("zgid")) or text_id(org.get("id")) or text_id(org.get("domain_name")),
        user=text_id(me.get("id")),
        name=str(org.get("company_name") or ""),
        zone=str(org.get("time_zone") or "") or None,
        currency=_currency(org),
        clock=http.now(),
        findings=tuple(findings),
        concurrency=edition.calls if edition else None,
        credits=credits_of(edition, org) if edition else None,
    )


def _described(metadata: Metadata) -> Iterator[Finding]:
    """Modules and fields: what is read now is what reading will use."""
    for name, look in (("modules", metadata.streams), ("fields", lambda: metadata.fields("Accounts"))):
        try:
            look()
        except Refused as no:
            yield Finding(f"zoho.{name}", "bad", no.text, _GRANT)
        else:
            yield Finding(f"zoho.{name}", "ok", same(f"GET {API}/settings/{name}"))


def _me(metadata: Metadata) -> Row:
    try:
        return metadata.me()
    except Refused:
        return {}


def _currency(org: Row) -> str | None:
    """The three letters; Zoho names the currency in words as well."""
    for name in ("iso_code", "currency", "home_currency"):
        code = re.search(r"\b[A-Z]{3}\b", str(org.get(name) or ""))
        if code:
            return code[0]
    return None


def _tried(http: Http, granted: str, name: str, request: Request, scope: str, worst: State) -> Finding:
    """By the scopes that the token names, where it names them; else by a call that changes nothing."""
    if covered(granted, scope):
        return Finding(f"zoho.{name}", "ok", same(scope))
    try:
        http.call(request)
    except Refused as no:
        return Finding(f"zoho.{name}", worst, no.text, _GRANT)
    return Finding(f"zoho.{name}", "ok", same(f"{request.method} {request.path}"))


def _key(metadata: Metadata, wished: str | None) -> Finding:
    try:
        found = key(metadata, wished)
    except KamsyncError as wrong:
        return Finding("zoho.task_key", "bad", wrong.text, same("config.toml: task_key_field"))
    if found.field is not None and found.unique:
        detail = Text(
            f"{MODULE}.{found.field} 唯一:每个提醒只会有一条", f"{MODULE}.{found.field} is unique: one task a duty"
        )
        return Finding("zoho.task_key", "ok", detail)
    detail = Text(
        "任务没有唯一的键字段:提醒按列表查重(级别 E2)", "tasks have no unique key field: looked up in lists (level E2)"
    )
    fix = Text(
        "在 Zoho 的「任务」模块新增单行文本字段 Kamsync_Key,勾选「不允许重复值」",
        'add a single-line field Kamsync_Key to the Tasks module in Zoho, "do not allow duplicate values" ticked',
    )
    return Finding("zoho.task_key", "warn", detail, fix)


def _kind(org: Row) -> Finding:
    """A sandbox looks like the real thing but for this word."""
    kind = str(org.get("type") or "production").lower()
    if kind == "production":
        return Finding("zoho.kind", "ok", same(kind))
    detail = Text(f"这是 Zoho 的 {kind} 环境,不是生产环境", f"this is a {kind} organisation of Zoho's, not production")
    return Finding("zoho.kind", "warn", detail)


def _calls(edition: Edition, options: ZohoOptions) -> Iterator[Finding]:
    """Zoho counts calls in flight by edition; two stay free for others of this app."""
    most = edition.calls
    used = min(options.concurrency or min(IN_FLIGHT, max(1, most - 2)), most)
    detail = Text(
        f"版本 {edition.word}:最多 {most} 个并发调用,本连接用 {used} 个",
        f"edition {edition.word}: {most} calls in flight at most, this connection uses {used}",
    )
    if used <= max(1, most - 2):
        yield Finding("zoho.edition", "ok", detail)
    else:
        yield Finding("zoho.edition", "warn", detail, same(f"config.toml: concurrency = {max(1, most - 2)}"))
