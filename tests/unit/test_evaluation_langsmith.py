"""What a LangSmith server is sent of an evaluation, and that nothing is sent unless asked for."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from langsmith import Client

from fakesuite import FakeAgent, evaluated
from langsmithstandin import DATASET, Server, serve
from plan_and_act.errors import ConfigError
from plan_and_act.evaluation.langsmith import push
from plan_and_act.evaluation.results import Results


@pytest.fixture
def langsmith() -> Iterator[tuple[Server, Client]]:
    with serve() as both:
        yield both


@pytest.fixture
def results(tmp_path: Path) -> Results:
    return asyncio.run(evaluated(tmp_path / "out", FakeAgent()))


def test_results_become_an_experiment_on_a_data_set(results: Results, langsmith: tuple[Server, Client]) -> None:
    server, client = langsmith
    experiment = push(results, "mine", client=client)
    assert experiment.startswith("fake-")
    (made,) = server.of("/sessions")
    assert made["name"] == experiment
    assert made["reference_dataset_id"] == DATASET["id"]
    assert made["extra"]["metadata"]["config"] == results.configuration["hash"]
    runs = server.of("/runs")
    assert {run["name"] for run in runs} == {f"t{number}" for number in range(12)}
    assert {run["reference_example_id"] for run in runs} == {example["id"] for example in server.examples}
    assert {run["session_name"] for run in runs} == {experiment}
    scores = {(row["run_id"], row["key"]): row["score"] for row in server.of("/feedback")}
    assert len(scores) == 24
    wrong = next(run for run in runs if run["name"] == "t1")
    assert (scores[wrong["id"], "success"], scores[wrong["id"], "reward"]) == (False, 0.0)

    # Another experiment is on the same examples.
    push(results, "mine", client=client)
    assert len(server.examples) == 12
    assert len(server.of("/sessions")) == 2


def test_what_langsmith_refuses_is_a_sentence(results: Results, langsmith: tuple[Server, Client]) -> None:
    server, client = langsmith
    server.refuses = True
    with pytest.raises(ConfigError, match=r"could not be pushed to LangSmith .*they are kept in"):
        push(results, "mine", client=client)
