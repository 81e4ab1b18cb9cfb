"""Seal small secrets for keeping: AES-GCM, bound to the place they belong to.

A sealed value opened with another key, or in another place, is simply not there.
"""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE = 12


def seal(key: bytes, plain: str, place: str) -> bytes:
    """`plain` sealed with a 32-byte key for `place`."""
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, plain.encode(), place.encode())


def unseal(key: bytes, sealed: bytes, place: str) -> str | None:
    """What was sealed, or None when key or place are not the ones it was sealed with."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], place.encode()).decode()
    except InvalidTag:
        return None
