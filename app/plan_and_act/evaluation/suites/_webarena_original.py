"""The evaluators that WebArena and WebArena-Lite came with, after their published definitions: for comparison.

Three kinds, all of which have to be satisfied: the answer (exactly, containing, or meaning the same to a model), the
address at the end, and what is found on pages afterwards. Sources of the definitions: webarena (evaluation_harness/
evaluators.py) and VisualAgentBench (VAB-WebArena-Lite). The model is the one that the settings name, with our prompts.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from playwright.async_api import Error as PlaywrightError

from plan_and_act.evaluation.judge import Judge
from plan_and_act.trajectory import Usage

if TYPE_CHECKING:
    from playwright.async_api import Page

    from plan_and_act.browser import Session

_OR = " |OR| "
_POST_OF = re.compile(r"func:reddit_get_post_url\('__last_url__'\)")
_ROLE_OF = re.compile(r"func:gitlab_get_project_memeber_role\(__page__, '([^']*)'\)")
_ROLE = """name => {
  const names = [...document.querySelectorAll("td[data-label='Account'] span.gl-avatar-labeled-sublabel")];
  const index = names.findIndex(element => element.innerText === `@${name}`);
  return document.querySelectorAll("td.col-max-role span")[index]?.innerText ?? "";
}"""


@dataclass
class Original:
    """A task's original evaluation, in two parts: what the agent's page shows, and what other pages show afterwards.

    Args:
        spec: The task's `eval`, with the sites' addresses filled in.
        intent: The task as the original has it.
        judge: Compares answers that need not be the same word for word.
    """

    spec: Mapping[str, Any]
    intent: str
    judge: Judge
    usage: Usage = field(default_factory=Usage)
    _url: str = ""
    _here: dict[int, str] = field(default_factory=dict)

    async def look(self, session: "Session") -> None:
        """Take down what the page shows that the agent has left; no request is made."""
        self._url = session.page.url
        for index, target in self._targets():
            if target["url"] == "last":
                self._here[index] = await _found(session.page, target)

    async def score(self, answer: str, session: "Session") -> float:
        """The score: 1 when everything holds, else 0.

        Args:
            answer: The agent's answer; empty where it gave none.
            session: A session of its own, signed in as the agent was.

        Raises:
            ModelOutputError: When the judge gives no verdict.
            ModelUnavailableError: When it cannot be asked.
        """
        for kind in self.spec["eval_types"]:
            match kind:
                case "string_match":
                    holds = await self._answer(answer)
                case "url_match":
                    holds = self._address()
                case _:
                    holds = await self._pages(session)
            if not holds:
                return 0.0
        return 1.0

    async def _answer(self, answer: str) -> bool:
        for kind, reference in self.spec["reference_answers"].items():
            match kind:
                case "exact_match":
                    holds = _clean(answer) == _clean(reference)
                case "must_include":
                    holds = all(_includes(answer, part, alone=len(reference) == 1) for part in reference)
                case "fuzzy_match" if reference == "N/A":
                    holds = _clean(answer) == "n/a" or await self._means(
                        "judge_reason", self.spec.get("string_note") or "It cannot be done.", answer
                    )
                case _:
                    holds = True
                    for part in [reference] if isinstance(reference, str) else reference:
                        holds = holds and await self._means("judge_answer", part, answer)
            if not holds:
                return False
        return True

    async def _means(self, prompt: str, reference: str, answer: str) -> bool:
        if not answer.strip():
            return False
        said = await self.judge.compare(prompt, task=self.intent, reference=reference, answer=answer)
        self.usage += said.usage
        return said.success

    def _address(self) -> bool:
        """Whether the address holds one of the reference's, and for each of their query's names one of its values."""
        references = [_parts(url) for url in self.spec["reference_url"].split(_OR)]
        place, query = _parts(self._url)
        wanted: dict[str, set[str]] = {}
        for _, values in references:
            for name, options in values.items():
                wanted.setdefault(name, set()).update(options)
        return any(reference in place for reference, _ in references) and all(
            options & set(query.get(name, [])) for name, options in wanted.items()
        )

    async def _pages(self, session: "Session") -> bool:
        for index, target in self._targets():
            if index in self._here:
                found = self._here[index]
            else:
                await session.goto(_post_of(self._url) if _POST_OF.fullmatch(target["url"]) else target["url"])
                await session.observe(tokens=200)  # once the page is at rest
                found = await _found(session.page, target)
            if not await self._contains(found, target["required_contents"]):
                return False
        return True

    async def _contains(self, found: str, required: Mapping[str, Any]) -> bool:
        if "exact_match" in required:
            return _clean(found) == _clean(required["exact_match"])
        if "must_include" in required:
            return all(any(_includes(found, each) for each in part.split(_OR)) for part in required["must_include"])
        return await self._means("judge_answer", ", ".join(required["fuzzy_match"]), found)

    def _targets(self) -> list[tuple[int, Mapping[str, Any]]]:
        asked = "program_html" in self.spec["eval_types"]
        return list(enumerate(self.spec["program_html"])) if asked else []


def not_supported(spec: Mapping[str, Any]) -> str | None:
    """The helper of a task's evaluation that is not here, since it asks a site's REST interface; None without one."""
    for target in spec.get("program_html") or []:
        for text, known in ((target["url"], _POST_OF), (target["locator"], _ROLE_OF)):
            if text.startswith("func:") and not known.fullmatch(text):
                return re.split(r"[(\s]", text.removeprefix("func:"), maxsplit=1)[0]
    return None


async def _found(page: "Page", target: Mapping[str, Any]) -> str:
    """What a target's locator finds; empty where the page is not the one it was written for."""
    locator = str(target["locator"]).strip()
    try:
        if not locator:
            return await page.content()
        if role := _ROLE_OF.fullmatch(locator):
            return str(await page.evaluate(_ROLE, role[1]))
        for action in target.get("prep_actions") or []:
            await page.evaluate(f"() => {action}")
        return str(await page.evaluate(f"() => {locator.removeprefix('lambda:')}") or "")
    except PlaywrightError:
        return ""


def _post_of(url: str) -> str:
    """The address of the post that a page belongs to: /f/FORUM/POST/..."""
    parts = urlsplit(url)
    names = parts.path.split("/")
    if len(names) < 4 or names[1] != "f":
        return url
    return f"{parts.scheme}://{parts.netloc}/f/{names[2]}/{names[3]}/"


def _clean(text: str) -> str:
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        text = text[1:-1]
    return text.lower()


def _includes(text: str, part: str, *, alone: bool = False) -> bool:
    """Whether a text holds a part; a reference that is one character has to stand by itself, or 0 would be in 10."""
    text, part = _clean(text), _clean(part)
    if alone and len(part) == 1:
        return part in re.findall(r"\w+|[^\w\s]", text)
    return part in text


def _parts(url: str) -> tuple[str, Mapping[str, Sequence[str]]]:
    parts = urlsplit(url.strip().rstrip("/"))
    return parts.netloc + parts.path, parse_qs(parts.query)
