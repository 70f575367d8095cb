"""The forge's pages over HTTP, without a browser."""

import html
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from plan_and_act.errors import ConfigError, MissingExtraError
from plan_and_act.sites import forge_app, run, serve, serve_in_thread
from plan_and_act.sites.forge.data import PASSWORD, PERSONA, build
from plan_and_act.sites.forge.prose import prose

APP = Path(__file__).parents[2] / "app"
BASE = build(7)
BUSY = max(BASE.issues, key=lambda path: len(BASE.issues[path]))
STRANGER = next(name for name in BASE.people if name != PERSONA and (PERSONA, name) not in BASE.follows)
FRESH = next(path for path in BASE.projects if (PERSONA, path) not in BASE.starred)


def visitor(app: object, **options: object) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    return httpx.AsyncClient(transport=transport, base_url="http://forge", follow_redirects=True, **options)  # type: ignore[arg-type]


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with visitor(forge_app(seed=7, control=True)) as client:
        await client.get("/?session=me")
        yield client


async def told(client: httpx.AsyncClient, session: str = "me") -> dict:
    return (await client.get(f"/_control/{session}/state")).json()


def titles(response: httpx.Response) -> list[str]:
    return [html.unescape(text) for text in re.findall(r'<h3><a href="[^"]+/issues/\d+">([^<]+)</a>', response.text)]


async def test_every_link_leads_somewhere(client: httpx.AsyncClient) -> None:
    todo = ["/", "/settings", f"/{BUSY}", f"/@{STRANGER}", "/projects?page=2", "/search?q=dark&type=issues", "/issues"]
    seen = set(todo)
    for depth in range(2):
        found = []
        for url in todo:
            response = await client.get(url)
            assert response.status_code == 200, url
            found += [html.unescape(link) for link in re.findall(r'(?:href|src)="(/[^"]*)"', response.text)]
        assert not re.search(r'(?:href|src)="https?:', response.text), "no page loads or links anything elsewhere"
        todo = [link for link in dict.fromkeys(found) if link not in seen][: 400 if depth == 0 else None]
        seen |= set(todo)
    assert len(seen) > 100


async def test_a_session_is_chosen_by_query_cookie_or_header_and_kept(client: httpx.AsyncClient) -> None:
    answer = await client.get(f"/{FRESH}?session=other&page=2", follow_redirects=False)
    assert answer.headers["location"] == f"/{FRESH}?page=2"
    assert client.cookies["forge_session"] == "other"
    await client.post(f"/@{STRANGER}/follow")
    assert (await told(client, "other"))["changes"]["followed"] == [STRANGER]
    assert (await told(client, "me"))["changes"]["followed"] == []
    headed = await client.get(f"/@{STRANGER}", headers={"x-session": "me"})
    assert ">Follow<" in headed.text
    assert "set-cookie" not in headed.headers
    assert ">Unfollow<" in (await client.get(f"/@{STRANGER}")).text


async def test_a_first_visit_begins_a_session_of_its_own() -> None:
    app = forge_app(seed=7)
    async with visitor(app) as one, visitor(app) as two:
        await one.get("/")
        await two.get("/")
        assert one.cookies["forge_session"] != two.cookies["forge_session"]


async def test_a_strange_session_name_is_refused(client: httpx.AsyncClient) -> None:
    for name in ("", "a b", "x" * 65, "../etc"):
        assert (await client.get("/", params={"session": name})).status_code == 400, name
    answer = await client.get("http://forge//elsewhere.example?session=me", follow_redirects=False)
    assert answer.headers["location"] == "/elsewhere.example", "a way out of the site"


async def test_the_control_api_is_off_unless_asked_for() -> None:
    async with visitor(forge_app(seed=7)) as client:
        await client.get("/?session=me")
        assert (await client.get("/_control/me/state")).status_code == 404
        assert (await client.post("/_control/me/reset")).status_code in (404, 405)


async def test_reset_and_unknown_sessions(client: httpx.AsyncClient) -> None:
    await client.post(f"/@{STRANGER}/follow")
    assert (await client.post("/_control/me/reset")).json()["changes"]["followed"] == []
    assert ">Follow<" in (await client.get(f"/@{STRANGER}")).text
    assert (await client.get("/_control/never/state")).status_code == 404
    assert (await client.post("/_control/me/reset?as=whoever")).status_code == 400
    assert (await client.post("/_control/me/reset?as=nobody")).json()["viewer"] is None
    assert "Sign in" in (await client.get("/")).text


async def test_following_redirects_to_the_profile_with_a_toast(client: httpx.AsyncClient) -> None:
    name = BASE.people[STRANGER].name
    before = await client.get(f"/@{STRANGER}")
    answer = await client.post(f"/@{STRANGER}/follow")
    assert [reply.status_code for reply in answer.history] == [303]
    assert f"You are now following {html.escape(name)}." in answer.text
    assert "You are now following" not in (await client.get(f"/@{STRANGER}")).text
    count = re.compile(r"<strong>(\d+)</strong> follower")
    numbers = [int(count.search(page.text)[1]) for page in (before, answer)]  # type: ignore[index]
    assert numbers[1] == numbers[0] + 1
    await client.post(f"/@{STRANGER}/follow")
    assert (await told(client))["counts"] == {"follow": 1}
    assert (await client.post(f"/@{PERSONA}/follow")).status_code == 400


async def test_a_star_answers_scripts_with_json(client: httpx.AsyncClient) -> None:
    stars = BASE.projects[FRESH].stars
    answer = await client.post(f"/{FRESH}/star", headers={"accept": "application/json"})
    assert answer.json()["stars"] == stars + 1
    answer = await client.post(f"/{FRESH}/unstar")
    assert answer.url.path == f"/{FRESH}"
    assert (await told(client))["counts"] == {"star": 1, "unstar": 1}


async def test_watching_takes_known_levels_only(client: httpx.AsyncClient) -> None:
    assert "All activity" in (await client.post(f"/{FRESH}/watch", data={"level": "all"})).text
    assert (await client.post(f"/{FRESH}/watch", data={"level": "everything"})).status_code == 400
    assert (await told(client))["changes"]["watching"] == {FRESH: "all"}


async def test_issue_filters(client: httpx.AsyncClient) -> None:
    issues = list(BASE.issues[BUSY].values())
    label = issues[0].labels[0]
    assignee = next(issue.assignee for issue in issues if issue.assignee)
    word = issues[-1].title.split()[-1].strip("?")
    cases = {
        "": lambda issue: issue.state == "open",
        "state=closed": lambda issue: issue.state == "closed",
        f"state=all&label={quote(label)}": lambda issue: label in issue.labels,
        f"state=all&assignee={assignee}": lambda issue: issue.assignee == assignee,
        "state=all&assignee=none": lambda issue: issue.assignee is None,
        f"state=all&author={issues[3].author}": lambda issue: issue.author == issues[3].author,
        f"state=all&q={word}": lambda issue: word.lower() in f"{issue.title} {issue.body}".lower(),
    }
    for query, fits in cases.items():
        shown: list[str] = []
        for number in range(1, 6):
            page = await client.get(f"/{BUSY}/issues?{query}&page={number}")
            shown += [title for title in titles(page) if title not in shown]
        assert sorted(shown) == sorted(issue.title for issue in issues if fits(issue)), query


async def test_pagination_and_sorting_of_issues(client: httpx.AsyncClient) -> None:
    pages = [titles(await client.get(f"/{BUSY}/issues?state=all&sort=oldest&page={n}")) for n in (1, 2)]
    assert pages[0] + pages[1] == [issue.title for issue in list(BASE.issues[BUSY].values())[:20]]
    last = titles(await client.get(f"/{BUSY}/issues?state=all&sort=oldest&page=999"))
    assert last[-1] == list(BASE.issues[BUSY].values())[-1].title
    for nonsense in ("0", "-3", "x", "²", "9" * 5000):
        page = await client.get(f"/{BUSY}/issues", params={"state": "all", "sort": "oldest", "page": nonsense})
        assert page.status_code == 200, nonsense
    most = titles(await client.get(f"/{BUSY}/issues?state=all&sort=comments"))[0]
    assert BASE.issues[BUSY][next(n for n, i in BASE.issues[BUSY].items() if i.title == most)].comments == max(
        issue.comments for issue in BASE.issues[BUSY].values()
    )


async def test_a_new_issue_is_checked_and_then_created_once(client: httpx.AsyncClient) -> None:
    url = f"/{BUSY}/issues/new"
    crew = BASE.projects[BUSY].contributors[0].username
    good = {
        "title": "<b>Bold</b> title",
        "body": "Some `code` and a\r\nsecond line",
        "labels": ["bug"],
        "assignee": crew,
    }
    for wrong, message in (
        ({"title": " "}, "Give the issue a title."),
        ({"title": "x" * 121}, "A title can have 120 characters; this one has 121."),
        ({"body": "short"}, "at least 10 characters"),
        ({"labels": ["bug", "made-up"]}, "Choose labels from the list."),
        ({"assignee": "not-a-person"}, "Choose one of the project"),
    ):
        answer = await client.post(url, data=good | wrong)
        assert answer.status_code == 422, wrong
        assert message in answer.text
        assert 'role="alert"' in answer.text
    assert (await told(client))["counts"] == {}
    answer = await client.post(url, data=good)
    number = max(BASE.issues[BUSY]) + 1
    assert answer.url.path == f"/{BUSY}/issues/{number}"
    assert "&lt;b&gt;Bold&lt;/b&gt; title" in answer.text
    assert "<b>Bold</b>" not in answer.text
    state = await told(client)
    assert state["counts"] == {"create_issue": 1}
    assert state["changes"]["issues_created"] == [
        {
            "project": BUSY,
            "number": number,
            "title": "<b>Bold</b> title",
            "body": "Some `code` and a\nsecond line",
            "author": PERSONA,
            "state": "open",
            "labels": ["bug"],
            "assignee": crew,
            "milestone": None,
            "due": None,
            "comments": [],
        }
    ]
    assert titles(await client.get(f"/{BUSY}/issues"))[0] == "<b>Bold</b> title"


async def test_commenting_closing_reopening_editing(client: httpx.AsyncClient) -> None:
    issue = next(issue for issue in BASE.issues[BUSY].values() if issue.state == "open")
    url = f"/{BUSY}/issues/{issue.number}"
    assert (await client.post(f"{url}/comments", data={"body": "  "})).status_code == 422
    assert "me too" in (await client.post(f"{url}/comments", data={"body": "me too"})).text
    answer = await client.post(f"{url}/close")
    assert "Reopen issue" in answer.text
    await client.post(f"{url}/close")
    await client.post(f"{url}/edit", data={"labels": ["security"], "assignee": PERSONA})
    state = await told(client)
    assert state["counts"] == {"comment": 1, "close_issue": 1, "edit_issue": 1}
    (change,) = state["changes"]["issues_changed"]
    assert change["state"] == ["open", "closed"]
    assert change["assignee"] == [issue.assignee, PERSONA]
    assert change["labels"] == [list(issue.labels), ["security"]]
    (comment,) = change["comments_added"]
    assert comment["body"] == "me too"
    deleted = await client.post(f"{url}/comments/{comment['id']}/delete")
    assert "Comment deleted." in deleted.text
    assert (await client.post(f"{url}/comments/{comment['id']}/delete")).status_code == 403
    assert "Close issue" in (await client.post(f"{url}/reopen")).text


async def test_search_has_a_tab_for_each_kind(client: httpx.AsyncClient) -> None:
    project = BASE.projects[BUSY]
    assert f'href="/{BUSY}"' in (await client.get("/search", params={"q": project.name.upper()})).text
    person = BASE.people[STRANGER]
    found = await client.get("/search", params={"q": person.name, "type": "people"})
    assert f'href="/@{STRANGER}"' in found.text
    await client.post(f"/{BUSY}/issues/new", data={"title": "Zebra crossing", "body": "Nothing like it before"})
    assert titles(await client.get("/search?q=zebra&type=issues")) == ["Zebra crossing"]
    assert "No results among projects" in (await client.get("/search?q=zebra")).text
    assert (await client.get("/search?q=%3Cscript%3E&type=nonsense")).text.count("<script>") == 0


async def test_issues_of_hidden_projects_are_in_no_list(client: httpx.AsyncClient) -> None:
    hidden = next(project for project in BASE.projects.values() if project.visibility != "public")
    issue = max(BASE.issues[hidden.path].values(), key=lambda issue: issue.created)
    link = f'href="/{hidden.path}/issues/{issue.number}"'
    search = httpx.URL("/search", params={"q": issue.title, "type": "issues"})
    assert link in (await client.get(search)).text
    await client.post("/_control/me/reset?as=nobody")
    assert (await client.get(f"/{hidden.path}/issues/{issue.number}")).status_code == 404
    assert link not in (await client.get(search)).text
    author = await client.get(f"/@{issue.author}")
    assert f"/{hidden.path}/" not in author.text


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("#12 is the same", "<p>#12 is the same</p>"),
        ("#", "<p>#</p>"),
        ("# Plan", "<h2>Plan</h2>"),
        ("##### #12 `x`", "<h4>#12 <code>x</code></h4>"),
    ],
)
def test_a_heading_has_a_space_after_its_signs(written: str, shown: str) -> None:
    assert prose(written) == shown


async def test_projects_and_people_lists(client: httpx.AsyncClient) -> None:
    project = BASE.projects[BUSY]
    shown = await client.get("/projects", params={"q": project.slug, "language": project.language})
    assert project.description in html.unescape(shown.text)
    names = [person.name for person in BASE.people.values()]
    pages = [(await client.get(f"/people?page={number}")).text for number in (1, 2, 3, 4)]
    listed = [html.unescape(name) for page in pages for name in re.findall(r'<h3><a href="/@[^"]+">([^<]+)<', page)]
    assert listed == names


async def test_signing_out_and_in_again(client: httpx.AsyncClient) -> None:
    await client.post("/sign-out")
    answer = await client.post(f"/{FRESH}/star", headers={"accept": "application/json"})
    assert answer.status_code == 401
    answer = await client.get(f"/{FRESH}/issues/new")
    assert answer.url.path == "/sign-in"
    for wrong in ({"username": PERSONA, "password": "guess"}, {"username": STRANGER, "password": PASSWORD}, {}):
        assert (await client.post("/sign-in", data=wrong)).status_code == 422
    good = {"username": PERSONA, "password": PASSWORD}
    answer = await client.post("/sign-in", data=good | {"next": f"/{FRESH}/issues/new"})
    assert answer.url.path == f"/{FRESH}/issues/new"
    assert (await told(client))["counts"] == {"sign_out": 1, "sign_in": 1}


@pytest.mark.parametrize("target", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example"])
async def test_signing_in_never_leads_elsewhere(client: httpx.AsyncClient, target: str) -> None:
    await client.post("/sign-out")
    good = {"username": PERSONA, "password": PASSWORD, "next": target}
    answer = await client.post("/sign-in", data=good, follow_redirects=False)
    assert answer.headers["location"] == "/"


async def test_the_profile_form(client: httpx.AsyncClient) -> None:
    person = BASE.people[PERSONA]
    same = {"name": person.name, "bio": person.bio, "location": person.location, "company": person.company,
            "website": person.website, "public_email": "on"}  # fmt: skip
    assert "Nothing to save." in (await client.post("/settings", data=same)).text
    for wrong, message in (({"name": ""}, "2 to 60"), ({"bio": "x" * 161}, "161"), ({"website": "robin"}, "https://")):
        answer = await client.post("/settings", data=same | wrong)
        assert answer.status_code == 422
        assert message in answer.text
    del same["public_email"]
    await client.post("/settings", data=same | {"location": "Oslo"})
    assert (await told(client))["changes"]["profile"] == {"location": "Oslo", "public_email": False}
    assert "Oslo" in (await client.get(f"/@{PERSONA}")).text


async def test_what_does_not_exist_is_a_page_of_its_own(client: httpx.AsyncClient) -> None:
    for url in ("/nobody", "/no/project", "/@nobody", f"/{BUSY}/issues/99999", f"/{BUSY}/issues/{'9' * 5_000}",
                f"/{BUSY}/files/nothing.txt",
                f"/{BUSY}/merge-requests/77", "/static/nothing.css"):  # fmt: skip
        assert (await client.get(url)).status_code == 404, url
    assert (await client.post("/projects")).status_code == 405
    assert "This page does not exist" in (await client.get("/nobody")).text


async def test_odd_bodies_do_not_break_the_site(client: httpx.AsyncClient) -> None:
    kinds = (
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "multipart/form-data",
        "text/plain",
    )
    for kind in kinds:
        for body in (b"", b"title=%ff%fe&body=%00", b"\xff\xfe" * 50, b"--x\r\nbroken", b"a=" + b"x" * 100_000):
            answer = await client.post(f"/{BUSY}/issues/new", content=body, headers={"content-type": kind})
            assert answer.status_code in (400, 422), (kind, body[:20])


async def test_served_in_this_loop_and_in_a_thread() -> None:
    async with serve(forge_app(seed=7, control=True)) as site, httpx.AsyncClient(trust_env=False) as client:
        await site.reset("a")
        assert (await client.get(f"{site.url}/", params={"session": "a"}, follow_redirects=True)).status_code == 200
        assert (await site.state("a"))["log"] == []
        with pytest.raises(ConfigError, match="no session"):
            await site.state("b")
        with pytest.raises(ConfigError, match="no account"):
            await site.reset("b", account="whoever")
    with pytest.raises(ConfigError, match="is it running"):
        await site.state("a")
    with serve_in_thread(forge_app(seed=7)) as plain, pytest.raises(ConfigError, match="--control"):
        await plain.state("a")
    with pytest.raises(ConfigError, match="is it running"):
        await plain.state("a")


async def test_a_port_that_is_taken_is_a_clear_error() -> None:
    async with serve(forge_app(seed=7)) as site:
        port = int(site.url.rsplit(":", 1)[1])
        with pytest.raises(ConfigError, match="choose another port"):
            async with serve(forge_app(seed=7), port=port):
                pass
        with pytest.raises(ConfigError, match="choose another port"), serve_in_thread(forge_app(seed=7), port=70_000):
            pass


def test_an_unknown_site_is_a_clear_error() -> None:
    with pytest.raises(ConfigError, match=r"there are: .*forge"):
        run("nothing")


def test_the_module_prints_its_url_and_ends_on_sigterm() -> None:
    command = [sys.executable, "-m", "plan_and_act.sites", "forge", "--port", "0", "--seed", "3", "--control"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={"PYTHONPATH": str(APP)}) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert httpx.post(f"{url}/_control/x/reset", trust_env=False).json()["seed"] == 3
        process.terminate()
        assert process.wait(10) == 0


def test_without_the_extra_the_error_names_it() -> None:
    script = (
        "import importlib.util as u; find = u.find_spec;"
        "u.find_spec = lambda name, *rest: None if name == 'uvicorn' else find(name, *rest);"
        "import plan_and_act.sites"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env={"PYTHONPATH": str(APP)})
    assert MissingExtraError.__name__ in done.stderr
    assert 'pip install "plan-and-act[sites]"' in done.stderr
