"""Search over everything."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from plan_and_act.sites.forge.web import page, state_of
from plan_and_act.sites.web import Slice, matches, paginate


async def search(request: Request) -> Response:
    """Projects, people and issues that have all the words; a tab for each kind."""
    state = state_of(request)
    query = request.query_params.get("q", "").strip()[:200]
    found: dict[str, list[Any]] = {
        "projects": [
            project
            for project in state.projects()
            if matches(query, project.name, project.path, project.description, " ".join(project.topics))
        ],
        "people": [person for person in state.people() if matches(query, person.name, person.username, person.bio)],
        "issues": [issue for issue in state.issues() if matches(query, issue.title, issue.body)],
    }
    if not query or not state.visit.finds(query):
        found = {kind: [] for kind in found}
    kind = request.query_params.get("type", "projects")
    if kind not in found:
        kind = "projects"
    results: Slice[Any] = paginate(request, found[kind], 10)
    counts = {name: len(items) for name, items in found.items()}
    return page(request, "search.html", query=query, kind=kind, counts=counts, results=results)
