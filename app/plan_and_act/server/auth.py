"""Owners for LangGraph Server (`auth` in `langgraph.json`), by the same keys and tokens as `plan-and-act serve`."""

from collections.abc import Mapping
from typing import Any

from langgraph_sdk import Auth

from plan_and_act.errors import AccessError
from plan_and_act.server.access import ANYBODY, Access, is_public

auth = Auth()
_access = Access.from_environment()


@auth.authenticate
async def authenticate(headers: Mapping[bytes, bytes], path: str) -> Auth.types.MinimalUserDict:
    """Whose call it is.

    Raises:
        Auth.exceptions.HTTPException: 401, when the call has no key or token that holds.
    """
    if is_public(path):
        return {"identity": ANYBODY}
    text = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in headers.items()}
    try:
        return {"identity": _access.owner(text)}
    except AccessError as error:
        raise Auth.exceptions.HTTPException(status_code=401, detail=str(error)) from error


@auth.on
async def own(ctx: Auth.types.AuthContext, value: dict[str, Any]) -> Auth.types.FilterType:
    """What is made belongs to who made it, and nobody else sees it."""
    mine = {"owner": ctx.user.identity}
    value.setdefault("metadata", {}).update(mine)
    return mine


@auth.on.assistants.read
async def read(ctx: Auth.types.AuthContext, value: Any) -> None:
    """Assistants are settings that everybody may use; the one of each graph belongs to nobody."""


@auth.on.assistants.search
async def search(ctx: Auth.types.AuthContext, value: Any) -> None:
    """All assistants are listed to everybody."""
