"""Keys and tokens, and what does not pass for one."""

import time
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from plan_and_act.errors import AccessError, ConfigError
from plan_and_act.server.access import ANYBODY, Access, is_public

SECRET = "a secret that is at least 32 bytes long"


def claims(**more: object) -> dict[str, object]:
    return {"sub": "alice", "exp": time.time() + 60, **more}


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def test_without_keys_everybody_is_the_same_owner() -> None:
    assert Access().owner({}) == ANYBODY


def test_a_key_is_an_owner() -> None:
    access = Access({"alice": "alices-long-random-key"})
    assert access.owner({"x-api-key": "alices-long-random-key"}) == "alice"
    assert access.owner(bearer("alices-long-random-key")) == "alice"
    for headers in ({}, {"x-api-key": "alices-long-random-ke"}, {"authorization": "Basic alices-long-random-key"}):
        with pytest.raises(AccessError):
            access.owner(headers)


def test_a_token_is_checked() -> None:
    access = Access(jwt_key=SECRET, audience="agent")
    assert access.owner(bearer(jwt.encode(claims(aud="agent"), SECRET, "HS256"))) == "alice"
    bad = {
        "for somebody else": jwt.encode(claims(aud="other"), SECRET, "HS256"),
        "for nobody": jwt.encode(claims(), SECRET, "HS256"),
        "expired": jwt.encode(claims(aud="agent", exp=time.time() - 1), SECRET, "HS256"),
        "for ever": jwt.encode({"sub": "alice", "aud": "agent"}, SECRET, "HS256"),
        "another's": jwt.encode(claims(aud="agent"), SECRET[::-1], "HS256"),
        "unsigned": jwt.encode(claims(aud="agent"), None, "none"),
    }
    for why, token in bad.items():
        with pytest.raises(AccessError):
            pytest.fail(f"{why}: {access.owner(bearer(token))}")


def test_a_public_key_is_no_shared_secret() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    access = Access(jwt_key=public.decode())
    assert access.owner(bearer(jwt.encode(claims(), key, "ES256"))) == "alice"
    forged = jwt.api_jws.PyJWS(algorithms=["HS256"])
    forged._algorithms["HS256"].prepare_key = lambda given: given  # type: ignore[method-assign]
    with pytest.raises(AccessError):
        access.owner(bearer(forged.encode(b'{"sub": "alice", "exp": 9999999999}', public, "HS256")))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[alice]", "one key for each owner"),
        ("alice: short", "shorter than 16"),
        ("{", "cannot be read"),
        ("", "one key"),
    ],
)
def test_a_file_of_keys_that_cannot_be_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, says: str
) -> None:
    path = tmp_path / "keys.yaml"
    path.write_text(text)
    monkeypatch.setenv("PLAN_AND_ACT_API_KEYS", str(path))
    with pytest.raises(ConfigError, match=says):
        Access.from_environment()


def test_a_secret_that_can_be_guessed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAN_AND_ACT_JWT_KEY", "hunter2")
    with pytest.raises(ConfigError, match="32 bytes"):
        Access.from_environment()


def test_a_secret_may_stand_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    for said in (SECRET, str(tmp_path / "secret"), "s" * 300):
        monkeypatch.setenv("PLAN_AND_ACT_JWT_KEY", said)
        secret = said if "/" not in said else SECRET
        assert Access.from_environment().owner(bearer(jwt.encode(claims(), secret, "HS256"))) == "alice"


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ("/run/secrets/a-key-that-was-never-mounted", "No such file"),
        ("./keys/of-this-server/of-last-year/jwt.secret", "No such file"),
        ("~/keys/of-this-server/of-last-year/jwt.secret", "No such file"),
        ("keys-of-this-server-of-last-year-public.pem", "No such file"),
        ("der.pub", "utf-8"),
        ("broken.pem", "whole PEM file"),
        ("empty.key", "32 bytes"),
        ("-----BEGIN PUBLIC KEY-----", "whole PEM file"),
    ],
)
def test_a_file_that_cannot_be_used_is_no_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "der.pub").write_bytes(b"0Y0\x13\x06\x07*\x86H\xce=\x02\x01\x06\x08" * 4)
    (tmp_path / "broken.pem").write_text("-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----\n")
    (tmp_path / "empty.key").touch()
    monkeypatch.setenv("PLAN_AND_ACT_JWT_KEY", said)
    with pytest.raises(ConfigError, match=says) as refused:
        Access.from_environment()
    assert said not in str(refused.value)


def test_a_key_that_breaks_later_lets_nobody_in() -> None:
    access = Access(jwt_key="-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----")
    with pytest.raises(AccessError, match="does not hold"):
        access.owner(bearer(jwt.encode(claims(), ec.generate_private_key(ec.SECP256R1()), "ES256")))


@pytest.mark.parametrize(
    ("path", "public"),
    [("/ui", True), ("/ui/app.js", True), ("/artefacts/0", False), ("/threads", False), ("/health", True)],
)
def test_what_needs_no_key(path: str, public: bool) -> None:
    assert is_public(path) is public
