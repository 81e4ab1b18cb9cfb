"""Which fields a list call asks for, within Zoho's fifty names and 1,024 characters.

Pure. What every slice must carry to be compared and placed comes first, then what the mapping wants.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kamsync.plugin import Field
from kamsync_zoho.canon import KIND_OF_PARENT

MOST = 50
LONGEST = 1_024
ALWAYS = ("Modified_Time", "Created_Time", "Owner")

# Never part of a list's rows, or not a value at all.
_UNLISTED = frozenset(
    {
        "subform", "fileupload", "imageupload", "profileimage", "multiselectlookup", "multiuserlookup",
        "RRULE", "ALARM", "event_reminder", "multireminder", "consent_lookup",
    }
)  # fmt: skip
_USEFUL = ("Tag", "Account_Name", "What_Id", "Who_Id", "Name", "Status", "Created_By", "Modified_By")
_NOTES = ("Note_Title", "Note_Content", "Parent_Id")


def main(module: str, fields: Sequence[Field], want: Iterable[str]) -> tuple[str, ...]:
    """The names of the first slice."""
    known = _listable(fields)
    wanted = sorted(name for name in want if not known or name in known or name in (*_USEFUL, KIND_OF_PARENT))
    names = [*ALWAYS, *wanted]
    if module == "Notes" and not known:
        names += _NOTES
    if "What_Id" in known or "What_Id" in wanted:
        names += ["What_Id", KIND_OF_PARENT]
    names += [name for name in _USEFUL if name in known]
    names += known
    return _fitting(names)


def every(module: str, fields: Sequence[Field], want: Iterable[str]) -> tuple[str, ...]:
    """What all slices together ask for: the same fields whichever way a record is read."""
    want = frozenset(want)
    first = main(module, fields, want)
    return tuple(dict.fromkeys([*first, *(name for names in others(fields, want, first) for name in names)]))


def strict(fields: Sequence[Field], names: Sequence[str]) -> tuple[str, ...]:
    """Those of the names that the metadata vouches for, and the stamp."""
    known = _listable(fields) or dict.fromkeys(name for name in names if name != KIND_OF_PARENT)
    return _fitting(["Modified_Time", *(name for name in names if name in known)])


def others(fields: Sequence[Field], want: Iterable[str], asked: Iterable[str]) -> list[tuple[str, ...]]:
    """Further slices, for wanted fields that found no room in the first."""
    known = _listable(fields)
    left = sorted({name for name in want if not known or name in known} - {*asked, "id", KIND_OF_PARENT})
    slices: list[tuple[str, ...]] = []
    while left:
        names = _fitting([*ALWAYS, *left])
        rest = [name for name in left if name not in names]
        if len(rest) == len(left):
            break  # a name too long for any call
        slices.append(names)
        left = rest
    return slices


def _listable(fields: Sequence[Field]) -> dict[str, None]:
    return {field.name: None for field in fields if field.type not in _UNLISTED and field.name != "id"}


def _fitting(names: Iterable[str]) -> tuple[str, ...]:
    """The names once each, as many as one call takes."""
    kept: list[str] = []
    length = 0
    for name in dict.fromkeys(name for name in names if name != "id"):
        if len(kept) < MOST and length + len(name) + 1 <= LONGEST:
            kept.append(name)
            length += len(name) + 1
    return tuple(kept)
