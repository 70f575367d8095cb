"""What moderators do: decide on reports, lock, pin and remove threads, ban people."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from plan_and_act.sites.board.model import Ban, Comment, Community, Thread
from plan_and_act.sites.board.web import done, moderated_of, need_person, page, state_of, thread_of
from plan_and_act.sites.board.words import BAN_LENGTHS, REASONS
from plan_and_act.sites.web import back, safe_next, text


async def index(request: Request) -> Response:
    """The communities that the viewer moderates."""
    need_person(request)
    state = state_of(request)
    mine = [entry for entry in state.base.communities.values() if state.moderates(entry.slug)]
    return page(request, "moderation.html", communities=mine)


async def queue(request: Request) -> Response:
    """What was reported and waits for a decision."""
    state, community = state_of(request), moderated_of(request)
    entries = [
        (report, item, state.thread_of(report.target))
        for report in state.queue(community.slug)
        if (item := state.item(report.target)) and not item.gone
    ]
    return page(request, "queue.html", community=community, tab="queue", entries=entries, reasons=REASONS)


async def _asked(request: Request) -> tuple[Community, str, Thread | Comment]:
    """What is to be decided on: something in this community."""
    community = moderated_of(request)
    target = text(await request.form(), "target")
    state = state_of(request)
    item, thread = state.item(target), state.thread_of(target)
    if item is None or thread is None or thread.community != community.slug:
        raise HTTPException(404)
    return community, target, item


async def approve(request: Request) -> Response:
    """Decide that something stays."""
    community, target, _ = await _asked(request)
    state_of(request).approve(target)
    return done(request, "It stays.", url=f"/c/{community.slug}/mod/queue")


async def remove(request: Request) -> Response:
    """Take something out, with a reason."""
    community, target, _ = await _asked(request)
    form = await request.form()
    url = safe_next(text(form, "next"), default=f"/c/{community.slug}/mod/queue")
    reason = text(form, "reason")
    if reason not in REASONS:
        return back(request, url, "Nothing was removed: choose a reason first.")
    state_of(request).remove(target, reason)
    return back(request, url, f"Removed: {reason}.")


async def lock(request: Request) -> Response:
    """End the discussion of a thread, or let it go on."""
    moderated_of(request)
    state, thread = state_of(request), thread_of(request)
    on = not thread.locked
    state.lock(thread, on)
    return back(request, thread.url, "The thread is locked." if on else "The thread is open again.")


async def pin(request: Request) -> Response:
    """Keep a thread at the top of its community, or do so no longer."""
    moderated_of(request)
    state, thread = state_of(request), thread_of(request)
    on = not thread.pinned
    state.pin(thread, on)
    return back(request, thread.url, "The thread is pinned." if on else "The thread is pinned no longer.")


async def bans(request: Request) -> Response:
    """Who may not take part, and the form to keep out somebody else."""
    state, community = state_of(request), moderated_of(request)
    values = {"username": request.query_params.get("user", "")[:60], "reason": "", "days": "7"}
    errors: dict[str, str] = {}
    if request.method == "POST":
        form = await request.form()
        values = {name: text(form, name) for name in ("username", "reason", "days")}
        name = values["username"]
        if name not in state.base.people:
            errors["username"] = "There is nobody of that name."
        elif name in community.moderators:
            errors["username"] = "Moderators cannot be banned."
        elif name in {ban.username for ban in state.banned(community.slug)}:
            errors["username"] = f"{name} is banned already."
        if values["reason"] not in REASONS:
            errors["reason"] = "Choose a reason."
        if values["days"] not in BAN_LENGTHS:
            errors["days"] = "Choose how long."
        if not errors:
            state.ban(community.slug, Ban(name, values["reason"], int(values["days"])))
            return back(request, f"/c/{community.slug}/mod/bans", f"{name} is banned: {BAN_LENGTHS[values['days']]}.")
    return page(
        request,
        "bans.html",
        status=422 if errors else 200,
        community=community,
        tab="bans",
        values=values,
        errors=errors,
        reasons=REASONS,
        lengths=BAN_LENGTHS,
    )


async def lift(request: Request) -> Response:
    """Let somebody take part again."""
    state, community = state_of(request), moderated_of(request)
    username = text(await request.form(), "username")
    words = f"{username} may take part again." if state.lift(community.slug, username) else "Nothing was changed."
    return back(request, f"/c/{community.slug}/mod/bans", words)
