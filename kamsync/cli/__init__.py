"""The command line: parse, call the engine, print. It decides nothing.

`main` is the console script. Expected errors are told in the chosen language, with the next command; never a traceback.
"""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import typer

from kamsync.cli.common import Asked, asked_by
from kamsync.plugin.errors import KamsyncError

FAULT, USAGE, INTERRUPTED = 1, 2, 130
UsageError: type[Exception] = typer.BadParameter.__bases__[0]  # of whichever click Typer brings


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line; its exit code."""
    args = list(sys.argv[1:] if argv is None else argv)
    asked = asked_by(args)
    try:
        return _run(args, asked)
    except UsageError as wrong:
        return _wrong_usage(wrong, asked)
    except KamsyncError as known:
        return _known(known, asked)
    except BrokenPipeError:  # the reader of our output had enough, as in `kamsync export … | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (KeyboardInterrupt, typer.Abort):
        _tell(asked, "已中断", "interrupted")
        return INTERRUPTED
    except Exception:  # noqa: BLE001  the outermost place: a fault of ours ends here, told and kept
        return _our_fault(asked)


def _run(args: list[str], asked: Asked) -> int:
    from kamsync.cli.app import build

    result = build(asked.language).main(args, prog_name="kamsync", standalone_mode=False, obj=asked)
    sys.stdout.flush()
    return result if isinstance(result, int) else 0


def _wrong_usage(wrong: Exception, asked: Asked) -> int:
    said = wrong.format_message() if hasattr(wrong, "format_message") else str(wrong)
    path = getattr(getattr(wrong, "ctx", None), "command_path", "kamsync")
    _tell(asked, f"用法不对:{said}", f"wrong usage: {said}")
    _tell(asked, f"接下来:{path} --help", f"next: {path} --help")
    return USAGE


def _known(known: KamsyncError, asked: Asked) -> int:
    _tell(asked, known.text.zh, known.text.en)
    if known.next:
        _tell(asked, f"接下来:{known.next}", f"next: {known.next}")
    return known.exit_code


def _our_fault(asked: Asked) -> int:
    try:
        place = str(_keep(traceback.format_exc()))
    except OSError:
        traceback.print_exc()
        place = "-"
    _tell(
        asked,
        f"这是 kamsync 自己的错误,请报告;详情已写入 {place}",
        f"this is a fault of kamsync's own, please report it; the details are in {place}",
    )
    return FAULT


def _keep(text: str) -> Path:
    """Write a traceback where only its owner can read it."""
    stamp = f"{datetime.now().astimezone():%Y%m%d-%H%M%S}-"
    handle, name = tempfile.mkstemp(prefix=f"kamsync-fault-{stamp}", suffix=".txt", text=True)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    return Path(name)


def _tell(asked: Asked, zh: str, en: str) -> None:
    text = zh if asked.language == "zh" else en
    encoding = sys.stderr.encoding or "utf-8"
    sys.stderr.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
