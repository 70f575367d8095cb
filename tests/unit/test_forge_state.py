"""The seeded data of the forge, what a session keeps of its own, and the demo task's checker."""

import os
import statistics
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from plan_and_act.errors import ConfigError
from plan_and_act.sites import demo_task
from plan_and_act.sites.forge.data import build
from plan_and_act.sites.forge.model import Base
from plan_and_act.sites.forge.state import State
from plan_and_act.sites.sessions import Sessions

SEED = 7
APP = Path(__file__).parents[2] / "app"


@pytest.fixture
def base() -> Base:
    return build(SEED)


@pytest.fixture
def state(base: Base) -> State:
    return State.fresh(base)


def test_the_same_seed_gives_the_same_site_in_every_process() -> None:
    script = (
        "import hashlib; from plan_and_act.sites.forge.data import build; b = build(7);"
        "parts = (b.people, b.owners, b.projects, b.issues, sorted(b.follows), sorted(b.starred));"
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


def test_another_seed_gives_another_site(base: Base) -> None:
    other = build(SEED + 1)
    assert list(other.people) != list(base.people)
    assert set(other.projects) != set(base.projects)


@pytest.mark.parametrize("seed", range(12))
def test_the_data_hangs_together(seed: int) -> None:
    base = build.__wrapped__(seed)
    assert (len(base.projects), len(base.people)) == (24, 60)
    assert sum(map(len, base.issues.values())) >= 200
    names = [person.name for person in base.people.values()]
    assert names == sorted(names)
    assert len(set(names)) == 60
    for project in base.projects.values():
        commits = sorted((entry.commits for entry in project.contributors), reverse=True)
        assert commits[0] > commits[1], "exactly one top contributor"
        listed = [base.people[entry.username].name for entry in project.contributors]
        assert listed == sorted(listed)
        rows = {entry.username: entry for entry in project.contributors}
        for event in project.activity:
            assert event.when <= base.now
            if event.kind == "commit":
                assert rows[event.author].last_active >= event.when
        shown = Counter(event.author for event in project.activity if event.kind == "commit")
        assert all(rows[name].commits >= count for name, count in shown.items())
        titles = [issue.title for issue in base.issues[project.path].values()]
        assert len(set(titles)) == len(titles)
    assert all(issue.timeline == tuple(sorted(issue.timeline, key=lambda entry: entry.when))
               for issues in base.issues.values() for issue in issues.values())  # fmt: skip


def test_what_has_an_effect_is_logged_once_and_what_has_none_is_not(state: State) -> None:
    stranger = next(
        name for name in state.base.people if not state.follows(state.viewer, name) and name != state.viewer
    )
    before = len(state.followers(stranger))
    assert state.follow(stranger, True)
    assert not state.follow(stranger, True)
    assert not state.follow(state.base.persona, True), "nobody follows themselves"
    assert len(state.followers(stranger)) == before + 1
    told = state.changes()
    assert told["changes"]["followed"] == [stranger]
    assert told["counts"] == {"follow": 1}
    assert told["log"] == [{"kind": "follow", "by": state.base.persona, "target": stranger}]


def test_a_change_that_was_undone_is_none_but_stays_in_the_log(state: State) -> None:
    untouched = State.fresh(state.base).changes()
    project = next(path for path in state.base.projects if not state.has_starred(state.viewer, path))
    stars = state.stars(project)
    assert state.star(project, True)
    assert not state.star(project, True)
    assert state.stars(project) == stars + 1
    state.star(project, False)
    state.watch(project, "all")
    state.watch(project, "participating")
    issue = next(issue for issue in state.issues(project) if issue.state == "open")
    state.comment(issue, "Never mind.")
    changed = state.issue(project, issue.number)
    assert changed is not None
    state.delete_comment(changed, changed.timeline[-1].id)
    told = state.changes()
    assert told["changes"] == untouched["changes"]
    assert told["counts"] == {"star": 1, "unstar": 1, "watch": 2, "comment": 1, "delete_comment": 1}


def test_an_issue_that_was_closed_and_reopened_has_not_changed(state: State) -> None:
    issue = next(issue for issue in state.issues() if issue.state == "open")
    state.set_issue_state(issue, "closed")
    closed = state.issue(issue.project, issue.number)
    assert closed is not None
    assert [change["state"] for change in state.changes()["changes"]["issues_changed"]] == [["open", "closed"]]
    state.set_issue_state(closed, "open")
    assert state.changes()["changes"]["issues_changed"] == []
    assert state.changes()["counts"] == {"close_issue": 1, "reopen_issue": 1}


def test_only_ones_own_comments_can_be_deleted(state: State) -> None:
    issue = next(issue for issue in state.issues() if any(entry.author != state.viewer for entry in issue.timeline))
    assert not state.delete_comment(issue, next(e.id for e in issue.timeline if e.author != state.viewer))
    assert state.log == []


def test_sessions_are_apart_and_share_the_base(base: Base) -> None:
    sessions = Sessions(lambda _: State.fresh(base), seed=7)
    one, two = sessions.open("one"), sessions.open("two")
    person = next(name for name in base.people if not one.follows(base.persona, name) and name != base.persona)
    project = next(iter(base.projects))
    one.follow(person, True)
    one.create_issue(project, title="Mine", body="Only here", labels=(), assignee=None)
    assert two.changes() == State.fresh(base).changes()
    assert len(two.issues(project)) == len(one.issues(project)) - 1
    assert one.base is two.base


def test_the_least_recently_used_session_makes_room(base: Base) -> None:
    sessions = Sessions(lambda _: State.fresh(base), seed=7, limit=2)
    first = sessions.open("first")
    sessions.open("second")
    assert sessions.open("first") is first
    sessions.open("third")
    assert len(sessions) == 2
    assert sessions.find("second") is None
    assert sessions.find("first") is first


def test_a_reset_takes_less_than_five_milliseconds(base: Base) -> None:
    sessions = Sessions(lambda _: State.fresh(base), seed=7)
    times = []
    for number in range(300):
        start = time.perf_counter()
        sessions.reset(f"s{number}")
        times.append(time.perf_counter() - start)
    assert statistics.median(times) < 0.005


@pytest.mark.parametrize("seed", range(12))
def test_the_demo_task_passes_for_the_right_end_state_only(seed: int) -> None:
    task, check = demo_task(seed, "http://127.0.0.1:1", session="try")
    base = build.__wrapped__(seed)
    project = next(project for path, project in base.projects.items() if f"/{path}?" in task.url)
    assert task.url == f"http://127.0.0.1:1/{project.path}?session=try"
    assert project.name in task.intent
    top = max(project.contributors, key=lambda entry: entry.commits).username
    assert project.contributors[0].username != top, "the first row is not the answer"

    state = State.fresh(base)
    assert not check(state.changes()).passed, "the untouched state"
    state.follow(top, True)
    assert check(state.changes()).passed
    state.star(project.path, not state.has_starred(state.viewer, project.path))
    assert not check(state.changes()).passed, "something else changed"

    wrong = State.fresh(base)
    second = sorted(project.contributors, key=lambda entry: -entry.commits)[1].username
    wrong.follow(second, not wrong.follows(wrong.viewer, second))
    assert not check(wrong.changes()).passed
    wrong.follow(top, True)
    assert len(check(wrong.changes()).problems) == 1, "the right one, and another one"


def test_the_demo_varies_with_the_seed() -> None:
    assert len({demo_task(seed, "http://h")[0].intent for seed in range(12)}) > 6


def test_the_checker_refuses_the_state_of_another_site() -> None:
    _, check = demo_task(3, "http://h")
    with pytest.raises(ConfigError, match="seed 7"):
        check(State.fresh(build(7)).changes())
