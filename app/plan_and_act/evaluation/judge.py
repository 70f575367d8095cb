"""An outcome model: whether a run has done its task, by the actions, the last page and the answer (paper, section 4.1).

    judge = Judge.of(JudgeSettings(model="openai:gpt-5-mini"))
    judgement = await judge.judge(Evidence.of(run, artefacts))
    print(judgement.success, judgement.probability, judgement.reason)

It says YES or NO. Where the endpoint tells probabilities, those of the two words decide, against a threshold (0.5, as
of the paper's reward model); otherwise the word does. An answer that is neither is asked for again, and then an error:
it never counts as a verdict. How far a judge can be trusted is measured (`plan_and_act.evaluation.agreement`).
"""

import base64
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage, HumanMessage
from pydantic import BaseModel, ConfigDict, Field

from plan_and_act.artefacts import Artefacts
from plan_and_act.errors import ConfigError, ModelUnavailableError
from plan_and_act.llm import Answer, Reply, ask, choose
from plan_and_act.llm.call import model_name
from plan_and_act.llm.formats import Verdict, VerdictFormat
from plan_and_act.llm.messages import verifier_messages
from plan_and_act.llm.prompts import prompt, prompt_hash
from plan_and_act.trajectory import Round, Trajectory, Usage

_ALTERNATIVES = 5
"""Words whose probabilities are told beside the one that was written; endpoints give five at least."""
_WORD = re.compile(r"\b(yes|no)\b", re.I)
_REFUSED = (400, 422)


class JudgeSettings(BaseModel):
    """A judge, as a suite's settings name it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str = Field(description="The model, provider:name.")
    threshold: float = Field(0.5, gt=0, lt=1, description="Probability from which a run counts as a success.")
    reasons: bool = Field(
        True, description="Whether it says why before it says YES or NO; off for models trained to say the word alone."
    )
    screenshots: int = Field(0, ge=0, le=15, description="How many of the last screenshots it sees; 0 for text only.")
    timeout: float = Field(120.0, gt=0, description="Seconds one call may take.")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a judge is shown of a run."""

    task: str
    rounds: Sequence[Round]
    page: str
    """The last page, as an observation renders it."""
    answer: str | None = None
    screenshots: Sequence[bytes] = field(default=(), repr=False)
    """PNG, in their order."""

    @classmethod
    def of(
        cls,
        run: Trajectory,
        artefacts: Artefacts,
        *,
        screenshots: int = 0,
        page: str | None = None,
        last: bytes | None = None,
    ) -> "Evidence":
        """What a run has kept.

        Args:
            run: The run.
            artefacts: Where its observations and screenshots were kept.
            screenshots: How many of the last ones.
            page: The page at its end; the one on which the last action was decided when left out.
            last: A screenshot of that page, to be the last one.

        Raises:
            ConfigError: When no page is given and the run has kept none.
            StorageError: When one that it has kept is gone.
        """
        if page is None:
            kept = next((row.observation for row in reversed(run.rounds) if row.observation), None)
            if kept is None:
                msg = f"The run {run.thread} has kept no observation; there is nothing to judge it by"
                raise ConfigError(msg)
            page = artefacts.get(kept).decode("utf-8", "replace")
        shots: list[bytes] = []
        if screenshots:
            names = [row.screenshot for row in run.rounds if row.screenshot]
            shots = [*map(artefacts.get, names[-screenshots:]), *([last] if last else [])][-screenshots:]
        return cls(run.task.intent, run.rounds, page, run.answer or _given_up(run), shots)


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict."""

    success: bool
    probability: float
    """Of success; 1 or 0 where the endpoint tells no probabilities."""
    told: bool
    """Whether the probability is the endpoint's."""
    reason: str
    usage: Usage


class YesOrNo(VerdictFormat):
    """The verdict alone, as outcome reward models are trained to give it."""

    def instructions(self) -> str:
        """How to answer, for the system prompt."""
        return "Answer with YES or NO and nothing else."


class Judge:
    """A model that judges runs, or answers against a reference.

    Args:
        model: The chat model.
        settings: How it judges.
    """

    def __init__(self, model: BaseChatModel, settings: JudgeSettings) -> None:
        self.settings = settings
        self.name = f"model {settings.model} (prompt {prompt_hash('judge')})"
        """For results: a judge with another prompt is another judge."""
        self._model = model
        self._telling: BaseChatModel | None = None
        if "top_logprobs" in type(model).model_fields:
            self._telling = model.model_copy(update={"logprobs": True, "top_logprobs": _ALTERNATIVES})

    @classmethod
    def of(cls, settings: JudgeSettings) -> "Judge":
        """The judge that settings name.

        Raises:
            ConfigError: When its model cannot be used.
        """
        return cls(choose("judge", {"judge": settings.model}).model, settings)

    @property
    def model(self) -> str:
        """What its model is called."""
        return model_name(self._model)

    async def judge(self, evidence: Evidence) -> Judgement:
        """Whether a run has done its task.

        Raises:
            ModelOutputError: When it gives no verdict, asked three times.
            ModelUnavailableError: When it cannot be asked.
        """
        form = self._form()
        return await self._judgement(judge_messages(evidence, form), form)

    async def compare(self, name: str, *, task: str, reference: str, answer: str) -> Judgement:
        """Whether an answer comes to a reference; `name` is the prompt: `judge_answer` or `judge_reason`.

        Raises:
            ModelOutputError: When it gives no verdict, asked three times.
            ModelUnavailableError: When it cannot be asked.
        """
        form = self._form()
        messages = prompt(name).format_messages(
            format=form.instructions(), task=task, reference=reference, answer=answer
        )
        return await self._judgement(messages, form)

    def _form(self) -> VerdictFormat:
        return VerdictFormat() if self.settings.reasons else YesOrNo()

    async def _judgement(self, messages: Sequence[BaseMessage], form: VerdictFormat) -> Judgement:
        def parse(reply: Reply) -> tuple[Verdict, float | None]:
            return form.parse(reply), probability(reply)

        said = await self._ask(messages, parse)
        verdict, chance = said.value
        value = float(verdict.done) if chance is None else chance
        return Judgement(value >= self.settings.threshold, value, chance is not None, verdict.reason, said.usage)

    async def _ask(self, messages: Sequence[BaseMessage], parse: Any) -> Answer[tuple[Verdict, float | None]]:
        options: dict[str, Any] = {"role": "judge", "timeout": self.settings.timeout}
        if self._telling:
            try:
                return await ask(self._telling, messages, parse, **options)
            except ModelUnavailableError as error:
                if getattr(error.__cause__, "status_code", None) not in _REFUSED:
                    raise
                # OpenAI's reasoning models refuse to tell probabilities; their word has to do.
                self._telling = None
        return await ask(self._model, messages, parse, **options)


def judge_messages(evidence: Evidence, form: VerdictFormat) -> list[BaseMessage]:
    """What a judge is asked, screenshots at the end."""
    answer = evidence.answer or "(none)"
    messages = verifier_messages(evidence.task, evidence.rounds, evidence.page, answer, form, name="judge")
    if evidence.screenshots:
        pictures: list[str | dict[Any, Any]] = [
            {"type": "image", "base64": base64.b64encode(shot).decode(), "mime_type": "image/png"}
            for shot in evidence.screenshots
        ]
        told = f"{messages[-1].text}\n\nThe last screenshots, in their order:"
        messages[-1] = HumanMessage([{"type": "text", "text": told}, *pictures])
    return messages


def probability(reply: Reply) -> float | None:
    """The probability of YES against that of NO where the verdict stands; None where the endpoint does not tell it.

    The verdict is the last YES or NO of the answer; it may be written as one token or as several.
    """
    tokens = (reply.message.response_metadata.get("logprobs") or {}).get("content") or []
    words = list(_WORD.finditer("".join(token["token"] for token in tokens)))
    if not words:
        return None
    at, begin = words[-1].start(), 0
    for token in tokens:
        end = begin + len(token["token"])
        if at < end:
            return _share(token, token["token"][: at - begin])
        begin = end
    return None


def _share(token: dict[str, Any], before: str) -> float | None:
    """YES against NO among the alternatives to a token; `before` is what stands in the token before the word."""
    found = {"yes": 0.0, "no": 0.0}
    for other in token.get("top_logprobs") or [token]:
        text = str(other["token"])
        bare = text.removeprefix(before).strip(" \n\t*\"'.:").casefold()
        for word in found:
            if bare and word.startswith(bare):
                found[word] += math.exp(other["logprob"])
    total = sum(found.values())
    return found["yes"] / total if total else None


def _given_up(run: Trajectory) -> str | None:
    gave_up = run.ending is not None and run.ending.reason == "gave_up"
    return f"(The agent gave up: {run.ending.message})" if run.ending and gave_up else None
