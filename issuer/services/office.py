"""What every service of the office stands on: who it is, its keys, its store, and the ports to the outside."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from typing import Any

from credkit.dids import Resolver, build_did_document, did_web_of
from credkit.encoding import base64url_encode
from credkit.errors import StateError
from credkit.jsonld import Processor
from credkit.keys import BLS12_381_G2, PublicKey, SoftwareSigner
from credkit.ports import Clock, Fetcher, JSONObject, Randomness
from credkit.profiles import openbadges_3
from credkit.proofs import BbsSigner
from credkit.x509 import OwnCertificate
from issuer.config import Config
from issuer.services.profiles import Profile
from issuer.store import Person, Store, Unit

WHOLE_FRAGMENT = "ed25519"
SELECTIVE_FRAGMENT = "p256"
BBS_FRAGMENT = "bls12-381"
_SECRET_BYTES = 32
_RELATIONSHIPS: tuple[str, ...] = ("assertionMethod", "authentication")


@dataclass(frozen=True)
class Identity:
    """Who this issuer is.

    Attributes:
        origin: ``scheme://host[:port]``; also the credential issuer identifier of OpenID4VCI.
        name: What the school or tutor is called.
        language: Language of the texts we write into records: ``en`` or ``es``.
        wallets: Origins of the wallets whose addresses the pages offer as buttons.
    """

    origin: str
    name: str
    language: str = "en"
    wallets: tuple[str, ...] = ()

    @property
    def did(self) -> str:
        """The did:web of the origin."""
        return did_web_of(self.origin)

    def profile(self) -> openbadges_3.Profile:
        """The issuer as it stands in a credential."""
        return openbadges_3.Profile(self.did, self.name, self.origin)


@dataclass(frozen=True)
class Keys:
    """The office's private keys.

    Attributes:
        whole: Ed25519, for proofs over whole documents (``eddsa-rdfc-2022``).
        selective: P-256, for base proofs (``ecdsa-sd-2023``).
        bbs: BLS12-381, for base proofs of ``bbs-2023``; None where the extra ``bbs`` is not installed.
        secret: 32 bytes from which codes and links are derived, so that the database holds none of them.
        certificate: Under a profile that demands it: the office's certificate with its key.
    """

    whole: SoftwareSigner
    selective: SoftwareSigner
    secret: bytes = field(repr=False)
    bbs: BbsSigner | None = None
    certificate: OwnCertificate | None = None

    @property
    def tokens(self) -> SoftwareSigner:
        """What signs SD-JWTs, their status lists and signed metadata."""
        return self.selective if self.certificate is None else self.certificate.signer

    def token_header(self, key_id: str) -> JSONObject:
        """How such a token names its key: by the certificate if there is one, else by ``key_id``."""
        return {"kid": key_id} if self.certificate is None else {"x5c": self.certificate.x5c}

    def derive(self, purpose: str, subject: str) -> bytes:
        """32 bytes that only this office can compute for ``subject``."""
        return hmac.digest(self.secret, f"{purpose}|{subject}".encode(), "sha256")

    def link_secret(self, purpose: str, subject: str) -> str:
        """An unguessable text for a link or code, 256 bits."""
        return base64url_encode(self.derive(purpose, subject))


@dataclass(frozen=True)
class Office:
    """One issuer at work; a role's services take it as their only argument."""

    config: Config
    identity: Identity
    keys: Keys
    store: Store
    clock: Clock
    randomness: Randomness
    processor: Processor
    resolver: Resolver
    fetcher: Fetcher
    profile: Profile

    def did_document(self) -> JSONObject:
        """What stands at ``/.well-known/did.json``."""
        methods = [(WHOLE_FRAGMENT, self.keys.whole.public_key, _RELATIONSHIPS),
                   (SELECTIVE_FRAGMENT, self.keys.selective.public_key, _RELATIONSHIPS)]
        if self.keys.bbs is not None:
            methods.append((BBS_FRAGMENT, PublicKey(BLS12_381_G2.name, self.keys.bbs.public_key),
                            _RELATIONSHIPS[:1]))
        return build_did_document(self.identity.did, methods)

    def new_secret(self) -> str:
        """256 random bits for a link, code, token or nonce that is kept as ``hash_secret`` of it only."""
        return base64url_encode(self.randomness.token_bytes(_SECRET_BYTES))

    def new_id(self) -> str:
        """A random 128-bit identifier for rows and links."""
        first, *rest = self.randomness.token_bytes(16)
        return base64url_encode(bytes((first & 0x7F, *rest)))  # begins with a letter, never like an option


def digest_of(value: Any) -> str:
    """SHA-256 (hex) of a JSON value in one spelling."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def existing_student(unit: Unit, student_id: str) -> Person:
    """A student by our own id.

    Raises:
        StateError: there is none.
    """
    person = unit.find_student(student_id)
    if person is None:
        raise StateError("There is no such student.")
    return person


def hash_secret(text: str) -> str:
    """SHA-256 (hex) of a link secret, code, token or nonce: all that the database keeps of it."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
