"""How the simulated Zoho says no: one error object, for a whole request or for one record of a batch.

Decides nothing itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from kamsync.testing.server import Answer

MESSAGES = {
    "INVALID_TOKEN": "invalid oauth token",
    "AUTHENTICATION_FAILURE": "Authentication failed",
    "OAUTH_SCOPE_MISMATCH": "invalid oauth scope to access this URL",
    "NO_PERMISSION": "permission denied",
    "INVALID_MODULE": "the module name given seems to be invalid",
    "INVALID_URL_PATTERN": "Please check if the URL trying to access is a correct one",
    "INVALID_REQUEST_METHOD": "The http request method type is not a valid one",
    "REQUIRED_PARAM_MISSING": "One of the expected parameter is missing",
    "AMBIGUITY_DURING_PROCESSING": "page and page_token cannot be used together",
    "LIMIT_EXCEEDED": "the limit is exceeded",
    "DISCRETE_PAGINATION_LIMIT_EXCEEDED": "only the first rows can be read without page_token",
    "PAGINATION_LIMIT_EXCEEDED": "the page_token walk is at its end",
    "TOKEN_BOUND_DATA_MISMATCH": "page_token is invalid, or a parameter was added, altered or deleted",
    "EXPIRED_VALUE": "Page token expired",
    "TOO_MANY_REQUESTS": "too many requests",
    "MANDATORY_NOT_FOUND": "required field not found",
    "INVALID_DATA": "invalid data",
    "DUPLICATE_DATA": "duplicate data",
    "DEPENDENT_FIELD_MISSING": "a field that this one depends on is missing",
    "RECORD_LOCKED": "the record is locked",
    "ALREADY_MODIFIED": "the record has been modified already",
    "NOT_SUPPORTED": "not supported for this module",
    "UNABLE_TO_PARSE_DATA_TYPE": "either the request body or parameters are in wrong format",
    "SYNTAX_ERROR": "error occurred while parsing the query",
    "INVALID_QUERY": "invalid query formed",
    "RECORD_IN_BLUEPRINT": "the field is under the control of a blueprint",
    "CONVERTED_RECORD": "the record was converted",
    "NOT_SUBSCRIBED": "the channel is not subscribed",
    "RESOURCE_NOT_FOUND": "there is no such job",
}

Result = dict[str, Any]


@dataclass
class Refusal(Exception):
    """The CRM says no: to the whole request if it leaves the handler, to one record if a batch catches it."""

    code: str
    details: dict[str, Any] = field(default_factory=dict)
    status: int = 400

    def result(self) -> Result:
        return {
            "code": self.code,
            "details": self.details,
            "message": MESSAGES.get(self.code, self.code.lower()),
            "status": "error",
        }

    def answer(self) -> Answer:
        return Answer(self.status, self.result())


def success(message: str, details: dict[str, Any], **more: Any) -> Result:
    """What a record that went well answers."""
    return {"code": "SUCCESS", "details": details, "message": message, "status": "success", **more}


def batch_status(results: Sequence[Result], good: int) -> int:
    """`good` if all went well, 207 if some did, 400 if none (412 when all were modified meanwhile)."""
    bad = [result["code"] for result in results if result["status"] == "error"]
    if not bad:
        return good
    if len(bad) < len(results):
        return 207
    return 412 if set(bad) == {"ALREADY_MODIFIED"} else 400
