"""Credentials and presentations as JWS, SD-JWT or COSE, alone or in a ``data:`` URL, judged by the same checks.

The signature covers the bytes, so inline contexts are read as they stand. Which key signed is decided by the document's
issuer or holder, never by what the token brings along (security.md B02).

Spec: VC-JOSE-COSE #processing-model; VC-DATA-MODEL-2.0 #enveloped-verifiable-credentials; OB-3.0 #jwt-proof
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from credkit.credential import ENVELOPED_CREDENTIAL, ENVELOPED_PRESENTATION, V2_CONTEXT
from credkit.encoding import base64_decode
from credkit.errors import (
    CredkitError,
    DataLossError,
    MalformedValueError,
    UnsupportedError,
    VocabularyUnknownError,
)
from credkit.formats import cose_vc, jwt_vc, vc_sd_jwt
from credkit.formats.jwt_vc import Token
from credkit.jose import VerifyingKey, peek_header
from credkit.jsonld import Dataset
from credkit.ports import JSONObject
from credkit.profiles import clr_2, endorsement, openbadges_3
from credkit.shape import as_list, id_of, types_of
from credkit.verification._keys import FoundKey, find_badge_key, find_key
from credkit.verification._proof import Secured, tell_vocabulary, walk
from credkit.verification._run import Run, attempt, key_not_known
from credkit.verification.report import Check, passed

_DATA_URL = re.compile(r"data:application/([a-z0-9.+-]+)(?:;base64|;base64url)?,([A-Za-z0-9_.~+/=-]+)", re.ASCII)
_MEDIA_TYPES = {
    ENVELOPED_CREDENTIAL: (jwt_vc.VC_TYP, "vc-ld+jwt", "jwt", vc_sd_jwt.VC_TYP, "vc+cose"),
    ENVELOPED_PRESENTATION: (jwt_vc.VP_TYP, "vp-ld+jwt", "jwt", vc_sd_jwt.VP_TYP, "vp+cose"),
}
_WITH_TYP = (jwt_vc.VC_TYP, jwt_vc.VP_TYP, vc_sd_jwt.VC_TYP, vc_sd_jwt.VP_TYP)
_BADGES = (openbadges_3.is_mine, clr_2.is_mine, endorsement.is_mine)


class SecuredToken(NamedTuple):
    """A token that was taken apart, and what is known of its signature."""

    token: Token
    secured: Secured


def is_enveloped(document: Any, kind: str) -> bool:
    """Whether ``document`` says that it is an envelope of ``kind``; it may still be malformed."""
    return isinstance(document, dict) and kind in as_list(document.get("type"))


def open_envelope(document: JSONObject, kind: str) -> str | bytes:
    """The token in the ``data:`` URL of an enveloped credential or presentation.

    Raises:
        MalformedValueError: the envelope is not of its form, or the token is not of the kind that the envelope names.
        UnsupportedError: a media type that we do not speak.

    Spec: VC-DATA-MODEL-2.0 #enveloped-verifiable-credentials, #enveloped-verifiable-presentations
    """
    if V2_CONTEXT not in as_list(document.get("@context")):
        raise MalformedValueError("an envelope needs the credentials context", pointer="/@context")
    if types_of(document) != (kind,):
        raise MalformedValueError("an envelope has one type", pointer="/type")
    url = document.get("id")
    if not isinstance(url, str) or not url.startswith("data:"):
        raise MalformedValueError("an envelope's id must be a data URL", pointer="/id")
    match = _DATA_URL.fullmatch(url)
    if match is None or match[1] not in _MEDIA_TYPES[kind]:
        raise UnsupportedError("what is in the envelope is of a kind that we do not speak")
    media, content = match.groups()
    if media.endswith("+cose"):
        return base64_decode(content)
    if media in _WITH_TYP and peek_header(content.partition("~")[0]).get("typ", media) != media:
        raise MalformedValueError("the envelope names another kind of token than it holds", pointer="/id")
    return content


def token_of(entry: JSONObject | str | bytes) -> str | bytes:
    """The token that a credential is, or has in its envelope.

    Raises:
        MalformedValueError, UnsupportedError: see ``open_envelope``.
    """
    return entry if isinstance(entry, (str, bytes)) else open_envelope(entry, ENVELOPED_CREDENTIAL)


def peek_inside(entry: JSONObject | str) -> JSONObject:
    """What a token or an enveloped credential says, before trust; any other document is given back as it is."""
    if isinstance(entry, dict) and not is_enveloped(entry, ENVELOPED_CREDENTIAL):
        return entry
    try:
        return _take_apart(token_of(entry)).token.document
    except CredkitError:
        return {}


def read_token(secured: str | bytes, run: Run, *, presentation: bool) -> SecuredToken:
    """Take a token apart and judge its signature.

    Args:
        presentation: Which of the two it must be.

    Raises:
        MalformedValueError, ParsingError, CryptographicSecurityError, TooComplexError: it is none.
    """
    header, token, verify = _take_apart(secured)
    if token.is_presentation is not presentation:
        raise MalformedValueError("a record was expected and a presentation came, or the other way round")
    found = _found_key(header, token, run)
    walked = walk(_without_tokens(token.document), run, covers_bytes=True)
    checks = (_vocabulary(walked, is_plain=jwt_vc.is_plain_json(secured)), _proof(found, verify))
    signer = found if isinstance(found, CredkitError) else found.controller
    return SecuredToken(token, Secured(checks, (signer,), place="/kid", partial=vc_sd_jwt.FORMAT.is_mine(secured)))


def _vocabulary(walked: Dataset | CredkitError, *, is_plain: bool) -> Check:
    """The check ``vocabulary``; a token of plain JSON needs no context to say what its signature covers (OID4VP-1.0
    #jwt_vc, "not using JSON-LD")."""
    if is_plain and isinstance(walked, (DataLossError, VocabularyUnknownError)):
        return passed("vocabulary")
    return tell_vocabulary(walked)


class _Parts(NamedTuple):
    """A token before trust: its header, what it says, and the check of its signature."""

    header: JSONObject
    token: Token
    verify: Callable[[VerifyingKey], Token]


def _take_apart(secured: str | bytes) -> _Parts:
    if isinstance(secured, bytes):
        token = cose_vc.peek_token(secured)
        header: JSONObject = {} if token.key_id is None else {"kid": token.key_id}
        return _Parts(header, token, lambda key: cose_vc.verify_token(secured, key))
    if vc_sd_jwt.FORMAT.is_mine(secured):
        sd_jwt = vc_sd_jwt.parse_sd_jwt(secured)
        return _Parts(peek_header(sd_jwt.jwt), vc_sd_jwt.peek_token(sd_jwt),
                      lambda key: vc_sd_jwt.verify_token(sd_jwt, key))
    token = jwt_vc.peek_token(secured)
    return _Parts(peek_header(secured), token,
                  lambda key: jwt_vc.verify_token(secured, key, allow_rs256=_is_badge(token)))


def _without_tokens(document: JSONObject) -> JSONObject:
    """Tokens among the presented records say nothing in JSON-LD; each is judged by itself."""
    entries = document.get("verifiableCredential")
    if not isinstance(entries, list):
        return document
    return {**document, "verifiableCredential": [entry for entry in entries if not isinstance(entry, str)]}


def _found_key(header: JSONObject, token: Token, run: Run) -> FoundKey | CredkitError:
    owner = id_of(token.document.get("holder" if token.is_presentation else "issuer")) or token.claims.get("iss")
    try:
        if _is_badge(token):
            return find_badge_key(header, owner, run)
        return find_key(header, owner, run, "authentication" if token.is_presentation else "assertionMethod")
    except CredkitError as error:
        return error


def _is_badge(token: Token) -> bool:
    return not token.is_presentation and any(is_mine(token.document) for is_mine in _BADGES)


def _proof(found: FoundKey | CredkitError, verify: Callable[[VerifyingKey], Token]) -> Check:
    if isinstance(found, CredkitError):
        return key_not_known(found)

    def act() -> None:
        verify(found.key)

    return attempt("proof", act)
