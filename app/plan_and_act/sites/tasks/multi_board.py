"""Tasks over two sites that end on the board: what is read elsewhere is written to its people."""

import random
from collections import defaultdict

from plan_and_act.sites.board import data as board_data
from plan_and_act.sites.forge import data as forge_data
from plan_and_act.sites.shop import data as shop_data
from plan_and_act.sites.tasks import board_ways, forge_ways, shop_ways
from plan_and_act.sites.tasks.goals import Goal, Like
from plan_and_act.sites.tasks.hand import Hand
from plan_and_act.sites.tasks.template import Draw, Template, World


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
