"""Start and stop practice sites: in an event loop, in a thread of their own, or as a process."""

import asyncio
import contextlib
import json
import signal
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import uvicorn
from starlette.applications import Starlette

from plan_and_act.errors import ConfigError
from plan_and_act.sites.disturbances import Disturbances
from plan_and_act.sites.registry import SITES


@dataclass(frozen=True, slots=True)
class Site:
    """A running site, in this process or another one; `url` has no slash at its end."""

    url: str

    async def state(self, session: str) -> dict[str, Any]:
        """What a session has changed, and the log of its effects.

        Raises:
            ConfigError: When the site serves no control API, or has no such session.
        """
        return await asyncio.to_thread(_ask, f"{self.url}/_control/{quote(session, safe='')}/state", "GET")

    async def reset(
        self,
        session: str,
        *,
        account: str | None = None,
        seed: int | None = None,
        disturbances: Disturbances | None = None,
    ) -> dict[str, Any]:
        """Begin a session anew, and return its state.

        Args:
            session: The session's token.
            account: Who is signed in; the site's persona when left out, `nobody` to begin signed out.
            seed: The world the session is in; the site's own when left out.
            disturbances: What the session is to meet.

        Raises:
            ConfigError: When the site serves no control API, or has no such account.
        """
        wishes = {"as": account, "seed": seed, "disturb": ",".join(disturbances.names) if disturbances else None}
        query = urlencode({name: value for name, value in wishes.items() if value is not None})
        return await asyncio.to_thread(_ask, f"{self.url}/_control/{quote(session, safe='')}/reset?{query}", "POST")


def _ask(url: str, method: str) -> dict[str, Any]:
    # The site is on this machine: a proxy from the environment would not find it.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(urllib.request.Request(url, method=method), timeout=30) as response:
            answer: dict[str, Any] = json.load(response)
    except urllib.error.HTTPError as error:
        text = error.read().decode("utf-8", "replace")
        try:
            reason = json.loads(text)["error"]
        except (ValueError, KeyError, TypeError):
            reason = "the site serves no control API; create it with control=True (--control on the command line)"
        msg = f"{method} {url}: {reason}"
        raise ConfigError(msg) from error
    except OSError as error:
        msg = f"{method} {url}: the site does not answer ({error}); is it running?"
        raise ConfigError(msg) from error
    return answer


class _Server(uvicorn.Server):
    """A server that leaves the signals to its surroundings and says when it is ready."""

    def __init__(self, app: Starlette) -> None:
        # Pages are answered in milliseconds: at the end, one second is plenty for what is under way.
        config = uvicorn.Config(
            app, log_level="warning", access_log=False, lifespan="off", ws="none", timeout_graceful_shutdown=1
        )
        super().__init__(config)
        self.ready = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


def _listen(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except (OSError, OverflowError) as error:
        listener.close()
        msg = f"cannot listen on {host}:{port} ({error}); choose another port, or 0 for a free one"
        raise ConfigError(msg) from error
    return listener


@contextlib.asynccontextmanager
async def serve(app: Starlette, *, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[Site]:
    """Serve a site in the running event loop until the block ends.

    Args:
        app: The site, e.g. `forge_app(seed=7)`.
        host: The address to listen on.
        port: The port to listen on; 0 takes a free one.

    Raises:
        ConfigError: When the address or port cannot be had.
    """
    listener = _listen(host, port)
    shown = f"[{host}]" if ":" in host else host
    server = _Server(app)
    serving = asyncio.create_task(server.serve(sockets=[listener]), name="practice site")
    ready = asyncio.create_task(server.ready.wait())
    try:
        await asyncio.wait({serving, ready}, return_when=asyncio.FIRST_COMPLETED)
        if serving.done():
            serving.result()
        yield Site(f"http://{shown}:{listener.getsockname()[1]}")
    finally:
        ready.cancel()
        server.should_exit = True
        await serving
        listener.close()


@contextlib.contextmanager
def serve_in_thread(app: Starlette, *, host: str = "127.0.0.1", port: int = 0) -> Iterator[Site]:
    """Serve a site from a thread with an event loop of its own until the block ends; for code that is not async.

    Raises:
        ConfigError: When the address or port cannot be had.
    """
    started = threading.Event()
    found: list[Site | BaseException] = []
    handles: list[Callable[[], object]] = []

    async def main() -> None:
        stop = asyncio.Event()
        async with serve(app, host=host, port=port) as site:
            loop = asyncio.get_running_loop()
            handles.append(lambda: loop.call_soon_threadsafe(stop.set))
            found.append(site)
            started.set()
            await stop.wait()

    def work() -> None:
        try:
            asyncio.run(main())
        except BaseException as error:
            found.append(error)
            started.set()

    thread = threading.Thread(target=work, name="practice site", daemon=True)
    thread.start()
    started.wait()
    if isinstance(found[0], BaseException):
        raise found[0]
    try:
        yield found[0]
    finally:
        handles[0]()
        thread.join()


def run(
    name: str,
    *,
    seed: int = 7,
    host: str = "127.0.0.1",
    port: int = 0,
    control: bool = False,
    announce: Callable[[str], object] = print,
) -> None:
    """Serve a site until Ctrl-C or SIGTERM; what the command line calls.

    Args:
        name: One of `SITES`.
        seed: What the site's data is made from.
        host: The address to listen on.
        port: The port to listen on; 0 takes a free one.
        control: Whether to serve the control API.
        announce: Is given the URL, once the site answers.

    Raises:
        ConfigError: When there is no such site, or the address or port cannot be had.
    """
    if name not in SITES:
        msg = f"there is no practice site {name!r}; there are: {', '.join(SITES)}"
        raise ConfigError(msg)

    async def main() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        async with serve(SITES[name].app(seed=seed, control=control), host=host, port=port) as site:
            announce(site.url)
            await stop.wait()

    asyncio.run(main())
