"""kamsync keeps key accounts (大客户) in step between CRMs: pulls, links, tiers, reminds."""

__version__ = "0.1.0"
