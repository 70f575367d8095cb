"""From the nouns to messages: the one renderer that inference and training share.

Old observations are dropped; one line holds the place of each (the paper's executor keeps no old HTML, section 3.2).
"""

import hmac
import json
import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Literal

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, merge_message_runs

from plan_and_act.actions import Ask
from plan_and_act.llm.formats import ActionFormat, PlanFormat, VerdictFormat, render_plan
from plan_and_act.llm.prompts import prompt
from plan_and_act.trajectory import Outcome, Plan, Round

_NO_ROUNDS = "(none)"
_RECENT, _DONE = 3, 8
"""Rounds beside the question; rounds in a brief prompt."""
_GLANCE = 800
"""Characters of the first page in a brief prompt for a plan: where the task begins. The executor is shown all of it."""
_KEY = secrets.token_bytes(16)
_marks_key: ContextVar[bytes | None] = ContextVar("marks_key", default=None)
_HEAD = 200
"""Characters a page's mark is made from; pages that differ there share no prompt cache anyway."""
_FORGED = re.compile(r"<(?=\s*/?\s*page\b)", re.I)
_LONGEST_VALUE, _LONGEST_TITLE, _LONGEST_OUTCOME = 200, 100, 600
"""Characters of one thing in a line about a past round."""


def planner_messages(task: str, page: str, form: PlanFormat) -> list[BaseMessage]:
    """What the planner is asked (paper, section A.3).

    Args:
        page: The first page, as an observation renders it.
    """
    if form.brief:
        return prompt("planner_brief").format_messages(task=task, page=fenced(_glance(page)))
    return prompt("planner").format_messages(format=form.instructions(), task=task, page=fenced(page))


def replanner_messages(
    task: str, plans: Sequence[Plan], rounds: Sequence[Round], page: str, cause: str, form: PlanFormat
) -> list[BaseMessage]:
    """What the replanner is asked: earlier plans as its own turns, then actions and page (paper, section A.10)."""
    history: list[BaseMessage] = []
    for plan in plans[-2:]:
        place = f"(The page after round {plan.round}.)" if plan.round else "(The first page.)"
        history += [HumanMessage(place), AIMessage(form.render(plan))]
    if form.brief:
        brief = prompt("replanner_brief").format_messages(
            task=task,
            history=history,
            notes=_notes(rounds),
            done=_done(rounds, plans[-1]),
            cause=cause,
            page=fenced(page),
        )
        return merge_message_runs(brief)
    messages = prompt("replanner").format_messages(
        format=form.instructions(),
        task=task,
        history=history,
        actions=action_list(rounds),
        notes=_notes(rounds),
        cause=cause,
        page=fenced(page),
    )
    return merge_message_runs(messages)


def executor_messages(
    task: str,
    plan: Plan | None,
    rounds: Sequence[Round],
    page: str,
    form: ActionFormat,
    *,
    hint: str | None = None,
    output_schema: dict[str, Any] | None = None,
    secret_names: Sequence[str] = (),
) -> list[BaseMessage]:
    """What the executor is asked: each past round as its own turn, then the plan and the page (paper, section A.4)."""
    extra = ""
    if output_schema:
        extra += f"\nThe answer must be JSON that fits this schema: {json.dumps(output_schema)}"
    if secret_names:
        names = ", ".join(f"<secret:{name}>" for name in secret_names)
        extra += f"\nValues you may type without seeing them: {names}"
    if form.brief:
        return prompt("executor_brief").format_messages(
            task=task,
            extra=extra,
            page=fenced(page),
            plan=f"Plan:\n{goals(plan)}\n\n" if plan else "",
            notes=f"{notes}\n" if (notes := _notes(rounds)) else "",
            done=_done(rounds, plan),
            hint=f"{hint}\n\n" if hint else "",
        )
    history: list[BaseMessage] = []
    for round_ in rounds:
        history.append(form.turn(round_.index, round_.action, round_.reasoning))
        history.append(
            form.answer(round_.index, f"{outcome_sentence(round_.outcome)}\n(The page was: {_place(round_)})")
        )
    messages = prompt("executor").format_messages(
        format=form.instructions(),
        task=task,
        extra=extra,
        history=history,
        page=fenced(page),
        plan=f"The plan:\n{render_plan(plan)}\n\n" if plan else "",
        notes=f"{notes}\n" if (notes := _notes(rounds)) else "",
        recent=_recent(rounds),
        hint=f"{hint}\n\n" if hint else "",
    )
    return merge_message_runs(messages)


def verifier_messages(
    task: str,
    rounds: Sequence[Round],
    page: str,
    answer: str,
    form: VerdictFormat,
    *,
    name: Literal["verifier", "judge"] = "verifier",
) -> list[BaseMessage]:
    """What the verifier is asked, or a judge (after the outcome reward model's prompt, paper section 4.1)."""
    return prompt(name).format_messages(
        format=form.instructions(),
        task=task,
        actions=action_list(rounds),
        notes=_notes(rounds),
        page=fenced(page),
        answer=answer,
    )


def fenced(page: str) -> str:
    """Page text between marks that the page cannot forge, since they are made with a key it does not know.

    Should a model tell a page its marks, they are of no use to it: what looks like a mark is changed in the text.

    A page that is seen again has the same marks, so that prompt caches hold what it has in common with the last look.
    """
    known = page[:_HEAD].encode("utf-8", "surrogatepass")
    mark = hmac.digest(_marks_key.get() or _KEY, known, "sha256").hex()[:8]
    return f"<page {mark}>\n{without_marks(page)}\n</page {mark}>"


def without_marks(text: str) -> str:
    """A site's own words with nothing in them that looks like the marks around pages."""
    return _FORGED.sub("‹", text)


@contextmanager
def page_marks(key: bytes) -> Iterator[None]:
    """Make the marks around pages with a key of one's own inside the block, so that the same page gives the same bytes.

    For what is written down (training rows) or looked up by its content (cached answers); a live run keeps the key
    nobody knows.
    """
    token = _marks_key.set(key)
    try:
        yield
    finally:
        _marks_key.reset(token)


def outcome_sentence(outcome: Outcome) -> str:
    """The outcome as one line for models and people: status, message, what changed."""
    said = [part.rstrip(".") for part in (outcome.message, *outcome.changes) if part]
    status = outcome.status.replace("_", " ")
    return _line(f"{status}: {'; '.join(said)}", _LONGEST_OUTCOME) if said else status


def action_list(rounds: Sequence[Round]) -> str:
    """The actions taken, a line each, with their outcomes."""
    return "\n".join(f"{row.index}. {_action(row)} -> {outcome_sentence(row.outcome)}" for row in rounds) or _NO_ROUNDS


def goals(plan: Plan) -> str:
    """The goals of a plan's steps, a numbered line each."""
    return "\n".join(f"{number}. {_line(step.goal, _LONGEST_VALUE)}" for number, step in enumerate(plan.steps, 1))


def _glance(page: str) -> str:
    """The beginning of a page, in whole lines."""
    return page if len(page) <= _GLANCE else page[: _GLANCE + 1].rpartition("\n")[0] or page[:_GLANCE]


def _done(rounds: Sequence[Round], plan: Plan | None) -> str:
    """The last actions as briefly as can be: their step of the plan, and what came of them where it was trouble."""
    if not rounds:
        return ""
    told = [f"- {_on(row, plan)}{_action(row)}{_trouble(row.outcome)}" for row in rounds[-_DONE:]]
    left_out = len(rounds) - len(told)
    more = [f"({left_out} actions before)"] if left_out else []
    return "\n".join(["Done:", *more, *told, "", ""])


def _on(row: Round, plan: Plan | None) -> str:
    """The step that a round worked on, by the number it has in the plan that is shown."""
    return f"[{row.action.step}] " if plan and row.plan == plan.revision and row.action.step else ""


def _trouble(outcome: Outcome) -> str:
    return "" if outcome.status == "ok" else f" -> {outcome_sentence(outcome)}"


def _recent(rounds: Sequence[Round]) -> str:
    """The last rounds, beside the question: small models do not look for them further up."""
    if not rounds:
        return ""
    again = "" if rounds[-1].outcome.status in ("ok", "unknown") else "That did not help. Do something else now.\n"
    return f"Done last:\n{action_list(rounds[-_RECENT:])}\n{again}\n"


def _action(row: Round) -> str:
    given = {k: v for k, v in row.action.model_dump(exclude_none=True).items() if k not in ("action", "step", "note")}
    arguments = ", ".join(_line(str(v), _LONGEST_VALUE) for v in given.values() if v not in ("", False))
    return f"{row.action.action.replace('_', ' ')} {arguments}".strip()


def _answered(row: Round) -> str:
    if not isinstance(row.action, Ask) or row.outcome.status != "ok":
        return ""
    return f"{row.action.question} {without_marks(row.outcome.message)}"


def _place(row: Round) -> str:
    # Both are the site's own words: one line each, and a data: URL can be a whole page.
    url = _line(row.url, _LONGEST_VALUE)
    return f"{_line(row.title, _LONGEST_TITLE)}, {url}" if row.title else url


def _line(text: str, longest: int) -> str:
    line = without_marks(" ".join(text.split()))
    return line if len(line) <= longest else f"{line[:longest]}..."


def _notes(rounds: Sequence[Round]) -> str:
    """What has been noted, and what the person has answered, in full: no page shows it again."""
    notes = list(dict.fromkeys(note for row in rounds if (note := row.action.note or _answered(row))))
    return "Noted so far:\n" + "\n".join(f"- {note}" for note in notes) + "\n" if notes else ""
