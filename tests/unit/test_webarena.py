"""WebArena's tasks, answers and original evaluators, without sites and browsers."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

import webarena_standin
from plan_and_act.errors import ConfigError, SuiteNotReadyError
from plan_and_act.evaluation import Selection, Suite, make_suite
from plan_and_act.evaluation.suites._webarena_original import not_supported
from plan_and_act.evaluation.suites._webarena_sites import Sites
from plan_and_act.evaluation.suites._webarena_verified import VerifiedTool, response_of, text_of
from plan_and_act.trajectory import Ending, Task, Trajectory
from webarena_standin import fake_tool

SITES = {"gitlab": "http://localhost:8023", "shopping_admin": "http://localhost:7780/admin"}


def suite(folder: Path, name: str = "webarena-lite", **settings: Any) -> Suite:
    return make_suite(name, {"sites": SITES, "evaluator": fake_tool(folder), **settings})


def test_lite_has_the_old_ids_and_changes_come_last(tmp_path: Path) -> None:
    tasks = suite(tmp_path).tasks(Selection())
    assert [task.id for task in tasks] == ["97", "44", "392"]
    assert [task.site for task in tasks] == ["multiple", "gitlab", "gitlab"]
    assert [task.group for task in tasks] == [None, None, "changes gitlab"]
    assert tasks[0].urls == ("__MAP__", "__WIKIPEDIA__")

    every = suite(tmp_path, "webarena").tasks(Selection())
    assert [task.id for task in every] == ["0", "97", "44", "392", "900"]
    twice = suite(tmp_path, "webarena").tasks(Selection(tasks=("44",), seeds=(1, 2)))
    assert [(task.id, task.seed) for task in twice] == [("44@1", 1), ("44@2", 2)]


def test_tasks_that_change_a_site_share_a_group_with_all_that_are_on_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes = [
        ["gitlab"],
        ["reddit"],
        ["shopping_admin"],
        ["reddit", "gitlab"],
        ["shopping"],
        ["shopping", "wikipedia"],
    ]
    rows = [(number, sites, ["__X__"], "Do it", "mutate", number) for number, sites in enumerate(changes)]
    monkeypatch.setattr(webarena_standin, "TASKS", [*rows, (9, ["gitlab"], ["__X__"], "Look", "retrieve", 9)])
    tasks = suite(tmp_path, "webarena").tasks(Selection())
    assert {task.id: task.group for task in tasks} == {
        "9": None, "2": "changes shopping_admin", "4": "changes shopping+wikipedia", "5": "changes shopping+wikipedia",
        **dict.fromkeys(("0", "1", "3"), "changes gitlab+reddit"),
    }  # fmt: skip


def test_the_shipped_list_is_that_of_webarena_lite() -> None:
    path = files("plan_and_act.evaluation.suites") / "data" / "webarena_lite.json"
    ids = json.loads(path.read_text())
    assert len(ids) == len(set(ids)) == 165
    assert (ids[0], ids[-1], sum(ids)) == (4, 811, 59_770)


def test_a_site_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no address"):
        suite(tmp_path, sites={"gitlab": "localhost:8023"})
    with pytest.raises(ConfigError, match="sites"):
        suite(tmp_path, sites={"myspace": "http://localhost"})
    with pytest.raises(ConfigError, match="needs `original`"):
        suite(tmp_path, protocol="original")


async def test_all_that_is_missing_is_listed() -> None:
    sites = Sites("webarena", {"gitlab": "http://127.0.0.1:9"}, accounts={}, resets={})
    with pytest.raises(SuiteNotReadyError) as caught:
        await sites.check(["gitlab", "reddit", "map"])
    assert [each.partition(":")[0] for each in caught.value.missing] == ["map", "reddit", "gitlab"]
    assert "its address is not among the setting `sites`" in caught.value.missing[0]
    assert "http://127.0.0.1:9 does not answer" in caught.value.missing[2]


def test_names_are_filled_with_addresses() -> None:
    urls = {"shopping": "http://shop/", "shopping_admin": "http://shop/admin"}
    sites = Sites("webarena", urls, accounts={}, resets={}, private=["http://tiles:8080"])  # type: ignore[arg-type]
    assert sites.filled("__SHOPPING_ADMIN__/x __SHOPPING__/y") == "http://shop/admin/x http://shop/y"
    assert sites.origins == ("http://shop", "http://tiles:8080")


def test_without_the_tool_the_command_is_told(tmp_path: Path) -> None:
    with pytest.raises(SuiteNotReadyError, match=r"nowhere/webarena-verified`: it is not installed; install uv"):
        suite(tmp_path, evaluator="nowhere/webarena-verified").tasks(Selection())
    broken = tmp_path / "broken.sh"
    broken.write_text("#!/bin/sh\necho 'no such command' >&2\nexit 2\n")
    broken.chmod(0o755)
    with pytest.raises(SuiteNotReadyError, match="it ended with 2: no such command"):
        VerifiedTool("webarena", [str(broken)]).tasks()
    broken.write_text("#!/bin/sh\necho '[{}]' > $3\n")
    with pytest.raises(SuiteNotReadyError, match="its tasks are not as expected"):
        VerifiedTool("webarena", [str(broken)]).tasks()


def run(answer: str | None, ending: Ending | None = None) -> Trajectory:
    task = Task(intent="x", url="http://localhost")
    return Trajectory(thread="t", task=task, started="2026-01-01", answer=answer, ending=ending)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (
            '{"task_type": "retrieve", "status": "success", "retrieved_data": [1.5]}',
            ("RETRIEVE", "SUCCESS", [1.5], "1.5"),
        ),
        (
            '{"task_type": "RETRIEVE", "status": "SUCCESS", "retrieved_data": "Blue", "error_details": null}',
            ("RETRIEVE", "SUCCESS", ["Blue"], "Blue"),
        ),
        ('{"task_type": "MUTATE", "status": "SUCCESS", "retrieved_data": null}', ("MUTATE", "SUCCESS", None, "")),
        (
            '{"task_type": "NAVIGATE", "status": "NOT_FOUND_ERROR", "retrieved_data": null}',
            ("NAVIGATE", "NOT_FOUND_ERROR", None, "N/A"),
        ),
        ("It costs 12.", ("RETRIEVE", "SUCCESS", ["It costs 12."], "It costs 12.")),
        ('["a", "b"]', ("RETRIEVE", "SUCCESS", ['["a", "b"]'], '["a", "b"]')),
    ],
)
def test_answers_become_responses_and_text(answer: str, expected: tuple[str, str, Any, str]) -> None:
    response = response_of(run(answer))
    assert (response["task_type"], response["status"], response["retrieved_data"], text_of(response)) == expected
    assert set(response) == {"task_type", "status", "retrieved_data", "error_details"}


def test_no_answer_is_an_error_with_its_reason() -> None:
    response = response_of(run(None, Ending(status="failed", reason="gave_up", message="There is no such product.")))
    assert response["status"] == "UNKNOWN_ERROR"
    assert text_of(response) == "There is no such product."


@pytest.mark.parametrize(
    ("url", "locator", "missing"),
    [
        ("last", "document.title", None),
        ("func:reddit_get_post_url('__last_url__')", "", None),
        ("http://x", "func:gitlab_get_project_memeber_role(__page__, 'vinta')", None),
        ("func:shopping_get_latest_order_url()", "", "shopping_get_latest_order_url"),
        ("last", "func:shopping_get_sku_latest_review_rating('B0')", "shopping_get_sku_latest_review_rating"),
    ],
)
def test_helpers_that_ask_rest_interfaces_are_not_supported(url: str, locator: str, missing: str | None) -> None:
    assert not_supported({"program_html": [{"url": url, "locator": locator}]}) == missing
    assert not_supported({"program_html": []}) is None


def test_the_original_protocol_has_its_own_texts_and_leaves_out_what_it_cannot_judge(tmp_path: Path) -> None:
    rest = {"eval_types": ["program_html"], "program_html": [{"url": "func:shopping_get_x()", "locator": ""}]}
    word = {"eval_types": ["string_match"], "reference_answers": {"exact_match": "x"}, "program_html": []}
    common = {"task_id": 0, "start_url": "__GITLAB__/a |AND| __GITLAB__/b", "geolocation": None}
    rows = [
        {**common, "old_task_id": 44, "intent": "The original words", "eval": word},
        {**common, "old_task_id": 392, "intent": "Post", "eval": rest},
    ]
    path = tmp_path / "test_webarena_lite.raw.json"
    path.write_text(json.dumps(rows))
    original = {"tasks": str(path), "judge": {"model": "openai:gpt-5-mini"}}

    (task,) = suite(tmp_path, protocol="original", original=original).tasks(Selection())
    assert (task.id, task.intent) == ("44", "The original words")
    assert task.urls == ("__GITLAB__/a", "__GITLAB__/b")

    both = suite(tmp_path, original=original)
    told = {task.id: task.extra.get("original") for task in both.tasks(Selection())}
    assert told == {"97": None, "44": None, "392": "not supported: shopping_get_x"}
    assert both.versions()["original evaluators"].endswith("1 tasks not supported")

    path.write_text("[{}]")
    with pytest.raises(ConfigError, match=r"test_webarena_lite\.raw\.json cannot be read"):
        suite(tmp_path, original=original).tasks(Selection())
