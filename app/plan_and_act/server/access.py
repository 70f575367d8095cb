"""Who calls: keys and tokens become owners, and an owner sees its own threads only.

`PLAN_AND_ACT_API_KEYS` names a YAML or JSON file of keys by owner; `PLAN_AND_ACT_JWT_KEY` is the secret that tokens are
signed with, or a file with the public key. With neither, everybody is the same owner: for one's own machine only.
"""

import hashlib
import hmac
import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import jwt
import yaml
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from plan_and_act.errors import AccessError, ConfigError

KEYS_VARIABLE = "PLAN_AND_ACT_API_KEYS"
JWT_VARIABLE = "PLAN_AND_ACT_JWT_KEY"
AUDIENCE_VARIABLE = "PLAN_AND_ACT_JWT_AUDIENCE"

ANYBODY = "anybody"
"""The owner of everything where there are neither keys nor tokens."""

_PUBLIC = ("/", "/ok", "/info", "/health", "/ready", "/metrics/agent", "/ui")

_SHORTEST = 16
"""Characters of the shortest key that is taken."""

_PATH = re.compile(r"(/|\.{1,2}/|~)|.*\.(pem|key|pub)$")
"""What is meant as a file, whether it is there or not: its name must not become the secret."""


@dataclass(frozen=True, slots=True)
class Access:
    """What a caller has to show.

    Args:
        keys: Keys by owner.
        jwt_key: The secret (at least 32 bytes), or the public key as PEM, that tokens are checked with.
        audience: The audience tokens must be for.
    """

    keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    jwt_key: str | None = field(default=None, repr=False)
    audience: str | None = None

    @classmethod
    def from_environment(cls) -> "Access":
        """What the environment says.

        Raises:
            ConfigError: When a file cannot be used, or a key is too short.
        """
        keys = os.environ.get(KEYS_VARIABLE)
        jwt_key = os.environ.get(JWT_VARIABLE)
        return cls(
            _keys(Path(keys)) if keys else {},
            _jwt_key(jwt_key) if jwt_key else None,
            os.environ.get(AUDIENCE_VARIABLE) or None,
        )

    @property
    def open(self) -> bool:
        """Whether callers have nothing to show."""
        return not self.keys and self.jwt_key is None

    def owner(self, headers: Mapping[str, str]) -> str:
        """Whose call it is.

        Args:
            headers: The call's headers; names in lower case.

        Raises:
            AccessError: When the call has no key or token, or one that does not hold.
        """
        if self.open:
            return ANYBODY
        scheme, _, token = headers.get("authorization", "").partition(" ")
        shown = headers.get("x-api-key") or (token.strip() if scheme.lower() == "bearer" else "")
        if not shown:
            msg = "This server asks for a key: send it as `x-api-key`, or a token as `Authorization: Bearer ...`."
            raise AccessError(msg)
        found = [owner for owner, key in self.keys.items() if hmac.compare_digest(_digest(key), _digest(shown))]
        if found:
            return found[0]
        if self.jwt_key is not None and shown.count(".") == 2:
            return self._subject(shown)
        msg = "This server does not know that key."
        raise AccessError(msg)

    def _subject(self, token: str) -> str:
        # The kind of our key decides, never the token: a public key must not be taken for a shared secret.
        public = "BEGIN" in (self.jwt_key or "")
        algorithms = ["RS256", "ES256", "EdDSA"] if public else ["HS256"]
        try:
            claims = jwt.decode(
                token,
                self.jwt_key or "",
                algorithms=algorithms,
                audience=self.audience,
                options={"require": ["exp", "sub"], "verify_aud": self.audience is not None},
            )
        except (jwt.PyJWTError, ValueError) as error:
            msg = f"The token does not hold: {error}."
            raise AccessError(msg) from error
        return str(claims["sub"])


def is_public(path: str) -> bool:
    """Whether a path needs no key: health and metrics, and the operator's page itself, without what runs have seen."""
    return path in _PUBLIC or path.startswith("/ui/")


def is_loopback(host: str) -> bool:
    """Whether a name or an address is this machine's own."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


def _jwt_key(said: str) -> str:
    """The secret or the public key: what is said, or what stands in the file it names."""
    key = said
    if "BEGIN" not in said:
        try:
            key = Path(said).expanduser().read_text(encoding="utf-8").strip()
        except (OSError, RuntimeError, UnicodeDecodeError) as error:
            if _PATH.match(said) or isinstance(error, UnicodeDecodeError | PermissionError):
                # Never what was said: it may be a secret.
                reason = getattr(error, "strerror", None) or error.args[0]
                msg = (
                    f"{JWT_VARIABLE} names a file that cannot be read as text ({reason}); "
                    "a secret that looks like a path goes into a file of its own."
                )
                raise ConfigError(msg) from error
    if "BEGIN" not in key and len(key.encode()) < 32:
        msg = f"{JWT_VARIABLE} is too short: a secret needs 32 bytes; or name a file with a public key."
        raise ConfigError(msg)
    if "BEGIN" in key:
        try:
            load_pem_public_key(key.encode())
        except (ValueError, UnsupportedAlgorithm) as error:
            msg = f"{JWT_VARIABLE} holds no public key: it takes a whole PEM file that begins with BEGIN PUBLIC KEY."
            raise ConfigError(msg) from error
    return key


def _keys(path: Path) -> dict[str, str]:
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        msg = f"{KEYS_VARIABLE} names {path}, which cannot be read: {str(error).splitlines()[0]}"
        raise ConfigError(msg) from error
    if not isinstance(found, dict) or not found or not all(isinstance(key, str) for key in found.values()):
        msg = f"{path} must hold one key for each owner, such as `alice: a-long-random-text`."
        raise ConfigError(msg)
    for owner, key in found.items():
        if len(key) < _SHORTEST:
            msg = f"The key of {owner!r} in {path} is shorter than {_SHORTEST} characters."
            raise ConfigError(msg)
    return {str(owner): key for owner, key in found.items()}
