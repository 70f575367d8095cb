"""The form for a new thread."""

import re
from typing import Any

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from plan_and_act.sites.board.model import Attachment, ThreadKind
from plan_and_act.sites.board.state import State
from plan_and_act.sites.board.views.threads import TEXT_LIMIT
from plan_and_act.sites.board.web import choice, community_of, need_person, page, state_of
from plan_and_act.sites.web import back, text

KINDS: dict[ThreadKind, str] = {"text": "Text", "link": "Link", "poll": "Poll"}
_TITLE = (8, 140)
_FILES, _BYTES = 3, 200_000
_SUFFIXES = ("txt", "md", "csv", "pdf", "png", "jpg")
_NAME = re.compile(r"[\w .()+-]{1,80}")


async def submit(request: Request) -> Response:
    """Begin a thread: a text, a link or a poll, in one of the communities one has joined."""
    viewer = need_person(request)
    state = state_of(request)
    errors: dict[str, str] = {}
    community = state.base.communities.get(request.query_params.get("community", ""))
    values: dict[str, Any] = {
        "community": community.name if community else "",
        "kind": choice(request, "kind", KINDS, "text"),
        "title": "", "body": "", "link": "", "flair": "", "options": ["", ""],
    }  # fmt: skip
    if request.method == "POST":
        form = await request.form()
        values = {name: text(form, name) for name in ("community", "kind", "title", "body", "link", "flair")}
        values["options"] = [value.strip() for value in form.getlist("option") if isinstance(value, str)][:6]
        files, errors = await _files(form)
        errors = _errors(state, viewer.username, values) | errors
        if not errors:
            return _create(request, values, files)
    names = {entry.name: entry for entry in state.base.communities.values()}
    chosen = names.get(values["community"])
    return page(
        request,
        "submit.html",
        status=422 if errors else 200,
        values=values,
        errors=errors,
        kinds=KINDS,
        flairs=chosen.flairs if chosen else (),
    )


def _create(request: Request, values: dict[str, Any], files: list[Attachment]) -> Response:
    state = state_of(request)
    kind: ThreadKind = values["kind"]
    thread = state.create_thread(
        next(entry.slug for entry in state.base.communities.values() if entry.name == values["community"]),
        kind,
        values["title"],
        body=values["body"],
        link=values["link"] if kind == "link" else "",
        options=[option for option in values["options"] if option] if kind == "poll" else (),
        flair=values["flair"],
        attachments=files,
    )
    return back(request, thread.url, "Your thread is published.")


def _errors(state: State, viewer: str, values: dict[str, Any]) -> dict[str, str]:
    errors = {}
    named = {entry.name: entry for entry in state.base.communities.values()}
    community = named.get(values["community"])
    if community is None:
        errors["community"] = "Choose a community from the list."
    elif not state.has("member", community.slug):
        errors["community"] = f"Only members can write in {community.name}. Become a member first."
    elif viewer in {ban.username for ban in state.banned(community.slug)}:
        errors["community"] = f"The moderators of {community.name} do not let you write there."
    shortest, longest = _TITLE
    if not shortest <= len(values["title"]) <= longest:
        errors["title"] = f"A title needs {shortest} to {longest} characters; this one has {len(values['title'])}."
    if len(values["body"]) > TEXT_LIMIT:
        errors["body"] = f"A text can have {TEXT_LIMIT:,} characters."
    if values["kind"] not in KINDS:
        errors["kind"] = "Choose text, link or poll."
    if values["kind"] == "text" and not values["body"]:
        errors["body"] = "Write the text of your thread."
    if values["kind"] == "link" and not re.fullmatch(r"https?://[^\s/]+\.[^\s]+", values["link"]):
        errors["link"] = "A web address starts with https:// and has a dot in it."
    answers = [option for option in values["options"] if option]
    if values["kind"] == "poll" and (len(answers) < 2 or len(set(answers)) < len(answers)):
        errors["option-1"] = "A poll needs two to six answers, all of them different."
    if community and values["flair"] and values["flair"] not in community.flairs:
        errors["flair"] = f"{community.name} has no such flair; choose one from the list."
    elif community and community.flair_needed and not values["flair"]:
        errors["flair"] = f"{community.name} asks for a flair on every thread."
    return errors


async def _files(form: FormData) -> tuple[list[Attachment], dict[str, str]]:
    """The files that came with the form, and what is wrong with them."""
    uploads = [entry for entry in form.getlist("files") if isinstance(entry, UploadFile) and entry.filename]
    files = [Attachment((entry.filename or "").rpartition("/")[2], await entry.read(_BYTES + 1)) for entry in uploads]
    if len(files) > _FILES:
        return [], {"files": f"At most {_FILES} files."}
    for file in files:
        if file.name.rpartition(".")[2].lower() not in _SUFFIXES or not _NAME.fullmatch(file.name):
            return [], {"files": f"{file.name} cannot be attached; kinds of files: {', '.join(_SUFFIXES)}."}
        if len(file.data) > _BYTES:
            return [], {"files": f"{file.name} is larger than {_BYTES // 1000} kB."}
    return files, {}


async def flairs(request: Request) -> Response:
    """The flairs of a community, for the form's script."""
    community = community_of(request)
    return JSONResponse({"flairs": list(community.flairs), "needed": community.flair_needed})
