"""Mapping files: read and checked all at once, applied to records, compared with a tenant's fields."""

from kamsync.mapping.apply import Notes, Rejection, applier, apply, is_void
from kamsync.mapping.drift import drift, missing, scales
from kamsync.mapping.loops import loops
from kamsync.mapping.reading import read_mapping
from kamsync.mapping.spec import Mapping

__all__ = [
    "Mapping",
    "Notes",
    "Rejection",
    "applier",
    "apply",
    "drift",
    "is_void",
    "loops",
    "missing",
    "read_mapping",
    "scales",
]
