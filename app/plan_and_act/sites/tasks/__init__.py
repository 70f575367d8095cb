"""Tasks on the practice web: templates, what is drawn from them, goals with checkers, and solvers."""

from plan_and_act.sites.tasks.catalogue import TEMPLATES, episodes, lite
from plan_and_act.sites.tasks.goals import Day, Goal, Like, Number, Says
from plan_and_act.sites.tasks.hand import Hand, LostError
from plan_and_act.sites.tasks.template import WORLDS, Draw, Episode, Kind, Split, Template, World

__all__ = [
    "TEMPLATES",
    "WORLDS",
    "Day",
    "Draw",
    "Episode",
    "Goal",
    "Hand",
    "Kind",
    "Like",
    "LostError",
    "Number",
    "Says",
    "Split",
    "Template",
    "World",
    "episodes",
    "lite",
]
