"""The task of the demo: the paper's own example, on the code-hosting site."""

import random
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from plan_and_act.errors import ConfigError
from plan_and_act.sites.tasks.forge import FollowTopContributor
from plan_and_act.sites.tasks.template import World
from plan_and_act.sites.verdict import Verdict
from plan_and_act.trajectory import Task

Check = Callable[[Mapping[str, Any]], Verdict]


def demo_task(seed: int, site_url: str, *, session: str = "demo") -> tuple[Task, Check]:
    """Follow the top contributor of a project (PLAN-AND-ACT, section 3.1). The project varies with the seed.

    Args:
        seed: The site's seed.
        site_url: Where the site runs.
        session: The session to do it in; the start URL selects it.

    Returns:
        The task, and a checker that takes the session's state (`await site.state(session)`) after the run.
    """
    template = FollowTopContributor()
    draw = template.draw(World(seed), random.Random(f"forge/{seed}/demo"))
    task = Task(
        intent=template.phrasings[0].format(**draw.slots),
        url=f"{site_url.rstrip('/')}{draw.start}?session={quote(session, safe='')}",
        id=f"{template.name}/{seed}",
    )

    def check(state: Mapping[str, Any]) -> Verdict:
        if state.get("seed") != seed:
            msg = f"the state is of a site with seed {state.get('seed')}, the task is for seed {seed}"
            raise ConfigError(msg)
        return draw.goal.verdict({"forge": state}, None, gave_up=False)

    return task, check
