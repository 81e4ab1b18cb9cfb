"""Tables and the questions asked of them: SQLite by default, PostgreSQL by the same code.

Only `engine` imports this room. Functions take an open transaction; deciding is done elsewhere.
"""

from kamsync.store.database import Store, StoreNewer, open_store
from kamsync.store.lock import AlreadyWriting, LeaseLost, Writer, serving, still_ours, writing
from kamsync.store.soundness import StoreDamaged, StoreUnusable

__all__ = [
    "AlreadyWriting", "LeaseLost", "Store", "StoreDamaged", "StoreNewer", "StoreUnusable", "Writer", "open_store",
    "serving", "still_ours", "writing",
]  # fmt: skip
