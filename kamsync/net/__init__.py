"""The one door to the network: pace, deadline, retry of reads, tokens, redaction, caps."""

from kamsync.net.budget import Ledger
from kamsync.net.clock import Stopped, SystemClock
from kamsync.net.counted import CallRecord, Spent
from kamsync.net.door import Door
from kamsync.net.redact import redact
from kamsync.net.tokens import Kept, MemoryBox, TokenBox
from kamsync.net.transport import Failed, Transport

__all__ = [
    "CallRecord",
    "Door",
    "Failed",
    "Kept",
    "Ledger",
    "MemoryBox",
    "Spent",
    "Stopped",
    "SystemClock",
    "TokenBox",
    "Transport",
    "redact",
]
