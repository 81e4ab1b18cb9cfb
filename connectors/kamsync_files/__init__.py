"""CSV and Excel files in a folder, as a connector: what the entry point loads.

Reads only, and without a network: orders, payments and surveys that live in files.
"""

from __future__ import annotations

from datetime import date
from importlib.resources import files
from typing import Any

from kamsync.plugin import Clock, Connector, Http, Session, Text
from kamsync_files.options import FilesOptions

__all__ = ["connector"]


def _mapping() -> str:
    return files(__name__).joinpath("mapping.toml").read_text("utf-8")


def _open(options: Any, http: Http, clock: Clock) -> Session:
    from kamsync_files.session import FilesSession

    return FilesSession(options, clock)


def _tenant(*, seed: bool = False, today: date | None = None, **named: Any) -> Any:
    """A folder with files in it; `seed`: with a few rows."""
    from kamsync_files.sim import FilesTenant

    return FilesTenant(seed=seed, **named)


connector = Connector(
    name="files",
    title=Text("CSV 与 Excel 文件", "CSV and Excel files"),
    options=FilesOptions,
    wire=None,
    mapping=_mapping,
    open=_open,
    tenant=_tenant,
    setup=Text(
        "把导出的文件放进一个文件夹;每种文件在 [connections.files.files.名字] 里写明路径和键列,"
        "再用 kamsync doctor 看读得对不对",
        "Put the exported files into one folder; say path and key columns of each kind in "
        "[connections.files.files.NAME], then let kamsync doctor show how they read",
    ),
)
