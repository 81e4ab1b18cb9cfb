"""Do several pieces of work side by side, each in a process of its own, and gather what they return."""

from __future__ import annotations

import os
import pickle
import traceback
from collections.abc import Callable, Mapping
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from typing import Any

from tests.reliability.part import Say


def together(works: Mapping[str, tuple[Callable[..., Any], *tuple[Any, ...]]], say: Say) -> dict[str, Any]:
    """By name (work, its arguments after `say`) -> what it returned. Raises when one broke off."""
    pipes: dict[Connection, tuple[str, int]] = {}
    for name, (work, *given) in works.items():
        ours, theirs = Pipe(duplex=False)
        child = os.fork()
        if child == 0:
            _work(theirs, work, given)
        theirs.close()
        pipes[ours] = name, child
    words, found = dict.fromkeys(works, "…"), {}
    try:
        while pipes:
            for ready in wait(list(pipes)):
                name, child = pipes[ready]  # type: ignore[index]
                kind, what = _heard(ready)  # type: ignore[arg-type]
                if kind == "say":
                    words[name] = what
                    say(" | ".join(f"{one}: {word}" for one, word in words.items()))
                    continue
                os.waitpid(child, 0)
                del pipes[ready]  # type: ignore[arg-type]
                if kind == "broke off":
                    raise RuntimeError(f"{name} broke off: {what}")
                found[name] = what
    finally:
        for _, child in pipes.values():
            os.kill(child, 15)
            os.waitpid(child, 0)
    return {name: found[name] for name in works}


def _heard(pipe: Connection) -> tuple[str, Any]:
    try:
        heard: tuple[str, Any] = pipe.recv()
    except EOFError:
        return "broke off", "without a word"
    return heard


def _work(pipe: Connection, work: Callable[..., Any], given: list[Any]) -> None:
    """Never comes back."""
    try:
        done = work(lambda what: pipe.send(("say", what)), *given)
        pickle.dumps(done)
        pipe.send(("done", done))
    except BaseException:  # noqa: BLE001  told, whatever it was: the parent waits for a word
        pipe.send(("broke off", traceback.format_exc()))
    finally:
        os._exit(0)
