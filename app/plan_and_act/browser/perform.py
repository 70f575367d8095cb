"""Carries out actions in the browser, at most once each, and says what came of them."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from playwright.async_api import Error
from playwright.async_api import TimeoutError as PlaywrightTimeoutError

from plan_and_act import actions
from plan_and_act.actions import AnyAction
from plan_and_act.browser import _fields
from plan_and_act.browser._hands import Hands, no_effect
from plan_and_act.browser._keys import to_key
from plan_and_act.browser._target import ActionError, DispatchedError, Target, first_line, quote_list
from plan_and_act.browser._text import whole
from plan_and_act.errors import BrowserLostError, PlanAndActError
from plan_and_act.trajectory import Outcome

if TYPE_CHECKING:
    from plan_and_act.browser.session import Session

_WITHOUT_PAGE = (actions.Goto, actions.SwitchTab, actions.CloseTab)
"""What can be done when the current page has crashed."""
_LONGEST = 300
"""Characters of one change in an outcome."""


async def perform(
    action: AnyAction, session: "Session", *, timeout: float = 5.0, navigation_timeout: float = 30.0
) -> Outcome:
    """Carry out an action on the current tab and wait until the page has come to rest.

    An action is never sent twice. Its element is looked up among those of the latest observation.

    Args:
        action: An action of those that the browser carries out (`on_page`).
        session: The browser session.
        timeout: Seconds an element gets to become usable, and the page to answer.
        navigation_timeout: Seconds a navigation gets.

    Returns:
        `ok` when it was carried out; `error` when it was not, and why; `no_effect` when the action itself knows that
        there was nothing to do; `unknown` when the page did not say. `changes` has the new address, tabs, dialogs and
        downloads. Values of secrets are not in it.

    Raises:
        BrowserLostError: When the session has no page any more.
    """
    hands = Hands(session, timeout, navigation_timeout)
    url = hands.page.url
    if session.alive or isinstance(action, _WITHOUT_PAGE):
        outcome = await _try(hands, action)
    else:
        outcome = Outcome(status="error", message="The page has crashed; open it again with goto.", unexpected=True)
    changes = _changes(hands, url)
    redact = session.secrets.redact
    return Outcome(
        status=outcome.status,
        message=redact(whole(outcome.message)),
        unexpected=outcome.unexpected or not session.alive,
        changes=[_cut(redact(whole(change))) for change in [*outcome.changes, *changes]][:20],
    )


async def _try(hands: Hands, action: AnyAction) -> Outcome:
    try:
        done = await _DO[type(action)](hands, action)
    except BrowserLostError:
        raise
    except DispatchedError:
        return await _unanswered(hands)
    except TimeoutError:
        return await _unanswered(hands) if hands.sent else Outcome(status="error", message=_BUSY)
    except PlanAndActError as error:
        return Outcome(status="error", message=hands.session.secrets.redact(str(error)))  # before it is cut
    except Error as error:
        return await _broken(hands, error)
    return done if isinstance(done, Outcome) else Outcome(status="ok", message=done)


_BUSY = "The page does not answer: a script of its own keeps it busy. Waiting, or opening it again, may help."


async def _unanswered(hands: Hands) -> Outcome:
    await hands.settle()
    message = "The action was sent, but the page did not answer in time; look whether it took effect."
    return Outcome(status="unknown", message=message)


async def _broken(hands: Hands, error: Error) -> Outcome:
    """The page went away, or the call failed in a way that no element explains."""
    if hands.page.is_closed():
        hands.session.page  # noqa: B018 - raises when that was the last tab
        await hands.settle()
        return Outcome(status="ok" if hands.sent else "error", message="The tab closed.")
    if not hands.session.alive:
        return Outcome(status="unknown" if hands.sent else "error", message="The page crashed.", unexpected=True)
    if hands.sent:
        return await _unanswered(hands)
    return Outcome(status="error", message=f"It could not be done: {first_line(error.message)}")


def _changes(hands: Hands, url: str) -> list[str]:
    session = hands.session
    page = session.page
    changes = []
    if page is not hands.page:
        changes.append(f"tab {session.current} is the current one now, at {page.url}")
    elif page.url != url:
        changes.append(f"the address is now {page.url}")
    changes += session.drain_events()
    if hands.downloading:
        changes.append("a download is under way")
    return changes


def _cut(change: str) -> str:
    return change if len(change) <= _LONGEST else f"{change[: _LONGEST - 1]}…"


async def _click(hands: Hands, action: actions.Click) -> str | Outcome:
    target = await hands.target(action.element)
    facts = await target.ask("facts")
    if facts["kind"] == "select":
        options = [option["text"] for option in await target.ask("options")]
        return no_effect(f"{target.label} is a drop-down list: use select with one of {quote_list(options)}.")
    if facts["kind"] == "file":
        msg = f"{target.label} takes a file: use upload."
        raise ActionError(msg)
    owner = await target.find("optionOwner") if facts["tag"] == "option" else None
    if owner:
        return await _fields.select(hands, actions.Select(element=action.element, option=target.element.name))
    await hands.click(target, facts)
    await hands.settle(target)
    state = await _state(target) if facts["state"] or facts["sorts"] else None
    return f"Clicked {target.label}{f': it is {state} now' if state else ''}."


async def _state(target: Target) -> str | None:
    """The state of a control after it was used; None when it went away."""
    try:
        state = await target.ask("state")
    except (Error, TimeoutError):
        return None
    return str(state) if state else None


async def _hover(hands: Hands, action: actions.Hover) -> str:
    target = await hands.target(action.element)
    await hands.attempt(target, target.handle.hover(timeout=hands.patience))
    await hands.settle(target)
    return f"Moved the mouse over {target.label}."


async def _press(hands: Hands, action: actions.Press) -> str:
    try:
        key = to_key(action.key)
    except ValueError as error:
        raise ActionError(str(error)) from None
    await hands.send(hands.page.keyboard.press(key))
    await hands.settle()
    return f"Pressed {action.key.strip() or 'Space'}."


async def _scroll(hands: Hands, action: actions.Scroll) -> str | Outcome:
    argument = {"up": action.direction == "up", "own": action.element is not None}
    if action.element is None:
        target, area = None, await hands.ask_page("scroll", argument)
    else:
        target = await hands.target(action.element)
        area = await target.ask("scroll", argument)
    what = "The page" if area["page"] else f'The area "{area["name"]}"' if area["name"] else "The area"
    left = area["above"] if action.direction == "up" else area["below"]
    if area["moved"]:
        await hands.settle(target)
        more = (
            f"{left:g} screens more {'above' if action.direction == 'up' else 'below'}" if left else "this is its end"
        )
        return f"{what} was scrolled {action.direction}; {more}."
    if area["above"] or area["below"]:
        return no_effect(f"{what} is already at its {'top' if action.direction == 'up' else 'end'}.")
    if action.element:
        return no_effect(f"Nothing around {target.label if target else ''} can be scrolled.")
    # Some pages move themselves when the wheel is turned.
    await hands.send(hands.page.mouse.wheel(0, hands.wheel * (-1 if action.direction == "up" else 1)))
    await hands.settle()
    return "The page has nothing to scroll; the mouse wheel was turned over it."


async def _go_back(hands: Hands, _: actions.GoBack) -> str | Outcome:
    return await _travel(hands, "back", -1)


async def _go_forward(hands: Hands, _: actions.GoForward) -> str | Outcome:
    return await _travel(hands, "forward", 1)


async def _travel(hands: Hands, where: str, offset: int) -> str | Outcome:
    async with asyncio.timeout(hands.timeout):
        cdp = await hands.page.context.new_cdp_session(hands.page)
        history = await cdp.send("Page.getNavigationHistory")
        await cdp.detach()
    entries, index = history["entries"], history["currentIndex"] + offset
    # The empty page every tab begins with is nowhere a person could go back to.
    if not 0 <= index < len(entries) or (offset < 0 and entries[index]["url"] == "about:blank"):
        return no_effect(f"There is no page to go {where} to.")
    go = hands.page.go_back if offset < 0 else hands.page.go_forward
    hands.sent = True
    try:
        await go(wait_until="commit", timeout=hands.navigation_timeout * 1_000)
    except PlaywrightTimeoutError:
        msg = f"The page to go {where} to did not answer within {hands.navigation_timeout:g} seconds."
        raise ActionError(msg) from None
    except Error as error:
        if hands.page.is_closed():
            raise
        msg = f"The page to go {where} to could not be opened: {first_line(error.message)}"
        raise ActionError(msg) from error
    await hands.settle()
    return f"Went {where}."


async def _goto(hands: Hands, action: actions.Goto) -> Outcome:
    if not hands.session.alive:
        # A crashed tab cannot be brought back; there is another or an empty one then.
        await hands.session.close_tab()
    outcome = await hands.session.goto(action.url, timeout=hands.navigation_timeout)
    await hands.settle()
    return outcome.model_copy(update={"message": outcome.message or f"Opened {hands.session.page.url}."})


async def _switch_tab(hands: Hands, action: actions.SwitchTab) -> str | Outcome:
    if action.tab == hands.session.current:
        return no_effect(f"Tab {action.tab} is the current one already.")
    await hands.session.switch_tab(action.tab)
    await hands.settle()
    return f"Switched to tab {action.tab}."


async def _close_tab(hands: Hands, _: actions.CloseTab) -> str:
    if len(hands.session.tabs) == 1:
        msg = "This is the only tab; it stays open."
        raise ActionError(msg)
    number = hands.session.current
    await hands.session.close_tab()
    await hands.settle()
    return f"Closed tab {number}."


async def _wait(hands: Hands, action: actions.Wait) -> str:
    await asyncio.sleep(action.seconds)
    await hands.settle()
    return f"Waited {action.seconds:g} seconds."


_DO: dict[type[AnyAction], Callable[[Hands, Any], Awaitable[str | Outcome]]] = {
    actions.Click: _click,
    actions.Type: _fields.type_text,
    actions.Search: _fields.search,
    actions.Select: _fields.select,
    actions.Hover: _hover,
    actions.Press: _press,
    actions.Scroll: _scroll,
    actions.GoBack: _go_back,
    actions.GoForward: _go_forward,
    actions.Goto: _goto,
    actions.SwitchTab: _switch_tab,
    actions.CloseTab: _close_tab,
    actions.Upload: _fields.upload,
    actions.Wait: _wait,
}
