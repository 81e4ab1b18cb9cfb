"""What every answer is wrapped in, and the codes it fails with.

HTTP status means nothing here: all is told by errorCode.
"""

from __future__ import annotations

import uuid
from typing import Any

BUSY = -1
SYSTEM = -2
MISSING = 10001  # a parameter is missing or malformed
TOKEN_PARAMETER = 10006  # also: no such path
OFFSET = 10013
NO_RIGHT = 20014
APP_WRONG = 20006
CODE_WRONG = 20015
TOKEN_DEAD = 20016
NO_CREDENTIALS = 20017
NOBODY = 20012
QUOTA_SPENT = 30002
QUOTA_NONE = 30003
TOO_OFTEN = 30004
NO_DEPARTMENT = 30007
NO_EMPLOYEE = 30027
LOCKED = 50009
# The vendor's table does not list these; business codes of its cloud have nine digits.
NO_OBJECT = 320001401
NO_ROW = 320001404
BAD_VALUE = 320001500
BAD_STATE = 320001501


class Problem(Exception):
    """The call is answered with this code."""

    def __init__(self, code: int, message: str, *, described: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.described = described

    def body(self) -> dict[str, Any]:
        """As it goes over the wire; errors of the gateway carry no errorDescription."""
        body: dict[str, Any] = {"errorCode": self.code, "errorMessage": self.message}
        if self.described:
            body["errorDescription"] = self.message
        return {**body, "traceId": trace()}


def business(code: int, message: str) -> Problem:
    """A refusal of the CRM behind the gateway."""
    return Problem(code, message, described=True)


def no_row(name: str, id: str) -> Problem:
    return business(NO_ROW, f"the data {id} of {name} does not exist or was deleted")


def missing(name: str) -> Problem:
    return Problem(MISSING, f"the parameter {name} is missing or illegal")


def ok(**payload: Any) -> dict[str, Any]:
    """A success with what it carries beside the envelope."""
    return {"traceId": trace(), "errorCode": 0, "errorMessage": "OK", "errorDescription": "success", **payload}


def trace() -> str:
    return f"E-O.{uuid.uuid4().hex[:16]}"
