"""`eval`: the agent on a suite of tasks, with a table of what came of it."""

import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import yaml

from plan_and_act.artefacts import home
from plan_and_act.cli import exits, options
from plan_and_act.errors import ConfigError, EvaluationStoppedError

if TYPE_CHECKING:
    from plan_and_act.evaluation.config import Evaluation
    from plan_and_act.evaluation.results import Results
    from plan_and_act.evaluation.runner import Watcher

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("eval", epilog=exits.HELP)
@click.argument("suite")
@click.option("--config", type=_FILE, help="A YAML file with the suite's settings, e.g. the addresses of its sites.")
@click.option("--set", "given", multiple=True, metavar="NAME=VALUE", help="A setting of the suite; repeat for more.")
@click.option("--episodes", type=click.IntRange(1), metavar="N", help="At most so many, spread over the suite.")
@click.option("--seeds", metavar="LIST", help="Seeds to draw or repeat tasks with, e.g. 1,2,5-8.")
@click.option("--site", "sites", multiple=True, metavar="NAME", help="Only tasks on this site; repeat for more.")
@click.option("--without-site", "without_sites", multiple=True, metavar="NAME", help="No tasks on this site.")
@click.option("--task", "tasks", multiple=True, metavar="NAME", help="Only this task or template; repeat for more.")
@click.option(
    "--agent",
    type=click.Choice(["agent", "solver"]),
    default="agent",
    show_default=True,
    help="The agent, or the suite's own solvers, which need no model.",
)
@options.model_options
@options.agent_options
@click.option("--parallel", type=click.IntRange(1, 500), default=4, show_default=True, help="Episodes at once.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder for the results; the same command goes on in it.  [default: one made of the settings]",
)
@click.option("--ray", metavar="ADDRESS", help="Let the workers of a Ray cluster do the episodes (auto, ray://...).")
@click.option("--langsmith", metavar="DATASET", help="Push the results to LangSmith, as an experiment on a data set.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object an episode; the summary comes last.")
def evaluate(
    suite: str,
    config: Path | None,
    given: tuple[str, ...],
    episodes: int | None,
    seeds: str | None,
    sites: tuple[str, ...],
    without_sites: tuple[str, ...],
    tasks: tuple[str, ...],
    agent: str,
    parallel: int,
    out: Path | None,
    ray: str | None,
    langsmith: str | None,
    as_json: bool,
    **settings: Any,
) -> int:
    """Evaluate the agent on SUITE: practice, miniwob, webarena-lite, webarena, webvoyager, or a YAML file of your own.

    Finished episodes are kept at once: after Ctrl-C, a crash or a kill the same command does those that are left. What
    goes wrong around an episode (browser, site, endpoint, judge) is tried again and counted apart. The table comes on
    standard output, and as results.md, results.csv and results.json into the folder.
    """
    from plan_and_act.evaluation.config import Evaluation
    from plan_and_act.evaluation.folder import hash_of
    from plan_and_act.evaluation.suite import Selection

    own = suite.endswith((".yaml", ".yml"))
    evaluation = Evaluation(
        suite="custom" if own else suite,
        settings={**({"file": suite} if own else {}), **_settings(config, given)},
        selection=Selection(
            episodes=episodes, seeds=_seeds(seeds), sites=sites, without_sites=without_sites, tasks=tasks
        ),
        agent=agent,
        context=options.checked(options.settings(**settings)),
    )
    named = hash_of(evaluation.model_dump(mode="json"))[:8]
    out = out or home() / "evaluations" / f"{evaluation.suite}-{named}"
    code, results = _carry(evaluation, out, parallel=parallel, ray=ray, as_json=as_json)
    if langsmith and code != exits.INTERRUPTED:
        from plan_and_act.evaluation.langsmith import push

        click.echo(f"Pushed to LangSmith as the experiment {push(results, langsmith)}.", err=True)
    return code


def _carry(
    evaluation: "Evaluation", out: Path, *, parallel: int, ray: str | None, as_json: bool
) -> "tuple[int, Results]":
    """Evaluate, and tell what came of it; the exit code and all results."""
    from plan_and_act.cli.drive import terminable
    from plan_and_act.cli.watchers import make_watcher
    from plan_and_act.evaluation.results import read_results

    make_room(parallel)
    watcher = make_watcher(as_json=as_json)
    stopped: BaseException | None = None
    with terminable(), asyncio.Runner() as runner:
        try:
            results = runner.run(_evaluate(evaluation, out, watcher, parallel, ray))
        except (KeyboardInterrupt, asyncio.CancelledError, EvaluationStoppedError) as error:
            stopped = error
        finally:
            watcher.close()
    if stopped and not (out / "config.json").exists():
        raise KeyboardInterrupt from stopped  # nothing was begun that could be told of
    if stopped:
        results = read_results(out)
    _tell(results, watcher.done > 0, as_json=as_json)
    if isinstance(stopped, EvaluationStoppedError):
        raise stopped
    if stopped:
        click.echo("Interrupted; the same command goes on.", err=True)
        return exits.INTERRUPTED, results
    return exits.SUCCEEDED if results.complete else exits.INCOMPLETE, results


def make_room(parallel: int) -> None:
    """Let so many episodes at once have their browser sessions; a suite may look at a page of its own beside each."""
    from plan_and_act.browser.pool import LIMIT, LIMIT_VARIABLE

    os.environ.setdefault(LIMIT_VARIABLE, str(max(LIMIT, 2 * parallel)))


async def _evaluate(
    evaluation: "Evaluation", out: Path, watcher: "Watcher", parallel: int, ray: str | None
) -> "Results":
    from plan_and_act.browser import pool
    from plan_and_act.evaluation.runner import evaluate

    workers = None
    if ray:
        from plan_and_act.evaluation.remote import on_ray

        workers = on_ray(ray)
    try:
        return await evaluate(evaluation, out, parallel=parallel, watcher=watcher, workers=workers)
    finally:
        await pool().close()


def _tell(results: "Results", new: bool, *, as_json: bool) -> None:
    from rich.console import Console

    from plan_and_act.cli.views import emit
    from plan_and_act.evaluation import tables

    if results.rows:
        tables.write_tables(results)
        if new:
            tables.journal(results)
    if as_json:
        emit({"event": "result", **tables.summary(results)})
        return
    # On a pipe the width of a terminal means nothing: let each row keep its line.
    console = Console(markup=False, highlight=False, emoji=False, width=None if sys.stdout.isatty() else 200)
    if results.rows:
        console.print(tables.rich_table(results))
    for remark in [*tables.remarks(results), f"Results: {results.path}"]:
        console.print(remark, soft_wrap=True)


def _settings(config: Path | None, given: tuple[str, ...]) -> dict[str, Any]:
    found: Any = {}
    try:
        if config:
            found = yaml.safe_load(config.read_text(encoding="utf-8")) or {}
    except (OSError, ValueError, yaml.YAMLError) as error:
        msg = f"{config} cannot be read as YAML: {' '.join(str(error).split())}"
        raise ConfigError(msg) from error
    if not isinstance(found, dict):
        msg = f"{config} must hold settings by name, e.g. `split: test`"
        raise ConfigError(msg)
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name:
            msg = f"--set {text}: write it like --set split=train"
            raise ConfigError(msg)
        try:
            found[name] = yaml.safe_load(value)
        except yaml.YAMLError as error:
            msg = f"--set {text}: {value!r} cannot be read as a value"
            raise ConfigError(msg) from error
    return found


def _seeds(text: str | None) -> tuple[int, ...]:
    found: list[int] = []
    for part in text.split(",") if text else ():
        low, _, high = part.strip().partition("-")
        if not low.isdecimal() or not (high or low).isdecimal() or int(high or low) - int(low) not in range(10_000):
            msg = f"--seeds {text}: write them like 1,2,5-8"
            raise ConfigError(msg)
        found += range(int(low), int(high or low) + 1)
    return tuple(dict.fromkeys(found))
