"""What an answer has to say, and what a goal takes for a side damage."""

from datetime import date

import pytest

from plan_and_act.sites.tasks import Day, Goal, Like, Number, Says


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
