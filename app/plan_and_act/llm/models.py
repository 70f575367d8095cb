"""Chat models by role: an OpenAI-compatible endpoint, any LangChain provider, or the embedded model."""

import contextlib
import json
import os
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from http.client import HTTPException
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from langchain_core.language_models import BaseChatModel

from plan_and_act.errors import ConfigError, MissingExtraError
from plan_and_act.llm.call import model_name
from plan_and_act.trajectory import Role

EMBEDDED = "embedded"
DEFAULT_NAME = "gpt-5-mini"
_EMBEDDED_PAGE = 600
"""Tokens: it reads 280 a second, so a page takes it two to three seconds, and a long run still fits its context."""
_ASK_SECONDS = 2.0
VARIABLE = "PLAN_AND_ACT_MODEL"
"""Names the model where none is given: `provider:name`, or the name of a model at the OpenAI-compatible endpoint."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A role's model: the chat model, what it is called, and why it was chosen."""

    model: BaseChatModel
    name: str
    because: str

    @property
    def embedded(self) -> bool:
        """Whether it is the small model that runs in this process."""
        return self.name.partition(":")[0] == EMBEDDED

    @property
    def page_tokens(self) -> int | None:
        """The largest observation it should be given, in tokens; None where the run's own setting holds."""
        return _EMBEDDED_PAGE if self.embedded else None


def choose(role: Role, *specs: Mapping[Role, str | BaseChatModel | None]) -> Chosen:
    """The model of a role: its own, else the planner's, else the environment's, else the embedded one.

    The first call for a model imports its package, and asks an endpoint of one's own what it serves: it may block for a
    second or two.

    Args:
        specs: Models by role, the most specific mapping first.

    Raises:
        ConfigError: When a model cannot be made from what is given.
    """
    for wanted in dict.fromkeys((role, "planner")):
        for spec in specs:
            if given := spec.get(wanted):
                because = f"given for the {wanted}"
                if isinstance(given, BaseChatModel):
                    return Chosen(given, model_name(given), because)
                return Chosen(chat_model(given), given, because)
    name, because = _from_environment()
    return Chosen(chat_model(name), name, because)


def _from_environment() -> tuple[str, str]:
    named = os.environ.get(VARIABLE)
    if named:
        return named if ":" in named or named == EMBEDDED else f"openai:{named}", f"{VARIABLE} names it"
    base_url, key = os.environ.get("OPENAI_BASE_URL"), os.environ.get("OPENAI_API_KEY")
    served = None
    if base_url:
        with contextlib.suppress(OSError):
            served = _served(base_url, key)
    if served:
        return f"openai:{served}", f"it is what {base_url} (OPENAI_BASE_URL) serves; {VARIABLE} chooses another"
    if base_url or key:
        which = "OPENAI_BASE_URL" if base_url else "OPENAI_API_KEY"
        return f"openai:{DEFAULT_NAME}", f"{which} is set; {VARIABLE} chooses another"
    return EMBEDDED, "no key and no endpoint is set: the small embedded model, which is good for trying things only"


@cache
def _served(base_url: str, key: str | None) -> str | None:
    """The one model that an endpoint serves, as local ones do; None when there are several, or it does not say.

    Raises:
        OSError: When it cannot be reached; that is not remembered, it may be on its way up.
    """
    request = urllib.request.Request(f"{base_url.rstrip('/')}/models", headers={"Authorization": f"Bearer {key}"})
    try:
        with urllib.request.urlopen(request, timeout=_ASK_SECONDS) as answer:
            (row,) = json.load(answer)["data"]
            return str(row["id"])
    except (urllib.error.HTTPError, ValueError, LookupError, TypeError, HTTPException):
        return None


def chat_model(spec: str) -> BaseChatModel:
    """A chat model from `provider:name`, or `embedded`.

    `openai:NAME` honours `OPENAI_API_KEY` and `OPENAI_BASE_URL`; an endpoint of one's own needs no key. `embedded:FILE`
    is the embedded model with another adapter, `embedded:base` the one without.

    Raises:
        ConfigError: When there is no such provider, or its settings are missing.
        MissingExtraError: When its package is not installed.
    """
    provider, _, adapter = spec.partition(":")
    if provider == EMBEDDED:
        from plan_and_act.llm.embedded import embedded_model

        return embedded_model(adapter)
    # The environment is part of the key: another endpoint is another model.
    return _made(spec, os.environ.get("OPENAI_BASE_URL"), os.environ.get("OPENAI_API_KEY"))


@cache
def _made(spec: str, base_url: str | None, key: str | None) -> BaseChatModel:
    provider, _, name = spec.partition(":")
    if not name:
        msg = f"{spec!r} is no model: write provider:name, e.g. openai:{DEFAULT_NAME}, or {EMBEDDED}"
        raise ConfigError(msg)
    if provider == "openai":
        return _openai(name, base_url, key)
    if not find_spec("langchain"):
        what = f"The model {spec}"
        raise MissingExtraError(what, "providers")
    from langchain.chat_models import init_chat_model

    try:
        made = _initialised(init_chat_model, spec)
    except Exception as error:  # each provider's package raises its own
        msg = f"The model {spec} cannot be used: {' '.join(str(error).split()) or type(error).__name__}"
        raise ConfigError(msg) from error
    if not isinstance(made, BaseChatModel):
        msg = f"{spec!r} is no chat model"
        raise ConfigError(msg)
    return made


def _initialised(init: Callable[..., Any], spec: str) -> Any:
    """The chat model of a provider, without the provider's hidden retries where it has such a setting."""
    try:
        return init(spec, max_retries=0)
    except (TypeError, ValueError) as error:
        if "max_retries" not in str(error):
            raise
        return init(spec)


def _openai(name: str, base_url: str | None, key: str | None) -> BaseChatModel:
    if not base_url and not key:
        msg = f"openai:{name} needs OPENAI_API_KEY, or OPENAI_BASE_URL for an endpoint of your own"
        raise ConfigError(msg)
    from langchain_openai import ChatOpenAI
    from pydantic import SecretStr

    # A slow model may think for long before its first word; the time a call may take is ours (`model_timeout`).
    patience = {"stream_chunk_timeout": None} if "stream_chunk_timeout" in ChatOpenAI.model_fields else {}
    own = bool(base_url) and not (urlsplit(str(base_url)).hostname or "").endswith("openai.com")
    return ChatOpenAI(
        model=name,
        api_key=SecretStr(key or "not-needed"),
        base_url=base_url,
        # The paper's temperature (section A.12); OpenAI's own reasoning models refuse to be told one.
        temperature=0.0 if own else None,
        max_retries=0,  # retries are ours: plan_and_act.llm.call
        stream_usage=True,
        **patience,
    )
