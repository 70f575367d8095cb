"""The group of commands, and what becomes of errors."""

import os
import sys
import traceback
from typing import Any

import click

from plan_and_act.cli import exits, tools
from plan_and_act.cli.ablate import ablate, compare
from plan_and_act.cli.dataset import dataset
from plan_and_act.cli.eval import evaluate
from plan_and_act.cli.judge import judge
from plan_and_act.cli.run import fork, resume
from plan_and_act.cli.run import run as run_command
from plan_and_act.cli.runs import report, runs
from plan_and_act.cli.serve import serve, ui
from plan_and_act.cli.synthesize import synthesize
from plan_and_act.cli.train import serve_model, train
from plan_and_act.errors import PlanAndActError


@click.group(
    epilog=exits.HELP,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.version_option(package_name="plan-and-act", message="%(version)s")
@click.pass_context
def app(context: click.Context, debug: bool) -> None:
    """A web agent that plans, acts, observes and replans.

    Runs, reports and checkpoints are kept in PLAN_AND_ACT_HOME, or .plan-and-act in the working directory.
    """
    context.obj["debug"] = debug


for command in (
    run_command,
    resume,
    runs,
    fork,
    report,
    evaluate,
    ablate,
    compare,
    judge,
    synthesize,
    dataset,
    train,
    serve_model,
    serve,
    ui,
    tools.browser,
    tools.model,
    tools.graph,
    tools.site,
    tools.demo,
):
    app.add_command(command)


def run(arguments: list[str]) -> int:
    """Run a command line; every error becomes one sentence and an exit code.

    Args:
        arguments: The words after `plan-and-act`.

    Returns:
        The exit code; see `plan_and_act.cli.exits`.
    """
    settings: dict[str, Any] = {}
    try:
        code = app.main(arguments, prog_name="plan-and-act", standalone_mode=False, obj=settings)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        return exits.USAGE
    except (click.Abort, KeyboardInterrupt):
        click.echo("\nInterrupted.", err=True)
        return exits.INTERRUPTED
    except BrokenPipeError:
        # Whoever read standard output has gone; Python must not complain about it once more on its way out.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return exits.INTERRUPTED
    except Exception as error:
        return _told(error, debug=settings.get("debug", False))
    return code if isinstance(code, int) else 0


def _told(error: Exception, *, debug: bool) -> int:
    code = exits.of_error(error)
    if debug:
        traceback.print_exception(error)
    elif isinstance(error, PlanAndActError):
        click.echo(f"plan-and-act: {error}", err=True)
    else:
        kind = type(error).__name__
        click.echo(f"plan-and-act: an error that should not happen ({kind}: {error}); --debug shows where", err=True)
    return code
