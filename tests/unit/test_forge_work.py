"""What people work with on the forge: milestones, merge requests, members, settings, releases, files, to-dos."""

import re
from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from plan_and_act.sites import Disturbances, forge_app
from plan_and_act.sites.forge.data import PERSONA, build
from plan_and_act.sites.forge.model import MergeRequest, Project
from plan_and_act.sites.forge.state import State
from plan_and_act.sites.forge.workshop import failing_test

WORLDS = (7, 11, 23, 37)
BASE = build(7)
MINE = next(project for project in BASE.projects.values() if project.members.get(PERSONA) == "maintainer")
FOREIGN = next(p for p in BASE.projects.values() if PERSONA not in p.members and not p.archived and p.stars)
ARCHIVED = next(project for project in BASE.projects.values() if project.archived)


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=forge_app(seed=7, control=True))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://forge", follow_redirects=True) as client:
        await client.get("/?session=me")
        yield client


async def changes(client: httpx.AsyncClient) -> dict:
    """What differs from the untouched site, without what does not."""
    told = (await client.get("/_control/me/state")).json()["changes"]
    return {name: value for name, value in told.items() if value}


def request_that(fits: Callable[[MergeRequest], bool], project: Project = MINE) -> MergeRequest:
    return next(r for r in project.merge_requests.values() if r.state == "open" and r.author != PERSONA and fits(r))


@pytest.mark.parametrize("seed", WORLDS)
def test_the_plans_and_teams_of_a_world_hang_together(seed: int) -> None:
    base = build.__wrapped__(seed)
    assert base == build.__wrapped__(seed)
    assert sum(project.archived for project in base.projects.values()) == 2
    for path, project in base.projects.items():
        assert list(project.members.values()).count("owner") == 1
        assert project.releases[0].version == project.version
        for request in project.merge_requests.values():
            assert sum(file.additions for file in request.files) == request.additions
            assert request.author not in request.approvals
            assert PERSONA not in request.approvals
            assert request.failed == (failing_test(request) is not None)
            assert not (request.state == "merged" and (request.failed or request.conflicts))
        steps = base.milestones[path]
        for issue in base.issues[path].values():
            assert issue.milestone is None or issue.state == "closed" or steps[issue.milestone].state == "open"
    for todo in base.todos:
        if todo.kind == "assigned":
            assert base.issues[todo.project][todo.number].assignee == PERSONA
        if todo.kind == "mention":
            assert f"@{PERSONA}" in base.issues[todo.project][todo.number].timeline[-1].body


@pytest.mark.parametrize("seed", WORLDS)
async def test_pages_of_every_world_render(seed: int) -> None:
    base = build(seed)
    transport = httpx.ASGITransport(app=forge_app(seed=seed))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://forge", follow_redirects=True) as client:
        await client.get("/?session=me")
        for project in base.projects.values():
            request = max(project.merge_requests)
            tabs = ["", "/issues", "/milestones", "/milestones/2", "/releases", "/members", "/merge-requests"]
            tabs += [f"/merge-requests/{request}{part}" for part in ("", "/changes", "/checks", "/log/0")]
            for tab in tabs:
                assert (await client.get(f"/{project.path}{tab}")).status_code == 200, (project.path, tab)
            may = project.members.get(PERSONA) == "maintainer"
            assert (await client.get(f"/{project.path}/settings")).status_code == (200 if may else 403)


async def test_milestones_are_checked_created_and_closed(client: httpx.AsyncClient) -> None:
    url = f"/{MINE.path}/milestones/new"
    taken = BASE.milestones[MINE.path][1].title
    for wrong in ({"title": ""}, {"title": taken}, {"due": "30 June"}, {"due": "2026-01-01"}):
        assert (await client.post(url, data={"title": "Summer", "due": "2026-06-30"} | wrong)).status_code == 422, wrong
    made = await client.post(url, data={"title": "Summer", "due": "2026-06-30"})
    assert "30 June 2026" in made.text
    assert (await client.post(f"/{FOREIGN.path}/milestones/new", data={"title": "Summer"})).status_code == 403
    await client.post(f"/{MINE.path}/milestones/2/close")
    told = await changes(client)
    assert [(step["title"], step["due"]) for step in told["milestones_created"]] == [("Summer", "2026-06-30")]
    assert [step["state"] for step in told["milestones_changed"]] == ["closed"]
    await client.post(f"/{MINE.path}/milestones/2/reopen")
    assert "milestones_changed" not in await changes(client)


async def test_an_issue_gets_a_milestone_and_a_due_date(client: httpx.AsyncClient) -> None:
    issue = next(i for i in BASE.issues[MINE.path].values() if i.state == "open" and i.milestone != 2)
    url = f"/{MINE.path}/issues/{issue.number}/edit"
    kept = {"labels": list(issue.labels), "assignee": issue.assignee or ""}
    for wrong in ({"milestone": "99"}, {"due": "soon"}):
        assert (await client.post(url, data=kept | wrong)).status_code == 422
    await client.post(url, data=kept | {"milestone": "2", "due": "2026-07-01"})
    (change,) = (await changes(client))["issues_changed"]
    assert change["milestone"] == [issue.milestone, 2]
    assert change["due"] == [issue.due and issue.due.isoformat(), "2026-07-01"]
    assert "labels" not in change


async def test_what_was_typed_stays_when_an_issue_cannot_be_edited_so(client: httpx.AsyncClient) -> None:
    issue = next(i for i in BASE.issues[MINE.path].values() if i.state == "open" and "security" not in i.labels)
    crew = next(entry.username for entry in MINE.contributors if entry.username != issue.assignee)
    url = f"/{MINE.path}/issues/{issue.number}"
    assert "<details>" in (await client.get(url)).text
    typed = {"labels": "security", "assignee": crew, "milestone": "", "due": "31.12.<26>"}
    page = await client.post(f"{url}/edit", data=typed)
    assert page.status_code == 422
    assert "<details open>" in page.text
    assert re.search(r'<input id="due"[^>]* value="31.12.&lt;26&gt;"[^>]* aria-invalid="true"', page.text)
    assert 'id="due-error">Write the date as' in page.text
    assert re.findall(r'name="labels" value="([^"]+)" checked', page.text) == ["security"]
    assert f'<option value="{crew}" selected>' in page.text
    comment = re.search(r'<textarea id="body"[^>]*>', page.text)
    assert comment
    assert "aria-invalid" not in comment[0]
    assert await changes(client) == {}


async def test_only_what_may_be_merged_is_merged(client: httpx.AsyncClient) -> None:
    good = request_that(lambda r: not r.conflicts and not r.failed)
    torn, red = request_that(lambda r: r.conflicts), request_that(lambda r: r.failed)
    for entry in (torn, red):
        url = f"/{MINE.path}/merge-requests/{entry.number}"
        assert "disabled>Merge<" in (await client.post(f"{url}/approve")).text
        assert (await client.post(f"{url}/merge")).status_code == 403
        await client.post(f"{url}/unapprove")
    assert await changes(client) == {}
    url = f"/{MINE.path}/merge-requests/{good.number}"
    await client.post(f"{url}/approve")
    assert "Merged !" in (await client.post(f"{url}/merge")).text
    assert (await client.post(f"{url}/merge")).status_code == 403, "twice"
    await client.post(f"{url}/comments", data={"body": "Thanks"})
    at = {"project": MINE.path, "number": good.number}
    told = (await changes(client))["merge_requests"]
    assert told == [
        {**at, "what": "comment", "to": "Thanks"},
        {**at, "what": "state", "to": "merged"},
        {**at, "what": "approved", "to": True},
    ]


async def test_strangers_neither_merge_nor_approve(client: httpx.AsyncClient) -> None:
    entry = request_that(lambda r: not r.conflicts and not r.failed, FOREIGN)
    url = f"/{FOREIGN.path}/merge-requests/{entry.number}"
    for action in ("approve", "merge", "close", "assign"):
        assert (await client.post(f"{url}/{action}", data={"assignee": ""})).status_code == 403, action
    assert "Only maintainers of this project can merge." in (await client.get(url)).text


async def test_members_are_invited_changed_and_removed(client: httpx.AsyncClient) -> None:
    url = f"/{MINE.path}/members"
    stranger = next(name for name in BASE.people if name not in MINE.members)
    member = next(name for name, role in MINE.members.items() if role == "developer")
    owner = next(name for name, role in MINE.members.items() if role == "owner")
    for wrong in ({"person": "no such one"}, {"person": member}, {"role": "owner"}):
        answer = await client.post(url, data={"person": stranger, "role": "guest"} | wrong)
        assert answer.status_code == 422, wrong
    await client.post(url, data={"person": BASE.people[stranger].name, "role": "reporter"})
    await client.post(f"{url}/{member}/role", data={"role": "maintainer"})
    assert (await client.post(f"{url}/{owner}/remove")).status_code == 403
    assert (
        await client.post(f"/{FOREIGN.path}/members", data={"person": stranger, "role": "guest"})
    ).status_code == 403
    assert {entry["person"]: entry["role"] for entry in (await changes(client))["members"]} == {
        stranger: "reporter",
        member: "maintainer",
    }
    await client.post(f"{url}/{stranger}/remove")
    await client.post(f"{url}/{member}/remove")
    assert (await changes(client))["members"] == [{"project": MINE.path, "person": member, "role": "removed"}]
    people = (await client.get("/people/suggest", params={"q": BASE.people[stranger].name})).json()
    assert people == [{"username": stranger, "name": BASE.people[stranger].name}]


async def test_settings_and_the_archive(client: httpx.AsyncClient) -> None:
    url = f"/{MINE.path}/settings"
    good = {"description": MINE.description, "topics": ", ".join(MINE.topics), "visibility": MINE.visibility}
    assert "Nothing to save." in (await client.post(url, data=good)).text
    for wrong in ({"description": "x"}, {"topics": "two words"}, {"visibility": "secret"}):
        assert (await client.post(url, data=good | wrong)).status_code == 422, wrong
    await client.post(url, data=good | {"topics": good["topics"] + ", New-One", "visibility": "private"})
    assert (await client.post(f"/{MINE.path}/archive", data={"name": "something"})).status_code == 422
    await client.post(f"/{MINE.path}/archive", data={"name": MINE.name})
    told = {entry["setting"]: entry["to"] for entry in (await changes(client))["settings"]}
    assert told == {"visibility": "private", "topics": [*MINE.topics, "new-one"], "archived": True}
    assert (await client.post(url, data=good)).status_code == 403
    await client.post("/sign-out")
    assert (await client.get(f"/{MINE.path}")).status_code == 404, "private"


async def test_a_project_comes_out_of_the_archive_in_its_settings(client: httpx.AsyncClient) -> None:
    await client.post(f"/{MINE.path}/archive", data={"name": MINE.name})
    settings = await client.get(f"/{MINE.path}/settings")
    assert ">Unarchive project<" in settings.text
    assert "Archive now" not in settings.text
    assert "Save changes" not in settings.text
    assert f'href="/{MINE.path}/settings"' in (await client.get(f"/{MINE.path}")).text
    assert (await client.post(f"/{ARCHIVED.path}/unarchive")).status_code == 403
    assert f'href="/{ARCHIVED.path}/settings"' not in (await client.get(f"/{ARCHIVED.path}")).text
    assert "no longer archived" in (await client.post(f"/{MINE.path}/unarchive")).text
    assert await changes(client) == {}
    assert "Archive now" in (await client.get(f"/{MINE.path}/settings")).text


async def test_nothing_changes_in_an_archived_project(client: httpx.AsyncClient) -> None:
    number = next(iter(BASE.issues[ARCHIVED.path]))
    text = {"title": "Too late", "body": "Nobody reads this."}
    for path in ("issues/new", f"issues/{number}/comments", f"issues/{number}/close", "merge-requests/1/comments"):
        assert (await client.post(f"/{ARCHIVED.path}/{path}", data=text)).status_code == 403, path
    assert await changes(client) == {}


async def test_downloads_and_uploads(client: httpx.AsyncClient) -> None:
    release = MINE.releases[0]
    url = f"/{MINE.path}/releases/{release.version}"
    answer = await client.get(f"{url}/{release.assets[0].name}")
    assert release.assets[0].name in answer.headers["content-disposition"]
    assert (await client.get(f"{url}/other.zip")).status_code == 404
    form = {"folder": "docs", "message": "Add notes"}
    for file, wrong in ((b"\xff\xfe\x00", {}), (b"ok", {"message": ""}), (b"ok", {"folder": "../x"}), (b"", None)):
        files = {"file": ("notes.txt", file)} if wrong is not None else {"file": ("", b"")}
        answer = await client.post(f"/{MINE.path}/upload", data=form | (wrong or {}), files=files)
        assert answer.status_code == 422, (file, wrong)
    answer = await client.post(f"/{MINE.path}/upload", data=form, files={"file": ("notes.txt", b"Hello there")})
    assert "Hello there" in answer.text
    assert (await client.post(f"/{FOREIGN.path}/upload", data=form)).status_code == 403
    assert await changes(client) == {
        "downloads": [f"{MINE.path}/{release.version}/{release.assets[0].name}"],
        "files_added": [{"project": MINE.path, "path": "docs/notes.txt", "message": "Add notes"}],
    }


async def test_an_uploaded_file_has_a_name_that_its_page_is_found_by(client: httpx.AsyncClient) -> None:
    url, form = f"/{MINE.path}/upload", {"message": "Add it"}
    for name, folder, wrong in (
        ("..", "", "A file cannot have this name."),
        (" ", "", "A file cannot have this name."),
        ("docs/", "", "A file cannot have this name."),
        ("a\\b.txt", "", "A file cannot have this name."),
        ("src", "", "There is a folder with this name."),
        ("notes.txt", "LICENSE/old", "There is a file with this name."),
    ):
        answer = await client.post(url, data=form | {"folder": folder}, files={"file": (name, b"Hello there")})
        assert (answer.status_code, wrong in answer.text) == (422, True), name
    assert await changes(client) == {}
    for name in ("notes #2.txt", "what?.txt", "50%.txt", "a%41.txt"):
        for folder in ("", "läuft"):
            answer = await client.post(url, data=form | {"folder": folder}, files={"file": (name, b"Hello there")})
            assert (answer.status_code, "Hello there" in answer.text) == (200, True), name
            table = await client.get(f"/{MINE.path}/files/{folder}")
            (link,) = re.findall(rf'href="([^"]+)">{re.escape(name)}</a>', table.text)
            assert "Hello there" in (await client.get(link)).text, link


async def test_a_profile_picture(client: httpx.AsyncClient) -> None:
    for wrong in (("a.png", b"no picture"), ("", b"")):
        assert (await client.post("/settings/picture", files={"picture": wrong})).status_code == 422
    await client.post("/settings/picture", files={"picture": ("me.png", b"\x89PNG\r\n\x1a\n")})
    assert (await changes(client)) == {"profile": {"picture": "me.png"}}
    assert (await client.get(f"/@{PERSONA}/picture")).headers["content-type"] == "image/png"
    await client.post("/settings/picture/remove")
    assert await changes(client) == {}


async def test_the_to_do_list(client: httpx.AsyncClient) -> None:
    first = BASE.todos[0]
    await client.post(f"/todos/{first.id}/done")
    assert (await changes(client)) == {"todos_done": [first.id]}
    assert f"/todos/{first.id}/restore" in (await client.get("/todos?state=done")).text
    await client.post(f"/todos/{first.id}/restore")
    assert await changes(client) == {}
    assert (await client.post("/todos/99/done")).status_code == 404


async def test_labels_are_filtered_together_and_stay_on_the_next_page(client: httpx.AsyncClient) -> None:
    busy = max(BASE.issues, key=lambda path: len(BASE.issues[path]))
    page = await client.get(f"/{busy}/issues", params={"label": ["bug", "help wanted"], "state": "all"})
    both = sum({"bug", "help wanted"} <= set(issue.labels) for issue in BASE.issues[busy].values())
    assert re.search(rf'aria-current="true">All <span class="pill">{both}<', page.text)
    assert "label=bug&amp;label=help+wanted&amp;state=closed" in page.text


async def test_lists_are_behind_until_they_are_refreshed(client: httpx.AsyncClient) -> None:
    await client.post("/_control/me/reset?disturb=stale")
    busy = max(BASE.issues, key=lambda path: len(BASE.issues[path]))
    newest = BASE.issues[busy][max(BASE.issues[busy])]
    old = await client.get(f"/{busy}/issues?state=all")
    assert "hours ago" in old.text
    assert f'/issues/{newest.number}"' not in old.text
    assert (await client.get(f"/{busy}/issues/{newest.number}")).status_code == 200, "its own page is up to date"
    now = await client.get(f"/{busy}/issues?state=all&refresh=1")
    assert str(now.url).endswith("state=all")
    assert f'/issues/{newest.number}"' in now.text
    stars = f"★ {max(project.stars for project in BASE.projects.values()):,}"
    state = State.fresh(BASE)
    state.visit.disturbances = Disturbances(stale=True)
    assert any(state.listed_stars(path) < project.stars for path, project in BASE.projects.items())
    assert "Refresh" in (await client.get("/projects?sort=stars")).text
    assert stars in (await client.get("/projects?sort=stars&refresh=1")).text


async def test_the_first_search_finds_nothing_when_it_is_disturbed(client: httpx.AsyncClient) -> None:
    await client.post("/_control/me/reset?disturb=search")
    for _ in range(2):
        assert "No results" in (await client.get("/search", params={"q": MINE.name})).text
    assert f'href="/{MINE.path}"' in (await client.get("/search", params={"q": MINE.name[:-1]})).text
    assert "No results" in (await client.get("/projects", params={"q": MINE.name})).text
