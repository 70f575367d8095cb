"""`judge`: how far an outcome model agrees with the checkers of an evaluation."""

import asyncio
from pathlib import Path

import click

from plan_and_act.cli import exits


@click.command(epilog=exits.HELP)
@click.argument("results", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--model", required=True, metavar="PROVIDER:NAME", help="The model that judges.")
@click.option("--threshold", type=click.FloatRange(0, 1, min_open=True, max_open=True), default=0.5, show_default=True)
@click.option("--word-only", is_flag=True, help="Ask for YES or NO alone, as reward models are trained.")
@click.option(
    "--screenshots", type=click.IntRange(0, 15), default=0, help="Show it so many of the last, where they were taken."
)
@click.option("--parallel", type=click.IntRange(1, 100), default=4, show_default=True, help="Runs judged at once.")
@click.option("--json", "as_json", is_flag=True, help="Print the counts as one JSON object.")
def judge(
    results: Path, model: str, threshold: float, word_only: bool, screenshots: int, parallel: int, as_json: bool
) -> None:
    """Let a model judge the runs in RESULTS that a checker has scored, and print how far the two agree.

    RESULTS is the folder of an evaluation on the suite practice. Nothing in it is changed.
    """
    from plan_and_act.cli.views import emit
    from plan_and_act.evaluation.agreement import measure
    from plan_and_act.evaluation.judge import Judge, JudgeSettings

    settings = JudgeSettings(model=model, threshold=threshold, reasons=not word_only, screenshots=screenshots)
    asked = Judge.of(settings)
    found = asyncio.run(measure(asked, results, at_once=parallel))
    if as_json:
        emit({"judge": asked.name, **found.model_dump(), "accuracy": found.accuracy, "kappa": found.kappa})
        return
    click.echo(f"{asked.name}\n\n{found.text()}")
