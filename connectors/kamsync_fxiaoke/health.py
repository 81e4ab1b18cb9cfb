"""Look a tenant over: who we are there, what it offers, what an admin should mend.

Every finding that is not fine says what to do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from kamsync.plugin import Clock, Finding, Health, Refused, Text
from kamsync_fxiaoke.api import Api
from kamsync_fxiaoke.objects import ACCOUNT, KNOWN, SCHEDULE
from kamsync_fxiaoke.options import FxiaokeOptions
from kamsync_fxiaoke.people import Person, aliases, has_left, id_of
from kamsync_fxiaoke.rows import Row, rows_of
from kamsync_fxiaoke.tags import Tags

MOST_SKEW = 300.0
NEEDED = (ACCOUNT, SCHEDULE)
SYSTEM = "-10000"  # owns what nobody owns


def look(
    api: Api,
    clock: Clock,
    options: FxiaokeOptions,
    tags: Tags | None,
    objects: Sequence[Mapping[str, Any]],
    people: Sequence[Person],
) -> Health:
    """The tenant's health; the org is the enterprise account, which never changes. `tags`: the field, if used."""
    facts = api.http.facts()
    me = next((person for person in people if options.acting_user in aliases(person)), None)
    offered = {str(each.get("describeApiName")) for each in objects}
    now = api.http.now()
    findings = [
        _acting(options, me, people),
        *_view(options, me, people, _sample(api) if ACCOUNT in offered else []),
        _clock(now, clock.now()),
        *_objects(offered),
        *([_tag_field(options, tags)] if tags is not None and ACCOUNT in offered else []),
    ]
    return Health(
        org=facts.get("ea") or facts.get("corp") or options.enterprise_account or options.app_id,
        user=options.acting_user,
        name=str(me.get("name") or "") if me else "",
        zone="Asia/Shanghai",
        currency="CNY",
        clock=now,
        findings=tuple(findings),
        credits=options.daily_calls,
    )


def _sample(api: Api) -> list[Row]:
    """A hundred accounts, by the path that pulls do not need."""
    try:
        return rows_of(api.query(ACCOUNT, [], fields=("_id", "owner"), simple=True))
    except Refused:
        return []


def _view(options: FxiaokeOptions, me: Person | None, people: Sequence[Person], rows: Sequence[Row]) -> list[Finding]:
    """What the acting employee probably does not see: rows that are not there leave no trace of their own."""
    lists = (owner for row in rows if isinstance(owner := row.get("owner"), list))
    owners = {str(owner) for owners in lists for owner in owners if str(owner) != SYSTEM}
    mine = {options.acting_user} | (aliases(me) if me else set())
    findings = []
    if len(people) <= 1:
        findings.append(
            Finding(
                "staff",
                "warn",
                Text("看不到员工名单,负责人无法对应到人", "the staff is not to be seen: owners stay nameless"),
                Text(
                    "请管理员授权通讯录接口,或为人员对象(PersonnelObj)建立共享规则",
                    "ask the admin for the directory interfaces, or for a sharing rule on PersonnelObj",
                ),
            )
        )
    if owners and owners <= mine and len(people) > 1:
        findings.append(
            Finding(
                "acting_user",
                "warn",
                Text(
                    f"只看得到 {options.acting_user} 自己名下的客户(抽样 {len(rows)} 条),"
                    f"其他 {len(people) - 1} 名员工的都看不到",
                    f"only accounts of {options.acting_user} are to be seen (a sample of {len(rows)}), none of the "
                    f"{len(people) - 1} other employees'",
                ),
                Text(
                    "acting_user 应是 CRM 管理员,否则会悄悄少读",
                    "acting_user should be a CRM admin: rows are silently missing",
                ),
            )
        )
    known = {id_of(person, options) for person in people}
    if len(people) > 1 and owners - mine and not (owners - mine) & known:
        findings.append(_other_ids())
    return findings


def _other_ids() -> Finding:
    return Finding(
        "employee_ids",
        "warn",
        Text("客户负责人的编号不在员工名单里,对应不到人", "the owners of accounts go by other ids than the staff list"),
        Text('在该连接的配置中设 employee_ids = "open"', 'set employee_ids = "open" in the connection\'s block'),
    )


def _acting(options: FxiaokeOptions, me: Person | None, people: Sequence[Person]) -> Finding:
    user = options.acting_user
    if me is not None and has_left(me):
        return Finding(
            "acting_user",
            "bad",
            Text(f"操作员工 {user} 已停用", f"the acting employee {user} has left"),
            Text("在配置中改用在职的 CRM 管理员(acting_user)", "set acting_user to a CRM admin who is still there"),
        )
    if me is None and people:
        return Finding(
            "acting_user",
            "warn",
            Text(f"员工名单中没有 {user}", f"{user} is not in the list of employees"),
            Text("核对配置项 acting_user(CRM 管理员的员工编号)", "check acting_user: the employee id of a CRM admin"),
        )
    return Finding(
        "acting_user", "ok", Text(f"以员工 {user} 的权限读写", f"reads and writes with the rights of employee {user}")
    )


def _clock(there: datetime, here: datetime) -> Finding:
    skew = (there - here).total_seconds()
    told = Text(f"与 CRM 的时钟相差 {skew:.0f} 秒", f"{skew:.0f} s between the CRM's clock and ours")
    if abs(skew) <= MOST_SKEW:
        return Finding("clock", "ok", told)
    return Finding("clock", "warn", told, Text("校准本机时钟(NTP)", "set this machine's clock (NTP)"))


def _objects(offered: set[str]) -> list[Finding]:
    findings = [
        Finding(
            "objects",
            "bad",
            Text(f"看不到对象 {name}", f"the object {name} is not to be seen"),
            Text("请管理员为应用开通该对象的权限", "ask the admin to give the app access to it"),
        )
        for name in NEEDED
        if name not in offered
    ]
    absent = [known.objects[0] for known in KNOWN if not offered.intersection(known.objects)]
    absent = [name for name in absent if name not in NEEDED]
    if absent:
        names = "、".join(absent)
        told = Text(
            f"此企业没有(或操作员工看不到)这 {len(absent)} 个对象,相应数据不会读取:{names}",
            f"{len(absent)} objects are not in this enterprise, or hidden from the acting employee, and not read: "
            f"{names}",
        )
        fix = Text(
            "若应当有,请管理员授权;否则不必处理", "if they should be there, ask the admin for access; else nothing"
        )
        findings.append(Finding("objects", "warn", told, fix))
    return findings or [Finding("objects", "ok", Text("所需对象齐全", "every object needed is there"))]


def _tag_field(options: FxiaokeOptions, tags: Tags) -> Finding:
    name, prefix = options.tag_field, options.tag_prefix
    try:
        field = tags.field()
    except Refused as refusal:
        return Finding(
            "tag_field", "bad", refusal.text, Text("请管理员授权读取对象描述", "ask for the right to describe")
        )
    if field is None or field.type != "select_many":
        return Finding(
            "tag_field",
            "bad",
            Text(f"客户对象没有多选字段 {name}", f"the account object has no select-many field {name}"),
            Text(
                f"请管理员新建该多选字段,并为每个等级添加以 {prefix} 开头的选项",
                f"ask the admin to add it, with an option a tier that begins with {prefix}",
            ),
        )
    labels = [choice.label for choice in field.choices if choice.label.startswith(prefix)]
    if not labels:
        return Finding(
            "tag_field",
            "warn",
            Text(f"字段 {name} 没有以 {prefix} 开头的选项", f"{name} has no option that begins with {prefix}"),
            Text("请管理员为每个等级添加同名选项", "ask the admin to add an option a tier"),
        )
    return Finding("tag_field", "ok", Text(f"{name}:{'、'.join(labels)}", f"{name}: {', '.join(labels)}"))
