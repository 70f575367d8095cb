"""A suite of one's own, as a YAML file: tasks with a page to start on, and checks on page and answer at the end.

tasks:
  - id: cheapest-kettle
    url: http://localhost:8000/kettles
    intent: Put the cheapest kettle into the cart, and say what it costs.
    checks:
      - url: "*/cart"
      - text: Blue Kettle
      - answer_number: 12.5
      - element: {role: button, name: Pay, state: disabled}
"""

import hashlib
import math
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal
from urllib.parse import urlsplit

import yaml
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError, model_validator

from plan_and_act.errors import BrowserLostError, ConfigError
from plan_and_act.evaluation.suite import Attempt, EvalTask, Score, Selection, Start, Suite
from plan_and_act.trajectory import Task, Trajectory

if TYPE_CHECKING:
    from plan_and_act.browser import Observation, Session

_WHOLE_PAGE = 50_000
"""Tokens of an observation that leaves nothing out of any page a person would write a check for."""
_NUMBER = re.compile(r"(?<![\w.])-?\d[\d,]*(?:\.\d+)?")
State = Literal[
    "checked", "mixed", "selected", "pressed", "expanded", "collapsed", "current", "disabled", "required", "read-only",
    "invalid", "filled",
]  # fmt: skip


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ElementCheck(_Model):
    """A control that has to be on the page; what is left out does not matter."""

    name: str
    role: str | None = None
    state: State | None = Field(None, description="As observations print it.")
    value: str | None = None


class Check(_Model):
    """One thing that has to be so at the end. Case and spaces do not count in texts and answers."""

    url: str | None = Field(None, description="The page's address; * stands for anything.")
    text: str | None = Field(None, description="Is somewhere on the page.")
    no_text: str | None = Field(None, description="Is nowhere on the page.")
    answer_equals: str | None = None
    answer_contains: str | None = None
    answer_number: float | None = Field(None, description="The only number in the answer, give or take half a cent.")
    element: ElementCheck | None = None

    @model_validator(mode="after")
    def _one(self) -> "Check":
        if len(self.model_fields_set) != 1 or getattr(self, next(iter(self.model_fields_set))) is None:
            msg = f"a check is one of {', '.join(type(self).model_fields)}, with what it asks for"
            raise ValueError(msg)
        return self

    @property
    def on_page(self) -> bool:
        """Whether the page has to be looked at."""
        return not any(name.startswith("answer") for name in self.model_fields_set)


class OwnTask(_Model):
    """A task of the file."""

    id: str = Field(min_length=1)
    url: str = Field(pattern="^https?://")
    intent: str = Field(min_length=1)
    site: str | None = Field(None, description="What it is counted under; the address's host when left out.")
    group: str | None = Field(None, description="Tasks of a group are done one after the other.")
    checks: tuple[Check, ...] = Field(min_length=1)


class _File(_Model):
    tasks: tuple[OwnTask, ...] = Field(min_length=1)


class Custom(Suite):
    """The tasks of a YAML file."""

    name: ClassVar[str] = "custom"

    file: Path
    private: tuple[str, ...] = Field((), description="Private addresses to be reached beside those of the tasks.")

    _tasks: dict[str, OwnTask] = PrivateAttr(default_factory=dict)

    def model_post_init(self, _: Any) -> None:
        """Read the file.

        Raises:
            ConfigError: When it cannot be read, or something in it cannot be used; the message says where.
        """
        self._tasks = {task.id: task for task in _read(self.file)}

    def tasks(self, selection: Selection) -> list[EvalTask]:
        """See `Suite`; with seeds every task is repeated, once for each."""
        return selection.of(
            [
                EvalTask(
                    id=f"{task.id}@{seed}" if seed is not None else task.id,
                    site=task.site or urlsplit(task.url).netloc.rpartition("@")[2],
                    template=task.id,
                    seed=seed or 0,
                    intent=task.intent,
                    urls=(task.url,),
                    group=task.group,
                )
                for seed in selection.seeds or (None,)
                for task in self._tasks.values()
            ]
        )

    def versions(self) -> dict[str, str]:
        """See `Suite`: other content is another suite."""
        content = "\n".join(task.model_dump_json() for task in self._tasks.values())
        return {"file": hashlib.sha256(content.encode()).hexdigest()[:16]}

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """See `Suite`: there is nothing to start."""
        yield

    async def begin(self, attempt: Attempt) -> Start:
        """See `Suite`."""
        task = self._tasks[attempt.task.template]
        parts = urlsplit(task.url)
        origin = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        return Start(Task(intent=task.intent, url=task.url), private_origins=(origin, *self.private))

    async def score(self, attempt: Attempt, run: Trajectory) -> Score:
        """See `Suite`."""
        task = self._tasks[attempt.task.template]
        page = await _page(attempt.session) if any(check.on_page for check in task.checks) else None
        problems = [problem for check in task.checks if (problem := _problem(check, page, run.answer or ""))]
        return Score.passed(not problems, judge="checks", problems=problems)


def _read(path: Path) -> Sequence[OwnTask]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        msg = f"The suite {path} cannot be read as YAML: {' '.join(str(error).split())}"
        raise ConfigError(msg) from error
    try:
        tasks = _File.model_validate(content).tasks
    except ValidationError as error:
        msg = f"The suite {path} cannot be used: {_in_words(error, content)}"
        raise ConfigError(msg) from error
    names = [task.id for task in tasks]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        msg = f"The suite {path} has two tasks of the name {twice[0]}"
        raise ConfigError(msg)
    return tasks


def _in_words(error: ValidationError, content: Any) -> str:
    """The first error, with the task it is in by name, and the checks that are known if one is not."""
    first = error.errors()[0]
    where: list[str] = []
    loc: list[Any] = list(first["loc"])
    if loc[:1] == ["tasks"] and len(loc) > 1:
        task = content["tasks"][loc[1]]
        where.append(f"task {task.get('id', loc[1] + 1) if isinstance(task, dict) else loc[1] + 1}")
        loc = loc[2:]
    if loc[:1] == ["checks"] and len(loc) > 1:
        where.append(f"check {loc[1] + 1}")
        if len(loc) == 3 and first["type"] == "extra_forbidden":
            return f"{', '.join(where)}: there is no check {loc[2]!r}; there are {', '.join(Check.model_fields)}"
        loc = loc[2:]
    where += [".".join(map(str, loc))] if loc else []
    return f"{', '.join(where) or 'the file'}: {first['msg'].removeprefix('Value error, ')}"


async def _page(session: "Session | None") -> "tuple[Observation, str]":
    """What is on the page at the end: its controls, and all of its text."""
    if session is None:
        msg = "The page is gone before its checks could be made."
        raise BrowserLostError(msg)
    seen = await session.observe(tokens=_WHOLE_PAGE)
    texts = [await frame.evaluate("document.body?.innerText ?? ''") for frame in session.page.frames]
    return seen, _plain("\n".join(texts))


def _problem(check: Check, page: "tuple[Observation, str] | None", answer: str) -> str | None:
    """What speaks against a check, or None."""
    asked = check.model_dump(exclude_none=True)
    match asked:
        case {"answer_equals": str(text)}:
            return None if _plain(answer) == _plain(text) else f"the answer is not {text!r}"
        case {"answer_contains": str(text)}:
            return None if _plain(text) in _plain(answer) else f"the answer does not say {text!r}"
        case {"answer_number": float(number)}:
            found = {float(each.replace(",", "")) for each in _NUMBER.findall(answer)}
            right = len(found) == 1 and math.isclose(found.pop(), number, rel_tol=0, abs_tol=0.005)
            return None if right else f"the answer does not give {number:g} as its only number"
    assert page
    seen, text_of_page = page
    match asked:
        case {"url": str(pattern)}:
            fits = re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), seen.url)
            return None if fits else f"the address is {seen.url}, not {pattern}"
        case {"text": str(text)}:
            return None if _plain(text) in text_of_page else f"the page does not say {text!r}"
        case {"no_text": str(text)}:
            return f"the page says {text!r}" if _plain(text) in text_of_page else None
    return _missing(check.element, seen) if check.element else None


def _missing(wanted: ElementCheck, seen: "Observation") -> str | None:
    found = [
        element
        for element in seen.elements.values()
        if _plain(element.name) == _plain(wanted.name) and wanted.role in (None, element.role)
    ]
    if not found:
        return f"there is no {wanted.role or 'control'} {wanted.name!r}"
    if wanted.state and not any(wanted.state in element.states for element in found):
        return f"{wanted.name!r} is not {wanted.state}"
    if wanted.value is not None and not any(_plain(element.value or "") == _plain(wanted.value) for element in found):
        return f"{wanted.name!r} does not hold {wanted.value!r}"
    return None


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
