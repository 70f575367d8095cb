"""Tasks on forge that change issues."""

import random
from collections import defaultdict

from plan_and_act.sites.forge.catalog import CONCEPTS
from plan_and_act.sites.forge.data import build
from plan_and_act.sites.forge.model import Base, Issue, Project
from plan_and_act.sites.tasks import forge_ways as ways
from plan_and_act.sites.tasks.forge_ways import ForgeTemplate
from plan_and_act.sites.tasks.goals import Goal, Like
from plan_and_act.sites.tasks.hand import Hand
from plan_and_act.sites.tasks.template import Draw, World

REPORTS = (
    ("The {part} has no tooltips", "New users cannot guess what the symbols of the {part} mean.", "accessibility"),
    ("Let the {part} remember the last choice", "I choose the same three settings every morning.", "feature"),
    (
        "The {part} is slow on Mondays",
        "After the weekend the first answer takes a minute.",
        "performance",
    ),
    ("Describe the limits of the {part}", "The manual does not say how much the {part} can take.", "documentation"),
    ("The {part} logs everything twice", "Since the last update every line is in the log twice.", "regression"),
)
REMARKS = (
    "I can reproduce this on a fresh install.",
    "This is fixed for me in the latest version.",
    "Could we have this in the next release?",
    "The log has more details, I will attach it tomorrow.",
    "Happy to test a patch for this.",
)


class OpenIssue(ForgeTemplate):
    """A form with text, check boxes and lists."""

    name = "forge/open-issue"
    kind = "change"
    length = 10
    phrasings = (
        'Open an issue in {project}: the title is "{title}", the description "{body}". Label it {label} and assign it '
        "to {person}.",
        'Please report to {project}: "{title}". As the description write "{body}". It should have the label {label} '
        "and {person} as the assignee.",
    )
    plan = (
        "Find the project {project} and begin a new issue there",
        'Fill in the title "{title}" and the description',
        "Choose the label {label} and the assignee {person}",
        "Create the issue",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        project = rng.choice(ways.alive(base))
        title, body, label = rng.choice(REPORTS)
        part = rng.choice(next(concept.parts for concept in CONCEPTS if concept.slug == project.slug))
        title, body = title.format(part=part), body.format(part=part)
        person = rng.choice(project.contributors).username
        wanted = {
            "project": project.path,
            "title": Like(title),
            "body": Like(body),
            "labels": [label],
            "assignee": person,
            "milestone": None,
            "due": None,
            "state": "open",
            "comments": [],
        }
        slots = {
            "project": project.name,
            "title": title,
            "body": body,
            "label": label,
            "person": base.people[person].name,
        }
        return Draw(slots, "/", Goal({"forge": {"issues_created": [wanted]}}), slots)

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await ways.start_issue(hand, draw.data["project"])
        hand.step(2)
        await hand.type("Title", draw.data["title"])
        await hand.type("Description", draw.data["body"])
        hand.step(3)
        await hand.click(draw.data["label"], "checkbox")
        await hand.select("Assignee", draw.data["person"])
        hand.step(4)
        await hand.click("Create issue", "button")


class CommentOnIssue(ForgeTemplate):
    """A comment under an issue."""

    name = "forge/comment-on-issue"
    kind = "change"
    length = 8
    phrasings = (
        'Comment on the issue "{title}" of {project}: "{text}"',
        'Go to {project} and answer under "{title}" with: {text}',
    )
    plan = (
        "Open the issues of the project {project}",
        'Find the issue "{title}" and open it',
        'Post the comment "{text}"',
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        project, issue = _some_issue(base, rng)
        text = rng.choice(REMARKS)
        change = ways.issue_change(issue, comments_added=[{"author": base.persona, "body": Like(text)}])
        slots = {"project": project.name, "title": issue.title, "text": text}
        return Draw(slots, "/", Goal({"forge": {"issues_changed": [change]}}), slots)

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await ways.open_issues(hand, draw.data["project"])
        hand.step(2)
        await ways.pick_issue(hand, draw.data["title"])
        hand.step(3)
        await hand.type("Add a comment", draw.data["text"])
        await hand.click("Comment", "button")


class CloseIssuesOfAuthor(ForgeTemplate):
    """Two filters at once, and then the same for every issue that is left."""

    name = "forge/close-issues-of-author"
    kind = "change"
    length = 15
    phrasings = (
        "Close every open issue of {project} that was reported by {person} and has the label {label}.",
        "{person} has cleaned up: in {project}, close all open issues by {person} labelled {label}.",
    )
    plan = (
        "Find {project} and open its issues",
        "Filter them by the author {person} and the label {label}",
        "Open the first issue of the list and close it",
        "Filter again and close the next one, until none is left",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        groups = defaultdict(list)
        for project in ways.alive(base):
            for issue in ways.open_issues_of(base, project):
                for label in issue.labels:
                    groups[project.path, issue.author, label].append(issue)
        path, author, label = rng.choice([key for key, issues in groups.items() if len(issues) == 2])
        issues = groups[path, author, label]
        changes = [ways.issue_change(issue, state=["open", "closed"]) for issue in issues]
        slots = {"project": base.projects[path].name, "person": base.people[author].name, "label": label}
        data = {**slots, "titles": [issue.title for issue in issues]}
        return Draw(slots, "/", Goal({"forge": {"issues_changed": changes}}), data)

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await ways.open_issues(hand, draw.data["project"])
        hand.step(2)
        await hand.select("Author", draw.data["person"])
        await ways.filter_by_label(hand, draw.data["label"])
        hand.step(3)
        left = list(draw.data["titles"])
        while True:
            left.remove(await ways.pick_topmost(hand, left))
            await hand.click("Close issue")
            if not left:
                return
            hand.step(4)
            # The label on the page of an issue leads to the open issues that have it.
            await hand.click(draw.data["label"], "link")
            await hand.select("Author", draw.data["person"])
            await hand.click("Apply")


class AssignMilestone(ForgeTemplate):
    """An issue's facts, behind a control that shows their form."""

    name = "forge/assign-milestone"
    kind = "change"
    length = 9
    phrasings = (
        'Put the issue "{title}" of {project} into the milestone {milestone}.',
        'In {project}, the issue "{title}" belongs to the milestone {milestone}. Please set that.',
    )
    plan = (
        "Go to the issues of {project}",
        'Find the issue "{title}" and edit it',
        "Choose the milestone {milestone} and save",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        project, issue = _some_issue(base, rng)
        steps = base.milestones[project.path].values()
        step = rng.choice([step for step in steps if step.state == "open" and step.number != issue.milestone])
        change = ways.issue_change(issue, milestone=[issue.milestone, step.number])
        slots = {"project": project.name, "title": issue.title, "milestone": step.title}
        return Draw(slots, "/", Goal({"forge": {"issues_changed": [change]}}), slots)

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await ways.open_issues(hand, draw.data["project"])
        hand.step(2)
        await ways.pick_issue(hand, draw.data["title"])
        await hand.click("Edit")
        hand.step(3)
        await hand.select("Milestone", draw.data["milestone"])
        await hand.click("Save changes")


class HandOver(ForgeTemplate):
    """All that one person has to do goes to another."""

    name = "forge/hand-over"
    kind = "change"
    length = 17
    split = "test"
    phrasings = (
        "{one} is on leave. Assign all open issues of {project} that {one} has to {two} instead.",
        "In {project}, hand the open issues that are assigned to {one} over to {two}.",
    )
    plan = (
        "Search for {project} and open its issues",
        "Show only those assigned to {one}",
        "Open the first one and make {two} its assignee",
        "Show the list for {one} again and do the same with what is left",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        groups = defaultdict(list)
        for project in ways.alive(base):
            for issue in ways.open_issues_of(base, project):
                if issue.assignee:
                    groups[project.path, issue.assignee].append(issue)
        path, one = rng.choice([key for key, issues in groups.items() if len(issues) == 2])
        project, issues = base.projects[path], groups[path, one]
        two = rng.choice([entry.username for entry in project.contributors if entry.username != one])
        changes = [ways.issue_change(issue, assignee=[one, two]) for issue in issues]
        slots = {"project": project.name, "one": base.people[one].name, "two": base.people[two].name}
        data = {**slots, "titles": [issue.title for issue in issues]}
        return Draw(slots, "/", Goal({"forge": {"issues_changed": changes}}), data)

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await ways.open_issues(hand, draw.data["project"])
        hand.step(2)
        await hand.select("Assignee", draw.data["one"])
        await hand.click("Apply")
        hand.step(3)
        left = list(draw.data["titles"])
        while True:
            left.remove(await ways.pick_topmost(hand, left))
            await hand.click("Edit")
            await hand.select("Assignee", draw.data["two"])
            await hand.click("Save changes")
            if not left:
                return
            hand.step(4)
            await ways.to_issues(hand)
            await hand.select("Assignee", draw.data["one"])
            await hand.click("Apply")


class TickOff(ForgeTemplate):
    """Two entries of the to-do list."""

    name = "forge/tick-off"
    kind = "change"
    length = 4
    phrasings = (
        'Tick off "{one}" and "{two}" on my to-do list.',
        'On my to-do list, "{one}" and "{two}" are done. Please mark them so.',
    )
    plan = (
        "Open the to-do list",
        'Tick off "{one}"',
        'Tick off "{two}"',
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        todos = build(world.seed).todos
        titles = [todo.title for todo in todos]
        one, two = rng.sample([todo for todo in todos if titles.count(todo.title) == 1], 2)
        slots = {"one": one.title, "two": two.title}
        return Draw(slots, "/", Goal({"forge": {"todos_done": [one.id, two.id]}}), slots)

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await hand.click("To-do list", "link")
        hand.step(2)
        await hand.click(f"Tick off {draw.data['one']}")
        hand.step(3)
        await hand.click(f"Tick off {draw.data['two']}")


def _some_issue(base: Base, rng: random.Random) -> tuple[Project, Issue]:
    """An open issue in a project where something can be done."""
    project = rng.choice([project for project in ways.alive(base) if ways.open_issues_of(base, project)])
    return project, rng.choice(ways.open_issues_of(base, project))


TEMPLATES = (
    OpenIssue(),
    CommentOnIssue(),
    CloseIssuesOfAuthor(),
    AssignMilestone(),
    HandOver(),
    TickOff(),
)
