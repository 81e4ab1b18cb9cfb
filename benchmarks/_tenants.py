"""The simulated CRMs of the benchmarks, and what people do in them.

Apart from `_rig`, so that a process whose memory is measured need not hold them.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random

from kamsync.testing.tenant import Tenant
from kamsync.testing.world_make import make_world
from kamsync.testing.world_names import make_companies, write_phone, write_site
from kamsync_fxiaoke.sim import FxiaokeTenant
from kamsync_fxiaoke.sim import seed as seed_fxiaoke
from kamsync_zoho.sim import ZohoTenant
from kamsync_zoho.sim import seed as seed_zoho


def demo_zoho(today: date) -> ZohoTenant:
    """The demo's Zoho tenant."""
    tenant = ZohoTenant()
    seed_zoho(tenant, make_world(today))
    return tenant


def demo_fxiaoke(today: date) -> FxiaokeTenant:
    """The demo's Fxiaoke tenant, which bought 500 calls in 20 seconds."""
    tenant = FxiaokeTenant(calls_per_20s=500)
    seed_fxiaoke(tenant, make_world(today))
    return tenant


def big_zoho(
    accounts: int, touches: int, latency: float, concurrency: int = 20, lists_only: bool = False
) -> ZohoTenant:
    """Accounts of different companies, and each kind of activity (task, call, visit) so many times over them.

    `lists_only`: an edition, or a grant, with which nothing is queried and no bulk file is made.
    """
    tenant = ZohoTenant(latency=latency, concurrency=concurrency)
    if lists_only:
        knobs = tenant.knobs
        knobs.scopes = tuple(scope for scope in knobs.scopes if not {"coql", "bulk"} & set(scope.split(".")))
    began = datetime.now(UTC) - timedelta(days=400)
    companies, _ = make_companies(Random(7), accounts, 0)
    ids: list[str] = []
    for number, one in enumerate(companies):
        at = began + timedelta(minutes=number)
        facts = {"name": one.name, "uscc": one.uscc, "phone": write_phone(one, 0), "website": write_site(one, 0)}
        ids.append(tenant.add("account", modified=at, city=one.town.name, industry=one.trade.word, **facts))
    for number in range(touches):
        at = began + timedelta(days=360, minutes=number)  # a few weeks ago: no reminder is due
        about = ids[number % len(ids)]
        tenant.add("activity", kind="task", about=about, subject=f"回访 {number}", text="带上报价单", modified=at)
        tenant.add("activity", kind="call", about=about, subject=f"电话 {number}", at=at, modified=at)
        tenant.add("activity", kind="visit", about=about, subject=f"拜访 {number}", at=at, modified=at)
    return tenant


def edit(tenant: Tenant, accounts: int, activities: int) -> None:
    """People change some accounts (where they sit, too, which linking looks at) and tasks, calls and visits."""
    for id in tenant.ids("account")[:accounts]:
        tenant.change("account", id, city="昆山", address="港口路 1 号")
    every = list(tenant.ids("activity"))
    for id in every[:: max(1, len(every) // activities)][:activities]:
        tenant.change("activity", id, subject="改约下周")
