"""Tasks on flights, the travel site."""

from plan_and_act.sites.tasks import (
    flights_account,
    flights_booking,
    flights_compare,
    flights_look_ups,
    flights_refused,
    flights_search,
    flights_trips,
)
from plan_and_act.sites.tasks.template import Template

TEMPLATES: tuple[Template, ...] = (
    *flights_search.TEMPLATES,
    *flights_compare.TEMPLATES,
    *flights_booking.TEMPLATES,
    *flights_look_ups.TEMPLATES,
    *flights_trips.TEMPLATES,
    *flights_refused.TEMPLATES,
    *flights_account.TEMPLATES,
)
