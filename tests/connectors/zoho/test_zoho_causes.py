"""What each of Zoho's refusals means for us."""

from __future__ import annotations

import pytest

from kamsync_zoho.outcomes import judge


@pytest.mark.parametrize(
    ("code", "field", "cause"),
    [
        ("RECORD_LOCKED", "", "locked"),
        ("NOT_APPROVED", "", "locked"),
        ("RECORD_IN_BLUEPRINT", "Status", "locked"),
        ("CONVERTED_RECORD", "", "gone"),
        ("INVALID_DATA", "What_Id", "gone"),
        ("INVALID_DATA", "Owner", "owner"),
        ("INVALID_DATA", "Subject", "invalid"),
        ("MANDATORY_NOT_FOUND", "Branch", "invalid"),
        ("NO_PERMISSION", "", "permission"),
        ("LIMIT_REACHED", "", "limit"),
        ("FEATURE_NOT_SUPPORTED", "", "unsupported"),
        ("A_CODE_OF_TOMORROW", "", None),
    ],
)
def test_a_refusal_s_cause_follows_from_its_code_and_field(code: str, field: str, cause: str | None) -> None:
    outcome = judge("i1", {"code": code, "status": "error", "details": {"api_name": field}, "message": "no"})

    assert (outcome.state, outcome.code, outcome.cause) == ("refused", code, cause)
