"""The practice sites by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from starlette.applications import Starlette

from plan_and_act.sites.board.app import SYNONYMS as BOARD_SYNONYMS
from plan_and_act.sites.board.app import board_app
from plan_and_act.sites.flights.app import SYNONYMS as FLIGHTS_SYNONYMS
from plan_and_act.sites.flights.app import flights_app
from plan_and_act.sites.forge.app import SYNONYMS as FORGE_SYNONYMS
from plan_and_act.sites.forge.app import forge_app
from plan_and_act.sites.shop.app import SYNONYMS as SHOP_SYNONYMS
from plan_and_act.sites.shop.app import shop_app


@dataclass(frozen=True, slots=True)
class SiteKind:
    """A practice site: how it is made (with `seed` and `control`), and what its controls may be called."""

    app: Callable[..., Starlette]
    synonyms: Mapping[str, str]


SITES: dict[str, SiteKind] = {
    "board": SiteKind(board_app, BOARD_SYNONYMS),
    "flights": SiteKind(flights_app, FLIGHTS_SYNONYMS),
    "forge": SiteKind(forge_app, FORGE_SYNONYMS),
    "shop": SiteKind(shop_app, SHOP_SYNONYMS),
}
"""The sites."""
