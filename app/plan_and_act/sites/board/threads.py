"""Threads and comments of the seeded base."""

import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from plan_and_act.sites.board.catalog import Concept
from plan_and_act.sites.board.model import Attachment, Comment, Community, Option, Thread, Video
from plan_and_act.sites.board.words import CHANNELS, COMMENTS, LINKS, POLLS, TITLES, VIDEOS

FIRST = 101
"""The number of the oldest thread."""
_AGES = ((0.02, 0.3, 2), (0.5, 1, 1), (1.2, 6.8, 3), (8, 29, 3), (32, 360, 4))
"""How old threads are, in days, and how many of a community are that old."""
_OWN = 6
"""How many threads the persona has written, and on how many others it has commented."""


def thread_drafts(
    rng: random.Random, concept: Concept, community: Community, people: list[str], now: datetime
) -> list[Thread]:
    """The threads of a community, without numbers and comments: text threads, links, videos and polls."""
    dates = [now - timedelta(days=rng.uniform(low, high)) for low, high, count in _AGES for _ in range(count)]
    dates += [now - timedelta(days=rng.uniform(1.2, 360)) for _ in range(rng.randint(0, 3))]
    # No score twice in a community: there is one that has the most votes, in every range of time.
    scores = rng.sample(range(4, 2_600), len(dates))
    drafts = []
    makers = [_text] * (len(dates) - 5) + [_link, _video, _video, _poll, _poll]
    rng.shuffle(makers)
    taken: set[str] = set()
    for when, score, make in zip(dates, scores, makers, strict=True):
        draft = make(rng, rng.choice(concept.things), taken)
        taken.add(draft.title)
        recent = now - when < timedelta(days=8)
        flair = rng.choice(community.flairs) if community.flair_needed or rng.random() < 0.6 else ""
        drafts.append(
            replace(
                draft,
                community=community.slug,
                author=rng.choice(people),
                created=when.replace(second=0, microsecond=0),
                score=score,
                gained=round(score * rng.uniform(0, 0.7)) if recent else 0,
                flair=flair,
                locked=rng.random() < 0.1,
            )
        )
    first = rng.randrange(len(drafts))
    drafts[first] = replace(drafts[first], pinned=True, locked=False)
    return drafts


def with_numbers(rng: random.Random, drafts: list[Thread], persona: str, now: datetime) -> dict[int, Thread]:
    """The threads by number, from old to new, with comments; some of both are the persona's."""
    ordered = sorted(drafts, key=lambda draft: (draft.created, draft.title))
    open_ones = [number for number, draft in enumerate(ordered) if not draft.locked]
    written = rng.sample([number for number in open_ones if ordered[number].kind == "text"], _OWN)
    commented = set(rng.sample([number for number in open_ones if number not in written], _OWN))
    authors = sorted({draft.author for draft in ordered})
    threads = {}
    for number, draft in enumerate(ordered):
        thread = replace(draft, id=FIRST + number, author=persona if number in written else draft.author)
        comments = _comments(rng, thread, authors, now)
        if number in commented:
            comments = _commented(rng, thread, comments, persona, now)
        threads[thread.id] = replace(thread, comments=tuple(comments))
    return threads


def with_spam(rng: random.Random, thread: Thread, author: str, text: str) -> Thread:
    """A thread with one comment more, which nobody likes."""
    when = thread.comments[-1].created if thread.comments else thread.created
    number = thread.id * 100 + len(thread.comments) + 1
    spam = Comment(number, None, author, text, when, rng.randint(-40, -8))
    return replace(thread, comments=(*thread.comments, spam))


def _draft(title: str, body: str) -> Thread:
    return Thread(0, "", "text", title, body, "", datetime.min, 0)


def _new(rng: random.Random, titles: Iterable[str], thing: str, taken: set[str]) -> int:
    """Which of the titles to take: one that the community does not have yet."""
    return rng.choice([i for i, title in enumerate(titles) if title.format(thing=thing) not in taken])


def _text(rng: random.Random, thing: str, taken: set[str]) -> Thread:
    title, body = TITLES[_new(rng, (title for title, _ in TITLES), thing, taken)]
    draft = _draft(title.format(thing=thing), body.format(thing=thing))
    if rng.random() < 0.25:
        lines = [f"{step}. {what}" for step, what in enumerate(("Look.", "Wait.", "Write it down.", "Try again."), 1)]
        text = f"Notes on {thing}\n\n" + "\n".join(lines) + "\n"
        name = f"notes-on-{thing.replace(' ', '-').lower()}.txt"
        draft = replace(draft, attachments=(Attachment(name, text.encode()),))
    return draft


def _link(rng: random.Random, thing: str, taken: set[str]) -> Thread:
    title, host = LINKS[_new(rng, (title for title, _ in LINKS), thing, taken)]
    link = f"https://{host}/{thing.replace(' ', '-').lower()}"
    return replace(_draft(title.format(thing=thing), ""), kind="link", link=link)


def _video(rng: random.Random, thing: str, taken: set[str]) -> Thread:
    title, text = VIDEOS[_new(rng, (title for title, _ in VIDEOS), thing, taken)]
    channel = rng.choice(CHANNELS)
    video = Video(channel, rng.randint(95, 3_400), text)
    link = f"https://videos.example/{channel.replace(' ', '-').lower()}/{rng.randint(10_000, 99_999)}"
    return replace(_draft(title.format(thing=thing), ""), kind="link", link=link, video=video)


def _poll(rng: random.Random, thing: str, taken: set[str]) -> Thread:
    title, options = POLLS[_new(rng, (title for title, _ in POLLS), thing, taken)]
    votes = rng.sample(range(3, 900), len(options))
    return replace(
        _draft(title.format(thing=thing), "One vote for everybody. The result shows afterwards."),
        kind="poll",
        options=tuple(Option(text, count) for text, count in zip(options, votes, strict=True)),
    )


def _comments(rng: random.Random, thread: Thread, people: list[str], now: datetime) -> list[Comment]:
    """Up to 24 comments: no text and no author twice in a thread, no score twice."""
    count = rng.choice((0, 1, 2, 3, 5, 7, 9, 11, 14, 18, 24))
    texts = rng.sample(COMMENTS, count)
    authors = rng.sample([name for name in people if name != thread.author], count)
    scores = rng.sample(range(-6, 60 + thread.score // 3), count)
    dates = sorted(_after(rng, thread, now) for _ in range(count))
    made: list[Comment] = []
    for index, (text, author, score, when) in enumerate(zip(texts, authors, scores, dates, strict=True), 1):
        parent = rng.choice(made).id if made and rng.random() < 0.45 else None
        made.append(Comment(thread.id * 100 + index, parent, author, text, when, score))
    return made


def _commented(
    rng: random.Random, thread: Thread, comments: list[Comment], persona: str, now: datetime
) -> list[Comment]:
    """The comments with one of the persona's at the end, at the top level."""
    said = {comment.body for comment in comments}
    text = rng.choice([text for text in COMMENTS if text not in said])
    when = max([_after(rng, thread, now), *(comment.created for comment in comments)])
    return [*comments, Comment(thread.id * 100 + len(comments) + 1, None, persona, text, when, rng.randint(1, 9))]


def _after(rng: random.Random, thread: Thread, now: datetime) -> datetime:
    """A time after a thread was begun, sooner rather than later."""
    minutes = (now - thread.created).total_seconds() / 60 * rng.random() ** 2
    return thread.created + timedelta(minutes=round(minutes))
