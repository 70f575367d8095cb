"""The list of projects, and everything of a project but its issues."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from plan_and_act.sites.forge.model import File, Project
from plan_and_act.sites.forge.web import (
    WATCH_LEVELS,
    need_person,
    page,
    project_of,
    project_page,
    refreshed,
    state_of,
)
from plan_and_act.sites.web import back, matches, paginate, text, wants_json

SORTS = {"name": "Name", "stars": "Most stars", "updated": "Recently updated"}


async def index(request: Request) -> Response:
    """All projects, with search, a filter by language, and sorting."""
    state = state_of(request)
    if again := refreshed(request, "projects"):
        return again
    query = request.query_params.get("q", "").strip()[:200]
    language = request.query_params.get("language", "")
    sort = request.query_params.get("sort", "name")
    found = [
        project
        for project in state.projects()
        if matches(query, project.name, project.path, project.description, " ".join(project.topics))
        and language in ("", project.language)
    ]
    if not state.visit.finds(query):
        found = []
    if sort == "stars":
        found.sort(key=lambda project: -state.listed_stars(project.path))
    elif sort == "updated":
        found.sort(key=lambda project: project.updated, reverse=True)
    languages = sorted({project.language for project in state.projects()})
    return page(
        request,
        "projects.html",
        projects=paginate(request, found, 9),
        query=query,
        language=language,
        languages=languages,
        sort=sort,
        sorts=SORTS,
    )


async def owner(request: Request) -> Response:
    """A group and its projects."""
    state = state_of(request)
    group = state.base.owners.get(request.path_params["owner"])
    if group is None:
        raise HTTPException(404)
    projects = [project for project in state.projects() if project.owner == group]
    return page(request, "owner.html", owner=group, projects=projects)


async def overview(request: Request) -> Response:
    """README, files and facts."""
    project = project_of(request)
    return project_page(request, "project.html", "overview", entries=_entries(project, ""))


async def files(request: Request) -> Response:
    """A folder's list or a file's text."""
    project = project_of(request)
    path = request.path_params.get("path", "").strip("/")
    file = next((entry for entry in project.files if entry.path == path), None)
    entries = _entries(project, path)
    if file is None and not entries:
        raise HTTPException(404)
    return project_page(request, "files.html", "files", path=path, file=file, entries=entries)


def _entries(project: Project, folder: str) -> list[tuple[str, str, File]]:
    """What is in a folder: (kind, name, file that changed last), folders first."""
    prefix = f"{folder}/" if folder else ""
    found: dict[tuple[str, str], File] = {}
    for file in project.files:
        if file.path.startswith(prefix):
            name, slash, _ = file.path.removeprefix(prefix).partition("/")
            key = ("folder" if slash else "file", name)
            found[key] = max(found.get(key, file), file, key=lambda entry: entry.when)
    return [
        (kind, name, file) for (kind, name), file in sorted(found.items(), key=lambda item: _folders_first(item[0]))
    ]


def _folders_first(key: tuple[str, str]) -> tuple[bool, str]:
    return key[0] == "file", key[1].lower()


async def contributors(request: Request) -> Response:
    """Who has committed how much, ordered by name; the page's script sorts by any column."""
    return project_page(request, "contributors.html", "contributors")


async def activity(request: Request) -> Response:
    """What has happened, newest first."""
    project = project_of(request)
    events = paginate(request, project.activity, 15)
    return project_page(request, "activity.html", "activity", events=events)


async def stargazers(request: Request) -> Response:
    """Which people of this site have starred the project."""
    state, project = state_of(request), project_of(request)
    people = [person for person in state.people() if state.has_starred(person.username, project.path)]
    return project_page(request, "stargazers.html", "stargazers", people=people)


async def star(request: Request) -> Response:
    """Star a project."""
    return _set_star(request, on=True)


async def unstar(request: Request) -> Response:
    """Take a star back."""
    return _set_star(request, on=False)


def _set_star(request: Request, *, on: bool) -> Response:
    need_person(request)
    state, project = state_of(request), project_of(request)
    state.star(project.path, on)
    words = f"You starred {project.name}." if on else f"You took your star from {project.name}."
    if wants_json(request):
        return JSONResponse({"starred": on, "stars": state.stars(project.path), "message": words})
    return back(request, f"/{project.path}", words)


async def watch(request: Request) -> Response:
    """Choose what to be told about a project."""
    need_person(request)
    project = project_of(request)
    level = text(await request.form(), "level")
    for name, (label, _) in WATCH_LEVELS.items():
        if name == level:
            state_of(request).watch(project.path, name)
            return back(request, f"/{project.path}", f"Notifications for {project.name}: {label}.")
    raise HTTPException(400)
