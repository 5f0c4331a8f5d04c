"""Which URLs may be fetched, decided on the text alone, before any name is looked up.

What another reader could take for another host is refused: user information, backslashes, numbers in any spelling,
characters outside ASCII, a trailing dot.

Spec: RFC3986; security.md D01
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from credkit.errors import ConfigError, UnsafeUrlError

LOOPBACK_HOSTS: Final = ("localhost", "127.0.0.1", "[::1]")
_MAX_URL_CHARACTERS = 4096
_URL = re.compile(
    r"(?P<scheme>[a-z]+)://(?P<host>\[[0-9a-f:.]+\]|[A-Za-z0-9.-]+)(?P<port>:[0-9]{1,5})?"
    r"(?P<target>(?:/[A-Za-z0-9\-._~!$&'()*+,;=:@/%]*)?(?:\?[A-Za-z0-9\-._~!$&'()*+,;=:@/?%]*)?)"
)
_BAD_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_PRIVATE_NAMES = frozenset({"localhost", "local", "localdomain", "internal", "intranet", "private", "corp", "home",
                            "lan", "arpa", "onion"})


@dataclass(frozen=True)
class Target:
    """A URL that may be fetched, taken apart. ``host`` is lower case, without brackets; ``path`` begins with ``/``."""

    url: str
    scheme: str
    host: str
    port: int
    path: str
    is_loopback: bool

    @property
    def authority(self) -> str:
        """Host and, unless it is the scheme's own, port: what stands in the ``Host`` header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _default_port(self.scheme) else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """``scheme://authority``, no slash at the end."""
        return f"{self.scheme}://{self.authority}"


def check_url(url: Any, *, allow_loopback: bool = False) -> Target:
    """Take a URL apart if it may be fetched: https, port 443, a public name.

    Args:
        allow_loopback: Development: also http or https to localhost, 127.0.0.1 or [::1] on any port.

    Raises:
        UnsafeUrlError: anything else.
    """
    match = _URL.fullmatch(url) if isinstance(url, str) and len(url) <= _MAX_URL_CHARACTERS else None
    if match is None or _BAD_PERCENT.search(match["target"]):
        raise UnsafeUrlError("the address is not a plain https address")
    scheme, host = match["scheme"], match["host"].lower()
    port = int(match["port"][1:]) if match["port"] else _default_port(scheme)
    loopback = host in LOOPBACK_HOSTS
    if not (allow_loopback and loopback and scheme in ("http", "https") and 0 < port < 65536):
        _check_public(scheme, host, port)
    path = match["target"] if match["target"].startswith("/") else "/" + match["target"]
    return Target(str(url), scheme, host.strip("[]"), port, path, loopback)


def is_public_host_name(host: str) -> bool:
    """Whether ``host`` (lower case) is a name of two labels or more, no number, and in no private zone."""
    labels = host.split(".")
    if len(host) > 253 or len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels):
        return False
    return not _NUMBER.fullmatch(labels[-1]) and labels[-1] not in _PRIVATE_NAMES


def parse_origin(text: Any, *, allow_loopback: bool = False) -> str:
    """The origin a role serves, in its one spelling: ``https://host`` or, in development, loopback with a port.

    Raises:
        ConfigError: a path, query or slash at the end; plain http without the development setting; with the setting,
            anything but loopback.
    """
    try:
        target = check_url(text, allow_loopback=allow_loopback)
    except UnsafeUrlError as error:
        raise ConfigError("the origin must be an https address of a public host, without a path") from error
    if target.origin != text:
        raise ConfigError("the origin must be scheme and host only, in lower case, without a slash at the end")
    if allow_loopback and not target.is_loopback:
        raise ConfigError("the development setting admits an origin on this machine only")
    return target.origin


def _check_public(scheme: str, host: str, port: int) -> None:
    if scheme != "https" or port != 443:
        raise UnsafeUrlError("only https addresses on the usual port are fetched")
    if not is_public_host_name(host):
        raise UnsafeUrlError("the address does not name a public host")


def _default_port(scheme: str) -> int:
    return 80 if scheme == "http" else 443
