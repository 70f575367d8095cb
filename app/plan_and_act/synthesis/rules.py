"""Rules that answers of teachers are held to, in several stages."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

from plan_and_act.synthesis.similar import words
from plan_and_act.synthesis.teacher import RuleBrokenError

_COMMON = frozenset(
    {"a", "an", "and", "are", "as", "at", "be", "by", "do", "does", "for", "from", "has", "have", "how", "i", "if",
    "in", "is", "it", "its", "many", "me", "my", "of", "on", "or", "s", "so", "that", "the", "their", "them",
    "then", "there", "this", "to", "was", "what", "when", "where", "which", "who", "with", "you", "your"}
)  # fmt: skip

_STRING, _REST = re.compile(r'"([^"]+)"'), re.compile(r"^\w+: (.+)$", re.M)
"""What stands in a form where an answer has something of its own: in JSON, and in lines that begin with a name."""


def script(text: str) -> str | None:
    """The script most letters of a text are of (LATIN, CJK, CYRILLIC...); None without letters."""
    found = Counter(unicodedata.name(letter, "?").split()[0] for letter in text if letter.isalpha())
    return found.most_common(1)[0][0] if found else None


def same_script(text: str, as_in: str) -> None:
    """See that an answer is written as the task is.

    Raises:
        RuleBrokenError: It is in another script, and so in another language.
    """
    if (wanted := script(as_in)) != script(text):
        problem = f"Write in the language of the task, in {(wanted or 'plain').lower()} letters."
        raise RuleBrokenError(problem, rule="another language")


def about(text: str, task: str) -> None:
    """See that an answer speaks of the task at all.

    Raises:
        RuleBrokenError: It has no word in common with the task, common ones aside.
    """
    named = content(task)
    if named and not named & content(text):
        problem = f"This is about another task. The task is: {task}"
        raise RuleBrokenError(problem, rule="about another task")


def copied(texts: Iterable[str], form: str) -> bool:
    """Whether an answer repeats something of the form it was shown, instead of filling it in."""
    values = {_plain(value) for value in (*_STRING.findall(form), *_REST.findall(form))}
    return any(_plain(text) in values for text in texts if text)


def _plain(text: str) -> str:
    return text.casefold().strip(" .")


def content(text: str) -> set[str]:
    """The words of a text that say what it is about."""
    return {word for word in words(text) if word not in _COMMON and len(word) > 1}
