"""Tasks on board: what is drawn, and what the checkers take for done."""

import random
import re

import pytest

from plan_and_act.sites import Disturbances
from plan_and_act.sites.board.data import build, closed_communities
from plan_and_act.sites.board.state import State
from plan_and_act.sites.tasks import WORLDS, Draw, Template, World
from plan_and_act.sites.tasks.board import TEMPLATES
from plan_and_act.sites.tasks.board_compare import BiggestCommunity, TopCommenter
from plan_and_act.sites.tasks.board_join import JoinLargestOpen
from plan_and_act.sites.tasks.board_write import SetAlerts

every = pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.name)


def draws(template: Template, world: World, count: int = 40) -> list[Draw]:
    return [template.draw(world, random.Random(f"{template.name}/{seed}")) for seed in range(count)]


@every
@pytest.mark.parametrize("world", WORLDS.values())
def test_every_world_has_many_tasks_of_a_template(template: Template, world: int) -> None:
    drawn = draws(template, World(world))
    assert len({str((draw.slots, draw.data)) for draw in drawn}) >= 6
    for draw in drawn:
        assert draw.start == "/"
        for phrasing in template.phrasings:
            assert set(re.findall(r"{(\w+)}", phrasing)) <= set(draw.slots)
            assert "{" not in phrasing.format(**draw.slots)


@every
@pytest.mark.parametrize("disturbances", [Disturbances(), Disturbances.all_on()], ids=("calm", "disturbed"))
def test_a_task_is_not_done_yet_and_speaks_of_changes_that_exist(
    template: Template, disturbances: Disturbances
) -> None:
    for world in WORLDS.values():
        untouched = State.fresh(build(world)).changes()
        for draw in draws(template, World(world, disturbances), 12):
            assert not draw.goal.verdict({"board": untouched}, None, gave_up=False).passed
            assert set(draw.goal.changes.get("board", {})) <= set(untouched["changes"])
            assert draw.goal.impossible == (template.kind == "impossible")


@every
def test_the_same_seed_draws_the_same_task(template: Template) -> None:
    one, two = (template.draw(World(11), random.Random("same")) for _ in range(2))
    assert one.slots == two.slots
    assert str(one.goal) == str(two.goal)


def test_the_templates_are_spread_over_kinds_lengths_and_splits() -> None:
    assert len(TEMPLATES) >= 30
    assert len({template.name for template in TEMPLATES}) == len(TEMPLATES)
    assert {template.kind for template in TEMPLATES} == {"look_up", "change", "compare", "impossible"}
    for low, high in ((3, 5), (6, 10), (11, 25)):
        assert sum(low <= template.length <= high for template in TEMPLATES) >= 3
    shares = {split: sum(t.split == split for t in TEMPLATES) / len(TEMPLATES) for split in ("validation", "test")}
    assert 0.08 <= shares["validation"] <= 0.16
    assert 0.14 <= shares["test"] <= 0.22
    assert all(len(template.phrasings) >= 2 for template in TEMPLATES)


def test_an_answer_must_name_the_right_one_alone() -> None:
    draw = TopCommenter().draw(World(11), random.Random("x"))
    untouched = {"board": State.fresh(build(11)).changes()}
    answer = draw.goal.answer
    right, wrong = answer.texts[0], answer.others[0]  # type: ignore[union-attr]
    assert draw.goal.verdict(untouched, f"It was {right}.", gave_up=False).passed
    assert not draw.goal.verdict(untouched, f"It was {wrong}.", gave_up=False).passed
    assert not draw.goal.verdict(untouched, f"{right} or {wrong}", gave_up=False).passed
    assert not draw.goal.verdict(untouched, right, gave_up=True).passed


def test_side_damage_is_seen() -> None:
    draw = BiggestCommunity().draw(World(11), random.Random("x"))
    state = State.fresh(build(11))
    state.read_notices()
    assert not draw.goal.verdict({"board": state.changes()}, draw.goal.answer.texts[0], gave_up=False).passed  # type: ignore[union-attr]


def test_another_setting_that_was_changed_is_seen() -> None:
    draw = SetAlerts().draw(World(37), random.Random("x"))
    state = State.fresh(build(37))
    wanted = draw.goal.changes["board"]["settings"]
    state.set(**{name: value for name, value in wanted.items() if value is not None})
    assert draw.goal.verdict({"board": state.changes()}, None, gave_up=False).passed
    state.set(town="Elsewhere")
    assert draw.goal.verdict({"board": state.changes()}, None, gave_up=False).problems == (
        "settings town is Elsewhere instead of nothing",
    )


@pytest.mark.parametrize("world", WORLDS.values())
def test_what_is_sold_out_decides_which_community_is_to_be_joined(world: int) -> None:
    base, differ = build(world), 0
    for seed in range(20):
        for on in (False, True):
            disturbances = Disturbances(sold_out=on)
            draw = JoinLargestOpen().draw(World(world, disturbances), random.Random(seed))
            (slug,) = draw.goal.changes["board"]["joined"]
            closed = closed_communities(world, disturbances)
            rivals = [
                entry.members
                for entry in base.communities.values()
                if entry.topic == draw.slots["topic"] and entry.slug not in closed | base.joined
            ]
            assert base.communities[slug].members == max(rivals)
        calm = JoinLargestOpen().draw(World(world), random.Random(seed))
        differ += calm.goal != draw.goal
    assert differ
