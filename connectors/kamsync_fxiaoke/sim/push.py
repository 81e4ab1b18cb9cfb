"""Change events as the CRM pushes them: an envelope around a ciphertext, signed with the subscription's key.

Made from the notes by itself, so that a receiver is not tried against its own mistakes. Sends nothing.
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes


def event(aes_key: str, plain: dict[str, Any], *, at: int, ea: str, retry: int | None = None) -> bytes:
    """The body of one push. `at`: when it is sent, epoch milliseconds."""
    sealed = seal(aes_key, json.dumps(plain).encode())
    told: dict[str, Any] = {"timestamp": at, "nonce": "mi3w", "messageId": plain["messageId"]}
    if retry is not None:
        told["retryTimes"] = retry
    told |= {"enterpriseAccount": ea, "encryptedContent": sealed}
    told["signature"] = _sha1("".join(str(part) for part in told.values()) + aes_key)
    return json.dumps(told).encode()


def accepted(aes_key: str, answer: bytes) -> bool:
    """Would the CRM take this answer, or send the event again?"""
    said = json.loads(answer)
    signed = _sha1(f"{said['timestamp']}{said['nonce']}{said['encryptedResult']}{aes_key}")
    return bool(signed == said["signature"]) and _open(aes_key, said["encryptedResult"]) == b"success"


def seal(aes_key: str, plain: bytes) -> str:
    left = 16 - len(plain) % 16
    encryptor = _cipher(aes_key).encryptor()
    return base64.b64encode(encryptor.update(plain + bytes([left]) * left) + encryptor.finalize()).decode()


def _open(aes_key: str, text: str) -> bytes:
    decryptor = _cipher(aes_key).decryptor()
    padded = decryptor.update(base64.b64decode(text)) + decryptor.finalize()
    return padded[: -padded[-1]]


def _cipher(aes_key: str) -> Cipher[modes.CBC]:
    key = base64.b64decode(aes_key)
    return Cipher(algorithms.AES(key), modes.CBC(key[:16]))


def _sha1(text: str) -> str:
    return hashlib.sha1(text.encode()).hexdigest()
