"""What maintainers do with a project: settings, members, the archive."""

import re
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from plan_and_act.sites.forge.model import Project, Role, Visibility
from plan_and_act.sites.forge.overlay import ROLES
from plan_and_act.sites.forge.state import State
from plan_and_act.sites.forge.web import need_role, project_of, project_page, state_of
from plan_and_act.sites.web import back, text

VISIBILITIES: dict[Visibility, str] = {
    "public": "Everybody can see the project",
    "internal": "Everybody who is signed in can see it",
    "private": "Only members can see it",
}
_GIVEN: tuple[Role, ...] = tuple(role for role in ROLES if role != "owner")
"""The roles that can be given."""


async def settings(request: Request) -> Response:
    """Description, topics and visibility; of an archived project, the way out of the archive."""
    project = need_role(request, "maintainer", archived=request.method == "GET")
    values: dict[str, Any] = {
        "description": project.description,
        "topics": ", ".join(project.topics),
        "visibility": project.visibility,
    }
    errors: dict[str, str] = {}
    if request.method == "POST":
        form = await request.form()
        values = {name: text(form, name) for name in values}
        topics = tuple(dict.fromkeys(topic for part in values["topics"].split(",") if (topic := part.strip().lower())))
        visibility = next((name for name in VISIBILITIES if name == values["visibility"]), None)
        if not 3 <= len(values["description"]) <= 200:
            errors["description"] = "A description needs 3 to 200 characters."
        if len(topics) > 8 or not all(re.fullmatch(r"[a-z0-9][a-z0-9-]{0,29}", topic) for topic in topics):
            errors["topics"] = "At most 8 topics, of letters, digits and hyphens, with commas between them."
        if visibility is None:
            errors["visibility"] = "Choose who can see the project."
        if not errors:
            changed = state_of(request).edit_project(
                project, description=values["description"], topics=topics, visibility=visibility
            )
            words = "Settings saved." if changed else "Nothing to save."
            return back(request, f"/{project.path}/settings", words)
    return _settings(request, values, errors)


def _settings(request: Request, values: dict[str, Any], errors: dict[str, str]) -> Response:
    return project_page(
        request,
        "project_settings.html",
        "settings",
        status=422 if errors else 200,
        values=values,
        errors=errors,
        visibilities=VISIBILITIES,
    )


async def archive(request: Request) -> Response:
    """Archive a project whose name was typed."""
    project = need_role(request, "maintainer")
    if text(await request.form(), "name") != project.name:
        values = {
            "description": project.description,
            "topics": ", ".join(project.topics),
            "visibility": project.visibility,
        }
        return _settings(request, values, {"archive": f"Type {project.name} to archive the project."})
    state_of(request).edit_project(project, archived=True)
    return back(request, f"/{project.path}", f"{project.name} is archived.")


async def unarchive(request: Request) -> Response:
    """Take a project out of the archive."""
    project = need_role(request, "maintainer", archived=True)
    state_of(request).edit_project(project, archived=False)
    return back(request, f"/{project.path}", f"{project.name} is no longer archived.")


async def members(request: Request) -> Response:
    """Who belongs to a project; maintainers invite others here."""
    state, project = state_of(request), project_of(request)
    values, errors = {"person": "", "role": "developer"}, {}
    if request.method == "POST":
        need_role(request, "maintainer")
        form = await request.form()
        values = {name: text(form, name) for name in values}
        username, role = _known(state, values["person"]), _role(values["role"])
        if username is None:
            errors["person"] = "There is nobody of this name. Choose a person from the list."
        elif username in project.members:
            errors["person"] = "This person is a member already."
        if role is None:
            errors["role"] = "Choose a role."
        if username and role and not errors:
            state.set_member(project, username, role)
            return _members_again(request, project, f"{_name(state, username)} is a member now: {role}.")
    people = [
        (person, project.members[person.username]) for person in state.people() if person.username in project.members
    ]
    return project_page(
        request,
        "members.html",
        "members",
        status=422 if errors else 200,
        people=people,
        values=values,
        errors=errors,
        roles=_GIVEN,
    )


def _known(state: State, written: str) -> str | None:
    """The username of a person, by username or name."""
    plain = written.removeprefix("@").casefold()
    fitting = [person for person in state.people() if plain in (person.username, person.name.casefold())]
    return fitting[0].username if fitting else None


def _role(name: str) -> Role | None:
    return next((role for role in _GIVEN if role == name), None)


def _name(state: State, username: str) -> str:
    person = state.person(username)
    return person.name if person else username


def _members_again(request: Request, project: Project, words: str) -> Response:
    return back(request, f"/{project.path}/members", words)


def _other_member(request: Request) -> tuple[State, Project, str]:
    """The member in the address; owners and the viewer are left alone."""
    project = need_role(request, "maintainer")
    state, username = state_of(request), request.path_params["username"]
    if username not in project.members:
        raise HTTPException(404)
    if project.members[username] == "owner" or username == state.viewer:
        raise HTTPException(403)
    return state, project, username


async def change_role(request: Request) -> Response:
    """Give a member another role."""
    state, project, username = _other_member(request)
    role = _role(text(await request.form(), "role"))
    if role is None:
        raise HTTPException(400)
    changed = state.set_member(project, username, role)
    words = f"{_name(state, username)} is {role} now." if changed else "Nothing to change."
    return _members_again(request, project, words)


async def remove_member(request: Request) -> Response:
    """Remove a member."""
    state, project, username = _other_member(request)
    state.set_member(project, username, None)
    return _members_again(request, project, f"{_name(state, username)} is no longer a member.")
