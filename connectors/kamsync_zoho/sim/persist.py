"""The tenant's state as JSON and back, so that `kamsync sim` can stop and go on.

Lookups are shared objects in memory; loading ties them together again.
"""

from __future__ import annotations

from typing import Any

from kamsync_zoho.sim.crm import Crm
from kamsync_zoho.sim.state import Body, Gone, Org, Row, Table

FORMAT = 1


def dump(crm: Crm) -> Body:
    """Everything but page tokens, which carry themselves."""
    org = crm.org
    return {
        "format": FORMAT,
        "last_id": org.last_id,
        "numbers": org.numbers,
        "us": crm.us,
        "admin": crm.admin,
        "users": org.users,
        "tables": {name: dump_table(table) for name, table in org.tables.items()},
        "hidden": sorted(org.hidden),
        "workflows_fired": crm.workflows_fired,
        "tokens": crm.oauth.tokens,
        "mints": list(crm.oauth.mints),
        "ledger": list(crm.limits.ledger),
        "spent": crm.limits.spent,
    }


def dump_table(table: Table) -> Body:
    return {
        "tags": table.tags,
        "rows": [dump_row(row) for row in table.rows.values()],
        "gone": [[g.id, g.name, g.kind, g.at, g.by, dump_row(g.row) if g.row else None] for g in table.gone],
    }


def dump_row(row: Row) -> list[Any]:
    return [row.num, row.module, row.body, row.ref["name"], row.created, row.modified, row.visible, row.by_api]


def load(crm: Crm, state: Body) -> None:
    """Take over a dumped state in place of what is there."""
    if state.get("format") != FORMAT:
        raise ValueError(f"not a state of this simulator: format {state.get('format')!r}, expected {FORMAT}")
    org = crm.org
    org.last_id, org.numbers, org.users = state["last_id"], state["numbers"], state["users"]
    org.hidden = {(module, name) for module, name in state["hidden"]}
    org.tables = {name: Table(module) for name, module in org.modules.items()}
    crm.us, crm.admin, crm.workflows_fired = state["us"], state["admin"], state["workflows_fired"]
    crm.oauth.tokens, limits = dict(state["tokens"]), crm.limits
    crm.oauth.mints.clear()
    crm.oauth.mints.extend(state["mints"])
    limits.ledger.clear()
    limits.ledger.extend((at, credits) for at, credits in state["ledger"])
    limits.used, limits.spent = sum(credits for _, credits in limits.ledger), state["spent"]
    for name, saved in state["tables"].items():
        load_table(org.tables[name], saved)
    for table in org.tables.values():
        tie(org, table)


def load_table(table: Table, saved: Body) -> None:
    table.tags = saved["tags"]
    for row in saved["rows"]:
        table.put(load_row(row))
    for id, name, kind, at, by, row in saved["gone"]:
        table.gone.append(Gone(id, name, kind, at, by, load_row(row) if row else None))


def load_row(saved: list[Any]) -> Row:
    num, module, body, name, created, modified, visible, by_api = saved
    return Row(num, module, body, {"name": name, "id": str(num)}, created, modified, visible, by_api)


def tie(org: Org, table: Table) -> None:
    """Put the shared objects back in the place of their copies."""
    people = [name for name, field in table.module.fields.items() if field.type == "ownerlookup"]
    lookups = [name for name, field in table.module.fields.items() if field.type == "lookup" and name != "Parent_Id"]
    for row in table.rows.values():
        row.body["Tag"] = [table.tags.get(tag["name"], tag) for tag in row.body["Tag"]]
        for name in lookups:
            other = org.row(row.body[name]["id"]) if row.body[name] else None
            row.body[name] = other.ref if other else row.body[name]
        for name in people:
            if row.body[name]:
                row.body[name] = org.user_ref(row.body[name]["id"], email=name == "Owner")
