"""WebArena (812 tasks) and WebArena-Lite (165 of them, human-verified) on containers of one's own.

Tasks and evaluation are those of webarena-verified, run as a separate tool. Its task texts are rewritten: they name the
form of the answer. A result by it is deterministic, and not the number that papers publish for WebArena-Lite; for that
one there are the original evaluators beside it (`original`), which need their published task file and a judge.
"""

import asyncio
import json
import shlex
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any, ClassVar, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, field_validator

from plan_and_act.browser import OriginPolicy, SessionOptions, Setup, pool
from plan_and_act.errors import BrowserLostError, ConfigError, SuiteNotReadyError
from plan_and_act.evaluation.judge import Judge, JudgeSettings
from plan_and_act.evaluation.suite import Attempt, EvalTask, Score, Selection, Start, Suite
from plan_and_act.evaluation.suites._webarena_original import Original, not_supported
from plan_and_act.evaluation.suites._webarena_sites import ACCOUNTS, Account, SiteName, Sites
from plan_and_act.evaluation.suites._webarena_verified import (
    ANSWER_SCHEMA,
    TOOL,
    VerifiedTask,
    VerifiedTool,
    record,
    response_of,
    text_of,
)
from plan_and_act.trajectory import Task, Trajectory, Usage

VIEWPORT = (1280, 720)
_ORDER = ("RETRIEVE", "NAVIGATE", "MUTATE")
"""Tasks that change a site come last: the others are to find it as it was."""


class OriginalSettings(BaseModel):
    """What the original evaluators need."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tasks: Path = Field(description="test.raw.json of WebArena, or test_webarena_lite.raw.json.")
    judge: JudgeSettings = Field(description="Compares answers; the original used GPT-4.")


class WebArena(Suite):
    """All 812 tasks."""

    name: ClassVar[str] = "webarena"

    sites: dict[SiteName, str] = Field(min_length=1, description="The sites' addresses by name.")
    accounts: dict[SiteName, Account] = Field({}, description="Who signs in; the public accounts when left out.")
    reset: dict[SiteName, str] = Field(
        {}, description="Addresses to POST to after a site was changed, e.g. the /init of its env-ctrl."
    )
    private: tuple[str, ...] = Field((), description="Further private addresses that pages load from, e.g. map tiles.")
    evaluator: str = Field(TOOL, description="The command of webarena-verified.")
    protocol: Literal["verified", "original"] = Field(
        "verified", description="Whose task texts the agent is given, and whose evaluation counts."
    )
    original: OriginalSettings | None = Field(None, description="The original evaluators, to be asked as well.")

    _sites: Sites | None = PrivateAttr(None)
    _judge: Judge | None = PrivateAttr(None)
    _needed: set[SiteName] = PrivateAttr(default_factory=set)

    @field_validator("sites", "reset")
    @classmethod
    def _addresses(cls, urls: dict[SiteName, str]) -> dict[SiteName, str]:
        for name, url in urls.items():
            if not url.startswith(("http://", "https://")):
                msg = f"{name}: {url!r} is no address; write it like http://localhost:7770"
                raise ValueError(msg)
        return urls

    def model_post_init(self, context: Any) -> None:
        """Check what belongs together.

        Raises:
            ConfigError: When the original protocol is wanted without the original evaluators.
        """
        super().model_post_init(context)
        if self.protocol == "original" and self.original is None:
            msg = f"The suite {self.name} with `protocol: original` needs `original`: its tasks and a judge"
            raise ConfigError(msg)

    def tasks(self, selection: Selection) -> list[EvalTask]:
        """See `Suite`; ids are WebArena's, and with seeds every task is repeated, once for each."""
        found = selection.of([self._task(task) for kind in _ORDER for task in self._meant if task.kind == kind])
        self._needed = {site for task in found for site in task.extra["sites"]}
        if not selection.seeds:
            return found
        return [
            task.model_copy(update={"id": f"{task.id}@{seed}", "seed": seed})
            for seed in selection.seeds
            for task in found
        ]

    @property
    def only_here(self) -> str:
        """See `Suite`."""
        why = "its workers would reset sites under each other; leave out --ray, or the setting `reset`"
        return why if self.reset else ""

    def versions(self) -> dict[str, str]:
        """See `Suite`; with what the original evaluators cannot say, where they are asked."""
        versions = {"webarena-verified": self._tool.version(), "webarena-verified data": self._tool.data_hash()}
        if self.original:
            ours = {task.id for task in self._verified}
            unsupported = [spec for number, spec in self._originals.items() if number in ours and _missing(spec)]
            versions["original evaluators"] = f"own, after the definitions; {len(unsupported)} tasks not supported"
        return versions

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """See `Suite`: the sites answer, and let their accounts in."""
        sites = Sites(
            self.name,
            self.sites,
            accounts={**ACCOUNTS, **self.accounts},
            resets=self.reset,
            private=self.private,
        )
        await sites.check(self._needed or self.sites)
        if self.original:
            self._judge = await asyncio.to_thread(Judge.of, self.original.judge)
        self._sites = sites
        try:
            yield
        finally:
            self._sites = None

    async def begin(self, attempt: Attempt) -> Start:
        """See `Suite`: a new session, signed in, with a tab for each page to start on."""
        task, sites = attempt.task, self._open
        names = cast("list[SiteName]", task.extra["sites"])
        state = await sites.prepare(names, changes=task.extra["kind"] == "MUTATE")
        login = await asyncio.to_thread(attempt.artefacts.put, json.dumps(state), private=True)
        *beside, url = map(sites.filled, task.urls)
        geolocation = task.extra.get("geolocation")
        return Start(
            Task(intent=task.intent, url=url),
            private_origins=sites.origins,
            settings={"viewport": VIEWPORT, **({"output_schema": ANSWER_SCHEMA} if self._by_verified else {})},
            session=SessionOptions(
                setup=Setup(
                    login=login,
                    beside=tuple(beside),
                    geolocation=tuple(geolocation) if geolocation else None,
                    har=_har(attempt),
                )
            ),
        )

    async def score(self, attempt: Attempt, run: Trajectory) -> Score:
        """See `Suite`: by both evaluations where the original ones are asked too; the protocol's counts."""
        session = attempt.session
        if session is None:
            msg = "The browser went away before the run could be judged."
            raise BrowserLostError(msg)
        number, response = attempt.task.extra["id"], response_of(run)
        original = self._original_of(number)
        if original:
            await original.look(session)
            saved = await session.save()
        await attempt.close()  # with it the traffic is complete
        folder = attempt.folder / "evaluation"
        await asyncio.to_thread(record, folder, number, response, _har(attempt))
        verdict = await asyncio.to_thread(self._tool.evaluate, number, folder, self._open.urls)
        verified = f"webarena-verified {self._version}"
        if not original:
            return _score(verdict.score, verified, problems=verdict.problems)
        key = f"{attempt.token}/check"
        options = SessionOptions(
            viewport=VIEWPORT,
            artefacts=attempt.artefacts,
            policy=OriginPolicy(private=self._open.origins),
            setup=Setup(login=saved.get("storage")),
        )
        try:
            answer = text_of(response) if self._by_verified else run.answer or ""
            score = await original.score(answer, await pool().session(key, options))
        finally:
            await pool().release(key)
        named = f"original evaluators with {original.judge.settings.model}"
        if self._by_verified:
            return _score(verdict.score, verified, also={named: score}, problems=verdict.problems, usage=original.usage)
        return _score(score, named, also={verified: verdict.score}, usage=original.usage)

    @property
    def _by_verified(self) -> bool:
        return self.protocol == "verified"

    @property
    def _open(self) -> Sites:
        if self._sites is None:
            raise SuiteNotReadyError(self.name, ["it is not open"])
        return self._sites

    @cached_property
    def _tool(self) -> VerifiedTool:
        return VerifiedTool(self.name, shlex.split(self.evaluator))

    @cached_property
    def _version(self) -> str:
        return self._tool.version()

    @cached_property
    def _verified(self) -> list[VerifiedTask]:
        """The suite's tasks."""
        return self._tool.tasks()

    @property
    def _meant(self) -> list[VerifiedTask]:
        """Those that the protocol can evaluate."""
        if self._by_verified:
            return self._verified
        return [
            task for task in self._verified if task.id in self._originals and not _missing(self._originals[task.id])
        ]

    @cached_property
    def _originals(self) -> dict[int, dict[str, Any]]:
        """The original tasks by WebArena's ids; WebArena-Lite numbers its own from 0 and calls those old."""
        if self.original is None:
            return {}
        path = self.original.tasks
        try:
            rows = json.loads(path.read_text(encoding="utf-8"))
            return {int(row.get("old_task_id", row["task_id"])): row for row in rows if row["eval"]}
        except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
            msg = f"The tasks {path} cannot be read: {error}. The file is test.raw.json or test_webarena_lite.raw.json"
            raise ConfigError(msg) from error

    def _task(self, task: VerifiedTask) -> EvalTask:
        original = self._originals.get(task.id)
        extra: dict[str, Any] = {"id": task.id, "sites": list(task.sites), "kind": task.kind}
        urls, intent = task.urls, task.intent
        if original and original.get("geolocation"):
            extra["geolocation"] = [original["geolocation"]["latitude"], original["geolocation"]["longitude"]]
        if original and (missing := _missing(original)):
            extra["original"] = f"not supported: {missing}"
        if original and not self._by_verified:
            intent, urls = original["intent"], tuple(original["start_url"].split(" |AND| "))
        return EvalTask(
            id=str(task.id),
            site=task.sites[0] if len(task.sites) == 1 else "multiple",
            template=f"template-{task.template}",
            intent=intent,
            urls=urls,
            # What one of them changes the next one finds.
            group=self._group(task) if task.kind == "MUTATE" else None,
            extra=extra,
        )

    def _group(self, task: VerifiedTask) -> str:
        """The sites of a task that changes them, with those that are changed together with any of them."""
        sites = next(sites for sites in self._changed if sites & {*task.sites})
        return f"changes {'+'.join(sorted(sites))}"

    @cached_property
    def _changed(self) -> list[set[str]]:
        """The sites that are changed, in sets that share no task."""
        apart: list[set[str]] = []
        for task in self._verified:
            if task.kind == "MUTATE":
                joined = {*task.sites}.union(*(sites for sites in apart if sites & {*task.sites}))
                apart = [*(sites for sites in apart if not sites & joined), joined]
        return apart

    def _original_of(self, number: int) -> Original | None:
        spec = self._originals.get(number)
        if spec is None or self._judge is None or _missing(spec):
            return None
        filled = json.loads(self._open.filled(json.dumps(spec["eval"])))
        return Original(filled, spec["intent"], self._judge)


class WebArenaLite(WebArena):
    """The 165 tasks of WebArena-Lite."""

    name: ClassVar[str] = "webarena-lite"

    @cached_property
    def _verified(self) -> list[VerifiedTask]:
        ids = set(json.loads((files(__package__) / "data" / "webarena_lite.json").read_text(encoding="utf-8")))
        return [task for task in self._tool.tasks() if task.id in ids]


def _score(
    reward: float,
    judge: str,
    *,
    also: Mapping[str, float] | None = None,
    problems: tuple[str, ...] = (),
    usage: Usage | None = None,
) -> Score:
    """WebArena counts a task when everything about it is right."""
    return Score(reward=reward, success=reward == 1, judge=judge, also=dict(also or {}), problems=problems, usage=usage)


def _missing(original: Mapping[str, Any]) -> str | None:
    return not_supported(original["eval"])


def _har(attempt: Attempt) -> Path:
    return attempt.folder / "traffic" / "network.har"
