"""config.toml into typed values, every mistake at once; secrets at the last moment."""

from kamsync.config.blocks import Daily, Every, GuardsBlock, PolicyBlock, ScheduleBlock, StoreBlock, Timing, Writes
from kamsync.config.calendars import read_calendar
from kamsync.config.policies import read_policy
from kamsync.config.reminders import read_reminders
from kamsync.config.secrets import SecretMissing, unseal
from kamsync.config.settings import Config, ConnectionConfig, listening_at, load

__all__ = [
    "Config", "ConnectionConfig", "Daily", "Every", "GuardsBlock", "PolicyBlock", "ScheduleBlock", "SecretMissing",
    "StoreBlock", "Timing", "Writes", "listening_at", "load", "read_calendar", "read_policy", "read_reminders",
    "unseal",
]  # fmt: skip
