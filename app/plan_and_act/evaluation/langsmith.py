"""Results as a LangSmith experiment on a data set, for those who compare them there. Nothing is sent unless asked for.

What is sent: tasks, answers, rewards with their reasons, and numbers. Pages and screenshots stay here.
"""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4, uuid5

from langsmith import Client
from langsmith.utils import LangSmithError

from plan_and_act.errors import ConfigError
from plan_and_act.evaluation.folder import Folder
from plan_and_act.evaluation.tables import summary

if TYPE_CHECKING:
    from langsmith.schemas import TracerSession

    from plan_and_act.evaluation.results import Results, Row
    from plan_and_act.trajectory import Trajectory


def push(results: "Results", dataset: str, *, client: Client | None = None) -> str:
    """Push results as an experiment; the data set gets the episodes it does not have yet as examples.

    Args:
        results: The results of a folder.
        dataset: Name of the data set; it is made if there is none.
        client: LangSmith's client; one that reads `LANGSMITH_API_KEY` and `LANGSMITH_ENDPOINT` when left out.

    Returns:
        The experiment's name.

    Raises:
        ConfigError: When LangSmith refuses, or cannot be reached.
    """
    client = client or Client()
    about = summary(results)
    experiment = f"{about['suite']}-{about['config'][:8]}-{uuid4().hex[:6]}"
    runs = Folder(results.path).finished()
    try:
        found = client.has_dataset(dataset_name=dataset)
        kept = client.read_dataset(dataset_name=dataset) if found else client.create_dataset(dataset)
        known = {example.id for example in client.list_examples(dataset_id=kept.id)} if found else set()
        new = [
            {
                "id": _example(kept.id, row),
                "inputs": _inputs(row, runs[row.task]),
                "metadata": {"template": row.template},
            }
            for row in results.rows
            if _example(kept.id, row) not in known
        ]
        if new:
            client.create_examples(dataset_id=kept.id, examples=new)
        project = client.create_project(experiment, reference_dataset_id=kept.id, metadata=about)
        for row in results.rows:
            _push_row(client, project, kept.id, row, runs[row.task])
        client.flush()
    except (LangSmithError, OSError) as error:
        reason = " ".join(str(error).split())[:500]
        msg = f"The results could not be pushed to LangSmith ({reason}); they are kept in {results.path}"
        raise ConfigError(msg) from error
    return experiment


def _push_row(client: Client, project: "TracerSession", dataset: UUID, row: "Row", run: "Trajectory") -> None:
    began = datetime.fromisoformat(run.started) if run.started else datetime.now(UTC)
    name = uuid4()
    client.create_run(
        row.task,
        _inputs(row, run),
        "chain",
        project_name=project.name,
        id=name,
        outputs={"answer": run.answer, "reason": row.reason, "message": row.message},
        start_time=began,
        end_time=began + timedelta(seconds=row.seconds),
        reference_example_id=_example(dataset, row),
        extra={
            "metadata": {
                "rounds": row.rounds,
                "replans": row.replans,
                "usage": {role: usage.model_dump() for role, usage in row.usage.items()},
            }
        },
    )
    where: dict[str, Any] = {"session_id": project.id, "start_time": began}
    client.create_feedback(name, "success", score=row.success, comment="; ".join(row.problems) or None, **where)
    client.create_feedback(name, "reward", score=row.reward, comment=f"judge: {row.judge}", **where)


def _example(dataset: UUID, row: "Row") -> UUID:
    """An episode's example: the same one in every experiment on the data set."""
    return uuid5(dataset, row.task)


def _inputs(row: "Row", run: "Trajectory") -> dict[str, str]:
    return {"task": row.task, "site": row.site, "intent": run.task.intent}
