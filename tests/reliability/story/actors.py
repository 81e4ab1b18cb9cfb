"""What everybody else does: people, another integration, admins. Each act is a name, and two numbers that choose.

Acts on the tenants' own hands, never through kamsync; what cannot be done just now is not done.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

from kamsync.testing.server import dumps
from kamsync.testing.tenant import Tenant, TrueTask
from kamsync.testing.world_names import make_uscc
from tests.reliability.story.virtual import Fxiaoke, Zoho
from tests.reliability.story.world import World

MOST = 8  # customers a tenant
TAGS = ("老客户", "别家·跟进", "KAM·一级", "KAM·二级", "KAM·自定义")
INFLUENCE = (10, 50, 90)
Act = Callable[[World, int, int], None]


def customer(world: World, name: str, number: int, *, influence: int = 50, days: int = 40) -> str:
    """A new customer whom somebody visited so long ago."""
    tenant, now = world.tenants[name], world.time.now()
    code = make_uscc(Random(number), "330106")
    account = tenant.add("account", name=f"第{number}号有限公司", uscc=code, influence=influence)
    tenant.add("activity", kind="visit", about=account, at=now - timedelta(days=days))
    return account


def people(world: World) -> None:
    """Staff and customers, before the first day."""
    for number in range(4):
        for name in world.tenants:
            customer(world, name, number, influence=INFLUENCE[number % 3], days=10 + 25 * number)


# ---- choosing


def _tenant(world: World, pick: int) -> tuple[str, Tenant]:
    names = list(world.tenants)
    return names[pick % len(names)], world.tenants[names[pick % len(names)]]


def _account(tenant: Tenant, pick: int) -> str | None:
    ids = list(tenant.ids("account"))
    return ids[pick % len(ids)] if ids else None


def _task(tenant: Tenant, pick: int) -> TrueTask | None:
    tasks = [task for task in tenant.tasks() if task.marker and task.by_us]
    return tasks[pick % len(tasks)] if tasks else None


def _on_account(act: Callable[[World, Tenant, str, int], None]) -> Act:
    def do(world: World, pick: int, value: int) -> None:
        _, tenant = _tenant(world, value)
        account = _account(tenant, pick)
        if account is not None:
            act(world, tenant, account, value)

    return do


def _on_task(act: Callable[[World, Tenant, TrueTask, int], None]) -> Act:
    def do(world: World, pick: int, value: int) -> None:
        _, tenant = _tenant(world, value)
        task = _task(tenant, pick)
        if task is not None:
            act(world, tenant, task, value)

    return do


# ---- people


def _new_customer(world: World, pick: int, value: int) -> None:
    name, tenant = _tenant(world, pick)
    if len(tenant.ids("account")) < MOST:
        world.book.figures["customers"] += 1
        customer(
            world,
            name,
            100 + world.book.figures["customers"],
            influence=INFLUENCE[value % 3],
            days=5 + 20 * (value % 5),
        )


def _rename(world: World, tenant: Tenant, account: str, value: int) -> None:
    """In every CRM that keeps it: a code under two names is a question for a person, not one customer."""
    world.book.figures["renames"] += 1
    name = next(name for name, one in world.tenants.items() if one is tenant)
    codes = [code for code, records in world.book.ever.items() if (name, account) in records]
    for other, record in (place for code in codes for place in world.book.ever[code]):
        if record in world.tenants[other].ids("account"):
            world.tenants[other].change("account", record, name=f"改名{world.book.figures['renames']}有限公司")


def _rate(world: World, tenant: Tenant, account: str, value: int) -> None:
    tenant.change("account", account, influence=INFLUENCE[value % 3])


def _visit(world: World, tenant: Tenant, account: str, value: int) -> None:
    tenant.add("activity", kind="visit", about=account, at=world.time.now() - timedelta(hours=1 + value % 200))


def _delete(world: World, tenant: Tenant, account: str, value: int) -> None:
    if len(tenant.ids("account")) > 1:
        world.bin.append((tenant, account))
        tenant.discard("account", account)


def _restore(world: World, pick: int, value: int) -> None:
    if world.bin:
        tenant, account = world.bin.pop(pick % len(world.bin))
        tenant.restore(account)


def _merge(world: World, tenant: Tenant, account: str, value: int) -> None:
    other = _account(tenant, value)
    if isinstance(tenant, Zoho) and other is not None and other != account:
        world.book.united("zoho", account, other)
        tenant.merge(account, other)


def _tag(world: World, tenant: Tenant, account: str, value: int) -> None:
    tag, had = TAGS[value % len(TAGS)], tenant.tags(account)
    if tag not in had and (isinstance(tenant, Zoho) or tag in _options(tenant)):
        tenant.set_tags(account, [*had, tag])


def _options(tenant: Tenant) -> set[str]:
    assert isinstance(tenant, Fxiaoke)
    return set(tenant.crm.objects["AccountObj"].fields["kam_tags__c"].options.values())


def _untag(world: World, tenant: Tenant, account: str, value: int) -> None:
    had = list(tenant.tags(account))
    if had:
        had.pop(value % len(had))
        tenant.set_tags(account, had)


def _complete(world: World, tenant: Tenant, task: TrueTask, value: int) -> None:
    tenant.close_task(task.id)


def _reopen(world: World, tenant: Tenant, task: TrueTask, value: int) -> None:
    tenant.change("activity", task.id, status="planned")


def _throw_away(world: World, tenant: Tenant, task: TrueTask, value: int) -> None:
    tenant.remove_task(task.id)


def _reword(world: World, tenant: Tenant, task: TrueTask, value: int) -> None:
    tenant.reword_task(task.id, f"我自己改的标题 {value}")


def _reassign(world: World, tenant: Tenant, task: TrueTask, value: int) -> None:
    users = list(tenant.ids("user"))
    tenant.change("activity", task.id, owner=users[value % len(users)])


def _copy(world: World, tenant: Tenant, task: TrueTask, value: int) -> None:
    """A clone carries the text, marker and all; a key that may not repeat stays behind."""
    if task.target is None or task.target not in tenant.ids("account"):
        return
    if isinstance(tenant, Zoho):
        tenant.add("activity", kind="task", subject=task.subject, body=task.body, about=task.target)
    else:
        tenant.add(
            "activity", kind="task", subject=task.subject, marker=task.marker, about=task.target, status="planned"
        )


# ---- the other integration


def _rewrite_tags(world: World, tenant: Tenant, account: str, value: int) -> None:
    keep = [tag for tag in tenant.tags(account) if not tag.startswith("KAM·")] if value % 2 else []
    ours = [TAGS[1]] if isinstance(tenant, Zoho) else []
    tenant.set_tags(account, list(dict.fromkeys([*keep, *ours])))


def _same_record(world: World, tenant: Tenant, account: str, value: int) -> None:
    tenant.change("account", account, phone=f"0571-8{value % 10_000_000:07d}")


# ---- admins


def _lock(world: World, tenant: Tenant, account: str, value: int) -> None:
    tenant.lock_record(account)


def _cut_rights(world: World, pick: int, value: int) -> None:
    _, tenant = _tenant(world, pick)
    if isinstance(tenant, Zoho):
        tenant.knobs.unreadable = () if tenant.knobs.unreadable else ("Accounts", "Tasks")[value % 2 :][:1]
    elif isinstance(tenant, Fxiaoke):
        tenant.knobs.acting_user_admin = not tenant.knobs.acting_user_admin


def _spend_quota(world: World, pick: int, value: int) -> None:
    _, tenant = _tenant(world, pick)
    if isinstance(tenant, Zoho):
        tenant.knobs.credits = 60_000 if tenant.knobs.credits < 60_000 else tenant.crm.limits.used + value % 12
    elif isinstance(tenant, Fxiaoke):
        used = tenant.limits.used_today
        tenant.knobs.daily_quota = used + value % 12 if tenant.knobs.daily_quota is None else None


def _revoke_token(world: World, pick: int, value: int) -> None:
    _tenant(world, pick)[1].expire_token()


def _lag(world: World, pick: int, value: int) -> None:
    """Lists show what was written only a little later; settling waits longer than that."""
    _tenant(world, pick)[1].delay(value % 30)


def _back_up(world: World, pick: int, value: int) -> None:
    name, tenant = _tenant(world, pick)
    world.backups[name] = json.loads(dumps(tenant.dump()))


def _from_backup(world: World, pick: int, value: int) -> None:
    name, tenant = _tenant(world, pick)
    if name in world.backups:
        tenant.roll_back(json.loads(json.dumps(world.backups[name])))
        world.bin = [(one, id) for one, id in world.bin if one is not tenant]
        world.book.restored(name)


PEOPLE: dict[str, Act] = {
    "new_customer": _new_customer,
    "rename": _on_account(_rename),
    "rate": _on_account(_rate),
    "visit": _on_account(_visit),
    "delete": _on_account(_delete),
    "restore": _restore,
    "merge": _on_account(_merge),
    "tag": _on_account(_tag),
    "untag": _on_account(_untag),
    "complete": _on_task(_complete),
    "reopen": _on_task(_reopen),
    "throw_away": _on_task(_throw_away),
    "reword": _on_task(_reword),
    "reassign": _on_task(_reassign),
    "copy": _on_task(_copy),
}
RIVALS: dict[str, Act] = {"rewrite_tags": _on_account(_rewrite_tags), "same_record": _on_account(_same_record)}
ADMINS: dict[str, Act] = {
    "lock": _on_account(_lock),
    "cut_rights": _cut_rights,
    "spend_quota": _spend_quota,
    "revoke_token": _revoke_token,
    "lag": _lag,
    "back_up": _back_up,
    "from_backup": _from_backup,
}


def act(world: World, name: str, pick: int, value: int) -> None:
    """Let one of them act, and see what came of it."""
    all: dict[str, Any] = PEOPLE | RIVALS | ADMINS
    by = "backup" if name == "from_backup" else "people"
    world.people(lambda: all[name](world, pick, value), by)
