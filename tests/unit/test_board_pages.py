"""The board's pages over HTTP, without a browser."""

import html
import re
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from starlette.responses import HTMLResponse
from starlette.types import Receive, Scope, Send

from plan_and_act.sites.board.app import SYNONYMS, board_app
from plan_and_act.sites.board.data import PASSWORD, PERSONA, build
from plan_and_act.sites.board.state import State
from plan_and_act.sites.board.views.feeds import SIZE
from plan_and_act.sites.disturbances import DisturbanceMiddleware, Disturbances
from plan_and_act.sites.sessions import Visit

BASE = build(7)
THREADS = list(BASE.threads.values())
TALK = max((thread for thread in THREADS if not thread.locked), key=lambda thread: len(thread.comments))
LOCKED = next(thread for thread in THREADS if thread.locked and thread.comments)
POLL = next(thread for thread in THREADS if thread.kind == "poll")
MOD = BASE.moderated[0]
PRIVATE = next(slug for slug, entry in BASE.communities.items() if entry.invite_only)
OPEN = next(slug for slug, entry in BASE.communities.items() if not entry.invite_only and slug not in BASE.joined)
STRANGER = next(name for name in BASE.people if name != PERSONA and name not in BASE.follows)
SCRIPT = {"accept": "application/json"}
PAGE = {"accept": "text/html"}


def visitor() -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=board_app(seed=7, control=True))
    return httpx.AsyncClient(transport=transport, base_url="http://board", follow_redirects=True)


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with visitor() as client:
        await client.get("/?session=me")
        yield client


async def told(client: httpx.AsyncClient) -> dict[str, Any]:
    return (await client.get("/_control/me/state")).json()


def titles(text: str) -> list[str]:
    return [html.unescape(title) for title in re.findall(r'<h3 id="title-\d+"><a [^>]+>([^<]+)</a>', text)]


@pytest.mark.parametrize("world", [7, 11, 23, 37])
async def test_every_link_leads_somewhere(world: int, client: httpx.AsyncClient) -> None:
    await client.post(f"/_control/me/reset?seed={world}")
    base = build(world)
    mod = base.moderated[0]
    todo = ["/", "/submit", "/settings/privacy", "/communities?page=2", "/search?q=the", f"/u/{PERSONA}/saved"]
    todo += ["/inbox", f"/c/{mod}/mod/queue", f"/c/{mod}/mod/bans", "/notifications", f"/u/{PERSONA}"]
    seen = set(todo)
    for depth in range(2):
        found = []
        for url in todo:
            response = await client.get(url)
            assert response.status_code == 200, url
            links = re.findall(r'(?:href|src)="(/[^"]*)"', response.text)
            found += [html.unescape(link).partition("#")[0] for link in links]
            assert not re.search(r'(?:href|src)="https?:', response.text), "no page loads or links anything elsewhere"
        todo = [link for link in dict.fromkeys(found) if link not in seen][: 250 if depth == 0 else 0]
        seen |= set(todo)
    assert len(seen) > 100


async def test_a_feed_goes_on_where_it_ended(client: httpx.AsyncClient) -> None:
    first = await client.get("/popular?sort=new")
    shown = titles(first.text)
    url: str | None = html.unescape(re.search(r'href="([^"]+)" id="more"', first.text)[1])  # type: ignore[index]
    while url:
        answer = (await client.get(url, headers=SCRIPT)).json()
        assert len(titles(answer["html"])) <= SIZE
        shown += titles(answer["html"])
        url = answer["more"]
    assert shown == [thread.title for thread in sorted(THREADS, key=lambda t: (t.created, t.id), reverse=True)]


async def test_a_feed_skips_nothing_when_threads_are_hidden(client: httpx.AsyncClient) -> None:
    every = sorted(THREADS, key=lambda thread: (thread.created, thread.id), reverse=True)
    page = (await client.get("/popular?sort=new")).text
    more = html.unescape(re.search(r'href="([^"]+)" id="more"', page)[1])  # type: ignore[index]
    hidden = [every[0], every[3], every[SIZE - 1], every[SIZE + 2]]
    for thread in hidden:
        await client.post("/hide", data={"target": thread.target}, headers=SCRIPT)
    left = [thread.title for thread in every if thread not in hidden]
    assert titles((await client.get(more, headers=SCRIPT)).json()["html"]) == left[SIZE - 3 : 2 * SIZE - 3]
    page = (await client.get(more)).text
    assert titles(page) == left[SIZE - 3 : 2 * SIZE - 3], "without scripts"
    assert 'href="/popular?sort=hot"' in page, "another order begins anew"
    assert titles((await client.get("/popular?sort=new&page=2")).text) == left[SIZE : 2 * SIZE]
    assert titles((await client.get("/popular?sort=new&after=nonsense")).text) == left[:SIZE]


async def test_feeds_sort_by_votes_in_a_range_of_time(client: httpx.AsyncClient) -> None:
    mine = [thread for thread in THREADS if thread.community == OPEN]
    best = [thread.title for thread in sorted(mine, key=lambda thread: -thread.score)]
    assert titles((await client.get(f"/c/{OPEN}?sort=top&t=all")).text) == best[:SIZE]
    week = [thread for thread in mine if (BASE.now - thread.created).days < 7]
    shown = titles((await client.get(f"/c/{OPEN}?sort=top&t=week")).text)
    assert shown == [thread.title for thread in sorted(week, key=lambda thread: -thread.score)][:SIZE]
    pinned = next(thread.title for thread in mine if thread.pinned)
    assert titles((await client.get(f"/c/{OPEN}")).text)[0] == pinned


async def test_votes_saves_and_hides_answer_scripts_and_forms(client: httpx.AsyncClient) -> None:
    target = TALK.target
    score = State.fresh(BASE).score(TALK)
    start = BASE.votes.get(target, 0)
    answer = (await client.post("/vote", data={"target": target, "vote": "up"}, headers=SCRIPT)).json()
    assert answer["score"] == f"{score - start + answer['vote']:,}"
    assert answer["vote"] == (0 if start == 1 else 1)
    assert (await client.post("/save", data={"target": target, "next": "/popular"})).url.path == "/popular"
    assert (await client.post("/hide", data={"target": target}, headers=SCRIPT)).json()["on"] is True
    assert f'"{TALK.url}"' not in (await client.get(f"/search?q={quote(TALK.title)}")).text
    state = await told(client)
    assert state["changes"]["saved" if target not in BASE.saved else "unsaved"] == [target]
    assert state["changes"]["hidden"] == [target]
    for wrong in ("thread:99999", "comment:1", "nonsense", "thread:", "thread:" + "9" * 40, ""):
        assert (await client.post("/save", data={"target": wrong})).status_code == 404, wrong
    assert (await client.post("/vote", data={"target": target, "vote": "sideways"})).status_code == 400
    assert (await client.post("/hide", data={"target": TALK.comments[0].target})).status_code == 400


async def test_comments_are_checked_and_then_there(client: httpx.AsyncClient) -> None:
    parent = TALK.comments[0]
    answer = await client.post(f"{TALK.url}/comments", data={"body": " "})
    assert answer.status_code == 422
    assert "Write something first." in answer.text
    assert (await client.post(f"{TALK.url}/comments", data={"body": "x" * 5_001})).status_code == 422
    assert (await client.post(f"{TALK.url}/comments", data={"body": "hi", "parent": "1"})).status_code == 404
    answer = await client.post(f"{TALK.url}/comments", data={"body": "<b>Hi</b>", "parent": str(parent.id)})
    assert "&lt;b&gt;Hi&lt;/b&gt;" in answer.text
    assert f"{len(TALK.comments) + 1} comments" in answer.text
    (added,) = (await told(client))["changes"]["comments_added"]
    assert (added["parent"], added["body"]) == (parent.id, "<b>Hi</b>")
    number = max(int(n) for n in re.findall(r'id="c(\d+)"', answer.text))
    assert "Edit your comment" in (await client.get(f"{TALK.url}/comments/{number}/edit")).text
    await client.post(f"{TALK.url}/comments/{number}/edit", data={"body": "Hello"})
    assert (await told(client))["changes"]["comments_added"][0]["body"] == "Hello"
    await client.post(f"{TALK.url}/comments/{number}/delete")
    assert (await told(client))["changes"]["comments_added"] == []
    assert (await client.post(f"{TALK.url}/comments/{parent.id}/delete")).status_code == 403
    assert (await client.post(f"{TALK.url}/comments/{parent.id}/edit", data={"body": "x"})).status_code == 403
    assert (await client.post(f"{LOCKED.url}/comments", data={"body": "hi"})).status_code == 403
    assert "This thread is locked." in (await client.get(LOCKED.url)).text


async def test_every_comment_is_shown_in_the_end(client: httpx.AsyncClient) -> None:
    page = (await client.get(TALK.url)).text
    ids = set(re.findall(r'id="c(\d+)"', page))
    for url in re.findall(r'data-replies="([^"]+)"', page):
        more = (await client.get(html.unescape(url), headers=SCRIPT)).json()["html"]
        new = set(re.findall(r'id="c(\d+)"', more))
        assert new
        assert not new & ids
        ids |= new
    assert ids == {str(comment.id) for comment in TALK.comments}
    assert set(re.findall(r'id="c(\d+)"', (await client.get(f"{TALK.url}?all=1")).text)) == ids
    assert (await client.get(f"{TALK.url}/replies/0", headers=PAGE)).url.query == b"all=1"


async def test_a_new_thread_is_checked_and_then_published_once(client: httpx.AsyncClient) -> None:
    community = BASE.communities[sorted(BASE.joined)[0]]
    good = {"community": community.name, "kind": "text", "title": "A title of its own", "body": "Words",
            "flair": community.flairs[0]}  # fmt: skip
    for wrong, message in (
        ({"community": "Nowhere"}, "Choose a community from the list."),
        ({"community": BASE.communities[OPEN].name}, "Become a member first."),
        ({"title": "Short"}, "A title needs 8 to 140 characters; this one has 5."),
        ({"body": ""}, "Write the text of your thread."),
        ({"kind": "link", "link": "no address"}, "A web address starts with https://"),
        ({"kind": "poll", "option": ["One", ""]}, "A poll needs two to six answers"),
        ({"kind": "poll", "option": ["One", "One"]}, "A poll needs two to six answers"),
        ({"kind": "nonsense"}, "Choose text, link or poll."),
        ({"flair": "Made up"}, "has no such flair"),
    ):
        answer = await client.post("/submit", data=good | wrong)
        assert answer.status_code == 422, wrong
        assert message in html.unescape(answer.text), wrong
    strict = next((entry for slug, entry in BASE.communities.items() if slug in BASE.joined and entry.flair_needed))
    answer = await client.post("/submit", data=good | {"community": strict.name, "flair": ""})
    assert "asks for a flair on every thread" in answer.text
    files = [("files", ("plán.txt", b"First water, then flour.", "text/plain"))]
    answer = await client.post("/submit", data=good, files=[("files", ("run.exe", b"x", "text/plain"))])
    assert "run.exe cannot be attached" in answer.text
    answer = await client.post("/submit", data=good, files=[("files", ("a.txt", b"x" * 200_001, "text/plain"))])
    assert "larger than 200 kB" in answer.text
    assert (await told(client))["counts"] == {}
    answer = await client.post("/submit", data=good, files=files)
    assert "Your thread is published." in answer.text
    kept = await client.get(f"{answer.url.path}/files/plán.txt")
    assert kept.content == b"First water, then flour."
    assert kept.headers["content-disposition"] == "attachment; filename*=UTF-8''pl%C3%A1n.txt"
    (made,) = (await told(client))["changes"]["threads_created"]
    assert made.pop("id") > max(BASE.threads)
    assert made == {"community": community.slug, "kind": "text", "title": good["title"], "body": "Words", "link": "",
                    "options": [], "flair": good["flair"], "attachments": ["plán.txt"], "author": PERSONA}  # fmt: skip
    assert titles((await client.get(f"/c/{community.slug}?sort=new")).text)[0] == good["title"]


async def test_a_poll_is_answered_once_in_its_frame(client: httpx.AsyncClient) -> None:
    assert f'src="{POLL.url}/poll"' in (await client.get(POLL.url)).text
    assert (await client.post(f"{POLL.url}/poll", data={"option": "17"})).status_code == 422
    answer = await client.post(f"{POLL.url}/poll", data={"option": "2"})
    assert "yours is" in answer.text
    assert f"{POLL.options[2].text}: {POLL.options[2].votes + 1} votes" in answer.text
    await client.post(f"{POLL.url}/poll", data={"option": "1"})
    polls = (await told(client))["changes"]["polls_answered"]
    assert polls == [{"thread": POLL.id, "option": POLL.options[2].text}]
    assert (await client.get(f"{TALK.url}/poll")).status_code == 404


async def test_a_poll_of_ones_own_can_be_answered_too(client: httpx.AsyncClient) -> None:
    community = next(BASE.communities[slug] for slug in sorted(BASE.joined) if not BASE.communities[slug].flair_needed)
    asked = {"community": community.name, "kind": "poll", "title": "Which one is it to be?", "option": ["One", "Two"]}
    url = (await client.post("/submit", data=asked)).url.path
    await client.post(f"{url}/poll", data={"option": "1"})
    changes = (await told(client))["changes"]
    assert changes["polls_answered"] == [{"thread": changes["threads_created"][0]["id"], "option": "Two"}]


async def test_communities_are_found_joined_and_left(client: httpx.AsyncClient) -> None:
    name, members = BASE.communities[OPEN].name, BASE.communities[OPEN].members
    assert name in (await client.get("/communities", params={"q": name[2:-2].upper()})).text
    assert "No results" in (await client.get("/communities?q=zzzz")).text
    answer = await client.post(f"/c/{OPEN}/join", data={"next": f"/c/{OPEN}"})
    assert f"{members + 1:,}" in answer.text
    assert ">Leave<" in answer.text
    await client.post(f"/c/{OPEN}/leave", data={"next": f"/c/{OPEN}"})
    assert (await told(client))["changes"]["joined"] == []
    assert "Closed to new members" in (await client.get(f"/c/{PRIVATE}")).text
    assert "by invitation only" in (await client.post(f"/c/{PRIVATE}/join")).text
    assert (await told(client))["counts"] == {"join": 1, "leave": 1}
    largest = max(BASE.communities.values(), key=lambda entry: entry.members).name
    listed = (await client.get("/communities?sort=members")).text.partition('<ul class="tiles">')[2]
    assert html.unescape(re.search(r"</i>([^<]+)</a></h3>", listed)[1]) == largest  # type: ignore[index]


async def test_search_finds_by_kind_community_and_time(client: httpx.AsyncClient) -> None:
    word = quote(" ".join(part[1:-1] for part in TALK.title.split()[-3:]))
    found = (await client.get(f"/search?q={word.upper()}")).text
    assert TALK.title in html.unescape(found)
    assert f'href="/u/{STRANGER}"' in (await client.get(f"/search?q={STRANGER[:-1]}&kind=people")).text
    assert "No results" in (await client.get("/search?q=zzzz")).text
    assert "No results" in (await client.get(f"/search?q={STRANGER}&kind=communities")).text
    other = next(slug for slug in BASE.communities if slug != TALK.community)
    assert TALK.url not in (await client.get(f"/search?q={word}&community={other}")).text
    assert TALK.url not in (await client.get(f"/search?q={word}&type=poll")).text
    old = next(thread for thread in THREADS if (BASE.now - thread.created).days > 40)
    assert old.url in (await client.get("/search", params={"q": old.title, "t": "year"})).text
    assert old.url not in (await client.get("/search", params={"q": old.title, "t": "month"})).text
    assert (await client.get("/search?q=%3Cscript%3E&kind=x&t=x&sort=x&community=x")).text.count("<script>") == 0


async def test_under_disturbances_the_first_search_is_empty_and_lists_are_old(client: httpx.AsyncClient) -> None:
    await client.post("/_control/me/reset?disturb=search,stale")
    assert "No results" in (await client.get("/search", params={"q": TALK.title})).text
    assert "No results" in (await client.get("/search", params={"q": TALK.title})).text
    found = (await client.get("/search", params={"q": TALK.title.rpartition(" ")[0]})).text
    assert TALK.url in found or "Updated 9 hours ago" in found
    newest = max(THREADS, key=lambda thread: thread.created)
    stale = await client.get("/popular?sort=new")
    assert newest.title not in titles(stale.text)
    url = html.unescape(re.search(r'<a href="([^"]+)">Refresh</a>', stale.text)[1])  # type: ignore[index]
    fresh = await client.get(url)
    assert titles(fresh.text)[0] == newest.title
    assert "Updated 9 hours ago" not in fresh.text


async def test_frames_are_left_alone_by_banners(client: httpx.AsyncClient) -> None:
    await client.post("/_control/me/reset?disturb=consent,expiry")
    assert "consent.js" in (await client.get(POLL.url, headers=PAGE)).text
    for _ in range(9):
        frame = await client.get(f"{POLL.url}/poll", headers={**PAGE, "sec-fetch-dest": "iframe"})
        assert "consent.js" not in frame.text
    assert "expired" not in (await client.get("/", headers=PAGE)).text


async def test_other_words_leave_alone_what_somebody_typed(client: httpx.AsyncClient) -> None:
    await client.post("/_control/me/reset?disturb=renamed")
    answer = await client.post("/submit", data={"title": "Save the date", "kind": "text"}, headers=PAGE)
    assert answer.status_code == 422
    assert 'value="Save the date"' in answer.text
    found = (await client.get("/search?q=Save", headers=PAGE)).text
    assert re.search(r'<input [^>]*name="q"[^>]* value="Save"', found)
    assert ">Bookmark<" in (await client.get(TALK.url, headers=PAGE)).text


async def test_other_words_leave_alone_links_that_somebody_named(client: httpx.AsyncClient) -> None:
    await client.post("/_control/me/reset?disturb=renamed")
    community = next(BASE.communities[slug] for slug in sorted(BASE.joined) if not BASE.communities[slug].flair_needed)
    form = {"community": community.name, "kind": "text", "title": "Report of a walk by the lake", "body": "Wet."}
    assert "Your thread is published." in (await client.post("/submit", data=form, headers=PAGE)).text
    lists = (await client.get("/popular?sort=new", headers=PAGE)).text
    assert ">Report of a walk by the lake</a>" in lists
    assert re.search(r"<a [^>]*>Flag comment</a>", (await client.get(TALK.url, headers=PAGE)).text)


@pytest.mark.parametrize("kind", ["submit", "button", "reset"])
@pytest.mark.parametrize("tag", ['<input type="{}" value="Save">', '<input value="Save" id="b" type="{}">'])
async def test_buttons_that_are_inputs_are_called_by_other_words(kind: str, tag: str) -> None:
    site = DisturbanceMiddleware(HTMLResponse(tag.format(kind)), synonyms=SYNONYMS)
    session = SimpleNamespace(visit=Visit(Disturbances(renamed=True)))

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        await site({**scope, "session": session}, receive, send)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=serve), base_url="http://board") as client:
        assert (await client.get("/", headers=PAGE)).text == tag.format(kind).replace("Save", "Bookmark")


async def test_profiles_follow_block_and_keep_saved_things_private(client: httpx.AsyncClient) -> None:
    person = BASE.people[STRANGER]
    text = (await client.get(f"/u/{STRANGER}")).text
    assert f"{person.comment_karma:,}" in text
    assert f"{person.karma:,}" in text
    assert ">Unfollow<" in (await client.post(f"/u/{STRANGER}/follow")).text
    assert ">Unblock<" in (await client.post(f"/u/{STRANGER}/block")).text
    state = await told(client)
    assert state["changes"]["followed"] == state["changes"]["blocked"] == [STRANGER]
    assert (await client.post(f"/u/{PERSONA}/block")).status_code == 400
    assert (await client.get(f"/u/{STRANGER}/saved")).status_code == 403
    assert len(re.findall('data-live="save"', (await client.get(f"/u/{PERSONA}/saved")).text)) == len(BASE.saved)


async def test_messages_are_read_written_and_deleted(client: httpx.AsyncClient) -> None:
    first = BASE.messages[0]
    assert "3 unread" in (await client.get("/inbox")).text
    assert html.escape(first.body, quote=False)[:40] in (await client.get(f"/inbox/{first.id}")).text
    assert "2 unread" in (await client.get("/inbox")).text
    assert (await told(client))["changes"] == State.fresh(BASE).changes()["changes"], "reading changes nothing"
    await client.post(f"/inbox/{first.id}/unread")
    assert "3 unread" in (await client.post("/inbox/write", data={})).text
    for wrong in ({"to": "nobody_at_all"}, {"subject": ""}, {"body": ""}, {"to": PERSONA}):
        answer = await client.post("/inbox/write", data={"to": STRANGER, "subject": "Hi", "body": "You"} | wrong)
        assert answer.status_code == 422, wrong
    answer = await client.post("/inbox/write", data={"to": STRANGER, "subject": "Hi", "body": "You"})
    assert "is on its way" in answer.text
    await client.post(f"/inbox/{first.id}/delete")
    assert (await client.get(f"/inbox/{first.id}")).status_code == 404
    assert "15 new" in answer.text
    assert "15 new" not in (await client.post("/notifications/read")).text


async def test_a_message_that_is_marked_as_unread_is_told(client: httpx.AsyncClient) -> None:
    new, old = BASE.messages[0], next(message for message in BASE.messages if message.id not in BASE.unread)
    for message in (new, old):
        await client.get(f"/inbox/{message.id}")
        for _ in range(2):
            await client.post(f"/inbox/{message.id}/unread")
    state = await told(client)
    assert state["changes"]["messages_unread"] == [old.id], "the other one was not read at first"
    assert state["counts"] == {"mark_unread": 2}
    await client.get(f"/inbox/{old.id}")
    assert (await told(client))["changes"] == State.fresh(BASE).changes()["changes"]


async def test_settings_have_forms_and_switches(client: httpx.AsyncClient) -> None:
    assert 'aria-checked="true"' in (await client.get("/settings/privacy")).text
    answer = await client.post("/settings/notifications/replies", headers=SCRIPT)
    assert answer.json() == {"message": "Replies to my comments: off.", "on": False}
    assert (await client.post("/settings/notifications/digest")).status_code == 404
    assert (await client.post("/settings/account", data={"town": "x" * 61})).status_code == 422
    assert (await client.post("/settings/notifications", data={"digest": "Hourly"})).status_code == 400
    assert "saved" in (await client.post("/settings/account", data={"about": "Hello.", "landing": "Popular"})).text
    assert "Hello." in (await client.get(f"/u/{PERSONA}")).text
    changes = (await told(client))["changes"]
    assert changes["settings"] == {"replies": False, "about": "Hello.", "landing": "Popular"}


async def test_moderators_decide_and_nobody_else_does(client: httpx.AsyncClient) -> None:
    queue = f"/c/{MOD}/mod/queue"
    one, two = (report.target for report in BASE.reports[MOD][:2])
    assert (await client.get(queue)).text.count('class="card queue"') == 5
    await client.post(f"/c/{MOD}/mod/approve", data={"target": one}, headers=SCRIPT)
    assert "choose a reason first" in (await client.post(f"/c/{MOD}/mod/remove", data={"target": two})).text
    answer = await client.post(f"/c/{MOD}/mod/remove", data={"target": two, "reason": "Spam"})
    assert answer.text.count('class="card queue"') == 3
    thread = next(
        t for t in THREADS if t.community == MOD and not t.locked and not t.pinned and f"thread:{t.id}" != two
    )
    assert "Unlock thread" in (await client.post(f"{thread.url}/lock")).text
    assert "Unpin thread" in (await client.post(f"{thread.url}/pin")).text
    good = {"username": STRANGER, "reason": "Spam", "days": "30"}
    banned = BASE.bans[MOD][0].username
    moderator = BASE.communities[MOD].moderators[0]
    for wrong in (
        {"username": "nobody_at_all"},
        {"username": banned},
        {"username": moderator},
        {"reason": "x"},
        {"days": "x"},
    ):
        assert (await client.post(f"/c/{MOD}/mod/bans", data=good | wrong)).status_code == 422, wrong
    await client.post(f"/c/{MOD}/mod/bans/lift", data={"username": banned})
    kept_out = {*BASE.communities[MOD].moderators, *(ban.username for ban in BASE.bans[MOD])}
    name = next(name for name in BASE.people if name not in kept_out)
    await client.post(f"/c/{MOD}/mod/bans", data=good | {"username": name})
    changes = (await told(client))["changes"]
    assert (changes["approved"], changes["removed"]) == ([one], [{"target": two, "reason": "Spam"}])
    assert (changes["locked"], changes["pinned"]) == ([thread.id], [thread.id])
    assert changes["banned"] == [{"community": MOD, "username": name, "reason": "Spam", "days": 30}]
    assert changes["bans_lifted"] == [f"{MOD}/{banned}"]
    other = next(t for t in THREADS if t.community == OPEN)
    for url in (f"/c/{OPEN}/mod/approve", f"/c/{OPEN}/mod/bans", f"{other.url}/lock", f"{other.url}/pin"):
        assert (await client.post(url, data={"target": other.target})).status_code == 403, url
    foreign = {"target": other.target, "reason": "Spam"}
    assert (await client.post(f"/c/{MOD}/mod/remove", data=foreign)).status_code == 404


async def test_signing_out_and_in_again(client: httpx.AsyncClient) -> None:
    await client.post("/sign-out")
    answer = await client.post("/vote", data={"target": TALK.target, "vote": "up"}, headers=SCRIPT)
    assert answer.status_code == 401
    assert (await client.get("/submit")).url.path == "/sign-in"
    assert "to take part" in (await client.get(TALK.url)).text
    for wrong in ({"username": PERSONA, "password": "guess"}, {"username": STRANGER, "password": PASSWORD}, {}):
        assert (await client.post("/sign-in", data=wrong)).status_code == 422
    good = {"username": PERSONA, "password": PASSWORD, "next": "/submit"}
    assert (await client.post("/sign-in", data=good)).url.path == "/submit"
    for target in ("https://elsewhere.example/", "//elsewhere.example"):
        await client.post("/sign-out")
        answer = await client.post("/sign-in", data=good | {"next": target}, follow_redirects=False)
        assert answer.headers["location"] == "/"
    await client.post("/_control/me/reset?as=nobody")
    assert ">Sign in<" in (await client.get("/")).text


async def test_what_does_not_exist_is_a_page_of_its_own(client: httpx.AsyncClient) -> None:
    for url in ("/nothing", "/c/nowhere", f"/c/{MOD}/99999", f"/c/{MOD}/{'9' * 5_000}", f"/c/{OPEN}/{TALK.id}",
                "/u/nobody", "/inbox/77", "/settings/nothing", f"{TALK.url}/files/no.txt",
                "/report?target=thread:0"):  # fmt: skip
        answer = await client.get(url)
        assert answer.status_code == 404, url
        assert "There is nothing here" in answer.text
    assert (await client.post("/popular")).status_code == 405


async def test_odd_bodies_do_not_break_the_site(client: httpx.AsyncClient) -> None:
    kinds = (
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "multipart/form-data",
        "text/plain",
    )
    for kind in kinds:
        for body in (b"", b"title=%ff%fe&body=%00", b"\xff\xfe" * 50, b"--x\r\nbroken", b"a=" + b"x" * 100_000):
            answer = await client.post("/submit", content=body, headers={"content-type": kind})
            assert answer.status_code in (400, 422), (kind, body[:20])


def test_new_words_are_not_words_of_other_controls() -> None:
    assert not set(SYNONYMS) & set(SYNONYMS.values())
    assert len(set(SYNONYMS.values())) == len(SYNONYMS)
