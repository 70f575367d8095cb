"""Tasks that lead from one site to another: what is read on the first is needed on the second."""

import random
from collections import defaultdict
from datetime import timedelta
from typing import Any

from plan_and_act.sites.board import data as board_data
from plan_and_act.sites.flights import data as flights_data
from plan_and_act.sites.flights.dates import day as day_words
from plan_and_act.sites.forge import data as forge_data
from plan_and_act.sites.shop import data as shop_data
from plan_and_act.sites.tasks import board_ways, flights_ways, forge_ways, shop_ways
from plan_and_act.sites.tasks.goals import Goal, Like, Number
from plan_and_act.sites.tasks.hand import Hand
from plan_and_act.sites.tasks.template import Draw, Template, World

_NEW_ISSUE: dict[str, Any] = {"labels": [], "assignee": None, "milestone": None, "state": "open", "comments": []}


class TripDeadline(Template):
    """The day of a trip becomes the due date of an issue."""

    name = "multi/trip-deadline"
    kind = "multi_site"
    sites = ("flights", "forge")
    length = 12
    phrasings = (
        "Look up on which day my trip to {place} begins. Then go to Emberforge at {forge_url} and open an issue in the "
        'project {project}: the title is "{title}", the description "{body}", and the due date that very day.',
        "I have to finish something before I fly to {place}. Go to {forge_url} and open an issue for it in {project}, "
        'due on the day of my departure, with the title "{title}" and the description "{body}"',
    )
    plan = (
        "Look up on which day the trip to {place} begins",
        "Go to Emberforge and start a new issue in {project}",
        "Enter the title “{title}”",
        "Describe it as “{body}”",
        "Set that day as the due date and create the issue",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        trips, forge = flights_data.build(world.seed), forge_data.build(world.seed)
        trip = rng.choice(flights_ways.upcoming(trips))
        project = rng.choice(forge_ways.alive(forge))
        title, body = rng.choice(
            (
                ("Finish the release before I leave", "Everything that is planned has to be in."),
                ("Write the hand-over notes", "So that others can go on while I am away."),
                ("Answer the open questions", "Nobody should have to wait until I am back."),
            )
        )
        day = trip.flights[0].departs.date()
        issue = {"project": project.path, "title": Like(title), "body": Like(body), "due": str(day), **_NEW_ISSUE}
        place = flights_ways.place_of(trips, trip)
        slots = {"place": place, "project": project.name, "title": title, "body": body}
        data = {**slots, "trip": flights_ways.title_of(trips, trip), "day": day}
        return Draw(slots, "/", Goal({"forge": {"issues_created": [issue]}}), data)

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await flights_ways.open_trip(hand, draw.data["trip"])
        await hand.note(f"Beginning of the trip to {draw.data['place']}", day_words(draw.data["day"]))
        hand.step(2)
        await hand.goto(hand.urls["forge"])
        await forge_ways.open_project(hand, draw.data["project"])
        await hand.click("Issues", "link")
        await hand.click("New issue", "link")
        hand.step(3)
        await hand.type("Title", draw.data["title"])
        hand.step(4)
        await hand.type("Description", draw.data["body"])
        hand.step(5)
        await hand.type("Due date", str(draw.data["day"]))
        await hand.click("Create issue", "button")


class AskAuthor(Template):
    """The author of a thread is named in an issue."""

    name = "multi/ask-author"
    kind = "multi_site"
    sites = ("board", "forge")
    length = 11
    phrasings = (
        'Find out who wrote the thread "{thread}" on this board. Then go to Emberforge at {forge_url} and open an '
        'issue in {project}: the title is "{title}", the description "Please ask NAME about it.", with the username of '
        "that person for NAME.",
        'Go to {forge_url} and open an issue in the project {project}. Its title is "{title}", its description "Please '
        'ask NAME about it.", where NAME is the username of whoever posted the thread "{thread}" here.',
    )
    plan = (
        "Find the thread “{thread}” and note its author",
        "Go to Emberforge and start a new issue in {project}",
        "Enter “{title}” and “Please ask NAME about it.” with that username",
        "Create the issue",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        board, forge = board_data.build(world.seed), forge_data.build(world.seed)
        titles = [thread.title for thread in board.threads.values()]
        threads = [each for each in board.threads.values() if not each.gone and titles.count(each.title) == 1]
        thread = rng.choice([thread for thread in threads if thread.author != board.persona])
        project = rng.choice(forge_ways.alive(forge))
        title = rng.choice(("Collect ideas from the board", "Learn from the board", "Follow up on a thread"))
        body = f"Please ask {thread.author} about it."
        issue = {"project": project.path, "title": Like(title), "body": Like(body), "due": None, **_NEW_ISSUE}
        slots = {"thread": thread.title, "project": project.name, "title": title}
        data = {**slots, "body": body, "author": thread.author}
        return Draw(slots, "/", Goal({"forge": {"issues_created": [issue]}}), data)

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await board_ways.open_thread(hand, draw.data["thread"])
        await hand.note("Author of the thread", draw.data["author"])
        hand.step(2)
        await hand.goto(hand.urls["forge"])
        await forge_ways.open_project(hand, draw.data["project"])
        await hand.click("Issues", "link")
        await hand.click("New issue", "link")
        hand.step(3)
        await hand.type("Title", draw.data["title"])
        await hand.type("Description", draw.data["body"])
        hand.step(4)
        await hand.click("Create issue", "button")


class ProjectOfTheMonth(Template):
    """The first of a sorted list is told to somebody else."""

    name = "multi/project-of-the-month"
    kind = "multi_site"
    sites = ("forge", "board")
    length = 12
    phrasings = (
        "Which {language} project has the most stars here? Go to the board at {board_url} and send its name, and "
        'nothing else, as a message to {person}. The subject is "{subject}".',
        'Go to {board_url} and write {person} a message with the subject "{subject}". The text is just the name of the '
        "project on Emberforge that is written in {language} and has the most stars.",
    )
    plan = (
        "Find the {language} project with the most stars",
        "Go to the board and start a message to {person}",
        "Send its name with the subject “{subject}”",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        board, forge = board_data.build(world.seed), forge_data.build(world.seed)
        by_language = defaultdict(list)
        for project in forge.projects.values():
            by_language[project.language].append(project)
        language = rng.choice([language for language, projects in by_language.items() if len(projects) > 1])
        first = max(by_language[language], key=lambda project: project.stars)
        person = rng.choice([name for name in board.people if name != board.persona])
        subject = rng.choice(("Project of the month", "You asked for a tip", "Worth a look"))
        sent = {"to": person, "subject": Like(subject), "body": Like(first.name)}
        slots = {"language": language, "person": person, "subject": subject}
        return Draw(slots, "/", Goal({"board": {"messages_sent": [sent]}}), {**slots, "project": first.name})

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await hand.click("Projects", "link")
        await hand.select("Language", draw.data["language"])
        await hand.select("Sort by", "Most stars")
        await hand.click("Apply")
        await forge_ways.refresh(hand)
        await hand.note(f"Most stars in {draw.data['language']}", draw.data["project"])
        hand.step(2)
        await hand.goto(hand.urls["board"])
        await board_ways.open_person(hand, draw.data["person"])
        await hand.click("Write a message", "link")
        hand.step(3)
        await hand.type("Subject", draw.data["subject"])
        await hand.type("Message", draw.data["project"])
        await hand.click("Send it")


class AnnounceCity(Template):
    """A fact of a profile is made public elsewhere."""

    name = "multi/announce-city"
    kind = "multi_site"
    sites = ("forge", "board")
    length = 11
    split = "validation"
    phrasings = (
        "We will meet in the city where {person} lives according to the profile here. Go to the board at {board_url} "
        'and announce it: a text thread in {community} with the title "{title}", only the name of the city as the '
        "text, and the flair {flair}.",
        'Go to {board_url} and post a text thread in {community}, titled "{title}", with the flair {flair}. The text '
        "is just the city that the profile of {person} on Emberforge tells.",
    )
    plan = (
        "Open the profile of {person} and note the city",
        "Go to the board and create a post in {community}",
        "Enter “{title}”, the city as the text, and the flair {flair}",
        "Publish the thread",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        board, forge = board_data.build(world.seed), forge_data.build(world.seed)
        person = forge.people[rng.choice([name for name in forge.people if name != forge.persona])]
        community = board.communities[rng.choice(sorted(board.joined))]
        title = rng.choice(("Where we meet this summer", "Save the date", "Our next meeting"))
        slots = {
            "person": person.name,
            "community": community.name,
            "title": title,
            "flair": rng.choice(community.flairs),
        }
        made = {"community": community.slug, "kind": "text", "title": Like(title), "body": Like(person.location)}
        made |= {"flair": slots["flair"], "attachments": []}
        return Draw(slots, "/", Goal({"board": {"threads_created": [made]}}), {**slots, "city": person.location})

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await hand.click("People", "link")
        await hand.search("Find a person", draw.data["person"])
        await hand.click(draw.data["person"], "link")
        await hand.note(f"City of {draw.data['person']}", draw.data["city"])
        hand.step(2)
        await hand.goto(hand.urls["board"])
        await hand.click("Create post")
        await hand.select("Community", draw.data["community"])
        hand.step(3)
        await hand.type("Title", draw.data["title"])
        await hand.type("Text", draw.data["city"], "textbox")
        await hand.select("Flair", draw.data["flair"])
        hand.step(4)
        await hand.click("Publish")


class PriceReply(Template):
    """The price of something is told in a thread."""

    name = "multi/price-reply"
    kind = "multi_site"
    sites = ("shop", "board")
    length = 8
    phrasings = (
        "What does the {product} cost in this shop? Go to the board at {board_url} and comment on the thread "
        '"{thread}" with "I saw one for PRICE euros." In the place of PRICE stands the price, as in 12.34.',
        'Go to {board_url} and write a comment on the thread "{thread}": "I saw one for PRICE euros." The price is '
        "what Fennimore asks for the {product}; write it like 12.34.",
    )
    plan = (
        "Find the price of the {product}",
        "Go to the board and open the thread “{thread}”",
        "Comment “I saw one for PRICE euros.” with that price",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        shop, board = shop_data.build(world.seed), board_data.build(world.seed)
        product = rng.choice([product for product, _ in shop_ways.buyable(world, shop, sizes=False)])
        titles = [thread.title for thread in board.threads.values()]
        threads = [each for each in board.threads.values() if not each.gone and not each.locked]
        thread = rng.choice([thread for thread in threads if titles.count(thread.title) == 1])
        body = f"I saw one for {product.price / 100:.2f} euros."
        added = {"thread": thread.id, "parent": None, "body": Like(body)}
        slots = {"product": product.name, "thread": thread.title}
        return Draw(slots, "/", Goal({"board": {"comments_added": [added]}}), {**slots, "body": body})

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await shop_ways.open_product(hand, draw.data["product"])
        await hand.note(f"Price of the {draw.data['product']}", await hand.read("(€[0-9.,]+)"))
        hand.step(2)
        await hand.goto(hand.urls["board"])
        await board_ways.open_thread(hand, draw.data["thread"])
        hand.step(3)
        await hand.type("Your comment", draw.data["body"])
        await hand.click("Post comment", "button")


class OrderStatus(Template):
    """How an order stands is told in an issue."""

    name = "multi/order-status"
    kind = "multi_site"
    sites = ("shop", "forge")
    length = 13
    split = "test"
    phrasings = (
        "What is the status of my order {order} in this shop? Go to Emberforge at {forge_url} and comment on the issue "
        '"{issue}" of {project}: "Order {order}: STATUS", with the status for STATUS.',
        'Go to {forge_url} and comment on the issue "{issue}" of the project {project}. Write "Order {order}: STATUS", '
        "where STATUS is what the shop says of my order.",
    )
    plan = (
        "Open order {order} in the account and note its status",
        "Go to Emberforge and open “{issue}” in {project}",
        "Comment “Order {order}: STATUS” with that status",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        shop, forge = shop_data.build(world.seed), forge_data.build(world.seed)
        order = rng.choice(shop_ways.mine(shop, "Processing", "Shipped", "Delivered", "Cancelled"))
        project = rng.choice(
            [project for project in forge_ways.alive(forge) if forge_ways.open_issues_of(forge, project)]
        )
        issue = rng.choice(forge_ways.open_issues_of(forge, project))
        body = f"Order {order.number}: {order.status}"
        change = forge_ways.issue_change(issue, comments_added=[{"author": forge.persona, "body": Like(body)}])
        slots = {"order": str(order.number), "issue": issue.title, "project": project.name}
        data = {**slots, "number": order.number, "status": order.status, "body": body}
        return Draw(slots, "/", Goal({"forge": {"issues_changed": [change]}}), data)

    async def solve(self, hand: Hand, draw: Draw) -> None:
        """See `Template`."""
        await shop_ways.open_order(hand, draw.data["number"])
        await hand.note(f"Status of order {draw.data['number']}", draw.data["status"])
        hand.step(2)
        await hand.goto(hand.urls["forge"])
        await forge_ways.open_issue(hand, draw.data["project"], draw.data["issue"])
        hand.step(3)
        await hand.type("Add a comment", draw.data["body"])
        await hand.click("Comment", "button")


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
        return Draw(slots, "/", Goal(answer=Number(days)), data)

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


TEMPLATES: tuple[Template, ...] = (
    TripDeadline(),
    AskAuthor(),
    ProjectOfTheMonth(),
    AnnounceCity(),
    PriceReply(),
    OrderStatus(),
    DaysAfterMilestone(),
    NobodyThere(),
)
