"""A folder as people keep it, for tests, authors and `kamsync connector dev files`."""

from kamsync_files.sim.tenant import FilesTenant

__all__ = ["FilesTenant"]
