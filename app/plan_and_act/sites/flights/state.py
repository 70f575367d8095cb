"""What one session has changed: an overlay over the seeded base, which stays as it is.

A session costs a few empty dictionaries until somebody changes something; a reset is a new overlay.
"""

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date, datetime, timedelta
from typing import Any, Literal

from plan_and_act.sites.flights.data import Base, reference
from plan_and_act.sites.flights.draft import Draft, bag_price, fee, seats_named
from plan_and_act.sites.flights.model import Alert, Flight, Profile, Traveller, Trip
from plan_and_act.sites.sessions import Effect, Visit


@dataclass(slots=True)
class State:
    """The site as one session sees it.

    Every method that changes something returns whether it did (or what it made), and adds exactly one entry to `log`.
    """

    base: Base
    viewer: str | None = None
    log: list[Effect] = field(default_factory=list)
    visit: Visit = field(default_factory=Visit)
    draft: Draft | None = None
    """The booking that is being made."""
    refreshed: set[tuple[str, str, date]] = field(default_factory=set)
    """Routes and days whose list of flights was refreshed."""
    profile: Profile = field(init=False)
    _trips: dict[str, Trip] = field(default_factory=dict)
    _travellers: dict[int, Traveller | None] = field(default_factory=dict)
    _alerts: dict[int, Alert | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.profile = self.base.profile

    @classmethod
    def fresh(cls, base: Base) -> "State":
        """The untouched site, signed in as the persona."""
        return cls(base, viewer=base.persona)

    # reading

    @property
    def now(self) -> datetime:
        """The site's clock: it moves on by a minute with every change."""
        return self.base.now + timedelta(minutes=len(self.log))

    @property
    def trips(self) -> list[Trip]:
        """Every trip, the one that departs first first."""
        return sorted((dict(self.base.trips) | self._trips).values(), key=lambda trip: trip.flights[0].departs)

    def trip(self, ref: str) -> Trip | None:
        """A trip, or None."""
        return self._trips.get(ref) or self.base.trips.get(ref)

    @property
    def travellers(self) -> dict[int, Traveller]:
        """The saved travellers by number."""
        return {n: t for n, t in (dict(self.base.travellers) | self._travellers).items() if t}

    @property
    def alerts(self) -> dict[int, Alert]:
        """The price alerts by number."""
        return {n: alert for n, alert in (dict(self.base.alerts) | self._alerts).items() if alert}

    def is_past(self, trip: Trip) -> bool:
        """Whether its first flight has left."""
        return trip.flights[0].departs < self.base.now

    def sold_out(self, flight: Flight) -> bool:
        """Whether no seats are left on a flight."""
        return self.base.network.sold_out(flight, self.visit.disturbances)

    def can_check_in(self, trip: Trip) -> bool:
        """Whether online check-in is open."""
        flight = trip.flights[0]
        opens = timedelta(hours=self.base.network.airlines[flight.airline].check_in_hours)
        return not trip.cancelled and timedelta() < flight.departs - self.base.now < opens

    # changing

    def sign_in(self, username: str, password: str) -> bool:
        """Sign in with a password; only the persona has one."""
        if (username, password) != (self.base.persona, self.base.password) or self.viewer == username:
            return False
        self.viewer = username
        return self._did("sign_in", username)

    def sign_out(self) -> bool:
        """Sign out; a booking that was being made is lost."""
        if self.viewer is None:
            return False
        self._did("sign_out", self.viewer)
        self.viewer = self.draft = None
        return True

    def enter(self, username: str | None) -> None:
        """Let the session begin as somebody, or signed out; part of setting up, so it is no effect.

        Raises:
            ValueError: When there is no such account.
        """
        if username not in (None, self.base.persona):
            msg = f"there is no account {username!r}"
            raise ValueError(msg)
        self.viewer = username

    def book(self, draft: Draft, payment: Literal["card", "airport"]) -> Trip:
        """Make a trip of the draft."""
        rng = random.Random(f"flights/{self.base.seed}/booking/{len(self.log)}")
        trip = Trip(
            ref=reference(rng),
            booked=self.now,
            flights=tuple(draft.flights),
            passengers=tuple(draft.passengers),
            fare=draft.fare,
            cabin=draft.cabin,
            seats=tuple(draft.seats),
            bags=draft.bags,
            extras=draft.extras,
            payment=payment,
            paid=draft.total(self.base.network),
        )
        self._trips[trip.ref] = trip
        self.draft = None
        self._did("book", trip.ref)
        return trip

    def cancel(self, trip: Trip) -> bool:
        """Cancel a trip."""
        return self._change("cancel", trip, replace(trip, cancelled=True))

    def choose_seats(self, trip: Trip, leg: int, names: tuple[str | None, ...]) -> bool:
        """Give the passengers seats on one of the flights; more legroom is paid for."""
        net, flight = self.base.network, trip.flights[leg]
        before, after = (sum(s.price for s in seats_named(net, flight, some)) for some in (trip.seats[leg], names))
        seats = (*trip.seats[:leg], names, *trip.seats[leg + 1 :])
        return self._change("choose_seats", trip, replace(trip, seats=seats, paid=trip.paid + max(0, after - before)))

    def add_bags(self, trip: Trip, added: tuple[int, ...]) -> bool:
        """Add bags, a number for each passenger."""
        bags = tuple(one + more for one, more in zip(trip.bags, added, strict=True))
        price = bag_price(self.base.network, trip.flights) * sum(added)
        return self._change("add_bags", trip, replace(trip, bags=bags, paid=trip.paid + price))

    def change_price(self, trip: Trip, leg: int, flight: Flight) -> int | None:
        """What it costs to take another flight, or None when the fare does not allow it."""
        fees = fee(self.base.network, (trip.flights[leg],), trip.fare, refund=False)
        if fees is None:
            return None
        more = flight.cost(trip.fare, trip.cabin) - trip.flights[leg].cost(trip.fare, trip.cabin)
        return (fees + max(0, more)) * len(trip.passengers)

    def change_flight(self, trip: Trip, leg: int, flight: Flight) -> bool:
        """Take another flight; seats have to be chosen anew."""
        price = self.change_price(trip, leg, flight)
        if price is None or flight == trip.flights[leg]:
            return False
        changed = replace(
            trip,
            flights=(*trip.flights[:leg], flight, *trip.flights[leg + 1 :]),
            seats=(*trip.seats[:leg], (None,) * len(trip.passengers), *trip.seats[leg + 1 :]),
            checked_in=() if leg == 0 else trip.checked_in,
            paid=trip.paid + price,
        )
        return self._change("change_flight", trip, changed)

    def check_in(self, trip: Trip, passengers: set[int]) -> bool:
        """Check passengers in for the first flight; whoever has no seat gets one."""
        everybody = tuple(sorted(passengers | set(trip.checked_in)))
        return self._change("check_in", trip, replace(trip, checked_in=everybody))

    def edit_profile(self, **values: Any) -> bool:
        """Change the profile."""
        changed = replace(self.profile, **values)
        if changed == self.profile:
            return False
        self.profile = changed
        return self._did("edit_profile", self._me)

    def save_traveller(self, traveller: Traveller) -> bool:
        """Save a traveller for later bookings; everybody once."""
        if traveller in self.travellers.values():
            return False
        self._travellers[max(self.base.travellers.keys() | self._travellers.keys()) + 1] = traveller
        return self._did("save_traveller", traveller.name)

    def remove_traveller(self, number: int) -> bool:
        """Remove a saved traveller, but not the account's own person."""
        if number == 1 or number not in self.travellers:
            return False
        self._did("remove_traveller", self.travellers[number].name)
        self._travellers[number] = None
        return True

    def add_alert(self, origin: str, destination: str, below: int) -> bool:
        """Ask to be told about a price."""
        number = max(self.base.alerts.keys() | self._alerts.keys()) + 1
        self._alerts[number] = Alert(number, origin, destination, below)
        return self._did("add_alert", f"{origin}-{destination}")

    def remove_alert(self, number: int) -> bool:
        """Delete a price alert."""
        if number not in self.alerts:
            return False
        alert = self.alerts[number]
        self._alerts[number] = None
        return self._did("remove_alert", f"{alert.origin}-{alert.destination}")

    # telling a checker

    def changes(self) -> dict[str, Any]:
        """What is different from the untouched site, in plain JSON; a change that was undone is none.

        `log` and `counts` tell every effect, undone or not: that is where "exactly once" shows.
        """
        counts: dict[str, int] = {}
        for effect in self.log:
            counts[effect.kind] = counts.get(effect.kind, 0) + 1
        base = self.base
        old_people, people = set(base.travellers.values()), set(self.travellers.values())
        return {
            "site": "flights",
            "seed": base.seed,
            "viewer": self.viewer,
            "changes": {
                "booked": [self._plain(trip) for ref, trip in self._trips.items() if ref not in base.trips],
                "trips_changed": [
                    {"ref": ref} | difference
                    for ref, trip in self._trips.items()
                    if ref in base.trips and (difference := self._difference(trip))
                ],
                "profile": {
                    entry.name: getattr(self.profile, entry.name)
                    for entry in fields(Profile)
                    if getattr(self.profile, entry.name) != getattr(base.profile, entry.name)
                },
                "travellers_added": _people(people - old_people),
                "travellers_removed": _people(old_people - people),
                "alerts_added": _alerts_beyond(self.alerts.values(), base.alerts.values()),
                "alerts_removed": _alerts_beyond(base.alerts.values(), self.alerts.values()),
            },
            "log": [asdict(effect) for effect in self.log],
            "counts": counts,
        }

    @property
    def _me(self) -> str:
        if self.viewer is None:
            msg = "nobody is signed in"
            raise PermissionError(msg)
        return self.viewer

    def _did(self, kind: str, target: str) -> Literal[True]:
        self.log.append(Effect(kind, self._me, target))
        return True

    def _change(self, kind: str, before: Trip, after: Trip) -> bool:
        if before == after:
            return False
        self._trips[before.ref] = after
        return self._did(kind, before.ref)

    def _plain(self, trip: Trip) -> dict[str, Any]:
        """A trip as a checker wants it: without prices and times."""
        seated = [
            (person, flight, seat)
            for flight, names in zip(trip.flights, trip.seats, strict=True)
            for person, name in zip(trip.passengers, names, strict=True)
            if name and (seat := self.base.network.seat(flight, name))
        ]
        return {
            "flights": [flight.id for flight in trip.flights],
            "fare": trip.fare,
            "cabin": trip.cabin,
            "passengers": [person.name for person in trip.passengers],
            "born": [person.born.isoformat() for person in trip.passengers],
            "seats": [seat_record(person, flight, seat.name) for person, flight, seat in seated],
            "seat_kinds": [seat.kind for _, _, seat in seated],
            "bags": [bag_record(p, n) for p, n in zip(trip.passengers, trip.bags, strict=True) if n],
            "extras": list(trip.extras),
            "payment": trip.payment,
            "cancelled": trip.cancelled,
            "checked_in": [trip.passengers[index].name for index in trip.checked_in],
        }

    def _difference(self, trip: Trip) -> dict[str, Any]:
        """What of a trip is not as it was."""
        old, new = self._plain(self.base.trips[trip.ref]), self._plain(trip)
        return {key: new[key] for key in new if new[key] != old[key]}


def seat_record(person: Traveller, flight: Flight, seat: str) -> str:
    """How a checker is told who sits where."""
    return f"{person.name} in {seat} on {flight.id}"


def bag_record(person: Traveller, count: int) -> str:
    """How a checker is told who takes how many extra bags."""
    return f"{count} for {person.name}"


def _people(people: set[Traveller]) -> list[dict[str, str]]:
    return [{"name": person.name, "born": person.born.isoformat()} for person in sorted(people, key=lambda p: p.name)]


def _alerts_beyond(alerts: Iterable[Alert], others: Iterable[Alert]) -> list[dict[str, Any]]:
    """The alerts that the others do not have, or not as often."""
    many, fewer = (Counter((one.origin, one.destination, one.below) for one in some) for some in (alerts, others))
    return [{"from": start, "to": end, "below": below} for start, end, below in (many - fewer).elements()]
