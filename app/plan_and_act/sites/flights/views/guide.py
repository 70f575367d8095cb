"""What visitors read: airlines with their fare rules, help, and the search over trips and help."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from plan_and_act.sites.flights.model import FARES, Trip
from plan_and_act.sites.flights.state import State
from plan_and_act.sites.flights.web import page, state_of
from plan_and_act.sites.web import matches


async def airlines(request: Request) -> Response:
    """All airlines."""
    return page(request, "airlines.html")


async def airline(request: Request) -> Response:
    """The fares of an airline and what belongs to them."""
    found = state_of(request).base.network.airlines.get(request.path_params["code"])
    if found is None:
        raise HTTPException(404)
    return page(request, "airline.html", airline=found, fares=FARES)


async def help_index(request: Request) -> Response:
    """The pages of the help centre."""
    return page(request, "help.html", topics=state_of(request).base.topics.values())


async def help_topic(request: Request) -> Response:
    """A page of the help centre."""
    topic = state_of(request).base.topics.get(request.path_params["slug"])
    if topic is None:
        raise HTTPException(404)
    return page(request, "help_topic.html", topic=topic)


async def search(request: Request) -> Response:
    """Trips and help topics that have all the words."""
    state = state_of(request)
    query = request.query_params.get("q", "").strip()[:200]
    found = bool(query) and state.visit.finds(query)
    topics = [topic for topic in state.base.topics.values() if found and matches(query, topic.title, topic.text)]
    trips = [trip for trip in state.trips if found and state.viewer and matches(query, _words(state, trip))]
    return page(request, "find.html", query=query, topics=topics, trips=trips)


def _words(state: State, trip: Trip) -> str:
    """What a trip can be found by."""
    net = state.base.network
    places = [net.airports[code] for flight in trip.flights for code in (flight.origin, flight.destination)]
    words = [trip.ref, *(person.name for person in trip.passengers), *(flight.number for flight in trip.flights)]
    return " ".join([*words, *(f"{place.label} {place.country}" for place in places)])
