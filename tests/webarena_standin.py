"""Stand-ins for WebArena's sites, and for webarena-verified where that is not installed."""

import json
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from plan_and_act.sites.serve import serve

PASSWORDS = {"gitlab": "hello1234", "shopping_admin": "admin1234", "shopping": "Password.123", "reddit": "test1234"}
_LABELS = {"gitlab": "Username or email", "shopping": "Email"}
_BUTTONS = {"gitlab": "Sign in", "shopping_admin": "Sign in", "shopping": "Sign In", "reddit": "Log in"}
_PATHS = {"gitlab": "/users/sign_in", "shopping_admin": "/admin", "shopping": "/customer/account/login/"}

TASKS = [
    # id, sites, start, intent, kind, template
    (0, ["shopping_admin"], ["__SHOPPING_ADMIN__"], "Get the best-selling product name(s) in 2022", "retrieve", 279),
    (44, ["gitlab"], ["__GITLAB__"], "Open my todos page", "navigate", 303),
    (97, ["map", "wikipedia"], ["__MAP__", "__WIKIPEDIA__"], "Get the driving distance", "retrieve", 120),
    (392, ["gitlab"], ["__GITLAB__"], 'Post "Good idea" for the merge request', "mutate", 348),
    (900, ["gitlab"], ["__GITLAB__"], "Not of the Lite set", "mutate", 348),
]


@dataclass
class Site:
    """One site: its pages by path, its sessions, and what was posted to it."""

    name: str
    pages: dict[str, str]
    url: str = ""
    sessions: set[str] = field(default_factory=set)
    logins: Counter[str] = field(default_factory=Counter)
    notes: list[object] = field(default_factory=list)
    resets: int = 0
    locked: bool = False
    """Whether it lets nobody in."""

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/init", self._reset, methods=["POST"]),
                Route("/a11yproject/a11yproject.com/notes", self._note, methods=["POST"]),
                Route("/{path:path}", self._page, methods=["GET", "POST"]),
            ]
        )

    async def _page(self, request: Request) -> Response:
        path = request.url.path.rstrip("/") or "/"
        form = (_PATHS.get(self.name) or "/login").rstrip("/")
        signed_in = request.cookies.get(self.name) in self.sessions
        if request.method == "POST":
            given = await request.form()
            if given["password"] != PASSWORDS[self.name] or self.locked:
                return HTMLResponse(self._form())
            token = f"{given['user']}-{self.resets}"
            self.sessions.add(token)
            self.logins[str(given["user"])] += 1
            answer = RedirectResponse(f"{path if path != form or self.name == 'shopping_admin' else '/'}", 303)
            answer.set_cookie(self.name, token)
            return answer
        if self.name in PASSWORDS and not signed_in:
            return HTMLResponse(self._form()) if path == form else RedirectResponse(form, 303)
        page = self.pages.get(path)
        return HTMLResponse(page) if page else HTMLResponse("<h1>Not here</h1>", 404)

    def _form(self) -> str:
        label, button = _LABELS.get(self.name, "Username"), _BUTTONS[self.name]
        return (
            f"<title>{self.name}</title><form method=post><label>{label} <input name=user></label>"
            f"<label>Password <input type=password name=password></label><button>{button}</button></form>"
        )

    async def _note(self, request: Request) -> Response:
        self.notes.append(json.loads(await request.body()))
        return Response("{}", media_type="application/json")

    async def _reset(self, request: Request) -> Response:
        self.resets += 1
        self.sessions.clear()
        self.notes.clear()
        return Response("{}", media_type="application/json")


_MERGE_REQUEST = """<title>!1 Colour utility</title><h1>Colour utility</h1>
<label>Comment <textarea id=note></textarea></label>
<button onclick='post()'>Comment</button><p id=said></p>
<script>
  async function post() {
    const body = JSON.stringify({ note: { noteable_type: "MergeRequest", note: note.value } });
    const headers = { "Content-Type": "application/json" };
    await fetch("/a11yproject/a11yproject.com/notes?target_id=72135&target_type=merge_request",
      { method: "POST", body, headers });
    said.textContent = "Comment added: " + note.value;
  }
</script>"""

PAGES: dict[str, dict[str, str]] = {
    "gitlab": {
        "/": "<title>GitLab</title><a href=/dashboard/todos>To-Do List</a> <a href=/mr>Merge request</a>"
        "<a href=/dashboard/issues>Issues</a>",
        "/dashboard/todos": "<title>To-Do List</title><h1>To-Do List</h1>",
        "/dashboard/issues": "<title>Issues</title><h1>Issues</h1>",
        "/mr": _MERGE_REQUEST,
    },
    "shopping_admin": {"/admin": "<title>Dashboard</title><h1>Bestsellers</h1><p>Quest Lumaflex™ Band</p>"},
    "map": {"/": "<title>OpenStreetMap</title><h1>Map</h1>"},
    "wikipedia": {"/": "<title>Wikipedia</title><h1>Wikipedia</h1>"},
}


@asynccontextmanager
async def sites() -> AsyncIterator[dict[str, Site]]:
    """All of them, running."""
    async with AsyncExitStack() as stack:
        found = {}
        for name, pages in PAGES.items():
            site = Site(name, pages)
            site.url = (await stack.enter_async_context(serve(site.app()))).url
            found[name] = site
        yield found


def addresses(running: dict[str, Site]) -> dict[str, str]:
    """As a suite's setting `sites`."""
    return {name: site.url + ("/admin" if name == "shopping_admin" else "") for name, site in running.items()}


def fake_tool(folder: Path, evaluate: Callable[[], str] = lambda: "score = 1.0") -> str:
    """A program that answers as webarena-verified does; `evaluate` is the code that finds `score`."""
    rows = [
        {
            "task_id": number,
            "sites": names,
            "start_urls": urls,
            "intent": intent,
            "intent_template_id": template,
            "eval": [{"expected": {"task_type": kind}}],
        }
        for number, names, urls, intent, kind, template in TASKS
    ]
    code = f"""\
        import json, sys
        from pathlib import Path
        if sys.argv[1] == "--version":
            print("webarena-verified 1.2.3")
        elif sys.argv[1] == "dataset-get":
            Path(sys.argv[sys.argv.index("--output") + 1]).write_text(json.dumps({rows!r}))
        else:
            given = dict(zip(sys.argv[2::2], sys.argv[3::2]))
            own = Path(given["--output-dir"], given["--task-ids"])
            response = json.loads((own / "agent_response.json").read_text())
            entries = json.loads((own / "network.har").read_text())["log"]["entries"]
            status, message = "success", None
            {evaluate()}
            results = [{{"assertions": [{{"status": "failure", "assertion_msgs": ["it is wrong"]}}]}}] * (score < 1)
            if status == "error":
                results = [{{"error_msg": message}}]
            said = {{"status": status if score == 1 or status == "error" else "failure", "score": score}}
            (own / "eval_result.json").write_text(json.dumps({{**said, "evaluators_results": results}}))
    """
    program = folder / "webarena_verified.py"
    program.write_text(dedent(code))
    return f"{sys.executable} {program}"
