"""WebVoyager: 643 questions on 15 live sites, from one's own copy of its JSONL file, judged by a model.

Nothing of it is deterministic: sites change, and so do answers. A result needs its date, the patch that was applied,
and the judge with its agreement against checkers (`plan_and_act.evaluation.agreement`).
"""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError, model_validator

from plan_and_act.errors import BrowserLostError, ConfigError, SuiteNotReadyError
from plan_and_act.evaluation.judge import Evidence, Judge, JudgeSettings
from plan_and_act.evaluation.suite import Attempt, EvalTask, Score, Selection, Start, Suite
from plan_and_act.trajectory import Task, Trajectory

JUDGE = "WebVoyager's judge"
_FIELDS = ("web_name", "id", "ques", "web")
_LAST_PAGE = 4_000
"""Tokens of the last page that the judge reads."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Change(_Model):
    """What a patch does to one task."""

    question: str | None = Field(None, min_length=1, description="The question to ask in its place.")
    skip: str | None = Field(None, min_length=1, description="Why it cannot be asked any more.")

    @model_validator(mode="after")
    def _one(self) -> "Change":
        if (self.question is None) == (self.skip is None):
            msg = "give either a new question or a reason to skip"
            raise ValueError(msg)
        return self


class Patch(_Model):
    """Changes to stale tasks, under a name that results are reported with."""

    name: str = Field(min_length=1)
    tasks: dict[str, Change]


class WebVoyager(Suite):
    """The tasks of a JSONL file."""

    name: ClassVar[str] = "webvoyager"

    tasks_file: Path = Field(description="Your copy of WebVoyager_data.jsonl.")
    patch: Path | None = Field(None, description="A YAML file of new questions, and of tasks to skip.")
    judge: JudgeSettings = Field(description="The model that judges; `screenshots` is for models that see.")

    _judge: Judge | None = PrivateAttr(None)

    def tasks(self, selection: Selection) -> list[EvalTask]:
        """See `Suite`; with seeds every task is repeated, once for each."""
        found = selection.of([task for task in self._rows if task.id not in self._skipped])
        if not selection.seeds:
            return found
        return [
            task.model_copy(update={"id": f"{task.id}@{seed}", "seed": seed})
            for seed in selection.seeds
            for task in found
        ]

    def versions(self) -> dict[str, str]:
        """See `Suite`."""
        told = "\n".join(task.model_dump_json() for task in self._rows)
        versions = {"tasks": f"{len(self._rows)}, {hashlib.sha256(told.encode()).hexdigest()[:16]}"}
        if self._patch:
            changed = len(self._patch.tasks) - len(self._skipped)
            versions["patch"] = f"{self._patch.name}: {changed} changed, {len(self._skipped)} skipped"
        return versions

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """See `Suite`: the judge's model is there; whether the sites are is seen task by task."""
        self._judge = await asyncio.to_thread(Judge.of, self.judge)
        try:
            yield
        finally:
            self._judge = None

    async def begin(self, attempt: Attempt) -> Start:
        """See `Suite`."""
        task = Task(intent=attempt.task.intent, url=attempt.task.urls[0])
        return Start(task, settings={"screenshots": True} if self.judge.screenshots else {})

    async def score(self, attempt: Attempt, run: Trajectory) -> Score:
        """See `Suite`; a run without an answer has failed, as in the original."""
        if self._judge is None:
            raise SuiteNotReadyError(self.name, ["it is not open"])
        if not run.answer:
            return Score.passed(False, judge=JUDGE, problems=["it gave no answer"])
        if attempt.session is None:
            msg = "The browser went away before the run could be judged."
            raise BrowserLostError(msg)
        count = self.judge.screenshots
        seen = await attempt.session.observe(tokens=_LAST_PAGE)
        last = await attempt.session.screenshot() if count else None
        shown = await asyncio.to_thread(
            Evidence.of, run, attempt.artefacts, screenshots=count, page=seen.text, last=last
        )
        said = await self._judge.judge(shown)
        return Score(
            reward=float(said.success),
            success=said.success,
            judge=self._judge.name,
            problems=() if said.success else (said.reason or "the judge says NO",),
            also={"probability": said.probability} if said.told else {},
            usage=said.usage,
        )

    @cached_property
    def _rows(self) -> list[EvalTask]:
        """All tasks, patched; those to be skipped too."""
        rows = _read(self.tasks_file)
        if self._patch:
            if strange := sorted(set(self._patch.tasks) - {row["id"] for row in rows}):
                msg = (
                    f"The patch {self.patch} names tasks that {self.tasks_file} does not have: {', '.join(strange[:5])}"
                )
                raise ConfigError(msg)
            for row in rows:
                change = self._patch.tasks.get(row["id"])
                row["ques"] = (change and change.question) or row["ques"]
        return [EvalTask(id=row["id"], site=row["web_name"], intent=row["ques"], urls=(row["web"],)) for row in rows]

    @cached_property
    def _patch(self) -> Patch | None:
        if self.patch is None:
            return None
        try:
            return Patch.model_validate(yaml.safe_load(self.patch.read_text(encoding="utf-8")))
        except (OSError, UnicodeError, yaml.YAMLError) as error:
            msg = f"The patch {self.patch} cannot be read as YAML: {' '.join(str(error).split())}"
            raise ConfigError(msg) from error
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"])) or "the file"
            msg = f"The patch {self.patch} cannot be used: {where}: {first['msg'].removeprefix('Value error, ')}"
            raise ConfigError(msg) from error

    @property
    def _skipped(self) -> set[str]:
        return {name for name, change in self._patch.tasks.items() if change.skip} if self._patch else set()


def _read(path: Path) -> list[dict[str, Any]]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeError) as error:
        msg = f"The tasks {path} cannot be read ({error}). It is your copy of WebVoyager_data.jsonl"
        raise ConfigError(msg) from error
    rows = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            rows.append({name: str(row[name]) for name in _FIELDS})
        except (ValueError, LookupError, TypeError) as error:
            msg = f"{path}:{number} is no task of WebVoyager: it needs the fields {', '.join(_FIELDS)}"
            raise ConfigError(msg) from error
    return rows
