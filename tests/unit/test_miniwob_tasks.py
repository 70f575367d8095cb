"""MiniWoB++ as a suite: which tasks there are, and what their page tells. Its pages are tested in tests/e2e."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from plan_and_act.errors import ConfigError, SuiteNotReadyError
from plan_and_act.evaluation import Selection, make_suite
from plan_and_act.evaluation.suites import miniwob
from plan_and_act.evaluation.suites._miniwob_site import MiniWoBSite, Result
from plan_and_act.evaluation.suites._miniwob_solvers import SOLVERS
from plan_and_act.evaluation.suites._miniwob_tasks import NEEDS, PURE_DOM, SAME, TASKS, VARIES

PAGE = "<!DOCTYPE html><html><head><script>/* the page's own */</script></head><body>é</body></html>"


def test_the_85_for_text_are_the_default_and_the_others_say_what_they_need() -> None:
    suite = make_suite("miniwob", {})
    tasks = suite.tasks(Selection())
    assert len(tasks) == 85
    assert not any("needs" in task.extra for task in tasks)
    assert {task.site for task in tasks} == set(PURE_DOM)

    everything = make_suite("miniwob", {"types": list(NEEDS)}).tasks(Selection())
    assert len(everything) == 130
    assert all(task.extra.get("needs") for task in everything if task.site not in PURE_DOM)
    assert {task.template for task in everything if "varies" in task.extra} == VARIES
    assert VARIES | SAME | set(SOLVERS) <= set(TASKS)


def test_each_seed_gets_its_episodes() -> None:
    suite = make_suite("miniwob", {})
    tasks = suite.tasks(Selection(seeds=(1, 5), episodes=3, sites=("dom-form",)))
    assert [task.seed for task in tasks] == [1, 1, 1, 5, 5, 5]
    assert [task.template for task in tasks[:3]] == [task.template for task in tasks[3:]]
    assert [task.id for task in suite.tasks(Selection(seeds=(1, 5), tasks=("click-test/5",)))] == ["click-test/5"]
    with pytest.raises(ConfigError, match="no task drag-box"):
        suite.tasks(Selection(tasks=("drag-box",)))
    with pytest.raises(ConfigError, match="types"):
        make_suite("miniwob", {"types": ["telepathy"]})


async def test_missing_pages_are_told_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(miniwob, "pages", lambda: None)
    with pytest.raises(SuiteNotReadyError, match="pip install --no-deps miniwob"):
        async with make_suite("miniwob", {}).open():
            pass


@pytest.fixture
def site(tmp_path: Path) -> MiniWoBSite:
    (tmp_path / "miniwob").mkdir()
    (tmp_path / "miniwob" / "click-test.html").write_text(PAGE, encoding="utf-8")
    return MiniWoBSite(tmp_path, seconds=60)


def test_a_page_begins_with_its_seed_and_limit(site: MiniWoBSite) -> None:
    client = TestClient(site.app())
    page = client.get("/miniwob/click-test.html?seed=7&episode=a")
    assert 'Math.seedrandom("7")' in page.text
    assert "EPISODE_MAX_TIME = 60000" in page.text
    assert page.text.index("the page's own") < page.text.index("seedrandom")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert client.get("/miniwob/nothing.html").status_code == 404


def test_the_first_result_counts(site: MiniWoBSite) -> None:
    client = TestClient(site.app())
    client.get("/miniwob/click-test.html?episode=a")
    client.post("/result?episode=a", json={"raw": -1, "reason": "wrong"})
    client.post("/result?episode=a", json={"raw": 1, "reason": ""})
    assert site.results == {"a": Result(-1.0, "wrong")}


def test_an_episode_that_is_opened_again_is_over(site: MiniWoBSite) -> None:
    client = TestClient(site.app())
    first = client.get("/miniwob/click-test.html?episode=a")
    again = client.get("/miniwob/click-test.html?episode=a")
    assert "seedrandom" in first.text
    assert "seedrandom" not in again.text
    assert site.results["a"].raw == 0
    # Without an episode (the goal is being read) nothing is kept.
    client.get("/miniwob/click-test.html")
    client.post("/result", json={"raw": 1, "reason": ""})
    assert set(site.results) == {"a"}
