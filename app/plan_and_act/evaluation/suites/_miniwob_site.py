"""MiniWoB++'s own pages, each begun with a seed, the reward out of the agent's sight, the first result kept."""

import importlib.util
from dataclasses import dataclass
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

PACKAGE = "miniwob"
INSTALL = "pip install --no-deps miniwob"

# Runs after the page's own `onload`, which has put the START cover over the task. The cover never comes back: a click
# on it would begin another episode and wipe the result. A synchronous request: when the action that ended the episode
# returns, the result is here.
_BEGIN = """
<style>#reward-display, #click-canvas, #sync-task-cover, #query.told { display: none !important }</style>
<script>
  addEventListener("load", () => {
    const end = core.endEpisode;
    let ended = false;
    core.endEpisode = (...given) => {
      end(...given);
      if (ended || !WOB_DONE_GLOBAL) return;
      ended = true;
      const said = JSON.stringify({ raw: WOB_RAW_REWARD_GLOBAL, reason: String(WOB_REWARD_REASON ?? "") });
      const request = new XMLHttpRequest();
      request.open("POST", "/result" + location.search, false);
      request.send(said);
    };
    core.EPISODE_MAX_TIME = MILLISECONDS;
    Math.seedrandom("SEED");
    core.startEpisodeReal();
    core.startEpisode = () => {};
    // The goal is given as the task; only where it shows a colour the page has to say it.
    const query = document.getElementById("query");
    if (!query.querySelector("[style*=background]")) query.classList.add("told");
  });
</script>
"""

GOAL = """() => {
  if (typeof WOB_TASK_READY === "undefined" || !WOB_TASK_READY) return null;
  const said = core.getUtterance();
  return typeof said === "string" ? said : said.utterance;
}"""
"""The goal in words, from a page that is ready. (Three pages give its parsed fields as well: not for the agent.)"""


@dataclass(frozen=True, slots=True)
class Result:
    """How an episode ended: the page's reward before any discount for time, from -1 to 1, and its reason."""

    raw: float
    reason: str = ""


class MiniWoBSite:
    """Serves the pages and keeps the first result of each episode.

    Args:
        html: The package's folder of pages.
        seconds: How long an episode may take; the pages' own limits are made for reflexes (10 s).
    """

    def __init__(self, html: Path, seconds: float) -> None:
        self.results: dict[str, Result] = {}
        self._html = html
        self._seconds = seconds
        self._begun: set[str] = set()

    def app(self) -> Starlette:
        """The site: `/miniwob/NAME.html?seed=N`, with `&episode=TOKEN` to keep the result."""
        return Starlette(
            routes=[
                Route("/miniwob/{name}.html", self._task),
                Route("/result", self._result, methods=["POST"]),
                Mount("/", StaticFiles(directory=self._html)),
            ]
        )

    async def _task(self, request: Request) -> Response:
        page = self._html / "miniwob" / f"{request.path_params['name']}.html"
        if not page.is_file():
            return PlainTextResponse("There is no such task.", status_code=404)
        episode = request.query_params.get("episode")
        if episode in self._begun:
            self._end(episode, Result(0.0, "the page was left and opened again"))
            return HTMLResponse("<!DOCTYPE html><title>Over</title><p>This episode is over.</p>")
        if episode:
            self._begun.add(episode)
        begin = _BEGIN.replace("MILLISECONDS", str(round(self._seconds * 1_000)))
        begin = begin.replace("SEED", str(int(request.query_params.get("seed", "0"))))
        # HTMLResponse says charset=utf-8, which the pages themselves do not.
        return HTMLResponse(page.read_text(encoding="utf-8").replace("</head>", f"{begin}</head>", 1))

    async def _result(self, request: Request) -> Response:
        said = await request.json()
        if episode := request.query_params.get("episode"):
            self._end(episode, Result(float(said["raw"]), str(said["reason"])))
        return Response(status_code=204)

    def _end(self, episode: str, result: Result) -> None:
        self.results.setdefault(episode, result)


def pages() -> Path | None:
    """The folder of pages in the installed package; None when it is not installed."""
    found = importlib.util.find_spec(PACKAGE)
    folders = list(found.submodule_search_locations or []) if found else []
    return Path(folders[0]) / "html" if folders else None
