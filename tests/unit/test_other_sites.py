"""A server without keys answers this machine, and no web site that somebody looks at there."""

from typing import Any

import pytest
from httpx import Response
from starlette.testclient import TestClient

from plan_and_act.server.access import Access
from plan_and_act.server.serve import create_app

HERE = "http://127.0.0.1:2024"
JSON = {"content-type": "application/json"}
KEY = "alices-long-random-key"


def ask(method: str, path: str, headers: dict[str, str], base: str = HERE, **options: Any) -> Response:
    """A call to a server that has not been started: what its guard lets in finds no route."""
    client = TestClient(create_app(**{"access": Access(), **options}), base_url=base)
    return client.request(method, path, content="{}" if method == "POST" else None, headers=headers)


@pytest.mark.parametrize(
    ("headers", "says"),
    [
        ({"host": "evil.example"}, "not 'evil.example'"),
        ({"host": "127.0.0.1.evil.example:2024"}, "not '127"),
        ({"host": "[::1"}, "not "),
        ({"host": ""}, "not ''"),
        ({"origin": "https://evil.example"}, "other web sites"),
        ({"origin": "http://127.0.0.1:3000"}, "other web sites"),
        ({"origin": "null"}, "other web sites"),
        ({"sec-fetch-site": "cross-site", "origin": HERE}, "other web sites"),
        ({"sec-fetch-site": "same-site"}, "other web sites"),
        ({"content-type": "text/plain"}, "application/json"),
        ({"content-type": "application/x-www-form-urlencoded"}, "application/json"),
    ],
)
def test_what_another_web_site_may_have_asked_for_is_refused(headers: dict[str, str], says: str) -> None:
    answer = ask("POST", "/threads", JSON | headers)
    assert answer.status_code == 403
    assert says in answer.json()["detail"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"host": "localhost:2024"},
        {"host": "[::1]:2024"},
        {"host": "localhost:2024", "origin": "http://localhost:2024"},
        {"sec-fetch-site": "same-origin", "origin": HERE},
        {"content-type": "application/json; charset=utf-8"},
    ],
)
def test_programs_of_this_machine_and_the_page_are_answered(headers: dict[str, str]) -> None:
    assert ask("POST", "/threads", JSON | headers).status_code == 404
    assert ask("DELETE", "/threads/any", headers).status_code == 404


def test_a_link_to_the_page_may_stand_anywhere() -> None:
    assert ask("GET", "/ui", {"host": "agent.example", "sec-fetch-site": "cross-site"}).status_code == 404


def test_with_keys_or_where_the_operator_says_so_a_server_has_any_name() -> None:
    named, evil = "https://agent.example", {**JSON, "origin": "https://evil.example"}
    assert ask("POST", "/threads", evil | {"x-api-key": KEY}, named, access=Access({"alice": KEY})).status_code == 404
    assert ask("POST", "/threads", JSON | {"origin": named}, named, any_name=True).status_code == 404
    assert ask("POST", "/threads", evil, named, any_name=True).status_code == 403
