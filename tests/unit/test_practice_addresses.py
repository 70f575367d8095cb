"""Addresses of the practice sites: odd ones are answered, and none leads to another site."""

import re
from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from starlette.requests import Request
from starlette.routing import Route

from plan_and_act.sites.registry import SITES
from plan_and_act.sites.web import here, url_with

PAGE = {"accept": "text/html"}


def visitor(site: str, *, control: bool = True) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=SITES[site].app(seed=7, control=control))
    return httpx.AsyncClient(transport=transport, base_url="http://site", headers=PAGE)


@pytest.fixture(params=sorted(SITES))
async def client(request: pytest.FixtureRequest) -> AsyncIterator[httpx.AsyncClient]:
    async with visitor(request.param) as client:
        await client.get("/?session=me")
        yield client


@pytest.mark.parametrize("site", sorted(SITES))
async def test_what_is_under_control_is_not_there_without_it(site: str) -> None:
    async with visitor(site, control=False) as client:
        for path in ("/_control/me", "/_control/me/state", "/_control/me/issues/1"):
            assert (await client.get(path)).status_code == 404
        assert (await client.post("/_control/me/reset")).status_code == 404


@pytest.mark.parametrize("site", sorted(SITES))
async def test_no_number_in_an_address_is_too_long(site: str) -> None:
    app = SITES[site].app(seed=7)
    numbered = [route.path for route in app.routes if isinstance(route, Route) and ":number}" in route.path]
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://site", headers=PAGE) as client:
        for path in numbered:
            assert (await client.get(re.sub(r"\{[^}]+\}", "9" * 5_000, path))).status_code == 404
    assert numbered
    assert not [route.path for route in app.routes if isinstance(route, Route) and ":int}" in route.path]


def test_a_page_knows_its_own_address_whatever_is_in_it() -> None:
    scope = {"type": "http", "path": "/files/what? 50%#ä.txt", "query_string": b"q=%23", "headers": []}
    path = "/files/what%3F%2050%25%23%C3%A4.txt"
    assert here(Request(scope)) == f"{path}?q=%23"
    assert url_with(Request(scope), q=None) == path
    assert url_with(Request(scope), page=2) == f"{path}?q=%23&page=2"


@pytest.mark.parametrize("odd", ["//[", "//evil.example", "/\\evil.example", "/\t/evil.example", "http://[", ""])
async def test_an_odd_way_on_after_signing_in_is_the_start_page(client: httpx.AsyncClient, odd: str) -> None:
    answer = await client.get("/sign-in", params={"next": odd})
    assert answer.headers["location"] == "/"


@pytest.mark.parametrize(
    ("referer", "expected"),
    [
        ("http://site/somewhere?passengers=3&cabin=Business#top", "/somewhere?passengers=3&cabin=Business"),
        ("http://site", "/"),
        ("http://[", "/"),
        ("https://site//evil.example", "/"),
    ],
)
async def test_signing_in_leads_back_to_the_page_of_a_form(referer: str, expected: str) -> None:
    async with visitor("flights") as client:
        await client.post("/_control/me/reset?as=nobody")
        answer = await client.post("/alerts", headers={"x-session": "me", "referer": referer})
    assert answer.status_code == 303
    assert parse_qs(urlsplit(answer.headers["location"]).query)["next"] == [expected]


@pytest.mark.parametrize(
    ("asked", "leads"),
    [
        ("/%E6%97%A5?q=%E6%9C%AC", "/%E6%97%A5?q=%E6%9C%AC"),
        ("//evil.example/x", "/evil.example/x"),
        ("/x%0d%0ay", "/x%0D%0Ay"),
        ("/x%22%3Ey", "/x%22%3Ey"),
        ("/projects%3Fq=1", "/projects%3Fq%3D1"),
    ],
)
async def test_an_interruption_goes_on_to_the_page_that_was_asked_for(
    client: httpx.AsyncClient, asked: str, leads: str
) -> None:
    for disturbance, pages in (("failing", 4), ("expiry", 7)):
        await client.post(f"/_control/me/reset?disturb={disturbance}")
        for _ in range(pages):
            await client.get("/")
        interruption = await client.send(client.build_request("GET", f"http://site{asked}"))
        if disturbance == "failing":
            assert interruption.status_code == 503
            assert f'href="{leads}"' in interruption.text
        else:
            assert "has expired" in interruption.text
            assert (await client.post("/_extras/continue")).headers["location"] == leads
