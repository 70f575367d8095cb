"""A real Chromium through the pool, and a web server whose certificate nobody signed."""

import ssl
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from plan_and_act.browser.policy import OriginPolicy
from plan_and_act.browser.pool import pool as pool_of_loop
from plan_and_act.browser.session import Session, SessionOptions
from standin import Opener, StandIn


@pytest.fixture(scope="session", autouse=True)
async def _browser() -> AsyncIterator[None]:
    """One browser for all tests; it is started by the first that wants a session."""
    yield
    await pool_of_loop().close()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that nobody has signed, and its key."""
    folder = tmp_path_factory.mktemp("certificate")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=stand-in"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    return certificate, key


@pytest.fixture
async def secure_web(certificate: tuple[Path, Path]) -> AsyncIterator[StandIn]:
    """A web server with a certificate that no browser trusts."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    server = StandIn()
    await server.start(context)
    yield server
    await server.stop()


@pytest.fixture
async def open_session(web: StandIn, request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Opener]:
    """Open sessions that may reach `web`; options as of `SessionOptions`. They are closed after the test."""
    keys: set[str] = set()

    async def open_it(name: str = "", **options: object) -> Session:
        defaults = {"policy": OriginPolicy(private=[web.url]), "downloads": tmp_path / "downloads"}
        key = f"{request.node.nodeid}{name}"
        keys.add(key)
        return await pool_of_loop().session(key, SessionOptions(**{**defaults, **options}))  # type: ignore[arg-type]

    yield open_it
    for key in keys:
        await pool_of_loop().release(key)


@pytest.fixture
async def session(open_session: Opener) -> Session:
    """A session that may reach `web`, and no other private address."""
    return await open_session()
