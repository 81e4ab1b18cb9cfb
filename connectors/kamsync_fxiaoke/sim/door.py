"""Who is calling: the two ways to show a token, which must not be mixed in one call.

Knows the tokens and the directory; rights on rows are decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kamsync.testing.server import Call
from kamsync_fxiaoke.sim.crm import Asked, Crm
from kamsync_fxiaoke.sim.envelope import NO_CREDENTIALS, NOBODY, TOKEN_DEAD, Problem, missing
from kamsync_fxiaoke.sim.tokens import Tokens


def credentials(crm: Crm, tokens: Tokens, call: Call, body: Mapping[str, Any], *, needs_actor: bool) -> Asked:
    """The call with who acts in it, or why it is turned away."""
    custom = call.path.startswith("/cgi/crm/custom/")
    by_header, by_body = "authorization" in call.headers, "corpAccessToken" in body
    if by_header and by_body:
        raise missing("authorization or corpAccessToken (only one of them)")
    if by_header:
        token = call.headers["authorization"].removeprefix("Bearer ")
        _prove(tokens, token, call.headers.get("x-fs-ea") == tokens.app.ea)
        actor = _actor(crm, call.headers.get("x-fs-userid"), needs_actor, open_id=False)
        return Asked(body, actor, body.get("convertUserId") is True, custom)
    if by_body:
        _prove(tokens, str(body["corpAccessToken"]), body.get("corpId") == tokens.app.corp_id)
        actor = _actor(crm, body.get("currentOpenUserId"), needs_actor, open_id=True)
        return Asked(body, actor, body.get("convertUserId") is not False, custom)
    raise Problem(NO_CREDENTIALS, "the request carries no credentials")


def _prove(tokens: Tokens, token: str, enterprise_fits: bool) -> None:
    if not enterprise_fits or not tokens.valid(token):
        raise Problem(TOKEN_DEAD, "the access token does not exist or has expired")


def _actor(crm: Crm, given: Any, needed: bool, *, open_id: bool) -> str:
    """The acting employee: an employee id in the header, an open id in the body."""
    if not needed:
        return crm.acting_user
    found = crm.people.resolve(str(given))
    if found is None or str(given).startswith("FSUID_") != open_id:
        raise Problem(NOBODY, f"the employee {given} does not exist")
    return found
