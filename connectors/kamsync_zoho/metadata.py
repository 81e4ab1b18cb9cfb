"""What a Zoho organisation consists of: modules, fields, tags, itself and its users.

Asks each question once in the life of a session; judges nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from kamsync.plugin import Choice, Field, Http, Refused, Request, Stream, Text, scale_of
from kamsync_zoho.replies import PERMISSION
from kamsync_zoho.shapes import Row, body, items, rows, section, text_id, truth, whole
from kamsync_zoho.wire import API

CREATED = "Created_Time"
BIN = timedelta(days=60)  # the recycle bin's memory; the list of deletions reaches back no less

USERS = Stream("users", "users", "user", Text("用户", "Users"), incremental=False)

_KNOWN = {
    "Accounts": ("accounts", "account"),
    "Contacts": ("contacts", "contact"),
    "Tasks": ("tasks", "activity"),
    "Calls": ("calls", "activity"),
    "Events": ("events", "activity"),
    "Notes": ("notes", "activity"),
    "Deals": ("deals", "deal"),
    "Sales_Orders": ("orders", "order"),
    "Invoices": ("invoices", "invoice"),
    "Cases": ("cases", "case"),
    "Contracts": ("contracts", "contract"),
    "Satisfaction_Surveys": ("surveys", "survey"),
}

# They change without moving Modified_Time: only a sweep sees it.
_SILENT_TYPES = frozenset({"formula", "rollup_summary"})
_FIGURES = frozenset({"currency", "double", "integer", "bigint", "formula", "rollup_summary"})
_SILENT = frozenset({"Tag", "Territories", "Territory", "Expected_Revenue"})

# Listed among the modules, yet neither described nor read through the record calls.
_NOT_RECORDS = frozenset(
    {"Attachments", "Emails", "CTI_Entry", "Email_Analytics", "Email_Template_Analytics", "Functions__s"}
)


@dataclass(frozen=True, slots=True)
class Tags:
    """A module's tags, how many there are and how many there may be (None: not told)."""

    names: frozenset[str]
    count: int | None
    allowed: int | None

    @property
    def room(self) -> int | None:
        """How many more it takes."""
        return None if self.allowed is None else max(0, self.allowed - (self.count or len(self.names)))


class Metadata:
    """The organisation's description of itself, kept for one session."""

    def __init__(self, http: Http) -> None:
        self._http = http
        self._fields: dict[str, tuple[Field, ...]] = {}
        self._org: Row | None = None
        self._listed: list[Row] | None = None

    def streams(self) -> Sequence[Stream]:
        """Every module that can be read through the API, and the users. Fields that are told with it are kept."""
        modules = self._modules()
        for module in modules:
            name = module.get("api_name")
            told = [row for row in items(module, "fields") if isinstance(row, Mapping)]
            if isinstance(name, str) and told:
                self._fields[name] = _seen(told)
        return [*(_stream(module) for module in modules if _offered(module)), USERS]

    def _modules(self) -> list[Row]:
        if self._listed is None:
            self._listed = self._list_modules()
        return self._listed

    def _list_modules(self) -> list[Row]:
        """With their fields in one call where Zoho gives them so."""
        path = f"{API}/settings/modules"
        try:
            return rows(self._http.call(Request("GET", path, {"include": "fields"})), "modules")
        except Refused as no:
            if no.code in PERMISSION:
                raise
            return rows(self._http.call(Request("GET", path)), "modules")

    def fields(self, module: str) -> tuple[Field, ...]:
        """The fields we may see; none where the module has no metadata."""
        if module == USERS.object:
            return ()
        if module not in self._fields:
            request = Request("GET", f"{API}/settings/fields", {"module": module})
            self._fields[module] = _seen(rows(self._http.call(request), "fields"))
        return self._fields[module]

    def fields_if_told(self, module: str) -> tuple[Field, ...]:
        """As `fields`, but none where Zoho refuses to describe the module."""
        try:
            return self.fields(module)
        except Refused:
            return ()

    def field(self, module: str, name: str) -> Field | None:
        """One field by its API name."""
        return next((field for field in self.fields_if_told(module) if field.name == name), None)

    def organisation(self) -> Row:
        """The organisation's own record; `{}` where Zoho gives none."""
        if self._org is None:
            self._org = _only(body(self._http.call(Request("GET", f"{API}/org"))), "org")
        return self._org

    def me(self) -> Row:
        """The user who granted the token."""
        request = Request("GET", f"{API}/users", {"type": "CurrentUser"})
        return _only(body(self._http.call(request)), "users")

    def tags(self, module: str) -> Tags:
        """The tags a module has, folded: Zoho knows no difference between large and small letters."""
        request = Request("GET", f"{API}/settings/tags", {"module": module})
        said = body(self._http.call(request))
        names = (tag.get("name") for tag in items(said, "tags") if isinstance(tag, Mapping))
        info = section(said, "info")
        return Tags(
            frozenset(str(name).casefold() for name in names),
            whole(info.get("count")),
            whole(info.get("allowed_count")),
        )


def stream_name(object: str) -> str:
    """What kamsync calls the stream of a module."""
    return _KNOWN.get(object, (object.lower(), None))[0]


def _only(said: Row, key: str) -> Row:
    inner = said.get(key)
    if isinstance(inner, Mapping):
        return inner
    return next((row for row in items(said, key) if isinstance(row, Mapping)), {})


def _offered(module: Row) -> bool:
    kind = str(module.get("generated_type") or "default").lower()
    return (
        isinstance(module.get("api_name"), str)
        and module["api_name"] not in _NOT_RECORDS
        and kind in ("default", "custom")
        and truth(module.get("api_supported"), True)
        and truth(module.get("viewable"), True)
    )


def _stream(module: Row) -> Stream:
    object = str(module["api_name"])
    name, entity = _KNOWN.get(object, (object.lower(), None))
    label = str(module.get("plural_label") or module.get("module_name") or object)
    custom = str(module.get("generated_type") or "").lower() == "custom"
    return Stream(name, object, entity, Text(label, label), custom, remembers=BIN, created=CREATED)


def _visible(row: Row) -> bool:
    """A profile may hide a field from us: then Zoho would refuse a query that names it."""
    return truth(row.get("visible"), True) and truth(section(row, "view_type").get("view"), True)


def _seen(told: Iterable[Row]) -> tuple[Field, ...]:
    """The fields that we may see."""
    return tuple(field for row in told if _visible(row) and (field := _field(row)).name)


def _field(row: Row) -> Field:
    name = str(row.get("api_name") or "")
    label, kind = str(row.get("display_label") or row.get("field_label") or name), str(row.get("data_type") or "text")
    frozen = truth(row.get("read_only")) or truth(row.get("field_read_only"))
    lookup = section(row, "lookup").get("module")
    refers_to = lookup.get("api_name") if isinstance(lookup, Mapping) else lookup
    return Field(
        name=name,
        label=label,
        type=kind,
        id=text_id(row.get("id")),
        choices=tuple(_choice(choice) for choice in items(row, "pick_list_values") if isinstance(choice, Mapping)),
        writable=not frozen and truth(section(row, "operation_type").get("api_update"), True),
        unique=bool(row.get("unique")),
        required=truth(row.get("system_mandatory")),
        custom=truth(row.get("custom_field")),
        length=whole(row.get("length")),
        refers_to=refers_to if isinstance(refers_to, str) else None,
        silent=kind in _SILENT_TYPES or name in _SILENT,
        returns=str(section(row, "formula").get("return_type") or ""),
        scale=scale_of(label) if kind in _FIGURES else 1,
    )


def _choice(row: Row) -> Choice:
    """Zoho reads and writes the display value; the actual value stays when an admin rewords it."""
    shown = row.get("display_value")
    stored = row.get("actual_value")
    label = str(stored if shown is None else shown)
    return Choice(str(label if stored is None else stored), label)
