"""Where the CRMs' calls come in: the address to listen at, and the one under which the world sees it.

Checks their form only; whether the world reaches it, `kamsync doctor` judges.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from kamsync.config.faults import Wrong
from kamsync.plugin import Text

LISTEN = Text('写 "127.0.0.1:8091"', 'write it like "127.0.0.1:8091"')
PUBLIC = Text('写 "https://sync.example.cn"', 'write it like "https://sync.example.cn"')


@dataclass(frozen=True, slots=True)
class Address:
    """Host and port to listen at. Port 0: any that is free."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def listening(value: object) -> object:
    """What "127.0.0.1:8091" or "[::1]:8091" means; None is nowhere."""
    if value is None or isinstance(value, Address):
        return value
    text = value.strip() if isinstance(value, str) else ""
    found = re.fullmatch(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]+)):([0-9]{1,5})", text)
    if not found or int(found[3]) > 65535:
        raise Wrong(Text(f"{value!r} 不是监听地址", f"{value!r} is not an address to listen at"), LISTEN)
    return Address(found[1] or found[2], int(found[3]))


def public(value: object) -> object:
    """A web address without its last slash; None where there is none."""
    if value is None:
        return None
    text = value.strip() if isinstance(value, str) else ""
    try:
        parts = urlsplit(text)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    if not sound or parts.query or parts.fragment or parts.username is not None or re.search(r"\s", text):
        raise Wrong(Text(f"{value!r} 不是对外的网址", f"{value!r} is not a public web address"), PUBLIC)
    return text.rstrip("/")


def is_reachable(url: str) -> bool:
    """Could a CRM in the internet call it: https, and a name or address that is not of this machine or network only?"""
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        return parts.scheme == "https" and ip_address(host).is_global
    except ValueError:
        ours = ("localhost", ".localhost", ".local", ".internal", ".lan", ".home.arpa")
        return parts.scheme == "https" and "." in host.strip(".") and not host.rstrip(".").endswith(ours)
