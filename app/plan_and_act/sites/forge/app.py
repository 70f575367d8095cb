"""The application: its routes, and what its controls may be called."""

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Route

from plan_and_act.sites.application import site_app
from plan_and_act.sites.forge import web
from plan_and_act.sites.forge.data import build
from plan_and_act.sites.forge.state import State
from plan_and_act.sites.forge.views import (
    account,
    home,
    issues,
    manage,
    merges,
    milestones,
    people,
    projects,
    releases,
    search,
    todos,
)

_PROJECT = "/{owner}/{project}"
_ISSUE = _PROJECT + "/issues/{number:number}"
_MILESTONE = _PROJECT + "/milestones/{number:number}"
_MERGE = _PROJECT + "/merge-requests/{number:number}"
_MEMBER = _PROJECT + "/members/{username}"

_ROUTES: tuple[BaseRoute, ...] = (
    Route("/", home.home),
    Route("/projects", projects.index),
    Route("/people", people.index),
    Route("/issues", issues.mine),
    Route("/search", search.search),
    Route("/sign-in", account.sign_in, methods=["GET", "POST"]),
    Route("/sign-out", account.sign_out, methods=["POST"]),
    Route("/settings", account.settings, methods=["GET", "POST"]),
    Route("/settings/picture", account.picture, methods=["POST"]),
    Route("/settings/picture/remove", account.remove_picture, methods=["POST"]),
    Route("/todos", todos.index),
    Route("/todos/{number:number}/done", todos.finish, methods=["POST"]),
    Route("/todos/{number:number}/restore", todos.restore, methods=["POST"]),
    Route("/people/suggest", people.suggest),
    Route("/@{username}", people.profile),
    Route("/@{username}/picture", people.picture),
    Route("/@{username}/followers", people.followers),
    Route("/@{username}/following", people.following),
    Route("/@{username}/stars", people.stars),
    Route("/@{username}/follow", people.follow, methods=["POST"]),
    Route("/@{username}/unfollow", people.unfollow, methods=["POST"]),
    Route("/{owner}", projects.owner),
    Route(_PROJECT, projects.overview),
    Route(_PROJECT + "/files", projects.files),
    Route(_PROJECT + "/files/{path:path}", projects.files),
    Route(_PROJECT + "/contributors", projects.contributors),
    Route(_PROJECT + "/activity", projects.activity),
    Route(_PROJECT + "/stargazers", projects.stargazers),
    Route(_PROJECT + "/releases", releases.index),
    Route(_PROJECT + "/releases/{version}/{name}", releases.download),
    Route(_PROJECT + "/upload", releases.upload, methods=["GET", "POST"]),
    Route(_PROJECT + "/settings", manage.settings, methods=["GET", "POST"]),
    Route(_PROJECT + "/archive", manage.archive, methods=["POST"]),
    Route(_PROJECT + "/unarchive", manage.unarchive, methods=["POST"]),
    Route(_PROJECT + "/members", manage.members, methods=["GET", "POST"]),
    Route(_MEMBER + "/role", manage.change_role, methods=["POST"]),
    Route(_MEMBER + "/remove", manage.remove_member, methods=["POST"]),
    Route(_PROJECT + "/milestones", milestones.index),
    Route(_PROJECT + "/milestones/new", milestones.new, methods=["GET", "POST"]),
    Route(_MILESTONE, milestones.detail),
    Route(_MILESTONE + "/close", milestones.close, methods=["POST"]),
    Route(_MILESTONE + "/reopen", milestones.reopen, methods=["POST"]),
    Route(_PROJECT + "/merge-requests", merges.index),
    Route(_MERGE, merges.conversation),
    Route(_MERGE + "/changes", merges.changes),
    Route(_MERGE + "/checks", merges.checks),
    Route(_MERGE + "/log/{check:number}", merges.log),
    Route(_MERGE + "/comments", merges.comment, methods=["POST"]),
    Route(_MERGE + "/approve", merges.approve, methods=["POST"]),
    Route(_MERGE + "/unapprove", merges.unapprove, methods=["POST"]),
    Route(_MERGE + "/merge", merges.merge, methods=["POST"]),
    Route(_MERGE + "/close", merges.close, methods=["POST"]),
    Route(_MERGE + "/reopen", merges.reopen, methods=["POST"]),
    Route(_MERGE + "/assign", merges.assign, methods=["POST"]),
    Route(_PROJECT + "/star", projects.star, methods=["POST"]),
    Route(_PROJECT + "/unstar", projects.unstar, methods=["POST"]),
    Route(_PROJECT + "/watch", projects.watch, methods=["POST"]),
    Route(_PROJECT + "/issues", issues.index),
    Route(_PROJECT + "/issues/new", issues.new, methods=["GET", "POST"]),
    Route(_ISSUE, issues.detail),
    Route(_ISSUE + "/comments", issues.comment, methods=["POST"]),
    Route(_ISSUE + "/comments/{comment:number}/delete", issues.delete_comment, methods=["POST"]),
    Route(_ISSUE + "/close", issues.close, methods=["POST"]),
    Route(_ISSUE + "/reopen", issues.reopen, methods=["POST"]),
    Route(_ISSUE + "/edit", issues.edit, methods=["POST"]),
)


SYNONYMS = {
    "Follow": "Subscribe",
    "Unfollow": "Unsubscribe",
    "Contributors": "Committers",
    "New issue": "Report a problem",
    "Close issue": "Resolve issue",
    "Comment": "Reply",
    "Search": "Find",
    "Apply": "Filter",
    "Save changes": "Update",
    "Milestones": "Goals",
    "Releases": "Versions",
    "Members": "Team",
    "Settings": "Preferences",
    "Invite": "Add member",
    "Approve": "Sign off",
}
"""What controls are called when they are renamed."""


def forge_app(*, seed: int = 7, control: bool = False, sessions: int = 2_000) -> Starlette:
    """The code-hosting site as an ASGI application; see `site_app`."""
    return site_app(
        __package__,
        _ROUTES,
        lambda world: State.fresh(build(world)),
        page=web.page,
        filters=web.FILTERS,
        synonyms=SYNONYMS,
        seed=seed,
        control=control,
        sessions=sessions,
    )
