"""A booking that is being made, and what it will cost."""

from dataclasses import dataclass, field
from datetime import date

from plan_and_act.sites.flights.model import FARES, Cabin, Fare, Flight, Seat, Traveller
from plan_and_act.sites.flights.schedule import Network

EXTRAS = {"Travel insurance": 19, "Priority boarding": 9}
"""What can be added for each passenger, in euros."""
MOST_BAGS = 3
"""How many bags a passenger can add."""


@dataclass(slots=True)
class Draft:
    """A booking that is being made. It is nobody's business but the session's until it is confirmed."""

    flights: list[Flight]
    fare: Fare
    cabin: Cabin
    count: int
    """How many passengers."""
    back: date | None
    """When the way back is, if there is one."""
    passengers: list[Traveller] = field(default_factory=list)
    seats: list[tuple[str | None, ...]] = field(default_factory=list)
    bags: tuple[int, ...] = ()
    extras: tuple[str, ...] = ()

    def lines(self, net: Network) -> list[tuple[str, int]]:
        """The items of the bill with their prices."""
        found = [
            (f"{flight.number}, {self.fare} fare, {self.count} × €{flight.cost(self.fare, self.cabin)}",
             flight.cost(self.fare, self.cabin) * self.count)
            for flight in self.flights
        ]  # fmt: skip
        legroom = sum(
            seat.price
            for flight, names in zip(self.flights, self.seats, strict=False)
            for seat in seats_named(net, flight, names)
        )
        if legroom:
            found.append(("Seats with extra legroom", legroom))
        if sum(self.bags):
            found.append((f"{sum(self.bags)} × extra bag", bag_price(net, self.flights) * sum(self.bags)))
        return found + [(name, EXTRAS[name] * self.count) for name in self.extras]

    def total(self, net: Network) -> int:
        """What it costs, in euros."""
        return sum(price for _, price in self.lines(net))


def seats_named(net: Network, flight: Flight, names: tuple[str | None, ...]) -> list[Seat]:
    """The seats of a flight with these names; None stands for no seat."""
    return [seat for name in names if name and (seat := net.seat(flight, name))]


def bag_price(net: Network, flights: list[Flight] | tuple[Flight, ...]) -> int:
    """What an extra bag costs for the whole journey."""
    return sum(net.airlines[flight.airline].bag_price for flight in flights)


def fee(net: Network, flights: tuple[Flight, ...], fare: Fare, *, refund: bool) -> int | None:
    """What changing (or cancelling) costs one passenger; None when one of the airlines does not allow it."""
    rules = [net.airlines[flight.airline].rules[fare] for flight in flights]
    fees = [rule.refund_fee if refund else rule.change_fee for rule in rules]
    return None if None in fees else sum(fee or 0 for fee in fees)


def to_fare(text: str) -> Fare | None:
    """The fare of a name."""
    return next((fare for fare in FARES if fare == text), None)
