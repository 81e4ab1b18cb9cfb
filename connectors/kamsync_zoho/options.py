"""The keys of a Zoho block in the config.

Checks their form only; whether Zoho accepts them, `kamsync doctor` finds out.
"""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from kamsync.plugin import Options, Secret

ENDINGS = (
    "com",
    "eu",
    "in",
    "com.cn",
    "com.au",
    "jp",
    "ca",
    "sa",
    "uk",
)  # of the data centres, as in zohoapis.<ending>


Trigger = Literal["approval", "workflow", "blueprint", "pathfinder", "orchestration"]


class ZohoOptions(Options):
    """One Zoho organisation, reached with one refresh token."""

    accounts_url: str
    client_id: str = Field(min_length=1)
    client_secret: Secret
    refresh_token: Secret
    api_url: str | None = None  # overrides the address that the token call names
    task_key_field: str | None = None
    daily_credits: int | None = Field(default=None, gt=0)  # the share of the organisation's credits we may use
    coql_columns: int = Field(default=500, ge=10)  # of one query; 50 is tried by itself where Zoho takes no more
    bulk_above: int = Field(default=40_000, ge=0)  # rows from which a bulk file is cheaper than queries; 0: never
    trigger: tuple[Trigger, ...] = ()  # what our writes may set off in the CRM
    notify_token: Secret | None = None  # what Zoho's notifications must carry to be believed

    @field_validator("accounts_url", "api_url")
    @classmethod
    def _is_address(cls, value: str | None) -> str | None:
        if value is None:
            return None
        split = urlsplit(value)
        if split.scheme not in ("https", "http") or not split.hostname:
            raise ValueError("an address is needed, such as https://accounts.zoho.com.cn")
        return value.rstrip("/")

    @field_validator("task_key_field", mode="before")
    @classmethod
    def _no_blank(cls, value: object) -> object:
        return None if value == "" else value


def centre_of(address: str) -> str | None:
    """The data centre's ending in one of Zoho's own addresses; None for any other."""
    host = (urlsplit(address).hostname or "").lower()
    for ending in sorted(ENDINGS, key=len, reverse=True):
        if host.endswith((f".zohoapis.{ending}", f"accounts.zoho.{ending}", f"accounts.zohocloud.{ending}")):
            return ending
    return None


def first_guess(options: ZohoOptions) -> str:
    """The API address until a token names one: that of the same data centre, or the token host itself."""
    if options.api_url:
        return options.api_url
    ending = centre_of(options.accounts_url)
    return f"https://www.zohoapis.{ending}" if ending else options.accounts_url
