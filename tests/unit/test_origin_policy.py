"""Patterns of origins, and what counts as private."""

import pytest

from plan_and_act.browser.policy import (
    OriginPattern,
    OriginPolicy,
    absolute,
    address_of,
    is_private_address,
    is_private_host,
)
from plan_and_act.errors import BlockedByPolicyError, ConfigError


@pytest.mark.parametrize(
    ("pattern", "url"),
    [
        ("example.com", "http://example.com/a?b#c"),
        ("example.com", "https://example.com:8443"),
        ("EXAMPLE.com.", "https://example.com"),
        ("https://example.com", "https://EXAMPLE.com./"),
        ("https://example.com/", "https://example.com"),
        ("https://example.com:443", "https://example.com"),
        ("http://example.com:*", "http://example.com:81"),
        ("https://*.example.com", "https://a.b.example.com"),
        ("*.example.com", "http://a.example.com:8000"),
        ("https://bücher.example", "https://xn--bcher-kva.example/"),
        ("xn--bcher-kva.example", "https://bücher.example/"),
        ("*", "https://anything.example"),
        ("https://*", "https://anything.example"),
        ("https://1.1.1.1", "https://1.1.1.1"),
        ("[2606:4700::1111]", "https://[2606:4700::1111]/"),
    ],
)
def test_allowed(pattern: str, url: str) -> None:
    OriginPolicy(allowed=[pattern]).check(url)


@pytest.mark.parametrize(
    ("pattern", "url"),
    [
        ("example.com", "https://www.example.com"),
        ("example.com", "https://example.com.evil.test"),
        ("example.com", "https://evil.test/example.com"),
        ("example.com", "https://example.com@evil.test"),
        ("example.com", "https://notexample.com"),
        ("https://example.com", "http://example.com"),
        ("https://example.com", "https://example.com:8443"),
        ("example.com:8443", "https://example.com"),
        ("https://*.example.com", "https://example.com"),
        ("https://*.example.com", "https://evilexample.com"),
        ("https://*.example.com", "https://a.example.com:444"),
        ("https://*.example.com", "https://a.example.com.evil.test"),
        ("https://*", "http://anything.example"),
    ],
)
def test_not_allowed(pattern: str, url: str) -> None:
    with pytest.raises(BlockedByPolicyError, match="not among the allowed origins"):
        OriginPolicy(allowed=[pattern]).check(url)


@pytest.mark.parametrize(
    "pattern",
    ["", "https://", "https://example.com/path", "ftp://example.com", "exa mple.com", "https://u@example.com",
     "example.com:0", "example.com:70000", "ex*mple.com", "*.*", "https://example.com?x", "file:", "data:", "a/b"],
)  # fmt: skip
def test_what_is_no_origin(pattern: str) -> None:
    with pytest.raises(ConfigError, match="is no origin"):
        OriginPolicy(allowed=[pattern])


PRIVATE = [
    "127.0.0.1", "127.8.9.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.0.1", "169.254.169.254",
    "100.64.0.1", "100.100.100.200", "192.0.0.192", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
    "168.63.129.16", "192.0.2.1",
    "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "fec0::1", "ff02::1", "2001:db8::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "2002:7f00:0001::",
    "2002:0a00:0001::1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::7f00:1",
    "2001:0:7f00:1:0:0:80ff:fffe",
]  # fmt: skip
PUBLIC = ["1.1.1.1", "8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]


@pytest.mark.parametrize("text", PRIVATE)
def test_private_addresses(text: str) -> None:
    address = address_of(text)
    assert address is not None
    assert is_private_address(address)
    assert OriginPolicy().refusal_of_address("public.example", 443, text)


@pytest.mark.parametrize("text", PUBLIC)
def test_public_addresses(text: str) -> None:
    address = address_of(text)
    assert address is not None
    assert not is_private_address(address)
    assert OriginPolicy().refusal_of_address("public.example", 443, text) is None


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST.", "a.localhost", "printer.local", "metadata.google.internal", "nas.home.arpa", "[::1]"],
)
def test_private_names(host: str) -> None:
    assert is_private_host(host)
    with pytest.raises(BlockedByPolicyError, match="it is a private address"):
        OriginPolicy().check(f"http://{host}/")


@pytest.mark.parametrize("host", ["example.com", "localhost.example.com", "mylocal", "1.1.1.1"])
def test_names_that_are_not_private(host: str) -> None:
    assert not is_private_host(host)
    OriginPolicy().check(f"http://{host}/")


def test_allowed_does_not_open_private_addresses() -> None:
    policy = OriginPolicy(allowed=["http://localhost:8000"])
    with pytest.raises(BlockedByPolicyError, match="can list http://localhost:8000 as a private origin"):
        policy.check("http://localhost:8000/")
    OriginPolicy(allowed=["http://localhost:8000"], private=["http://localhost:8000"]).check("http://localhost:8000/")


def test_private_does_not_open_what_is_not_allowed() -> None:
    with pytest.raises(BlockedByPolicyError, match="not among the allowed"):
        OriginPolicy(allowed=["example.com"], private=["*"]).check("http://localhost:8000/")


def test_private_opens_exactly_what_it_names() -> None:
    policy = OriginPolicy(private=["http://localhost:8000"])
    policy.check("http://localhost:8000/")
    for url in (
        "http://localhost:8001/",
        "http://127.0.0.1:8000/",
        "https://localhost:8000/",
        "http://a.localhost:8000",
    ):
        with pytest.raises(BlockedByPolicyError):
            policy.check(url)


def test_a_private_name_may_lead_to_a_private_address() -> None:
    policy = OriginPolicy(private=["intranet.example"])
    assert policy.refusal_of_address("intranet.example", 443, "10.0.0.1") is None
    assert policy.refusal_of_address("public.example", 443, "10.0.0.1")


def test_a_tunnel_is_judged_by_host_and_port() -> None:
    policy = OriginPolicy(allowed=["https://example.com", "http://plain.example:8000"])
    assert policy.refusal("example.com", 443) is None
    assert policy.refusal("plain.example", 8000) is None
    assert policy.refusal("example.com", 80)
    assert policy.refusal("plain.example", 443)


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "FILE:///x", "javascript:alert(1)", "data:text/html,x", "blob:https://example.com/1",
     "about:config", "chrome://settings", "view-source:https://example.com", "ftp://example.com", "ws://example.com",
     "mailto:a@b.c", "", "example.com", "http://", "https:///x", "http://example.com:99999/"],
)  # fmt: skip
def test_only_complete_web_urls(url: str) -> None:
    with pytest.raises(BlockedByPolicyError):
        OriginPolicy().check(url)


def test_what_is_no_address_stays_as_it_is() -> None:
    assert absolute("//[Example](https://a.example)", "https://b.example/") == "//[Example](https://a.example)"


def test_the_empty_page_is_fine() -> None:
    OriginPolicy(allowed=["example.com"]).check("about:blank")


def test_policies_are_values() -> None:
    assert OriginPolicy(allowed=["a.example"]) == OriginPolicy(allowed=("a.example",))
    assert OriginPolicy(allowed=["a.example"]) != OriginPolicy(private=["a.example"])
    assert OriginPattern.parse("https://a.example") == OriginPattern("https", "a.example", 443)
