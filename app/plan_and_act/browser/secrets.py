"""Values that models never see: they write `<secret:password>`, and the value is filled in when the browser types it.

A secret is bound to origins: on any other page its placeholder is refused, so that a page cannot talk the agent into
typing it elsewhere. Values live in this process only; they are not serialised.
"""

import base64
import html
import json
import logging
import os
import re
import stat
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import quote, quote_plus

import yaml

from plan_and_act.browser.policy import OriginPattern, is_private_host, origin_text, split_origin
from plan_and_act.errors import ConfigError, SecretError

_log = logging.getLogger(__name__)
_PLACEHOLDER = re.compile(r"<secret:([^<>\s]{1,100})>")
_NAME = re.compile(r"[^<>\s:]{1,100}")

SHORT = 4
"""Below this length a value is redacted only where it stands alone: `7` is in every other number of a page."""


class Secret:
    """A value and the origins it may be typed on.

    Args:
        value: The value itself.
        origins: Patterns like those of `OriginPolicy`. Without a scheme https is meant (and http on this machine or a
            private network, where no certificate can be had).

    Raises:
        ConfigError: When the value is empty or no origin is named.
    """

    __slots__ = ("_patterns", "_value", "origins")

    def __init__(self, value: str, origins: list[str] | tuple[str, ...] | str) -> None:
        self.origins = (origins,) if isinstance(origins, str) else tuple(origins)
        if not value or not self.origins:
            msg = "A secret needs a value and at least one origin it may be typed on."
            raise ConfigError(msg)
        self._value = value
        self._patterns = tuple(OriginPattern.parse(origin) for origin in self.origins)

    def fits(self, url: str) -> bool:
        """Whether the secret may be typed on a page or frame with this URL."""
        origin = split_origin(url)
        if origin is None:
            return False
        scheme, host, port = origin
        return any(
            pattern.fits(host, port, scheme) and (pattern.scheme or scheme == "https" or is_private_host(host))
            for pattern in self._patterns
        )

    def reveal(self) -> str:
        """The value."""
        return self._value

    def __repr__(self) -> str:
        return f"Secret(origins={list(self.origins)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and (self._value, self.origins) == (other._value, other.origins)

    def __hash__(self) -> int:
        return hash(self.origins)

    def __copy__(self) -> "Secret":
        return self

    def __deepcopy__(self, memo: object) -> "Secret":
        return self

    def __reduce__(self) -> NoReturn:
        msg = "A secret is not serialised."
        raise TypeError(msg)


class Secrets:
    """The secrets of a session, by name.

    Args:
        secrets: `Secret`s by name; a name has no spaces, colons or angle brackets.

    Raises:
        ConfigError: When a name cannot be used in a placeholder.
    """

    def __init__(self, secrets: Mapping[str, Secret] | None = None) -> None:
        self._secrets = dict(secrets or {})
        for name in self._secrets:
            if not _NAME.fullmatch(name):
                msg = f"{name!r} is no name for a secret: no spaces, colons or angle brackets, at most 100 characters."
                raise ConfigError(msg)

    @classmethod
    def load(cls, path: Path) -> "Secrets":
        """Read a YAML or JSON file of `name: {value: ..., origins: [...]}`.

        Raises:
            ConfigError: When the file cannot be read or has another form; the message holds none of its values.
        """
        try:
            if path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
                _log.warning("%s holds secrets and can be read by others; chmod 600 it", path)
            content = yaml.safe_load(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeError) as error:
            msg = f"The secrets file {path} cannot be read: {getattr(error, 'strerror', None) or 'it is not UTF-8'}."
            raise ConfigError(msg) from error
        except yaml.YAMLError as error:
            line = getattr(getattr(error, "problem_mark", None), "line", None)
            where = f" (line {line + 1})" if line is not None else ""
            msg = f"The secrets file {path} is neither YAML nor JSON{where}."
            # The parser's own message quotes the file.
            raise ConfigError(msg) from None
        return cls({name: _entry(path, name, entry) for name, entry in _mapping(path, content).items()})

    @classmethod
    def from_environment(cls) -> "Secrets":
        """The secrets of the file that `PLAN_AND_ACT_SECRETS` names; none when it is not set.

        Raises:
            ConfigError: As `load`.
        """
        path = os.environ.get("PLAN_AND_ACT_SECRETS")
        return cls.load(Path(path)) if path else cls()

    def names(self) -> list[str]:
        """The names, for prompts."""
        return list(self._secrets)

    def fill(self, text: str, url: str) -> str:
        """Put values in the place of placeholders, for the very call that types the text.

        Args:
            text: Text with any number of `<secret:NAME>`.
            url: The URL of the page, or of the frame whose field is typed into.

        Raises:
            SecretError: When a name is not known or its secret may not be typed there; nothing is filled in then.
        """
        return _PLACEHOLDER.sub(lambda match: self._allowed(match[1], url).reveal(), text)

    def redact(self, text: str) -> str:
        """Put placeholders in the place of values: plain, or escaped for HTML, JSON or URLs, or in base64.

        Redact before text is shortened: half a value is not recognised.
        """
        if not self._forms or not text:
            return text
        return self._finder.sub(lambda match: f"<secret:{self._forms[match[0]]}>", text)

    @cached_property
    def _forms(self) -> dict[str, str]:
        forms: dict[str, str] = {}
        for name, secret in self._secrets.items():
            for form in _forms_of(secret.reveal()):
                forms.setdefault(form, name)
        return forms

    @cached_property
    def _finder(self) -> re.Pattern[str]:
        # The longest first: a value may be part of another.
        forms = sorted(self._forms, key=len, reverse=True)
        return re.compile(
            "|".join(rf"(?<!\w){re.escape(form)}(?!\w)" if len(form) < SHORT else re.escape(form) for form in forms)
        )

    def _allowed(self, name: str, url: str) -> Secret:
        secret = self._secrets.get(name)
        if secret is None:
            known = ", ".join(self._secrets) or "none"
            msg = f"There is no secret named {name!r} (known: {known})."
            raise SecretError(msg)
        if not secret.fits(url):
            origin = split_origin(url)
            here = origin_text(origin[1], origin[2], origin[0]) if origin else url[:100]
            msg = f"The secret {name!r} may not be typed on {here}, only on {', '.join(secret.origins)}."
            raise SecretError(msg)
        return secret

    def __bool__(self) -> bool:
        return bool(self._secrets)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secrets) and self._secrets == other._secrets

    def __hash__(self) -> int:
        return hash(tuple(self._secrets))

    def __repr__(self) -> str:
        return f"Secrets({self.names()!r})"


def _forms_of(value: str) -> set[str]:
    """The value and the ways in which pages, URLs and JSON spell it."""
    forms = {
        value,
        " ".join(value.split()),
        html.escape(value),
        html.escape(value, quote=False),
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        quote(value, safe=""),
        quote(value),
        quote_plus(value),
    }
    if len(value) >= SHORT:
        data = value.encode()
        forms |= {base64.b64encode(data).decode().rstrip("="), base64.urlsafe_b64encode(data).decode().rstrip("=")}
    return forms - {""}


def _mapping(path: Path, content: Any) -> dict[str, Any]:
    if content is None:
        return {}
    if not isinstance(content, dict) or not all(isinstance(name, str) for name in content):
        msg = f"The secrets file {path} must map names to {{value: ..., origins: [...]}}."
        raise ConfigError(msg)
    return content


def _entry(path: Path, name: str, entry: Any) -> Secret:
    origins = entry.get("origins") if isinstance(entry, dict) else None
    origins = [origins] if isinstance(origins, str) else origins
    value = entry.get("value") if isinstance(entry, dict) else None
    numeric = isinstance(value, int) and not isinstance(value, bool)
    if not (isinstance(value, str) or numeric) or not isinstance(origins, list) or set(entry) - {"value", "origins"}:
        msg = f"{name!r} in the secrets file {path} must be {{value: ..., origins: [...]}}, and nothing else."
        raise ConfigError(msg)
    return Secret(str(value), [str(origin) for origin in origins])
