"""Tasks on the site, each with a checker on what the session has changed."""

import random
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from plan_and_act.errors import ConfigError
from plan_and_act.sites.forge.data import build
from plan_and_act.sites.forge.model import Base, Project
from plan_and_act.sites.verdict import Verdict
from plan_and_act.trajectory import Task

Check = Callable[[Mapping[str, Any]], Verdict]


def demo_task(seed: int, site_url: str, *, session: str = "demo") -> tuple[Task, Check]:
    """The paper's own example: follow the top contributor of a project (PLAN-AND-ACT, section 3.1).

    The project varies with the seed. The persona does not follow the person yet, and the person is not in the first
    row of the list of contributors, so somebody has to look.

    Args:
        seed: The site's seed.
        site_url: Where the site runs.
        session: The session to do it in; the start URL selects it.

    Returns:
        The task, and a checker that takes the session's state (`await site.state(session)`) after the run.
    """
    base = build(seed)
    fitting = [project for project in base.projects.values() if _fits(base, project)]
    project = random.Random(f"forge/{seed}/demo").choice(fitting)
    top = project.top_contributor
    task = Task(
        intent=f"Follow the top contributor of the project {project.name}, the person with the most commits.",
        url=f"{site_url.rstrip('/')}/{project.path}?session={quote(session, safe='')}",
        id=f"forge/follow-top-contributor/{seed}",
    )

    def check(state: Mapping[str, Any]) -> Verdict:
        if state.get("seed") != seed:
            msg = f"the state is of a site with seed {state.get('seed')}, the task is for seed {seed}"
            raise ConfigError(msg)
        changes = dict(state["changes"])
        followed = changes.pop("followed")
        problems = [] if top in followed else [f"{top} is not followed"]
        problems += [f"{name} was followed as well" for name in followed if name != top]
        problems += [f"{what.replace('_', ' ')}: {value}" for what, value in changes.items() if value]
        return Verdict(tuple(problems))

    return task, check


def _fits(base: Base, project: Project) -> bool:
    top = project.top_contributor
    listed = [entry.username for entry in project.contributors]
    return top != base.persona and (base.persona, top) not in base.follows and listed.index(top) > 2
