"""What people and programs do to whole records: merge two, convert a lead.

Both leave no pointer behind but what the children and the lead itself show.
"""

from __future__ import annotations

from typing import Any

from kamsync.testing.server import Answer, Call
from kamsync_zoho.sim.crm import Crm, json_body
from kamsync_zoho.sim.refusals import Refusal, success
from kamsync_zoho.sim.state import Row
from kamsync_zoho.sim.values import pointed

MERGEABLE = frozenset({"Accounts", "Contacts", "Leads", "Deals", "Cases", "Campaigns"})


def merge(crm: Crm, call: Call, module: str, id: str) -> Answer:
    """POST /{module}/{id}/actions/merge: the children move, the losers are deleted."""
    crm.charge(50)
    if module not in MERGEABLE:
        raise Refusal("NOT_SUPPORTED", {"module": module})
    listed = json_body(call).get("merge") or json_body(call).get("data") or []
    losers = [row for given in listed if (row := crm.org.row(pointed(given), module)) is not None]
    winner = crm.org.row(id, module)
    if winner is None or not losers or len(losers) > 2 or winner in losers:
        raise Refusal("INVALID_DATA", {"json_path": "$.merge"})
    for loser in losers:
        crm.org.merge(winner, loser, at=crm.now(), by=crm.us)
    done = {**success("merge scheduled", {"job_id": str(crm.org.new_id())}), "code": "SCHEDULED"}
    return Answer(202, {"merge": [done]})


def convert(crm: Crm, call: Call, id: str) -> Answer:
    """POST /Leads/{id}/actions/convert"""
    crm.charge(5)
    lead = crm.org.row(id, "Leads")
    if lead is None:
        raise Refusal("INVALID_DATA", {"resource_path_index": 1})
    if lead.body["Converted__s"]:
        raise Refusal("ID_ALREADY_CONVERTED", {"id": id})
    made = convert_lead(crm, lead)
    return Answer(200, {"data": [success("The record has been converted successfully", made)]})


def convert_lead(crm: Crm, lead: Row) -> dict[str, Any]:
    """The lead becomes an account and a contact, and is hidden from lists from now on."""
    now, body = crm.now(), lead.body
    account = crm.org.insert("Accounts", {"Account_Name": body["Company"]}, at=now, by=crm.admin)
    person = {"Last_Name": body["Last_Name"], "Email": body["Email"], "Account_Name": account.ref}
    contact = crm.org.insert("Contacts", person, at=now, by=crm.admin)
    changes = {"Converted__s": True, "Converted_Date_Time": crm.org.iso(now),
               "Converted_Account": account.ref, "Converted_Contact": contact.ref}  # fmt: skip
    crm.org.update(lead, changes, at=now, by=crm.admin)
    return {"Accounts": account.ref, "Contacts": contact.ref}
