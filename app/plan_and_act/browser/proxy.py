"""The forward proxy that holds a browser context to its origin policy.

Every context is given a proxy of its own, on a loopback port unless the browser is remote, and nothing reaches the
network but through it. The proxy resolves names itself and connects to the very address that it checked, so a name that
changes its address between check and connection (DNS rebinding) gains nothing. https and web sockets are tunnelled
unread (`CONNECT`); plain http is forwarded message by message, with connections kept alive on both sides.

Any program on the machine can use the port while the session lives; it gains no access it did not have. Upstream
proxies are not supported: where a network can only be left through one, the browser cannot leave it.
"""

import asyncio
import base64
import hmac
import re
import secrets
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Literal
from urllib.parse import urlsplit

from plan_and_act.browser._http import (
    Upstream,
    build_head,
    exchange,
    framing,
    parse_headers,
    pump,
    relay_answer,
)
from plan_and_act.browser.policy import (
    OriginPolicy,
    address_of,
    ascii_host,
    is_private_address,
    origin_text,
    split_origin,
)
from plan_and_act.browser.remote import LOOPBACK

CONNECT_TIMEOUT = 10.0
"""Seconds for resolving a name and for connecting to it, each."""
NEXT_ADDRESS = 2.0
"""Seconds after which the next address of a name is tried (a broken IPv6 route answers nothing at all)."""
NAMES_TTL = 60.0
"""Seconds a resolved name is kept, as in Chromium's own cache."""

_WHO = (
    b"HTTP/1.1 407 Proxy Authentication Required\r\n"
    b'Proxy-Authenticate: Basic realm="plan-and-act"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'
)

_LIMIT = 256 * 1024
"""Bytes a message's head may have."""
_LOST = (OSError, EOFError, asyncio.LimitOverrunError, ValueError)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a connection was not made: a sentence, and what sort of failure it tells of."""

    kind: Literal["blocked", "unknown_host", "unreachable", "timeout"]
    message: str
    at: float
    """`time.monotonic()` of the attempt."""


class _RefusedError(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class _ClientReader(asyncio.StreamReader):
    """Tells at once when the browser hangs up, also while nobody reads: a request it gave up must not linger."""

    on_gone: Callable[[], object] | None = None

    def feed_eof(self) -> None:
        super().feed_eof()
        self._gone()

    def set_exception(self, exc: BaseException | type[BaseException]) -> None:
        super().set_exception(exc)  # type: ignore[arg-type]
        self._gone()

    def _gone(self) -> None:
        if self.on_gone:
            self.on_gone()


class Proxy:
    """A forward proxy for one browser context.

    Args:
        policy: What may be reached.
        host: Where it listens. Off loopback it asks for `username` and `password`.

    Use: `server = await proxy.start()`, hand `server` to the context, `await proxy.close()` after the context.
    """

    _ports: ClassVar[set[int]] = set()
    """Ports of all proxies in this process: none of them may be reached through another."""

    def __init__(self, policy: OriginPolicy, host: str = LOOPBACK) -> None:
        self.policy = policy
        self.username, self.password = "session", secrets.token_urlsafe(24)
        self._host = host
        self.problems: dict[tuple[str, int], Problem] = {}
        """The last problem with each host and port; a connection that succeeds removes it."""
        self._server: asyncio.Server | None = None
        self._port = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._names: dict[tuple[str, int], tuple[float, list[str]]] = {}
        self._blocked: list[str] = []

    async def start(self) -> str:
        """Listen on a free port and return the proxy's URL."""
        loop = asyncio.get_running_loop()

        def protocol() -> asyncio.Protocol:
            reader = _ClientReader(limit=_LIMIT, loop=loop)
            return asyncio.StreamReaderProtocol(reader, self._accept, loop=loop)

        self._server = await loop.create_server(protocol, self._host, 0, backlog=512)
        self._port = self._server.sockets[0].getsockname()[1]
        self._ports.add(self._port)
        return f"http://{self._host}:{self._port}"

    async def close(self) -> None:
        """Stop listening and drop every connection."""
        if self._server:
            self._server.close()
            self._server = None
            self._ports.discard(self._port)
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @property
    def guarded(self) -> bool:
        """Whether it asks for a password: where other machines reach it, it would lend them this one's network."""
        return self._host != LOOPBACK

    def _is_known(self, head: bytes) -> bool:
        basic = base64.b64encode(f"{self.username}:{self.password}".encode())
        shown = re.search(rb"\r\nproxy-authorization:[ \t]*basic[ \t]+(\S+)", head, re.I)
        return shown is not None and hmac.compare_digest(shown[1], basic)

    def problem_with(self, url: str, since: float = 0.0) -> Problem | None:
        """The last problem with a URL's host and port, if it is not older than `since` (`time.monotonic()`)."""
        origin = split_origin(url)
        problem = self.problems.get(origin[1:]) if origin else None
        return problem if problem and problem.at >= since else None

    def last_problem(self, since: float) -> Problem | None:
        """The latest problem with any host, if it is not older than `since` (`time.monotonic()`)."""
        latest = max(self.problems.values(), key=lambda problem: problem.at, default=None)
        return latest if latest and latest.at >= since else None

    def drain_blocked(self) -> list[str]:
        """The origins that were blocked since the last call."""
        blocked = list(dict.fromkeys(self._blocked))
        self._blocked.clear()
        return blocked

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert isinstance(reader, _ClientReader)
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: _ClientReader, writer: asyncio.StreamWriter) -> None:
        upstream: Upstream | None = None
        task = asyncio.current_task()
        assert task
        try:
            while True:
                reader.on_gone = None
                head = await reader.readuntil(b"\r\n\r\n")
                method, target, version = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
                if self.guarded and not self._is_known(head):
                    writer.write(_WHO)
                    return
                if method == "CONNECT":
                    host, _, port = target.rpartition(":")
                    await self._tunnel(reader, writer, ascii_host(host), int(port))
                    return
                reader.on_gone = task.cancel
                upstream = await self._forward(reader, writer, head, method, target, upstream)
                if upstream is None or version != "HTTP/1.1":
                    return
        except _RefusedError as refused:
            await _answer(writer, refused.problem)
        except _LOST:
            pass
        except asyncio.CancelledError:
            # Nobody awaits this task but `close`; the browser hanging up is its ordinary end.
            pass
        finally:
            reader.on_gone = None
            writer.close()
            if upstream:
                upstream.writer.close()

    async def _tunnel(self, reader: _ClientReader, writer: asyncio.StreamWriter, host: str, port: int) -> None:
        upstream = await self._connect(host, port, None)
        try:
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            async with asyncio.TaskGroup() as group:
                group.create_task(pump(reader, upstream.writer))
                group.create_task(pump(upstream.reader, writer))
        except* _LOST:
            pass
        finally:
            upstream.writer.close()

    async def _forward(
        self,
        reader: _ClientReader,
        writer: asyncio.StreamWriter,
        head: bytes,
        method: str,
        target: str,
        upstream: Upstream | None,
    ) -> Upstream | None:
        """Forward one message and its answer; returns the upstream connection if both sides can go on."""
        parts = urlsplit(target)
        origin = split_origin(target)
        if parts.scheme != "http" or not origin:
            msg = "not a proxy request"
            raise ValueError(msg)
        _, host, port = origin
        path = target[target.index("/", 7) :] if "/" in target[7:] else "/"
        headers = parse_headers(head)
        request = build_head(f"{method} {path} HTTP/1.1".encode("latin-1"), headers, b"keep-alive")
        length, chunked = framing(headers)
        has_body = chunked or bool(length)
        if upstream and (upstream.key != (host, port) or upstream.reader.at_eof() or upstream.writer.is_closing()):
            upstream.writer.close()
            upstream = None
        reused = upstream is not None
        upstream = upstream or await self._connect(host, port, "http")
        try:
            try:
                answer = await exchange(reader, upstream, request, length, chunked)
            except _LOST:
                # A kept-alive connection may be closed just as it is used again. What has a body is not sent twice:
                # the browser sees its own connection close, and it knows what may be repeated.
                if not reused or has_body:
                    raise
                upstream.writer.close()
                upstream = await self._connect(host, port, "http")
                answer = await exchange(reader, upstream, request, 0, False)
            keep = await relay_answer(upstream.reader, writer, answer, method)
        except BaseException:
            upstream.writer.close()
            raise
        if not keep:
            upstream.writer.close()
            return None
        return upstream

    async def _connect(self, host: str, port: int, scheme: str | None) -> Upstream:
        """Connect to an address of the host that the policy lets through.

        Raises:
            _RefusedError: When there is none, or none answers.
        """
        refusal = self.policy.refusal(host, port, scheme)
        if refusal:
            raise self._refused(host, port, "blocked", refusal)
        origin = origin_text(host, port, scheme)
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT):
                addresses = await self._resolve(host, port)
        except TimeoutError:
            raise self._refused(host, port, "timeout", f"The name {host} could not be resolved in time.") from None
        except OSError:
            message = f"The name {host} does not resolve: check the address, and that this machine is on the network."
            raise self._refused(host, port, "unknown_host", message) from None
        refusals = {address: self._refusal_of(host, port, address) for address in addresses}
        open_addresses = [address for address in addresses if refusals[address] is None]
        if not open_addresses:
            raise self._refused(host, port, "blocked", next(filter(None, refusals.values())))
        failure = ""
        for address in open_addresses:
            last = address == open_addresses[-1]
            try:
                async with asyncio.timeout(CONNECT_TIMEOUT if last else NEXT_ADDRESS):
                    reader, writer = await asyncio.open_connection(address, port, limit=_LIMIT)
            except TimeoutError:
                failure = f"{origin} did not answer within {CONNECT_TIMEOUT:.0f} seconds."
            except OSError as error:
                refused = isinstance(error, ConnectionRefusedError)
                reason = "nothing listens there" if refused else (error.strerror or "network error").lower()
                failure = f"{origin} cannot be reached: {reason}."
            else:
                self.problems.pop((host, port), None)
                return Upstream((host, port), reader, writer)
        raise self._refused(host, port, "timeout" if "did not answer" in failure else "unreachable", failure)

    def _refusal_of(self, host: str, port: int, address: str) -> str | None:
        resolved = address_of(address)
        if port in self._ports and resolved is not None and is_private_address(resolved):
            return f"The origin policy blocks {origin_text(host, port)}: it is the browser's own proxy."
        return self.policy.refusal_of_address(host, port, address)

    async def _resolve(self, host: str, port: int) -> list[str]:
        if address_of(host) is not None:
            return [host]
        now = time.monotonic()
        known = self._names.get((host, port))
        if known and known[0] > now:
            return known[1]
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except UnicodeError as error:
            raise OSError(str(error)) from error
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        if not addresses:
            raise OSError(host)
        self._names[host, port] = (now + NAMES_TTL, addresses)
        return addresses

    def _refused(
        self, host: str, port: int, kind: Literal["blocked", "unknown_host", "unreachable", "timeout"], message: str
    ) -> _RefusedError:
        problem = Problem(kind, message, time.monotonic())
        if len(self.problems) > 1_000:
            self.problems.clear()
        self.problems[host, port] = problem
        if kind == "blocked" and len(self._blocked) < 100:
            self._blocked.append(origin_text(host, port))
        return _RefusedError(problem)


async def _answer(writer: asyncio.StreamWriter, problem: Problem) -> None:
    """Tell the browser; for plain http the sentence is the page, so that whoever looks at it reads why."""
    status = {"blocked": "403 Forbidden", "timeout": "504 Gateway Timeout"}.get(problem.kind, "502 Bad Gateway")
    body = problem.message.encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
    try:
        writer.write(f"{head}Cache-Control: no-store\r\nConnection: close\r\n\r\n".encode() + body)
        await writer.drain()
    except OSError:
        pass
