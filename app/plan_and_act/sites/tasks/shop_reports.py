"""Tasks in the shop's back office that ask for what its tables know."""

import random
from datetime import date, timedelta

from plan_and_act.sites.shop.data import build
from plan_and_act.sites.shop.sales import Row, report
from plan_and_act.sites.shop.state import State
from plan_and_act.sites.tasks import shop_ways as ways
from plan_and_act.sites.tasks.goals import Goal, Number, Says
from plan_and_act.sites.tasks.hand import Hand
from plan_and_act.sites.tasks.shop_ways import ShopTemplate
from plan_and_act.sites.tasks.template import Draw, World

MONTHS = tuple(date(2025 + month // 12, month % 12 + 1, 1) for month in range(6, 16))
"""The first days of the months that can be asked for: July 2025 to April 2026."""


def _last(first: date) -> date:
    """The last day of a month."""
    return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


async def _show_report(hand: Hand, group: str, first: date) -> None:
    await hand.select("Sales by", group)
    await hand.type("First day", first.isoformat())
    await hand.type("Last day", _last(first).isoformat())
    await hand.click("Show report")


class BestSeller(ShopTemplate):
    """The top of a report, by one of two measures."""

    name = "shop/best-seller"
    kind = "look_up"
    length = 8
    phrasings = (
        "Look into the sales reports: which product had {most} in {month}?",
        "Which product came first in {month}, going by {measure}? The back office has reports; I need the name.",
    )
    plan = (
        "Open the reports in the back office",
        "Show the sales by product in {month}",
        "Sort the report by {measure}",
        "Answer with the product at the top",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        state = State.fresh(build(world.seed))
        found: list[tuple[date, str, list[Row]]] = []
        for first in MONTHS:
            rows = report(state, "product", first, _last(first))
            for column in ("units", "sales"):
                ranked = sorted(rows, key=lambda row: -getattr(row, column))
                if getattr(ranked[0], column) > getattr(ranked[1], column):
                    found.append((first, column, ranked))
        first, column, ranked = rng.choice(found)
        slots = {
            "month": f"{first:%B %Y}",
            "most": "the most units sold" if column == "units" else "the highest sales in euros",
            "measure": "units sold" if column == "units" else "sales in euros",
        }
        goal = Goal(answer=Says((ranked[0].name,), tuple(row.name for row in ranked[1:8])))
        return Draw(slots, "/", goal, {"first": first, "column": column.capitalize(), "answer": ranked[0].name})

    async def solve(self, hand: Hand, draw: Draw) -> str:
        """See `Template`."""
        await ways.open_office(hand, "Reports")
        hand.step(2)
        await _show_report(hand, "Product", draw.data["first"])
        hand.step(3)
        await hand.click(draw.data["column"], "button")
        hand.step(4)
        return str(draw.data["answer"])


class CategorySales(ShopTemplate):
    """One number of a report."""

    name = "shop/category-sales"
    kind = "look_up"
    length = 7
    phrasings = (
        "What were our sales in the category {category} in {month}, in euros? See the reports in the back office.",
        "Give me the sales figure (euros) for {category} in {month}.",
    )
    plan = (
        "Open the sales reports in the back office",
        "Show the sales by category in {month}",
        "Answer with the sales of {category} in euros",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        first = rng.choice(MONTHS)
        row = rng.choice(report(State.fresh(build(world.seed)), "category", first, _last(first)))
        slots = {"category": row.name, "month": f"{first:%B %Y}"}
        goal = Goal(answer=Number(row.sales / 100, given=(first.year,)))
        return Draw(slots, "/", goal, {"first": first, "sales": row.sales})

    async def solve(self, hand: Hand, draw: Draw) -> str:
        """See `Template`."""
        await ways.open_office(hand, "Reports")
        hand.step(2)
        await _show_report(hand, "Category", draw.data["first"])
        hand.step(3)
        return f"{draw.data['sales'] / 100:.2f}"


class TopCustomer(ShopTemplate):
    """A table that is filtered and sorted."""

    name = "shop/top-customer"
    kind = "compare"
    length = 5
    phrasings = (
        "Which of our customers from {city} has {most}? Cancelled orders do not count.",
        "Find out in the back office who of the customers in {city} has {most}, cancelled orders aside.",
    )
    plan = (
        "Open the customers in the back office",
        "Show those from {city}, the one who {most} first",
        "Answer with the name of the one who {most}",
    )

    def draw(self, world: World, rng: random.Random) -> Draw:
        """See `Template`."""
        base = build(world.seed)
        bought = [order for order in base.orders.values() if order.status != "Cancelled"]
        found = []
        for city in sorted({customer.city for customer in base.customers.values()}):
            people = [customer for customer in base.customers.values() if customer.city == city]
            for column in ("Number of orders", "Total spent"):
                counts = {
                    person.name: sum(
                        order.total if column == "Total spent" else 1 for order in bought if order.customer == person.id
                    )
                    for person in people
                }
                ranked = sorted(counts, key=lambda name: -counts[name])
                if len(ranked) > 2 and counts[ranked[0]] > counts[ranked[1]]:
                    found.append((city, column, ranked))
        city, column, ranked = rng.choice(found)
        most = "placed the most orders" if column == "Number of orders" else "spent the most money"
        goal = Goal(answer=Says((ranked[0],), tuple(ranked[1:])))
        return Draw({"city": city, "most": most}, "/", goal, {"city": city, "column": column, "answer": ranked[0]})

    async def solve(self, hand: Hand, draw: Draw) -> str:
        """See `Template`."""
        await ways.open_office(hand, "Customers")
        hand.step(2)
        await hand.search("Name, email or city", draw.data["city"])
        await hand.click(draw.data["column"], "link")
        hand.step(3)
        return str(draw.data["answer"])


TEMPLATES = (BestSeller(), CategorySales(), TopCustomer())
