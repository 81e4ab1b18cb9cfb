"""The state of one simulated enterprise: objects, rows, people, and the knobs that tell tenants apart.

Keeps what is true; how a call is answered is for the files around it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from kamsync_fxiaoke.sim.envelope import NO_OBJECT, business, no_row
from kamsync_fxiaoke.sim.fields import Described, objects
from kamsync_fxiaoke.sim.people import COMPANY, DEPARTMENTS, SYSTEM, Employee, People
from kamsync_fxiaoke.sim.rows import Row, Table
from kamsync_fxiaoke.sim.values import ms

TENANT_ID = "732018"
_TAGS = {"66d901": "KAM·一级", "66d902": "KAM·二级", "66d903": "KAM·三级及以下", "66d904": "老客户"}


@dataclass(slots=True)
class Knobs:
    """What differs between tenants, or is not documented."""

    calls_per_20s: int = 100
    daily_quota: int | None = None  # None: no end; 0: never bought
    max_limit: int = 100
    token_life: int = 7200  # seconds
    token_same: int = 6600  # seconds for which the same token is given again
    mints_per_minute: int = 10
    lag: float = 0.0  # seconds until a write is seen by queries
    void_rows: Literal["always", "filtered", "named", "never"] = "filtered"  # named: only by EQ or IN invalid
    invalid_touches: bool = True  # does invalidating move last_modified_time?
    acting_user_admin: bool = True
    personnel_visible: bool = False
    unknown_fields: Literal["refuse", "drop"] = "refuse"
    strict_paths: bool = False  # refuse a custom object on the preset path, and the other way round
    custom_list: Literal["data", "top"] = "data"  # where a custom query puts dataList
    custom_data_id: bool = True  # does a custom create answer dataId?
    functions: bool = True  # did the admin install kamsync's APL functions?
    totals: bool = True  # does it count when asked to?
    own_numbers: bool = False  # is the staff list's employeeNumber (工号) another than the employee id?


@dataclass(frozen=True, slots=True)
class Asked:
    """A call that was let in: its body, who acts, which form of employee ids the answer takes, on which path."""

    body: Mapping[str, Any]
    actor: str
    open_ids: bool = False
    custom: bool = False

    @property
    def data(self) -> Mapping[str, Any]:
        found = self.body.get("data")
        return found if isinstance(found, Mapping) else {}


@dataclass(slots=True)
class Crm:
    """Everything behind the gateway."""

    now: Callable[[], datetime]
    acting_user: str = "1000"
    knobs: Knobs = field(default_factory=Knobs)
    objects: dict[str, Described] = field(default_factory=objects)
    people: People = field(default_factory=lambda: People(TENANT_ID))
    tables: dict[str, Table] = field(default_factory=dict)
    made: set[str] = field(default_factory=set)  # ids created through the API
    native_tags: dict[str, str] = field(default_factory=lambda: dict(_TAGS))  # id -> name
    hung: dict[str, list[str]] = field(default_factory=dict)  # row id -> tag ids
    work: dict[str, dict[str, Any]] = field(default_factory=dict)  # tasks made by functions
    messages: list[dict[str, Any]] = field(default_factory=list)
    serial: int = 0
    workflows_fired: int = 0

    def __post_init__(self) -> None:
        self._empty()
        self.people.own_numbers = self.knobs.own_numbers
        self.hire(Employee(self.acting_user, "集成账号", "integration@example.com"))

    def _empty(self) -> None:
        self.tables = {name: Table(lambda: self.now().timestamp(), lambda: self.knobs.lag) for name in self.objects}

    # ---- looking

    def described(self, name: Any) -> Described:
        found = self.objects.get(name) if isinstance(name, str) else None
        if found is None:
            raise business(NO_OBJECT, f"the object {name} does not exist")
        return found

    def row(self, name: str, id: str) -> Row:
        """A row as it truly is, invalid ones too."""
        found = self.tables[name].rows.get(id)
        if found is None:
            raise no_row(name, id)
        return found

    def object_of(self, id: str) -> str | None:
        """Which object an id belongs to."""
        return next((name for name, table in self.tables.items() if id in table.rows), None)

    def sees(self, actor: str, row: Row) -> bool:
        """Is the row in this employee's view? Administrators see all."""
        if self.knobs.acting_user_admin:
            return True
        return actor in row.get("owner", ()) or actor in row.get("participants", ())

    def person(self) -> str:
        """Some employee who is not the integration user: whose hands the tests use."""
        return next((id for id in self.people.employees if id != self.acting_user), SYSTEM)

    # ---- keeping

    def fresh_id(self, at: int) -> str:
        self.serial += 1
        return f"{at // 1000:08x}dc044f0001{self.serial:06x}"

    def born(
        self, name: str, values: Mapping[str, Any], *, at: int, by: str, owner: str, changed: int = 0, id: str = ""
    ) -> Row:
        """A new row with its system fields, kept. `changed`: last modified later than created."""
        described = self.objects[name]
        id = id or self.fresh_id(at)
        row: Row = {
            "_id": id, "tenant_id": TENANT_ID, "object_describe_api_name": name, "created_by": [by],
            "create_time": at, "last_modified_by": [by], "last_modified_time": changed or at,
            "record_type": "default__c", "life_status": "normal", "lock_status": "0", "is_deleted": False,
            "version": "1", "extend_obj_data_id": id[::-1], "mc_currency": "CNY", **self.owned(owner),
        }  # fmt: skip
        if described.numbered:
            row["name"] = f"{described.numbered}-{len(self.tables[name].rows) + 1:06d}"
        row.update(values)
        self.tables[name].put(row)
        return row

    def owned(self, owner: str) -> dict[str, Any]:
        """The fields that follow from who owns a row; nobody owns what lies in a pool (公海)."""
        if not owner:
            return {}
        employee = self.people.employees.get(owner)
        department = employee.department if employee else COMPANY
        return {
            "owner": [owner], "owner_department": DEPARTMENTS[department], "owner_department_id": str(department),
            "data_own_department": [str(department)],
            "relevant_team": [{
                "teamMemberEmployee": [owner], "teamMemberRole": "1", "teamMemberPermissionType": "2",
            }],
        }  # fmt: skip

    def alter(self, row: Row, changes: Mapping[str, Any], *, by: str, at: int) -> Row:
        """The row with changes (None clears a field), one version on, kept."""
        version = str(int(row["version"]) + 1)
        merged = {**row, "last_modified_by": [by], "last_modified_time": at, "version": version, **changes}
        merged = {name: value for name, value in merged.items() if value is not None}
        self.tables[row["object_describe_api_name"]].put(merged)
        return merged

    def hire(self, employee: Employee) -> None:
        """Put an employee into the directory, and the row that PersonnelObj shows of them."""
        self.people.put(employee)
        at = employee.created or ms(self.now())
        values = {
            "name": employee.name, "full_name": employee.name, "user_id": employee.id,
            "status": "0" if employee.active else "1", "phone": employee.mobile, "email": employee.email,
        }  # fmt: skip
        self.born(
            "PersonnelObj", values, at=at, changed=employee.changed, by=SYSTEM, owner=employee.id,
            id=f"{int(employee.id):024x}",
        )  # fmt: skip

    def leave(self, id: str) -> None:
        """An employee is removed from the directory."""
        self.people.remove(id)
        self.tables["PersonnelObj"].drop(f"{int(id):024x}")

    # ---- as JSON

    def dump(self) -> dict[str, Any]:
        return {
            "serial": self.serial,
            "workflows_fired": self.workflows_fired,
            "made": sorted(self.made),
            "native_tags": self.native_tags,
            "hung": self.hung,
            "work": self.work,
            "messages": self.messages,
            "people": self.people.dump(),
            "options": {
                name: {spec.name: spec.options for spec in thing.fields.values() if spec.options}
                for name, thing in self.objects.items()
            },
            "rows": {name: list(table.rows.values()) for name, table in self.tables.items()},
        }

    def load(self, state: Mapping[str, Any]) -> None:
        self.serial = int(state["serial"])
        self.workflows_fired = int(state["workflows_fired"])
        self.made = set(state["made"])
        self.native_tags = dict(state.get("native_tags", _TAGS))
        self.hung, self.work = dict(state.get("hung", {})), dict(state.get("work", {}))
        self.messages = list(state.get("messages", []))
        self.people.load(state["people"])
        for name, fields in state["options"].items():
            for field_name, options in fields.items():
                self.objects[name].fields[field_name].options = dict(options)
        self._empty()
        for name, rows in state["rows"].items():
            for row in rows:
                self.tables[name].put(row)
        self.settle()

    def settle(self) -> None:
        """Let every write so far be seen by queries."""
        for table in self.tables.values():
            table.index(settled=True)
