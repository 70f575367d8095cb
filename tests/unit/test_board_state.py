"""The seeded data of the board, and what a session keeps of its own."""

import os
import statistics
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest

from plan_and_act.sites import Disturbances
from plan_and_act.sites.board.data import build, closed_communities
from plan_and_act.sites.board.model import Ban, Base, Thread
from plan_and_act.sites.board.ranking import ranked, rows, tree
from plan_and_act.sites.board.state import State
from plan_and_act.sites.sessions import Sessions, Visit

APP = Path(__file__).parents[2] / "app"


@pytest.fixture
def base() -> Base:
    return build(7)


@pytest.fixture
def state(base: Base) -> State:
    return State.fresh(base)


def talked_about(state: State) -> Thread:
    return max((thread for thread in state.threads() if not thread.locked), key=lambda thread: len(thread.comments))


def test_the_same_seed_gives_the_same_board_in_every_process() -> None:
    script = (
        "import hashlib; from plan_and_act.sites.board.data import build, closed_communities as closed;"
        "from plan_and_act.sites.disturbances import Disturbances; b = build(7);"
        "parts = (b.people, b.communities, b.threads, b.reports, b.bans, b.messages, b.notices, sorted(b.joined),"
        " b.votes, sorted(b.saved), sorted(b.follows), sorted(closed(7, Disturbances.all_on())));"
        "print(hashlib.sha256(repr(parts).encode()).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(APP)},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1


@pytest.mark.parametrize("seed", range(12))
def test_the_data_hangs_together(seed: int) -> None:
    base = build.__wrapped__(seed)
    assert (len(base.communities), len(base.people)) == (28, 70)
    threads = list(base.threads.values())
    assert len({thread.title for thread in threads}) == len(threads) > 300
    for slug, community in base.communities.items():
        mine = [thread for thread in threads if thread.community == slug]
        assert len({thread.score for thread in mine}) == len(mine), "one thread has the most votes"
        assert sum(base.now - thread.created < timedelta(days=7) for thread in mine) >= 3
        assert {thread.flair for thread in mine} <= {*community.flairs, ""}
        assert not community.flair_needed or all(thread.flair for thread in mine)
        assert not (community.invite_only and slug in base.joined)
    for topic in {entry.topic for entry in base.communities.values()}:
        sizes = [entry.members for entry in base.communities.values() if entry.topic == topic]
        assert len(set(sizes)) == len(sizes) == 4
    for thread in threads:
        assert thread.created <= base.now
        assert thread.author in base.people
        known = {None}
        for comment in thread.comments:
            assert comment.parent in known
            assert thread.created <= comment.created <= base.now
            known.add(comment.id)
        authors = [comment.author for comment in thread.comments]
        assert len(set(authors)) == len(authors), "whose comment is meant is clear"
    assert len(base.moderated) == 2
    assert set(base.moderated) <= base.joined
    assert sum(thread.author == base.persona for thread in threads) == 6
    untouched = State.fresh(base)
    for slug, reports in base.reports.items():
        assert len(reports) == 5
        for report in reports:
            thread = untouched.thread_of(report.target)
            assert thread is not None
            assert thread.community == slug
            assert not thread.pinned


def test_another_seed_gives_another_board(base: Base) -> None:
    assert list(build(8).people) != list(base.people)
    assert [t.title for t in build(8).threads.values()] != [t.title for t in base.threads.values()]


@pytest.mark.alone  # it measures time
def test_the_base_is_made_in_less_than_a_second() -> None:
    start = time.process_time()
    build.__wrapped__(99)
    assert time.process_time() - start < 1


def test_a_reset_takes_less_than_five_milliseconds(base: Base) -> None:
    sessions = Sessions(lambda _: State.fresh(base), seed=7)
    times = []
    for number in range(300):
        start = time.perf_counter()
        sessions.reset(f"s{number}")
        times.append(time.perf_counter() - start)
    assert statistics.median(times) < 0.005


def test_what_has_an_effect_is_logged_once_and_told(state: State) -> None:
    open_ones = [slug for slug, entry in state.base.communities.items() if not entry.invite_only]
    slug = next(slug for slug in open_ones if slug not in state.base.joined)
    count = state.members(slug)
    assert state.mark("member", slug, True)
    assert not state.mark("member", slug, True)
    assert state.members(slug) == count + 1
    told = state.changes()
    assert told["changes"]["joined"] == [slug]
    assert told["counts"] == {"join": 1}
    assert told["log"] == [{"kind": "join", "by": state.base.persona, "target": slug}]


def test_a_change_that_was_undone_is_none_but_stays_in_the_log(state: State) -> None:
    untouched = State.fresh(state.base).changes()
    thread, other = talked_about(state), next(name for name in state.base.people if name not in state.base.follows)
    slug = sorted(state.base.joined)[0]
    for on in (False, True):
        state.mark("member", slug, on)
    for on in (True, False):
        state.mark("follow", other, on)
        state.mark("block", other, on)
        state.mark("hidden", thread.target, on)
        state.lock(state.thread(thread.id) or thread, on)
    first = state.vote(thread.target)
    state.cast(thread.target, 1 if first != 1 else 0)
    state.cast(thread.target, first)
    state.set(replies=False)
    state.set(replies=True)
    comment = state.comment(state.thread(thread.id) or thread, None, "Never mind.")
    state.delete_comment(state.thread(thread.id) or thread, comment)
    made = state.create_thread(slug, "text", "Only for a moment", body="Gone soon")
    state.delete_thread(made)
    mod = state.base.moderated[0]
    kept_out = {ban.username for ban in state.banned(mod)} | set(state.base.communities[mod].moderators)
    somebody = next(name for name in state.base.people if name not in kept_out)
    state.ban(mod, Ban(somebody, "Spam", 3))
    state.lift(mod, somebody)
    assert state.changes()["changes"] == untouched["changes"]
    assert state.changes()["counts"]["comment"] == 1


def test_what_was_done_to_something_that_was_deleted_since_is_not_told(state: State) -> None:
    base, mod = state.base, state.base.moderated[0]
    made = state.create_thread(mod, "poll", "Only for a moment", options=("Yes", "No"))
    state.comment(made, None, "First")
    state.lock(state.thread(made.id) or made, True)
    state.pin(state.thread(made.id) or made, True)
    state.answer(made, 0)
    mine = next(thread for thread in base.threads.values() if thread.author == base.persona)
    state.comment(mine, None, "Bump")
    state.edit_thread(state.thread(mine.id) or mine, "Other words")
    talk = next(thread for thread in state.threads() if thread.author != base.persona)
    comment = state.comment(talk, None, "Never mind.")
    for target in (made.target, comment.target, mine.target):
        state.mark("saved", target, not state.has("saved", target))
        state.cast(target, 1 - state.vote(target))
    state.delete_comment(state.thread(talk.id) or talk, comment)
    for thread in (made, mine):
        state.delete_thread(state.thread(thread.id) or thread)
    assert state.changes()["changes"] == State.fresh(base).changes()["changes"] | {"threads_deleted": [mine.id]}
    assert state.changes()["counts"]["comment"] == 3


def test_every_kind_of_change_is_told(state: State) -> None:
    base = state.base
    thread, mod = talked_about(state), base.moderated[0]
    comment = thread.comments[0]
    state.cast(comment.target, 1)
    state.report(thread.target, "Spam")
    state.comment(thread, comment.id, "Well said")
    poll = next(entry for entry in state.threads() if entry.kind == "poll")
    votes = state.answers(poll)[1].votes
    state.answer(poll, 1)
    assert not state.answer(poll, 0), "an answer stays"
    assert state.answers(poll)[1].votes == votes + 1
    report = base.reports[mod][0]
    state.remove(report.target, "Off topic")
    state.approve(base.reports[mod][1].target)
    assert len(state.queue(mod)) == 3
    state.send("somebody", "Hello", "You there")
    state.delete_message(state.received()[0])
    state.read_notices()
    state.set(digest="Never", town="Cork")
    mine = next(entry for entry in state.threads() if entry.author == base.persona)
    state.edit_thread(mine, "Better words")
    told = state.changes()["changes"]
    assert {"target": comment.target, "vote": 1} in told["votes"]
    assert told["reported"] == [{"target": thread.target, "reason": "Spam"}]
    assert told["comments_added"] == [
        {"thread": thread.id, "parent": comment.id, "author": base.persona, "body": "Well said"}
    ]
    assert told["polls_answered"] == [{"thread": poll.id, "option": poll.options[1].text}]
    assert told["removed"] == [{"target": report.target, "reason": "Off topic"}]
    assert told["approved"] == [base.reports[mod][1].target]
    assert told["messages_sent"] == [{"to": "somebody", "subject": "Hello", "body": "You there"}]
    assert told["messages_deleted"] == [base.messages[0].id]
    assert told["notices_read"] == [base.persona]
    assert told["settings"] == {"digest": "Never", "town": "Cork"}
    assert told["threads_edited"] == [{"id": mine.id, "body": "Better words"}]


def test_sessions_are_apart_and_share_the_base(base: Base) -> None:
    sessions = Sessions(lambda _: State.fresh(base), seed=7)
    one, two = sessions.open("one"), sessions.open("two")
    one.create_thread(sorted(base.joined)[0], "text", "Only here", body="And nowhere else")
    assert two.changes() == State.fresh(base).changes()
    assert len(one.threads()) == len(two.threads()) + 1
    assert one.base is two.base


@pytest.mark.parametrize("seed", range(6))
def test_sold_out_closes_large_communities_and_never_all_of_a_topic(seed: int) -> None:
    base, on = build(seed), Disturbances.all_on()
    private = {slug for slug, entry in base.communities.items() if entry.invite_only}
    assert closed_communities(seed, Disturbances()) == private
    closed = closed_communities(seed, on)
    assert closed == closed_communities(seed, Disturbances(sold_out=True)) > private
    for slug in closed - private:
        topic = base.communities[slug].topic
        assert base.communities[slug].members == max(e.members for e in base.communities.values() if e.topic == topic)
    state = State.fresh(base)
    state.visit = Visit(on)
    assert not state.mark("member", next(iter(closed)), True)


def test_stale_lists_show_an_older_state_until_they_are_fresh(state: State) -> None:
    slug = sorted(state.base.communities)[0]
    threads = [thread for thread in state.threads() if thread.community == slug]
    now = rows(state, threads, fresh=False)
    state.visit = Visit(Disturbances(stale=True))
    then = rows(state, threads, fresh=False)
    assert rows(state, threads, fresh=True) == now
    assert len(then) < len(now), "the newest are missing"
    assert sum(row.score for row in then) < sum(row.score for row in now)
    orders = [
        [[row.thread.id for row in ranked(state, rows(state, mine, fresh=fresh), "top", "week")][:1] for mine in (
            [thread for thread in state.threads() if thread.community == name] for name in state.base.communities)]
        for fresh in (True, False)
    ]  # fmt: skip
    assert orders[0] != orders[1], "who asks an old list for the best is misled"


def test_what_is_hidden_or_by_a_blocked_person_is_in_no_list(state: State) -> None:
    one, two = [thread for thread in state.threads() if thread.author != state.base.persona][:2]
    state.mark("hidden", one.target, True)
    state.mark("block", two.author, True)
    shown = {row.thread.id for row in rows(state, state.threads(), fresh=True)}
    assert not shown & {one.id, two.id}


def test_comments_stand_in_four_orders_and_deleted_ones_keep_their_answers(state: State) -> None:
    thread = talked_about(state)
    tops = [node.score for node in tree(state, thread, "top")]
    assert tops == sorted(tops, reverse=True)
    new, old = ([node.comment.id for node in tree(state, thread, sort)] for sort in ("new", "old"))
    assert new == old[::-1]
    parent = next(c for c in thread.comments if any(other.parent == c.id for other in thread.comments))
    leaf = next(c for c in thread.comments if not any(other.parent == c.id for other in thread.comments))
    state.delete_comment(thread, parent)
    state.delete_comment(state.thread(thread.id) or thread, leaf)
    left = state.thread(thread.id)
    assert left is not None

    def ids(nodes: object) -> set[int]:
        return {i for node in nodes for i in {node.comment.id} | ids(node.replies)}  # type: ignore[attr-defined]

    assert parent.id in ids(tree(state, left, "old"))
    assert leaf.id not in ids(tree(state, left, "old"))
    assert len(left.shown) == len(thread.shown) - 2
