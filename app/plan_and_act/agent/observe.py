"""observe: settle the page, take the snapshot, say what the last action changed, record the round."""

from contextlib import suppress
from typing import Any
from uuid import uuid4

from plan_and_act.agent.policy import exceeded, may_replan, nudge, replan_cause
from plan_and_act.agent.record import complete
from plan_and_act.agent.run import Run, described
from plan_and_act.agent.state import Control, Page, State
from plan_and_act.errors import BlockedByPolicyError, PageError
from plan_and_act.trajectory import Ending

RESTORED = "The browser was started anew; the page was opened again, and what had been typed into it is gone."


async def observe(state: State, run: Run) -> dict[str, Any]:
    """Look at the page; with a pending action, complete its round and look whether it is time to stop or replan."""
    saved: Page = state.get("page") or {"session": uuid4().hex}  # type: ignore[assignment]
    session = await run.session(saved)
    if "rev" not in saved:
        try:
            await session.goto(state["url"], timeout=run.context.navigation_timeout)
        except PageError as error:
            reason = "blocked_by_policy" if isinstance(error, BlockedByPolicyError) else "page_unreachable"
            return {"ending": Ending(status="failed", reason=reason, message=str(error)).model_dump()}

    tokens = await run.observation_tokens()
    try:
        seen = await session.observe(tokens=tokens, rendering=run.context.observation)
    except PageError:  # its scripts never pause: nothing can be done with it, but the run can go elsewhere
        await session.abandon()
        seen = await session.observe(tokens=tokens, rendering=run.context.observation)
    page: Page = {**await run.saved(session, saved), "fingerprint": seen.fingerprint}
    described_page = described(seen, session)
    page["observation"] = await run.keep(described_page["text"])
    if run.context.screenshots:
        with suppress(PageError):
            page["screenshot"] = await run.keep(await session.screenshot())
    update: dict[str, Any] = {"page": page, "observation": described_page}

    control: Control = {**(state.get("control") or {})}  # type: ignore[typeddict-item]
    rounds = state.get("rounds") or []
    if (state.get("pending") or {}).get("outcome"):
        control = {"refusals": control.get("refusals", 0)}
        update |= complete(state, seen.fingerprint, news=session.drain_events())
        rounds = [*rounds, *update["rounds"]]
        if ending := exceeded(state, rounds):
            return update | {"ending": ending.model_dump()}
        if cause := replan_cause(state, rounds):
            control["replan"] = cause
        if hint := nudge(rounds):
            control["hint"] = hint
    plans = state.get("plans") or []
    if session.restored and plans and rounds:  # before the first action nothing is lost
        control["hint"] = RESTORED
        # A plan that came after the last action (a person's, say) was made for what is here now.
        outdated = plans[-1]["round"] < len(rounds)
        if outdated and may_replan(state) and "unexpected_page" in state["settings"]["replan_on"]:
            control.setdefault("replan", "the browser was started anew")
    return update | {"control": control}
