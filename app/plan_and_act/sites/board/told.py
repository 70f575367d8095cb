"""What the control API tells of a session: every difference from the untouched board, in plain JSON."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from plan_and_act.sites.board.model import Comment, Target, Thread

if TYPE_CHECKING:
    from plan_and_act.sites.board.state import State

_FLAGS = {
    "member": ("joined", "left"),
    "saved": ("saved", "unsaved"),
    "hidden": ("hidden", "unhidden"),
    "follow": ("followed", "unfollowed"),
    "block": ("blocked", "unblocked"),
}


def told(state: "State") -> dict[str, Any]:
    """What is different from the untouched site; a change that was undone is none.

    `log` and `counts` tell every effect, undone or not: that is where "exactly once" shows. Reading a message is no
    change, and neither is what was done to a thread or a comment that its author has deleted since.
    """
    counts: dict[str, int] = {}
    for effect in state.log:
        counts[effect.kind] = counts.get(effect.kind, 0) + 1
    return {
        "site": "board",
        "seed": state.base.seed,
        "viewer": state.viewer,
        "changes": {**_flags(state), **_threads(state), **_comments(state), **_moderation(state), **_rest(state)},
        "log": [asdict(effect) for effect in state.log],
        "counts": counts,
    }


def _flags(state: "State") -> dict[str, list[str]]:
    base = state.base
    first = {"member": base.joined, "saved": base.saved, "hidden": (), "follow": base.follows, "block": base.blocks}
    found: dict[str, list[str]] = {word: [] for words in _FLAGS.values() for word in words}
    for (flag, name), on in sorted(state.flags.items()):
        if on != (name in first[flag]) and not (flag in ("saved", "hidden") and _deleted(state, name)):
            found[_FLAGS[flag][not on]].append(name)
    return found


def _deleted(state: "State", target: Target) -> bool:
    """Whether a thread or a comment was deleted by its author."""
    item = state.item(target)
    return item is None or item.gone == "deleted"


def _changed(state: "State") -> list[Thread]:
    """The threads that are new or not as they were, and still there."""
    return [thread for thread in state.changed.values() if thread.gone != "deleted"]


def _threads(state: "State") -> dict[str, Any]:
    base = state.base.threads
    new = [thread for thread in _changed(state) if thread.id not in base]
    old = [(base[thread.id], thread) for thread in _changed(state) if thread.id in base]
    pairs = [*old, *((thread, thread) for thread in new)]
    return {
        "threads_created": [_plain(thread) for thread in new],
        "threads_edited": [{"id": now.id, "body": now.body} for before, now in old if now.body != before.body],
        "threads_deleted": [number for number in state.changed if number in base and not state.thread(number)],
        "locked": [now.id for before, now in pairs if now.locked and (before is now or not before.locked)],
        "unlocked": [now.id for before, now in old if before.locked and not now.locked],
        "pinned": [now.id for before, now in pairs if now.pinned and (before is now or not before.pinned)],
        "unpinned": [now.id for before, now in old if before.pinned and not now.pinned],
    }


def _plain(thread: Thread) -> dict[str, Any]:
    return {
        "id": thread.id,
        "community": thread.community,
        "kind": thread.kind,
        "title": thread.title,
        "body": thread.body,
        "link": thread.link,
        "options": [option.text for option in thread.options],
        "flair": thread.flair,
        "attachments": [file.name for file in thread.attachments],
        "author": thread.author,
    }


def _comments(state: "State") -> dict[str, Any]:
    added, edited, deleted = [], [], []
    for thread, before, now in _pairs(state):
        if before is None and now.gone != "deleted":
            added.append({"thread": thread.id, "parent": now.parent, "author": now.author, "body": now.body})
        elif before and now.gone == "deleted":
            deleted.append(now.id)
        elif before and now.body != before.body:
            edited.append({"id": now.id, "body": now.body})
    return {"comments_added": added, "comments_edited": edited, "comments_deleted": deleted}


def _pairs(state: "State") -> Iterator[tuple[Thread, Comment | None, Comment]]:
    """The comments of all changed threads, as they were and as they are."""
    for thread in _changed(state):
        before = {comment.id: comment for comment in state.base.threads[thread.id].comments} if (
            thread.id in state.base.threads
        ) else {}  # fmt: skip
        for comment in thread.comments:
            yield thread, before.get(comment.id), comment


def _moderation(state: "State") -> dict[str, Any]:
    first = {slug: {ban.username: ban for ban in bans} for slug, bans in state.base.bans.items()}
    bans = [(slug, name, ban) for (slug, name), ban in state.bans.items() if ban != first.get(slug, {}).get(name)]
    return {
        "approved": [target for target, reason in state.judged.items() if not reason],
        "removed": [{"target": target, "reason": reason} for target, reason in state.judged.items() if reason],
        "banned": [{"community": slug, **asdict(ban)} for slug, _, ban in bans if ban],
        "bans_lifted": [f"{slug}/{name}" for slug, name, ban in bans if ban is None],
    }


def _rest(state: "State") -> dict[str, Any]:
    base = state.base
    votes = {
        target: value
        for target, value in state.votes.items()
        if value != base.votes.get(target, 0) and not _deleted(state, target)
    }
    fresh = type(state).fresh(base)
    return {
        "votes": [{"target": target, "vote": value} for target, value in votes.items()],
        "polls_answered": [
            {"thread": number, "option": thread.options[option].text}
            for number, option in state.polls.items()
            if (thread := state.thread(number))
        ],
        "reported": [{"target": target, "reason": reason} for target, reason in state.reported.items()],
        "messages_sent": [
            {"to": message.to, "subject": message.subject, "body": message.body} for message in state.sent
        ],
        "messages_deleted": sorted(state.deleted),
        "messages_unread": sorted(
            number for number, unread in state.read.items() if unread and number not in base.unread | state.deleted
        ),
        "notices_read": [base.persona] if state.notices_read else [],
        "settings": {name: value for name, value in state.settings.items() if value != fresh.setting(name)},
    }
