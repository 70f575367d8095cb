"""What waits for the viewer."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from plan_and_act.sites.forge.model import TodoKind
from plan_and_act.sites.forge.web import need_person, page, state_of
from plan_and_act.sites.web import back

KINDS: dict[TodoKind, str] = {
    "mention": "mentioned you in",
    "assigned": "assigned you",
    "review": "asked for your review of",
}


async def index(request: Request) -> Response:
    """The to-do list: what waits, or what was done."""
    need_person(request)
    state = state_of(request)
    done = request.query_params.get("state") == "done"
    lists = {False: state.todos(), True: state.todos(done=True)}
    counts = {name: len(todos) for name, todos in lists.items()}
    return page(request, "todos.html", done=done, todos=lists[done], counts=counts, kinds=KINDS)


async def finish(request: Request) -> Response:
    """Tick something off."""
    return _set(request, done=True)


async def restore(request: Request) -> Response:
    """Put something back on the list."""
    return _set(request, done=False)


def _set(request: Request, *, done: bool) -> Response:
    need_person(request)
    state, number = state_of(request), request.path_params["number"]
    todo = next((todo for todo in (*state.todos(), *state.todos(done=True)) if todo.id == number), None)
    if todo is None:
        raise HTTPException(404)
    state.finish_todo(todo, done)
    return back(request, "/todos" if done else "/todos?state=done", "Done." if done else "Back on your list.")
