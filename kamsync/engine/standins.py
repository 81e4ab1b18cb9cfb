"""Who gets a task whose owner the CRM does not know, or who has left: the connection's `fallback_owner`, once.

Pure. Without a fallback the task waits as a dead letter; one that the fallback, too, is refused for does as well.
"""

from __future__ import annotations

from kamsync.store.tables import Row


def stand_in(change: Row, earlier: Row, fallback: str | None) -> Row:
    """The plan row of a task, given to the fallback owner where the CRM refused its own; else as it is."""
    payload, before = change["payload"], earlier["payload"]
    refused = earlier["state"] == "refused" and earlier["cause"] == "owner"
    if fallback is None or payload["owner"] == fallback or not (refused or before["owner"] == fallback):
        return change
    owner = payload["owner"] or "–"
    return change | {
        "payload": payload | {"owner": fallback},
        "zh": f"{change['zh']};负责人 {owner} 在该 CRM 中不存在或已离职,交给 {fallback}(fallback_owner)",
        "en": f"{change['en']}; its owner {owner} is unknown there or has left: given to {fallback} (fallback_owner)",
    }
