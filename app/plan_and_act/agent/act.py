"""act: carry the pending action out in the browser. Errors become outcomes; nothing is carried out twice."""

import time
from contextlib import suppress
from typing import Any, cast

from plan_and_act.actions import AnyAction, name_of, to_action
from plan_and_act.agent.executor import named
from plan_and_act.agent.lease import take
from plan_and_act.agent.rules import Verdict, judge
from plan_and_act.agent.run import Run
from plan_and_act.agent.state import Page, Pending, State
from plan_and_act.browser.perform import perform
from plan_and_act.browser.session import Session
from plan_and_act.errors import PageError
from plan_and_act.trajectory import Outcome

UNKNOWN = "The run was interrupted while this action was under way; look at the page to see whether it was carried out."
RESTORED = (
    "The browser was started anew before this action, and the page or its elements may be others now; it was not "
    "carried out."
)


async def act(state: State, run: Run) -> dict[str, Any]:
    """Carry out the pending action, once, on the page it was decided on."""
    pending: Pending = state["pending"]  # type: ignore[assignment]
    page: Page = state["page"]  # type: ignore[assignment]
    may_act = take(pending.get("lease"))
    session = await run.session(page)
    started = time.monotonic()
    decided = to_action(pending["action"])
    action = await _on_the_page_again(decided, session, state, run) if may_act and session.restored else decided
    target, shot = None, cast("Page", {})
    if not may_act:
        outcome = Outcome(status="unknown", message=UNKNOWN, unexpected=True)
    elif action is None:
        outcome = Outcome(status="error", message=RESTORED, unexpected=True)
    elif (verdict := _verdict(action, state, run, session)).decision == "deny":
        outcome = Outcome(status="error", message=_refusal(verdict))
    else:
        if run.context.screenshots:
            target, scrolled = await session.point_out(action)
            if scrolled:
                with suppress(PageError):  # the round's first screenshot stays
                    shot = {"screenshot": await run.keep(await session.screenshot())}
        outcome = await perform(
            action,
            session,
            timeout=run.context.action_timeout,
            navigation_timeout=run.context.navigation_timeout,
        )
    done: Pending = {
        **pending,
        "outcome": outcome.model_dump(exclude_defaults=True),
        "url": page["url"],
        "title": page["title"],
        "tabs": len(page["tabs"]),
        "target": target,
        "seconds": round(time.monotonic() - started, 3),
    }
    # The login state is saved by the observation that follows; where the browser is must not wait for it.
    return {"pending": done, "page": {**session.place(), **shot}}


def _verdict(action: AnyAction, state: State, run: Run, session: Session) -> Verdict:
    """What the policies say here, at the last door: an action may have been edited since it was asked about.

    The operator's rules are not read from state, which whoever drives the run can write.
    """
    seen = session.observer.latest
    element = named(action, seen.elements) if seen else ""
    policies = [run.services.approval, state["settings"]["approve"]]
    return judge(policies, state["pending"]["action"], session.page.url, element)


def _refusal(verdict: Verdict) -> str:
    reason = verdict.rule.reason if verdict.rule else ""
    return f"Not carried out: a rule forbids this action{f': {reason}' if reason else '; do without it.'}"


async def _on_the_page_again(action: AnyAction, session: Session, state: State, run: Run) -> AnyAction | None:
    """The action on a restored page, where elements are counted anew: with the number that its element has there.

    Returns:
        None when the page is not the one the action was decided on (a person may have thought about it for hours), or
        several elements are called what the action's is.
    """
    seen = await session.observe(tokens=await run.observation_tokens(), rendering=run.context.observation)
    if seen.fingerprint != state["page"].get("fingerprint"):
        return None
    label = state["pending"].get("element") or getattr(action, "element", None)
    if not label:
        return action
    alike = [element for element in seen.elements.values() if element.name == name_of(label)]
    return action.model_copy(update={"element": alike[0].label}) if len(alike) == 1 else None
