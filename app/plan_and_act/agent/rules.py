"""Which actions are carried out at once, which wait for a person, and which are refused: an ordered policy.

A policy is a list of rules, and the first that fits an action decides. The operator's policy comes first and may hand
the decision on to the run's own. What an action risks is read off English words in the element's name, so a policy is
a help against mistakes, not a defence against a page that names its buttons to deceive (THREAT_MODEL.md).
"""

import os
import re
from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Literal, NamedTuple

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, ValidationInfo, field_validator

from plan_and_act.actions import ACTIONS
from plan_and_act.browser.policy import OriginPattern, absolute, split_origin
from plan_and_act.errors import ConfigError

Decision = Literal["approve", "ask", "deny", "escalate"]

VARIABLE = "PLAN_AND_ACT_APPROVAL"
"""Names the file with the operator's policy."""

_WORDS = {
    "pay": r"pay|buy|place order|order now|purchase|checkout|check out|book|subscribe|donate|transfer|withdraw|bid",
    "delete": r"delete|remove|erase|wipe|discard|destroy|deactivate|cancel|unsubscribe|revoke|reset",
    "publish": r"publish|post|comment|merge",
    "send": r"send|submit|reply|share|invite",
    "upload": r"upload|attach",
    "agree": r"confirm|accept|agree|allow|approve|grant|authori[sz]e",
}
_RISKY = {risk: re.compile(rf"\b({words})\b", re.I) for risk, words in _WORDS.items()}
_ACTIONS = tuple(name for name, model in ACTIONS.items() if model.on_page)
_NAMED = ("click", "select")
"""Actions that do what their element's name says."""
_SENDS = re.compile(r"(.*\+)?(enter|numpadenter|return|space| )", re.I)
"""Keys that use whatever has the focus."""

RISKS = (*_WORDS, "secret", "leave", "none")
"""What an action may risk. secret: it types the value of a secret. leave: it opens a page of another origin."""


class ApprovalRule(BaseModel):
    """Which actions it is for, and what becomes of them. A rule that names nothing is for every action."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    action: str = Field("*", description="Glob over the action's name: click, type, upload, goto...")
    origin: str = Field(
        "*", description="The page's origin, or the one that goto opens: https://*.example.com, example.com, *."
    )
    element: str = Field("*", description='Glob over the element: *"Delete account*. Upper and lower case are alike.')
    risk: str = Field("*", description=f"Glob over what it risks: {', '.join(RISKS)}.")
    decision: Decision = Field(
        description="approve: carry it out. ask: a person decides. deny: the executor is told that it may not. "
        "escalate: the next policy decides, and after the last one a person."
    )
    reason: str = Field("", max_length=500, description="Why, for the person who is asked or the executor.")

    @field_validator("origin")
    @classmethod
    def _is_origin(cls, text: str) -> str:
        try:
            OriginPattern.parse(text)
        except ConfigError as error:
            raise ValueError(str(error)) from error
        return text

    @field_validator("action", "risk")
    @classmethod
    def _fits_something(cls, text: str, info: ValidationInfo) -> str:
        there = RISKS if info.field_name == "risk" else _ACTIONS
        if not any(fnmatchcase(name, text) for name in there):
            msg = f"{text!r} fits none of these: {', '.join(there)}"
            raise ValueError(msg)
        return text

    def fits(self, asked: "Asked") -> bool:
        """Whether the rule is for this action.

        One that approves must fit every name the element goes by and every risk; for the others any will do.
        """
        every: Callable[[Any], bool] = all if self.decision == "approve" else any
        return (
            fnmatchcase(asked.action, self.action)
            and self._fits_origin(asked.url)
            and every(fnmatchcase(name.casefold(), self.element.casefold()) for name in asked.names or ("",))
            and every(fnmatchcase(risk, self.risk) for risk in asked.risks)
        )

    def _fits_origin(self, url: str) -> bool:
        if self.origin == "*":
            return True
        origin = split_origin(url)
        return origin is not None and OriginPattern.parse(self.origin).fits(origin[1], origin[2], origin[0])


Policy = Literal["never", "risky", "always"] | list[ApprovalRule]
"""A list of rules, or the name of one in `POLICIES`. An action that no rule fits is carried out."""

_POLICY: TypeAdapter[Policy] = TypeAdapter(Policy)

POLICIES: dict[str, list[ApprovalRule]] = {
    "never": [],
    "risky": [ApprovalRule(risk=risk, decision="ask") for risk in _WORDS],
    "always": [ApprovalRule(decision="ask")],
}


class Asked(NamedTuple):
    """An action, as rules look at it."""

    action: str
    url: str
    """Of its page, or the one it opens."""
    names: tuple[str, ...]
    """What its element is called: by the model, and by the page."""
    risks: tuple[str, ...]
    """What it risks, the gravest first; `none` alone when nothing is known."""


class Verdict(NamedTuple):
    """What the policies say of an action."""

    decision: Literal["approve", "ask", "deny"]
    risks: tuple[str, ...]
    rule: ApprovalRule | None
    """The rule that decided; None when none fitted."""
    policy: int
    """Place of that rule's policy among those that were asked."""


def judge(policies: Sequence[Any], action: Mapping[str, Any], url: str, named: str = "") -> Verdict:
    """What becomes of an action.

    Args:
        policies: `Policy` values, or the same as plain JSON, the first one first. One in which no rule fits, or whose
            rule says `escalate`, hands the decision on to the next.
        action: The action, as in state.
        url: The page's URL.
        named: The label of the action's element as the page has it, where that is known.
    """
    asked = _asked(action, url, named)
    verdict = Verdict("approve", asked.risks, None, 0)
    for number, policy in enumerate(policies):
        rule = next((rule for rule in rules_of(policy) if rule.fits(asked)), None)
        if rule is None:
            continue
        if rule.decision != "escalate":
            return Verdict(rule.decision, asked.risks, rule, number)
        verdict = Verdict("ask" if number == len(policies) - 1 else "approve", asked.risks, rule, number)
    return verdict


def rules_of(policy: Any) -> list[ApprovalRule]:
    """The rules of a policy, or of the same as plain JSON.

    Raises:
        ConfigError: When it is no policy.
    """
    try:
        found = _POLICY.validate_python(policy)
    except ValidationError as error:
        problem = error.errors(include_url=False)[-1]
        where = " ".join(str(part) for part in problem["loc"][1:])
        msg = f"The approval policy cannot be used{f' ({where})' if where else ''}: {problem['msg']}"
        raise ConfigError(msg) from error
    return POLICIES[found] if isinstance(found, str) else found


def load_policy(path: Path) -> list[ApprovalRule]:
    """Read a YAML or JSON file that holds a list of rules, or the name of a policy.

    Raises:
        ConfigError: When the file cannot be read or holds no policy.
    """
    try:
        return rules_of(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeError, yaml.YAMLError) as error:
        msg = f"The approval policy {path} cannot be read: {error}"
        raise ConfigError(msg) from error
    except ConfigError as error:
        msg = f"{path}: {error}"
        raise ConfigError(msg) from error


def policy_from_environment() -> list[ApprovalRule]:
    """The operator's policy from the file that `PLAN_AND_ACT_APPROVAL` names; empty when it is not set.

    Raises:
        ConfigError: As `load_policy`.
    """
    path = os.environ.get(VARIABLE)
    return load_policy(Path(path)) if path else []


def _asked(action: Mapping[str, Any], url: str, named: str) -> Asked:
    kind = action["action"]
    there = absolute(action["url"], url) if kind == "goto" else url
    names = tuple(dict.fromkeys(name for name in (action.get("element"), named) if name))
    words = " ".join((*names, action.get("option", ""))) if kind in _NAMED else ""
    happens = {risk: bool(pattern.search(words)) for risk, pattern in _RISKY.items()}
    happens["upload"] |= kind == "upload"
    happens["send"] |= bool(action.get("submit")) or (kind == "press" and bool(_SENDS.fullmatch(action["key"])))
    happens["secret"] = "<secret:" in action.get("text", "")
    happens["leave"] = kind == "goto" and split_origin(there) != split_origin(url)
    return Asked(kind, there, names, tuple(risk for risk in RISKS if happens.get(risk)) or ("none",))
