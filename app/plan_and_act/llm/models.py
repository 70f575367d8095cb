"""Chat models by role: an OpenAI-compatible endpoint, any LangChain provider, or the embedded model."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec

from langchain_core.language_models import BaseChatModel

from plan_and_act.errors import ConfigError, MissingExtraError
from plan_and_act.llm.call import model_name
from plan_and_act.trajectory import Role

EMBEDDED = "embedded"
DEFAULT_NAME = "gpt-5-mini"
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
        return self.name == EMBEDDED


def choose(role: Role, *specs: Mapping[Role, str | BaseChatModel | None]) -> Chosen:
    """The model of a role: its own, else the planner's, else the environment's, else the embedded one.

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
    if os.environ.get("OPENAI_BASE_URL") or os.environ.get("OPENAI_API_KEY"):
        which = "OPENAI_BASE_URL" if os.environ.get("OPENAI_BASE_URL") else "OPENAI_API_KEY"
        return f"openai:{DEFAULT_NAME}", f"{which} is set; {VARIABLE} chooses another"
    return EMBEDDED, "no key and no endpoint is set: the small embedded model, which is good for trying things only"


def chat_model(spec: str) -> BaseChatModel:
    """A chat model from `provider:name`, or `embedded`.

    `openai:NAME` honours `OPENAI_API_KEY` and `OPENAI_BASE_URL`; an endpoint of one's own needs no key.

    Raises:
        ConfigError: When there is no such provider, or its settings are missing.
        MissingExtraError: When its package is not installed.
    """
    # The environment is part of the key: another endpoint is another model.
    return _made(spec, os.environ.get("OPENAI_BASE_URL"), os.environ.get("OPENAI_API_KEY"))


@cache
def _made(spec: str, base_url: str | None, key: str | None) -> BaseChatModel:
    if spec == EMBEDDED:
        from plan_and_act.llm.embedded import embedded_model

        return embedded_model()
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
        made = init_chat_model(spec, max_retries=0)
    except Exception as error:  # each provider's package raises its own
        msg = f"The model {spec} cannot be used: {str(error).splitlines()[0]}"
        raise ConfigError(msg) from error
    if not isinstance(made, BaseChatModel):
        msg = f"{spec!r} is no chat model"
        raise ConfigError(msg)
    return made


def _openai(name: str, base_url: str | None, key: str | None) -> BaseChatModel:
    if not base_url and not key:
        msg = f"openai:{name} needs OPENAI_API_KEY, or OPENAI_BASE_URL for an endpoint of your own"
        raise ConfigError(msg)
    from langchain_openai import ChatOpenAI
    from pydantic import SecretStr

    return ChatOpenAI(
        model=name,
        api_key=SecretStr(key or "not-needed"),
        base_url=base_url,
        # The paper's temperature (section A.12); OpenAI's own reasoning models refuse to be told one.
        temperature=0.0 if base_url else None,
        max_retries=0,  # retries are ours: plan_and_act.llm.call
        stream_usage=True,
    )
