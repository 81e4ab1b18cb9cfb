"""What identifies a task of ours inside a CRM: `kam:<rule>:<suffix>:<hash>`.

Made of nothing but what survives the loss of our database. It never changes a marker that has been written.
"""

from __future__ import annotations

import base64
import hashlib
import re

HASH = 26  # base32 characters: 130 bits
LONGEST = 80  # a slug longer than this is cut and told apart by its hash

_MARKER = re.compile(r"kam:(R\d\d):([^\s:]+):[a-z2-7]{26}(?![a-z0-9])")


def marker(deployment: str, org: str, rule: str, remote_id: str, suffix: str) -> str:
    """The marker of one duty on one record of one tenant."""
    made = f"kam:{rule}:{suffix}:{_digest(deployment, org, rule, remote_id, suffix)}"
    if not _MARKER.fullmatch(made):
        raise ValueError(f"rule {rule!r} and suffix {suffix!r} make no marker: a suffix has no spaces and no colons")
    return made


def find_marker(text: str) -> str | None:
    """The marker in a text a CRM gave us; ours is written last, so the last one counts."""
    found = [match[0] for match in _MARKER.finditer(text)]
    return found[-1] if found else None


def duty_in(text: str) -> tuple[str, str] | None:
    """(rule, suffix) of the duty that a marker names; None: it is no marker."""
    match = _MARKER.fullmatch(text)
    return (match[1], match[2]) if match else None


def unmark(text: str) -> str:
    """The text with anything that looks like a marker made harmless: nobody's name may pass for one."""
    return _MARKER.sub(lambda match: match[0].replace(":", "："), text)


def slug(text: str) -> str:
    """`text` as part of a suffix: no spaces, no colons, and two texts never share one."""
    safe = re.sub(r"[^A-Za-z0-9._-]", _escape, text)
    return safe if 0 < len(safe) <= LONGEST else f"{safe[: LONGEST // 4]}~~{_digest(text)}"


def _escape(match: re.Match[str]) -> str:
    return "".join(f"~{byte:02x}" for byte in match[0].encode("utf-8", "surrogatepass"))


def _digest(*parts: str) -> str:
    """A hash of the parts; each is led by its length, so that no two lists of parts read alike."""
    joined = "".join(f"{len(part)}:{part}" for part in parts)
    whole = hashlib.sha256(joined.encode("utf-8", "surrogatepass")).digest()
    return base64.b32encode(whole).decode("ascii").lower()[:HASH]
