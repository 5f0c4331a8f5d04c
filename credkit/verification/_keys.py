"""Whose key signed a token: by a DID URL, or by what an https issuer publishes at its well-known address.

A token's header names a key, it never brings one (security.md B02). What is returned says whose key it is; whether that
is the named issuer is the caller's check.

Spec: draft-ietf-oauth-sd-jwt-vc-18 #section-3.5; VC-JOSE-COSE #kid
"""

from __future__ import annotations

from typing import Any, NamedTuple

from credkit.encoding import parse_json_object
from credkit.errors import CryptographicSecurityError, FetchError, MalformedValueError, UnsupportedError
from credkit.http import check_url
from credkit.jose import VerifyingKey
from credkit.keys import public_key_from_jwk
from credkit.ports import JSONObject
from credkit.shape import member, optional_member
from credkit.verification._run import Run

_WELL_KNOWN = "/.well-known/jwt-vc-issuer"
_MAX_KEYS = 100


class FoundKey(NamedTuple):
    """A key and the identifier of whoever controls it."""

    key: VerifyingKey
    controller: str


def find_issuer_key(header: JSONObject, issuer: str | None, run: Run) -> FoundKey:
    """The key that a token's header names, for ``assertionMethod``.

    Args:
        issuer: ``iss`` of the token, or None.

    Raises:
        UnsupportedError: the key is named in a way that we do not speak.
        FetchError, DidError, MalformedValueError: where it should be, it is not.
    """
    key_id = optional_member(header, "kid", str)
    if key_id is not None and key_id.startswith(("did:", "https:")) and "#" in key_id:
        method = run.method(key_id, "assertionMethod")
        return FoundKey(method.public_key, method.controller)
    if issuer is not None and issuer.startswith("did:"):
        if key_id is None:
            raise UnsupportedError("the token does not say which of its issuer's keys signed it")
        method = run.method(f"{issuer}#{key_id.removeprefix('#')}", "assertionMethod")
        return FoundKey(method.public_key, method.controller)
    if issuer is not None and issuer.startswith(("https:", "http:")) and "x5c" not in header:
        return FoundKey(_published_key(issuer, key_id, run), issuer)
    raise UnsupportedError("the key that signed this is named in a way we do not speak")


def _published_key(issuer: str, key_id: str | None, run: Run) -> VerifyingKey:
    """A key from the issuer's metadata (draft-ietf-oauth-sd-jwt-vc-18 #section-4)."""
    # Only to take it apart: whether it may be asked on this machine is the fetcher's business.
    target = check_url(issuer, allow_loopback=True)
    metadata = _fetch(target.origin + _WELL_KNOWN + target.path.rstrip("/"), run)
    if member(metadata, "issuer", str) != issuer:
        raise CryptographicSecurityError("what stands at the issuer's address belongs to somebody else")
    address = optional_member(metadata, "jwks_uri", str)
    keys = member(_fetch(address, run) if address is not None else member(metadata, "jwks", dict), "keys", list)
    if len(keys) > _MAX_KEYS:
        raise MalformedValueError("the issuer publishes too many keys", pointer="/keys")
    fitting = [key for key in keys if isinstance(key, dict) and (key_id is None or key.get("kid") == key_id)]
    if len(fitting) != 1:
        raise UnsupportedError("the issuer does not publish one key that the token means")
    return public_key_from_jwk(fitting[0])


def _fetch(url: Any, run: Run) -> JSONObject:
    response = run.environment.fetcher.get(url, accept="application/json")
    if response.status != 200:
        raise FetchError("the issuer's keys could not be had")
    return parse_json_object(response.body)
