"""What a simulated CRM posts to those who watch it: by itself, from a thread of its own, and to this machine only.

It answers to nobody: a call that fails is lost, as a CRM's are, and is only noted.
"""

from __future__ import annotations

import http.client
import queue
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

DEADLINE = 10.0  # seconds


@dataclass(frozen=True, slots=True)
class Post:
    """One call of the CRM's to somebody who watches. Header names are in lower case."""

    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Posted:
    """What came of one. `status` 0: nobody answered."""

    url: str
    status: int
    body: bytes = b""


@dataclass
class Postman:
    """Sends in order, one at a time. `loses`: everything goes astray from now on."""

    loses: bool = False
    log: list[Posted] = field(default_factory=list)
    _waiting: queue.SimpleQueue[Post | None] = field(default_factory=queue.SimpleQueue)
    _thread: threading.Thread | None = None

    def take(self, post: Post) -> None:
        """Send it soon. Addresses beyond this machine are never called."""
        if self.loses or urlsplit(post.url).hostname != "127.0.0.1":
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, daemon=True)
            self._thread.start()
        self._waiting.put(post)

    def stop(self) -> None:
        if self._thread is not None:
            self._waiting.put(None)
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        while (post := self._waiting.get()) is not None:
            self.log.append(send(post))


def send(post: Post) -> Posted:
    """Send it now."""
    split = urlsplit(post.url)
    line = http.client.HTTPConnection(split.hostname or "", split.port or 80, timeout=DEADLINE)
    try:
        line.request("POST", split.path or "/", post.body, dict(post.headers))
        answer = line.getresponse()
        return Posted(post.url, answer.status, answer.read())
    except (OSError, http.client.HTTPException):
        return Posted(post.url, 0)
    finally:
        line.close()
