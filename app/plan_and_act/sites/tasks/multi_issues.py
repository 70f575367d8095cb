"""Tasks over two sites that end on the forge: what is read elsewhere becomes an issue or a comment."""

import random
from typing import Any

from plan_and_act.sites.board import data as board_data
from plan_and_act.sites.flights import data as flights_data
from plan_and_act.sites.flights.dates import day as day_words
from plan_and_act.sites.forge import data as forge_data
from plan_and_act.sites.shop import data as shop_data
from plan_and_act.sites.tasks import board_ways, flights_ways, forge_ways, shop_ways
from plan_and_act.sites.tasks.goals import Goal, Like
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
        await forge_ways.start_issue(hand, draw.data["project"])
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
        await forge_ways.start_issue(hand, draw.data["project"])
        hand.step(3)
        await hand.type("Title", draw.data["title"])
        await hand.type("Description", draw.data["body"])
        hand.step(4)
        await hand.click("Create issue", "button")


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
