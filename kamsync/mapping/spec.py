"""A mapping file as values: which CRM object each stream is, and the recipe for each model field.

Holds what was read and checked; it converts nothing.
"""

from __future__ import annotations

from collections import abc
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal

from kamsync.mapping.formula import Formula
from kamsync.model.about import Privacy, Purpose, about
from kamsync.plugin.document import Document

Path = tuple[str, ...]
Unknown = Literal["keep", "default", "ignore", "reject"]


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """How one model field is filled. `paths`: where in the record to look, the first that has a value wins."""

    kind: str
    paths: tuple[Path, ...] = ()
    default: Any = None
    scale: Decimal = Decimal(1)
    currency: str | None = None
    currency_from: tuple[Path, ...] = ()
    rate_from: tuple[Path, ...] = ()
    rate_divides: bool = False  # the rate is what one unit of the base currency buys
    to: str | None = None
    type_from: tuple[Path, ...] = ()  # where the record names the object that it points to
    type_in: str | None = None  # the same, inside each item of a list
    values: abc.Mapping[str, Any] = field(default_factory=dict)
    unknown: Unknown = "keep"
    norm: tuple[str, ...] = ()
    country: str = "CN"  # whose telephone numbers are written without a country code
    lunar: bool = False
    lunar_from: tuple[Path, ...] = ()
    formula: Formula | None = None  # in place of paths
    privacy: Privacy | None = None  # None: as the model has it
    purpose: Purpose | None = None

    def reads(self) -> Iterator[str]:
        """The record's own keys that this recipe looks at."""
        worked_out = self.formula.paths if self.formula else ()
        beside = (*self.currency_from, *self.rate_from, *self.type_from, *self.lunar_from)
        for path in (*self.paths, *worked_out, *beside):
            yield path[0]


@dataclass(frozen=True, slots=True)
class Condition:
    """True when the record has one of these values there."""

    path: Path
    values: frozenset[str]


@dataclass(frozen=True, slots=True)
class StreamSpec:
    """One stream. A field may have several recipes whose results are gathered (references, lists of texts)."""

    name: str
    object: str
    entity: str
    fields: abc.Mapping[str, tuple[FieldSpec, ...]]
    gone_when: tuple[Condition, ...] = ()
    skip_when: tuple[Condition, ...] = ()
    marker_from: tuple[Path, ...] = ()


@dataclass(frozen=True, eq=False)
class Mapping:
    """A checked mapping file."""

    document: Document = field(repr=False)
    specs: abc.Mapping[str, StreamSpec]

    @property
    def file(self) -> str:
        return str(self.document.path)

    @property
    def streams(self) -> tuple[str, ...]:
        """The streams in the file's order."""
        return tuple(self.specs)

    @property
    def objects(self) -> dict[str, str]:
        """The CRM's object of each stream."""
        return {name: spec.object for name, spec in self.specs.items()}

    @property
    def entities(self) -> dict[str, str]:
        """The entity that each stream's records become."""
        return {name: spec.entity for name, spec in self.specs.items()}

    @cached_property
    def account_streams(self) -> frozenset[str]:
        """The streams whose records are customers."""
        return frozenset(name for name, spec in self.specs.items() if spec.entity == "account")

    def object_of(self, stream: str) -> str:
        """The CRM's own name for a stream's object."""
        return self.specs[stream].object

    def stream_of(self, object: str) -> str | None:
        """The stream that a CRM object is mapped to, if it is."""
        wanted = object.casefold()
        return next((name for name, spec in self.specs.items() if spec.object.casefold() == wanted), None)

    def privacy(self, stream: str, field: str) -> Privacy:
        """How a field of this stream's entity is to be treated where it is shown."""
        spec = self.specs[stream]
        said = (recipe.privacy for recipe in spec.fields.get(field, ()))
        return next((word for word in said if word), about(spec.entity)[field].privacy)

    def purpose(self, stream: str, field: str) -> Purpose:
        """What a field of this stream's entity is held for."""
        spec = self.specs[stream]
        said = (recipe.purpose for recipe in spec.fields.get(field, ()))
        return next((word for word in said if word), about(spec.entity)[field].purpose)

    def wanted_fields(self, stream: str) -> frozenset[str]:
        """The keys of a record that the mapping looks at."""
        spec = self.specs[stream]
        conditions = (*spec.gone_when, *spec.skip_when)
        reads = {key for recipes in spec.fields.values() for recipe in recipes for key in recipe.reads()}
        return frozenset(reads | {c.path[0] for c in conditions} | {path[0] for path in spec.marker_from})
