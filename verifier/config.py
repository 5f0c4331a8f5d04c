"""What a verifier is told from outside: where its data lies, whether it is being developed, how long things live.

Environment: ``BACKPACK_DATA`` (folder), ``BACKPACK_DATABASE`` (URL, default SQLite in the folder),
    ``BACKPACK_LOOPBACK_HTTP=1`` (development: plain http to this machine only), ``BACKPACK_CA_FILE`` (certificates to
    trust besides the usual ones), ``BACKPACK_RESULT_HOURS`` (how long a report is kept, default 24),
    ``BACKPACK_TRUST_ANCHORS`` (PEM file of certificates that may vouch for signers' names,
    beside the web's own authorities),
    ``BACKPACK_STRICT=1`` (refuse what wallets of older drafts do otherwise).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from credkit.errors import ConfigError
from credkit.http import parse_origin
from credkit.settings_file import with_settings_of

MAX_RESULT_HOURS: Final = 24 * 366


@dataclass(frozen=True)
class Lifetimes:
    """How long things live (protocols.md "Lifetimes").

    Attributes:
        unopened_s: A request nobody has opened yet.
        answer_s: From the first opening: time to read and answer; "more time" adds as much again.
        longest_s: However often more time is asked for, a request ends this long after it was made.
        transfer_s: A request to another school; ten days is what the Military Compact gives it.
        result_s: A report; then it is removed.
        status_list_s: A status list nobody looked at any more.
    """

    unopened_s: int = 120
    answer_s: int = 20 * 60
    longest_s: int = 4 * 60 * 60
    transfer_s: int = 10 * 24 * 60 * 60
    result_s: int = 24 * 60 * 60
    status_list_s: int = 30 * 24 * 60 * 60


@dataclass(frozen=True)
class Config:
    """Read once at the start.

    Attributes:
        data: Folder of the database and the key files.
        database_url: SQLAlchemy URL.
        loopback_http: The development setting: only origins on this machine, plain http admitted.
        ca_file: PEM file of certificate authorities to trust in place of the usual ones.
        anchors_file: PEM file of certificates that may vouch for names of signers, beside the web's authorities.
        strict: Refuse departures from the specification (``services.compat``).
    """

    data: Path
    database_url: str
    loopback_http: bool = False
    ca_file: str | None = None
    anchors_file: str | None = None
    strict: bool = False
    lifetimes: Lifetimes = field(default_factory=Lifetimes)

    @property
    def signing_key_file(self) -> Path:
        """The private key that signs requests."""
        return self.data / "signing.key"

    @property
    def certificate_file(self) -> Path:
        """The certificate that may name the verifier, and those that vouch for it; there is none unless ``init`` was
        given one. A newer one may be put in its place."""
        return self.data / "certificate.pem"

    @property
    def certificate_key_file(self) -> Path:
        """The private key of the certificate."""
        return self.data / "certificate.key"

    @property
    def session_key_file(self) -> Path:
        """The secret that signs session cookies."""
        return self.data / "session.key"


def from_environ(environ: Mapping[str, str], *, data: str | Path | None = None) -> Config:
    """The configuration that ``environ`` describes.

    Args:
        data: The folder, where the command line names one; else ``BACKPACK_DATA``.

    Raises:
        ConfigError: a setting is missing or cannot be read.
    """
    named = data or environ.get("BACKPACK_DATA")
    if not named:
        raise ConfigError("The data folder is not named; set BACKPACK_DATA.")
    folder = Path(named)
    environ = with_settings_of(folder, environ)
    database = environ.get("BACKPACK_DATABASE") or f"sqlite:///{folder.absolute() / 'verifier.sqlite3'}"
    return Config(
        data=folder,
        database_url=database,
        loopback_http=environ.get("BACKPACK_LOOPBACK_HTTP", "") == "1",
        ca_file=environ.get("BACKPACK_CA_FILE") or None,
        anchors_file=environ.get("BACKPACK_TRUST_ANCHORS") or None,
        strict=environ.get("BACKPACK_STRICT", "") == "1",
        lifetimes=Lifetimes(result_s=_hours(environ.get("BACKPACK_RESULT_HOURS", "24")) * 3600),
    )


def check_origin(origin: str, *, loopback_http: bool) -> str:
    """``origin`` as ``scheme://host[:port]``, if a verifier may be there; a slash at the end and capitals are forgiven.

    Raises:
        ConfigError: no origin; plain http without the development setting; another host than this machine with it.
    """
    return parse_origin(origin.strip().lower().removesuffix("/"), allow_loopback=loopback_http)


def _hours(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= MAX_RESULT_HOURS:
        raise ConfigError("BACKPACK_RESULT_HOURS must be a whole number of hours.")
    return int(text)
