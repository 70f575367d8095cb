"""The proxy on its own: messages pass unchanged, addresses are checked when they are connected to, nothing lingers."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from plan_and_act.browser import proxy as module
from plan_and_act.browser.policy import OriginPolicy
from plan_and_act.browser.proxy import Proxy
from standin import Request, StandIn, answer


class Client:
    """A connection to the proxy, as a browser has one."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def ask(self, method: str, url: str, body: bytes = b"", **headers: str) -> tuple[int, dict[str, str], bytes]:
        host = url.split("/")[2]
        lines = [f"{method} {url} HTTP/1.1", f"Host: {host}", "Proxy-Connection: keep-alive"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        if body:
            lines.append(f"Content-Length: {len(body)}")
        self.writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        return await self.answer(method)

    async def answer(self, method: str = "GET") -> tuple[int, dict[str, str], bytes]:
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        status = int(head[0].split(" ")[1])
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
        if method == "HEAD" or status in (204, 304):
            return status, headers, b""
        if "chunked" in headers.get("transfer-encoding", ""):
            body = b""
            while size := int((await self.reader.readuntil(b"\r\n")).split(b";")[0], 16):
                body += (await self.reader.readexactly(size + 2))[:-2]
            while await self.reader.readuntil(b"\r\n") != b"\r\n":
                pass
            return status, headers, body
        if "content-length" in headers:
            return status, headers, await self.reader.readexactly(int(headers["content-length"]))
        return status, headers, await self.reader.read()

    async def tunnel(self, target: str) -> int:
        self.writer.write(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode())
        head = await self.reader.readuntil(b"\r\n\r\n")
        return int(head.split(b" ")[1])


Connect = Callable[[], Awaitable[Client]]


@pytest.fixture
async def proxy(web: StandIn) -> AsyncIterator[Proxy]:
    """A proxy that lets `web` be reached, and no other private address."""
    proxy = Proxy(OriginPolicy(private=[web.url, f"allowed.example:{web.port}"]))
    await proxy.start()
    yield proxy
    await proxy.close()


@pytest.fixture
async def connect(proxy: Proxy) -> AsyncIterator[Connect]:
    clients: list[Client] = []

    async def connect() -> Client:
        clients.append(Client(*await asyncio.open_connection("127.0.0.1", proxy._port)))
        return clients[-1]

    yield connect
    for client in clients:
        client.writer.close()


@pytest.fixture
async def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[list[str]]]:
    """Addresses that names resolve to, one list for every time they are asked for (the last one stays)."""
    table: dict[str, list[list[str]]] = {}

    async def resolve(host: str, port: int, **_: object) -> list[object]:
        answers = table.get(host)
        if not answers:
            raise socket.gaierror(-2, "Name or service not known")
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolve)
    return table


async def test_messages_pass_and_connections_are_kept(connect: Connect, web: StandIn) -> None:
    web.page("/", "hello", X_Extra="kept", Set_Cookie="a=b")
    client = await connect()
    for _ in range(3):
        status, headers, body = await client.ask("GET", f"{web.url}/", Cookie="c=d")
        assert (status, body) == (200, b"hello")
        assert (headers["x-extra"], headers["set-cookie"], headers["connection"]) == ("kept", "a=b", "keep-alive")
    assert web.cookies["/"] == "c=d"
    assert (web.hits["/"], web.connections) == (3, 1)


async def test_headers_for_the_proxy_stay_with_it(connect: Connect, web: StandIn) -> None:
    seen: list[dict[str, str]] = []

    async def look(request: Request, writer: asyncio.StreamWriter) -> None:
        seen.append(request.headers)
        await answer(writer, 200, b"")

    web.handlers["/"] = look
    await (await connect()).ask(
        "GET", f"{web.url}/", Proxy_Authorization="Basic x", Connection="upgrade", Upgrade="h2c"
    )
    assert seen == [{"host": f"127.0.0.1:{web.port}", "connection": "keep-alive"}]


@pytest.mark.parametrize("size", [1, 1_000, 3_000_000])
async def test_bodies_pass_in_both_directions(connect: Connect, web: StandIn, size: int) -> None:
    body = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    client = await connect()
    for _ in range(2):
        assert (await client.ask("POST", f"{web.url}/echo", body))[2] == body
    assert web.connections == 1


async def test_a_chunked_request_passes(connect: Connect, web: StandIn) -> None:
    got: list[bytes] = []

    async def take(request: Request, writer: asyncio.StreamWriter) -> None:
        got.append(request.body)
        await answer(writer, 200, b"thanks")

    web.handlers["/take"] = take
    client = await connect()
    client.writer.write(f"POST {web.url}/take HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
    client.writer.write(b"3\r\nabc\r\n")
    await client.writer.drain()
    client.writer.write(b"2;x=y\r\nde\r\n0\r\nX-Trailer: 1\r\n\r\n")
    assert (await client.answer())[2] == b"thanks"
    assert got == [b"abcde"]
    assert (await client.ask("GET", f"{web.url}/echo"))[0] == 200


async def test_every_kind_of_answer_passes(connect: Connect, web: StandIn) -> None:
    web.page("/", "hello")
    client = await connect()
    assert (await client.ask("HEAD", f"{web.url}/"))[0] == 200
    assert (await client.ask("GET", f"{web.url}/no-content"))[0] == 204
    assert (await client.ask("GET", f"{web.url}/chunked"))[2] == b"<title>Chunked</title><p>one</p><p>two</p>"
    assert (await client.ask("GET", f"{web.url}/status?code=304"))[0] == 304
    status, headers, body = await (await connect()).ask("GET", f"{web.url}/until-close")
    assert (status, headers["connection"], body) == (200, "close", b"<title>Closed</title><p>end</p>")


async def test_one_connection_serves_several_hosts(connect: Connect, web: StandIn, names) -> None:
    names["allowed.example"] = [["127.0.0.1"]]
    web.page("/", "hello")
    client = await connect()
    for host in ("127.0.0.1", "allowed.example", "127.0.0.1"):
        assert (await client.ask("GET", f"http://{host}:{web.port}/"))[0] == 200


async def test_a_kept_connection_that_the_server_closed_is_made_anew(connect: Connect, web: StandIn) -> None:
    async def once(request: Request, writer: asyncio.StreamWriter) -> None:
        await answer(writer, 200, b"once")
        raise EOFError

    web.handlers["/once"] = once
    client = await connect()
    for _ in range(5):
        assert (await client.ask("GET", f"{web.url}/once"))[2] == b"once"
    assert web.hits["/once"] == 5


async def test_what_has_a_body_is_never_sent_twice(connect: Connect, web: StandIn) -> None:
    async def fail(request: Request, writer: asyncio.StreamWriter) -> None:
        if web.hits["/pay"] > 1:
            raise EOFError  # after the request arrived, before an answer
        await answer(writer, 200, b"paid")

    web.handlers["/pay"] = fail
    client = await connect()
    assert (await client.ask("POST", f"{web.url}/pay", b"1"))[2] == b"paid"
    with pytest.raises(asyncio.IncompleteReadError):
        await client.ask("POST", f"{web.url}/pay", b"2")
    assert web.hits["/pay"] == 2


async def test_tunnels_pass_bytes_and_ends(connect: Connect, web: StandIn) -> None:
    client = await connect()
    assert await client.tunnel(f"127.0.0.1:{web.port}") == 200
    client.writer.write(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello")
    assert (await client.answer())[2] == b"hello"
    client.writer.write(b"GET /until-close HTTP/1.1\r\nHost: x\r\n\r\n")
    assert (await client.reader.read()).endswith(b"<p>end</p>")


@pytest.mark.parametrize("target", ["127.0.0.1", "[::1]", "localhost", "0.0.0.0", "169.254.169.254", "10.0.0.1"])
async def test_private_addresses_are_refused(connect: Connect, elsewhere: StandIn, proxy: Proxy, target: str) -> None:
    assert await (await connect()).tunnel(f"{target}:{elsewhere.port}") == 403
    status, _, body = await (await connect()).ask("GET", f"http://{target}:{elsewhere.port}/")
    assert status == 403
    assert b"policy blocks" in body
    assert elsewhere.connections == 0
    problem = proxy.problem_with(f"http://{target}:{elsewhere.port}/")
    assert problem
    assert problem.kind == "blocked"
    assert len(proxy.drain_blocked()) == 1
    assert proxy.drain_blocked() == []


async def test_a_public_name_with_a_private_address_is_refused(connect: Connect, web: StandIn, names) -> None:
    names["evil.example"] = [["127.0.0.1"]]
    assert await (await connect()).tunnel(f"evil.example:{web.port}") == 403
    assert (await (await connect()).ask("GET", f"http://evil.example:{web.port}/"))[0] == 403
    assert web.connections == 0


async def test_a_name_that_changes_its_address_gains_nothing(
    connect: Connect, web: StandIn, names, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: public when it is checked, private a moment later. What was checked is what is connected to."""
    connected: list[str] = []

    async def open_connection(host: str, port: int, **_: object) -> None:
        connected.append(host)
        raise ConnectionRefusedError

    names["evil.example"] = [["93.184.216.34"], ["127.0.0.1"]]
    client = await connect()
    with monkeypatch.context() as patch:
        patch.setattr(module.asyncio, "open_connection", open_connection)
        assert await client.tunnel(f"evil.example:{web.port}") == 502
    assert connected == ["93.184.216.34"]
    monkeypatch.setattr(module, "NAMES_TTL", 0)
    proxy = Proxy(OriginPolicy())
    await proxy.start()
    second = Client(*await asyncio.open_connection("127.0.0.1", proxy._port))
    assert await second.tunnel(f"evil.example:{web.port}") == 403
    second.writer.close()
    await proxy.close()
    assert web.connections == 0


async def test_private_addresses_among_public_ones_are_left_out(
    connect: Connect, web: StandIn, names, monkeypatch: pytest.MonkeyPatch
) -> None:
    connected: list[str] = []

    async def open_connection(host: str, port: int, **_: object) -> None:
        connected.append(host)
        raise ConnectionRefusedError

    names["mixed.example"] = [["127.0.0.1", "93.184.216.34", "10.0.0.1", "93.184.216.35"]]
    client = await connect()
    with monkeypatch.context() as patch:
        patch.setattr(module.asyncio, "open_connection", open_connection)
        assert await client.tunnel("mixed.example:443") == 502
    assert connected == ["93.184.216.34", "93.184.216.35"]


async def test_the_next_address_is_tried(connect: Connect, web: StandIn, names, proxy: Proxy) -> None:
    names["allowed.example"] = [["127.0.0.99", "127.0.0.1"]]
    assert await (await connect()).tunnel(f"allowed.example:{web.port}") == 200


async def test_what_fails_is_told(connect: Connect, proxy: Proxy, names) -> None:
    names["allowed.example"] = []
    assert await (await connect()).tunnel("allowed.example:443") == 502
    problem = proxy.problem_with("https://allowed.example/x")
    assert problem
    assert (problem.kind, problem.message[:40]) == ("unknown_host", "The name allowed.example does not resolv")
    assert proxy.last_problem(0) == problem
    assert proxy.problem_with("https://allowed.example/x", since=problem.at + 1) is None


async def test_a_server_that_does_not_accept_is_given_up(
    connect: Connect, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CONNECT_TIMEOUT", 0.3)
    full = socket.socket()
    full.bind(("127.0.0.1", 0))
    full.listen(0)
    port = full.getsockname()[1]
    proxy.policy = OriginPolicy(private=["*"])
    waiting = []
    for _ in range(4):  # until the queue of the kernel is full, and it answers no more
        waiting.append(socket.socket())
        waiting[-1].setblocking(False)
        waiting[-1].connect_ex(("127.0.0.1", port))
    assert await (await connect()).tunnel(f"127.0.0.1:{port}") == 504
    for one in [*waiting, full]:
        one.close()


async def test_a_request_that_the_browser_gives_up_is_given_up(connect: Connect, web: StandIn, proxy: Proxy) -> None:
    client = await connect()
    client.writer.write(f"GET {web.url}/never HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    async with asyncio.timeout(5):
        while not web.hits["/never"]:  # noqa: ASYNC110
            await asyncio.sleep(0)
        client.writer.close()
        await web.gone.wait()
        while proxy._tasks:  # noqa: ASYNC110
            await asyncio.sleep(0)


@pytest.mark.parametrize(
    "nonsense",
    [b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"GET ftp://x/ HTTP/1.1\r\n\r\n", b"\r\n\r\n", b"CONNECT x HTTP/1.1\r\n\r\n",
     b"GET http:///x HTTP/1.1\r\n\r\n", b"CONNECT x:99999999 HTTP/1.1\r\n\r\n", b"\x16\x03\x01" + b"x" * 300_000],
)  # fmt: skip
async def test_nonsense_ends_the_connection(connect: Connect, proxy: Proxy, nonsense: bytes) -> None:
    client = await connect()
    client.writer.write(nonsense)
    async with asyncio.timeout(10):
        with contextlib.suppress(ConnectionError):
            answered = await client.reader.read()
            assert not answered or int(answered.split(b" ")[1]) >= 400


@pytest.mark.parametrize("path", ["/garbage", "/negative-length", "/negative-chunk"])
async def test_a_server_that_talks_nonsense_ends_the_connection(connect: Connect, web: StandIn, path: str) -> None:
    async with asyncio.timeout(10):
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            await (await connect()).ask("GET", f"{web.url}{path}")


async def test_closing_leaves_nothing(web: StandIn) -> None:
    proxy = Proxy(OriginPolicy(private=["*"]))
    await proxy.start()
    port = proxy._port
    idle = Client(*await asyncio.open_connection("127.0.0.1", port))
    tunnel = Client(*await asyncio.open_connection("127.0.0.1", port))
    await tunnel.tunnel(f"127.0.0.1:{web.port}")
    await proxy.close()
    await proxy.close()
    assert proxy._tasks == set()
    assert port not in Proxy._ports
    assert await idle.reader.read() == b""
    assert await tunnel.reader.read() == b""
    with pytest.raises(OSError, match=r"refused|failed"):
        await asyncio.open_connection("127.0.0.1", port)
    for client in (idle, tunnel):
        client.writer.close()
