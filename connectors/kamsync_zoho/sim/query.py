"""Running a COQL query: which columns exist, which rows match, in what order, at what price.

Walks an index from its lower bound where the query allows it, so that a keyset walk costs what it returns.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from kamsync.testing.server import Answer, Call
from kamsync_zoho.sim.coql import Criteria, Criterion, Pair, Query, Value, criteria, parse
from kamsync_zoho.sim.crm import Crm, aware, is_date, json_body
from kamsync_zoho.sim.fields import Field
from kamsync_zoho.sim.refusals import Refusal
from kamsync_zoho.sim.state import Row

Test = Callable[[Row], bool]
MAX_ROWS, MAX_REACH, MAX_CRITERIA, MAX_IN, MAX_ORDER = 2_000, 100_000, 25, 50, 10
NO_COQL = frozenset({"Notes"})
NO_COLUMN = frozenset({("Events", "Participants")})
LOOKUPS = frozenset({"lookup", "ownerlookup"})
NUMBERS = frozenset({"integer", "currency", "double", "percent", "formula"})
ORDERED = NUMBERS | {"date", "datetime", "id"}


@dataclass(frozen=True, slots=True)
class Column:
    """A column as the query names it, with how to read it from a row, to show and to compare."""

    path: str
    kind: str
    show: Callable[[Row], Any]
    value: Callable[[Row], Any]


def serve(crm: Crm, call: Call) -> Answer:
    """POST /coql"""
    text = json_body(call).get("select_query")
    if not isinstance(text, str):
        raise Refusal("MANDATORY_NOT_FOUND", {"api_name": "select_query", "json_path": "$.select_query"})
    query = parse(text)
    crm.charge(1 if query.limit <= 200 else 2 if query.limit <= 1000 else 3)
    check_limits(crm, query)
    if query.count is not None:
        column(crm, query.module, query.count)
        counted = sum(1 for _ in matches(crm, query))
        return Answer(200, {"data": [{f"COUNT({query.count})": counted}], "info": {"count": 1, "more_records": False}})
    columns = {name: column(crm, query.module, path) for path, name in query.columns}
    rows = list(islice(matches(crm, query), query.offset, query.offset + query.limit + 1))
    if not rows:
        return Answer(204)
    shown = rows[: query.limit]
    data = [{"id": row.id, **{name: each.show(row) for name, each in columns.items()}} for row in shown]
    return Answer(200, {"data": data, "info": {"count": len(shown), "more_records": len(rows) > query.limit}})


def check_limits(crm: Crm, query: Query) -> None:
    if query.module not in crm.org.modules or query.module in NO_COQL:
        raise Refusal("INVALID_QUERY", {"module": query.module, "reason": "module is not supported"})
    crm.allow(["ZohoCRM.modules.{module}.READ"], query.module)
    tests = criteria(query.where)
    found = {
        "select": (len(query.columns), crm.knobs.coql_columns),
        "where": (len(tests), MAX_CRITERIA),
        "in": (max(len(test.values) for test in tests), MAX_IN),
        "order by": (len(query.order), MAX_ORDER),
        "limit": (query.limit, MAX_ROWS),
        "offset": (query.offset + query.limit, MAX_REACH),
    }
    for clause, (count, limit) in found.items():
        if count > limit:
            raise Refusal("LIMIT_EXCEEDED", {"clause": clause, "limit": limit})
    for place, (path, _) in enumerate(query.order):
        if path in [before for before, _ in query.order[:place]]:
            raise Refusal("DUPLICATE_DATA", {"column_name": path, "clause": "order by"})


# ---- columns


def column(crm: Crm, module: str, path: str, clause: str = "select") -> Column:
    """The column of a path; a lookup's own path may go one step into the record it points to."""
    name, _, rest = path.partition(".")
    unknown = Refusal("INVALID_QUERY", {"column_name": path, "clause": clause, "module": module})
    if name == "id" and not rest:
        return Column(path, "id", lambda row: row.id, lambda row: row.num)
    if name not in crm.org.fields(module) or (module, name) in NO_COLUMN:
        raise unknown
    field = crm.org.modules[module].fields[name]
    if not rest:
        return plain(field)
    if field.type not in LOOKUPS:
        raise unknown
    if rest == "id":
        inside = plain(field)
        return Column(path, "lookup", inside.value, inside.value)
    if field.target is None:
        raise unknown
    target, there = field.target, column(crm, field.target, rest, clause)
    return Column(path, there.kind, joined(crm, name, target, there.show), joined(crm, name, target, there.value))


def joined(crm: Crm, name: str, target: str, read: Callable[[Row], Any]) -> Callable[[Row], Any]:
    def step(row: Row) -> Any:
        ref = row.body[name]
        other = crm.org.row(ref["id"], target) if ref else None
        return read(other) if other else None

    return step


def plain(field: Field) -> Column:
    name = field.name
    if name == "Modified_Time":
        return Column(name, "datetime", lambda row: row.body[name], lambda row: row.modified)
    if name == "Created_Time":
        return Column(name, "datetime", lambda row: row.body[name], lambda row: row.created)
    if field.type in LOOKUPS:
        # COQL tells the id of a lookup and nothing else.
        return Column(name, "lookup", lambda row: id_only(row.body[name]), lambda row: id_of(row.body[name]))
    if field.type == "datetime":
        return Column(name, "datetime", lambda row: row.body[name], lambda row: seconds(row.body[name]))
    return Column(name, field.type, lambda row: row.body[name], lambda row: row.body[name])


def id_of(ref: dict[str, Any] | None) -> str | None:
    return ref["id"] if ref else None


def id_only(ref: dict[str, Any] | None) -> dict[str, Any] | None:
    return {"id": ref["id"]} if ref else None


def seconds(text: str | None) -> int | None:
    return None if text is None else int(datetime.fromisoformat(text).timestamp())


# ---- criteria


def matches(crm: Crm, query: Query) -> Iterator[Row]:
    """The rows that match, in the query's order (by id where it names none)."""
    test = test_of(crm, query.module, query.where)
    keys = [(column(crm, query.module, path, "order by"), descending) for path, descending in query.order]
    now = crm.now()
    found = (
        row for row in candidates(crm, query) if row.visible <= now and not row.body.get("Converted__s") and test(row)
    )
    if walks_index(query.order):
        return found
    rows = list(found)
    for key, descending in reversed(keys):
        rows.sort(key=lambda row, key=key: sortable(key.value(row)), reverse=descending)  # type: ignore[misc]  # mypy cannot infer a default in a lambda
    return iter(rows)


def walks_index(order: Sequence[tuple[str, bool]]) -> bool:
    """Is the order one that an index is kept in: id, or a stamp and then id, all rising."""
    paths = [path for path, descending in order if not descending]
    return len(paths) == len(order) and paths in ([], ["id"], ["Modified_Time", "id"], ["Created_Time", "id"])


def candidates(crm: Crm, query: Query) -> Iterator[Row]:
    """The rows in the index's order from the query's lower bound on."""
    table = crm.org.tables[query.module]
    by = query.order[0][0] if query.order and walks_index(query.order) else "id"
    order, low = table.orders[by], lower_bound(query.where, by)
    start = 0 if low is None else bisect_left(order, (low, 0))
    return (table.rows[order[index][1]] for index in range(start, len(order)))


def lower_bound(where: Criteria, path: str) -> int | None:
    """What no match can be below; None when nothing is known."""
    if isinstance(where, Pair):
        sides = [lower_bound(where.left, path), lower_bound(where.right, path)]
        known = [side for side in sides if side is not None]
        if where.op == "and":
            return max(known, default=None)
        return min(known) if len(known) == 2 else None
    if where.column != path or where.op not in ("=", ">", ">=", "between"):
        return None
    return int(operand(where, "id" if path == "id" else "datetime", where.values[0]))


def test_of(crm: Crm, module: str, where: Criteria) -> Test:
    """The criteria as a test of a row."""
    if isinstance(where, Criterion):
        return criterion_of(crm, module, where)
    left, right = test_of(crm, module, where.left), test_of(crm, module, where.right)
    if where.op == "and":
        return lambda row: left(row) and right(row)
    return lambda row: left(row) or right(row)


def criterion_of(crm: Crm, module: str, where: Criterion) -> Test:
    found = column(crm, module, where.column, "where")
    read, op = found.value, where.op
    if found.kind in ("textarea", "subform", "tags"):
        raise bad(where, "multi-line fields cannot be criteria")
    if op == "is null":
        return lambda row: read(row) is None
    if op == "is not null":
        return lambda row: read(row) is not None
    if op in (">", "<", ">=", "<=", "between") and found.kind not in ORDERED:
        raise bad(where, "operator is not supported for this field")
    values = [operand(where, found.kind, value) for value in where.values]
    negated = op == "!=" or op.startswith("not ")
    test = comparison(op.removeprefix("not "), values)
    return lambda row: (value := read(row)) is not None and test(value) != negated


def comparison(op: str, values: Sequence[Any]) -> Callable[[Any], bool]:
    first = values[0]
    if op == "like":
        # Only % is a wildcard.
        pattern = re.compile(".*".join(map(re.escape, str(first).split("%"))), re.DOTALL | re.IGNORECASE)
        return lambda value: pattern.fullmatch(str(value)) is not None
    tests: dict[str, Callable[[Any], bool]] = {
        "=": lambda value: value == first,
        "!=": lambda value: value == first,
        ">": lambda value: value > first,
        "<": lambda value: value < first,
        ">=": lambda value: value >= first,
        "<=": lambda value: value <= first,
        "in": lambda value: value in values,
        "between": lambda value: first <= value <= values[1],
    }
    return tests[op]


def operand(where: Criterion, kind: str, value: Value) -> Any:
    """The literal as the field's kind compares; a literal of another kind is an invalid query."""
    text = str(value)
    if kind == "id" and text.isdigit():
        return int(text)
    if kind == "datetime" and (moment := aware(text)) is not None:
        return int(moment.timestamp())
    if kind == "date" and is_date(text):
        return text
    if kind in NUMBERS and isinstance(value, Decimal):
        return float(value)
    if kind == "boolean" and isinstance(value, bool):
        return value
    if kind == "lookup" and text.isdigit():
        return text
    if kind in ("id", "datetime", "date", "boolean", "lookup", *NUMBERS) or isinstance(value, bool):
        raise bad(where, "value does not fit the field")
    return text


def bad(where: Criterion, reason: str) -> Refusal:
    details = {"column_name": where.column, "operator": where.op, "clause": "where", "reason": reason}
    return Refusal("INVALID_QUERY", details)


def sortable(value: Any) -> tuple[bool, Any]:
    """Nulls first, as they sort in COQL."""
    return (value is not None, value if value is not None else 0)
