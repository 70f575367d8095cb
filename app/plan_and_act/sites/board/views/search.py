"""Search over everything."""

from starlette.requests import Request
from starlette.responses import Response

from plan_and_act.sites.board.data import STALE_HOURS
from plan_and_act.sites.board.model import Thread
from plan_and_act.sites.board.ranking import RANGES, is_stale, members, ranked, rows
from plan_and_act.sites.board.state import State
from plan_and_act.sites.board.web import choice, is_fresh, page, state_of
from plan_and_act.sites.web import matches, paginate

KINDS = {"": "Everything", "threads": "Threads", "communities": "Communities", "people": "People"}
TYPES = {"": "Any kind", "text": "Text", "link": "Link", "poll": "Poll"}
SORTS = {"new": "Newest", "top": "Most votes", "hot": "Hot"}
_FEW = 3
"""Communities and people beside the threads, when everything is asked for."""


async def search(request: Request) -> Response:
    """Threads, communities and people that have all the words; threads can be narrowed down."""
    state, fresh = state_of(request), is_fresh(request)
    query = request.query_params.get("q", "").strip()[:200]
    kind = choice(request, "kind", KINDS, "")
    asked = {
        "community": choice(request, "community", state.base.communities, ""),
        "type": choice(request, "type", TYPES, ""),
        "t": choice(request, "t", RANGES, "all"),
        "sort": choice(request, "sort", SORTS, "new"),
    }
    finds = bool(query) and state.visit.finds(query)
    threads = rows(state, _threads(state, query, asked) if finds else (), fresh=fresh)
    ordered = ranked(state, threads, asked["sort"], asked["t"])
    communities = [
        entry
        for entry in state.base.communities.values()
        if finds and matches(query, entry.name, entry.topic, entry.description)
    ]
    people = [person for person in state.base.people.values() if finds and matches(query, person.username)]
    return page(
        request,
        "search.html",
        query=query,
        kind=kind,
        kinds=KINDS,
        asked=asked,
        types=TYPES,
        sorts=SORTS,
        ranges=RANGES,
        threads=paginate(request, ordered, 10),
        communities=communities if kind == "communities" else communities[:_FEW],
        people=people if kind == "people" else people[:_FEW],
        counts={"threads": len(ordered), "communities": len(communities), "people": len(people)},
        sizes={entry.slug: members(state, entry, fresh=fresh) for entry in communities},
        hours=STALE_HOURS if is_stale(state, fresh=fresh) else None,
    )


def _threads(state: State, query: str, asked: dict[str, str]) -> list[Thread]:
    limit = RANGES[asked["t"]][1]
    return [
        thread
        for thread in state.threads()
        if asked["community"] in ("", thread.community)
        and asked["type"] in ("", thread.kind)
        and (limit is None or state.now - thread.created <= limit)
        and matches(query, thread.title, thread.body, state.base.communities[thread.community].name)
    ]
