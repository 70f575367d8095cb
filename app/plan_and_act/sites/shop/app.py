"""The application: its routes, and what its controls may be called."""

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Route

from plan_and_act.sites.application import site_app
from plan_and_act.sites.shop import web
from plan_and_act.sites.shop.data import build
from plan_and_act.sites.shop.state import State
from plan_and_act.sites.shop.views import account, cart, office_goods, office_sales, orders, product, shelves

_PRODUCT = "/p/{slug}"
_ADDRESS = "/account/addresses/{number:number}"
_ORDER = "/account/orders/{number:number}"
_BOTH = ["GET", "POST"]
_POST = ["POST"]

_ROUTES: tuple[BaseRoute, ...] = (
    Route("/", shelves.home),
    Route("/c/{category}", shelves.department),
    Route("/c/{category}/{subcategory}", shelves.shelf),
    Route("/search", shelves.search),
    Route("/suggest", shelves.suggest),
    Route("/refresh", shelves.refresh),
    Route(_PRODUCT, product.detail),
    Route(_PRODUCT + "/wish", product.wish, methods=_POST),
    Route(_PRODUCT + "/unwish", product.unwish, methods=_POST),
    Route(_PRODUCT + "/review", product.review, methods=_BOTH),
    Route(_PRODUCT + "/cart", cart.add, methods=_POST),
    Route("/picture/{slug}", product.picture),
    Route("/cart", cart.cart),
    Route("/cart/quantity", cart.quantity, methods=_POST),
    Route("/cart/coupon", cart.coupon, methods=_POST),
    Route("/checkout", cart.begin),
    Route("/checkout/done/{number:number}", cart.done),
    Route("/checkout/{step}", cart.step, methods=_BOTH),
    Route("/sign-in", account.sign_in, methods=_BOTH),
    Route("/sign-out", account.sign_out, methods=_POST),
    Route("/account", account.overview),
    Route("/account/wish-list", account.wish_list),
    Route("/account/settings", account.settings, methods=_BOTH),
    Route("/account/addresses", account.addresses),
    Route("/account/addresses/new", account.new_address, methods=_BOTH),
    Route(_ADDRESS, account.edit_address, methods=_BOTH),
    Route(_ADDRESS + "/delete", account.delete_address, methods=_POST),
    Route(_ADDRESS + "/default", account.default_address, methods=_POST),
    Route("/account/orders", orders.index),
    Route(_ORDER, orders.detail),
    Route(_ORDER + "/cancel", orders.cancel, methods=_POST),
    Route(_ORDER + "/again", orders.again, methods=_POST),
    Route(_ORDER + "/return", orders.send_back, methods=_BOTH),
    Route(_ORDER + "/invoice", orders.invoice),
    Route(_ORDER + "/label", orders.label),
    Route("/admin", office_goods.start),
    Route("/admin/products", office_goods.products),
    Route("/admin/products/new", office_goods.new_product, methods=_BOTH),
    Route("/admin/products/{slug}", office_goods.product, methods=_BOTH),
    Route("/admin/orders", office_sales.orders),
    Route("/admin/orders/{number:number}", office_sales.order),
    Route("/admin/orders/{number:number}/status", office_sales.set_status, methods=_POST),
    Route("/admin/orders/{number:number}/notes", office_sales.add_note, methods=_POST),
    Route("/admin/customers", office_sales.customers),
    Route("/admin/customers/{customer}", office_sales.customer),
    Route("/admin/reports", office_sales.reports),
    Route("/admin/coupons", office_goods.coupons),
    Route("/admin/coupons/new", office_goods.new_coupon, methods=_BOTH),
    Route("/admin/coupons/{code}/{what}", office_goods.set_coupon, methods=_POST),
)

SYNONYMS = {
    "Add to cart": "Put in basket",
    "Go to checkout": "Proceed to pay",
    "Apply coupon": "Redeem code",
    "Place order": "Buy now",
    "Apply filters": "Show matches",
    "Add to wish list": "Remember this",
    "Write a review": "Give your opinion",
    "Specifications": "Technical data",
    "Reviews": "Opinions",
    "Cancel order": "Call off order",
    "Send items back": "Return items",
    "Buy again": "Reorder",
    "Search": "Find",
    "Save product": "Store product",
    "Back office": "Staff area",
}
"""What controls are called when they are renamed."""


def shop_app(*, seed: int = 7, control: bool = False, sessions: int = 2_000) -> Starlette:
    """The shop as an ASGI application; see `site_app`."""
    return site_app(
        __package__,
        _ROUTES,
        lambda world: State.fresh(build(world)),
        page=web.page,
        filters=web.FILTERS,
        synonyms=SYNONYMS,
        seed=seed,
        control=control,
        sessions=sessions,
    )
