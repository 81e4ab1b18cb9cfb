"""The daemon's hearing: what it needs to hear CRMs, to look at what they called about, and to have them call."""

from __future__ import annotations

from kamsync.engine.hearing import Ears
from kamsync.engine.lines import Lines
from kamsync.engine.polling import Poller
from kamsync.engine.pull import PullReport
from kamsync.engine.watching import Watcher, left_standing
from kamsync.engine.workspace import Workspace


class Hooks:
    """Open while the daemon runs. Where nothing is listened to, it only ends what an earlier daemon asked for."""

    def __init__(self, workspace: Workspace, *, listens: bool) -> None:
        self.lines = Lines(workspace, None if listens else left_standing(workspace))
        self.ears = Ears(workspace, self.lines)
        self._poller = Poller(workspace, self.lines, self.ears)
        self._watcher = Watcher(workspace, self.lines, workspace.config.daemon.public_url if listens else None)

    @property
    def is_due(self) -> bool:
        return bool(self._poller.due or self._watcher.due)

    def work(self) -> PullReport | None:
        """What is due; the report of a poll, where there was one."""
        self._watcher.keep()
        return self._poller.poll() if self._poller.due else None

    def __enter__(self) -> Hooks:
        return self

    def __exit__(self, *_: object) -> None:
        self.lines.close()
