"""Which origins the browser may reach, and which addresses count as private.

The policy only decides. `plan_and_act.browser.proxy` enforces it on every connection a browser context makes, so that
redirects, frames, pop-ups, fetches, web sockets and prefetches are all held to it; `OriginPolicy.check` lets a person
or a model hear the reason before anything is sent.
"""

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from plan_and_act.errors import BlockedByPolicyError, ConfigError

DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}

_PATTERN = re.compile(
    r"(?:(?P<scheme>https?)://)?(?P<host>\[[0-9a-f:.]+\]|\*|(?:\*\.)?[^\s/:*?#@\[\]]+)(?::(?P<port>\d{1,5}|\*))?/?",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.I)
_HOST = re.compile(r"www\.|(localhost|[\w-]+(\.[\w-]+)+):\d+(/|$)", re.I)
_PRIVATE_NAMES = ("localhost", "local", "internal", "home.arpa")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_ALSO_PRIVATE = (
    ipaddress.ip_network("192.0.0.0/24"),  # protocol assignments; Oracle's cloud keeps its metadata there
    ipaddress.ip_network("168.63.129.16/32"),  # Azure's metadata, on a public address
    ipaddress.ip_network("64:ff9b:1::/48"),  # NAT64 of local networks
)

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def ascii_host(host: str) -> str:
    """A host as it goes over the wire: lower case, punycode, without brackets or a final dot."""
    host = host.strip().strip("[]").rstrip(".").lower()
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        return host


def address_of(host: str) -> _Address | None:
    """The IP address a host spells out, or None when it is a name."""
    try:
        return ipaddress.ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return None


def is_private_address(address: _Address) -> bool:
    """Whether an address is anything but a public one.

    Loopback, private networks, link-local (where clouds keep their metadata), carrier NAT, unique local, multicast,
    reserved and unspecified ones are private, also when they are wrapped in an IPv6 address.
    """
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo and address.teredo[1])
        if not inner and (address in _NAT64 or int(address) >> 32 == 0):
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner:
            return is_private_address(inner)
        if address.is_site_local:
            return True
    if any(address in network for network in _ALSO_PRIVATE):
        return True
    return not address.is_global or address.is_multicast or address.is_reserved


def is_private_host(host: str) -> bool:
    """Whether a host is private by its spelling alone; a name may still resolve to a private address."""
    address = address_of(host)
    if address is not None:
        return is_private_address(address)
    name = ascii_host(host)
    return any(name == suffix or name.endswith(f".{suffix}") for suffix in _PRIVATE_NAMES)


@dataclass(frozen=True, slots=True)
class OriginPattern:
    """One origin, or several by wildcard: `https://*.example.com`, `http://localhost:8000`, `example.com`, `*`.

    `*.example.com` is every name below example.com, not example.com itself. Without a scheme any scheme fits; a port
    that is left out is the scheme's own, or any port where the scheme is left out too.
    """

    scheme: str | None
    host: str
    port: int | None

    @classmethod
    def parse(cls, text: str) -> "OriginPattern":
        """Read a pattern.

        Raises:
            ConfigError: When it is no origin (a path, a user name, a scheme other than http and https).
        """
        match = _PATTERN.fullmatch(text.strip())
        port = match["port"] if match else None
        if not match or (port and port != "*" and not 0 < int(port) < 65_536):
            msg = f"{text!r} is no origin; write it like https://*.example.com, http://localhost:8000 or example.com"
            raise ConfigError(msg)
        scheme = match["scheme"].lower() if match["scheme"] else None
        number = None if port == "*" else int(port) if port else DEFAULT_PORTS[scheme] if scheme else None
        host = match["host"].lower()
        prefix = "*." if host.startswith("*.") else ""
        return cls(scheme, prefix + ascii_host(host.removeprefix(prefix)), number)

    def fits(self, host: str, port: int, scheme: str | None = None) -> bool:
        """Whether an origin matches; without a scheme (a tunnel, whose content cannot be seen) host and port decide."""
        if scheme and self.scheme and scheme != self.scheme:
            return False
        if self.port is not None and self.port != port:
            return False
        if self.host.startswith("*."):
            return host.endswith(self.host[1:])
        return self.host in ("*", host)


def split_origin(url: str) -> tuple[str, str, int] | None:
    """Scheme, host and port of an http(s) or web socket URL; None for any other."""
    try:
        parts = urlsplit(url)
        port = parts.port or DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return None
    if port is None or not parts.hostname:
        return None
    return parts.scheme.replace("ws", "http"), ascii_host(parts.hostname), port


def absolute(url: str, base: str) -> str:
    """A URL as a person or a model writes it, completed: relative to the current page, or with the scheme left out."""
    url = url.strip()
    if not _HOST.match(url):
        if _SCHEME.match(url):
            return url
        if split_origin(base):
            try:
                return urljoin(base, url)
            except ValueError:  # //[no address
                return url
    bare = url.removeprefix("//")
    origin = split_origin(f"http://{bare}")
    return f"{'http' if origin and is_private_host(origin[1]) else 'https'}://{bare}"


def origin_text(host: str, port: int, scheme: str | None = None) -> str:
    """An origin for people: without the port where that is the scheme's own."""
    name = f"[{host}]" if ":" in host else host
    scheme = scheme or ("https" if port == 443 else "http" if port == 80 else None)
    suffix = "" if scheme and DEFAULT_PORTS.get(scheme) == port else f":{port}"
    return f"{scheme}://{name}{suffix}" if scheme else f"{name}{suffix}"


@dataclass(frozen=True)
class OriginPolicy:
    """What a browser session may reach: pages, and everything that pages load.

    Args:
        allowed: The only origins to be reached; empty for any public origin.
        private: Private origins that may be reached all the same; `*` for all of them. `allowed` does not open private
            addresses, so that whoever may narrow a run cannot widen it.
        within: The only origins that `allowed` can allow; empty for any public origin. The operator's, where `allowed`
            is the run's.

    Raises:
        ConfigError: When a pattern is no origin.
    """

    allowed: Sequence[str] = ()
    private: Sequence[str] = ()
    within: Sequence[str] = ()
    _allowed: tuple[OriginPattern, ...] = field(init=False, repr=False, compare=False)
    _private: tuple[OriginPattern, ...] = field(init=False, repr=False, compare=False)
    _within: tuple[OriginPattern, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for name in ("allowed", "private", "within"):
            texts = tuple(getattr(self, name))
            object.__setattr__(self, name, texts)
            object.__setattr__(self, f"_{name}", tuple(OriginPattern.parse(text) for text in texts))

    def opens_private(self, host: str, port: int, scheme: str | None = None) -> bool:
        """Whether an origin may lead to a private address."""
        return any(pattern.fits(host, port, scheme) for pattern in self._private)

    def refusal(self, host: str, port: int, scheme: str | None = None) -> str | None:
        """Why an origin may not be reached, as a sentence, or None when its name is fine.

        A name that is fine may still resolve to a private address: `refusal_of_address` is asked for each.
        """
        host = ascii_host(host)
        for patterns, texts in ((self._within, self.within), (self._allowed, self.allowed)):
            if patterns and not any(pattern.fits(host, port, scheme) for pattern in patterns):
                origin, allowed = origin_text(host, port, scheme), ", ".join(texts)
                return f"The origin policy blocks {origin}: it is not among the allowed origins ({allowed})."
        if is_private_host(host) and not self.opens_private(host, port, scheme):
            return self._private_refusal(host, port, scheme, "it is a private address")
        return None

    def refusal_of_address(self, host: str, port: int, address: str) -> str | None:
        """Why the address a name resolved to may not be connected to, or None when it may."""
        resolved = address_of(address)
        if resolved is not None and not is_private_address(resolved):
            return None
        host = ascii_host(host)
        if self.opens_private(host, port):
            return None
        return self._private_refusal(host, port, None, "its name leads to a private address")

    def check(self, url: str) -> None:
        """Check a URL before the browser is sent there.

        Raises:
            BlockedByPolicyError: When the scheme is no web scheme or the origin may not be reached.
        """
        if url == "about:blank":
            return
        origin = split_origin(url)
        if origin is None or not url.lower().startswith(("http://", "https://")):
            scheme = url.partition(":")[0][:20]
            msg = f"The browser opens only http and https pages, not {scheme}: URLs."
            if scheme.lower() in ("http", "https"):
                msg = f"{url[:200]!r} is no complete URL; write it like https://example.com/page."
            raise BlockedByPolicyError(msg)
        scheme, host, port = origin
        refusal = self.refusal(host, port, scheme)
        if refusal:
            raise BlockedByPolicyError(refusal)

    @staticmethod
    def _private_refusal(host: str, port: int, scheme: str | None, why: str) -> str:
        origin = origin_text(host, port, scheme)
        return f"The origin policy blocks {origin}: {why}. Who runs the agent can list {origin} as a private origin."
