"""`run`, `resume` and `fork`: what makes a run go on.

The graph is imported last: what is wrong with a command line is said at once, without waiting for it.
"""

from pathlib import Path
from typing import Any

import click

from plan_and_act.cli import exits, options, person, record


@click.command(epilog=exits.HELP)
@click.argument("task")
@click.option("--url", required=True, help="The page to start on.")
@click.option("--thread", help="A name for the run.  [default: one made of the time]")
@options.model_options
@options.setting_options
@options.machine_options
@options.show_options
def run(
    task: str,
    url: str,
    thread: str | None,
    secrets: Path | None,
    uploads: Path | None,
    headed: bool | None,
    as_json: bool,
    no_report: bool,
    checkpoints: str | None,
    **given: Any,
) -> int:
    """Do TASK on the web, starting on the page --url.

    The plan, the actions and their outcomes are shown while it goes on, on standard error; the answer comes on standard
    output. Ctrl-C stops a run, `plan-and-act resume` goes on with it. An HTML report is left in the run's folder.

    Private addresses (localhost, a company's network) are reached only where --url or --allow names them.
    """
    if not task.strip():
        msg = "it is empty; say what is to be done"
        raise click.BadParameter(msg, param_hint="TASK")
    start = options.web_url(url)
    name = thread or record.new_thread()
    if (record.folder_of(name) / "run.json").exists():
        msg = f"there is a run {name!r} already; `plan-and-act resume {name}` goes on with it"
        raise click.BadParameter(msg, param_hint="--thread")
    made = record.RunRecord(
        thread=name,
        task=task,
        url=start,
        context=options.checked(options.settings(url=start, **given)),
        private_origins=[*dict.fromkeys([options.origin(start), *given["allow"]])],
        secrets=_absolute(secrets),
        uploads=_absolute(uploads),
        headed=bool(headed),
        report=not no_report,
        created=record.now(),
    )
    from plan_and_act.cli.drive import Show, drive

    return drive(made, Show(as_json, checkpoints))


@click.command(epilog=exits.HELP)
@click.argument("thread")
@click.option("--approve", is_flag=True, help="Approve the action or the plan that waits.")
@click.option("--reject", metavar="REASON", help="Reject the action or the plan that waits; the agent is told why.")
@click.option(
    "--edit",
    metavar="JSON",
    help='Do this action instead, e.g. \'{"action": "click", "element": "#3"}\', or these steps: \'["Open...", ...]\'.',
)
@click.option("--answer", metavar="TEXT", help="Answer the question that waits.")
@options.model_options
@options.machine_options
@options.show_options
def resume(
    thread: str,
    approve: bool,
    reject: str | None,
    edit: str | None,
    answer: str | None,
    secrets: Path | None,
    uploads: Path | None,
    headed: bool | None,
    as_json: bool,
    no_report: bool,
    checkpoints: str | None,
    **given: Any,
) -> int:
    """Go on with the run THREAD: after Ctrl-C, a crash or a kill, or when it waits for a person.

    Nothing that was done is done again. Models, secrets and uploads may be other ones than before.
    """
    found = record.load(thread)
    found.context = options.amended(found.context, url=found.url, **given)
    _amend(found, secrets, uploads, headed, no_report)

    def answered(question: person.Question | None) -> Any:
        return person.answer_from(question, approve=approve, reject=reject, edit=edit, answer=answer)

    from plan_and_act.cli.drive import Show, drive

    return drive(found, Show(as_json, checkpoints), answer=answered)


@click.command(epilog=exits.HELP)
@click.argument("thread")
@click.option("--round", "round_", type=click.IntRange(1), required=True, metavar="N", help="The round to do anew.")
@click.option("--as", "name", metavar="THREAD", help="A name for the new run.  [default: one made of the time]")
@options.model_options
@options.setting_options
@options.machine_options
@options.show_options
def fork(
    thread: str,
    round_: int,
    name: str | None,
    secrets: Path | None,
    uploads: Path | None,
    headed: bool | None,
    as_json: bool,
    no_report: bool,
    checkpoints: str | None,
    **given: Any,
) -> int:
    """Go on from before round N of the run THREAD, as a new run.

    The old run stays as it is. Settings that are given here replace those of the old run. The browser gets the login
    state and the page of that moment; what the rounds from N on have changed on the web site is not undone.
    """
    old = record.load(thread)
    new = name or record.new_thread()
    if (record.folder_of(new) / "run.json").exists():
        msg = f"there is a run {new!r} already"
        raise click.BadParameter(msg, param_hint="--as")
    made = record.RunRecord(
        thread=new,
        task=old.task,
        url=old.url,
        context=options.amended(old.context, url=old.url, **given),
        private_origins=[*dict.fromkeys([*old.private_origins, *given["allow"]])],
        secrets=old.secrets,
        uploads=old.uploads,
        headed=old.headed,
        report=old.report,
        forked=f"{thread}@{round_}",
        created=record.now(),
    )
    _amend(made, secrets, uploads, headed, no_report)
    from plan_and_act.cli.drive import Show, drive

    return drive(made, Show(as_json, checkpoints), forked=(thread, round_))


def _amend(
    found: record.RunRecord, secrets: Path | None, uploads: Path | None, headed: bool | None, no_report: bool
) -> None:
    found.secrets = _absolute(secrets) or found.secrets
    found.uploads = _absolute(uploads) or found.uploads
    found.headed = found.headed if headed is None else headed
    found.report = found.report and not no_report


def _absolute(path: Path | None) -> str | None:
    return str(path.resolve()) if path else None
