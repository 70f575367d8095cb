"""Messages between people, and notifications."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from plan_and_act.sites.board.model import Message
from plan_and_act.sites.board.web import need_person, page, state_of
from plan_and_act.sites.web import back, text

_SUBJECT, _BODY = 100, 3_000


async def inbox(request: Request) -> Response:
    """The messages that came."""
    need_person(request)
    state = state_of(request)
    only = request.query_params.get("show") == "unread"
    messages = [message for message in state.received() if not only or state.unread(message)]
    return page(request, "inbox.html", messages=messages, tab="unread" if only else "received")


async def sent(request: Request) -> Response:
    """The messages that went."""
    need_person(request)
    return page(request, "inbox.html", messages=state_of(request).sent[::-1], tab="sent")


def _message_of(request: Request) -> Message:
    need_person(request)
    for message in state_of(request).received():
        if message.id == request.path_params["message"]:
            return message
    raise HTTPException(404)


async def message(request: Request) -> Response:
    """One message; it counts as read from now on."""
    found = _message_of(request)
    state_of(request).read[found.id] = False
    return page(request, "message.html", message=found, tab="received")


async def mark_unread(request: Request) -> Response:
    """Let a message count as not read."""
    found = _message_of(request)
    state_of(request).mark_unread(found)
    return back(request, "/inbox", "The message counts as unread.")


async def delete(request: Request) -> Response:
    """Delete a message."""
    state_of(request).delete_message(_message_of(request))
    return back(request, "/inbox", "The message is deleted.")


async def write(request: Request) -> Response:
    """The form for a message."""
    viewer = need_person(request)
    state, errors = state_of(request), {}
    values = {name: request.query_params.get(name, "")[:_SUBJECT] for name in ("to", "subject")} | {"body": ""}
    if request.method == "POST":
        form = await request.form()
        values = {name: text(form, name) for name in ("to", "subject", "body")}
        if values["to"] not in state.base.people or values["to"] == viewer.username:
            errors["to"] = "There is nobody of that name you could write to."
        if not 1 <= len(values["subject"]) <= _SUBJECT:
            errors["subject"] = f"A subject needs 1 to {_SUBJECT} characters."
        if not 1 <= len(values["body"]) <= _BODY:
            errors["body"] = f"A message needs 1 to {_BODY:,} characters."
        if not errors:
            state.send(values["to"], values["subject"], values["body"])
            return back(request, "/inbox/sent", f"Your message to {values['to']} is on its way.")
    return page(request, "write.html", status=422 if errors else 200, values=values, errors=errors, tab="write")


async def notices(request: Request) -> Response:
    """What has happened to what the viewer wrote."""
    need_person(request)
    return page(request, "notices.html")


async def read_notices(request: Request) -> Response:
    """Take note of all of it."""
    need_person(request)
    state_of(request).read_notices()
    return back(request, "/notifications", "All notifications are marked as read.")
