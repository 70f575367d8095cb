"""The seeded base of the board: the same seed gives the same people, communities, threads and messages."""

import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from plan_and_act.sites.board.catalog import CONCEPTS, TOPICS, Concept
from plan_and_act.sites.board.model import Ban, Base, Community, Message, Notice, Person, Report, Target, Thread
from plan_and_act.sites.board.threads import thread_drafts, with_numbers, with_spam
from plan_and_act.sites.board.words import (
    ABOUTS,
    ADJECTIVES,
    CREATURES,
    FLAIRS,
    MESSAGES,
    REASONS,
    RULES,
    SPAM,
)
from plan_and_act.sites.disturbances import Disturbances

NOW = datetime(2026, 5, 14, 18, 20, tzinfo=UTC)
"""The site's clock stands still, so that a page looks the same tomorrow."""
PERSONA = "drifting_kettle"
PASSWORD = "paper-lantern-77"
PEOPLE = 70
SUBJECTS = 7
"""Of how many topics there are communities; four each."""
MODERATED = 2
PRIVATE = 6
"""How many communities take new members by invitation only."""
STALE_HOURS = 9
"""How old a list is that is not up to date."""


@lru_cache(maxsize=4)
def build(seed: int) -> Base:
    """The board as it is before anybody has changed anything; kept, because every session shares it."""
    people = _people(_rng(seed, "people"))
    others = [name for name in people if name != PERSONA]
    rng = _rng(seed, "communities")
    topics = rng.sample(TOPICS, SUBJECTS)
    concepts = sorted((concept for concept in CONCEPTS if concept.topic in topics), key=lambda concept: concept.name)
    moderated = rng.sample([concept.slug for concept in concepts], MODERATED)
    communities = _communities(rng, concepts, others, moderated)
    drafts = [
        draft
        for concept in concepts
        for draft in thread_drafts(_rng(seed, concept.slug), concept, communities[concept.slug], others, NOW)
    ]
    threads = with_numbers(_rng(seed, "threads"), drafts, PERSONA, NOW)
    joined = _joined(rng, communities, moderated)
    threads, reports = _reported(_rng(seed, "reports"), threads, moderated, others)
    messages = _messages(_rng(seed, "messages"), others)
    return Base(
        seed=seed,
        now=NOW,
        persona=PERSONA,
        password=PASSWORD,
        people=people,
        communities=communities,
        threads=threads,
        reports=reports,
        bans={slug: _bans(_rng(seed, f"bans/{slug}"), others, communities[slug]) for slug in moderated},
        messages=messages,
        unread=frozenset(message.id for message in messages[:3]),
        notices=_notices(threads),
        joined=joined,
        votes=_votes(_rng(seed, "votes"), threads),
        saved=frozenset(_rng(seed, "saved").sample([thread.target for thread in threads.values()], 6)),
        follows=frozenset(_rng(seed, "follows").sample(others, 5)),
        blocks=frozenset(),
    )


@lru_cache(maxsize=64)
def closed_communities(seed: int, disturbances: Disturbances) -> frozenset[str]:
    """Which communities take new members by invitation only; under `sold_out` the largest of most topics do too."""
    communities = build(seed).communities.values()
    closed = {entry.slug for entry in communities if entry.invite_only}
    if disturbances.sold_out:
        rng = _rng(seed, "closed")
        for topic in sorted({entry.topic for entry in communities}):
            largest = max((entry for entry in communities if entry.topic == topic), key=lambda entry: entry.members)
            if rng.random() < 0.7 and largest.slug not in build(seed).joined:
                closed.add(largest.slug)
    return frozenset(closed)


def _rng(seed: int, what: str) -> random.Random:
    """One source of randomness for each part, so that changing one part leaves the others as they were."""
    return random.Random(f"board/{seed}/{what}")


def _ago(rng: random.Random, low_days: float, high_days: float) -> datetime:
    return NOW - timedelta(minutes=round(rng.uniform(low_days, high_days) * 24 * 60))


def _people(rng: random.Random) -> dict[str, Person]:
    # No creature twice, and no two with the same karma: a person is told apart by either.
    animals = rng.sample(CREATURES, PEOPLE - 1)
    names = [PERSONA, *(f"{rng.choice(ADJECTIVES)}_{animal}" for animal in animals)]
    posts, comments = rng.sample(range(40, 30_000), PEOPLE), rng.sample(range(25, 60_000), PEOPLE)
    made = [
        Person(name, rng.choice(ABOUTS), _ago(rng, 120, 3_200), post, comment)
        for name, post, comment in zip(names, posts, comments, strict=True)
    ]
    return {person.username: person for person in sorted(made, key=lambda person: person.username)}


def _communities(
    rng: random.Random, concepts: list[Concept], others: list[str], moderated: list[str]
) -> dict[str, Community]:
    found: dict[str, Community] = {}
    sizes = iter(rng.sample(range(900, 240_000), len(concepts)))
    private = rng.sample([concept.slug for concept in concepts if concept.slug not in moderated], PRIVATE)
    for concept in concepts:
        members = next(sizes)
        crew = rng.sample(others, rng.randint(1, 3))
        found[concept.slug] = Community(
            slug=concept.slug,
            name=concept.name,
            topic=concept.topic,
            description=concept.description,
            created=_ago(rng, 300, 3_600),
            members=members,
            gained=round(members * rng.choice((0.0, 0.01, 0.05, 0.3))),
            rules=tuple(rng.sample(RULES, rng.randint(4, 6))),
            moderators=tuple(sorted([*crew, PERSONA] if concept.slug in moderated else crew)),
            flairs=tuple(sorted(rng.sample(FLAIRS, rng.randint(4, 6)))),
            flair_needed=rng.random() < 0.4,
            invite_only=concept.slug in private,
        )
    return found


def _joined(rng: random.Random, communities: Mapping[str, Community], moderated: list[str]) -> frozenset[str]:
    """The persona's communities: the two it moderates and five more, not the largest of a topic, not private ones."""
    largest: dict[str, Community] = {}
    for entry in communities.values():
        if entry.topic not in largest or entry.members > largest[entry.topic].members:
            largest[entry.topic] = entry
    private = {slug for slug, entry in communities.items() if entry.invite_only}
    taken = {entry.slug for entry in largest.values()} | private | set(moderated)
    return frozenset(moderated) | frozenset(rng.sample([slug for slug in communities if slug not in taken], 5))


def _reported(
    rng: random.Random, threads: dict[int, Thread], moderated: list[str], others: list[str]
) -> tuple[dict[int, Thread], dict[str, tuple[Report, ...]]]:
    """Complaints in the persona's communities: about threads as they are, and about comments that are new spam."""
    threads, reports = dict(threads), {}
    spam = iter(rng.sample(SPAM, len(SPAM)))
    for slug in moderated:
        mine = [thread for thread in threads.values() if thread.community == slug and not thread.pinned]
        chosen = rng.sample([thread for thread in mine if thread.author != PERSONA], 5)
        made = [Report(thread.target, rng.choice(REASONS), rng.randint(1, 9)) for thread in chosen[:3]]
        for thread in chosen[3:]:
            present = {thread.author, *(comment.author for comment in thread.comments)}
            author = rng.choice([name for name in others if name not in present])
            threads[thread.id] = with_spam(rng, thread, author, next(spam))
            made.append(Report(threads[thread.id].comments[-1].target, rng.choice(REASONS), rng.randint(2, 9)))
        rng.shuffle(made)
        reports[slug] = tuple(made)
    return threads, reports


def _bans(rng: random.Random, others: list[str], community: Community) -> tuple[Ban, ...]:
    names = rng.sample([name for name in others if name not in community.moderators], 2)
    return tuple(Ban(name, rng.choice(REASONS), rng.choice((3, 7, 30))) for name in names)


def _messages(rng: random.Random, others: list[str]) -> tuple[Message, ...]:
    senders = rng.sample(others, len(MESSAGES))
    dates = sorted((_ago(rng, 0.1, 20) for _ in senders), reverse=True)
    texts = [(subject, body) for subject, body, _ in rng.sample(MESSAGES, len(MESSAGES))]
    numbers = rng.sample(range(110, 990), len(MESSAGES))
    return tuple(
        Message(number, sender, PERSONA, subject, body.format(number=code, hour=rng.randint(7, 20)), when)
        for number, (sender, when, (subject, body), code) in enumerate(
            zip(senders, dates, texts, numbers, strict=True), 1
        )
    )


def _notices(threads: Mapping[int, Thread]) -> tuple[Notice, ...]:
    """Answers to what the persona has written."""
    found = []
    for thread in threads.values():
        mine = {comment.id for comment in thread.comments if comment.author == PERSONA}
        for comment in thread.comments:
            if comment.author != PERSONA and (thread.author == PERSONA or comment.parent in mine):
                what = "answered your comment in" if comment.parent in mine else "commented on your thread"
                found.append((comment.created, f"{comment.author} {what} {thread.title}", thread.url))
    found.sort(reverse=True)
    return tuple(Notice(number, text, url, when) for number, (when, text, url) in enumerate(found[:15], 1))


def _votes(rng: random.Random, threads: Mapping[int, Thread]) -> dict[Target, int]:
    """The persona has voted on a few older threads, so that most of the site is still to be voted on."""
    old = [thread.target for thread in threads.values() if NOW - thread.created > timedelta(days=40)]
    return {target: rng.choice((1, 1, 1, -1)) for target in sorted(rng.sample(old, 12))}
