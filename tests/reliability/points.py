"""The places where a crash can matter: every commit of the store and every call through the door.

Both are one function each (`Store.write`, `Transport.send`); a test holds that nothing else commits or calls.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Literal

from kamsync.net.transport import Transport
from kamsync.store import Store

When = Literal["before", "after"]
Hook = Callable[[str, When], None]  # (name of the place, on which side of it we are)


@contextmanager
def watched(hook: Hook) -> Iterator[None]:
    """Call `hook` on both sides of every commit and call, on the thread that makes it."""
    write, send = Store.write, Transport.send

    @contextmanager
    def told_write(self: Store) -> Iterator[Any]:
        name = f"commit {_caller(sys._getframe(2))}"
        with write(self) as tx:
            yield tx
            hook(name, "before")
        hook(name, "after")

    def told_send(self: Transport, method: str, url: str, *args: Any, **more: Any) -> Any:
        name = called(method, url)
        hook(name, "before")
        reply = send(self, method, url, *args, **more)
        hook(name, "after")
        return reply

    Store.write, Transport.send = told_write, told_send  # type: ignore[method-assign]
    try:
        yield
    finally:
        Store.write, Transport.send = write, send  # type: ignore[method-assign]


def _caller(frame: FrameType | None) -> str:
    """The function whose unit of work this is, as engine.push._send."""
    while frame is not None and frame.f_globals.get("__name__", "").startswith(("contextlib", "tests.")):
        frame = frame.f_back
    if frame is None:
        return "?"
    return f"{frame.f_globals['__name__'].removeprefix('kamsync.')}.{frame.f_code.co_name}"


def called(method: str, url: str) -> str:
    """What is called, whoever it is about: ids and hosts left out."""
    path = re.sub(r"https?://[^/]+", "", url.split("?")[0])
    return f"{method} {re.sub(r'/[0-9a-f]{15,}(?=/|$)', '/ID', path)}"
