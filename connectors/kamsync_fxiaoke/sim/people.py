"""Who works here: employees and departments, and the directory calls that list them.

Answers in two id worlds: the employee id ("1001") and the open id ("FSUID_…"). Parameters are flat, not in data.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from kamsync_fxiaoke.sim.envelope import NO_DEPARTMENT, NOBODY, Problem, missing, ok

COMPANY = 999999
DEPARTMENTS = {COMPANY: "全公司", 1000: "销售一部", 1001: "大客户部"}
SYSTEM = "-10000"


@dataclass(frozen=True, slots=True)
class Employee:
    id: str
    name: str
    email: str = ""
    mobile: str = ""
    active: bool = True
    leader: str | None = None
    created: int = 0
    changed: int = 0

    @property
    def open_id(self) -> str:
        return "FSUID_" + hashlib.sha256(f"employee:{self.id}".encode()).hexdigest()[:32].upper()

    @property
    def department(self) -> int:
        return 1000 + int(self.id) % 2


class People:
    """The directory of one enterprise."""

    def __init__(self, tenant_id: str, *, own_numbers: bool = False) -> None:
        self.tenant_id = tenant_id
        self.own_numbers = own_numbers  # 工号 is not the employee id
        self.employees: dict[str, Employee] = {}
        self._by_open: dict[str, str] = {}
        self._cards: dict[str, dict[str, Any]] = {}
        self._system = Employee(SYSTEM, "系统")

    def put(self, employee: Employee) -> None:
        self.employees[employee.id] = employee
        self._by_open[employee.open_id] = employee.id
        self._cards.pop(employee.id, None)

    def change(self, id: str, now: int, **fields: Any) -> None:
        self.put(replace(self.employees[id], changed=now, **fields))

    def remove(self, id: str) -> None:
        employee = self.employees.pop(id)
        self._by_open.pop(employee.open_id)
        self._cards.pop(id, None)

    def fresh_id(self) -> str:
        return str(max([1000, *(int(id) for id in self.employees)]) + 1)

    def resolve(self, id: str) -> str | None:
        """The employee id behind either form of id; None when nobody has it."""
        id = self._by_open.get(id, id)
        return id if id in self.employees else None

    def at_work(self, id: str) -> str | None:
        """The same, of those who have not left."""
        found = self.resolve(id)
        return found if found is not None and self.employees[found].active else None

    def open_id(self, id: str) -> str:
        return self.employees.get(id, self._system).open_id

    def card(self, id: str) -> dict[str, Any]:
        """The employee as rows show them in `__r`; those who left carry a mark in their name."""
        card = self._cards.get(id)
        if card is None:
            card = self._cards[id] = self._card(self.employees.get(id, self._system))
        return card

    def _card(self, employee: Employee) -> dict[str, Any]:
        name = employee.name if employee.active else f"{employee.name}(已停用)"
        return {
            "id": employee.id, "tenantId": self.tenant_id, "name": name, "nickname": name, "email": employee.email,
            "phone": employee.mobile, "dept": str(employee.department), "post": "", "empNum": employee.id,
            "status": 0 if employee.active else 1, "supervisorId": employee.leader,
            "createTime": employee.created, "modifyTime": employee.changed,
        }  # fmt: skip

    # ---- the directory calls

    def list(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """/cgi/user/list and /cgi/user/simpleList."""
        department = body.get("departmentId")
        if department is None:
            raise missing("departmentId")
        wanted = _department(department)
        found = [one for one in self.employees.values() if wanted in (COMPANY, one.department)]
        return ok(userList=[self._user(one) for one in found])

    def get(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """/cgi/user/get: one employee, at the top level."""
        id = self._by_open.get(str(body.get("openUserId")))
        if id is None:
            raise unknown_employee(body.get("openUserId"))
        return ok(**self._user(self.employees[id]))

    def by_mobile(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """/cgi/user/getByMobile."""
        mobile = body.get("mobile")
        if not mobile:
            raise missing("mobile")
        return ok(empList=[self._entry(one) for one in self.employees.values() if one.mobile == mobile])

    def changed_between(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """/cgi/user/get/batchByUpdTime."""
        try:
            lo, hi = int(body["startTime"]), int(body["endTime"])
            size, page = int(body.get("pageSize", 1000)), int(body.get("pageNumber", 1))
        except (KeyError, TypeError, ValueError):
            raise missing("startTime, endTime, pageSize or pageNumber") from None
        if not 1 <= size <= 1000 or page < 1:
            raise missing("pageSize or pageNumber")
        found = [self._entry(one) for one in self.employees.values() if lo <= one.changed <= hi]
        shown = found[(page - 1) * size : page * size]
        return ok(employees=shown, pageCount=-(-len(found) // size), totalCount=len(found))

    def departments(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """/cgi/department/list."""
        rows = [
            {"id": id, "name": name, "parentId": 0 if id == COMPANY else COMPANY, "isStop": False, "order": at}
            for at, (id, name) in enumerate(DEPARTMENTS.items())
        ]
        return ok(departments=rows)

    def _user(self, one: Employee) -> dict[str, Any]:
        leader = self.open_id(one.leader) if one.leader else None
        return {
            "openUserId": one.open_id, "account": one.email.split("@")[0], "name": one.name, "nickName": one.name,
            "isStop": not one.active, "email": one.email, "mobile": one.mobile, "position": "",
            "departmentIds": [one.department], "mainDepartmentId": one.department,
            "employeeNumber": f"E{one.id}" if self.own_numbers else one.id,
            "createTime": one.created, "leaderId": leader,
        }  # fmt: skip

    def _entry(self, one: Employee) -> dict[str, Any]:
        return {
            "openUserId": one.open_id, "name": one.name, "fullName": one.name, "mobile": one.mobile,
            "email": one.email, "status": "NORMAL" if one.active else "STOP", "employeeNumber": one.id,
            "updateTime": one.changed,
        }  # fmt: skip

    def dump(self) -> Any:
        return [asdict(employee) for employee in self.employees.values()]

    def load(self, state: Any) -> None:
        self.employees, self._by_open, self._cards = {}, {}, {}
        for fields in state:
            self.put(Employee(**fields))


def unknown_employee(id: Any) -> Problem:
    return Problem(NOBODY, f"the employee {id} does not exist")


def _department(given: Any) -> int:
    try:
        wanted = int(given)
    except (TypeError, ValueError):
        raise missing("departmentId") from None
    if wanted not in DEPARTMENTS:
        raise Problem(NO_DEPARTMENT, f"the department {given} does not exist")
    return wanted
