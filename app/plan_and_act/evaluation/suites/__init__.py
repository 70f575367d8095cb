"""The suites by name."""

import importlib
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from plan_and_act.errors import ConfigError
from plan_and_act.evaluation.suite import Suite

SUITES = {
    "practice": "practice:Practice",
    "custom": "custom:Custom",
    "miniwob": "miniwob:MiniWoB",
    "webarena": "webarena:WebArena",
    "webarena-lite": "webarena:WebArenaLite",
    "webvoyager": "webvoyager:WebVoyager",
}
"""Module in this package and class, by name: what one suite needs is not imported for another."""


def make_suite(name: str, settings: Mapping[str, Any]) -> Suite:
    """A suite with its settings.

    Args:
        name: One of `SUITES`.
        settings: The suite's fields.

    Raises:
        ConfigError: When there is no such suite, or a setting cannot be used.
        MissingExtraError: When what the suite needs is not installed.
    """
    if name not in SUITES:
        msg = f"there is no suite {name!r}; there are: {', '.join(SUITES)}"
        raise ConfigError(msg)
    module, _, kind = SUITES[name].partition(":")
    suite: type[Suite] = getattr(importlib.import_module(f"{__name__}.{module}"), kind)
    try:
        return suite.model_validate(dict(settings))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the settings"
        known = f" (there are: {', '.join(suite.model_fields)})" if first["type"] == "extra_forbidden" else ""
        msg = f"The suite {name} cannot be made: {where}: {first['msg']}{known}"
        raise ConfigError(msg) from error
