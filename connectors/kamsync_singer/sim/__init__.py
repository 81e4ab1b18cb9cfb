"""A tap and its source, for tests, authors and `kamsync connector dev singer`."""

from kamsync_singer.sim.tenant import SingerTenant

__all__ = ["SingerTenant"]
