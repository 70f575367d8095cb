"""The run as it goes on: the graph's updates, folded into one picture and told as events."""

from collections.abc import Iterator, Mapping
from typing import Any

from plan_and_act.report import Step, action_in_words, checklist
from plan_and_act.trajectory import Ending, Plan, Round, Usage

Event = dict[str, Any]
"""Something that happened, as plain JSON; `event` says what: `start`, `model`, `page`, `plan`, `action`,
`outcome`, `ending`."""


class Progress:
    """What is known of a run from its state and the updates of its nodes."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        """Start from the state's values; they are empty for a run that has not begun."""
        self._begin(values)

    def _begin(self, values: Mapping[str, Any]) -> None:
        self.models: dict[str, str] = _models(values)
        self.plans = [Plan.model_validate(plan) for plan in values.get("plans") or []]
        self.rounds = [Round.model_validate(row) for row in values.get("rounds") or []]
        self.pending: dict[str, Any] | None = _action(values)
        self.url: str = (values.get("page") or {}).get("url") or ""
        self.usage = _usage(values)
        self.ending = _ending(values)
        self.thinking: str | None = None
        """The role whose model is being asked."""

    def update(self, node: str, update: Mapping[str, Any]) -> Iterator[Event]:
        """Take in what a node has written, and tell what is new for whoever watches."""
        # `Overwrite`, by which a run that begins anew forgets the one before it, holds the value itself.
        update = {name: getattr(value, "value", value) for name, value in update.items()}
        self.thinking = None
        if node == "start":
            self._begin(update)
            yield {"event": "start", "models": self.models}
            return
        self.usage |= _usage(update)
        if "pending" in update:
            action = _action(update)
            news, self.pending = action != self.pending, action
            if action and news:
                reasoning = update["pending"].get("reasoning")
                yield {
                    "event": "action",
                    "round": len(self.rounds) + 1,
                    "words": action_in_words(action),
                    "action": action,
                    "reasoning": reasoning,
                }
        for row in update.get("rounds") or []:
            self.rounds.append(Round.model_validate(row))
            yield {
                "event": "outcome",
                "round": self.rounds[-1].index,
                "words": action_in_words(self.rounds[-1].action),
                **self.rounds[-1].outcome.model_dump(),
                "seconds": self.rounds[-1].seconds,
            }
        page = update.get("page") or {}
        if "title" in page and page["url"] != self.url:
            self.url = page["url"]
            yield {"event": "page", "url": self.url, "title": page.get("title") or ""}
        for row in update.get("plans") or []:
            self.plans.append(Plan.model_validate(row))
            yield {"event": "plan", **self.plans[-1].model_dump()}
        if update.get("ending"):
            self.ending = _ending(update)
            yield {"event": "ending", **update["ending"]}

    def told(self, event: Any) -> Iterator[Event]:
        """Take in what a node tells while it is at work: which model is being asked."""
        if isinstance(event, dict) and event.get("event") == "model":
            self.thinking = str(event.get("role"))
            yield event

    @property
    def total(self) -> Usage:
        """Usage over all roles."""
        return sum(self.usage.values(), Usage())

    def checklist(self) -> list[Step]:
        """The plan as a check list."""
        under_way = (self.pending or {}).get("step")
        return checklist(self.plans, self.rounds, self.ending, under_way=under_way)


def _action(values: Mapping[str, Any]) -> dict[str, Any] | None:
    return (values.get("pending") or {}).get("action") or None


def _usage(values: Mapping[str, Any]) -> dict[str, Usage]:
    return {role: Usage.model_validate(row) for role, row in (values.get("usage") or {}).items()}


def _ending(values: Mapping[str, Any]) -> Ending | None:
    return Ending.model_validate(values["ending"]) if values.get("ending") else None


def _models(values: Mapping[str, Any]) -> dict[str, str]:
    return ((values.get("settings") or {}).get("made_by") or {}).get("models") or {}
