"""What the pages of every practice site need: templates, the session's state, pagination, forms, errors."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from urllib.parse import quote, urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

if TYPE_CHECKING:
    from plan_and_act.sites.sessions import SiteState

T = TypeVar("T")


def environment(package: str, filters: Mapping[str, Callable[..., Any]]) -> Environment:
    """The templates of a site, all of them loaded: no request waits for a disk.

    Args:
        package: The site's package; its folder `templates` is taken.
        filters: What the templates may use beside Jinja's own filters.
    """
    env = Environment(
        loader=PackageLoader(package),
        autoescape=True,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    env.filters |= dict(filters)
    for name in env.list_templates():
        env.get_template(name)
    return env


def session_of(request: Request) -> Any:
    """The site as the request's session sees it; sites wrap this with their own type."""
    return request.scope["session"]


def render(request: Request, template: str, *, status: int = 200, **values: Any) -> Response:
    """Render a page; toasts that wait are shown and gone."""
    state: SiteState = session_of(request)
    toasts, state.visit.toasts = state.visit.toasts, []
    env: Environment = request.app.state.templates
    html = env.get_template(template).render(
        request=request,
        state=state,
        toasts=toasts,
        here=here(request),
        url_with=lambda **changes: url_with(request, **changes),
        **values,
    )
    return HTMLResponse(html, status)


def here(request: Request) -> str:
    """The page's own address: path and query."""
    return local(request.scope["path"], request.url.query)


def url_with(request: Request, **changes: str | int | None) -> str:
    """The page's own address with some of the query changed; a value of None or "" is taken out."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name not in changes]
    text = urlencode([(name, value) for name, value in [*kept, *changes.items()] if value not in (None, "")])
    return local(request.scope["path"], text)


def back(request: Request, url: str, toast: str | None = None) -> Response:
    """What follows a POST: a redirect, with a toast on the page that comes."""
    if toast:
        session_of(request).visit.toasts.append(toast)
    return RedirectResponse(url, 303)


class SignInNeededError(Exception):
    """The request changes something, and nobody is signed in."""


def local(path: str, query: str) -> str:
    """The address of a page of this site, as a header or a link can have it."""
    # One slash only: an address that begins with two would name another host.
    return "/" + quote(path.lstrip("/"), safe="/@") + (f"?{query}" if query else "")


def safe_next(url: str, *, default: str = "/") -> str:
    """A way back that stays on the site."""
    # Browsers drop tabs and line ends, and take a backslash for a slash.
    return url if re.fullmatch(r"/(?![/\\])[^\x00-\x1f]*", url) else default


def wants_json(request: Request) -> bool:
    """Whether a script asks, rather than a form."""
    return "application/json" in request.headers.get("accept", "")


@dataclass(frozen=True, slots=True)
class Slice(Generic[T]):
    """One page of a longer list."""

    items: Sequence[T]
    number: int
    pages: int
    total: int


def paginate(request: Request, items: Sequence[T], size: int) -> Slice[T]:
    """The part of a list that `?page=` asks for; a page that does not exist becomes the nearest one."""
    pages = max(1, -(-len(items) // size))
    asked = request.query_params.get("page", "1")
    number = min(max(int(asked), 1), pages) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 1
    return Slice(items[(number - 1) * size : number * size], number, pages, len(items))


def matches(query: str, *texts: str) -> bool:
    """Whether every word of a query is in one of the texts."""
    whole = "\n".join(texts).casefold()
    return all(word in whole for word in query.casefold().split())


def text(form: Mapping[str, Any], name: str) -> str:
    """A text field of a form, without white space around it, with line ends as a text has them."""
    value = form.get(name, "")
    return value.replace("\r\n", "\n").strip() if isinstance(value, str) else ""


async def on_sign_in_needed(request: Request, _: Exception) -> Response:
    """Send a person to the sign-in page, and a script away with 401."""
    if wants_json(request):
        return JSONResponse({"error": "sign in first"}, 401)
    # Whoever sent a form goes back to the page it was on.
    form_page = re.sub(r"^https?://[^/?#]*|#.*", "", request.headers.get("referer", "/"))
    came_from = here(request) if request.method == "GET" else form_page
    return back(request, "/sign-in?" + urlencode({"next": safe_next(came_from)}), "Sign in to do that.")


async def on_http_error(request: Request, error: Exception) -> Response:
    """A page for what does not exist or is not allowed."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    if wants_json(request):
        return JSONResponse({"error": str(status)}, status)
    if "session" not in request.scope:
        return Response(f"{status}\n", status, media_type="text/plain")
    page: Callable[..., Response] = request.app.state.page
    return page(request, "error.html", status=status, code=status)
