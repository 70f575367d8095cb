"""Secrets: where they may be typed, and that they show up nowhere else."""

import base64
import copy
import html
import json
import logging
import pickle
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from plan_and_act.browser.secrets import Secret, Secrets
from plan_and_act.errors import ConfigError, SecretError

VALUE = 'p&ss "w0rd"/<ü>+7'
SITE = "https://shop.example"


@pytest.fixture
def secrets() -> Secrets:
    return Secrets(
        {"password": Secret(VALUE, [SITE, "https://*.shop.example"]), "user": Secret("ada@shop.example", SITE)}
    )


def test_values_are_filled_in_where_they_belong(secrets: Secrets) -> None:
    assert secrets.fill("<secret:user>:<secret:password>!", f"{SITE}/login?x=1") == f"ada@shop.example:{VALUE}!"
    assert secrets.fill("<secret:password>", "https://login.shop.example") == VALUE
    assert secrets.fill("nothing to fill in, <b>", "https://evil.test") == "nothing to fill in, <b>"
    assert secrets.names() == ["password", "user"]


@pytest.mark.parametrize(
    "url",
    ["https://evil.test/", "http://shop.example/", "https://shop.example:8443/", "https://shop.example.evil.test/",
     "https://evil.test/https://shop.example", "about:blank", "", "data:text/html,x", "blob:https://shop.example/1"],
)  # fmt: skip
def test_values_are_filled_in_nowhere_else(secrets: Secrets, url: str) -> None:
    with pytest.raises(SecretError, match="may not be typed on") as error:
        secrets.fill("<secret:password>", url)
    assert VALUE not in str(error.value)


def test_a_name_that_is_not_known(secrets: Secrets) -> None:
    with pytest.raises(SecretError, match=r"no secret named 'pin' \(known: password, user\)"):
        secrets.fill("<secret:pin>", SITE)


@pytest.mark.parametrize(
    ("origin", "url", "fits"),
    [
        ("shop.example", "https://shop.example", True),
        ("shop.example", "http://shop.example", False),
        ("http://shop.example", "http://shop.example", True),
        ("localhost:8000", "http://localhost:8000", True),
        ("10.0.0.1", "http://10.0.0.1", True),
    ],
)
def test_without_a_scheme_https_is_meant(origin: str, url: str, fits: bool) -> None:
    assert Secret("x", origin).fits(url) is fits


@pytest.mark.parametrize(
    "spelled",
    [
        VALUE,
        html.escape(VALUE),
        html.escape(VALUE, quote=False),
        quote(VALUE, safe=""),
        quote_plus(VALUE),
        json.dumps(VALUE)[1:-1],
        base64.b64encode(VALUE.encode()).decode(),
        base64.urlsafe_b64encode(VALUE.encode()).decode(),
    ],
)
def test_values_are_redacted_however_they_are_spelled(secrets: Secrets, spelled: str) -> None:
    text = f"before{spelled}after"
    redacted = secrets.redact(text)
    assert redacted.startswith("before<secret:password>")
    assert "w0rd" not in redacted
    assert secrets.redact("nothing here") == "nothing here"
    assert Secrets().redact(text) == text


def test_the_longer_value_goes_first() -> None:
    secrets = Secrets({"short": Secret("hunter", SITE), "long": Secret("hunter2", SITE)})
    assert secrets.redact("hunter2 hunter hunter22") == "<secret:long> <secret:short> <secret:long>2"


def test_a_very_short_value_is_redacted_where_it_stands_alone() -> None:
    secrets = Secrets({"cvc": Secret("123", SITE)})
    assert secrets.redact("cvc 123, price 1234, (123)") == "cvc <secret:cvc>, price 1234, (<secret:cvc>)"


def test_values_do_not_show(secrets: Secrets, caplog: pytest.LogCaptureFixture) -> None:
    secret = Secret(VALUE, SITE)
    with caplog.at_level(logging.INFO):
        logging.getLogger().info("%s %r %s", secret, secrets, [secret])
    shown = f"{secret} {secret!r} {secrets} {secrets!r} {caplog.text}"
    assert "w0rd" not in shown
    for value in (secret, secrets):
        with pytest.raises(TypeError, match="not serialised"):
            pickle.dumps(value)
    assert copy.deepcopy(secrets) == secrets


def test_a_secret_needs_a_value_and_an_origin() -> None:
    for value, origins in (("", [SITE]), ("x", [])):
        with pytest.raises(ConfigError, match="needs a value and at least one origin"):
            Secret(value, origins)
    with pytest.raises(ConfigError, match="is no name for a secret"):
        Secrets({"two words": Secret("x", SITE)})


@pytest.mark.parametrize(
    "text",
    [
        'password: {value: "s3cret", origins: ["https://shop.example"]}\npin: {value: 1234, origins: shop.example}',
        '{"password": {"value": "s3cret", "origins": ["https://shop.example"]},'
        ' "pin": {"value": 1234, "origins": "shop.example"}}',
    ],
)
def test_a_file_of_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    path = tmp_path / "secrets.yaml"
    path.write_text(text)
    path.chmod(0o600)
    monkeypatch.setenv("PLAN_AND_ACT_SECRETS", str(path))
    assert Secrets.from_environment().fill("<secret:password> <secret:pin>", SITE) == "s3cret 1234"
    monkeypatch.delenv("PLAN_AND_ACT_SECRETS")
    assert not Secrets.from_environment()


def test_a_file_that_others_can_read_is_warned_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "secrets.yaml"
    path.write_text("a: {value: s3cret, origins: [shop.example]}")
    path.chmod(0o644)
    Secrets.load(path)
    assert "chmod 600" in caplog.text
    assert "s3cret" not in caplog.text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("password: s3cret", "'password' in the secrets file .* must be"),
        ("password: {value: s3cret}", "must be"),
        ("password: {value: [s3cret], origins: [shop.example]}", "must be"),
        ("password: {value: s3cret, origins: [shop.example], note: s3cret}", "must be"),
        ("password: {value: s3cret, origins: ['https://shop.example/path']}", "is no origin"),
        ("- s3cret", "must map names"),
        ("{s3cret: [", r"neither YAML nor JSON \(line 1\)"),
    ],
)
def test_a_bad_file_is_told_without_its_values(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "secrets.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=words) as error:
        Secrets.load(path)
    assert "s3cret" not in str(error.value)
    assert error.value.__cause__ is None


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        Secrets.load(tmp_path / "none.yaml")
    (tmp_path / "latin").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="it is not UTF-8"):
        Secrets.load(tmp_path / "latin")
