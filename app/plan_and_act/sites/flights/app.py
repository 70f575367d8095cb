"""The application: its routes, and what its controls may be called."""

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Route

from plan_and_act.sites.application import site_app
from plan_and_act.sites.flights import web
from plan_and_act.sites.flights.data import build
from plan_and_act.sites.flights.state import State
from plan_and_act.sites.flights.views import account, booking, guide, search, trips

_BOTH = ["GET", "POST"]
_TRIP = "/trips/{ref}"

_ROUTES: tuple[BaseRoute, ...] = (
    Route("/", search.home),
    Route("/flights", search.flights),
    Route("/api/airports", search.airports),
    Route("/api/flights", search.results),
    Route("/flights/{route}/{day}/{number}", booking.flight),
    Route("/flights/{route}/{day}/{number}/book", booking.start, methods=["POST"]),
    Route("/book/passengers", booking.passengers, methods=_BOTH),
    Route("/book/seats", booking.seats, methods=_BOTH),
    Route("/book/extras", booking.extras, methods=_BOTH),
    Route("/book/review", booking.review, methods=_BOTH),
    Route("/trips", trips.index),
    Route(_TRIP, trips.detail),
    Route(_TRIP + "/cancel", trips.cancel, methods=_BOTH),
    Route(_TRIP + "/seats", trips.seats, methods=_BOTH),
    Route(_TRIP + "/bags", trips.bags, methods=_BOTH),
    Route(_TRIP + "/change", trips.change, methods=_BOTH),
    Route(_TRIP + "/check-in", trips.check_in, methods=_BOTH),
    Route(_TRIP + "/itinerary.txt", trips.itinerary),
    Route(_TRIP + "/boarding-pass.txt", trips.boarding_pass),
    Route("/account", account.profile, methods=_BOTH),
    Route("/account/travellers", account.travellers, methods=_BOTH),
    Route("/account/travellers/{number:number}/remove", account.remove_traveller, methods=["POST"]),
    Route("/alerts", account.alerts, methods=_BOTH),
    Route("/alerts/{number:number}/delete", account.remove_alert, methods=["POST"]),
    Route("/sign-in", account.sign_in, methods=_BOTH),
    Route("/sign-out", account.sign_out, methods=["POST"]),
    Route("/airlines", guide.airlines),
    Route("/airlines/{code}", guide.airline),
    Route("/help", guide.help_index),
    Route("/help/{slug}", guide.help_topic),
    Route("/search", guide.search),
)


SYNONYMS = {
    "Search flights": "Show flights",
    "Select": "View",
    "Show more flights": "Load the next flights",
    "Book": "Reserve",
    "Continue": "Proceed",
    "Confirm booking": "Complete the booking",
    "My trips": "Your bookings",
    "Change flight": "Move to another flight",
    "Choose seats": "Pick seats",
    "Add bags": "Buy extra baggage",
    "Cancel trip": "Call off the trip",
    "Check in": "Get boarding passes",
    "Save seats": "Keep these seats",
    "Save changes": "Update",
    "Price alerts": "Fare watch",
    "Create alert": "Set up alert",
}
"""What controls are called when they are renamed."""


def flights_app(*, seed: int = 7, control: bool = False, sessions: int = 2_000) -> Starlette:
    """The travel site as an ASGI application; see `site_app`."""
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
