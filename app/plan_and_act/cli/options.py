"""The options that `run`, `fork` and `eval` share, and the settings they make."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import click
from pydantic import ValidationError

from plan_and_act.errors import ConfigError

_Command = TypeVar("_Command", bound=Callable[..., Any])

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)

_MODELS = [
    click.option("--model", metavar="PROVIDER:NAME", help="The model of every role, e.g. openai:gpt-5-mini."),
    click.option("--planner", metavar="MODEL", help="The planner's model."),
    click.option("--executor", metavar="MODEL", help="The executor's model."),
    click.option("--replanner", metavar="MODEL", help="The replanner's model."),
    click.option("--verifier", metavar="MODEL", help="A model that checks a claim to be done."),
]

_DESIGN = [
    click.option(
        "--planning",
        type=click.Choice(["none", "static", "dynamic"]),
        help="No plan, one plan, or a plan that is made anew when it does not fit.  [default: dynamic]",
    ),
    click.option("--replan-every", type=click.IntRange(1), metavar="K", help="Replan after every K rounds."),
    click.option(
        "--format",
        "executor_format",
        type=click.Choice(["tools", "text", "json"]),
        help="How the executor speaks.  [default: json for the embedded model, else tools]",
    ),
    click.option(
        "--instructions",
        type=click.Choice(["full", "brief"]),
        help="How much the models are told; brief for those trained on it.  [default: brief for the embedded model]",
    ),
]

_TASK = [
    click.option("--output-schema", type=_FILE, help="A JSON Schema that the answer must fit."),
    click.option(
        "--allow",
        multiple=True,
        metavar="ORIGIN",
        help="An origin the browser may reach, besides that of --url; repeat for more. None: any public one.",
    ),
    click.option(
        "--approve",
        metavar="[never|risky|always|FILE]",
        help="Which actions wait for your approval; a YAML file has rules of its own.  [default: never]",
    ),
    click.option("--review-plan", is_flag=True, default=None, help="Let you see and change the plan first."),
    click.option("--ask", is_flag=True, default=None, help="Let the agent ask you questions."),
]

_LIMITS = [
    click.option("--max-rounds", type=click.IntRange(1, 500), help="Actions the run may take.  [default: 30]"),
    click.option("--max-replans", type=click.IntRange(0, 500), help="Replans the run may make.  [default: 10]"),
    click.option("--max-tokens", type=click.IntRange(1), help="Tokens the run may use."),
    click.option("--max-seconds", type=click.FloatRange(0, min_open=True), help="Seconds the run may work."),
    click.option(
        "--model-timeout",
        type=click.FloatRange(0, min_open=True),
        help="Seconds one call of a model may take.  [default: 120]",
    ),
    click.option(
        "--observation-tokens",
        type=click.IntRange(200, 50_000),
        metavar="N",
        help="Budget of one look at the page, in tokens.  [default: 2000]",
    ),
    click.option(
        "--max-cost", type=click.FloatRange(0, min_open=True), help="US dollars the run may cost; needs --price."
    ),
    click.option(
        "--price",
        "prices",
        multiple=True,
        metavar="MODEL=IN,OUT",
        help="A model's price in US dollars per million input and output tokens; repeat for more.",
    ),
]

_MACHINE = [
    click.option("--secrets", type=_FILE, help="A YAML file of values that the model must not see."),
    click.option(
        "--uploads",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        help="A folder whose files the agent may upload.",
    ),
    click.option("--headed", is_flag=True, default=None, help="Show the browser's window."),
]

_SHOW = [
    click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line; the result comes last."),
    click.option("--no-report", is_flag=True, help="Take no screenshots and write no report."),
    click.option(
        "--checkpoints",
        envvar="PLAN_AND_ACT_CHECKPOINTS",
        metavar="URL",
        help="Where runs are kept: a postgres:// URL or an SQLite file.  [default: checkpoints.sqlite]",
    ),
]


def model_options(command: _Command) -> _Command:
    """Add the models by role."""
    return _add(command, _MODELS)


def setting_options(command: _Command) -> _Command:
    """Add what becomes a run's `Context`."""
    return _add(command, [*_DESIGN, *_TASK, *_LIMITS])


def agent_options(command: _Command) -> _Command:
    """Add how the agent plans and speaks, and its limits: what holds for any task."""
    return _add(command, [*_DESIGN, *_LIMITS])


def machine_options(command: _Command) -> _Command:
    """Add what concerns this machine and is no setting of the run."""
    return _add(command, _MACHINE)


def show_options(command: _Command) -> _Command:
    """Add how a run is shown and where it is kept."""
    return _add(command, _SHOW)


def _add(command: _Command, options: list[Any]) -> _Command:
    for option in reversed(options):
        command = option(command)
    return command


def settings(
    *,
    url: str = "",
    model: str | None = None,
    planner: str | None = None,
    executor: str | None = None,
    replanner: str | None = None,
    verifier: str | None = None,
    output_schema: Path | None = None,
    allow: tuple[str, ...] = (),
    approve: str | None = None,
    prices: tuple[str, ...] = (),
    **given: Any,
) -> dict[str, Any]:
    """The settings that were given, as the fields of `Context`; those left out are not in it.

    Raises:
        ConfigError: When a schema, a price or a combination cannot be used.
    """
    found: dict[str, Any] = {
        "planner_model": planner or model,
        "executor_model": executor or (model if planner else None),
        "replanner_model": replanner or (model if planner else None),
        "verifier_model": verifier,
        "output_schema": _schema(output_schema) if output_schema else None,
        "allowed_origins": [*dict.fromkeys([origin(url), *allow])] if allow else None,
        "approve": _policy(approve) if approve else None,
        "prices": dict(_price(text) for text in prices) or None,
        **given,
    }
    if found.get("max_cost") and not prices:
        msg = "--max-cost needs the models' prices: --price MODEL=IN,OUT in US dollars per million tokens"
        raise ConfigError(msg)
    return {name: value for name, value in found.items() if value is not None}


def amended(context: dict[str, Any], **given: Any) -> dict[str, Any]:
    """A run's settings with those that are given in their place; a model of every role replaces those of all roles.

    Raises:
        ConfigError: As of `settings` and `checked`.
    """
    replaced = {"executor_model", "replanner_model"} if given.get("model") else set()
    kept = {name: value for name, value in context.items() if name not in replaced}
    return checked({**kept, **settings(**given)})


def checked(context: dict[str, Any]) -> dict[str, Any]:
    """Settings as plain JSON, without what is at its default.

    Raises:
        ConfigError: When a setting is out of its bounds, or no longer exists.
    """
    from plan_and_act.agent.context import Context

    try:
        return Context.model_validate(context).model_dump(mode="json", exclude_defaults=True)
    except ValidationError as error:
        first = error.errors()[0]
        msg = f"The setting {'.'.join(map(str, first['loc']))} cannot be used: {first['msg']}"
        raise ConfigError(msg) from error


def origin(url: str) -> str:
    """The origin of a URL that `web_url` has let through."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def web_url(url: str) -> str:
    """A URL as a person types it, with its scheme: `example.com` is https, `localhost:8000` is http.

    Raises:
        ConfigError: When it is no web address.
    """
    from plan_and_act.browser.policy import is_private_host

    text = url.strip()
    if "://" not in text:
        host = urlsplit(f"//{text}").hostname or ""
        text = f"{'http' if is_private_host(host) else 'https'}://{text}"
    try:
        parts = urlsplit(text)
        fits = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        fits = False
    if not fits or any(c.isspace() for c in text):
        msg = f"{url!r} is no web address; write it like https://example.com/page"
        raise ConfigError(msg)
    return text


def _schema(path: Path) -> dict[str, Any]:
    from plan_and_act.agent.answers import schema_problem

    try:
        schema = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        msg = f"The schema {path} cannot be read as JSON: {error}"
        raise ConfigError(msg) from error
    if not isinstance(schema, dict):
        msg = f"{path} must hold an object; {json.dumps(schema)} says nothing about an answer"
        raise ConfigError(msg)
    if problem := schema_problem(schema):
        msg = f"The schema {path} cannot be used: {problem}"
        raise ConfigError(msg)
    return schema


def _policy(text: str) -> Any:
    if text in ("never", "risky", "always"):
        return text
    from plan_and_act.agent.rules import load_policy

    return [rule.model_dump(exclude_defaults=True) for rule in load_policy(Path(text))]


def _price(text: str) -> tuple[str, tuple[float, float]]:
    model, _, numbers = text.rpartition("=")
    try:
        price_in, price_out = (float(number) for number in numbers.split(","))
    except ValueError:
        price_in = price_out = -1.0
    if not model or not (0 <= price_in < 1e6 and 0 <= price_out < 1e6):
        msg = f"{text!r} is no price; write it like openai:gpt-5-mini=0.25,2"
        raise ConfigError(msg)
    return model, (price_in, price_out)
