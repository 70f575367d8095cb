"""A web server on a loopback port that does what real servers do on a bad day."""

import asyncio
import base64
import contextlib
import hashlib
import ssl
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from plan_and_act.browser.session import Session

Opener = Callable[..., Awaitable[Session]]
"""The fixture `open_session`: opens sessions that may reach the stand-in; options as of `SessionOptions`."""

Handler = Callable[["Request", asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


class StandIn:
    """Serves the pages it is given with `page`, and odd ones under fixed paths (`_odd`); counts what it is asked."""

    def __init__(self) -> None:
        self.hits: Counter[str] = Counter()
        """Requests by path."""
        self.requests: list[Request] = []
        self.connections = 0
        self.cookies: dict[str, str] = {}
        """The Cookie header of the last request by path."""
        self.pages: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.handlers: dict[str, Handler] = {}
        self.url = ""
        self.port = 0
        self.gone = asyncio.Event()
        """Set when a client hangs up on a path that never answers."""
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, tls: ssl.SSLContext | None = None) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=tls)
        self.port = self._server.sockets[0].getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"

    async def stop(self) -> None:
        if self._server:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def page(self, path: str, html: str, *, status: int = 200, **headers: str) -> str:
        """Serve a page from now on, and return its URL. `Content_Type="text/plain"` sets a header."""
        head = {"Content-Type": "text/html; charset=utf-8"} | {k.replace("_", "-"): v for k, v in headers.items()}
        self.pages[path] = (status, head, html.encode())
        return self.url + path

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        try:
            while True:
                request = await _read(reader)
                self.hits[request.path] += 1
                self.requests.append(request)
                self.cookies[request.path] = request.headers.get("cookie", "")
                if request.path in self.handlers:
                    await self.handlers[request.path](request, writer)
                elif request.path in self.pages:
                    status, headers, body = self.pages[request.path]
                    await answer(writer, status, body if request.method != "HEAD" else b"", **headers)
                else:
                    await self._odd(request, reader, writer)
        except (OSError, EOFError, ssl.SSLError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _odd(self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        match request.path:
            case "/never":  # accepts, and never answers
                await reader.read()
                self.gone.set()
            case "/headers":  # the head, then nothing
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 1000\r\n\r\n")
                await reader.read()
            case "/half":  # half of the body, then nothing
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 9000\r\n\r\n")
                writer.write(b"<title>Half</title><h1>First half</h1>" + b"<!-- -->" * 100)
                await reader.read()
            case "/status":
                status = int(request.query["code"])
                await answer(writer, status, b"<h1>An error page</h1>", Content_Type="text/html")
            case "/empty-error":
                await answer(writer, 500, b"")
            case "/no-content":
                await answer(writer, 204, None)
            case "/hang-up":
                writer.close()
            case "/garbage":
                writer.write(b"\x15\x03\x01\x00\x02\x02\x28 this is not HTTP\r\n\r\n")
                writer.close()
            case "/not-http":
                await answer(writer, 400, b"what?")
                raise EOFError
            case "/redirect":
                await answer(writer, int(request.query.get("code", "302")), b"", Location=request.query["to"])
            case "/circle":
                await answer(writer, 302, b"", Location="/circle")
            case "/basic":
                given = request.headers.get("authorization")
                status = 200 if given == "Basic " + base64.b64encode(b"u:p").decode() else 401
                await answer(writer, status, b"<h1>Members</h1>", WWW_Authenticate='Basic realm="members"')
            case "/file":  # a download of ?size= bytes called ?name=
                name, size = request.query.get("name", "file.bin"), int(request.query.get("size", "1000"))
                await answer(
                    writer, 200, b"x" * size, Content_Type="application/octet-stream",
                    Content_Disposition=f'attachment; filename="{name}"',
                )  # fmt: skip
            case "/endless-file":  # a download that never ends, and does not say how long it is
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nConnection: close\r\n")
                writer.write(b'Content-Disposition: attachment; filename="endless.bin"\r\n\r\n')
                with contextlib.suppress(OSError):
                    while True:
                        writer.write(b"x" * 65_536)
                        await writer.drain()
                        await asyncio.sleep(0)
                self.gone.set()
                raise EOFError
            case "/chunked":
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n")
                for part in (b"<title>Chunked</title>", b"<p>one</p>", b"<p>two</p>"):
                    writer.write(b"%x;ext=1\r\n%s\r\n" % (len(part), part))
                    await writer.drain()
                writer.write(b"0\r\nX-Trailer: yes\r\n\r\n")
            case "/negative-length":
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nlate")
                await reader.read()
            case "/negative-chunk":
                writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-3\r\nlate")
                await reader.read()
            case "/until-close":
                writer.write(b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n<title>Closed</title><p>end</p>")
                await writer.drain()
                raise EOFError
            case "/echo":
                await answer(writer, 200, request.body, Content_Type="text/plain", Method=request.method)
            case "/socket":
                key = request.headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
                accept = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
                writer.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n")
                writer.write(f"Sec-WebSocket-Accept: {accept}\r\n\r\n".encode() + b"\x81\x05hello")
                await reader.read()
            case _:
                await answer(writer, 404, b"<h1>Not here</h1>", Content_Type="text/html")


async def answer(writer: asyncio.StreamWriter, status: int, body: bytes | None, **headers: str) -> None:
    """Write an answer; body None leaves the length out, too."""
    lines = [f"HTTP/1.1 {status} Because", *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    writer.write("\r\n".join([*lines, "", ""]).encode() + (body or b""))
    await writer.drain()


async def _read(reader: asyncio.StreamReader) -> Request:
    first = await reader.readexactly(1)
    if first == b"\x16":
        return Request("", "/not-http", {}, {}, b"")  # TLS, which plain servers take for a malformed request
    head = (first + await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, target, _ = head[0].split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    if "chunked" in headers.get("transfer-encoding", ""):
        while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
            body += (await reader.readexactly(size + 2))[:-2]
        while await reader.readuntil(b"\r\n") != b"\r\n":
            pass
    parts = urlsplit(target)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    return Request(method, unquote(parts.path), query, headers, body)
