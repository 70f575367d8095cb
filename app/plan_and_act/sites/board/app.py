"""The application: its routes, and what its controls may be called."""

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Route

from plan_and_act.sites.application import site_app
from plan_and_act.sites.board import web
from plan_and_act.sites.board.data import build
from plan_and_act.sites.board.state import State
from plan_and_act.sites.board.views import (
    account,
    communities,
    feeds,
    inbox,
    marks,
    moderation,
    people,
    search,
    submit,
    threads,
)

_COMMUNITY = "/c/{community}"
_THREAD = _COMMUNITY + "/{thread:number}"
_COMMENT = _THREAD + "/comments/{comment:number}"
_BOTH = ["GET", "POST"]

_ROUTES: tuple[BaseRoute, ...] = (
    Route("/", feeds.home),
    Route("/popular", feeds.popular),
    Route("/communities", communities.index),
    Route("/search", search.search),
    Route("/submit", submit.submit, methods=_BOTH),
    Route("/vote", marks.vote, methods=["POST"]),
    Route("/save", marks.save, methods=["POST"]),
    Route("/hide", marks.hide, methods=["POST"]),
    Route("/report", marks.report, methods=_BOTH),
    Route("/inbox", inbox.inbox),
    Route("/inbox/sent", inbox.sent),
    Route("/inbox/write", inbox.write, methods=_BOTH),
    Route("/inbox/{message:number}", inbox.message),
    Route("/inbox/{message:number}/unread", inbox.mark_unread, methods=["POST"]),
    Route("/inbox/{message:number}/delete", inbox.delete, methods=["POST"]),
    Route("/notifications", inbox.notices),
    Route("/notifications/read", inbox.read_notices, methods=["POST"]),
    Route("/settings", account.settings, methods=_BOTH),
    Route("/settings/{tab}", account.settings, methods=_BOTH),
    Route("/settings/{tab}/{name}", account.switch, methods=["POST"]),
    Route("/sign-in", account.sign_in, methods=_BOTH),
    Route("/sign-out", account.sign_out, methods=["POST"]),
    Route("/moderation", moderation.index),
    Route("/u/{username}", people.posts),
    Route("/u/{username}/comments", people.comments),
    Route("/u/{username}/saved", people.saved),
    Route("/u/{username}/follow", people.follow, methods=["POST"]),
    Route("/u/{username}/unfollow", people.unfollow, methods=["POST"]),
    Route("/u/{username}/block", people.block, methods=["POST"]),
    Route("/u/{username}/unblock", people.unblock, methods=["POST"]),
    Route(_COMMUNITY, feeds.community),
    Route(_COMMUNITY + "/about", communities.about),
    Route(_COMMUNITY + "/flairs", submit.flairs),
    Route(_COMMUNITY + "/join", communities.join, methods=["POST"]),
    Route(_COMMUNITY + "/leave", communities.leave, methods=["POST"]),
    Route(_COMMUNITY + "/mod/queue", moderation.queue),
    Route(_COMMUNITY + "/mod/approve", moderation.approve, methods=["POST"]),
    Route(_COMMUNITY + "/mod/remove", moderation.remove, methods=["POST"]),
    Route(_COMMUNITY + "/mod/bans", moderation.bans, methods=_BOTH),
    Route(_COMMUNITY + "/mod/bans/lift", moderation.lift, methods=["POST"]),
    Route(_THREAD, threads.detail),
    Route(_THREAD + "/edit", threads.edit, methods=_BOTH),
    Route(_THREAD + "/delete", threads.delete, methods=["POST"]),
    Route(_THREAD + "/lock", moderation.lock, methods=["POST"]),
    Route(_THREAD + "/pin", moderation.pin, methods=["POST"]),
    Route(_THREAD + "/leaving", threads.leaving),
    Route(_THREAD + "/video", threads.video),
    Route(_THREAD + "/poll", threads.poll, methods=_BOTH),
    Route(_THREAD + "/files/{name}", threads.attachment),
    Route(_THREAD + "/comments", threads.comment, methods=["POST"]),
    Route(_THREAD + "/replies/{comment:number}", threads.replies),
    Route(_COMMENT + "/edit", threads.edit_comment, methods=_BOTH),
    Route(_COMMENT + "/delete", threads.delete_comment, methods=["POST"]),
)


SYNONYMS = {
    "Join": "Become a member",
    "Leave": "End membership",
    "Upvote": "Vote up",
    "Downvote": "Vote down",
    "Reply": "Answer",
    "Save": "Bookmark",
    "Report": "Flag",
    "Report comment": "Flag comment",
    "Follow": "Subscribe",
    "Unfollow": "Unsubscribe",
    "Search": "Find",
    "Create post": "Start a thread",
    "Publish": "Post it",
    "Refresh": "Show the latest",
    "Save changes": "Update",
    "Write a message": "New message",
}
"""What controls are called when they are renamed."""


def board_app(*, seed: int = 7, control: bool = False, sessions: int = 2_000) -> Starlette:
    """The discussion board as an ASGI application; see `site_app`."""
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
