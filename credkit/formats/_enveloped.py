"""What JOSE, SD-JWT and COSE share: the payload is the document, and registered claims agree with it.

A registered claim that says something else than the document is refused: two stories under one signature.

Spec: VC-JOSE-COSE #securing-the-vc-data-model
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from credkit.credential import context_version
from credkit.errors import MalformedValueError
from credkit.formats._sd_jwt import claimed_time
from credkit.ports import JSONObject, Signer
from credkit.shape import id_of, optional_member, parse_date_time

VC_CONTENT: Final = "vc"
VP_CONTENT: Final = "vp"
_REGISTERED = frozenset({"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "nonce", "cnf"})


@dataclass(frozen=True)
class Token:
    """What a token says, before or after its signature was checked.

    Attributes:
        document: The credential or presentation as a VCDM document, registered claims in their places.
        claims: The registered claims as they stand (``iss``, ``sub``, ``aud``, ``nonce`` …).
        is_presentation: Which of the two.
        key_id: ``kid`` of the header, None if absent.
    """

    document: JSONObject
    claims: JSONObject
    is_presentation: bool
    key_id: str | None


def content_of(is_presentation: bool) -> str:
    """The ``cty`` of the payload: ``vc`` or ``vp``."""
    return VP_CONTENT if is_presentation else VC_CONTENT


def header_of(signer: Signer, key_id: str | None, *, is_presentation: bool) -> dict[str, str]:
    """``kid``, the signer's verification method unless given, and ``cty``."""
    return {"kid": key_id or signer.verification_method, "cty": content_of(is_presentation)}


def for_request(document: JSONObject, nonce: str | None, audience: str | None) -> JSONObject:
    """A presentation with the claims that bind it to one request, as far as they are given."""
    claims = {"nonce": nonce, "aud": audience}
    return {**document, **{name: value for name, value in claims.items() if value is not None}}


def check_content(content: str | None, is_presentation: bool) -> None:
    """Raise ``MalformedValueError`` if ``cty`` is there and names another kind of payload than ``typ`` does."""
    wanted = content_of(is_presentation)
    if content not in (None, wanted, f"application/{wanted}"):
        raise MalformedValueError("the token says that it holds something of another kind", pointer="/cty")


def read_enveloped(payload: JSONObject, key_id: str | None, *, is_presentation: bool) -> Token:
    """The document of a payload that is one; ``vc`` and ``vp`` have no business in it.

    Raises:
        MalformedValueError: no VCDM 2.0 document, or a registered claim is of the wrong form or contradicts it.

    Spec: VC-JOSE-COSE #jose-header-parameters-jwt-claims
    """
    if "vc" in payload or "vp" in payload:
        raise MalformedValueError("the token wraps the document in a way that its kind does not have")
    document, claims = split(payload)
    if context_version(document) != "2.0":
        raise MalformedValueError("@context must begin with the credentials context", pointer="/@context")
    agree(claims, "iss", id_of(document.get("holder" if is_presentation else "issuer")))
    for name in ("nbf", "exp"):
        claimed_time(claims, name)
    _check_issued_at(claims)
    if not is_presentation:
        agree(claims, "jti", document.get("id"))
    return Token(document, claims, is_presentation, key_id)


def _check_issued_at(claims: JSONObject) -> None:
    """``iat`` decides nothing, so the dateTimeStamp that one library writes there may stand."""
    if isinstance(claims.get("iat"), str):
        parse_date_time(claims["iat"], at="/iat")
    else:
        claimed_time(claims, "iat")


def split(payload: JSONObject) -> tuple[JSONObject, JSONObject]:
    """The document of a payload, and the registered claims beside its members."""
    document = {name: value for name, value in payload.items() if name not in _REGISTERED}
    return document, {name: value for name, value in payload.items() if name in _REGISTERED}


def agree(claims: JSONObject, name: str, said: Any) -> None:
    """A registered claim that is there must be text and say what the document says (B09)."""
    claim = optional_member(claims, name, str)
    if claim is not None and claim != said:
        raise MalformedValueError("the token says something else than the document in it", pointer=f"/{name}")
