"""Take secrets out of text before anybody sees it.

Replaces only what it is given; it does not guess what a secret looks like.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import quote, quote_plus

from pydantic import BaseModel

from kamsync.plugin import KamsyncError, Refused, Reply, Secret, Text

STARS = "***"
SHORTEST = 4  # shorter ones would star out ordinary words


def redact(text: str, secrets: Iterable[Secret | str]) -> str:
    """`text` with every secret in it, plain or as it looks inside an address, replaced by stars."""
    plain = {each.reveal() if isinstance(each, Secret) else each for each in secrets}
    forms = {form for each in plain for form in (each, quote(each, safe=""), quote_plus(each))}
    for form in sorted(forms, key=len, reverse=True):
        if len(form) >= SHORTEST:
            text = text.replace(form, STARS)
    return text


def hush(error: KamsyncError, secrets: Iterable[Secret | str]) -> None:
    """Redact an error that is on its way up: a CRM may quote our own key back at us."""
    kept = tuple(secrets)
    error.text = Text(redact(error.text.zh, kept), redact(error.text.en, kept))
    error.args = (error.text.en,)
    if isinstance(error, Refused):
        error.code = redact(error.code, kept)


def scrubbed(reply: Reply, secrets: Iterable[Secret | str]) -> Reply:
    """The reply without our secrets in it: what a CRM says of a write is stored and shown, row by row."""
    body = reply.body
    for each in secrets:
        plain = (each.reveal() if isinstance(each, Secret) else each).encode()
        body = body.replace(plain, STARS.encode()) if len(plain) >= SHORTEST else body
    return reply if body is reply.body else replace(reply, body=body)


def secrets_of(options: BaseModel) -> tuple[Secret, ...]:
    """The secrets among a connection's options."""
    return tuple(value for _, value in options if isinstance(value, Secret))
