"""How actions, endings, times and money are said to a person; in one place for the report and the live view."""

import re
from collections.abc import Mapping
from typing import Any

from plan_and_act import actions
from plan_and_act.actions import AnyAction, name_of, ref_of, to_action
from plan_and_act.trajectory import Ending, EndingReason

_LONGEST = 120
_ROLE = re.compile(r"([a-z][\w-]*) [\"']")
_ROLE_ONLY = re.compile(r"[a-z]+")

ENDINGS: dict[EndingReason, str] = {
    "finished": "The task is done.",
    "gave_up": "The agent gave up.",
    "finish_refused": "The agent said it was done, and the check did not agree.",
    "max_rounds": "The limit of rounds was reached.",
    "stalled": "The run went round in circles and was stopped.",
    "model_output": "The model kept answering with what is no action or plan.",
    "budget_tokens": "The budget of tokens was used up.",
    "budget_cost": "The budget of money was used up.",
    "deadline": "The time was used up.",
    "browser_lost": "The browser went away and could not be brought back.",
    "page_unreachable": "The page could not be opened.",
    "blocked_by_policy": "The origin policy does not allow where the run had to go.",
    "rejected_by_person": "A person rejected what the agent wanted to do.",
}
"""One sentence for every way a run can end, used when the ending brings none of its own."""


def ending_in_words(ending: Ending) -> str:
    """The ending as one sentence: its own message, or what its reason means."""
    return ending.message or ENDINGS[ending.reason]


def action_in_words(action: AnyAction | Mapping[str, Any]) -> str:
    """An action as a person would say it, on one line and at most a few hundred characters.

    Args:
        action: The action, or a mapping that `to_action` reads.

    Raises:
        pydantic.ValidationError: When the mapping is no action.
    """
    match to_action(action) if isinstance(action, Mapping) else action:
        case actions.Click(element=label):
            return f"Click {_element(label)}"
        case actions.Type(element=label, text=text, submit=submit):
            return f"Type {_quoted(text)} into {_element(label)}" + (" and press Enter" if submit else "")
        case actions.Search(element=label, text=text):
            return f"Search for {_quoted(text)} in {_element(label)}"
        case actions.Select(element=label, option=option):
            return f"Select {_quoted(option)} in {_element(label)}"
        case actions.Hover(element=label):
            return f"Move the mouse over {_element(label)}"
        case actions.Press(key=key):
            return f"Press {_clip(key)}"
        case actions.Scroll(direction=direction, element=area):
            return f"Scroll {direction}" + (f" around {_element(area)}" if area else "")
        case actions.GoBack():
            return "Go back"
        case actions.GoForward():
            return "Go forward"
        case actions.Goto(url=url):
            return f"Open {_clip(url)}"
        case actions.SwitchTab(tab=tab):
            return f"Switch to tab {tab}"
        case actions.CloseTab():
            return "Close the tab"
        case actions.Upload(element=label, file=file):
            return f"Upload {_quoted(file)} to {_element(label)}"
        case actions.Wait(seconds=seconds):
            return f"Wait {seconds:g} s"
        case actions.Note(note=note):
            return f"Note: {_clip(note)}"
        case actions.Finish(answer=answer):
            return f"Finish: {_clip(answer)}"
        case actions.GiveUp(reason=reason):
            return f"Give up: {_clip(reason)}"
        case actions.Replan(reason=reason):
            return f"Ask for a new plan: {_clip(reason)}"
        case actions.Ask(question=question):
            return f"Ask: {_clip(question)}"


def duration(seconds: float) -> str:
    """Seconds as `0.4 s`, `12 s`, `3 min 05 s` or `1 h 02 min`."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"


def money(dollars: float | None) -> str:
    """US dollars with as many digits as matter; a dash while no price is known."""
    if dollars is None:
        return "–"
    return f"${dollars:.4f}" if 0 < dollars < 0.1 else f"${dollars:.2f}"


def _element(label: str) -> str:
    """A label as `link “Blue Kettle”`; without a name, the number tells what was meant."""
    name, ref = name_of(label), ref_of(label)
    role = _ROLE.match(label.strip())
    if role:
        return f"{role[1]} {_quoted(name)}" if name else f"{role[1]} #{ref}"
    if ref is not None and (not name or name.isdigit()):
        return f"#{ref}"
    return f"{name} #{ref}" if ref is not None and _ROLE_ONLY.fullmatch(name) else _quoted(name or label)


def _quoted(text: str) -> str:
    return f"“{_clip(text)}”"


def _clip(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
