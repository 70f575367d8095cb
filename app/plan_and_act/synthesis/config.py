"""The pipeline's settings: one YAML file, with a section for each stage beside what all stages share."""

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from plan_and_act.errors import ConfigError

S = TypeVar("S", bound=BaseModel)


class Section(BaseModel):
    """A part of the file. The settings of a stage are subclasses of it."""

    model_config = ConfigDict(extra="forbid")


class TeacherSettings(Section):
    """A chat model that writes data, and how hard its endpoint may be pressed."""

    model: str | None = Field(None, description="provider:name; without one the environment decides, as for runs.")
    concurrency: int = Field(4, ge=1, le=1_000, description="Calls at once at its endpoint.")
    requests_per_minute: float | None = Field(None, gt=0, description="Calls begun per minute at its endpoint.")
    temperature: float | None = Field(
        None,
        ge=0,
        le=2,
        description="As the model has it when left out; 0.8 where the same is asked again and it has 0.",
    )
    constrained: bool = Field(
        False, description="Hold answers to JSON schemas, as small models need; the endpoint must take them."
    )
    max_tokens: int | None = Field(None, ge=16, description="Tokens of one answer.")
    page_tokens: int = Field(2_000, ge=100, description="Tokens of a page in a prompt; a longer page is cut.")
    model_timeout: float = Field(600.0, gt=0, description="Seconds one call may take, retries included.")


class Budget(Section):
    """What one invocation may use; answers that are known already cost nothing."""

    tokens: int | None = Field(None, ge=1, description="Input and output tokens; no limit when left out.")
    cost: float | None = Field(None, gt=0, description="US dollars; needs `prices`. No limit when left out.")

    @field_validator("tokens", "cost", mode="before")
    @classmethod
    def _some(cls, value: object) -> object:
        if value == 0:
            msg = "with a budget of 0 nothing could be asked; leave it out for no limit"
            raise ValueError(msg)
        return value


class SiteSettings(Section):
    """A site that tasks are made for."""

    url: str | None = Field(None, description="Where tasks begin; left out for a practice site.")
    about: str = Field("", description="What the site is, in a sentence for the teacher.")
    rules: list[str] = Field(default_factory=list, description="What the site cannot do, for the feasibility filter.")
    seeds: list[str] = Field(default_factory=list, description="Seed queries; a practice site has its own.")


class Config(Section):
    """What all stages share."""

    folder: Path = Field(description="Where rows, pages and the teacher's answers are kept.")
    seed: int = Field(0, description="What everything that is drawn is drawn from.")
    teacher: TeacherSettings = Field(default_factory=TeacherSettings)
    teachers: dict[str, TeacherSettings] = Field(default_factory=dict, description="Other teachers, by stage.")
    prices: dict[str, tuple[float, float]] = Field(
        default_factory=dict, description="US dollars per million input and output tokens, by model name."
    )
    budget: Budget = Field(default_factory=Budget)
    sites: dict[str, SiteSettings] = Field(min_length=1)
    stages: list[str] = Field(default_factory=list, description="What `all` carries out; every stage when left out.")

    @property
    def practice(self) -> tuple[str, ...]:
        """The sites of the practice web: those that have no address of their own."""
        return tuple(name for name, site in self.sites.items() if not site.url)

    def teacher_of(self, stage: str) -> TeacherSettings:
        """The settings of a stage's teacher."""
        return self.teachers.get(stage, self.teacher)


def read(path: Path, stages: Mapping[str, type[Section]]) -> tuple[Config, dict[str, Section]]:
    """Read a file.

    Args:
        path: The file; `folder` in it is relative to it.
        stages: The kind of settings of each stage, by name.

    Returns:
        What all stages share, and the settings of each stage.

    Raises:
        ConfigError: It cannot be read, or something in it is not known or cannot be used.
    """
    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeError) as error:
        msg = f"{path} cannot be read: {getattr(error, 'strerror', None) or error}"
        raise ConfigError(msg) from error
    except yaml.YAMLError as error:
        msg = f"{path} is no YAML: {' '.join(str(error).split())}"
        raise ConfigError(msg) from error
    if not isinstance(given, dict):
        msg = f"{path} must hold settings by name: folder, sites, and a section for each stage"
        raise ConfigError(msg)
    known = [*Config.model_fields, *stages]
    for name in given:
        if name not in known:
            msg = f"{path}: {_unknown(str(name), known)}"
            raise ConfigError(msg)
    shared = _checked(Config, {k: v for k, v in given.items() if k in Config.model_fields}, str(path))
    for where, names in (("teachers", list(shared.teachers)), ("stages", shared.stages)):
        for name in names:
            if name not in stages:
                msg = f"{path}: {where}: {_unknown(name, list(stages), what='stage')}"
                raise ConfigError(msg)
    sections = {name: _checked(kind, given.get(name) or {}, f"{path}: {name}") for name, kind in stages.items()}
    return shared.model_copy(update={"folder": path.parent / shared.folder}), sections


def unknown_stage(name: str, stages: list[str]) -> ConfigError:
    """The error of a stage that there is not."""
    return ConfigError(_unknown(name, stages, what="stage"))


def _unknown(name: str, known: list[str], *, what: str = "stage or setting") -> str:
    close = get_close_matches(name, known, 1)
    return f"there is no {what} {name!r}; " + (f"did you mean {close[0]}?" if close else f"known: {', '.join(known)}")


def _checked(kind: type[S], values: Any, where: str) -> S:
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        problems = [
            f"{'.'.join(str(part) for part in problem['loc']) or 'the section'}: {problem['msg']}"
            for problem in error.errors(include_url=False, include_input=False)
        ]
        msg = f"{where}: {'; '.join(problems)}"
        raise ConfigError(msg) from error
