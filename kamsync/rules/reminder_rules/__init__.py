"""Every reminder rule by its id. A new rule is one definition in a module here and one name in the list below."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kamsync.rules.reminder_rules import (
    case,
    contact,
    contract,
    digest,
    file,
    greeting,
    inspection,
    payment,
    program,
    risk,
    sales,
    satisfaction,
    tier_change,
    visit,
)
from kamsync.rules.reminder_rules.rule import Rule

_ALL: tuple[Rule[Any], ...] = (
    digest.DIGEST, contact.RULE, visit.VISIT, visit.EXEC_VISIT,
    contract.RENEWAL, contract.NOTICE, contract.REVIEW,
    payment.SOON, payment.OVERDUE, payment.LATER,
    case.RESPONSE, case.COMPLAINT, case.EMERGENCY, case.CALL_BACK,
    inspection.INSPECTION, inspection.REPORT, satisfaction.SURVEY, satisfaction.LOW_SCORE,
    greeting.BIRTHDAY, greeting.FESTIVAL, greeting.ANNIVERSARY,
    file.STALE_FILE, file.THIN_CONTACTS, risk.CHURN, tier_change.RULE, risk.OVERRIDE,
    sales.ONBOARDING, sales.REORDER, file.NO_OWNER, program.TRAINING, sales.STALLED, sales.NO_CONTRACT,
    file.DUPLICATE, file.CONFLICT, file.WALLET, program.PARTNER,
)  # fmt: skip

RULES: Mapping[str, Rule[Any]] = {rule.id: rule for rule in _ALL}
