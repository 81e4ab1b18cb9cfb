"""Where what is shipped lies: the policies and the example config, in the package or beside it in a checkout."""

from __future__ import annotations

from pathlib import Path

SHARE = Path(__file__).parent.parent / "share"


def share() -> Path:
    """The folder that holds `policies/` and `config.example.toml`."""
    return SHARE if SHARE.is_dir() else SHARE.parent.parent
