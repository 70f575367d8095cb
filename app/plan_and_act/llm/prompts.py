"""Prompts, as text in `prompts/*.md`, loaded as LangChain chat templates.

A file has sections `[system]`, `[human]`, `[ai]` (an example's answer) and `[history]` (where the rounds so far are put
in). They are ordered for prompt caches: what never changes first, then what only grows, and what changes every
round last.
"""

import hashlib
import os
import re
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from langchain_core.prompts import ChatPromptTemplate

from plan_and_act.actions import ACTIONS
from plan_and_act.errors import ConfigError
from plan_and_act.llm.formats import JsonFormat, PlanFormat, TextFormat, ToolsFormat, VerdictFormat

VARIABLE = "PLAN_AND_ACT_PROMPTS"
"""Names a folder whose files replace ours of the same name."""

_SECTION = re.compile(r"^\[(system|human|ai|history)\]\s*$", re.M)
_VARIABLES: dict[str, set[str]] = {
    "planner": {"format", "task", "page"},
    "replanner": {"format", "task", "actions", "notes", "cause", "page"},
    "executor": {"format", "task", "extra", "page", "plan", "notes", "recent", "hint"},
    "planner_brief": {"task", "page"},
    "replanner_brief": {"task", "done", "notes", "cause", "page"},
    "executor_brief": {"task", "extra", "page", "plan", "notes", "done", "hint"},
    "verifier": {"format", "task", "actions", "notes", "page", "answer"},
    "judge": {"format", "task", "actions", "notes", "page", "answer"},
    "judge_answer": {"format", "task", "reference", "answer"},
    "judge_reason": {"format", "task", "reference", "answer"},
    "synthesis_queries": {"format", "about", "examples", "count"},
    "synthesis_feasible": {"format", "about", "rules", "query"},
    "synthesis_describe": {"format", "task", "before", "action", "after"},
    "synthesis_annotate": {"format", "example", "task", "page", "actions", "last"},
    "synthesis_expand": {"format", "about", "pages", "examples", "count"},
    "synthesis_classes": {"format", "about", "failures"},
    "synthesis_classify": {"format", "classes", "task", "plan"},
    "synthesis_augment": {"format", "page", "example", "need"},
    "synthesis_replan": {"format", "task", "plan", "done", "page", "actions", "last"},
    "synthesis_rewrite": {"format", "task", "done", "page", "plan"},
    "synthesis_think_plan": {"format", "task", "done", "page", "plan"},
    "synthesis_think_action": {"format", "task", "plan", "done", "page", "action"},
}
NAMES = tuple(_VARIABLES)
_ROLES = ("planner", "replanner", "executor", "planner_brief", "replanner_brief", "executor_brief", "verifier")
"""The prompts of a run; the others are for judging runs and for making training data."""


def prompt(name: str) -> ChatPromptTemplate:
    """The prompt of a role, or of a teacher's task.

    Args:
        name: One of `NAMES`.

    Raises:
        ConfigError: When an override cannot be read, or lacks a section or a variable.
    """
    return _parsed(name, _text(name, os.environ.get(VARIABLE)))


def prompts_hash() -> str:
    """Tells two sets of prompts apart, the formats' instructions included; kept with every trajectory."""
    texts = [_text(name, os.environ.get(VARIABLE)) for name in _ROLES]
    texts += [form(tuple(ACTIONS)).instructions() for form in (TextFormat, JsonFormat, ToolsFormat)]
    texts += [PlanFormat("text").instructions(), PlanFormat("json").instructions(), VerdictFormat().instructions()]
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:12]


def prompt_hash(name: str) -> str:
    """Tells two versions of one prompt apart; kept with every row that a teacher made."""
    return hashlib.sha256(_text(name, os.environ.get(VARIABLE)).encode()).hexdigest()[:12]


@cache
def _text(name: str, override: str | None) -> str:
    if override:
        path = Path(override) / f"{name}.md"
        try:
            strange = {file.stem for file in Path(override).iterdir() if file.suffix == ".md"} - {*NAMES, "README"}
            if strange:
                msg = f"{path.with_stem(min(strange))} ({VARIABLE}) replaces none of our prompts: {', '.join(NAMES)}"
                raise ConfigError(msg)
            if path.exists():
                return path.read_text(encoding="utf-8")
        except (OSError, UnicodeError) as error:
            msg = f"The prompt {path} ({VARIABLE}) cannot be read: {error}"
            raise ConfigError(msg) from error
    packaged: Any = files("plan_and_act") / "prompts"
    folder = packaged if packaged.is_dir() else Path(__file__).parents[3] / "prompts"
    return str((folder / f"{name}.md").read_text(encoding="utf-8"))


@cache
def _parsed(name: str, text: str) -> ChatPromptTemplate:
    parts = _SECTION.split(text)
    pairs = [(kind, body.strip()) for kind, body in zip(parts[1::2], parts[2::2], strict=True)]
    messages = [("placeholder", "{history}") if kind == "history" else (kind, body) for kind, body in pairs]
    try:
        template = ChatPromptTemplate(messages)
    except ValueError as error:
        msg = f"The prompt {name}.md ({VARIABLE}) is no template: {error}. Braces that stand for themselves are doubled"
        raise ConfigError(msg) from error
    found = set(template.input_variables)
    kinds = [kind for kind, _ in pairs]
    if kinds[:1] != ["system"] or kinds[-1:] != ["human"] or found != _VARIABLES[name]:
        msg = (
            f"The prompt {name}.md ({VARIABLE}) must begin with [system], end with [human] and use the variables "
            f"{', '.join(sorted(_VARIABLES[name]))}; it uses {', '.join(sorted(found)) or 'none'}"
        )
        raise ConfigError(msg)
    return template
