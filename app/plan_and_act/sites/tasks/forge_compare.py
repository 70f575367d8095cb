"""Tasks on forge that compare projects."""

import random
from collections import defaultdict

from plan_and_act.sites.forge.data import build
from plan_and_act.sites.tasks import forge_ways as ways
from plan_and_act.sites.tasks.forge_ways import ForgeTemplate
from plan_and_act.sites.tasks.goals import Goal, Says
from plan_and_act.sites.tasks.hand import Hand
from plan_and_act.sites.tasks.template import Draw, World

_STARS = r'[☆★][^"]* #\d+"[^\n]*\n\s*\*?link "([\d,]+) #'
_OPEN_ISSUES = r'link "Issues ([\d,]+) #'
_LISTED = r'link "Open ([\d,]+) #'
"""Where numbers stand: stars and open issues on a project's page, and the issues that a filter leaves on a list."""


class MoreStars(ForgeTemplate):
    """Two projects side by side."""

    name = "forge/more-stars"
    kind = "compare"
    length = 5
    phrasings = (
        "Which project has more stars, {one} or {two}? Answer with its name only.",
        "{one} or {two}: which one was starred more often? Just name it.",
    )
    plan = (
        "Find {one} and note how many stars it has",
        "Find {two} and note how many stars it has",
        "Answer with the name of the project that has more",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        projects = list(build(world.seed).projects.values())
        one, two = rng.choice(
            [
                (one, two)
                for one in projects
                for two in projects
                if 1 < max(one.stars, two.stars) / min(one.stars, two.stars) < 2
            ]
        )
        more, less = (one, two) if one.stars > two.stars else (two, one)
        return Draw(
            slots={"one": one.name, "two": two.name},
            start="/",
            goal=Goal(answer=Says((more.name,), (less.name,))),
            data={"projects": [one.name, two.name], "answer": more.name},
        )

    async def solve(self, hand: Hand, draw: Draw) -> str:
        """See `Template`."""
        for step, project in enumerate(draw.data["projects"], 1):
            hand.step(step)
            await ways.open_project(hand, project)
            await hand.note(f"Stars of {project}", await hand.read(_STARS))
        hand.step(3)
        return str(draw.data["answer"])


class MostStarredOfLanguage(ForgeTemplate):
    """A list that is filtered and sorted, and then a fact of the first entry."""

    name = "forge/most-starred-of-language"
    kind = "compare"
    length = 6
    phrasings = (
        "What is the {fact} of the {language} project with the most stars?",
        "Look at the projects written in {language}: which {fact} does the one with the most stars have?",
    )
    plan = (
        "Open the list of projects",
        "Show those in {language}, sorted by most stars",
        "Open the first project of the list",
        "Answer with its {fact}",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        by_language = defaultdict(list)
        for project in build(world.seed).projects.values():
            by_language[project.language].append(project)
        drawn = []
        for language, projects in by_language.items():
            first, *rest = sorted(projects, key=lambda project: -project.stars)
            for fact in ("license", "version"):
                others = tuple(sorted({getattr(project, fact) for project in rest} - {getattr(first, fact)}))
                if others and first.stars > rest[0].stars:
                    drawn.append((language, fact, first.name, getattr(first, fact), others))
        language, fact, first_name, value, others = rng.choice(drawn)
        return Draw(
            slots={"language": language, "fact": {"license": "license", "version": "latest release"}[fact]},
            start="/",
            goal=Goal(answer=Says((value,), others)),
            data={"language": language, "project": first_name, "answer": value},
        )

    async def solve(self, hand: Hand, draw: Draw) -> str:
        """See `Template`."""
        await hand.click("Projects", "link")
        hand.step(2)
        await hand.select("Language", draw.data["language"])
        await hand.select("Sort by", "Most stars")
        await hand.click("Apply")
        await ways.refresh(hand)
        hand.step(3)
        await hand.click(draw.data["project"], "link")
        hand.step(4)
        return str(draw.data["answer"])


class MostOpenIssues(ForgeTemplate):
    """Three projects side by side."""

    name = "forge/most-open-issues"
    kind = "compare"
    length = 7
    phrasings = (
        "Which of the projects {one}, {two} and {three} has the most open issues? Answer with its name only.",
        "Compare {one}, {two} and {three}: name the one with the largest number of open issues, nothing else.",
    )
    plan = (
        "Open {one} and note its number of open issues",
        "Look up the same number for {two}",
        "Look up the same number for {three}",
        "Answer with the name of the project that has the most",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        counts = {project.name: len(ways.open_issues_of(base, project)) for project in base.projects.values()}
        fewer = {name: [other for other in counts if counts[other] < counts[name]] for name in counts}
        most = rng.choice([name for name, others in fewer.items() if len(others) > 1])
        names = rng.sample([most, *rng.sample(fewer[most], 2)], 3)
        return Draw(
            slots=dict(zip(("one", "two", "three"), names, strict=True)),
            start="/",
            goal=Goal(answer=Says((most,), tuple(name for name in names if name != most))),
            data={"projects": names, "answer": most},
        )

    async def solve(self, hand: Hand, draw: Draw) -> str:
        """See `Template`."""
        for step, project in enumerate(draw.data["projects"], 1):
            hand.step(step)
            await ways.open_project(hand, project)
            await hand.note(f"Open issues of {project}", await hand.read(_OPEN_ISSUES))
        hand.step(4)
        return str(draw.data["answer"])


class MoreIssuesWithLabel(ForgeTemplate):
    """Two projects side by side, each with a filter."""

    name = "forge/more-issues-with-label"
    kind = "compare"
    length = 13
    split = "test"
    phrasings = (
        "Which project has more open issues with the label {label}, {one} or {two}? Answer with its name only.",
        "Of {one} and {two}, name the project that has more open issues labelled {label}. Only the name, please.",
    )
    plan = (
        "Open the issues of {one} and count the open ones labelled {label}",
        "Count the open issues labelled {label} in {two} likewise",
        "Answer with the name of the project that has more",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        counts = {project.name: ways.labels_of(base, project) for project in base.projects.values()}
        found = [
            (label, one, two)
            for one in counts
            for two in counts
            for label in counts[one]
            if one != two and 1 <= counts[two][label] != counts[one][label]
        ]
        label, one, two = rng.choice(found)
        more, less = (one, two) if counts[one][label] > counts[two][label] else (two, one)
        return Draw(
            slots={"label": label, "one": one, "two": two},
            start="/",
            goal=Goal(answer=Says((more,), (less,))),
            data={"label": label, "projects": [one, two], "answer": more},
        )

    async def solve(self, hand: Hand, draw: Draw) -> str:
        """See `Template`."""
        for step, project in enumerate(draw.data["projects"], 1):
            hand.step(step)
            await ways.open_issues(hand, project)
            await ways.filter_by_label(hand, draw.data["label"])
            await hand.note(f"Open issues of {project}", await hand.read(_LISTED))
        hand.step(3)
        return str(draw.data["answer"])


TEMPLATES = (
    MoreStars(),
    MostStarredOfLanguage(),
    MostOpenIssues(),
    MoreIssuesWithLabel(),
)
