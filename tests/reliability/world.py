"""The rig's small world: companies in three invented CRMs, a policy that one number decides, one rule for reminders.

Zoho with a unique key on tasks (E3), Zoho without, and Fxiaoke. Plain enough for the checker to say by itself what
must be true.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kamsync.testing.tenant import Tenant
from kamsync_fxiaoke.sim import FxiaokeTenant
from kamsync_zoho.sim import ZohoTenant

SETTLE = 150  # seconds; what is late or lags in the rig is over before (`faults.LATEST` and LAG together)
LAG = 20.0
SWAP = {"keyed": 2, "plain": 2, "fxiaoke": 1}  # writes to put one tag in another's place
RATINGS = (90, 65, 10)
CONNECTORS = {"keyed": "zoho", "plain": "zoho", "fxiaoke": "fxiaoke"}

POLICY = """\
name = "rig"
kind = "weighted"
[[tiers]]
name = "一级"
floor = 75
[[tiers]]
name = "二级"
floor = 55
[[tiers]]
name = "三级及以下"
floor = 0
[dimensions.current]
weight = 100
[dimensions.current.metrics.influence]
weight = 100
anchors = [[0, 0], [100, 100]]
[steadiness]
up_margin = 0
up_days = 0
down_margin = 0
down_runs = 1
down_days = 0
grace_days = 0
"""
REMINDERS = """\
[R24]
on = true
"""
MAPPINGS = {
    "zoho": """\
[accounts]
object = "Accounts"
entity = "account"
[accounts.fields]
name = "Account_Name"
uscc = "USCC"
influence = "Influence"
created_at = "Created_Time"
[tasks]
object = "Tasks"
entity = "activity"
marker_from = ["Kamsync_Key", "Description"]
[tasks.fields]
kind = { constant = "task" }
about = { from = "What_Id", type_from = ["$se_module"], to = "accounts" }
subject = "Subject"
at = ["Due_Date", "Created_Time"]
""",
    "fxiaoke": """\
[accounts]
object = "AccountObj"
entity = "account"
gone_when = { life_status = "invalid", is_deleted = true }
[accounts.fields]
name = "name"
uscc = "uniform_social_credit_code"
influence = "influence__c"
created_at = "create_time"
[schedules]
object = "ScheduleObj"
entity = "activity"
gone_when = { life_status = "invalid", is_deleted = true }
marker_from = "content"
[schedules.fields]
kind = { constant = "task" }
about = { from = "related_object_data", type_in = "describe_api_name" }
subject = "content"
at = "begin_time"
""",
}


def tenant(name: str) -> Tenant:
    """The empty CRM of a connection."""
    if name == "keyed":
        return ZohoTenant(org_id="700100001", credits=10_000_000, bulk_seconds=0.05, visibility_lag=LAG)
    if name == "plain":
        return ZohoTenant(
            org_id="700100002", credits=10_000_000, bulk_seconds=0.05, visibility_lag=LAG, task_key_field=False
        )
    return FxiaokeTenant(calls_per_20s=1_000_000, lag=LAG)


def deploy(folder: Path, store: str, options: Mapping[str, Mapping[str, Any]]) -> Path:
    """Write a deployment's files; the path of its config."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "policy.toml").write_text(POLICY, "utf-8")
    (folder / "reminders.toml").write_text(REMINDERS, "utf-8")
    for connector, text in MAPPINGS.items():
        (folder / f"{connector}.toml").write_text(text, "utf-8")
    lines = ['deployment = "rig"', "allow_plain_secrets = true", "[store]", f"url = {json.dumps(store)}"]
    lines += ["[policy]", 'tiers = "policy.toml"', 'reminders = "reminders.toml"']
    lines += [
        "[guards]",
        *(f"{name} = 1000" for name in ("customers_from", "moved_from", "max_per_owner", "surge_from")),
    ]
    lines += ["[schedule]", 'pull = "off"', 'cycle = "00:00"']
    for name, given in options.items():
        lines += [f"[connections.{name}]", f'connector = "{CONNECTORS[name]}"', f'mapping = "{CONNECTORS[name]}.toml"']
        lines += ['writes = "on"', f"settle_seconds = {SETTLE}", "concurrency = 1"]
        lines += [
            f"{key} = {json.dumps(list(value) if isinstance(value, tuple) else value)}" for key, value in given.items()
        ]
    path = folder / "config.toml"
    path.write_text("\n".join(lines), "utf-8")
    return path
