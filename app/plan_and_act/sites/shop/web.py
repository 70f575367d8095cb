"""What every page of this site needs: the session's state, who must be signed in, how things are written."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from plan_and_act.sites.shop.model import Customer, Product
from plan_and_act.sites.shop.state import State
from plan_and_act.sites.web import SignInNeededError, render, session_of, url_with


def money(cents: int) -> str:
    """A price."""
    return f"{'-' if cents < 0 else ''}€{abs(cents) / 100:,.2f}"


def day(moment: date | datetime) -> str:
    """A date, in words."""
    return f"{moment.day} {moment:%B %Y}"


def plural(count: int, word: str) -> str:
    """A number of things."""
    many = f"{word[:-1]}ies" if word.endswith("y") else f"{word}s"
    return f"{count:,} {word if count == 1 else many}"


def stars(rating: float) -> Markup:
    """Stars, full or empty, with the number for those who do not see them."""
    full = round(rating)
    shown = "★" * full + "☆" * (5 - full)
    return Markup('<span class="stars" aria-hidden="true">{}</span>').format(shown)


FILTERS: dict[str, Callable[..., Any]] = {"money": money, "day": day, "plural": plural, "stars": stars}


def state_of(request: Request) -> State:
    """The shop as the request's session sees it."""
    state: State = session_of(request)
    return state


def page(request: Request, template: str, *, status: int = 200, **values: Any) -> Response:
    """Render a page."""
    state = state_of(request)
    return render(
        request,
        template,
        status=status,
        me=state.me,
        base=state.base,
        in_cart=state.basket().count,
        page_url=lambda number: url_with(request, page=number),
        **values,
    )


def need_person(request: Request) -> Customer:
    """Who is signed in.

    Raises:
        SignInNeededError: When nobody is; the site answers with its sign-in page.
    """
    person = state_of(request).me
    if person is None:
        raise SignInNeededError
    return person


def product_of(request: Request) -> Product:
    """The product in the address; hidden ones are in the back office only.

    Raises:
        HTTPException: 404 when there is none.
    """
    product = state_of(request).product(request.path_params["slug"])
    if product is None or not (product.visible or request.url.path.startswith("/admin/")):
        raise HTTPException(404)
    return product


def whole(text: str, *, most: int = 1_000_000) -> int | None:
    """A whole number that somebody typed, or None."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 and int(text) <= most else None
