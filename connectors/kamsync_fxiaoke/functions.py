"""Call the APL functions that an admin installed in the tenant: what plain OpenAPI cannot do, tags and tasks.

Their sources lie in `apl/`. An answer may be wrapped in several ways; one that says it failed is an error here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from kamsync.plugin import Refused, Text, Unavailable
from kamsync_fxiaoke.api import Api
from kamsync_fxiaoke.codes import is_duplicate

PATH = "/cgi/crm/v2/special/function"
_WRAPPINGS = ("functionResult", "result", "returnValue", "data")


class Functions:
    """The functions of one tenant, called by the end of their names: `task_create` is kam_task_create__c."""

    def __init__(self, api: Api, prefix: str) -> None:
        self._api = api
        self._prefix = prefix

    def name(self, verb: str) -> str:
        return f"{self._prefix}{verb}__c"

    def call(self, verb: str, given: Mapping[str, Any], *, write: bool = False) -> Any:
        """What the function returned. Raises Refused when it said that it failed."""
        name = self.name(verb)
        parameters = [{"name": "inputData", "type": "Map", "value": dict(given)}]
        said = self._api.post(PATH, {"data": {"api_name": name, "parameters": parameters}}, write=write)
        return _returned(name, said.get("data"), write=write)


def _returned(name: str, said: Any, *, write: bool) -> Any:
    """The innermost value; `isError` on the way there is the function's own no."""
    said = _parsed(said)
    while isinstance(said, Mapping):
        if said.get("isError") in (True, "true") or said.get("success") is False:
            raise _failed(name, str(said.get("message") or said.get("errorMessage") or "?"), write=write)
        inner = next((said[key] for key in _WRAPPINGS if key in said and key != "taskId"), None)
        if inner is None:
            return said
        said = _parsed(inner)
    return said


def _parsed(said: Any) -> Any:
    """Some gateways hand a function's Map over as text."""
    if isinstance(said, str) and said[:1] in "{[":
        try:
            return json.loads(said)
        except ValueError:
            return said
    return said


def _failed(name: str, words: str, *, write: bool) -> Refused | Unavailable:
    text = Text(f"函数 {name} 报告失败:{words[:300]}", f"the function {name} failed: {words[:300]}")
    if write and _is_doubtful(words):
        return Unavailable(text)
    return Refused(text, code="duplicate" if is_duplicate(words) else "function")


def _is_doubtful(words: str) -> bool:
    """A function that ran out of time may have done its work before."""
    lowered = words.lower()
    return any(word in lowered for word in ("timeout", "timed out", "超时", "time out"))
