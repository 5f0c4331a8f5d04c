"""The first start of an issuer: its origin, its keys, its operator; and how it knows them again.

Key files are readable by their owner only. The issuer's identifier is the did:web of its origin.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from urllib.parse import urlsplit

from credkit.encoding import base64url_decode, base64url_encode, parse_json_object
from credkit.errors import ConfigError, CredkitError, StateError, UnsupportedError
from credkit.key_files import read_key_file, write_key_file
from credkit.keys import SoftwareSigner
from credkit.ports import Clock, Randomness
from credkit.proofs import BbsSigner
from credkit.shape import member
from credkit.x509 import OwnCertificate, read_own_certificate
from issuer.config import Config, check_origin
from issuer.services.office import BBS_FRAGMENT, SELECTIVE_FRAGMENT, WHOLE_FRAGMENT, Identity, Keys
from issuer.services.profiles import Profile, find_profile
from issuer.services.staff import OPERATOR
from issuer.store import Staff, Store

LANGUAGES = ("en", "es")
MAX_NAME_CHARACTERS = 200
_KEY_TYPES = {WHOLE_FRAGMENT: "Ed25519", SELECTIVE_FRAGMENT: "P-256"}
_SECRET_FILE = "office.key"
_SECRET_BYTES = 32


def initialise(config: Config, store: Store, clock: Clock, randomness: Randomness, *, origin: str,
               password_hash: str, name: str | None = None, wallets: Sequence[str] = (),
               language: str = "en", profile: str = "") -> Identity:
    """Make an issuer in an empty data folder: keys, status list, operator login.

    Args:
        password_hash: Of the operator's password, as ``ui.passwords`` makes it.
        profile: Name of one of ``services.profiles``, "" for none.

    Raises:
        ConfigError: an origin that may not be one, a name that is too long, or a language we do not write.
        StateError: there is one already; nothing is changed.
    """
    home = check_origin(origin, loopback_http=config.loopback_http)
    offered = tuple(dict.fromkeys(check_origin(each, loopback_http=config.loopback_http) for each in wallets))
    shown = " ".join((name or urlsplit(home).netloc).split())
    if len(shown) > MAX_NAME_CHARACTERS or language not in LANGUAGES:
        raise ConfigError("The name is too long or the language is not one we write.")
    identity = Identity(home, shown, language, offered)
    with store.reading() as unit:
        if unit.setting("origin") is not None:
            raise StateError("There is an issuer in this folder already. Nothing was changed.")
    _make_keys(config, randomness)
    with store.writing() as unit:
        if unit.setting("origin") is not None:
            raise StateError("There is an issuer in this folder already. Nothing was changed.")
        settings = {"origin": home, "name": shown, "language": language, "wallets": json.dumps(offered)}
        unit.add_settings(settings | ({"profile": profile} if profile else {}))
        unit.add_staff(Staff(OPERATOR, password_hash, OPERATOR))
        unit.add_list(1)
        unit.append_log(clock.now(), "founded", OPERATOR, identity.did)
    return identity


def load_identity(config: Config, store: Store) -> Identity:
    """Who this issuer is.

    Raises:
        ConfigError: ``init`` was never run here, or the origin does not fit the settings of today.
    """
    with store.reading() as unit:
        origin, name = unit.setting("origin"), unit.setting("name")
        language, wallets = unit.setting("language"), unit.setting("wallets")
    if origin is None or name is None:
        raise ConfigError("There is no issuer in this folder yet. Run backpack-issuer init first.")
    return Identity(check_origin(origin, loopback_http=config.loopback_http), name, language or "en",
                    tuple(json.loads(wallets or "[]")))


def load_profile(store: Store) -> Profile:
    """The profile that this issuer keeps to.

    Raises:
        ConfigError: one that this program does not know.
    """
    with store.reading() as unit:
        return find_profile(unit.setting("profile"))


def load_certificate(config: Config) -> OwnCertificate | None:
    """The certificate in the data folder and its key, or None.

    Raises:
        ConfigError: they cannot be read or do not belong together.
    """
    if not config.certificate_file.exists():
        return None
    return read_own_certificate(config.certificate_file.read_bytes(), read_key_file(config.certificate_key_file))


def load_keys(config: Config, identity: Identity, randomness: Randomness,
              certificate: OwnCertificate | None = None) -> Keys:
    """The office's private keys; the one for bbs-2023 is made when it is first looked for.

    Args:
        certificate: What the profile wants tokens to be signed with, if it does.

    Raises:
        ConfigError: a file is missing, readable by others, or damaged.
    """
    try:
        signers = [_load_signer(config, identity, fragment) for fragment in (WHOLE_FRAGMENT, SELECTIVE_FRAGMENT)]
        bbs = _bbs_signer(config, identity, randomness)
        secret = base64url_decode(read_key_file(config.keys_folder / _SECRET_FILE).decode("ascii", "replace").strip())
    except ConfigError:
        raise
    except CredkitError as error:
        raise ConfigError("A key file is damaged.") from error
    if len(secret) != _SECRET_BYTES:
        raise ConfigError("A key file is damaged.")
    return Keys(signers[0], signers[1], secret, bbs, certificate)


def _make_keys(config: Config, randomness: Randomness) -> None:
    try:
        config.keys_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError("The data folder cannot be written.") from error
    for fragment, key_type in _KEY_TYPES.items():
        secret = base64url_encode(SoftwareSigner.generate(key_type).secret)
        content = json.dumps({"type": key_type, "secret": secret}).encode()
        write_key_file(config.keys_folder / f"{fragment}.key", content)
    write_key_file(config.keys_folder / _SECRET_FILE, base64url_encode(randomness.token_bytes(_SECRET_BYTES)).encode())


def _bbs_signer(config: Config, identity: Identity, randomness: Randomness) -> BbsSigner | None:
    path = config.keys_folder / f"{BBS_FRAGMENT}.key"
    try:
        if not path.exists():
            secret = base64url_encode(BbsSigner.generate(randomness).secret)
            write_key_file(path, json.dumps({"type": BbsSigner.key_type, "secret": secret}).encode())
        key = parse_json_object(read_key_file(path))
        return BbsSigner(base64url_decode(member(key, "secret", str)), f"{identity.did}#{BBS_FRAGMENT}")
    except UnsupportedError:
        return None


def _load_signer(config: Config, identity: Identity, fragment: str) -> SoftwareSigner:
    key = parse_json_object(read_key_file(config.keys_folder / f"{fragment}.key"))
    if member(key, "type", str) != _KEY_TYPES[fragment]:
        raise ConfigError("A key file is damaged.")
    return SoftwareSigner.from_secret(_KEY_TYPES[fragment], base64url_decode(member(key, "secret", str)),
                                      verification_method=f"{identity.did}#{fragment}")
