"""HTTP/1.1 messages as a forward proxy sees them: their heads, and where their bodies end."""

import asyncio
from typing import NamedTuple

_CHUNK = 64 * 1024
_HOP_BY_HOP = frozenset(
    b"connection keep-alive proxy-connection proxy-authorization proxy-authenticate te trailer upgrade".split()
)


class Upstream(NamedTuple):
    """A connection to a server, and the host and port it was made for."""

    key: tuple[str, int]
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter


def parse_headers(head: bytes) -> list[tuple[bytes, bytes]]:
    """Header lines as (lower-case name, whole line), folded lines and all."""
    lines = head[:-4].split(b"\r\n")[1:]
    return [(line.partition(b":")[0].strip().lower(), line) for line in lines if line]


def build_head(first: bytes, headers: list[tuple[bytes, bytes]], connection: bytes) -> bytes:
    """A head with the headers that are meant for the other end, and a `Connection` header of our own."""
    kept = [line for name, line in headers if name not in _HOP_BY_HOP]
    return b"\r\n".join([first, *kept, b"Connection: " + connection, b"", b""])


def framing(headers: list[tuple[bytes, bytes]]) -> tuple[int | None, bool]:
    """Length of the body (None when it is not told), and whether it comes in chunks."""
    length = None
    for name, line in headers:
        value = line.partition(b":")[2].strip()
        if name == b"transfer-encoding" and b"chunked" in value.lower():
            return None, True
        if name == b"content-length":
            length = _number(value.split(b",")[0], 10)
    return length, False


def _number(text: bytes, base: int) -> int:
    digits = text.strip()
    if not digits.isalnum():  # int() takes signs and underscores too
        msg = "not a length"
        raise ValueError(msg)
    return int(digits, base)


async def exchange(
    reader: asyncio.StreamReader, upstream: Upstream, request: bytes, length: int | None, chunked: bool
) -> bytes:
    """Send a request and return the head of its final answer."""
    upstream.writer.write(request)
    if chunked:
        await relay_chunks(reader, upstream.writer)
    elif length:
        await relay(reader, upstream.writer, length)
    while True:
        head = await upstream.reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1."):
            msg = "not an HTTP answer"
            raise ValueError(msg)
        if not head.split(b" ", 2)[1].startswith(b"1"):
            return head


async def relay_answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes, method: str) -> bool:
    """Relay an answer whose head has been read; returns whether both connections can be used again."""
    first = head.split(b"\r\n", 1)[0]
    headers = parse_headers(head)
    length, chunked = framing(headers)
    if method == "HEAD" or first.split(b" ", 2)[1] in (b"204", b"304"):
        length, chunked = 0, False
    closing = any(name == b"connection" and b"close" in line.lower() for name, line in headers)
    told = chunked or length is not None
    keep = told and not closing and first.startswith(b"HTTP/1.1")
    writer.write(build_head(first, headers, b"keep-alive" if keep else b"close"))
    if chunked:
        await relay_chunks(reader, writer)
    else:
        await relay(reader, writer, length)
    await writer.drain()
    return keep


async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, length: int | None) -> None:
    """Relay so many bytes, or all there are.

    Raises:
        EOFError: When there are fewer.
    """
    while length is None or length:
        data = await reader.read(_CHUNK if length is None else min(length, _CHUNK))
        if not data:
            if length is None:
                return
            raise EOFError
        length = None if length is None else length - len(data)
        writer.write(data)
        await writer.drain()


async def relay_chunks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Relay a chunked body, trailers and all."""
    while True:
        line = await reader.readuntil(b"\r\n")
        size = _number(line.split(b";")[0], 16)
        writer.write(line)
        if not size:
            break
        await relay(reader, writer, size + 2)
    while line != b"\r\n":
        line = await reader.readuntil(b"\r\n")
        writer.write(line)


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Relay one direction of a tunnel until its end."""
    await relay(reader, writer, None)
    if writer.can_write_eof():
        writer.write_eof()
