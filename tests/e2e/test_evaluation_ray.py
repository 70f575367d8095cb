"""The same episodes on a Ray cluster of this machine; needs the extra `ray`."""

import pickle
import sys
from pathlib import Path

import pytest

from fakesuite import Told
from plan_and_act.errors import ConfigError, MissingExtraError
from plan_and_act.evaluation import EvalTask, Selection
from plan_and_act.evaluation.config import Evaluation
from plan_and_act.evaluation.folder import Folder
from plan_and_act.evaluation.remote import _Worker, on_ray
from plan_and_act.evaluation.runner import evaluate


@pytest.fixture
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cluster takes its time to come up on a busy machine."""
    monkeypatch.setenv("RAY_raylet_start_wait_time_s", "180")


def test_without_ray_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtraError, match=r"plan-and-act\[ray\]"):
        on_ray("auto")


@pytest.mark.usefixtures("_patient")
async def test_workers_do_the_episodes_and_this_process_keeps_them(tmp_path: Path) -> None:
    pytest.importorskip("ray")
    selection = Selection(tasks=("forge/follow-top-contributor",), episodes=4)
    evaluation = Evaluation(suite="practice", settings={"split": "train"}, selection=selection, agent="solver")
    told = Told()
    results = await evaluate(evaluation, tmp_path, parallel=4, watcher=told, workers=on_ray("local"))
    assert (results.all.successes, results.complete, len(told.rows)) == (4, True, 4)
    runs = Folder(tmp_path).finished().values()
    assert len({run.thread for run in runs}) == 4
    names = {str(step.observation) for run in runs for step in run.rounds}
    assert all((tmp_path / "artefacts" / name[:2] / name).exists() for name in names)


async def test_what_a_worker_cannot_use_travels_as_a_sentence() -> None:
    worker = _Worker(Evaluation(suite="fake").model_dump_json())
    with pytest.raises(ConfigError, match="there is no suite 'fake'") as caught:
        await worker.perform(EvalTask(id="t1", site="s").model_dump_json(), 1)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)
    await worker.close()
