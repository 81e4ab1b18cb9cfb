"""What a test may turn on the simulated Zoho tenant; the defaults are the documented values.

Plain values, read at the moment they matter, so that a test may turn them while the tenant runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SCOPES = (
    "ZohoCRM.modules.ALL",
    "ZohoCRM.settings.ALL",
    "ZohoCRM.users.READ",
    "ZohoCRM.org.READ",
    "ZohoCRM.coql.READ",
    "ZohoCRM.bulk.READ",
    "ZohoCRM.apis.READ",
    "ZohoSearch.securesearch.READ",
    "ZohoCRM.notifications.ALL",
)


@dataclass(slots=True)
class Knobs:
    """Limits, lags and switches. Seconds and counts throughout."""

    # tokens
    token_ttl: float = 3600
    mint_limit: int = 10  # in 10 minutes
    active_tokens: int = 10  # the oldest dies beyond
    throttle_word: str = "Access Denied"  # localised on some data centres: 拒绝访问
    api_domain: str | None = None  # None: the tenant's own address
    scopes: tuple[str, ...] = SCOPES
    unreadable: tuple[str, ...] = ()  # modules that the profile may not see

    # paging
    wall: int = 2_000
    ceiling: int = 100_000
    page_token_ttl: float = 24 * 3600
    param_chars: int = 1_024  # of `fields` and of `ids`
    deleted_reach_days: float = 120
    visibility_lag: float = 0  # a record created through the API shows in lists and COQL only after this

    # limits
    credits: int = 60_000  # in rolling 24 hours
    concurrency: int = 20
    sub_concurrency: int = 10  # of queries, sorted lists, searches and writes of many rows together
    coql_columns: int = 50
    bulk_seconds: float = 1.0  # that a bulk job takes
    bulk_ends: Literal["COMPLETED", "FAILURE", "FAILED"] = "COMPLETED"
    bulk_rows: int = 200_000  # of one job
    bulk_downloads: int = 10  # a minute

    # tenant
    org_id: str = "700123456"
    org_type: Literal["production", "sandbox", "developer"] = "production"
    edition: str = "enterprise"
    time_zone: str = "Asia/Shanghai"
    task_key_field: bool = True  # Tasks.Kamsync_Key exists
    tags_move_modified: bool = False
    formulas_move_modified: bool = False
    auto_create_tags: bool = True  # adding an unknown tag to a record creates it
    tags_per_record: int = 10
    tags_per_module: int = 100
    extra_fields: int = 0  # so many more text fields on Accounts: Extra_1, Extra_2 …
    blueprint: tuple[str, ...] = ()  # fields that a process controls: writing them is refused
    modules_with_fields: bool = True  # the list of modules tells fields where it is asked to include them
    unknown_keys: Literal["ignore", "refuse"] = "ignore"
