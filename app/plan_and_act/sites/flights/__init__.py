"""Larkway, a travel site: search for flights, fares, seats, bookings, trips, price alerts, help."""

from plan_and_act.sites.flights.app import flights_app

__all__ = ["flights_app"]
