"""Bulk Read: jobs that take a while, then a zip with one CSV, in which everything is text.

Moves a job on by the tenant's clock only. No sorting, as in the real thing; results are kept for a day.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kamsync.testing.server import Answer, Call
from kamsync_zoho.sim.crm import Crm, aware, json_body
from kamsync_zoho.sim.refusals import Refusal, success
from kamsync_zoho.sim.state import Body, Row

PRICE = 50
KEPT = 24 * 3600.0
NO_BULK = frozenset({"Notes"})
TESTS: dict[str, Callable[[float, float], bool]] = {
    "greater_equal": lambda value, bound: value >= bound,
    "less_than": lambda value, bound: value < bound,
    "equal": lambda value, bound: value == bound,
    "not_equal": lambda value, bound: value != bound,
}


@dataclass(slots=True)
class Job:
    """One export: what was asked, from which row on, and when."""

    id: str
    module: str
    fields: tuple[str, ...]
    rows: Sequence[Row]
    page: int
    made: float


@dataclass
class Bulk:
    """The org's jobs, and when files were fetched."""

    jobs: dict[str, Job] = field(default_factory=dict)
    tokens: dict[str, Job] = field(default_factory=dict)  # of the next part
    fetched: deque[float] = field(default_factory=deque)


def create(crm: Crm, call: Call) -> Answer:
    """POST /crm/bulk/v8/read"""
    crm.charge(PRICE)
    query = json_body(call).get("query")
    if not isinstance(query, dict):
        raise Refusal("MANDATORY_NOT_FOUND", {"api_name": "query", "json_path": "$.query"})
    job = continued(crm, query) if "page_token" in query else asked(crm, query)
    crm.bulk.jobs[job.id] = job
    details = {"id": job.id, "operation": "read", "state": "ADDED", "created_time": crm.org.iso(job.made)}
    return Answer(
        201, {"data": [{**success("Added successfully.", details), "code": "ADDED_SUCCESSFULLY"}], "info": {}}
    )


def asked(crm: Crm, query: Mapping[str, Any]) -> Job:
    """A job of its own."""
    module = (query.get("module") or {}).get("api_name")
    if module not in crm.org.modules or module in NO_BULK:
        raise Refusal("INVALID_DATA", {"api_name": "api_name", "json_path": "$.query.module.api_name"})
    crm.allow(["ZohoCRM.modules.{module}.READ"], module)
    shown = {"id", *crm.org.fields(module)}
    names = tuple(query.get("fields") or sorted(shown))
    unknown = next((name for name in names if name not in shown), None)
    if unknown is not None:
        raise Refusal("INVALID_DATA", {"api_name": unknown, "json_path": "$.query.fields"})
    test = test_of(query.get("criteria"))
    now = crm.now()
    table = crm.org.tables[module]
    rows = [row for row in table.rows.values() if row.visible <= now and test(row)]
    start = (int(query.get("page", 1)) - 1) * crm.knobs.bulk_rows
    return Job(str(crm.org.new_id()), module, names, rows[start:], int(query.get("page", 1)), now)


def continued(crm: Crm, query: Mapping[str, Any]) -> Job:
    before = crm.bulk.tokens.get(str(query["page_token"]))
    if before is None or crm.now() - before.made > KEPT:
        raise Refusal("EXPIRED_VALUE", {"api_name": "page_token"})
    rows = before.rows[crm.knobs.bulk_rows :]
    return Job(str(crm.org.new_id()), before.module, before.fields, rows, before.page + 1, crm.now())


def test_of(criteria: Any) -> Callable[[Row], bool]:
    """Criteria on stamps and ids: one comparison, or a group of them."""
    if criteria is None:
        return lambda row: True
    if "group" in criteria:
        tests = [test_of(each) for each in criteria["group"]]
        fit = all if criteria.get("group_operator") == "and" else any
        return lambda row: fit(test(row) for test in tests)
    name, how = criteria["field"]["api_name"], criteria.get("comparator")
    if name not in ("Modified_Time", "Created_Time"):
        raise Refusal("FIELD_IN_CRITERIA_NOT_SUPPORTED", {"api_name": name})
    moment = aware(criteria.get("value"))
    if how not in TESTS or moment is None:
        raise Refusal("COMPARATOR_AND_VALUE_IN_CRITERIA_NOT_COMPATIBLE", {"api_name": name})
    bound, test = moment.timestamp(), TESTS[how]
    return lambda row: test(row.modified if name == "Modified_Time" else row.created, bound)


def show(crm: Crm, call: Call, id: str) -> Answer:
    """GET /crm/bulk/v8/read/{id}"""
    crm.charge(1)
    job = job_of(crm, id)
    told: Body = {"id": id, "operation": "read", "state": state_of(crm, job), "file_type": "csv"}
    told["query"] = {"module": {"api_name": job.module}, "page": job.page}
    if told["state"] == "COMPLETED":
        most = crm.knobs.bulk_rows
        more = len(job.rows) > most
        if more:
            crm.bulk.tokens[f"next-{id}"] = job
        told["result"] = {
            "page": job.page,
            "count": min(len(job.rows), most),
            "per_page": most,
            "more_records": more,
            "next_page_token": f"next-{id}" if more else None,
            "download_url": f"/crm/bulk/v8/read/{id}/result",
        }
    return Answer(200, {"data": [told]})


def state_of(crm: Crm, job: Job) -> str:
    age, whole = crm.now() - job.made, crm.knobs.bulk_seconds
    if age < whole:
        return ("ADDED", "QUEUED", "IN PROGRESS")[min(2, int(3 * age / whole))]
    return crm.knobs.bulk_ends


def result(crm: Crm, call: Call, id: str) -> Answer:
    """GET /crm/bulk/v8/read/{id}/result"""
    crm.charge(1)
    job, now = job_of(crm, id), crm.now()
    while crm.bulk.fetched and crm.bulk.fetched[0] <= now - 60:
        crm.bulk.fetched.popleft()
    if len(crm.bulk.fetched) >= crm.knobs.bulk_downloads:
        raise Refusal("TOO_MANY_REQUESTS", status=429)
    if state_of(crm, job) != "COMPLETED":
        raise Refusal("RESOURCE_NOT_FOUND", status=404)
    crm.bulk.fetched.append(now)
    return Answer(200, zipped(id, job, crm.knobs.bulk_rows), {"Content-Type": "application/zip"})


def job_of(crm: Crm, id: str) -> Job:
    job = crm.bulk.jobs.get(id)
    if job is None or crm.now() - job.made > KEPT:
        raise Refusal("RESOURCE_NOT_FOUND", status=404)
    return job


def zipped(id: str, job: Job, most: int) -> bytes:
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow("Id" if name == "id" else name for name in job.fields)
    for row in job.rows[:most]:
        lines.writerow(cell(row.body[name]) for name in job.fields)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{id}.csv", text.getvalue())
    return packed.getvalue()


def cell(value: Any) -> str:
    """A stored value as the file shows it: bare ids, names of tags, words for yes and no."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return str(value.get("id", ""))
    if isinstance(value, list):
        return ",".join(str(each["name"]) if isinstance(each, dict) else str(each) for each in value)
    return f"{value:.2f}" if isinstance(value, float) else str(value)
