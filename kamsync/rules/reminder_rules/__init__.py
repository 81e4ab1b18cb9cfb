"""Every reminder rule by its id. A new rule is one module here and one line in the list below."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kamsync.rules.reminder_rules import contact, payment, tier_change
from kamsync.rules.reminder_rules.rule import Rule

RULES: Mapping[str, Rule[Any]] = {rule.id: rule for rule in (contact.RULE, payment.RULE, tier_change.RULE)}
