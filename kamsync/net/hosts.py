"""Which addresses a connection may speak to.

The CRM's own clouds over https, and what `allow_hosts` names; everything else is refused before a byte leaves.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import SplitResult, urlsplit

from kamsync.plugin import ConfigError, Text

_ODD = re.compile(r"[\s\\\x00-\x1f\x7f]")


def join(base: str, path: str) -> str:
    """The whole address of `path` below `base`; a whole address stays as it is."""
    if path.startswith(("https://", "http://")):
        return path
    return f"{base.rstrip('/')}/{path.lstrip('/')}"


def host_of(url: str) -> str:
    """host or host:port, for messages: no user, no path, no query."""
    split = urlsplit(url)
    return split.netloc.rpartition("@")[2]


def admit(url: str, clouds: Sequence[str], allowed: Sequence[str], connection: str) -> None:
    """Return when `url` may be called; else raise `ConfigError`, which names the key to edit."""
    split = _split(url)
    if split is not None and (_listed(split, allowed) or _own_cloud(split, clouds)):
        return
    place = host_of(url) if split is not None else "?"
    raise ConfigError(
        Text(
            f"连接 {connection}:地址 {place!r} 不是该 CRM 自己的 https 地址。"
            f"若确属可信,请把它写进配置 [connections.{connection}] 的 allow_hosts",
            f"connection {connection}: {place!r} is not an https address of the CRM's own clouds. "
            f"If you trust it, add it to allow_hosts in [connections.{connection}]",
        ),
        next="kamsync doctor",
    )


def _split(url: str) -> SplitResult | None:
    """The parts of a plain http(s) address; None when it could be read in two ways."""
    if _ODD.search(url):
        return None
    try:
        split = urlsplit(url)
        _ = split.port  # raises when it is no number
    except ValueError:
        return None
    plain = split.scheme in ("https", "http") and split.hostname and "@" not in split.netloc
    return split if plain else None


def _name(split: SplitResult) -> str:
    return (split.hostname or "").rstrip(".").lower()


def _own_cloud(split: SplitResult, clouds: Sequence[str]) -> bool:
    if split.scheme != "https" or split.port not in (None, 443):
        return False
    name = _name(split)
    return any(name == cloud or name.endswith(f".{cloud}") for cloud in (each.lstrip(".").lower() for each in clouds))


def _listed(split: SplitResult, allowed: Sequence[str]) -> bool:
    port = split.port or (443 if split.scheme == "https" else 80)
    for entry in allowed:
        wanted = _split(f"http://{entry.strip().lower()}")
        if wanted is None or wanted.path not in ("", "/"):
            continue
        if _name(wanted) == _name(split) and wanted.port in (None, port):
            return True
    return False
