"""The board in a real Chromium: what needs a mouse, a keyboard and scripts."""

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, expect

from phone import fits_a_phone
from plan_and_act.sites import Site, serve
from plan_and_act.sites.board.app import board_app
from plan_and_act.sites.board.data import PASSWORD, PERSONA, build

BASE = build(7)
THREADS = list(BASE.threads.values())
TALK = max((thread for thread in THREADS if not thread.locked), key=lambda thread: len(thread.comments))
POLL = next(thread for thread in THREADS if thread.kind == "poll")
VIDEO = next(thread for thread in THREADS if thread.video)
MOD = BASE.moderated[0]
MINE = BASE.communities[sorted(BASE.joined)[0]]


@pytest.fixture(scope="module")
async def site() -> AsyncIterator[Site]:
    async with serve(board_app(seed=7, control=True)) as site:
        yield site


async def test_a_vote_is_cast_in_place_and_taken_back(page: Page, site: Site, session: str) -> None:
    thread = next(thread for thread in THREADS if thread.target not in BASE.votes)
    await page.goto(thread.url)
    await page.evaluate("window.stayed = true")
    post = page.get_by_role("article", name=thread.title, exact=True)
    up, down = post.get_by_role("button", name="Upvote"), post.get_by_role("button", name="Downvote")
    await up.click()
    await expect(up).to_have_attribute("aria-pressed", "true")
    await expect(post.locator(".score")).to_have_text(f"{thread.score + 1:,}")
    await down.click()
    await expect(down).to_have_attribute("aria-pressed", "true")
    await expect(up).to_have_attribute("aria-pressed", "false")
    await expect(post.locator(".score")).to_have_text(f"{thread.score - 1:,}")
    assert (await site.state(session))["changes"]["votes"] == [{"target": thread.target, "vote": -1}]
    await down.click()
    await expect(page.get_by_role("status").last).to_contain_text("Your vote is taken back.")
    assert await page.evaluate("window.stayed"), "no new page was loaded"
    assert (await site.state(session))["changes"]["votes"] == []


async def test_a_feed_loads_more_when_its_end_comes_into_view(page: Page) -> None:
    await page.goto(f"/c/{MINE.slug}?sort=new")
    expected = sum(thread.community == MINE.slug for thread in THREADS)
    posts = page.locator("#feed .post")
    for _ in range(20):
        await page.mouse.wheel(0, 2_000)
        if await posts.count() == expected:
            break
        await page.wait_for_timeout(100)
    await expect(posts).to_have_count(expected)
    await expect(page.get_by_text("You have reached the end.")).to_be_visible()
    shown = await page.locator("#feed h3").all_inner_texts()
    assert len(set(shown)) == expected, "no thread twice"


async def test_saving_and_hiding_in_a_list_that_was_loaded_later(page: Page, site: Site, session: str) -> None:
    await page.goto("/popular?sort=new")
    posts = page.locator("#feed .post")
    while await posts.count() < 12:
        await page.get_by_role("contentinfo").scroll_into_view_if_needed()
        await page.wait_for_timeout(50)
    order = sorted(THREADS, key=lambda thread: (thread.created, thread.id), reverse=True)
    saved, hidden = [thread for thread in order[9:] if thread.target not in BASE.saved][:2]
    await posts.filter(has_text=saved.title).get_by_role("button", name="Save", exact=True).click()
    await expect(posts.filter(has_text=saved.title).get_by_role("button", name="Saved")).to_be_visible()
    await posts.filter(has_text=hidden.title).get_by_role("button", name="Hide").click()
    await expect(posts.filter(has_text=hidden.title)).to_have_count(0)
    changes = (await site.state(session))["changes"]
    assert (changes["saved"], changes["hidden"]) == ([saved.target], [hidden.target])


async def test_comments_fold_and_show_the_rest_in_place(page: Page) -> None:
    await page.goto(TALK.url)
    comments = page.locator(".comment")
    before = await comments.count()
    assert before < len(TALK.comments)
    for _ in range(12):
        more = page.get_by_role("link", name=re.compile(r"Show \d+ more"))
        if await more.count() == 0:
            break
        await more.first.click()
        await expect(comments).not_to_have_count(before)
        before = await comments.count()
    await expect(comments).to_have_count(len(TALK.comments))
    first = comments.first
    author = (await first.get_attribute("aria-label") or "").removeprefix("Comment by ")
    await first.get_by_role("button", name=f"Collapse comment by {author}").first.click()
    opened = first.get_by_role("button", name=f"Expand comment by {author}").first
    await expect(opened).to_have_attribute("aria-expanded", "false")
    await expect(first.locator(".words").first).to_be_hidden()
    await opened.click()
    await expect(first.locator(".words").first).to_be_visible()


async def test_an_answer_is_written_in_place_and_deleted_after_a_question(page: Page, site: Site, session: str) -> None:
    await page.goto(TALK.url)
    comment = page.locator(".comment").nth(1)
    number = int((await comment.get_attribute("id") or "c0")[1:])
    await comment.get_by_role("link", name="Reply").first.click()
    await expect(page.get_by_label("Your reply")).to_be_focused()
    await page.keyboard.type("Well said.")
    await page.get_by_role("button", name="Send reply").click()
    mine = page.get_by_role("article", name=f"Comment by {PERSONA}").filter(has_text="Well said.").last
    await expect(mine).to_be_visible()
    (added,) = (await site.state(session))["changes"]["comments_added"]
    assert (added["parent"], added["body"]) == (number, "Well said.")
    await mine.get_by_role("button", name="Delete").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("button", name="Cancel").click()
    await expect(dialog).to_be_hidden()
    assert (await site.state(session))["counts"] == {"comment": 1}
    await mine.get_by_role("button", name="Delete").click()
    await dialog.get_by_role("button", name="Yes").click()
    await expect(page.get_by_role("status").last).to_contain_text("Your comment is deleted.")
    assert (await site.state(session))["counts"] == {"comment": 1, "delete_comment": 1}


async def test_a_thread_by_mouse_and_keyboard_with_a_file(page: Page, site: Site, session: str) -> None:
    await page.get_by_role("link", name="Create post").click()
    field = page.get_by_role("combobox", name="Community")
    await field.click()
    await expect(page.get_by_role("listbox", name="Communities").get_by_role("option")).to_have_count(28)
    await field.press_sequentially(MINE.name[:6].lower())
    await page.keyboard.press("ArrowDown")
    first = page.get_by_role("listbox", name="Communities").get_by_role("option", selected=True)
    await expect(first).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("listbox", name="Communities")).to_be_hidden()
    await field.fill(MINE.name[:-1])
    await page.get_by_role("option", name=MINE.name).click()
    await expect(field).to_have_value(MINE.name)
    flair = page.get_by_label("Flair")
    await expect(flair.locator("option")).to_have_count(len(MINE.flairs) + 1)
    await page.get_by_role("button", name="Publish").click()
    await expect(page.get_by_role("alert")).to_contain_text("A title needs 8 to 140 characters")
    await page.get_by_label("Title").fill("Written by a test")
    await page.get_by_role("textbox", name="Text", exact=True).fill("With a file")
    await flair.select_option(MINE.flairs[-1])
    await page.get_by_label("Files to attach").set_input_files(
        {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"One, two, three."}
    )
    await page.get_by_role("button", name="Publish").click()
    await expect(page.get_by_role("heading", name="Written by a test")).to_be_visible()
    async with page.expect_download() as download:
        await page.get_by_role("link", name="notes.txt").click()
    path = await (await download.value).path()
    assert path.read_bytes() == b"One, two, three."
    (made,) = (await site.state(session))["changes"]["threads_created"]
    assert (made["flair"], made["attachments"]) == (MINE.flairs[-1], ["notes.txt"])


async def test_the_tabs_of_the_form_show_what_belongs_to_a_kind(page: Page, site: Site, session: str) -> None:
    await page.goto(f"/submit?community={MINE.slug}")
    await expect(page.get_by_label("Web address")).to_be_hidden()
    await page.get_by_role("tab", name="Link").click()
    await expect(page.get_by_label("Web address")).to_be_visible()
    await page.get_by_role("tab", name="Poll").click()
    await expect(page.get_by_role("tab", name="Poll")).to_have_attribute("aria-selected", "true")
    await expect(page.get_by_label("Web address")).to_be_hidden()
    add = page.get_by_role("button", name="Add an answer")
    for number in range(3, 7):
        await add.click()
        await expect(page.get_by_label(f"Answer {number}")).to_be_focused()
    await expect(add).to_be_disabled()
    await page.get_by_label("Title").fill("Which day is best?")
    for number, text in enumerate(("Monday", "Friday", "Sunday"), 1):
        await page.get_by_label(f"Answer {number}").fill(text)
    await page.get_by_label("Flair").select_option(MINE.flairs[0])
    await page.get_by_role("button", name="Publish").click()
    await expect(page.get_by_role("heading", name="Which day is best?").first).to_be_visible()
    (made,) = (await site.state(session))["changes"]["threads_created"]
    assert (made["kind"], made["options"]) == ("poll", ["Monday", "Friday", "Sunday"])


async def test_a_poll_is_answered_and_a_video_plays_in_their_frames(page: Page, site: Site, session: str) -> None:
    await page.goto(POLL.url)
    poll = page.frame_locator("iframe[title=Poll]")
    await poll.get_by_role("button", name="Vote").click()
    await expect(poll.get_by_role("alert")).to_contain_text("Choose an answer first.")
    await poll.get_by_role("radio", name=POLL.options[1].text).check()
    await poll.get_by_role("button", name="Vote").click()
    await expect(poll.get_by_text(f"{POLL.options[1].text}: {POLL.options[1].votes + 1} votes")).to_be_visible()
    assert len((await site.state(session))["changes"]["polls_answered"]) == 1
    await page.goto(VIDEO.url)
    video = page.frame_locator("iframe[title='Video player']")
    await video.get_by_role("button", name="Play").click()
    await expect(video.get_by_role("button", name="Pause")).to_have_attribute("aria-pressed", "true")
    await expect(video.locator("#progress")).to_have_text("0:01")


async def test_a_moderator_approves_in_place_and_removes_with_a_reason(page: Page, site: Site, session: str) -> None:
    await page.get_by_role("link", name="Moderation").click()
    await page.get_by_role("link", name=f"Queue of {BASE.communities[MOD].name}").click()
    cards = page.locator(".queue")
    await expect(cards).to_have_count(5)
    await cards.first.get_by_role("button", name="Approve").click()
    await expect(cards).to_have_count(4)
    await cards.first.get_by_role("button", name="Remove").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("button", name="Keep it").click()
    await expect(dialog).to_be_hidden()
    await cards.first.get_by_role("button", name="Remove").click()
    await dialog.get_by_role("button", name="Confirm removal").click()
    await expect(dialog).to_be_visible()
    await dialog.get_by_label("Reason for removal").select_option("Spam")
    await dialog.get_by_role("button", name="Confirm removal").click()
    await expect(cards).to_have_count(3)
    changes = (await site.state(session))["changes"]
    one, two = (report.target for report in BASE.reports[MOD][:2])
    assert (changes["approved"], changes["removed"]) == ([one], [{"target": two, "reason": "Spam"}])


async def test_switches_take_effect_at_once_and_stay(page: Page, site: Site, session: str) -> None:
    await page.locator("summary").click()
    await page.get_by_role("link", name="Settings").click()
    await page.get_by_role("link", name="Privacy").click()
    switch = page.get_by_role("switch", name="Show when I am online")
    await expect(switch).to_be_checked()
    await switch.click()
    await expect(switch).not_to_be_checked()
    await page.reload()
    await expect(switch).not_to_be_checked()
    assert (await site.state(session))["changes"]["settings"] == {"show_online": False}


async def test_a_vote_when_signed_out_leads_to_sign_in_and_back(page: Page, site: Site, session: str) -> None:
    await site.reset(session, account="nobody")
    await page.goto(TALK.url)
    await page.get_by_role("button", name="Upvote").first.click()
    await page.get_by_label("Name").fill(PERSONA)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("main").get_by_role("button", name="Sign in").click()
    await expect(page).to_have_url(f"{site.url}{TALK.url}")
    assert (await site.state(session))["changes"]["votes"] == []


async def test_times_tell_the_moment_when_the_mouse_rests_on_them(page: Page) -> None:
    await page.goto(TALK.url)
    when = TALK.created
    await expect(page.locator(".post time")).to_have_attribute("title", f"{when.day} {when:%B %Y, %H:%M}")


PATHS = ["/", "/communities", TALK.url, POLL.url, "/submit", f"/c/{MOD}/mod/queue", f"/c/{MOD}/mod/bans",
         f"/u/{PERSONA}/saved", "/settings/notifications", "/search?q=the", "/inbox/1", "/inbox/write"]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
async def test_pages_fit_a_phone_and_name_their_controls(page: Page, path: str) -> None:
    await fits_a_phone(page, path)
