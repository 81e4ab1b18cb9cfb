"""What is in the simulated org: records in three orders, who is who, what was deleted.

Knows no HTTP. Whoever calls it holds the tenant's lock.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zlib import crc32
from zoneinfo import ZoneInfo

from kamsync_zoho.sim.fields import Module

Body = dict[str, Any]
Key = tuple[int, int]  # (what it is sorted by, id)

COLOURS = ("#57B1FD", "#879BFC", "#658BA8", "#FD87BD", "#969696", "#F48435", "#1DB9B4", "#E7A826", "#63C57E",
           "#F17574", "#D297EE", "#A8C026", "#B88562")  # fmt: skip


@dataclass(slots=True)
class Row:
    """One live record. `ref` is the very object that stands in the lookups of others, so a rename shows at once."""

    num: int
    module: str
    body: Body
    ref: Body
    created: int  # epoch seconds
    modified: int
    visible: float = 0.0  # from when on lists show it
    by_api: bool = False

    @property
    def id(self) -> str:
        return str(self.num)


@dataclass(frozen=True, slots=True)
class Gone:
    """One line of a module's list of deletions. `row`: what can be restored from the recycle bin."""

    id: str
    name: str | None
    kind: str  # recycle | permanent
    at: int
    by: str
    row: Row | None


class Table:
    """The live rows of one module, kept in the three orders that lists can ask for."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.rows: dict[int, Row] = {}
        self.orders: dict[str, list[Key]] = {"id": [], "Created_Time": [], "Modified_Time": []}
        self.unique: dict[tuple[str, Any], int] = {}
        self.unique_fields = [name for name, field in module.fields.items() if field.unique]
        self.tags: dict[str, Body] = {}  # the module's tags by name
        self.gone: list[Gone] = []

    def keys(self, row: Row) -> Iterator[tuple[list[Key], Key]]:
        yield self.orders["id"], (row.num, row.num)
        yield self.orders["Created_Time"], (row.created, row.num)
        yield self.orders["Modified_Time"], (row.modified, row.num)

    def put(self, row: Row) -> None:
        self.rows[row.num] = row
        for order, key in self.keys(row):
            insort(order, key)
        for name in self.unique_fields:
            if row.body[name] is not None:
                self.unique[name, row.body[name]] = row.num

    def drop(self, row: Row) -> None:
        del self.rows[row.num]
        for order, key in self.keys(row):
            del order[bisect_left(order, key)]
        for name in self.unique_fields:
            self.unique.pop((name, row.body[name]), None)


@dataclass
class Org:
    """The whole state but tokens and credits."""

    modules: dict[str, Module]
    zone: ZoneInfo
    tables: dict[str, Table] = field(init=False)
    users: dict[str, Body] = field(default_factory=dict)
    user_refs: dict[tuple[str, bool], Body] = field(default_factory=dict)
    hidden: set[tuple[str, str]] = field(default_factory=set)  # (module, field) that the profile may not see
    last_id: int = 5725767000000100000
    numbers: int = 1000  # of orders, invoices, cases

    def __post_init__(self) -> None:
        self.tables = {name: Table(module) for name, module in self.modules.items()}

    def new_id(self) -> int:
        self.last_id += 1
        return self.last_id

    def iso(self, epoch: float) -> str:
        """A stamp as this org's API sends it: local offset, whole seconds."""
        return datetime.fromtimestamp(int(epoch), self.zone).isoformat(timespec="seconds")

    # ---- finding

    def row(self, id: str, module: str | None = None) -> Row | None:
        """The live record of that id, in one module or any."""
        if not id.isdigit():
            return None
        tables = self.tables.values() if module is None else [self.tables[module]]
        return next((table.rows[int(id)] for table in tables if int(id) in table.rows), None)

    def must(self, id: str) -> Row:
        """The live record of that id; a test that names another one is wrong."""
        row = self.row(id)
        if row is None:
            raise KeyError(f"no live record {id}")
        return row

    def fields(self, module: str) -> list[str]:
        """The field names that the API shows."""
        return [name for name in self.modules[module].fields if (module, name) not in self.hidden]

    def user_ref(self, id: str, *, email: bool = False) -> Body:
        """What stands for a user in a record: one shared object, so that a rename shows at once."""
        ref = self.user_refs.setdefault((id, email), {"name": None, "id": id})
        ref["name"] = self.users[id]["full_name"]
        if email:
            ref["email"] = self.users[id]["email"]
        return ref

    # ---- changing

    def insert(
        self,
        module: str,
        given: Mapping[str, Any],
        *,
        at: float,
        by: str,
        created: float | None = None,
        by_api: bool = False,
    ) -> Row:
        """A new record. `given` holds stored values: lookups as refs, amounts as plain numbers."""
        created = at if created is None else created
        num = self.new_id()
        body = {"id": str(num), **dict.fromkeys(self.modules[module].fields), **given}
        author = self.user_ref(by)
        body["Owner"] = body["Owner"] or self.user_ref(by, email=True)
        body["Created_By"], body["Modified_By"] = author, author
        body["Created_Time"], body["Modified_Time"] = self.iso(created), self.iso(at)
        body["Tag"], body["Record_Status__s"] = body["Tag"] or [], "Available"
        body["Locked__s"] = False
        row = Row(num, module, body, {"name": None, "id": str(num)}, int(created), int(at), by_api=by_api)
        self.derive(row)
        self.tables[module].put(row)
        return row

    def derive(self, row: Row) -> None:
        """What follows from the rest of the body: the numbers it gets, its name, what it is worth."""
        body, fields = row.body, self.modules[row.module].fields
        for name in fields:
            if fields[name].type == "autonumber" and body[name] is None:
                self.numbers += 1
                body[name] = str(self.numbers)
        if "Full_Name" in body:
            body["Full_Name"] = "".join(body[name] or "" for name in ("Last_Name", "First_Name")) or None
        if row.module == "Deals" and body["Amount"] is not None and body["Probability"] is not None:
            body["Expected_Revenue"] = body["Amount"] * body["Probability"] / 100
        if row.module == "Tasks":
            done = body["Status"] == "Completed"
            body["Closed_Time"] = (body["Closed_Time"] or body["Modified_Time"]) if done else None
        row.ref["name"] = body[self.modules[row.module].display]

    def update(self, row: Row, changes: Mapping[str, Any], *, at: float, by: str, touch: bool = True) -> None:
        """New values for some fields. Without `touch` the change leaves no trace in Modified_Time."""
        table = self.tables[row.module]
        table.drop(row)
        row.body.update(changes)
        if touch:
            row.modified = int(at)
            row.body["Modified_Time"], row.body["Modified_By"] = self.iso(at), self.user_ref(by)
        self.derive(row)
        table.put(row)

    def delete(self, row: Row, *, at: float, by: str, kind: str = "recycle") -> None:
        table = self.tables[row.module]
        table.drop(row)
        table.gone.append(Gone(row.id, row.ref["name"], kind, int(at), by, row if kind == "recycle" else None))

    def restore(self, id: str) -> None:
        """Back from the recycle bin, its stamp as it was."""
        for table in self.tables.values():
            for gone in list(table.gone):
                if gone.id == id and gone.row is not None:
                    table.gone.remove(gone)
                    table.put(gone.row)

    def merge(self, winner: Row, loser: Row, *, at: float, by: str) -> None:
        """The loser's children move to the winner, then the loser is gone without a pointer."""
        for table in self.tables.values():
            lookups = [name for name, field in table.module.fields.items() if field.type == "lookup"]
            for row in list(table.rows.values()):
                moved = {name: self.ref_to(winner, name) for name in lookups if points_to(row.body[name], loser.id)}
                if moved:
                    self.update(row, moved, at=at, by=by)
        self.delete(loser, at=at, by=by)

    def ref_to(self, row: Row, name: str) -> Body:
        """What stands in a lookup field for this record."""
        if name != "Parent_Id":
            return row.ref
        return {"id": row.id, "name": row.ref["name"], "module": {"api_name": row.module, "id": stable_id(row.module)}}

    def tag(self, module: str, name: str, colour: str | None = None) -> Body:
        """The module's tag of that name, made if need be."""
        tags = self.tables[module].tags
        if name not in tags:
            colour = colour or COLOURS[len(tags) % len(COLOURS)]
            tags[name] = {"name": name, "id": str(self.new_id()), "color_code": colour}
        return tags[name]


def points_to(value: Any, id: str) -> bool:
    return isinstance(value, dict) and value.get("id") == id


def stable_id(name: str) -> str:
    """Stable for a name, in the shape of Zoho's ids."""
    return str(5725766000000000000 + crc32(name.encode()))
