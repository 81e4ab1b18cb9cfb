"""Trouble that is nobody's fault: what people, admins and other programs do in a CRM, and what a CRM is like.

Each is done by the tenant's own hands, so that it can be seen in its truth.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from datetime import timedelta

from kamsync.plugin import Text
from kamsync.testing.server import Call, dumps
from kamsync.testing.suite_looking import with_rows
from kamsync.testing.tenant import Lacks, Tenant
from kamsync.testing.weather_made import Told, Weather, each_call

RIVAL = "别家·跟进"  # the tag of another integration


def _ties(tenant: Tenant, told: Told) -> None:
    """As after an import: one second for all of them."""
    at = tenant.now().replace(microsecond=0) - timedelta(seconds=float(told.value))
    for id in list(tenant.ids("account")):
        tenant.change("account", id, modified=at)


def _disorder(tenant: Tenant, told: Told) -> None:
    each_call(tenant, told, after=lambda answer: with_rows(answer, lambda rows: rows[::-1]))


def _moving(tenant: Tenant, told: Told) -> None:
    """People save accounts while they are being read."""
    ids, many = itertools.cycle(list(tenant.ids("account"))), int(told.value)

    def save(call: Call) -> None:
        for _ in range(many):
            tenant.change("account", next(ids))

    each_call(tenant, told, save, token=False)


def _rival(tenant: Tenant, told: Told) -> None:
    """Another program thinks that the tags are its own: it replaces them all."""
    ids = itertools.cycle(list(tenant.ids("account"))[: int(told.value)])
    each_call(tenant, told, lambda call: tenant.set_tags(next(ids), [RIVAL]), token=False)


def _backup(tenant: Tenant, told: Told) -> None:
    """What is there now comes back later, and what happened meanwhile never was."""
    kept = json.loads(dumps(tenant.dump()))
    each_call(tenant, told, lambda call: tenant.roll_back(kept), token=False)


def _locked(tenant: Tenant, told: Told) -> None:
    for id in list(tenant.ids("account"))[:: int(told.value)]:
        tenant.lock_record(id)


def _deleted(tenant: Tenant, told: Told) -> None:
    def throw_away(call: Call) -> None:
        for id in list(tenant.ids("account"))[: int(told.value)]:
            tenant.discard("account", id)

    each_call(tenant, told, throw_away, token=False)


def _merged(tenant: Tenant, told: Told) -> None:
    if type(tenant).merge is Tenant.merge:  # told now, and not in the middle of a call
        raise Lacks("merging")

    def merge(call: Call) -> None:
        ids = list(tenant.ids("account"))[: 2 * int(told.value)]
        for winner, loser in zip(ids[::2], ids[1::2], strict=False):
            tenant.merge(winner, loser)

    each_call(tenant, told, merge, token=False)


def _skewed(tenant: Tenant, told: Told) -> None:
    tenant.offset += timedelta(seconds=float(told.value))


PEOPLE: Mapping[str, Weather] = {
    "ties": Weather(
        Text("所有客户都在这么多秒前的同一秒改过", "all accounts changed in one second, so long ago"), _ties, "3600"
    ),
    "disorder": Weather(Text("列表的行倒着来", "rows of lists come in reverse"), _disorder),
    "moving": Weather(Text("每次调用前有人改几个客户", "people save some accounts before a call"), _moving, "5"),
    "rival": Weather(
        Text("另一个程序逐次改写前几个客户的标签", "another program sets its tags, call by call"), _rival, "5"
    ),
    "backup": Weather(Text("恢复成启动时的备份", "restored to how it was at the start"), _backup),
    "locked": Weather(
        Text("每几个客户锁定一个:批量写入部分失败", "one account in so many is locked: partial failures"), _locked, "3"
    ),
    "deleted": Weather(Text("有人删除几个客户", "people throw some accounts away"), _deleted, "10"),
    "merged": Weather(Text("有人合并几对客户", "people merge some pairs of accounts"), _merged, "3"),
    "lag": Weather(
        Text("写入后过这么多秒才出现在列表里", "what is written shows in lists so much later"),
        lambda tenant, told: tenant.delay(float(told.value)), "60",
    ),
    "wall": Weather(
        Text("列表到这么多行为止", "no list goes further than so many rows"),
        lambda tenant, told: tenant.wall(int(told.value)), "500",
    ),
    "forbidden": Weather(
        Text("管理员收回读取这种记录的权限", "an admin takes away the right to see these"),
        lambda tenant, told: tenant.forbid(told.value), "account",
    ),
    "skewed": Weather(Text("CRM 的时钟快这么多秒", "the CRM's clock is so many seconds ahead"), _skewed, "600"),
}  # fmt: skip
