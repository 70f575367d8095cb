"""Tasks over two sites that change nothing: an answer from both, and what cannot be done."""

import random
from datetime import timedelta

from plan_and_act.sites.board import data as board_data
from plan_and_act.sites.flights import data as flights_data
from plan_and_act.sites.flights.dates import day as day_words
from plan_and_act.sites.forge import data as forge_data
from plan_and_act.sites.tasks import flights_ways, forge_ways
from plan_and_act.sites.tasks.goals import Goal, Number, numbers
from plan_and_act.sites.tasks.hand import Hand
from plan_and_act.sites.tasks.template import Draw, Template, World


class DaysAfterMilestone(Template):
    """Two dates on two sites, and the days between them."""

    name = "multi/days-after-milestone"
    kind = "multi_site"
    sites = ("forge", "flights")
    length = 7
    split = "test"
    phrasings = (
        "How many days after the due date of the milestone {milestone} of {project} does my trip to {place} begin? At "
        "{flights_url} you find my trips. Answer with the number only.",
        "The milestone {milestone} of {project} is due before I fly to {place} (look at {flights_url} for my trips). "
        "Count the days from the due date to the departure and answer with that number.",
    )
    plan = (
        "Find the due date of the milestone {milestone} in {project}",
        "Go to Larkway and see when the trip to {place} begins",
        "Answer with the number of days from the first to the second",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        trips, forge = flights_data.build(world.seed), forge_data.build(world.seed)
        found = [
            (step, trip, days)
            for steps in forge.milestones.values()
            for step in steps.values()
            for trip in flights_ways.upcoming(trips)
            if step.state == "open" and step.due
            for days in ((trip.flights[0].departs.date() - step.due) // timedelta(days=1),)
            if days > 0
        ]
        step, trip, days = rng.choice(found)
        slots = {
            "milestone": step.title,
            "project": forge.projects[step.project].name,
            "place": flights_ways.place_of(trips, trip),
        }
        data = {**slots, "trip": flights_ways.title_of(trips, trip), "due": step.due, "answer": str(days)}
        return Draw(slots, "/", Goal(answer=Number(days, given=numbers(step.title))), data)

    async def solve(self, hand: Hand, draw: Draw) -> str:
        """See `Template`."""
        await forge_ways.open_project(hand, draw.data["project"])
        await hand.click("Milestones", "link")
        await hand.note(f"Due date of {draw.data['milestone']}", day_words(draw.data["due"]))
        hand.step(2)
        await hand.goto(hand.urls["flights"])
        await flights_ways.open_trip(hand, draw.data["trip"])
        hand.step(3)
        return str(draw.data["answer"])


class NobodyThere(Template):
    """Somebody of one site who is not on the other."""

    name = "multi/nobody-there"
    kind = "impossible"
    sites = ("forge", "board")
    length = 9
    phrasings = (
        'Whoever reported the issue "{issue}" in {project} has the same username on the board at {board_url} too. Send '
        'them a message there: the subject is "{subject}", the text "Are you still waiting?"',
        'Go to the board at {board_url} and write to the person who reported the issue "{issue}" in {project} here; '
        'the username is the same. The subject is "{subject}", the text "Is it still as you wrote?"',
    )
    plan = (
        "Note who reported “{issue}” in {project}",
        "Go to the board and search for that username",
        "Give up if nobody has that username there",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        board, forge = board_data.build(world.seed), forge_data.build(world.seed)
        found = [
            (project, issue)
            for project in forge.projects.values()
            for issue in forge_ways.open_issues_of(forge, project)
            if issue.author != forge.persona and issue.author not in board.people
        ]
        project, issue = rng.choice(found)
        subject = rng.choice(("Your report", "A question about your issue", "Thank you for the report"))
        slots = {"issue": issue.title, "project": project.name, "subject": subject}
        data = {**slots, "username": issue.author, "reporter": forge.people[issue.author].name}
        return Draw(slots, "/", Goal(impossible=True), data)

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await forge_ways.open_issue(hand, draw.data["project"], draw.data["issue"])
        await hand.click(draw.data["reporter"], "link")
        await hand.note("Reported by", draw.data["username"])
        hand.step(2)
        await hand.goto(hand.urls["board"])
        # The second time, because a search may find nothing at first.
        for words in (draw.data["username"], draw.data["username"][:-1]):
            await hand.type("Search Commonplace", words, submit=True)
            await hand.look()
        hand.step(3)
