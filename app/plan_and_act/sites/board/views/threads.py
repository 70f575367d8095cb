"""One thread: its page, its comments, and what its author and readers can do with both."""

from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from plan_and_act.sites.board.model import Thread
from plan_and_act.sites.board.ranking import COMMENT_SORTS, Node, cut, tree
from plan_and_act.sites.board.web import choice, comment_of, fragment, need_person, page, state_of, thread_of
from plan_and_act.sites.board.words import REASONS
from plan_and_act.sites.web import back, text, wants_json

TEXT_LIMIT = 5_000
_TOP, _REPLIES = 8, 2
"""How many comments, and how many answers to one, are shown before a button shows the rest."""


def _detail(request: Request, *, draft: str = "", reply_to: int | None = None, error: str | None = None) -> Response:
    state, thread = state_of(request), thread_of(request)
    sort = choice(request, "sort", COMMENT_SORTS, "best")
    everything = request.query_params.get("all") == "1" or reply_to is not None
    nodes = tree(state, thread, sort)
    first, rest = (nodes, ()) if everything else cut(nodes, _TOP)
    return page(
        request,
        "thread.html",
        status=422 if error else 200,
        thread=thread,
        community=state.base.communities[thread.community],
        nodes=first,
        rest=sum(1 + node.size for node in rest),
        everything=everything,
        replies=_REPLIES,
        cut=cut,
        sort=sort,
        sorts=COMMENT_SORTS,
        draft=draft,
        reply_to=reply_to,
        error=error,
        reasons=REASONS,
        tab="threads",
    )


async def detail(request: Request) -> Response:
    """A thread with its comments."""
    reply = request.query_params.get("reply", "")
    known = {str(comment.id): comment.id for comment in thread_of(request).shown}
    return _detail(request, reply_to=known.get(reply))


async def replies(request: Request) -> Response:
    """The comments that the page has left out: of the thread (0), or the answers to one comment; for the script."""
    state, thread = state_of(request), thread_of(request)
    sort = choice(request, "sort", COMMENT_SORTS, "best")
    nodes = tree(state, thread, sort)
    number = request.path_params["comment"]
    found = nodes if number == 0 else _below(nodes, number)
    _, rest = cut(found, _REPLIES if number else _TOP)
    if not wants_json(request):
        return RedirectResponse(f"{thread.url}?all=1", 303)
    community = state.base.communities[thread.community]
    values = {"thread": thread, "community": community, "nodes": rest, "sort": sort}
    html = fragment(request, "comments.html", everything=True, reply_to=None, error=None, **values)
    return JSONResponse({"html": html})


def _below(nodes: tuple[Node, ...], number: int) -> tuple[Node, ...]:
    for node in nodes:
        if node.comment.id == number:
            return node.replies
        if found := _below(node.replies, number):
            return found
    return ()


async def comment(request: Request) -> Response:
    """Comment on a thread, or answer a comment."""
    need_person(request)
    form = await request.form()
    body, parent = text(form, "body"), text(form, "parent")
    state, thread = state_of(request), thread_of(request)
    known = {str(entry.id): entry.id for entry in thread.shown}
    if thread.locked:
        raise HTTPException(403)
    if parent and parent not in known:
        raise HTTPException(404)
    if wrong := _wrong(body):
        return _detail(request, draft=body, reply_to=known.get(parent), error=wrong)
    made = state.comment(thread, known.get(parent), body)
    return back(request, f"{thread.url}?all=1#c{made.id}", "Your comment is there for all to see.")


def _wrong(body: str) -> str | None:
    if not body:
        return "Write something first."
    return f"A text can have {TEXT_LIMIT:,} characters." if len(body) > TEXT_LIMIT else None


async def edit_comment(request: Request) -> Response:
    """Change one of the viewer's own comments."""
    viewer = need_person(request)
    thread, entry = comment_of(request)
    if entry.author != viewer.username:
        raise HTTPException(403)
    return await _edit(request, thread, entry.body, number=entry.id)


async def edit(request: Request) -> Response:
    """Change the text of one of the viewer's own threads."""
    return await _edit(request, _own(request), thread_of(request).body)


async def _edit(request: Request, thread: Thread, body: str, *, number: int | None = None) -> Response:
    state, error = state_of(request), None
    if request.method == "POST":
        body = text(await request.form(), "body")
        error = _wrong(body) if number or body else None
        if not error:
            comment = next((entry for entry in thread.comments if entry.id == number), None)
            changed = state.edit_comment(thread, comment, body) if comment else state.edit_thread(thread, body)
            where = f"{thread.url}?all=1#c{number}" if number else thread.url
            return back(request, where, "Your changes are saved." if changed else "Nothing was changed.")
    what = "comment" if number else "thread"
    return page(
        request, "edit.html", status=422 if error else 200, thread=thread, body=body, what=what, error=error
    )  # fmt: skip


async def delete(request: Request) -> Response:
    """Delete one of the viewer's own threads."""
    thread = _own(request)
    state_of(request).delete_thread(thread)
    return back(request, f"/c/{thread.community}", "Your thread is deleted.")


async def delete_comment(request: Request) -> Response:
    """Delete one of the viewer's own comments."""
    viewer = need_person(request)
    thread, entry = comment_of(request)
    if entry.author != viewer.username:
        raise HTTPException(403)
    state_of(request).delete_comment(thread, entry)
    return back(request, thread.url, "Your comment is deleted.")


def _own(request: Request) -> Thread:
    viewer, thread = need_person(request), thread_of(request)
    if thread.author != viewer.username:
        raise HTTPException(403)
    return thread


async def leaving(request: Request) -> Response:
    """The page before the way out to another site."""
    thread = thread_of(request)
    if not thread.link:
        raise HTTPException(404)
    return page(request, "leaving.html", thread=thread)


async def attachment(request: Request) -> Response:
    """A file of a thread, to be kept."""
    for file in thread_of(request).attachments:
        if file.name == request.path_params["name"]:
            headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(file.name)}"}
            return Response(file.data, media_type="application/octet-stream", headers=headers)
    raise HTTPException(404)


async def video(request: Request) -> Response:
    """The player that stands in a thread's page."""
    thread = thread_of(request)
    if thread.video is None:
        raise HTTPException(404)
    return page(request, "video.html", thread=thread, video=thread.video)


async def poll(request: Request) -> Response:
    """The poll that stands in a thread's page: the question, or the result."""
    state, thread = state_of(request), thread_of(request)
    if thread.kind != "poll":
        raise HTTPException(404)
    error = None
    if request.method == "POST":
        need_person(request)
        number = text(await request.form(), "option")
        if number in [str(i) for i in range(len(thread.options))]:
            state.answer(thread, int(number))
            return RedirectResponse(request.url.path, 303)
        error = "Choose an answer first."
    options = state.answers(thread)
    show = thread.id in state.polls or request.query_params.get("result") == "1"
    values = {"options": options, "total": sum(option.votes for option in options), "show": show, "error": error}
    return page(request, "poll.html", status=422 if error else 200, thread=thread, **values)
