"""The practice web: small complete sites with seeded data and a state per session, for demos, tests and evaluation.

    app = forge_app(seed=7, control=True)
    async with serve(app) as site:
        task, check = demo_task(7, site.url, session="try-1")
        ...                                     # an agent does the task
        verdict = check(await site.state("try-1"))

Needs the extra `sites`.
"""

from importlib.util import find_spec

from plan_and_act.errors import MissingExtraError

if not all(find_spec(name) for name in ("starlette", "uvicorn", "python_multipart")):
    what = "The practice web"
    raise MissingExtraError(what, "sites")

from plan_and_act.sites.demo import demo_task
from plan_and_act.sites.disturbances import Disturbances
from plan_and_act.sites.forge.app import forge_app
from plan_and_act.sites.registry import SITES
from plan_and_act.sites.serve import Site, run, serve, serve_in_thread
from plan_and_act.sites.verdict import Verdict

__all__ = ["SITES", "Disturbances", "Site", "Verdict", "demo_task", "forge_app", "run", "serve", "serve_in_thread"]
