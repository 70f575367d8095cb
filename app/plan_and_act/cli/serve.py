"""`serve` and `ui`: the graph API and the operator's page."""

import asyncio
import os
import signal
import threading
import webbrowser
from datetime import timedelta
from typing import Any

import click

from plan_and_act.cli.exits import SUCCEEDED
from plan_and_act.errors import ConfigError, MissingExtraError

_LOOPBACK = "127.0.0.1"


@click.command()
@click.option("--host", default=_LOOPBACK, show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65_535), default=2024, show_default=True, help="Port to listen on.")
@click.option(
    "--database",
    metavar="URL",
    envvar="PLAN_AND_ACT_DATABASE",
    help="A postgres:// URL, which several servers may share. [default: SQLite files in PLAN_AND_ACT_HOME]",
)
@click.option("--at-once", type=click.IntRange(1), help="Runs side by side. [default: as many as browser sessions]")
@click.option("--most-queued", type=click.IntRange(1), default=1_000, show_default=True, help="Runs that may wait.")
@click.option(
    "--most-each", type=click.IntRange(1), default=100, show_default=True, help="Unfinished runs an owner may have."
)
@click.option("--keep-days", type=click.FloatRange(0, min_open=True), help="Delete threads unused for so many days.")
@click.option("--without-keys", is_flag=True, help="Listen on any address and name though callers have no keys.")
@click.option("--json-logs", is_flag=True, help="Write logs as lines of JSON.")
def serve(host: str, port: int, json_logs: bool, **options: Any) -> int:
    """Serve the graph API and the operator's page (/ui), on the library alone.

    LangGraph's SDK, RemoteGraph and the page work with it. Started several times on one Postgres, the servers share the
    work: when one dies, another goes on with its runs, and nothing is done twice. SIGTERM and Ctrl-C stop it cleanly.

    Callers show a key of PLAN_AND_ACT_API_KEYS or a token that PLAN_AND_ACT_JWT_KEY signs; with neither the server
    listens on this machine only.
    """
    return _serve(host, port, json_logs=json_logs, **options)


@click.command()
@click.option("--port", type=click.IntRange(0, 65_535), default=2025, show_default=True, help="Port to listen on.")
@click.option("--no-browser", is_flag=True, help="Do not open the page in the browser.")
def ui(port: int, no_browser: bool) -> int:
    """Watch and steer runs in the browser: the operator's page, on this machine."""
    if not no_browser:
        threading.Timer(1.5, webbrowser.open, [f"http://{_LOOPBACK}:{port}/ui"]).start()
    return _serve(_LOOPBACK, port)


def _serve(
    host: str,
    port: int,
    *,
    database: str | None = None,
    at_once: int | None = None,
    most_queued: int = 1_000,
    most_each: int = 100,
    keep_days: float | None = None,
    without_keys: bool = False,
    json_logs: bool = False,
) -> int:
    try:
        import uvicorn

        from plan_and_act.server.access import KEYS_VARIABLE, Access, is_loopback
        from plan_and_act.server.metrics import log_json
        from plan_and_act.server.serve import create_app
    except ImportError as error:
        what = "Serving"
        raise MissingExtraError(what, "serve") from error
    access = Access.from_environment()
    if access.open and not without_keys and not is_loopback(host):
        msg = (
            f"{host} can be reached from other machines, and callers have nothing to show. Name a file of keys in "
            f"{KEYS_VARIABLE}, or pass --without-keys where something in front of the server asks for them."
        )
        raise ConfigError(msg)
    level = os.environ.get("LOG_LEVEL", "info").lower()
    if level not in uvicorn.config.LOG_LEVELS:
        msg = f"LOG_LEVEL is {level!r}; it must be one of {', '.join(uvicorn.config.LOG_LEVELS)}."
        raise ConfigError(msg)
    if json_logs:
        log_json()
    app = create_app(
        database=database,
        at_once=at_once,
        most_queued=most_queued,
        most_each=most_each,
        keep=timedelta(days=keep_days) if keep_days else None,
        access=access,
        any_name=without_keys,
    )
    # No time limit of its own: an open stream must not keep a server that stops from leaving its runs in order.
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        lifespan="off",
        log_config=None if json_logs else uvicorn.config.LOGGING_CONFIG,
        log_level=level,
        timeout_graceful_shutdown=2,
    )

    async def work() -> None:
        # Not by uvicorn, which would make a traceback of a database that does not answer, and a code of its own.
        async with app.router.lifespan_context(app):
            # uvicorn raises the signal again once it has stopped; the end was clean all the same.
            for ends in (signal.SIGTERM, signal.SIGINT):
                signal.signal(ends, lambda *_: None)
            await uvicorn.Server(config).serve()

    try:
        asyncio.run(work())
    except SystemExit as error:
        msg = f"The server could not listen on {host}:{port}; uvicorn says above why."
        raise ConfigError(msg) from error
    return SUCCEEDED
