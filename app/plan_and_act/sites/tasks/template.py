"""Kinds of tasks, and the tasks drawn from them."""

import random
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from plan_and_act.sites.disturbances import Disturbances
from plan_and_act.sites.tasks.goals import Goal

if TYPE_CHECKING:
    from plan_and_act.sites.tasks.hand import Hand

Kind = Literal["look_up", "change", "compare", "multi_site", "impossible"]
Split = Literal["train", "validation", "test"]

WORLDS: dict[Split, int] = {"train": 11, "validation": 23, "test": 37}
"""The world (seed of the sites' data) of each split. Names come from shared lists: some stand for other people,
projects or goods in another world; `plan_and_act.synthesis.heldout` knows those that training never sees."""


@dataclass(frozen=True, slots=True)
class World:
    """What a task is drawn from: the sites' data, and the disturbances that decide what is sold out."""

    seed: int
    disturbances: Disturbances = field(default_factory=Disturbances)


@dataclass(frozen=True, slots=True)
class Draw:
    """One task of a template: what its phrasings speak of, where it begins, and its goal.

    Args:
        slots: What stands for the names in the phrasings.
        start: Path on the template's first site.
        goal: What is to be so at the end.
        data: What the solver knows: the entities by name.
    """

    slots: Mapping[str, str]
    start: str
    goal: Goal
    data: Mapping[str, Any] = field(default_factory=dict)


class Template(ABC):
    """A kind of task on the practice web. Subclasses say what is drawn and how a solver does it."""

    name: ClassVar[str]
    """The site and the kind of task: forge/follow-top-contributor; `multi/...` for several sites."""
    kind: ClassVar[Kind]
    sites: ClassVar[tuple[str, ...]]
    """The sites it takes place on; it begins on the first."""
    phrasings: ClassVar[tuple[str, ...]]
    """At least two ways to say it, with {slots}; {forge_url} is the address of a site, needed for all but the first."""
    plan: ClassVar[tuple[str, ...]]
    """What a person would plan before the first action, a step each, with {slots}; nothing that later pages show."""
    length: ClassVar[int]
    """Actions the solver takes on the undisturbed site, about; notes are none."""
    split: ClassVar[Split] = "train"
    """Templates of train are asked for in every split (with other entities), the others in theirs alone."""

    @abstractmethod
    def draw(self, world: World, rng: random.Random) -> Draw:
        """Draw a task that can be done (unless its kind is `impossible`) and is not done yet."""

    @abstractmethod
    async def solve(self, hand: "Hand", draw: Draw) -> str | None:
        """Reach the goal through the actions an agent has.

        Returns:
            The answer, when one is asked for; None otherwise, and for what is impossible.
        """


@dataclass(frozen=True, slots=True)
class Episode:
    """One task to be done once: everything about it follows from these."""

    template: str
    world: int
    seed: int
    disturbances: Disturbances = field(default_factory=Disturbances)

    @property
    def id(self) -> str:
        """Names the episode, disturbances included."""
        disturbed = f"+{'-'.join(self.disturbances.names)}" if self.disturbances else ""
        return f"{self.template}/{self.world}/{self.seed}{disturbed}"

    @property
    def token(self) -> str:
        """The session it takes place in; letters, digits, - and _ only. Not unique: a repetition needs another one."""
        return self.id.replace("/", "_").replace("+", "-")[:60]

    def draw(self, template: Template) -> tuple[Draw, str]:
        """The task, and the phrasing that was drawn for it (its slots not yet filled)."""
        rng = random.Random(f"{self.template}/{self.world}/{self.seed}")
        phrasing = rng.choice(template.phrasings)
        return template.draw(World(self.world, self.disturbances), rng), phrasing
