"""The operator's page in a real browser, on a real graph server: watch, approve, edit, stop, resume, fork."""

import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest
from langgraph_sdk import get_client
from playwright.async_api import Browser, ConsoleMessage, Locator, Page, expect

from contrast import CONTRAST
from endpoint import Gate
from plan_and_act.actions import ACTIONS, to_action
from plan_and_act.artefacts import Artefacts
from plan_and_act.report import action_in_words, checklist, duration, money, revisions
from plan_and_act.server import ui
from plan_and_act.sites import Site, demo_task
from plan_and_act.trajectory import Ending, Outcome, Plan, PlanStep, Round
from servers import environment, free_port, started

TEXT = {"executor_format": "text"}
SHOWN = {**TEXT, "screenshots": True}
ASKED = {**SHOWN, "approve": "always"}
HOSTILE = "<script>document.title = 'owned'</script><img src=x onerror=\"document.title = 'owned'\">"

expect.set_options(timeout=60_000)  # a server that has just been started can be slow on a busy machine


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    """A tab in which nothing may go wrong: no error on the console, which also tells of what the policy blocked."""
    context = await browser.new_context(viewport={"width": 1280, "height": 860})
    page = await context.new_page()
    wrong: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and "401 (Unauthorized)" not in message.text:
            wrong.append(message.text)

    page.on("console", listen)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    yield page
    await context.close()
    assert not wrong


async def begin(server: str, forge: Site, session: str, context: dict[str, Any], *, wait: bool = True) -> str:
    """A run of the demo, started by somebody else; gives its thread."""
    client = get_client(url=server)
    task, _ = demo_task(7, forge.url, session=session)
    thread: str = (await client.threads.create(metadata={"graph_id": "agent"}))["thread_id"]
    start = client.runs.wait if wait else client.runs.create
    await start(thread, "agent", input={"task": task.intent, "url": task.url}, context=context)
    return thread


async def state(server: str, thread: str) -> dict[str, Any]:
    found: Any = await get_client(url=server).threads.get_state(thread)
    return dict(found)


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def status(page: Page) -> Locator:
    return page.locator(".head .badge")


async def test_a_run_is_started_and_watched_to_its_end(page: Page, server: str, forge: Site, gate: Gate) -> None:
    task, check = demo_task(7, forge.url, session="page")
    await page.goto(f"{server}/ui")
    await page.get_by_role("link", name="New run").click()
    await page.get_by_label("Task").fill(task.intent)
    await page.get_by_label("Starts on").fill(task.url)
    await page.get_by_text("more settings").click()
    await page.get_by_label("Executor format").select_option("text")
    gate.shut(after=2)  # the plan and the first action
    await button(page, "Start the run").click()
    await expect(page.get_by_role("heading", name="Round")).to_have_count(1)
    await expect(page.locator("#round-1")).to_have_text("Click link “Contributors 21”")
    await expect(status(page)).to_have_text("running")
    await expect(page.locator(".doing")).to_contain_text("Deciding what to do")
    # Whoever reloads the page goes on watching.
    await page.reload()
    await expect(page.locator("#round-1")).to_be_visible()
    gate.open()
    await expect(page.locator("#round-4")).to_have_text("Finish: Followed the top contributor.")
    await expect(status(page)).to_have_text("succeeded")
    await expect(page.locator(".answer")).to_contain_text("Followed the top contributor.")
    await expect(page.locator(".checklist li.done")).to_have_count(3)
    await expect(page.locator("#news")).to_contain_text("The run is now: succeeded.")
    await expect(page.get_by_role("row", name="Total")).to_contain_text("5 50 25", use_inner_text=True)
    assert check(await forge.state("page")).passed
    # The target of a round lies on its screenshot.
    await button(page, "Show the page of round 3").click()
    await on_picture(page)
    await page.get_by_role("link", name="Runs").click()
    row = page.get_by_role("row").filter(has_text="session=page")
    await expect(row).to_contain_text("succeeded")
    await expect(row.get_by_role("cell").nth(3)).to_have_text("4")
    await page.get_by_label("Find").fill("nothing of the kind")
    await expect(page.get_by_text("No run fits.")).to_be_visible()


async def on_picture(page: Page) -> None:
    """See that a target is marked on the screenshot that is shown."""
    shown = page.get_by_role("img", name="the action's target marked")
    await expect(shown).to_be_visible()
    picture, target = await shown.bounding_box(), await shown.locator("rect.target").bounding_box()
    assert picture
    assert target
    assert picture["x"] < target["x"] < target["x"] + target["width"] < picture["x"] + picture["width"]
    assert picture["y"] < target["y"] < target["y"] + target["height"] < picture["y"] + picture["height"]


async def test_actions_are_edited_rejected_and_approved(page: Page, server: str, forge: Site) -> None:
    thread = await begin(server, forge, "steered", ASKED)
    first = (await state(server, thread))["tasks"][0]["interrupts"][0]["id"]
    await page.goto(f"{server}/ui#/runs/{thread}")
    card = page.get_by_role("region", name="Click link “Contributors 21”")
    # What the agent is about to click is marked while it waits.
    await on_picture(page)
    await card.get_by_role("button", name="Edit…").click()
    await expect(card.get_by_label("Element")).to_have_value('link "Contributors 21 #17"')
    await expect(card.locator("datalist option").nth(10)).to_be_attached()
    await card.get_by_label("Action").select_option("goto")
    await card.get_by_label("Url").fill("/people")
    await button(page, "Carry out instead").click()
    await expect(page.locator("#round-1")).to_have_text("Open /people")
    # An answer to a question that somebody else has answered is none to the next one.
    late = """async ([thread, first]) => {
      const [api, steer] = await Promise.all([import("./ui/api.js"), import("./ui/steer.js")]);
      const { values } = await api.state(thread);
      const view = { id: thread, thread: await api.thread(thread), values };
      return (await steer.answer(view, { id: first }, { decision: "stop" })).run_id;
    }"""
    await expect(button(page, "Reject…")).to_be_visible()
    await get_client(url=server).runs.join(thread, await page.evaluate(late, [thread, first]))
    await button(page, "Reject…").click()
    await page.get_by_label("Why").fill("Not this one.")
    await page.keyboard.press("Control+Enter")
    rejected = page.get_by_role("article", name="Click").first
    await expect(rejected).to_contain_text("The person rejected this action: Not this one.")
    await expect(page.locator("#urgent")).to_contain_text("Your approval is needed")
    await button(page, "Approve").click()
    await expect(page.locator("#round-3")).to_be_visible()
    await button(page, "Stop the run").click()
    await expect(status(page)).to_have_text("stopped")
    after = (await state(server, thread))["values"]
    assert [row["outcome"]["status"] for row in after["rounds"]][:2] == ["ok", "error"]
    assert after["ending"]["reason"] == "rejected_by_person"


async def test_a_plan_is_edited_while_its_run_waits_and_while_it_works(
    page: Page, server: str, forge: Site, gate: Gate
) -> None:
    thread = await begin(server, forge, "planned", ASKED)
    await page.goto(f"{server}/ui#/runs/{thread}")
    await edit_plan(page, "Open the project's contributors.\nFollow the first of them.")
    # The question stays, and comes back where it was.
    await expect(page.locator(".diff .removed")).to_have_count(2)
    await expect(page.locator(".diff .added")).to_contain_text("Follow the first of them.")
    await expect(button(page, "Approve")).to_be_visible()
    gate.shut()
    await button(page, "Approve").click()
    await expect(page.locator(".doing")).to_contain_text("Deciding what to do")
    await edit_plan(page, "Follow whoever has the most commits.")
    gate.open()
    await expect(page.get_by_text("Revision 3", exact=True)).to_be_visible()
    await button(page, "Approve").click()
    await expect(page.locator("#round-2")).to_be_visible()
    after = (await state(server, thread))["values"]
    assert [plan.get("cause") for plan in after["plans"]] == [None, *["a person edited it"] * 2]
    assert [(row["plan"], row["outcome"]["status"]) for row in after["rounds"]] == [(2, "ok"), (3, "ok")]


async def edit_plan(page: Page, lines: str) -> None:
    await button(page, "Edit plan").click()
    await page.get_by_label("One goal a line").fill(lines)
    await page.keyboard.press("Control+Enter")
    await expect(page.get_by_label("One goal a line")).to_be_hidden()


async def test_a_run_is_stopped_and_resumed(page: Page, server: str, forge: Site, gate: Gate) -> None:
    gate.shut()
    thread = await begin(server, forge, "stopped", SHOWN, wait=False)
    await page.goto(f"{server}/ui#/runs/{thread}")
    await expect(page.locator(".doing")).to_contain_text("Writing the plan")
    await button(page, "Stop").click()
    await expect(status(page)).to_have_text("paused")
    gate.open()
    await button(page, "Resume").click()
    await expect(status(page)).to_have_text("succeeded")


async def test_a_question_is_answered_and_a_broken_run_says_why(page: Page, server: str, forge: Site) -> None:
    client = get_client(url=server)
    thread = await begin(server, forge, "asked", ASKED)
    asks = {"action": {"action": "ask", "question": "Which <b>one</b>?"}, "call": "call"}
    await client.threads.update_state(thread, {"pending": asks}, as_node="executor")
    await client.runs.wait(thread, "agent", input=None, context=ASKED)
    await page.goto(f"{server}/ui#/runs/{thread}")
    card = page.get_by_role("region", name="Which <b>one</b>?")
    await card.get_by_label("Your answer").fill("The first.")
    await card.get_by_role("button", name="Answer").click()
    await expect(page.locator("#round-1")).to_have_text("Ask: Which <b>one</b>?")
    await expect(page.get_by_role("article")).to_contain_text("The person answered: The first.")
    thread = (await client.threads.create(metadata={"graph_id": "agent"}))["thread_id"]
    await client.runs.wait(thread, "agent", input={"task": "Do it."}, raise_error=False)
    await page.goto(f"{server}/ui#/runs/{thread}")
    await expect(status(page)).to_have_text("error")
    await expect(page.locator(".ending.error")).to_contain_text("The run needs a URL to start from")
    await expect(button(page, "Try again")).to_be_visible()


async def test_a_run_that_never_began_is_tried_again_with_its_settings(page: Page, server: str, forge: Site) -> None:
    client = get_client(url=server)
    task, _ = demo_task(7, forge.url, session="unpriced")
    asked = {**ASKED, "max_cost": 1.0}
    thread = (await client.threads.create(metadata={"graph_id": "agent"}))["thread_id"]
    start = {"task": task.intent, "url": task.url}
    await client.runs.wait(thread, "agent", input=start, context=asked, raise_error=False)
    await page.goto(f"{server}/ui#/runs/{thread}")
    await expect(page.locator(".ending.error")).to_contain_text("there is no price")
    async with page.expect_response(lambda answer: answer.url.endswith("/runs") and answer.request.method == "POST"):
        await button(page, "Try again").click()
    runs: Any = await client.runs.list(thread)
    assert [run["kwargs"]["context"] for run in runs] == [asked, asked]
    await client.runs.join(thread, runs[0]["run_id"])
    await page.get_by_role("link", name="Run again…").click()
    await expect(page.get_by_label("Task")).to_have_value(task.intent)
    await expect(page.get_by_label("Approve", exact=True)).to_have_value("always")


async def test_a_run_that_was_stopped_while_it_waited_is_resumed_with_its_settings(
    page: Page, endpoint: str, forge: Site, gate: Gate, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder, port = tmp_path_factory.mktemp("queued"), free_port()
    command = [sys.executable, "-m", "plan_and_act", "serve", "--port", str(port), "--at-once", "1"]
    with started(command, folder, port, env=environment(endpoint, forge, folder / "home")):
        url = f"http://127.0.0.1:{port}"
        gate.shut()
        await begin(url, forge, "before", TEXT, wait=False)
        thread = await begin(url, forge, "queued", ASKED, wait=False)
        await page.goto(f"{url}/ui#/runs/{thread}")
        await button(page, "Stop").click()
        await expect(status(page)).to_have_text("paused")
        gate.open()
        await button(page, "Resume").click()
        await expect(button(page, "Approve")).to_be_visible()
        # A thread that nobody has asked for anything.
        client = get_client(url=url)
        thread = (await client.threads.create())["thread_id"]
        await client.threads.update_state(thread, {"task": "Do it."}, as_node="__start__")
        resumed = """async (id) => {
          const { resume } = await import("./ui/steer.js");
          return resume({ id, thread: {}, values: { task: "Do it." } }).catch((error) => error.message);
        }"""
        assert "Run again…" in await page.evaluate(resumed, thread)
        await page.goto("about:blank")


async def test_a_run_is_forked_and_the_first_one_stays(page: Page, server: str, forge: Site) -> None:
    thread = await begin(server, forge, "forked", SHOWN)
    before = await state(server, thread)
    await page.goto(f"{server}/ui#/runs/{thread}")
    await button(page, "Fork before round 2").click()
    await button(page, "Fork and run").click()
    await expect(page.locator(".head")).to_contain_text(f"forked from {thread[:8]} before round 2")
    await expect(status(page)).to_have_text("succeeded")
    fork = page.url.rpartition("/")[2]
    assert fork != thread
    assert await state(server, thread) == before
    after = (await state(server, fork))["values"]
    assert after["rounds"][0] == before["values"]["rounds"][0]
    assert after["ending"]["status"] == "succeeded"
    # A round from before the fork is found in the run it was forked from.
    await button(page, "Fork before round 1").click()
    await button(page, "Fork, paused").click()
    await expect(status(page)).to_have_text("paused")
    assert (await state(server, page.url.rpartition("/")[2]))["values"]["rounds"] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_it_can_be_used_by_keyboard_and_read_by_everybody(
    page: Page, server: str, forge: Site, scheme: Any
) -> None:
    thread = await begin(server, forge, f"keys-{scheme}", ASKED)
    await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    await page.goto(f"{server}/ui#/runs/{thread}")
    await expect(button(page, "Approve")).to_be_visible()
    await expect(page.get_by_role("main")).to_match_aria_snapshot("""
        - main:
          - heading "Follow the top contributor of the project Inkwell, the person with the most commits." [level=1]
          - region "Plan":
            - heading "Plan" [level=2]
            - button "Edit plan"
            - list
          - region "Click link “Contributors 21”":
            - heading "Click link “Contributors 21”" [level=2]
            - button "Approve"
            - button "Edit…"
            - button "Reject…"
            - button "Stop the run"
          - region "Page":
            - figure:
              - 'img "Screenshot. Now: Inkwell · Emberforge, the action''s target marked"'
    """)
    assert await page.evaluate(CONTRAST) == []
    await page.set_viewport_size({"width": 390, "height": 844})
    assert await page.evaluate("document.documentElement.scrollWidth") == 390
    # From the top of the page to the decision with the Tab key alone; what has the focus is always to be seen.
    await page.evaluate("scrollTo(0, 0); document.activeElement.blur()")
    for _ in range(40):
        await page.keyboard.press("Tab")
        focused = page.locator(":focus")
        assert await focused.evaluate("node => getComputedStyle(node).outlineStyle") != "none"
        if await focused.inner_text() == "Reject…":
            break
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("Why")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(button(page, "Approve")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("#round-1")).to_be_visible()


async def test_hostile_text_stays_text(page: Page, server: str) -> None:
    client = get_client(url=server)
    thread = (await client.threads.create(metadata={"graph_id": "agent", "task": HOSTILE}))["thread_id"]
    bad = "javascript:document.title='owned'"
    rounds = [
        {"index": 1, "url": bad, "title": HOSTILE, "reasoning": HOSTILE, "action": {"action": "goto", "url": bad},
         "outcome": {"status": "ok", "message": HOSTILE, "changes": [HOSTILE]}},
    ]  # fmt: skip
    plans = [{"revision": number, "round": 0, "cause": HOSTILE, "steps": [{"goal": HOSTILE}]} for number in (1, 2)]
    values = {
        "task": HOSTILE, "url": bad, "plans": plans, "rounds": rounds, "answer": HOSTILE,
        "ending": {"status": "succeeded", "reason": "finished", "message": HOSTILE},
        "page": {"url": bad, "title": HOSTILE}, "usage": {HOSTILE: {"calls": 1}},
    }  # fmt: skip
    await client.threads.update_state(thread, values, as_node="close")
    await page.goto(f"{server}/ui#/runs/{thread}")
    await expect(page.locator("h1")).to_have_text(HOSTILE)
    await expect(page.locator("#round-1")).to_have_text(f"Open {bad}")
    assert await page.locator("main script, main img, [href^=javascript]").count() == 0
    assert await page.evaluate("Boolean(document.querySelector('.diff')?.textContent.includes('<script>'))")
    await page.get_by_role("link", name="Runs").click()
    await expect(page.get_by_role("link", name=HOSTILE)).to_be_visible()
    assert "owned" not in await page.title()


async def test_it_asks_for_a_key_and_works_on_our_own_server(
    page: Page, endpoint: str, forge: Site, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder, port = tmp_path_factory.mktemp("keys"), free_port()
    (folder / "keys.yaml").write_text("alice: correct-horse-battery\n")
    variables = environment(endpoint, forge, folder / "home", PLAN_AND_ACT_API_KEYS=str(folder / "keys.yaml"))
    command = [sys.executable, "-m", "plan_and_act", "serve", "--port", str(port)]
    task, check = demo_task(7, forge.url, session="keys")
    with started(command, folder, port, env=variables):
        await page.goto(f"http://127.0.0.1:{port}/ui#/new")
        for key in ("a-key-of-nobody-at-all", "correct-horse-battery"):
            await page.get_by_label("Key", exact=True).fill(key)
            await page.keyboard.press("Enter")
            if key.startswith("a-key"):
                await expect(page.get_by_text("does not know that key")).to_be_visible()
        await page.get_by_label("Task").fill(task.intent)
        await page.get_by_label("Starts on").fill(task.url)
        await page.get_by_text("more settings").click()
        await page.get_by_label("Executor format").select_option("text")
        await page.get_by_label("Approve", exact=True).select_option("risky")
        await page.get_by_label("Review plan").check()
        await button(page, "Start the run").click()
        await button(page, "Edit…").click()
        await page.get_by_label("One goal a line").fill("Follow whoever has the most commits.")
        await button(page, "Begin with this").click()
        await expect(page.get_by_role("list").filter(has_text="Follow whoever has").first).to_be_visible()
        await expect(status(page)).to_have_text("succeeded")
        await expect(page.get_by_role("img", name="Screenshot.")).to_be_visible()
        assert check(await forge.state("keys")).passed
        await button(page, "Fork before round 3").click()
        await button(page, "Fork, paused").click()
        await expect(status(page)).to_have_text("paused")
        # What somebody else does to it meanwhile is seen here.
        client = get_client(url=f"http://127.0.0.1:{port}", api_key="correct-horse-battery")
        plan = {"revision": 3, "round": 2, "cause": "somebody else", "steps": [{"goal": "Follow them."}]}
        await client.threads.update_state(page.url.rpartition("/")[2], {"plans": [plan]}, as_node="planner")
        await expect(page.get_by_text("somebody else")).to_be_visible()
        await button(page, "Resume").click()
        await expect(status(page)).to_have_text("succeeded")
        await client.threads.create(metadata={"task": "Made elsewhere."})
        await page.get_by_role("link", name="Runs").click()
        await expect(page.get_by_role("link", name="Made elsewhere.")).to_be_visible()
        # What a run has seen is nobody else's, wherever it lies.
        shot = await page.evaluate("performance.getEntriesByType('resource').find(e => /artefacts/.test(e.name)).name")
        assert (await page.request.get(shot)).status == 401
        # It asks the server every few seconds, and may not ask one that is gone.
        await page.goto("about:blank")


PLAN = Plan(revision=1, steps=[PlanStep(goal="Open the list."), PlanStep(goal="Sort  it"), PlanStep(goal="Buy one.")])
LATER = Plan(
    revision=2, round=2, steps=[PlanStep(goal="sort it."), PlanStep(goal="Ask first."), PlanStep(goal="Buy one.")]
)
LABELS = ['link "Blue Kettle #17"', "Blue Kettle #17", "#17", "button #3", 'textbox "" #4', "'Go' #2", "plain"]


def rounds_of(*steps: int) -> list[Round]:
    ok = Outcome(status="ok")
    action = {"action": "click", "element": "#1"}
    return [
        Round(index=number, plan=1, url="/", action=to_action({**action, "step": step}), outcome=ok)
        for number, step in enumerate(steps, 1)
    ]


async def test_the_page_says_what_the_report_says(page: Page, server: str) -> None:
    await page.goto(f"{server}/ui")

    async def told(module: str, function: str, *given: Any) -> Any:
        call = "async ([module, name, given]) => (await import(`./ui/${module}.js`))[name](...given)"
        return await page.evaluate(call, [module, function, list(given)])

    filled = {"element": LABELS[0], "text": "a  b" * 90, "option": "Red", "key": "Enter", "url": "/x", "tab": 2,
              "file": "a.pdf", "note": "n", "answer": "42", "reason": "why", "question": "who?"}  # fmt: skip
    actions = [to_action({"action": name, **{k: v for k, v in filled.items() if k in kind.model_fields and k != "note"},
                          **({"note": "n"} if name == "note" else {})}) for name, kind in ACTIONS.items()]  # fmt: skip
    actions += [to_action({"action": "click", "element": label}) for label in LABELS]
    for action in actions:
        plain = action.model_dump(exclude_none=True)
        assert await told("words", "actionInWords", plain) == action_in_words(action)
    for seconds in (0.04, 9.94, 9.96, 59.4, 61, 3_599, 7_325):
        assert await told("words", "duration", seconds) == duration(seconds)
    for dollars in (None, 0, 0.0123, 0.1, 12.5):
        assert await told("words", "money", dollars) == money(dollars)
    plans = [plan.model_dump() for plan in (PLAN, LATER)]
    for ending in (None, Ending(status="succeeded", reason="finished")):
        for rounds in ([], rounds_of(1), rounds_of(1, 2)):
            said = await told(
                "model", "checklist", plans, [r.model_dump() for r in rounds], ending and ending.model_dump()
            )
            ours = checklist([PLAN, LATER], rounds, ending)
            assert [(s["goal"], s["state"], s["number"]) for s in said] == [(s.goal, s.state, s.number) for s in ours]
    changes = (await told("model", "revisions", plans))[1]["changes"]
    ours_too = revisions([PLAN, LATER])[1].changes
    assert [(c["kind"], c["step"]["goal"]) for c in changes] == [(c.kind, c.step.goal) for c in ours_too]


async def test_what_is_private_is_not_served(tmp_path: Any) -> None:
    from starlette.applications import Starlette
    from starlette.testclient import TestClient

    kept = Artefacts(tmp_path)
    secret, text = kept.put("cookies", private=True), kept.put("<script>")
    client = TestClient(Starlette(routes=ui.routes(kept)))
    assert client.get(f"/artefacts/{secret}").status_code == 404
    assert client.get("/artefacts/..%2fprivate").status_code == 404
    served = client.get(f"/artefacts/{text}")
    assert served.headers["content-type"].startswith("text/plain")
    assert served.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in served.headers["content-security-policy"]
    policy = client.get("/ui").headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
