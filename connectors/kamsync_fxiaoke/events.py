"""Read the change events that the CRM pushes: proven by their signature; they say only what to read sooner.

Polling stays the truth: an event carries no values, may come late, twice, in another order, or never.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from kamsync.plugin import ConfigError, Hint, Refused, Secret, Text
from kamsync_fxiaoke.rows import millis, moment

BLOCK = 128


class Events:
    """The event subscription of one tenant."""

    def __init__(self, key: Secret | None) -> None:
        self._key = key

    def hint(self, body: bytes, now: datetime) -> Hint:
        """The object to poll sooner; none for a call that only tries whether we are here. `now` goes on the answer."""
        key = self._aes()
        said = _mapping(body)
        self._prove(said)
        told = _mapping(decrypt(key, str(said.get("encryptedContent"))))
        name, id = told.get("apiName"), said.get("messageId") or told.get("messageId")
        objects = (name,) if isinstance(name, str) and name else ()
        return Hint(objects, str(id or ""), moment(said.get("timestamp")), self.answer(now))

    def answer(self, now: datetime) -> bytes:
        """What tells the CRM that a message was taken."""
        stamp, nonce = str(millis(now)), uuid.uuid4().hex[:8]
        result = encrypt(self._aes(), b"success")
        signature = sign(stamp, nonce, result, self._text())
        return json.dumps(
            {"timestamp": int(stamp), "nonce": nonce, "encryptedResult": result, "signature": signature}
        ).encode()

    def _prove(self, said: Mapping[str, Any]) -> None:
        names = ("timestamp", "nonce", "messageId", "retryTimes", "enterpriseAccount", "encryptedContent")
        parts = [str(said[name]) for name in names if said.get(name) is not None]
        good = sign(*parts, self._text())
        if not hmac.compare_digest(good.encode(), _bytes(str(said.get("signature")).lower())):
            raise _refused("signature", Text("事件推送的签名不对", "the event's signature is wrong"))

    def _text(self) -> str:
        if self._key is None:
            raise ConfigError(
                Text("收到事件推送,但没有配置 aes_key", "an event was pushed, but aes_key is not set"),
                next="kamsync doctor",
            )
        return self._key.reveal()

    def _aes(self) -> bytes:
        try:
            key = base64.b64decode(self._text(), validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if len(key) != 32:
            raise ConfigError(
                Text("aes_key 应是 32 字节的 base64", "aes_key is to be 32 bytes in base64"), next="kamsync doctor"
            )
        return key


def sign(*parts: str) -> str:
    """The vendor's signature: SHA-1 of the parts in a row, the key last."""
    return hashlib.sha1(_bytes("".join(parts)), usedforsecurity=False).hexdigest()


def _bytes(text: str) -> bytes:
    """In UTF-8; half a surrogate, which JSON may carry, is a question mark."""
    return text.encode("utf-8", "replace")


def encrypt(key: bytes, plain: bytes) -> str:
    padder = padding.PKCS7(BLOCK).padder()
    padded = padder.update(plain) + padder.finalize()
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()


def decrypt(key: bytes, text: str) -> bytes:
    """The plain text; Refused when it is not one of ours."""
    try:
        sealed = base64.b64decode(text, validate=True)
        decryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
        padded = decryptor.update(sealed) + decryptor.finalize()
        unpadder = padding.PKCS7(BLOCK).unpadder()
        return unpadder.update(padded) + unpadder.finalize()
    except (binascii.Error, ValueError) as broken:
        raise _refused("cipher", Text("事件推送的内容无法解密", "the event cannot be deciphered")) from broken


def _mapping(body: bytes) -> Mapping[str, Any]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, Mapping):
        raise _refused("shape", Text("事件推送的内容不是 JSON 对象", "the event is no JSON object"))
    return said


def _refused(code: str, text: Text) -> Refused:
    return Refused(text, code=code)
