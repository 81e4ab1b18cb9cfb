"""The settings of one Fxiaoke connection.

Names and types only; whether they work is for the check-up to find out.
"""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field

from kamsync.plugin import Options, Secret


class FxiaokeOptions(Options):
    """The keys of a `[connections.…]` block with `connector = "fxiaoke"`."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    base_url: str = "https://open.fxiaoke.com"
    app_id: str
    app_secret: Secret
    permanent_code: Secret
    acting_user: str  # whose rights the daemon has: an employee id (header style) or FSUID_… (body style)
    auth_style: Literal["header", "body"] = "header"
    login: Literal["oauth2", "legacy"] = "oauth2"  # legacy: /cgi/corpAccessToken/get/V2, for old private clouds
    enterprise_account: str | None = None  # only where the token call does not tell it
    employee_ids: Literal["number", "open"] = "number"  # open: owners as FSUID_… under header style too
    void_rows: Literal["auto", "always", "filtered", "never"] = "auto"  # where 作废 rows show in lists; auto: find out
    second_path: bool = False  # read long lists by findSimple too, whose calls may be counted apart
    tag_channel: Literal["field", "function"] = "field"
    tag_field: str = "kam_tags__c"
    task_channel: Literal["schedule", "function", "message"] = "schedule"
    task_done_field: str = "schedule_status__c"  # which field of ScheduleObj says that a schedule is done,
    task_done_values: tuple[str, ...] = ("done",)  # and by which values
    function_prefix: str = "kam_"  # how the APL functions begin that an admin installed, see apl/README.md
    aes_key: Secret | None = None  # of the event subscription, base64; only where events are pushed to us
    calls_per_20s: int = Field(default=100, ge=1)
    daily_calls: int = Field(default=100_000, ge=1)
