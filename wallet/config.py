"""What a wallet is told from outside: where its data lies, where its pages are, whether it is being developed.

Environment: ``BACKPACK_DATA`` (folder), ``BACKPACK_DATABASE`` (URL, default SQLite in the folder), ``BACKPACK_ORIGIN``
    (address of the pages, default ``http://localhost:8103``), ``BACKPACK_LOOPBACK_HTTP=1`` (development: plain http to
    this machine only), ``BACKPACK_CA_FILE`` (certificates to trust in place of the usual ones),
    ``BACKPACK_TRUST_ANCHORS`` (PEM file of certificates whose word about who asks, or who signs, counts beside the
    web's own), ``BACKPACK_HAIP_LINKS=1`` (links ``haip-vci:`` and ``haip-vp:`` are taken too),
    ``BACKPACK_WALLET_CERTIFICATE`` and ``BACKPACK_WALLET_CERTIFICATE_KEY`` (PEM: with what whoever runs the wallet
    vouches for it), ``BACKPACK_PROXIES``
    (how many proxies stand in front, default 0). The data folder may hold the same in a file
    (``credkit.settings_file``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from credkit.errors import ConfigError
from credkit.http import parse_origin
from credkit.settings_file import with_settings_of

DEFAULT_DATA: Final = "wallet-data"
DEFAULT_ORIGIN: Final = "http://localhost:8103"
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Lifetimes:
    """How long things live (protocols.md "Lifetimes").

    Attributes:
        session_idle_s: An unlocked session that is not used locks itself.
        session_warning_s: How long before that the page warns.
    """

    session_idle_s: int = 15 * 60
    session_warning_s: int = 2 * 60


@dataclass(frozen=True)
class GuessCost:
    """What one guess at the passphrase costs (Argon2id): RFC 9106's second recommendation."""

    memory_kib: int = 65_536
    passes: int = 3
    lanes: int = 4


@dataclass(frozen=True)
class Config:
    """Read once at the start.

    Attributes:
        data: Folder of the database and of the secret that signs page sessions.
        database_url: SQLAlchemy URL.
        origin: Address of the pages, ``https://host`` or plain http on this machine.
        loopback_http: The development setting: only this machine, plain http admitted for issuers and verifiers too.
        ca_file: PEM file of certificate authorities to trust in place of the usual ones.
        anchors_file: PEM file of certificates that may vouch for names beside the web's own authorities.
        haip_links: Links for wallets of the high assurance profile are taken too.
        provider_files: Certificate and key (PEM) with which whoever runs this wallet vouches for it, or None.
        trusted_proxies: How many proxies in front set ``X-Forwarded-For``.
    """

    data: Path
    database_url: str
    origin: str = DEFAULT_ORIGIN
    loopback_http: bool = False
    ca_file: str | None = None
    anchors_file: str | None = None
    haip_links: bool = False
    provider_files: tuple[Path, Path] | None = None
    trusted_proxies: int = 0
    lifetimes: Lifetimes = field(default_factory=Lifetimes)
    guess_cost: GuessCost = field(default_factory=GuessCost)

    @property
    def session_key_file(self) -> Path:
        """The secret that signs the page cookie (language, form tokens); it opens nothing of the vault."""
        return self.data / "session.key"

    @property
    def host_key_file(self) -> Path:
        """The key that signs the list of taken-back family credentials; it opens nothing of the vault."""
        return self.data / "host.key"


def from_environ(environ: Mapping[str, str], *, data: str | Path | None = None,
                 origin: str | None = None) -> Config:
    """The configuration that ``environ`` describes.

    Args:
        data, origin: Where the command line names them, which counts more.

    Raises:
        ConfigError: a setting cannot be read, or plain http to another machine.
    """
    folder = Path(data or environ.get("BACKPACK_DATA") or DEFAULT_DATA)
    environ = with_settings_of(folder, environ)
    loopback_http = environ.get("BACKPACK_LOOPBACK_HTTP", "") == "1"
    proxies = environ.get("BACKPACK_PROXIES") or "0"
    if not proxies.isascii() or not proxies.isdigit() or int(proxies) > 8:
        raise ConfigError("BACKPACK_PROXIES must be a small whole number")
    return Config(
        data=folder,
        database_url=environ.get("BACKPACK_DATABASE") or f"sqlite:///{folder.absolute() / 'wallet.sqlite3'}",
        origin=check_origin(origin or environ.get("BACKPACK_ORIGIN") or DEFAULT_ORIGIN, loopback_http=loopback_http),
        loopback_http=loopback_http,
        ca_file=environ.get("BACKPACK_CA_FILE") or None,
        anchors_file=environ.get("BACKPACK_TRUST_ANCHORS") or None,
        haip_links=environ.get("BACKPACK_HAIP_LINKS", "") == "1",
        provider_files=_provider(environ),
        trusted_proxies=int(proxies),
    )


def _provider(environ: Mapping[str, str]) -> tuple[Path, Path] | None:
    named = [environ.get(name) for name in ("BACKPACK_WALLET_CERTIFICATE", "BACKPACK_WALLET_CERTIFICATE_KEY")]
    if not any(named):
        return None
    if not named[0] or not named[1]:
        raise ConfigError("BACKPACK_WALLET_CERTIFICATE and BACKPACK_WALLET_CERTIFICATE_KEY belong together")
    return Path(named[0]), Path(named[1])


def check_origin(origin: str, *, loopback_http: bool) -> str:
    """``origin`` as ``scheme://host[:port]``, if the pages may be there.

    A wallet at home serves plain http to its own machine; that needs no setting, for nobody else can reach it.

    Raises:
        ConfigError: no origin; plain http on another host; another host than this machine with the development setting.
    """
    text = origin.strip().lower().removesuffix("/")
    try:
        at_home = urlsplit(text).hostname in _LOOPBACK
    except ValueError as error:
        raise ConfigError("the origin must look like https://wallet.example.org") from error
    return parse_origin(text, allow_loopback=loopback_http or at_home)
