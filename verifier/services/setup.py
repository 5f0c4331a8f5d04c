"""The first start of a verifier: its origin, its signing key, its operator; and how it knows them again.

Key files are readable by their owner only. The verifier's identifier is the did:web of its origin.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from credkit.dids import build_did_document, did_web_of
from credkit.encoding import base64url_decode, base64url_encode, parse_json_object
from credkit.errors import ConfigError, CredkitError, StateError
from credkit.key_files import read_key_file, write_key_file
from credkit.keys import SoftwareSigner
from credkit.ports import JSONObject, Randomness
from credkit.shape import member
from verifier.config import Config, check_origin
from verifier.store import Store

KEY_TYPE = "P-256"
KEY_FRAGMENT = "p256"
OPERATOR = "operator"
MAX_NAME_CHARACTERS = 100


@dataclass(frozen=True)
class Identity:
    """Who this verifier is.

    Attributes:
        origin: ``scheme://host[:port]``.
        name: What the office calls itself: on its pages and in its requests.
        wallets: Origins of the wallets whose addresses the pages offer as buttons.
    """

    origin: str
    name: str
    wallets: tuple[str, ...] = ()

    @property
    def chosen_name(self) -> str | None:
        """The name if the office has given itself one; None where it is the host, which proves itself."""
        return None if self.name == urlsplit(self.origin).netloc else self.name

    @property
    def did(self) -> str:
        """The did:web of the origin."""
        return did_web_of(self.origin)

    @property
    def verification_method(self) -> str:
        """The DID URL of the key that signs requests."""
        return f"{self.did}#{KEY_FRAGMENT}"

    @property
    def client_id(self) -> str:
        """The identifier on the wire; its prefix is part of it (OPENID4VP #name-defined-client-identifier-p)."""
        return f"decentralized_identifier:{self.did}"

    def did_document(self, signer: SoftwareSigner) -> JSONObject:
        """What stands at ``/.well-known/did.json``: one key, for authentication and assertions."""
        return build_did_document(self.did, [(KEY_FRAGMENT, signer.public_key, ("authentication", "assertionMethod"))])


def initialise(
    config: Config,
    store: Store,
    randomness: Randomness,
    *,
    origin: str,
    name: str | None = None,
    wallets: Sequence[str] = (),
    password_hash: str,
    profile: str = "",
) -> Identity:
    """Make a verifier in an empty data folder.

    Args:
        name: What the office calls itself; the host of its origin if None.
        password_hash: Of the operator's password, as ``ui.passwords`` makes it.
        profile: Name of one of ``services.profiles``, "" for none.

    Raises:
        ConfigError: an origin that may not be one, or a name longer than 100 characters.
        StateError: there is one already; nothing is changed.
    """
    home = check_origin(origin, loopback_http=config.loopback_http)
    identity = Identity(
        home,
        _check_name(name or urlsplit(home).netloc),
        tuple(dict.fromkeys(check_origin(wallet, loopback_http=config.loopback_http) for wallet in wallets)),
    )
    if store.setting("origin") is not None:
        raise StateError("There is a verifier in this folder already; nothing was changed.")
    signer = SoftwareSigner.generate(KEY_TYPE)
    write_key_file(
        config.signing_key_file, json.dumps({"type": KEY_TYPE, "secret": base64url_encode(signer.secret)}).encode()
    )
    write_key_file(config.session_key_file, base64url_encode(randomness.token_bytes(32)).encode())
    settings = {"origin": identity.origin, "name": identity.name, "wallets": json.dumps(identity.wallets)}
    settings |= {"profile": profile} if profile else {}
    if not store.begin_settings(settings, OPERATOR, password_hash):
        raise StateError("There is a verifier in this folder already; nothing was changed.")
    return identity


def load_identity(config: Config, store: Store) -> Identity:
    """Who this verifier is.

    Raises:
        ConfigError: ``init`` was never run here, or the origin does not fit the settings of today.
    """
    origin = store.setting("origin")
    if origin is None:
        raise ConfigError("There is no verifier in this folder yet; run backpack-verifier init first.")
    home = check_origin(origin, loopback_http=config.loopback_http)
    wallets = tuple(json.loads(store.setting("wallets") or "[]"))
    return Identity(home, store.setting("name") or urlsplit(home).netloc, wallets)


def load_signer(config: Config, identity: Identity) -> SoftwareSigner:
    """The key that signs requests.

    Raises:
        ConfigError: its file is missing, readable by others, or damaged.
    """
    document = read_key_file(config.signing_key_file)
    try:
        key = parse_json_object(document)
        secret = base64url_decode(member(key, "secret", str))
        return SoftwareSigner.from_secret(
            member(key, "type", str), secret, verification_method=identity.verification_method
        )
    except CredkitError as error:
        raise ConfigError("The signing key file is damaged.") from error


def load_session_key(config: Config) -> bytes:
    """The secret that signs session cookies, 32 bytes.

    Raises:
        ConfigError: its file is missing, readable by others, or damaged.
    """
    try:
        return base64url_decode(read_key_file(config.session_key_file).decode("ascii", "replace").strip())
    except CredkitError as error:
        raise ConfigError("The session key file is damaged.") from error


def _check_name(name: str) -> str:
    shown = " ".join("".join(mark if mark.isprintable() else " " for mark in name).split())
    if not 1 <= len(shown) <= MAX_NAME_CHARACTERS:
        raise ConfigError("The name must have 1 to 100 characters.")
    return shown
