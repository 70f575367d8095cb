"""Tasks on forge: what their checkers take for an answer."""

import random

import pytest

from plan_and_act.sites.forge.data import build
from plan_and_act.sites.forge.words import PLACES
from plan_and_act.sites.tasks import WORLDS, Draw, World
from plan_and_act.sites.tasks.forge_look_ups import LeftInMilestone, MostAdditions, WhereTheyLive, WhoReported
from plan_and_act.sites.tasks.forge_ways import ForgeTemplate

worlds = pytest.mark.parametrize("world", WORLDS.values())


def draws(template: ForgeTemplate, world: int) -> list[Draw]:
    return [template.draw(World(world), random.Random(seed)) for seed in range(40)]


def passes(draw: Draw, said: str) -> bool:
    return draw.goal.verdict({}, said, gave_up=False).passed


@worlds
@pytest.mark.parametrize("template", [WhereTheyLive(), WhoReported(), MostAdditions()], ids=lambda each: each.name)
def test_naming_all_candidates_is_no_answer(template: ForgeTemplate, world: int) -> None:
    everything = ", ".join((*PLACES, *(person.name for person in build(world).people.values())))
    for draw in draws(template, world):
        assert passes(draw, f"It is {draw.data['answer']}.")
        assert not passes(draw, everything)


@worlds
def test_an_answer_may_repeat_the_milestone_that_was_asked_about(world: int) -> None:
    for draw in draws(LeftInMilestone(), world):
        assert passes(draw, f"{draw.data['answer']} issues of {draw.slots['milestone']} are still open.")
        assert not passes(draw, f"{int(draw.data['answer']) + 1} issues of {draw.slots['milestone']} are still open.")
