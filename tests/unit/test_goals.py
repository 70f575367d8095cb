"""What an answer has to say, and what a goal takes for a side damage."""

import random
from datetime import date

import pytest

from plan_and_act.sites.tasks import TEMPLATES, WORLDS, Day, Goal, Like, Number, Says, World


@pytest.mark.parametrize(
    "said",
    ["2026-06-30", "30 June 2026", "June 30, 2026", "On Jun 30th.", "the 30th of June", "It is due on 30 jun. 2026."],
)
def test_a_day_may_be_written_in_many_ways(said: str) -> None:
    assert Day(date(2026, 6, 30)).problems(said) == []


@pytest.mark.parametrize(
    "said",
    ["29 June 2026", "30 June 2025", "June 2026", "30 June or 1 July", "It may take 30 days.", "2026-30-06", "30.6."],
)
def test_another_day_or_two_are_wrong(said: str) -> None:
    assert Day(date(2026, 6, 30)).problems(said)


def test_names_numbers_and_their_wrong_neighbours() -> None:
    assert Says(("Mira Hale",), ("Tom Reed",)).problems("It was MIRA hale.") == []
    assert Says(("Mira Hale",), ("Tom Reed",)).problems("Mira Hale, not Tom Reed")
    assert Says(("Mira Hale",), ("Hale",)).problems("Mira Hale") == []
    assert Number(1204).problems("1,204 stars") == []
    assert Number(1204).problems("1204 or 1205")
    assert Number(34.95, given=(1.7,)).problems("The 1.7 l one costs €34.95.") == []
    assert Number(34.95, given=(1.7,)).problems("1.7")
    assert Number(5, given=(5,)).problems("There are 5 with 5 stars.") == []


def test_what_was_not_asked_for_is_a_side_damage() -> None:
    goal = Goal({"forge": {"starred": ["a/b"], "comments": [{"body": Like("Me too!")}]}})
    done = {"starred": ["a/b"], "comments": [{"body": "me too", "id": 7}], "followed": []}

    def problems(**more: object) -> tuple[str, ...]:
        return goal.verdict({"forge": {"changes": done | more}}, None, gave_up=False).problems

    assert problems() == ()
    assert problems(followed=["someone"]) == ("followed: ['someone'], which was not asked for",)
    assert problems(starred=[]) == ("starred: a/b is missing",)
    assert len(problems(comments=[{"body": "me too"}, {"body": "me too"}])) == 1
    assert goal.verdict({"forge": {"changes": done}}, None, gave_up=True).problems == ("the agent gave up",)


@pytest.mark.parametrize(
    "said",
    [
        "No direct flights are offered on that day.",
        "No project named Loomwork exists on this site.",
        "There are no direct flights; the cheapest with a stop costs €120.",
        "The merge request has conflicts, so merging is blocked.",
        "The coupon has expired, nothing was ordered.",
        "I can’t find the thread.",
        "It doesn’t exist.",
        "The community isn't open to new members.",
        "I have not found such a person.",
        "I have looked for it, and it is not there.",
        "The blue one is sold out.",
        "n/a",
    ],
)
def test_an_answer_may_say_that_a_task_cannot_be_done(said: str) -> None:
    assert Goal(impossible=True).verdict({}, said, gave_up=False).passed


@pytest.mark.parametrize(
    "said",
    [
        "The cheapest direct flight costs €120 and is not sold out.",
        "Done! The merge request is merged; there are no conflicts left.",
        "I have banned the user. They are not able to post any more.",
        "I've cancelled the order, it is no longer shipped.",
        "It costs €120.",
        "",
    ],
)
def test_a_negation_alone_does_not_say_so(said: str) -> None:
    assert not Goal(impossible=True).verdict({}, said, gave_up=False).passed


def test_counts_may_be_written_as_words_and_versions_with_a_v() -> None:
    assert Number(3).problems("There are three open issues.") == []
    assert Number(3).problems("There are two open issues.")
    assert Number(3).problems("Three or four")
    assert Number(5, given=(0.3,)).problems("5 issues of Version 0.3.0 are open.") == []
    assert Says(("2.11.0",), ("2.10.0",)).problems("It is v2.11.0.") == []
    assert Says(("2.11.0",), ("2.10.0",)).problems("It is v2.10.0.")


@pytest.mark.parametrize("world", WORLDS.values())
def test_to_repeat_a_number_of_the_task_is_never_its_answer(world: int) -> None:
    for template in TEMPLATES.values():
        for seed in range(30):
            answer = template.draw(World(world), random.Random(seed)).goal.answer
            if isinstance(answer, Number):
                assert all(abs(number - answer.value) > answer.tolerance for number in answer.given), template.name
