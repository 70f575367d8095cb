"""The start page."""

from starlette.requests import Request
from starlette.responses import Response

from plan_and_act.sites.forge.web import page, state_of


async def home(request: Request) -> Response:
    """What goes on, and for whoever is signed in, what waits."""
    state = state_of(request)
    projects = state.projects()
    recent = sorted(
        ((event, project) for project in projects for event in project.activity[:4]),
        key=lambda pair: pair[0].when,
        reverse=True,
    )
    return page(
        request,
        "home.html",
        recent=recent[:9],
        popular=sorted(projects, key=lambda project: -state.stars(project.path))[:6],
        starred=[project for project in projects if state.has_starred(state.viewer, project.path)],
        assigned=[
            issue
            for issue in state.issues()
            if issue.state == "open" and state.viewer is not None and issue.assignee == state.viewer
        ],
    )
