"""All templates, and the sets of episodes that are drawn from them."""

import random
from collections import defaultdict
from collections.abc import Iterable

from plan_and_act.errors import ConfigError
from plan_and_act.sites.disturbances import Disturbances
from plan_and_act.sites.tasks import board, flights, forge, multi, shop
from plan_and_act.sites.tasks.template import WORLDS, Episode, Split, Template

TEMPLATES: dict[str, Template] = {
    template.name: template
    for templates in (forge.TEMPLATES, flights.TEMPLATES, shop.TEMPLATES, board.TEMPLATES, multi.TEMPLATES)
    for template in templates
}
"""Every template by name."""

LITE = 165
"""Episodes of the lite set: as many as WebArena-Lite has tasks."""
_LENGTHS = (5, 10)
"""Up to so many actions a task is short, or of medium length."""


def episodes(
    split: Split,
    count: int,
    *,
    seed: int = 0,
    disturbed: bool = False,
    templates: Iterable[str] | None = None,
) -> list[Episode]:
    """Episodes of a split, every template about as often.

    Args:
        split: `train`, `validation` or `test`: its world, the templates of train and those it has for itself.
        count: How many.
        seed: Draws other entities, phrasings and disturbances.
        disturbed: Whether they meet disturbances, drawn for each of them.
        templates: Names of templates to draw from; all of the split when left out.

    Raises:
        ConfigError: When there is no template of a name in this split.
    """
    names = _of_split(split)
    if templates is not None:
        chosen = list(templates)
        if missing := sorted(set(chosen) - set(names)):
            msg = f"the split {split} has no template {', '.join(missing)}"
            raise ConfigError(msg)
        names = chosen
    order = random.Random(f"{split}/{seed}")
    found: list[Episode] = []
    while len(found) < count:
        # Every round takes each template once, in another order.
        turn = len(found) // len(names)
        for name in order.sample(names, min(len(names), count - len(found))):
            draw = seed * 100_000 + turn
            disturbances = Disturbances.drawn(_number(name, draw)) if disturbed else Disturbances()
            found.append(Episode(name, WORLDS[split], draw, disturbances))
    return found


def lite() -> list[Episode]:
    """The lite set: 165 episodes of the test split, balanced by site and by length of the task."""
    groups: dict[tuple[str, int], list[str]] = defaultdict(list)
    for name in _of_split("test"):
        groups[name.split("/")[0], _bucket(TEMPLATES[name].length)].append(name)
    found: list[Episode] = []
    sites = sorted({site for site, _ in groups})
    for number, site in enumerate(sites):
        share = LITE // len(sites) + (number < LITE % len(sites))
        mine = sorted(bucket for name, bucket in groups if name == site)
        for index in range(share):
            names = groups[site, mine[index % len(mine)]]
            turn, place = divmod(index // len(mine), len(names))
            found.append(Episode(names[place], WORLDS["test"], 900_000 + turn))
    return found


def _of_split(split: Split) -> list[str]:
    return [name for name, template in TEMPLATES.items() if template.split in ("train", split)]


def _bucket(length: int) -> int:
    return sum(length > limit for limit in _LENGTHS)


def _number(name: str, draw: int) -> int:
    return random.Random(f"{name}/{draw}").randrange(1 << 30)
