"""The list of projects, and everything of a project but its issues."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from plan_and_act.sites.forge.model import File, Project, WatchLevel
from plan_and_act.sites.forge.web import need_person, page, project_of, state_of
from plan_and_act.sites.web import back, matches, paginate, text, wants_json

SORTS = {"name": "Name", "stars": "Most stars", "updated": "Recently updated"}
WATCH_LEVELS: dict[WatchLevel, tuple[str, str]] = {
    "participating": ("Participating", "Only where you take part or are mentioned"),
    "all": ("All activity", "Everything that happens in the project"),
    "ignore": ("Ignore", "Nothing at all"),
}


async def index(request: Request) -> Response:
    """All projects, with search, a filter by language, and sorting."""
    state = state_of(request)
    query = request.query_params.get("q", "").strip()[:200]
    language = request.query_params.get("language", "")
    sort = request.query_params.get("sort", "name")
    found = [
        project
        for project in state.base.projects.values()
        if matches(query, project.name, project.path, project.description, " ".join(project.topics))
        and language in ("", project.language)
    ]
    if sort == "stars":
        found.sort(key=lambda project: -state.stars(project.path))
    elif sort == "updated":
        found.sort(key=lambda project: project.updated, reverse=True)
    languages = sorted({project.language for project in state.base.projects.values()})
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
    projects = [project for project in state.base.projects.values() if project.owner == group]
    return page(request, "owner.html", owner=group, projects=projects)


def _project_page(request: Request, template: str, project: Project, tab: str, **values: Any) -> Response:
    return page(request, template, tab=tab, project=project, watch_levels=WATCH_LEVELS, **values)


async def overview(request: Request) -> Response:
    """README, files and facts."""
    project = project_of(request)
    return _project_page(request, "project.html", project, "overview", entries=_entries(project, ""))


async def files(request: Request) -> Response:
    """A folder's list or a file's text."""
    project = project_of(request)
    path = request.path_params.get("path", "").strip("/")
    file = next((entry for entry in project.files if entry.path == path), None)
    entries = _entries(project, path)
    if file is None and not entries:
        raise HTTPException(404)
    return _project_page(request, "files.html", project, "files", path=path, file=file, entries=entries)


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
    project = project_of(request)
    return _project_page(request, "contributors.html", project, "contributors")


async def activity(request: Request) -> Response:
    """What has happened, newest first."""
    project = project_of(request)
    events = paginate(request, project.activity, 15)
    return _project_page(request, "activity.html", project, "activity", events=events)


async def stargazers(request: Request) -> Response:
    """Which people of this site have starred the project."""
    state, project = state_of(request), project_of(request)
    people = [person for person in state.people() if state.has_starred(person.username, project.path)]
    return _project_page(request, "stargazers.html", project, "stargazers", people=people)


async def merge_requests(request: Request) -> Response:
    """Proposed changes by state."""
    project = project_of(request)
    wanted = request.query_params.get("state", "open")
    counts = {
        name: sum(entry.state == name for entry in project.merge_requests.values())
        for name in ("open", "merged", "closed")
    }
    shown = [entry for entry in reversed(list(project.merge_requests.values())) if entry.state == wanted]
    return _project_page(
        request, "merge_requests.html", project, "merge-requests", requests=shown, wanted=wanted, counts=counts
    )


async def merge_request(request: Request) -> Response:
    """A proposed change."""
    project = project_of(request)
    entry = project.merge_requests.get(request.path_params["number"])
    if entry is None:
        raise HTTPException(404)
    return _project_page(request, "merge_request.html", project, "merge-requests", entry=entry)


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
