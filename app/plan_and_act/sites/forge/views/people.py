"""The directory of people, and their profiles."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from plan_and_act.sites.forge.model import Person, Project
from plan_and_act.sites.forge.state import State
from plan_and_act.sites.forge.web import need_person, page, person_of, state_of
from plan_and_act.sites.web import back, matches, paginate

SORTS = {"name": "Name", "followers": "Most followers", "joined": "Newest"}


async def index(request: Request) -> Response:
    """Everybody, with search and sorting."""
    state = state_of(request)
    query = request.query_params.get("q", "").strip()[:200]
    sort = request.query_params.get("sort", "name")
    people = [person for person in state.people() if matches(query, person.name, person.username, person.bio)]
    if not state.visit.finds(query):
        people = []
    counts = {person.username: len(state.followers(person.username)) for person in people}
    if sort == "followers":
        people.sort(key=lambda person: -counts[person.username])
    elif sort == "joined":
        people.sort(key=lambda person: person.joined, reverse=True)
    shown = paginate(request, people, 15)
    return page(request, "people.html", people=shown, counts=counts, query=query, sort=sort, sorts=SORTS)


async def suggest(request: Request) -> Response:
    """The first people who fit what somebody types, for the fields that suggest."""
    query = request.query_params.get("q", "").strip()[:200]
    fitting = [
        person for person in state_of(request).people() if query and matches(query, person.name, person.username)
    ]
    return JSONResponse([{"username": person.username, "name": person.name} for person in fitting[:6]])


async def picture(request: Request) -> Response:
    """The picture a person has uploaded."""
    found = state_of(request).picture(person_of(request).username)
    if found is None:
        raise HTTPException(404)
    return Response(found.content, media_type=found.type)


async def profile(request: Request) -> Response:
    """What a person works on."""
    state, person = state_of(request), person_of(request)
    work = [
        (project, entry)
        for project in state.projects()
        for entry in project.contributors
        if entry.username == person.username
    ]
    work.sort(key=lambda pair: -pair[1].commits)
    opened = [issue for issue in state.issues() if issue.author == person.username]
    return _profile(request, state, person, "overview", work=work, opened=opened[:6])


async def followers(request: Request) -> Response:
    """Who follows a person."""
    state, person = state_of(request), person_of(request)
    return _profile(request, state, person, "followers", people=state.followers(person.username))


async def following(request: Request) -> Response:
    """Whom a person follows."""
    state, person = state_of(request), person_of(request)
    return _profile(request, state, person, "following", people=state.following(person.username))


async def stars(request: Request) -> Response:
    """What a person has starred."""
    state, person = state_of(request), person_of(request)
    return _profile(request, state, person, "stars", starred=_starred(state, person))


async def follow(request: Request) -> Response:
    """Follow a person."""
    return _set_follow(request, on=True)


async def unfollow(request: Request) -> Response:
    """Stop following a person."""
    return _set_follow(request, on=False)


def _set_follow(request: Request, *, on: bool) -> Response:
    viewer, person = need_person(request), person_of(request)
    if person.username == viewer.username:
        raise HTTPException(400)
    state_of(request).follow(person.username, on)
    words = f"You are now following {person.name}." if on else f"You no longer follow {person.name}."
    return back(request, f"/@{person.username}", words)


def _starred(state: State, person: Person) -> list[Project]:
    return [project for project in state.projects() if state.has_starred(person.username, project.path)]


def _profile(request: Request, state: State, person: Person, tab: str, **values: Any) -> Response:
    counts = {
        "followers": len(state.followers(person.username)),
        "following": len(state.following(person.username)),
        "stars": len(_starred(state, person)),
    }
    return page(request, f"profile_{tab}.html", person=person, tab=tab, counts=counts, **values)
