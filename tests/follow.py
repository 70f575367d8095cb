"""A scripted model that does the forge demo by looking at the page, so that it also does it after a resume.

It is no stand-in for a real model in any claim: it drives the graph in tests of the graph.
"""

import re
from collections.abc import Sequence

from langchain_core.messages import BaseMessage

PLAN = """## Step 1
Reasoning: The page of the project has a link to its contributors.
Step: Open the project's contributors.

## Step 2
Reasoning: The table tells who has the most commits.
Step: Open the profile of the contributor with the most commits.

## Step 3
Reasoning: Profiles have a button to follow.
Step: Follow that person."""


def label(page: str, pattern: str) -> str | None:
    """The label of the first control whose line matches."""
    found = re.search(rf'\w+ "{pattern} #\d+"', page)
    return found[0] if found else None


def follow(messages: Sequence[BaseMessage]) -> str:
    """The next action in the text format, from the page in the last message alone."""
    page = messages[-1].text
    if label(page, r"Unfollow[^\"]*") or label(page, r"Following[^\"\d]*"):
        return 'exit(message="Followed the top contributor.")'
    if button := label(page, r"Follow[^\"]*"):
        return f"do(action=\"Click\", element='{button}')"
    if 'button "Commits #' in page:
        rows = re.findall(r'(link "[^"]+ #\d+") \|\s+([\d,]+) \|', page)
        name, _ = max(rows, key=lambda row: int(row[1].replace(",", "")))
        return f"do(action=\"Click\", element='{name}')"
    link = label(page, r"Contributors \d+")
    return f"do(action=\"Click\", element='{link}')"
