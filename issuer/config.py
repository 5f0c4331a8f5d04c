"""What an issuer is told from outside: where its data lies, whether it is being developed, how long things live.

Environment: ``BACKPACK_DATA`` (folder), ``BACKPACK_DATABASE`` (URL, default SQLite in the folder),
``BACKPACK_LOOPBACK_HTTP=1`` (development: plain http to this machine only), ``BACKPACK_CONTACT`` (whom to ask for
help), ``BACKPACK_PROXIES`` (how many reverse proxies stand in front, default 0), ``BACKPACK_CA_FILE`` (certificates to
trust in place of the usual ones), ``BACKPACK_STRICT=1`` (refuse what wallets of older drafts do otherwise),
``BACKPACK_ATTESTERS`` (file of JWKs or PEM certificates: who may vouch for wallets and their keys),
``BACKPACK_ATTESTATION_REQUIRED=1`` (no wallet without that), ``BACKPACK_KEY_ATTESTATION_REQUIRED=1`` (no holder's key
without that). The data folder may hold the same in a file
(``credkit.settings_file``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from credkit.errors import ConfigError
from credkit.settings_file import with_settings_of

DEFAULT_DATA: Final = "issuer-data"
_REQUIRED: Final = ("BACKPACK_ATTESTATION_REQUIRED", "BACKPACK_KEY_ATTESTATION_REQUIRED")
_ORIGIN = re.compile(r"(https?)://(\[[0-9a-f:]+\]|[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::([0-9]{1,5}))?/?", re.ASCII)
_LOOPBACK: Final = ("localhost", "127.0.0.1", "[::1]")
_USUAL_PORTS: Final[Mapping[str, str]] = {"https": "443", "http": "80"}


@dataclass(frozen=True)
class Lifetimes:
    """How long things live (protocols.md "Lifetimes").

    Attributes:
        claim_s: The page named on a printed sheet, which makes a fresh offer whenever it is opened.
        offer_s: A pre-authorized code.
        tx_code_tries: Wrong transaction codes until the whole claim is dead.
        wrong_codes_hour, wrong_codes_day: Wrong transaction codes for all claims together, in an hour and in a day,
            until nothing is given out for the rest of it (security.md E02).
        wrong_codes_address: The same for one address in an hour.
        token_s: An access token, also one bound to a key.
        pushed_s: A pushed authorization request. ``page_s``: the page that asks a person. ``code_s``: the code.
        nonce_s: A ``c_nonce``, which is also good only once.
        pass_tries: Wrong codes until a pass is dead.
        app_code_s: A code of the Open Badges API. ``app_token_s``: an access token of it.
        app_unused_s: A program's registration that nobody used. ``app_s``: one that was used, from its last use on.
        status_list_s: How long a signed list of taken-back records says it is valid; it is signed anew at half of this.
    """

    claim_s: int = 30 * 24 * 60 * 60
    offer_s: int = 10 * 60
    tx_code_tries: int = 5
    wrong_codes_hour: int = 100
    wrong_codes_day: int = 500
    wrong_codes_address: int = 30
    token_s: int = 5 * 60
    pushed_s: int = 5 * 60
    page_s: int = 20 * 60
    code_s: int = 2 * 60
    nonce_s: int = 5 * 60
    pass_tries: int = 10
    app_code_s: int = 60
    app_token_s: int = 60 * 60
    app_unused_s: int = 24 * 60 * 60
    app_s: int = 365 * 24 * 60 * 60
    status_list_s: int = 60 * 60


@dataclass(frozen=True)
class Config:
    """Read once at the start.

    Attributes:
        data: Folder of the database and the key files.
        database_url: SQLAlchemy URL.
        loopback_http: The development setting: only origins on this machine, plain http admitted.
        contact: Whom to ask for help, shown on every page, or None.
        proxies: How many reverse proxies in front set ``X-Forwarded-For``.
        ca_file: PEM file of certificate authorities to trust in place of the usual ones.
        strict: Refuse departures from the specification (``services.compat``).
        attesters: File of those who may vouch for wallets (``services.attesters``), or None.
        attestation_required: Whether a wallet that nobody of them vouches for is refused.
        key_attestation_required: Whether a holder's key that nobody of them vouches for is refused.
    """

    data: Path
    database_url: str
    loopback_http: bool = False
    contact: str | None = None
    proxies: int = 0
    ca_file: str | None = None
    strict: bool = False
    attesters: Path | None = None
    attestation_required: bool = False
    key_attestation_required: bool = False
    lifetimes: Lifetimes = field(default_factory=Lifetimes)

    @property
    def keys_folder(self) -> Path:
        """Private keys and the office secret, one file each, readable by their owner only."""
        return self.data / "keys"

    @property
    def certificate_file(self) -> Path:
        """The certificate that names the office, and those that vouch for it; there is none unless ``init`` was given
        one. A newer one may be put in its place."""
        return self.data / "certificate.pem"

    @property
    def certificate_key_file(self) -> Path:
        """The private key of the certificate."""
        return self.keys_folder / "certificate.key"


def from_environ(environ: Mapping[str, str], *, data: str | Path | None = None) -> Config:
    """The configuration that ``environ`` describes.

    Args:
        data: The folder, where the command line names one; else ``BACKPACK_DATA``, else ``issuer-data`` here.

    Raises:
        ConfigError: a setting cannot be read.
    """
    folder = Path(data or environ.get("BACKPACK_DATA") or DEFAULT_DATA)
    environ = with_settings_of(folder, environ)
    proxies = environ.get("BACKPACK_PROXIES") or "0"
    if not proxies.isascii() or not proxies.isdigit() or int(proxies) > 9:
        raise ConfigError("BACKPACK_PROXIES must be a small whole number.")
    attesters = environ.get("BACKPACK_ATTESTERS")
    required = [environ.get(name, "") == "1" for name in _REQUIRED]
    if any(required) and not attesters:
        raise ConfigError("To demand attestations, say in BACKPACK_ATTESTERS who may make them.")
    return Config(
        data=folder,
        database_url=environ.get("BACKPACK_DATABASE") or f"sqlite:///{folder.absolute() / 'issuer.sqlite3'}",
        loopback_http=environ.get("BACKPACK_LOOPBACK_HTTP", "") == "1",
        contact=environ.get("BACKPACK_CONTACT") or None,
        proxies=int(proxies),
        ca_file=environ.get("BACKPACK_CA_FILE") or None,
        strict=environ.get("BACKPACK_STRICT", "") == "1",
        attesters=Path(attesters) if attesters else None,
        attestation_required=required[0],
        key_attestation_required=required[1],
    )


def check_origin(origin: str, *, loopback_http: bool) -> str:
    """``origin`` as ``scheme://host[:port]``, if an issuer may be there.

    Raises:
        ConfigError: no origin; plain http without the development setting; another host than this machine with it.
    """
    match = _ORIGIN.fullmatch(origin.strip().lower())
    if match is None or int(match[3] or 443) not in range(1, 65536):
        raise ConfigError("The origin must look like https://school.example, without a path.")
    scheme, host, port = match.groups()
    if loopback_http and host not in _LOOPBACK:
        raise ConfigError("With BACKPACK_LOOPBACK_HTTP the origin must be on localhost.")
    if not loopback_http and scheme != "https":
        raise ConfigError("The origin must begin with https://.")
    return f"{scheme}://{host}" + (f":{int(port)}" if port and port != _USUAL_PORTS[scheme] else "")
