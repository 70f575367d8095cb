"""The start page, departments, subcategories and search: everything that lists products."""

from typing import Any
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from plan_and_act.sites.shop.listing import RATINGS, SORTS, Asked, cards, choose, facets, hours_old, price_errors
from plan_and_act.sites.shop.model import Product
from plan_and_act.sites.shop.web import page, state_of
from plan_and_act.sites.web import matches, paginate, safe_next, wants_json

PAGE = 8
SUGGESTIONS = 6


async def home(request: Request) -> Response:
    """The start page."""
    state = state_of(request)
    newest = sorted(state.products(), key=lambda product: (product.added, product.name), reverse=True)
    loved = sorted(state.products(), key=lambda product: (-state.rating(product), product.name))
    return page(
        request,
        "home.html",
        newest=cards(state, newest[:5], "/"),
        loved=cards(state, loved[:5], "/"),
        offers=[c for c in state.coupons() if not c.minimum and c.percent and not state.refusal(c, 0)][:1],
        hours=hours_old(state, "/"),
    )


async def department(request: Request) -> Response:
    """A category with its subcategories and all of its goods."""
    category = state_of(request).base.categories.get(request.path_params["category"])
    if category is None:
        raise HTTPException(404)
    slugs = {sub.slug for sub in category.subcategories}
    products = [product for product in state_of(request).products() if product.subcategory in slugs]
    return _list(request, products, title=category.name, category=category, subcategory=None)


async def shelf(request: Request) -> Response:
    """A subcategory."""
    base = state_of(request).base
    subcategory = base.subcategories.get(request.path_params["subcategory"])
    if subcategory is None or subcategory.category != request.path_params["category"]:
        raise HTTPException(404)
    products = [product for product in state_of(request).products() if product.subcategory == subcategory.slug]
    category = base.categories[subcategory.category]
    return _list(request, products, title=subcategory.name, category=category, subcategory=subcategory)


def _list(request: Request, products: list[Product], **values: Any) -> Response:
    """A list that grows while one scrolls; scripts ask for one more part of it as JSON, others for all up to it."""
    state, asked = state_of(request), Asked.of(request.query_params)
    every = cards(state, products, request.url.path)
    fitting = choose(every, asked)
    part = paginate(request, fitting, PAGE)
    more = _part_url(request, part.number + 1) if part.number < part.pages else None
    if wants_json(request):
        template = request.app.state.templates.get_template("cards.html")
        return JSONResponse({"html": template.render(cards=part.items), "more": more})
    return page(
        request,
        "listing.html",
        cards=fitting[: part.number * PAGE],
        total=len(fitting),
        more=more,
        facets=facets(every),
        asked=asked,
        errors=price_errors(request.query_params),
        ratings=RATINGS,
        sorts=[(name, label) for name, (label, _) in SORTS.items()],
        hours=hours_old(state, request.url.path),
        **values,
    )


def _part_url(request: Request, number: int) -> str:
    """The address of a part of the list; filters may be there several times, which `url_with` does not know."""
    query = request.url.remove_query_params("page").include_query_params(page=number).query
    return f"{request.url.path}?{query}"


async def refresh(request: Request) -> Response:
    """Make a list anew, and go back to it."""
    target = safe_next(request.query_params.get("next", "/"))
    state_of(request).refreshed.add(urlsplit(target).path)
    return RedirectResponse(target, 303)


async def search(request: Request) -> Response:
    """Products that have all the words in name, brand or subcategory."""
    state = state_of(request)
    query = request.query_params.get("q", "").strip()[:200]
    sort = request.query_params.get("sort", "")
    found = _found(request, query) if query and state.visit.finds(query) else []
    shown = choose(cards(state, found, request.url.path), Asked(sort=sort if sort in SORTS else "name"))
    return page(
        request,
        "search.html",
        query=query,
        results=paginate(request, shown, 12),
        sort=sort,
        sorts=[(name, label) for name, (label, _) in SORTS.items()],
        hours=hours_old(state, request.url.path),
    )


def _found(request: Request, query: str) -> list[Product]:
    state = state_of(request)
    kinds = state.base.subcategories
    return [
        product
        for product in state.products()
        if product.visible and matches(query, product.name, product.brand, kinds[product.subcategory].name)
    ]


async def suggest(request: Request) -> Response:
    """Names that a search field suggests; none while the first search is to find nothing."""
    query = request.query_params.get("q", "").strip()[:200]
    if len(query) < 2 or state_of(request).visit.disturbances.search:
        return JSONResponse([])
    found = [{"name": product.name, "url": f"/p/{product.slug}"} for product in _found(request, query)]
    return JSONResponse(found[:SUGGESTIONS])
