"""What nodes need besides state: the services an agent was made with, and the run's own settings."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage
from langchain_core.runnables import RunnableConfig

from plan_and_act.agent.context import Context
from plan_and_act.agent.rules import ApprovalRule
from plan_and_act.agent.state import Page, State
from plan_and_act.artefacts import Artefacts
from plan_and_act.browser.observation import Observation
from plan_and_act.browser.policy import OriginPolicy
from plan_and_act.browser.pool import pool
from plan_and_act.browser.secrets import Secrets
from plan_and_act.browser.session import Session, SessionOptions
from plan_and_act.errors import ConfigError
from plan_and_act.llm import Answer, Chosen, Reply, ask, choose, prompts_hash
from plan_and_act.trajectory import MadeBy, Plan, Role, Round, Usage

T = TypeVar("T")

SESSIONS = "__plan_and_act_sessions"
"""Where the configuration of a run keeps the keys of the browser sessions it has open; never stored nor traced."""


@dataclass(frozen=True)
class Services:
    """What an agent was made with, and what must not be in state: objects, secrets, what the operator decides."""

    models: Mapping[Role, str | BaseChatModel]
    context: Context
    secrets: Secrets
    allowed_origins: tuple[str, ...]
    private_origins: tuple[str, ...]
    approval: Sequence[ApprovalRule]
    uploads: Path | None
    artefacts: Artefacts
    headed: bool
    session: SessionOptions
    keep_open: bool


@dataclass(frozen=True)
class Run:
    """One run, as its nodes see it."""

    services: Services
    context: Context
    config: RunnableConfig
    emit: Callable[[Any], None]

    async def keep(self, content: str | bytes) -> str:
        """Put something among the artefacts; the hash stands for it in state."""
        return await asyncio.to_thread(self.services.artefacts.put, content)

    async def session(self, page: Page) -> Session:
        """The browser session that shows the page state speaks of; restored when it is not live."""
        options = replace(
            self.services.session,
            viewport=self.context.viewport,
            headed=self.services.headed,
            policy=self._policy,
            secrets=self.services.secrets,
            uploads=self.services.uploads,
            artefacts=self.services.artefacts,
            navigation_timeout=self.context.navigation_timeout,
        )
        key = self._key(page)
        if not self.services.keep_open:
            self.config.get("configurable", {}).get(SESSIONS, set()).add(key)
        return await pool().session(key, options, page if "rev" in page else None)

    def live(self, page: Page) -> Session | None:
        """The browser session that shows the page state speaks of, if it is open; nothing is restored for it."""
        session = pool().live(self._key(page)) if "session" in page else None
        return session if session and session.rev == page.get("rev") else None

    async def saved(self, session: Session, page: Page) -> Page:
        """What state says of the page from now on."""
        return {**page, **await session.save(), "session": page["session"]}

    async def release(self, page: Page) -> None:
        """Give the session back, if there is one and nobody wants to look at it."""
        if "session" in page and not self.services.keep_open:
            await pool().release(self._key(page))

    def _key(self, page: Page) -> str:
        # The thread belongs to the key: a fork to another thread must not take this one's page away.
        thread = self.config.get("configurable", {}).get("thread_id", "")
        return f"{thread}/{page['session']}"

    @cached_property
    def _policy(self) -> OriginPolicy:
        services = self.services
        return OriginPolicy(self.context.allowed_origins, services.private_origins, services.allowed_origins)

    async def model(self, role: Role) -> Chosen:
        """The model of a role; found in a thread, since an endpoint may have to be asked what it serves."""
        return await asyncio.to_thread(choose, role, self.context.named_models, self.services.models)

    async def observation_tokens(self) -> int:
        """Budget of one observation: what the run sets, and no more than its models should be given."""
        most = [tokens for role in self.context.roles if (tokens := (await self.model(role)).page_tokens)]
        return min([self.context.observation_tokens, *most])

    async def brief(self, role: Role) -> bool:
        """Whether a role's model is told nothing of how to answer, having been trained on it."""
        wanted = self.context.instructions
        return (await self.model(role)).embedded if wanted is None else wanted == "brief"

    @property
    def has_verifier(self) -> bool:
        """Whether a model checks claims to be done; the planner's is not borrowed for that."""
        return bool(self.context.verifier_model or self.services.models.get("verifier"))

    async def ask(
        self, role: Role, messages: Sequence[BaseMessage], parse: Callable[[Reply], T], request: Mapping[str, Any]
    ) -> Answer[T]:
        """Ask the model of a role, telling the stream that it is at work.

        Raises:
            ConfigError: As of `check_price`.
        """
        chosen = await self.model(role)
        self.check_price(chosen.name)
        self.emit({"event": "model", "role": role, "model": chosen.name})
        return await ask(
            chosen.model,
            messages,
            parse,
            role=role,
            timeout=self.context.model_timeout,
            prices=self.context.prices,
            **request,
        )

    def check_price(self, model: str) -> None:
        """See that what a model uses counts towards the limit of cost.

        Raises:
            ConfigError: There is such a limit, and no price for the model.
        """
        if self.context.max_cost and not {model, model.partition(":")[2]} & self.context.prices.keys():
            msg = f"max_cost cannot be kept: there is no price for {model}; name it in `prices`"
            raise ConfigError(msg)

    async def made_by(self) -> dict[str, Any]:
        """What makes this run's trajectory."""
        return MadeBy(
            version=version("plan-and-act"),
            prompts=prompts_hash(),
            models={role: (await self.model(role)).name for role in self.context.roles},
            secrets=list(self.services.secrets.names()),
            uploads=self.services.uploads is not None,
            config=self.context.model_dump(mode="json", exclude_defaults=True),
        ).model_dump(exclude_defaults=True)


def described(seen: Observation, session: Session) -> dict[str, Any]:
    """An observation as plain JSON for the models' nodes: text, and what constrained decoding may name."""
    text = seen.text
    if len(session.tabs) > 1:
        urls = enumerate(session.place()["tabs"], 1)
        listed = [f" {number}. {url}{' (current)' if number == session.current else ''}" for number, url in urls]
        text = "\n".join(["tabs", *listed, text])
    elements = {
        str(ref): {"role": element.role, "name": element.name, "tag": element.tag}
        for ref, element in seen.elements.items()
    }
    return {"text": text, "elements": elements, "scrolls": list(seen.scrolls)}


def spent(state: State, role: Role, usage: Usage | None) -> dict[str, Any]:
    """A role's usage, with what a call has used."""
    total = Usage.model_validate((state.get("usage") or {}).get(role, {})) + (usage or Usage())
    return {role: total.model_dump(exclude_defaults=True)}


def plans_of(state: State) -> list[Plan]:
    """Every revision of the plan, the last one last."""
    return [Plan.model_validate(plan) for plan in state.get("plans") or []]


def rounds_of(state: State) -> list[Round]:
    """The rounds so far."""
    return [Round.model_validate(row) for row in state.get("rounds") or []]
