"""Choosing seats: what a form with a seat map sends."""

from collections.abc import Collection, Mapping
from typing import Any

from plan_and_act.sites.flights.model import Flight
from plan_and_act.sites.flights.schedule import Network
from plan_and_act.sites.web import text


def chosen_seats(
    net: Network, flight: Flight, form: Mapping[str, Any], count: int, *, own: Collection[str | None] = ()
) -> tuple[str | None, ...] | None:
    """The seats of a form's fields `seat-0`, `seat-1` and so on; None when one of them cannot be had.

    Args:
        net: The world.
        flight: The flight.
        form: The form; an empty field is a passenger without a seat.
        count: How many passengers there are.
        own: Seats that these passengers have already.
    """
    names = [text(form, f"seat-{index}") or None for index in range(count)]
    chosen = [name for name in names if name]
    if len(set(chosen)) < len(chosen):
        return None
    for name in chosen:
        seat = net.seat(flight, name)
        if seat is None or (seat.taken and name not in own):
            return None
    return tuple(names)
