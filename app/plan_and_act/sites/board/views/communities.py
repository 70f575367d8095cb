"""The list of communities, and what is said about one."""

from starlette.requests import Request
from starlette.responses import Response

from plan_and_act.sites.board.data import STALE_HOURS
from plan_and_act.sites.board.ranking import is_stale, members
from plan_and_act.sites.board.web import came_from, choice, community_of, done, is_fresh, need_person, page, state_of
from plan_and_act.sites.web import matches, paginate

SORTS = {"name": "Name", "members": "Most members", "new": "Newest"}
SHOWN = {"": "All communities", "joined": "Those I have joined", "others": "Those I have not joined"}


async def index(request: Request) -> Response:
    """All communities, with search, a filter by topic, and sorting."""
    state, fresh = state_of(request), is_fresh(request)
    query = request.query_params.get("q", "").strip()[:200]
    every = state.base.communities.values()
    topics = sorted({entry.topic for entry in every})
    topic, sort = choice(request, "topic", topics, ""), choice(request, "sort", SORTS, "name")
    shown = choice(request, "show", SHOWN, "")
    found = [
        entry
        for entry in every
        if state.visit.finds(query)
        and matches(query, entry.name, entry.topic, entry.description)
        and topic in ("", entry.topic)
        and (not shown or state.has("member", entry.slug) == (shown == "joined"))
    ]
    counts = {entry.slug: members(state, entry, fresh=fresh) for entry in found}
    if sort == "members":
        found.sort(key=lambda entry: -counts[entry.slug])
    elif sort == "new":
        found.sort(key=lambda entry: entry.created, reverse=True)
    return page(
        request,
        "communities.html",
        communities=paginate(request, found, 8),
        counts=counts,
        query=query,
        topic=topic,
        topics=topics,
        sort=sort,
        sorts=SORTS,
        shown=shown,
        choices=SHOWN,
        hours=STALE_HOURS if is_stale(state, fresh=fresh) else None,
    )


async def about(request: Request) -> Response:
    """Rules, moderators and facts."""
    return page(request, "about.html", community=community_of(request), tab="about")


async def join(request: Request) -> Response:
    """Become a member."""
    return await _set_member(request, on=True)


async def leave(request: Request) -> Response:
    """Be a member no longer."""
    return await _set_member(request, on=False)


async def _set_member(request: Request, *, on: bool) -> Response:
    need_person(request)
    state, community = state_of(request), community_of(request)
    url = await came_from(request)
    if on and state.by_invitation(community.slug):
        return done(request, f"{community.name} takes new members by invitation only.", url=url)
    state.mark("member", community.slug, on)
    words = f"You are a member of {community.name} now." if on else f"You have left {community.name}."
    return done(request, words, url=url)
