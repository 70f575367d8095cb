"""The forge in a real Chromium: what needs a mouse, a keyboard and scripts."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, expect

from phone import fits_a_phone
from plan_and_act.sites import Site, demo_task, forge_app, serve
from plan_and_act.sites.forge.data import PASSWORD, PERSONA, build
from plan_and_act.sites.forge.workshop import failing_test

BASE = build(7)
BUSY = max(BASE.issues, key=lambda path: len(BASE.issues[path]))
MINE = next(project for project in BASE.projects.values() if project.members.get(PERSONA) == "maintainer")
FRESH = next(path for path in BASE.projects if (PERSONA, path) not in BASE.starred)


@pytest.fixture(scope="module")
async def site() -> AsyncIterator[Site]:
    async with serve(forge_app(seed=7, control=True)) as site:
        yield site


async def test_the_demo_task_by_clicking(page: Page, site: Site, session: str) -> None:
    task, check = demo_task(7, site.url, session=session)
    await page.goto(task.url)
    assert "session" not in page.url
    await page.get_by_role("navigation", name="Project").get_by_role("link", name="Contributors").click()
    await page.get_by_role("button", name="Commits").click()
    await page.get_by_role("table").get_by_role("link").first.click()
    await page.get_by_role("button", name="Follow", exact=True).click()
    await expect(page.get_by_role("status")).to_contain_text("You are now following")
    await expect(page.get_by_role("button", name="Unfollow")).to_be_visible()
    state = await site.state(session)
    assert check(state).problems == ()
    assert state["counts"] == {"follow": 1}


async def test_contributors_sort_by_every_column(page: Page) -> None:
    await page.goto(f"/{BUSY}/contributors")
    rows = page.locator("tbody tr")
    listed = BASE.projects[BUSY].contributors

    async def names() -> list[str]:
        return [name.strip() for name in await rows.locator("th a").all_inner_texts()]

    def by(key: str) -> list[str]:
        return [BASE.people[e.username].name for e in sorted(listed, key=lambda e: getattr(e, key), reverse=True)]

    alphabetical = [BASE.people[entry.username].name for entry in listed]
    assert await names() == alphabetical
    for column, key in (("Commits", "commits"), ("Additions", "additions"), ("Last active", "last_active")):
        await page.get_by_role("button", name=column).click()
        await expect(page.get_by_role("columnheader", name=column)).to_have_attribute("aria-sort", "descending")
        assert (await names())[0] == by(key)[0]
    await page.get_by_role("button", name="Name").click()
    assert await names() == alphabetical
    await page.get_by_role("button", name="Name").click()
    assert await names() == alphabetical[::-1]


async def test_a_star_is_set_in_place_and_stays(page: Page, site: Site, session: str) -> None:
    await page.goto(f"/{FRESH}")
    stars = BASE.projects[FRESH].stars
    await page.evaluate("window.stayed = true")
    await page.get_by_role("button", name="Star").click()
    button = page.get_by_role("button", name="Starred")
    await expect(button).to_have_attribute("aria-pressed", "true")
    await expect(page.locator(".star .star-count")).to_have_text(f"{stars + 1:,}")
    await expect(page.get_by_role("status")).to_contain_text("You starred")
    assert await page.evaluate("window.stayed"), "no new page was loaded"
    await page.get_by_role("button", name="Dismiss").click()
    await expect(page.locator(".toast")).to_have_count(0)
    await page.reload()
    await button.click()
    await expect(page.locator(".star .star-count")).to_have_text(f"{stars:,}")
    assert (await site.state(session))["counts"] == {"star": 1, "unstar": 1}


async def test_a_star_when_signed_out_leads_to_sign_in_and_back(page: Page, site: Site, session: str) -> None:
    await site.reset(session, account="nobody")
    await page.goto(f"/{FRESH}")
    await page.get_by_role("button", name="Star").click()
    await page.get_by_label("Username").fill(PERSONA)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("main").get_by_role("button", name="Sign in").click()
    await expect(page).to_have_url(f"{site.url}/{FRESH}")
    await expect(page.get_by_role("status")).to_contain_text("Welcome back")
    assert (await site.state(session))["changes"]["starred"] == []


async def test_menus_by_mouse_and_keyboard(page: Page, site: Site, session: str) -> None:
    await page.goto(f"/{FRESH}")
    watch, account = page.get_by_role("button", name="Watch"), page.get_by_role("button", name="Account menu")
    await watch.click()
    menu = page.get_by_role("menu", name="Notifications")
    await expect(menu).to_be_visible()
    await expect(menu.get_by_role("menuitemradio", name="Participating")).to_be_checked()
    await page.keyboard.press("Escape")
    await expect(menu).to_be_hidden()
    await expect(watch).to_be_focused()
    await watch.press("Enter")
    await account.click()
    await expect(menu).to_be_hidden()
    await expect(page.get_by_role("menu", name="Account")).to_be_visible()
    await page.get_by_role("contentinfo").click()
    await expect(page.get_by_role("menu", name="Account")).to_be_hidden()
    await watch.press("Enter")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Watch: All activity")).to_be_visible()
    assert (await site.state(session))["changes"]["watching"] == {FRESH: "all"}


async def test_a_new_issue_from_the_list_to_its_page(page: Page, site: Site, session: str) -> None:
    await page.goto(f"/{BUSY}/issues")
    await page.get_by_role("link", name="New issue").click()
    await page.get_by_role("button", name="Create issue").click()
    await expect(page.get_by_role("alert")).to_contain_text("Give the issue a title.")
    await page.get_by_label("Title").fill("The train is late")
    await page.get_by_label("Description").fill("By more than ten minutes.")
    await page.get_by_label("bug").check()
    crew = BASE.projects[BUSY].contributors[2].username
    await page.get_by_label("Assignee").select_option(label=BASE.people[crew].name)
    await page.get_by_role("button", name="Create issue").click()
    await expect(page.get_by_role("heading", name="The train is late")).to_be_visible()
    (issue,) = (await site.state(session))["changes"]["issues_created"]
    assert (issue["title"], issue["labels"], issue["assignee"]) == ("The train is late", ["bug"], crew)


async def test_deleting_a_comment_asks_first(page: Page, site: Site, session: str) -> None:
    await page.goto(f"/{BUSY}/issues/1")
    await page.get_by_label("Add a comment").fill("Too early")
    await page.get_by_role("button", name="Comment", exact=True).click()
    comment = page.get_by_role("article", name="Comment by Robin Hale").filter(has_text="Too early")
    await comment.get_by_role("button", name="Delete").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("button", name="Cancel").click()
    await expect(dialog).to_be_hidden()
    assert (await site.state(session))["counts"] == {"comment": 1}
    await comment.get_by_role("button", name="Delete").click()
    await dialog.get_by_role("button", name="Delete").click()
    await expect(comment).to_have_count(0)
    assert (await site.state(session))["counts"] == {"comment": 1, "delete_comment": 1}


async def test_search_and_filters_by_form(page: Page) -> None:
    await page.get_by_label("Search Emberforge").fill(BASE.projects[BUSY].name)
    await page.keyboard.press("Enter")
    await page.get_by_role("main").get_by_role("link", name=BASE.projects[BUSY].name, exact=True).click()
    await page.get_by_role("navigation", name="Project").get_by_role("link", name="Issues").click()
    await page.get_by_text("Labels", exact=True).first.click()
    await page.get_by_label("bug").check()
    await page.get_by_role("button", name="Apply").click()
    bugs = [issue for issue in BASE.issues[BUSY].values() if "bug" in issue.labels and issue.state == "open"]
    await expect(page.get_by_role("link", name=f"Open {len(bugs)}")).to_be_visible()
    await page.get_by_text("Labels", exact=True).first.click()
    await page.get_by_label("help wanted").check()
    await page.get_by_role("button", name="Apply").click()
    both = sum("help wanted" in issue.labels for issue in bugs)
    await expect(page.get_by_role("link", name=f"Open {both}")).to_be_visible()
    await page.get_by_role("link", name="Clear filters").click()
    await expect(page.get_by_label("bug")).not_to_be_checked()


async def test_a_date_is_chosen_in_the_calendar(page: Page, site: Site, session: str) -> None:
    await page.goto(f"/{MINE.path}/milestones/new")
    await page.get_by_label("Title").fill("Summer")
    calendar = page.get_by_role("dialog", name="Choose a date")
    await page.get_by_role("button", name="Calendar").click()
    await expect(calendar).to_contain_text("May 2026")
    await expect(calendar.get_by_role("button", name="12 May 2026")).to_have_attribute("aria-current", "date")
    await page.get_by_role("button", name="Next month").click()
    await page.get_by_role("button", name="Previous month").press("Escape")
    await expect(calendar).to_be_hidden()
    await page.get_by_role("button", name="Calendar").click()
    await page.get_by_role("button", name="Next month").click()
    await calendar.get_by_role("button", name="30 June 2026").click()
    await expect(page.get_by_label("Due date")).to_have_value("2026-06-30")
    await page.get_by_role("button", name="Create milestone").click()
    (step,) = (await site.state(session))["changes"]["milestones_created"]
    assert (step["title"], step["due"]) == ("Summer", "2026-06-30")


async def test_people_are_suggested_and_chosen_by_keyboard_or_mouse(page: Page, site: Site, session: str) -> None:
    await page.goto(f"/{MINE.path}/members")
    one, two = [person for name, person in BASE.people.items() if name not in MINE.members][:2]
    field = page.get_by_role("combobox", name="Person")
    await field.press_sequentially(one.name)
    await page.get_by_role("option", name=one.name).click()
    await expect(field).to_have_value(one.username)
    await expect(page.get_by_role("listbox")).to_be_hidden()
    await field.fill("")
    await field.press_sequentially(two.name)
    await expect(page.get_by_role("option", name=two.name)).to_be_visible()
    await field.press("ArrowDown")
    await field.press("Enter")
    await expect(field).to_have_value(two.username)
    await page.get_by_role("combobox", name="Role", exact=True).select_option("Guest")
    await page.get_by_role("button", name="Invite").click()
    await page.get_by_role("button", name=f"Remove {two.name}").click()
    await page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    assert (await site.state(session))["counts"] == {"set_member": 1}
    await page.get_by_role("button", name=f"Remove {two.name}").click()
    await page.get_by_role("dialog").get_by_role("button", name="Remove member").click()
    await expect(page.get_by_role("status").last).to_contain_text("no longer a member")
    assert (await site.state(session))["changes"]["members"] == []


async def test_archiving_waits_for_the_name(page: Page, site: Site, session: str) -> None:
    await page.goto(f"/{MINE.path}/settings")
    await page.get_by_role("button", name="Archive project").click()
    dialog = page.get_by_role("dialog", name="Archive")
    button = dialog.get_by_role("button", name="Archive now")
    await dialog.get_by_role("textbox").fill(MINE.name[:-1])
    await expect(button).to_be_disabled()
    await dialog.get_by_role("textbox").fill(MINE.name)
    await button.click()
    await expect(page.get_by_text("This project is archived.")).to_be_visible()
    assert [change["setting"] for change in (await site.state(session))["changes"]["settings"]] == ["archived"]


async def test_the_address_to_clone_from_and_the_log_in_its_frame(page: Page) -> None:
    await page.goto(f"/{MINE.path}")
    address = page.get_by_label("Address")
    await expect(address).to_have_value(f"https://emberforge.example/{MINE.path}.git")
    await page.get_by_role("button", name="SSH").click()
    await expect(address).to_have_value(f"git@emberforge.example:{MINE.path}.git")
    await page.get_by_role("button", name="Copy").click()
    await expect(page.get_by_role("status")).to_contain_text("copy")
    request = next(request for request in MINE.merge_requests.values() if request.failed)
    await page.goto(f"/{MINE.path}/merge-requests/{request.number}/checks")
    check = next(check for check in request.checks if not check.passed)
    await page.get_by_role("link", name=f"Log of {check.name}").click()
    log = page.frame_locator("iframe")
    await expect(log.get_by_role("heading", name=check.name)).to_be_visible()
    await expect(log.locator("pre")).to_contain_text(failing_test(request) or "")


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/projects",
        f"/{BUSY}",
        f"/{BUSY}/issues",
        f"/{BUSY}/issues/new",
        "/settings",
        "/todos",
        f"/{MINE.path}/members",
        f"/{MINE.path}/settings",
        f"/{MINE.path}/milestones",
        f"/{MINE.path}/releases",
        f"/{MINE.path}/merge-requests/1/checks",
    ],
)
async def test_pages_fit_a_phone_and_name_their_controls(page: Page, path: str) -> None:
    await fits_a_phone(page, path)
