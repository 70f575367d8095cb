"""What the practice web gives to the pipeline: seed queries, and what may never get into training data."""

from functools import cache
from typing import TYPE_CHECKING

from plan_and_act.errors import MissingExtraError

if TYPE_CHECKING:
    from plan_and_act.sites.tasks import Episode

_SEEDS = 40
_HELD_OUT = 3
"""Draws of each held-out template: its phrasings, with other names in them."""


def is_practice(site: str) -> bool:
    """Whether a practice site has this name."""
    return site in _sites()


@cache
def seeds(site: str) -> tuple[str, ...]:
    """Tasks of a site from the training split, each once."""
    from plan_and_act.sites.tasks import TEMPLATES, episodes

    names = [name for name, template in TEMPLATES.items() if template.split == "train" and template.sites == (site,)]
    drawn = episodes("train", _SEEDS, templates=names) if names else []
    return tuple(dict.fromkeys(map(_intent, drawn)))


@cache
def held_out(site: str) -> tuple[str, ...]:
    """Tasks of the templates that only validation or test have: nothing like them may be trained on."""
    from plan_and_act.sites.tasks import TEMPLATES, WORLDS, Episode

    return tuple(
        _intent(Episode(name, WORLDS[template.split], seed))
        for name, template in TEMPLATES.items()
        if template.split != "train" and template.sites == (site,)
        for seed in range(_HELD_OUT)
    )


def _sites() -> frozenset[str]:
    try:
        from plan_and_act.sites.registry import SITES
    except ImportError as error:
        what = "A practice site"
        raise MissingExtraError(what, "sites") from error
    return frozenset(SITES)


def _intent(episode: "Episode") -> str:
    from plan_and_act.sites.tasks import TEMPLATES

    draw, phrasing = episode.draw(TEMPLATES[episode.template])
    return phrasing.format(**draw.slots)
