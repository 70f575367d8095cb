"""The verifier's verdict on a claimed finish: YES or NO, and why (paper section 4.1's reward model, prompted)."""

import re
from dataclasses import dataclass
from typing import Any

from langchain_core.language_models import BaseChatModel

from plan_and_act.errors import ModelOutputError
from plan_and_act.llm.call import Reply
from plan_and_act.llm.formats.schema import constrains, response_format, strict
from plan_and_act.llm.formats.shape import first_json
from plan_and_act.llm.formats.text import without_thinking

_VERDICT = re.compile(r"^[\s*>#-]*(?:verdict\s*[:=]\s*)?[\"'*\[\s]*(yes|no)\b[\"'*\]]*[\s.,:;-]*(.*)$", re.I)
_REASON = re.compile(r"^[\s*>#-]*reason(?:ing)?\**\s*:\s*\**(.*)$", re.I)
_LONGEST = 600


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the task is done, and why."""

    done: bool
    reason: str


class VerdictFormat:
    """How a verifier answers.

    Args:
        constrained: Whether the answer is held to a JSON schema, as small models need.
    """

    def __init__(self, *, constrained: bool = False) -> None:
        self.constrained = constrained

    def instructions(self) -> str:
        """How to answer, for the system prompt."""
        if self.constrained:
            return 'Answer with one JSON object: {"reason": "one sentence on what shows it", "verdict": "YES" or "NO"}'
        return "Answer with two lines and nothing else:\nReason: one sentence on what shows it\nVerdict: YES or NO"

    def request(self, model: BaseChatModel) -> dict[str, Any]:
        """What to ask of the endpoint besides the messages: keyword arguments of `plan_and_act.llm.call.call`."""
        if not self.constrained or not constrains(model):
            return {}
        exact = strict(model)
        reason = {"type": "string"} if exact else {"type": "string", "minLength": 1, "maxLength": 240}
        properties = {"reason": reason, "verdict": {"type": "string", "enum": ["YES", "NO"]}}
        schema = {
            "type": "object",
            "properties": properties,
            "required": list(properties),
            "additionalProperties": False,
        }
        return {"response_format": response_format("verdict", schema, strict=exact)}

    def parse(self, reply: Reply) -> Verdict:
        """The verdict in an answer: a line that begins with YES or NO, or says `Verdict: YES`; the last one counts.

        Raises:
            ModelOutputError: There is none.
        """
        text, _ = without_thinking(reply.text)
        value = first_json(text)
        if isinstance(value, dict):
            text = f"Reason: {' '.join(str(value.get('reason', '')).split())}\nVerdict: {value.get('verdict')}"
        found, reason = None, ""
        for line in text.splitlines():
            if why := _REASON.match(line):
                reason = why[1].strip()
            elif verdict := _VERDICT.match(line):
                found = verdict[1].lower() == "yes"
                reason = reason or verdict[2].strip()
        if found is None:
            msg = f"The answer holds no verdict. {self.instructions()}"
            raise ModelOutputError(msg)
        return Verdict(found, reason[:_LONGEST])
