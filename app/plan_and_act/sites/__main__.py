"""Start a practice site: `python -m plan_and_act.sites forge --port 0 --seed 7` prints its URL."""

import click

from plan_and_act.sites.registry import SITES
from plan_and_act.sites.serve import run


@click.command(help=__doc__)
@click.argument("name", type=click.Choice(sorted(SITES)))
@click.option("--seed", default=7, show_default=True, help="What the site's data is made from.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=0, show_default=True, help="The port to listen on; 0 takes a free one.")
@click.option("--control", is_flag=True, help="Serve /_control/SESSION/state and /_control/SESSION/reset.")
def main(name: str, seed: int, host: str, port: int, control: bool) -> None:
    """Start a practice site."""
    run(name, seed=seed, host=host, port=port, control=control, announce=click.echo)


if __name__ == "__main__":
    main()
