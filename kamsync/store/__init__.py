"""Tables and the questions asked of them: SQLite by default, PostgreSQL by the same code.

Only `engine` imports this room. Functions take an open transaction; deciding is done elsewhere.
"""

from kamsync.store.database import Store, StoreNewer, StoreUnusable, open_store
from kamsync.store.lock import AlreadyWriting, LeaseLost, Writer, serving, still_ours, writing

__all__ = [
    "AlreadyWriting", "LeaseLost", "Store", "StoreNewer", "StoreUnusable", "Writer", "open_store", "serving",
    "still_ours", "writing",
]  # fmt: skip
