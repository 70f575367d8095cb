"""A product's page: options, tabs, reviews, wish list."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from plan_and_act.sites.shop.model import Product, Review, Variant
from plan_and_act.sites.shop.overlay import Overlay
from plan_and_act.sites.shop.web import money, need_person, page, product_of, state_of, whole
from plan_and_act.sites.web import back, matches, paginate, text, wants_json

TABS = (("description", "Description"), ("specifications", "Specifications"), ("reviews", "Reviews"))
REVIEW_SORTS = {"newest": "Newest", "helpful": "Most helpful", "best": "Highest rating", "worst": "Lowest rating"}
_REVIEW_KEYS: dict[str, Callable[[Review], Any]] = {
    "newest": lambda review: (-review.when.toordinal(), review.id),
    "helpful": lambda review: (-review.helpful, review.id),
    "best": lambda review: (-review.stars, -review.when.toordinal(), review.id),
    "worst": lambda review: (review.stars, -review.when.toordinal(), review.id),
}
REVIEWS = 8
"""Reviews on a page."""
TITLE_LIMIT, TEXT_LEAST, TEXT_LIMIT = 80, 20, 2_000


@dataclass(frozen=True, slots=True)
class Offer:
    """A variant as its page shows it."""

    variant: Variant
    stock: int

    @property
    def availability(self) -> str:
        """Whether it can be bought, in words."""
        if not self.stock:
            return "Sold out"
        return f"Only {self.stock} left" if self.stock < 6 else "In stock"

    def plain(self) -> dict[str, Any]:
        """For the page's script."""
        variant = self.variant
        return {
            "size": variant.size,
            "colour": variant.colour,
            "price": money(variant.price),
            "availability": self.availability,
            "there": bool(self.stock),
            "sku": variant.sku,
        }


def offers(state: Overlay, product: Product) -> list[Offer]:
    """All variants of a product with what is left of them."""
    return [Offer(variant, state.stock(product, variant)) for variant in product.variants]


async def detail(request: Request) -> Response:
    """A product."""
    state, product = state_of(request), product_of(request)
    query = request.query_params
    every = offers(state, product)
    chosen = next(
        (o for o in every if (o.variant.size, o.variant.colour) == (query.get("size"), query.get("colour"))), every[0]
    )
    tab = query.get("tab", "description")
    return page(
        request,
        "product.html",
        product=product,
        subcategory=state.base.subcategories[product.subcategory],
        offer=chosen,
        offers=[offer.plain() for offer in every],
        tabs=TABS,
        tab=tab if tab in dict(TABS) else "description",
        picture=f"/picture/{product.slug}" if product.slug in state.images else None,
        **_reviews(request, state.reviews(product)),
    )


def _reviews(request: Request, every: list[Review]) -> dict[str, Any]:
    """The reviews that fit the filters of the tab."""
    query = request.query_params
    stars, words = whole(query.get("stars", ""), most=5) or 0, query.get("words", "").strip()[:100]
    sort = query.get("sort", "")
    sort = sort if sort in REVIEW_SORTS else "newest"
    fitting = [r for r in every if stars in (0, r.stars) and matches(words, r.title, r.text)]
    return {
        "rating": sum(review.stars for review in every) / len(every) if every else 0.0,
        "all_reviews": every,
        "counts": [(number, sum(review.stars == number for review in every)) for number in range(5, 0, -1)],
        "stars": stars,
        "words": words,
        "review_sort": sort,
        "review_sorts": REVIEW_SORTS,
        "reviews": paginate(request, sorted(fitting, key=_REVIEW_KEYS[sort]), REVIEWS),
    }


async def picture(request: Request) -> Response:
    """The picture of a product that somebody has uploaded."""
    found = state_of(request).images.get(request.path_params["slug"])
    if found is None:
        raise HTTPException(404)
    return Response(found[2], media_type=found[1])


async def wish(request: Request) -> Response:
    """Put a product on the wish list."""
    return await _set_wish(request, on=True)


async def unwish(request: Request) -> Response:
    """Take a product off the wish list."""
    return await _set_wish(request, on=False)


async def _set_wish(request: Request, *, on: bool) -> Response:
    need_person(request)
    product = product_of(request)
    state_of(request).wish(product, on)
    words = f"{product.name} is on your wish list." if on else f"{product.name} was taken off your wish list."
    if wants_json(request):
        return JSONResponse({"on": on, "message": words})
    listed = text(await request.form(), "from") == "wish-list"
    return back(request, "/account/wish-list" if listed else f"/p/{product.slug}", words)


async def review(request: Request) -> Response:
    """The form for a review."""
    need_person(request)
    state, product = state_of(request), product_of(request)
    values: dict[str, Any] = {"stars": "", "title": "", "text": ""}
    errors: dict[str, str] = {}
    if request.method == "POST":
        form = await request.form()
        values = {name: text(form, name) for name in ("stars", "title", "text")}
        number = whole(values["stars"], most=5) or 0
        errors = _review_errors(number, values["title"], values["text"])
        if not errors and not state.review(product, stars=number, title=values["title"], text=values["text"]):
            errors["text"] = "You have reviewed this product already."
        if not errors:
            return back(request, f"/p/{product.slug}?tab=reviews", "Thank you for your review.")
    status = 422 if errors else 200
    return page(request, "review_new.html", status=status, product=product, values=values, errors=errors)


def _review_errors(stars: int, title: str, words: str) -> dict[str, str]:
    errors = {}
    if not stars:
        errors["stars"] = "Choose between 1 and 5 stars."
    if not 3 <= len(title) <= TITLE_LIMIT:
        errors["title"] = f"The headline needs 3 to {TITLE_LIMIT} characters."
    if not TEXT_LEAST <= len(words) <= TEXT_LIMIT:
        errors["text"] = f"The review needs {TEXT_LEAST} to {TEXT_LIMIT:,} characters; this one has {len(words):,}."
    return errors
