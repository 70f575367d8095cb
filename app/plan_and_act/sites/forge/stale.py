"""Lists as they were some hours ago: what sessions see whose lists are behind. Made from the seed, as everything is."""

import random
from dataclasses import replace

from plan_and_act.sites.forge.model import Base, Issue


def hours(base: Base) -> int:
    """How far behind the lists are."""
    return 9 + base.seed % 11


def older_stars(base: Base, project: str) -> int:
    """The stars a project had: so many fewer that neighbours in the order have changed places since."""
    stars = base.projects[project].stars
    return stars - round(stars * _rng(base, project).uniform(0, 0.3))


def older_issues(base: Base, project: str) -> list[Issue]:
    """The issues a project had, newest first: the last one was not there, some were still open or had no labels."""
    rng = _rng(base, f"{project}/issues")
    newest = max(base.issues[project])
    found = []
    for number, issue in base.issues[project].items():
        open_still, bare = rng.random() < 0.25, rng.random() < 0.15
        older = replace(issue, state="open" if open_still else issue.state, labels=() if bare else issue.labels)
        if number != newest:
            found.append(older)
    return sorted(found, key=lambda issue: (issue.created, issue.number), reverse=True)


def _rng(base: Base, what: str) -> random.Random:
    return random.Random(f"forge/{base.seed}/stale/{what}")
