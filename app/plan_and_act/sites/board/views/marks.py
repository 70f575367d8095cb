"""What can be done with any thread or comment: vote, save, hide, report."""

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from plan_and_act.sites.board.model import Comment, Target, Thread
from plan_and_act.sites.board.state import State
from plan_and_act.sites.board.web import came_from, done, need_person, page, state_of
from plan_and_act.sites.board.words import REASONS
from plan_and_act.sites.web import back, safe_next, text

_VOTES = {"up": 1, "down": -1}


def _item(state: State, target: Target) -> Thread | Comment:
    item, thread = state.item(target), state.thread_of(target)
    if item is None or thread is None or item.gone or thread.gone:
        raise HTTPException(404)
    return item


async def _asked(request: Request) -> tuple[FormData, Target, Thread | Comment]:
    need_person(request)
    form = await request.form()
    target = text(form, "target")
    return form, target, _item(state_of(request), target)


async def vote(request: Request) -> Response:
    """Vote for or against; the same vote again takes it back."""
    form, target, item = await _asked(request)
    state, value = state_of(request), _VOTES.get(text(form, "vote"))
    if value is None:
        raise HTTPException(400)
    state.cast(target, 0 if state.vote(target) == value else value)
    now = state.vote(target)
    message = {1: "You voted for it.", -1: "You voted against it.", 0: "Your vote is taken back."}[now]
    return done(request, message, url=await came_from(request), vote=now, score=f"{state.score(item):,}")


async def save(request: Request) -> Response:
    """Save something for later, or take it from what is saved."""
    _, target, _ = await _asked(request)
    state = state_of(request)
    on = not state.has("saved", target)
    state.mark("saved", target, on)
    message = "Saved. You find it on your profile." if on else "Taken from what you saved."
    return done(request, message, url=await came_from(request), on=on)


async def hide(request: Request) -> Response:
    """Show a thread in no list any more, or show it again."""
    _, target, item = await _asked(request)
    if not isinstance(item, Thread):
        raise HTTPException(400)
    state = state_of(request)
    on = not state.has("hidden", target)
    state.mark("hidden", target, on)
    message = "Hidden. It is in no list any more." if on else "It is in the lists again."
    return done(request, message, url=await came_from(request), on=on)


async def report(request: Request) -> Response:
    """The form to complain about something."""
    need_person(request)
    state = state_of(request)
    form = await request.form() if request.method == "POST" else FormData()
    target = text(form, "target") or request.query_params.get("target", "")
    item = _item(state, target)
    next_url = safe_next(text(form, "next") or request.query_params.get("next", "/"))
    reason, error = text(form, "reason"), None
    if request.method == "POST":
        if reason in REASONS:
            fresh = state.report(target, reason)
            return back(request, next_url, "Thank you. The moderators will look at it." if fresh else "You said so.")
        error = "Choose a reason."
    values = {"target": target, "item": item, "next": next_url, "reasons": REASONS, "error": error}
    return page(request, "report.html", status=422 if error else 200, thread=state.thread_of(target), **values)
