"""Share links of our own: ``{origin}/s/{id}#{secret}``. Who keeps the file cannot read it, who has the link can.

The secret (256 bits) stands in the fragment, which no browser sends. One half of what is derived from it gives access
to the sealed file, the other half opens it; the host keeps a hash of the first and the sealed file, and nothing else.

A program fetches with ``POST {origin}/s/{id}`` and the form ``access=…``; the answer is the sealed file as it is, or
the same 404 for links that are unknown, too old, used up or taken back.

Spec: none; RFC5869 #section-2 (HKDF-SHA-256), RFC3986 #section-3.5; security.md F06
"""

from __future__ import annotations

import hmac
import json
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from credkit.encoding import base64url_decode, base64url_encode, parse_json_object, sha256
from credkit.errors import ParsingError, ProofVerificationError, TooComplexError
from credkit.ports import JSONObject, Randomness
from credkit.protocols._reading import form_body, form_parameters, origin_of

SEALED_CONTENT_TYPE = "application/octet-stream"
MAX_SEALED_BYTES = 4 * 1024 * 1024
MAX_LINK_CHARACTERS = 512
_ID_BYTES = 16
_SECRET_BYTES = 32
_NONCE_BYTES = 12
_ACCESS_INFO = b"backpack-share-v1 access"
_SEAL_INFO = b"backpack-share-v1 seal"
_PATH = re.compile(r"/s/([A-Za-z0-9_-]{22})")


@dataclass(frozen=True)
class ShareLink:
    """A link as it was read or made.

    Attributes:
        origin: ``https://host[:port]`` (http on this machine's loopback).
        id: 22 characters of base64url; the host knows it.
        secret: 32 bytes; the host never sees them.
    """

    origin: str
    id: str
    secret: bytes

    @property
    def url(self) -> str:
        """The link as people pass it on."""
        return f"{self.address}#{base64url_encode(self.secret)}"

    @property
    def address(self) -> str:
        """The link without its secret: what is asked of the host."""
        return f"{self.origin}/s/{self.id}"

    @property
    def access(self) -> str:
        """What the host asks for before it hands out the sealed file: 43 characters of base64url."""
        return base64url_encode(_derive(self, _ACCESS_INFO))


def new_share_link(origin: str, randomness: Randomness) -> ShareLink:
    """A fresh link on ``origin``."""
    return ShareLink(origin_of(origin), base64url_encode(randomness.token_bytes(_ID_BYTES)),
                     randomness.token_bytes(_SECRET_BYTES))


def is_share_link(text: str) -> bool:
    """Whether ``text`` can be read as a share link."""
    try:
        parse_share_link(text)
    except ParsingError:
        return False
    return True


def parse_share_link(text: str) -> ShareLink:
    """Read a link that somebody pasted; white space around it does not matter.

    Raises:
        ParsingError: not a share link, or cut short.
    """
    text = text.strip() if isinstance(text, str) else ""
    address, mark, fragment = text.partition("#")
    if len(text) > MAX_LINK_CHARACTERS or not mark:
        raise ParsingError("this is not a whole share link")
    origin = origin_of(address)
    parts = urlsplit(address)
    path = _PATH.fullmatch(parts.path)
    secret = base64url_decode(fragment)
    if path is None or parts.query or "?" in address or len(secret) != _SECRET_BYTES:
        raise ParsingError("this is not a whole share link")
    base64url_decode(path[1])
    return ShareLink(origin, path[1], secret)


def build_access_form(link: ShareLink) -> bytes:
    """The body of ``POST {link.address}``, ``application/x-www-form-urlencoded``."""
    return form_body({"access": link.access}).encode("ascii")


def parse_access_form(body: bytes) -> str:
    """The access value of a request; an empty one if there is none that could be right.

    Raises:
        ParsingError, TooComplexError: the body is no form.
    """
    access = form_parameters(body).get("access", "")
    return access if re.fullmatch(r"[A-Za-z0-9_-]{43}", access) else ""


def access_digest(access: str) -> bytes:
    """What a host keeps instead of the access value: its SHA-256."""
    return sha256(access.encode("utf-8"))


def may_fetch(access: str, digest: bytes) -> bool:
    """Whether ``access`` is the value with this ``access_digest``; takes the same time for every wrong one."""
    return hmac.compare_digest(access_digest(access), digest)


def seal(document: JSONObject, link: ShareLink, randomness: Randomness) -> bytes:
    """Nonce ‖ ciphertext ‖ tag (AES-256-GCM) of ``document``, bound to the id of ``link``.

    Raises:
        TooComplexError: more than 4 MiB.
    """
    plaintext = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    if len(plaintext) + _NONCE_BYTES + 16 > MAX_SEALED_BYTES:
        raise TooComplexError("this is too much for one link; choose fewer records")
    nonce = randomness.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(_derive(link, _SEAL_INFO)).encrypt(nonce, plaintext, link.id.encode("ascii"))


def open_sealed(sealed: bytes, link: ShareLink) -> JSONObject:
    """The document that ``seal`` put in.

    Raises:
        ProofVerificationError: another link's file, or changed bytes.
        ParsingError, TooComplexError: what was sealed is no JSON object.
    """
    try:
        plaintext = AESGCM(_derive(link, _SEAL_INFO)).decrypt(
            sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], link.id.encode("ascii"))
    except (InvalidTag, ValueError) as error:
        raise ProofVerificationError("what this link leads to was changed, or belongs to another link") from error
    return parse_json_object(plaintext)


def _derive(link: ShareLink, info: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=link.id.encode("ascii"), info=info).derive(link.secret)
