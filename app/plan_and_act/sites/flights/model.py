"""The nouns of the travel site. All of them are immutable: every session shares the same seeded objects."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

Fare = Literal["Basic", "Classic", "Flex"]
Cabin = Literal["Economy", "Business"]
FARES: tuple[Fare, ...] = ("Basic", "Classic", "Flex")
CABINS: tuple[Cabin, ...] = ("Economy", "Business")


@dataclass(frozen=True, slots=True)
class Airport:
    """An airport; `place` is what people call it: the city, with the airport's name where the city has two."""

    code: str
    city: str
    name: str
    country: str
    latitude: float
    longitude: float
    offset: int
    """Minutes ahead of UTC."""
    place: str

    @property
    def label(self) -> str:
        """What a field holds: Rome (FCO)."""
        return f"{self.place} ({self.code})"

    @property
    def option(self) -> str:
        """What a list of suggestions says: Rome (FCO), Fiumicino, Italy."""
        return f"{self.label}, {self.name}, {self.country}"


@dataclass(frozen=True, slots=True)
class Rules:
    """What a fare of an airline includes and allows; fees in euros, None where it is not allowed."""

    cabin_bag: str
    checked_bags: int
    checked_kg: int
    change_fee: int | None
    refund_fee: int | None


@dataclass(frozen=True, slots=True)
class Airline:
    """An airline with its fares."""

    code: str
    name: str
    hub: str
    rules: Mapping[Fare, Rules]
    check_in_hours: int
    """How long before departure online check-in opens."""
    bag_price: int
    legroom_price: int
    level: float
    """How its prices compare with others."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Where a flight stops on the way, and for how many minutes."""

    airport: str
    minutes: int


@dataclass(frozen=True, slots=True)
class Flight:
    """A flight on a day, with the price of its Basic fare in Economy; times are those of the place."""

    number: str
    airline: str
    origin: str
    destination: str
    departs: datetime
    arrives: datetime
    minutes: int
    stops: tuple[Stop, ...]
    price: int
    steps: tuple[int, int, int]
    """What each fare costs more than Basic."""
    aircraft: int
    """Which of `AIRCRAFT`."""

    @property
    def day(self) -> date:
        """When it departs."""
        return self.departs.date()

    @property
    def path(self) -> str:
        """Its address on the site."""
        return f"/flights/{self.origin}-{self.destination}/{self.day.isoformat()}/{self.number}"

    @property
    def id(self) -> str:
        """Names it in what a checker is told."""
        return f"{self.number} {self.day.isoformat()}"

    @property
    def direct(self) -> bool:
        """Whether it stops nowhere."""
        return not self.stops

    def cost(self, fare: Fare, cabin: Cabin = "Economy") -> int:
        """The price for one person, in euros."""
        price = self.price + self.steps[FARES.index(fare)]
        return price * 5 // 2 if cabin == "Business" else price


@dataclass(frozen=True, slots=True)
class Seat:
    """A seat; `price` is 0 unless it has more legroom."""

    name: str
    kind: Literal["window", "middle", "aisle"]
    taken: bool
    price: int


@dataclass(frozen=True, slots=True)
class Traveller:
    """Somebody who flies; those of the account are saved under a number."""

    first: str
    last: str
    born: date

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first} {self.last}"


@dataclass(frozen=True, slots=True)
class Profile:
    """The account that is signed in."""

    name: str
    email: str
    phone: str
    meal: str
    seat: str
    newsletter: bool


@dataclass(frozen=True, slots=True)
class Trip:
    """A booking: one or two flights for one or more passengers in one fare."""

    ref: str
    booked: datetime
    flights: tuple[Flight, ...]
    passengers: tuple[Traveller, ...]
    fare: Fare
    cabin: Cabin
    seats: tuple[tuple[str | None, ...], ...]
    """By flight, one for each passenger."""
    bags: tuple[int, ...]
    """Bags that were added, one number for each passenger."""
    extras: tuple[str, ...]
    payment: Literal["card", "airport"]
    paid: int
    cancelled: bool = False
    checked_in: tuple[int, ...] = ()
    """Which passengers are checked in for the first flight."""


@dataclass(frozen=True, slots=True)
class Alert:
    """A wish to be told when a route gets cheaper than so many euros."""

    number: int
    origin: str
    destination: str
    below: int


@dataclass(frozen=True, slots=True)
class Topic:
    """A page of the help centre; `question` asks for the one number in it that differs from world to world."""

    slug: str
    title: str
    text: str
    question: str
    number: int
