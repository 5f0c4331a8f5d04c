"""Whose key signed a token: by a DID URL, or by what an https issuer publishes at its well-known address.

A token's header names a key, it never brings one (security.md B02). What is returned says whose key it is; whether that
is the named issuer is the caller's check.

Spec: draft-ietf-oauth-sd-jwt-vc-18 #section-3.5; VC-JOSE-COSE #kid
"""

from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import urlsplit

from credkit.encoding import parse_json_object
from credkit.errors import (
    CryptographicSecurityError,
    FetchError,
    IssuerNotTrusted,
    MalformedValueError,
    UnsupportedError,
)
from credkit.http import check_url
from credkit.jose import VerifyingKey, rsa_public_key_from_jwk, thumbprint
from credkit.keys import public_key_from_jwk
from credkit.ports import JSONObject
from credkit.shape import member, optional_member
from credkit.verification._run import Run
from credkit.x509 import hash_of, verify_chain

_WELL_KNOWN = "/.well-known/jwt-vc-issuer"
_JWKS = "/.well-known/jwks.json"
_MAX_KEYS = 100


class FoundKey(NamedTuple):
    """A key and the identifier of whoever controls it."""

    key: VerifyingKey
    controller: str


def find_key(header: JSONObject, owner: str | None, run: Run, relationship: str = "assertionMethod") -> FoundKey:
    """The key that a token's header names by a DID URL, or the only one that a did:key or did:jwk has.

    Args:
        owner: The token's issuer or holder, or None.
        relationship: What the key must be for.

    Raises:
        UnsupportedError: the key is named in a way that we do not speak.
        FetchError, DidError, MalformedValueError: where it should be, it is not.
    """
    key_id = optional_member(header, "kid", str)
    if key_id is not None and key_id.startswith(("did:", "https:")) and "#" in key_id:
        return _method(key_id, run, relationship)
    if owner is not None and owner.startswith("did:"):
        fragment = key_id.removeprefix("#") if key_id is not None else _only_fragment(owner)
        return _method(f"{owner}#{fragment}", run, relationship)
    raise UnsupportedError("the key that signed this is named in a way we do not speak")


def find_issuer_key(header: JSONObject, issuer: str | None, run: Run) -> FoundKey:
    """The key of an SD-JWT VC's header, for ``assertionMethod``: by DID, from the issuer's metadata, or from a
    certificate for the issuer's address that somebody trusted vouches for.

    Args:
        issuer: ``iss`` of the token, or None.

    Raises:
        CryptographicSecurityError: what stands at the issuer's address is somebody else's.
        Expired, NotYetValid: the certificate is.
        UnsupportedError, FetchError, DidError, MalformedValueError: see ``find_key``.
    """
    key_id = optional_member(header, "kid", str)
    named_by_url = key_id is not None and key_id.startswith(("did:", "https:")) and "#" in key_id
    if not named_by_url and _is_web(issuer) and "x5c" not in header:
        return FoundKey(_published_key(str(issuer), key_id, run), str(issuer))
    if not named_by_url and "x5c" in header and (issuer is None or _is_web(issuer)):
        return _certified_key(header, issuer, run)
    return find_key(header, issuer, run)


def _certified_key(header: JSONObject, issuer: str | None, run: Run) -> FoundKey:
    """The key of the certificate, and the issuer if the certificate names it; else whom it names
    (draft-ietf-oauth-sd-jwt-vc-18 #section-3.5).
    """
    try:
        certificate = verify_chain(header["x5c"], run.environment.anchors, run.now)
    except IssuerNotTrusted as error:
        raise UnsupportedError("nobody who is trusted here vouches for the signer's certificate") from error
    hosts = tuple(f"https://{name}" for name in certificate.dns_names)
    if issuer is not None and (issuer in certificate.uris or f"https://{urlsplit(issuer).hostname}" in hosts):
        return FoundKey(certificate.public_key, issuer)
    nobody = f"urn:x509:{hash_of(certificate.der)}"
    return FoundKey(certificate.public_key, next(iter((*certificate.uris, *hosts)), nobody))


def find_badge_key(header: JSONObject, issuer: str | None, run: Run) -> FoundKey:
    """The key of an Open Badges JWS: among the keys that the host of the issuer's https address publishes, or by DID.

    A ``jwk`` in the header says no more than which of them is meant.

    Raises:
        UnsupportedError, FetchError, DidError, MalformedValueError: see ``find_key``.

    Spec: OB-3.0 #jwt-proof; requirements.md §2.4 (key provenance)
    """
    if not _is_web(issuer):
        return find_key(header, issuer, run)
    origin = check_url(str(issuer), allow_loopback=True).origin
    key_id = optional_member(header, "kid", str)
    if key_id is not None and key_id.startswith(origin + "/"):
        return FoundKey(_read_key(_key_at(key_id, run)), str(issuer))
    keys = _keys_of(_fetch(origin + _JWKS, run))
    meant = optional_member(header, "jwk", dict)
    fitting = [key for key in keys if (key_id is None or key.get("kid") == key_id)
               and (meant is None or thumbprint(key) == thumbprint(meant))]
    return FoundKey(_read_key(_the_only(fitting)), str(issuer))


def _is_web(owner: str | None) -> bool:
    return owner is not None and owner.startswith(("https:", "http:"))


def _only_fragment(did: str) -> str:
    """The fragment of the one key that the DID is made of."""
    for prefix, fragment in (("did:key:", did.removeprefix("did:key:")), ("did:jwk:", "0")):
        if did.startswith(prefix):
            return fragment
    raise UnsupportedError("the token does not say which of its signer's keys signed it")


def _method(url: str, run: Run, relationship: str) -> FoundKey:
    method = run.method(url, relationship)
    return FoundKey(method.public_key, method.controller)


def _published_key(issuer: str, key_id: str | None, run: Run) -> VerifyingKey:
    """A key from the issuer's metadata (draft-ietf-oauth-sd-jwt-vc-18 #section-4)."""
    # Only to take it apart: whether it may be asked on this machine is the fetcher's business.
    target = check_url(issuer, allow_loopback=True)
    metadata = _fetch(target.origin + _WELL_KNOWN + target.path.rstrip("/"), run)
    if member(metadata, "issuer", str) != issuer:
        raise CryptographicSecurityError("what stands at the issuer's address belongs to somebody else")
    address = optional_member(metadata, "jwks_uri", str)
    keys = _keys_of(_fetch(address, run) if address is not None else member(metadata, "jwks", dict))
    return public_key_from_jwk(_the_only([key for key in keys if key_id is None or key.get("kid") == key_id]))


def _key_at(url: str, run: Run) -> JSONObject:
    """The JWK that a URL leads to; the fragment, if there is one, names a key of a set."""
    address, _, fragment = url.partition("#")
    found = _fetch(address, run)
    if "keys" not in found:
        return found
    return _the_only([key for key in _keys_of(found) if key.get("kid") in (url, fragment)])


def _keys_of(key_set: JSONObject) -> list[JSONObject]:
    keys = member(key_set, "keys", list)
    if len(keys) > _MAX_KEYS:
        raise MalformedValueError("the issuer publishes too many keys", pointer="/keys")
    return [key for key in keys if isinstance(key, dict)]


def _the_only(fitting: list[JSONObject]) -> JSONObject:
    if len(fitting) != 1:
        raise UnsupportedError("the issuer does not publish one key that the token means")
    return fitting[0]


def _read_key(jwk: JSONObject) -> VerifyingKey:
    return rsa_public_key_from_jwk(jwk) if jwk.get("kty") == "RSA" else public_key_from_jwk(jwk)


def _fetch(url: Any, run: Run) -> JSONObject:
    response = run.environment.fetcher.get(url, accept="application/json")
    if response.status != 200:
        raise FetchError("the issuer's keys could not be had")
    return parse_json_object(response.body)
