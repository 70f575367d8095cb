"""What stands around runs: the browser, the embedded model, the drawing of the graph, practice sites, the demo."""

import asyncio
from pathlib import Path
from typing import Any

import click

from plan_and_act.cli import exits, options, record
from plan_and_act.errors import BrowserNotFoundError, ConfigError, MissingExtraError


@click.group()
def browser() -> None:
    """The browser that runs use."""


@browser.command()
@click.option("--headed", is_flag=True, help="Try a browser with a window.")
def doctor(headed: bool) -> int:
    """Try whether a browser starts and opens a page, and say what is in the way if not."""
    from plan_and_act.browser import chromium

    facts = asyncio.run(chromium.doctor(headed=headed))
    if facts.problem:
        raise BrowserNotFoundError(facts.problem)
    click.echo(f"{facts.path or 'Chromium from Playwright'} ({facts.version}) starts in {facts.seconds:.1f} s.")
    return 0


@browser.command()
@click.option("--headed", is_flag=True, help="Install one that can show a window.")
def install(headed: bool) -> int:
    """Install Chromium, unless there is one already."""
    from plan_and_act.browser import chromium

    asyncio.run(chromium.install(click.echo, headed=headed))
    return 0


@click.group()
def model() -> None:
    """The embedded model, for runs without a key."""


@model.command()
def fetch() -> int:
    """Fetch the embedded model's weights, unless they are there already."""
    from plan_and_act.llm import weights

    weights.fetch(click.echo)
    return 0


@click.command()
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="A file: .mmd, .md, or .png.")
def graph(output: Path | None) -> int:
    """Draw the agent's graph from the code, as Mermaid."""
    from plan_and_act.agent.graph import create_agent

    drawing = create_agent().get_graph()
    text = drawing.draw_mermaid()
    if output is None:
        click.echo(text)
        return 0
    try:
        match output.suffix:
            case ".png":
                output.write_bytes(drawing.draw_mermaid_png())
            case ".md":
                output.write_text(f"```mermaid\n{text.rstrip()}\n```\n", encoding="utf-8")
            case _:
                output.write_text(text, encoding="utf-8")
    except ValueError as error:
        msg = f"The picture is drawn by the service mermaid.ink, which cannot be reached ({error}); write .mmd or .md"
        raise ConfigError(msg) from error
    except OSError as error:
        msg = f"{output} cannot be written: {error.strerror}"
        raise ConfigError(msg) from error
    return 0


@click.command()
@click.argument("name", default="forge")
@click.option(
    "--port", default=0, type=click.IntRange(0, 65_535), help="The port; 0 takes a free one.", show_default=True
)
@click.option("--seed", default=7, help="What the site's data is made from.", show_default=True)
def site(name: str, port: int, seed: int) -> int:
    """Start the practice site NAME (forge, flights, shop, board): prints its URL and serves until Ctrl-C."""
    try:
        from plan_and_act.sites.serve import run
    except ImportError as error:
        what = "A practice site"
        raise MissingExtraError(what, "sites") from error
    run(name, seed=seed, port=port, announce=click.echo)
    return 0


@click.command()
@click.option("--seed", default=7, help="What the site's data is made from.", show_default=True)
@click.option(
    "--max-rounds", default=12, type=click.IntRange(1, 500), help="Actions the run may take.", show_default=True
)
@options.model_options
@click.option("--headed", is_flag=True, help="Show the browser's window.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line; the result comes last.")
def demo(seed: int, max_rounds: int, headed: bool, as_json: bool, **models: Any) -> int:
    """Follow the top contributor of a project on a practice site, and leave a report.

    Without a model, a key or an endpoint the small embedded model does it, which was trained on tasks of this kind. The
    demo is good when the run ends by itself, whatever the ending; the site says whether the right person is followed.
    """
    try:
        from plan_and_act.sites import demo_task, forge_app
        from plan_and_act.sites.serve import serve_in_thread
    except ImportError as error:
        what = "The demo"
        raise MissingExtraError(what, "sites") from error
    from plan_and_act.cli.drive import Show, drive

    with serve_in_thread(forge_app(seed=seed, control=True)) as forge:
        task, check = demo_task(seed, forge.url)
        made = record.RunRecord(
            thread=f"demo-{record.new_thread()}",
            task=task.intent,
            url=task.url,
            context=options.checked(options.settings(url=task.url, max_rounds=max_rounds, **models)),
            private_origins=[options.origin(task.url)],
            headed=headed,
            created=record.now(),
        )
        code = drive(made, Show(as_json))
        verdict = check(asyncio.run(forge.state("demo")))
    said = "the goal is reached" if verdict.passed else f"the goal is not reached: {'; '.join(verdict.problems)}"
    click.echo(f"The site says: {said}", err=True)
    return exits.SUCCEEDED if code in {exits.FAILED, exits.LIMIT, exits.MODEL} else code
