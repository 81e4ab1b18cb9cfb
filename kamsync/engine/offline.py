"""The door of a connection that has none: files, a child process.

It tells the machine's time and costs nothing; every call through it is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import NoReturn

from kamsync.net import Spent
from kamsync.plugin import Clock, ConfigError, File, Options, Reply, Request, Text

READERS = 2  # streams read at once: the work is this machine's own


class Offline:
    """What the engine asks of a door, for a connector without a `Wire`."""

    def __init__(self, name: str, options: Options, clock: Clock) -> None:
        self.name = name
        self.spent = Spent()
        self._options = options
        self._clock = clock

    @property
    def concurrency(self) -> int:
        """Streams that may be read at once."""
        return self._options.concurrency or READERS

    def allow(self, calls: int) -> None:
        """There is no tenant that could allow less."""

    def now(self) -> datetime:
        """The machine's clock: there is no server whose clock could differ."""
        return self._clock.now()

    def facts(self) -> Mapping[str, str]:
        return {}

    def call(self, request: Request) -> Reply:
        self._refuse(request)

    def download(self, request: Request) -> AbstractContextManager[File]:
        self._refuse(request)

    def close(self) -> None:
        """There is nothing to close."""

    def _refuse(self, request: Request) -> NoReturn:
        raise ConfigError(
            Text(
                f"连接 {self.name} 的连接器没有声明网络,却要调用 {request.path}",
                f"the connector of {self.name} declares no network and calls {request.path}",
            ),
            next="kamsync doctor",
        )
