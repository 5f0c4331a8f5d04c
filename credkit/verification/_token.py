"""Credentials and presentations as compact JWS, alone or in a ``data:`` URL, judged by the same checks.

The signature covers the bytes, so inline contexts are read as they stand. Which key signed is decided by the document's
issuer or holder, never by what the token brings along (security.md B02).

Spec: VC-JOSE-COSE #processing-model; VC-DATA-MODEL-2.0 #enveloped-verifiable-credentials; OB-3.0 #jwt-proof
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from credkit.credential import V2_CONTEXT
from credkit.errors import CredkitError, MalformedValueError, UnsupportedError
from credkit.formats.jwt_vc import VC_TYP, VP_TYP, Token, peek_token, verify_token
from credkit.jose import peek_header
from credkit.ports import JSONObject
from credkit.profiles import clr_2, endorsement, openbadges_3
from credkit.shape import as_list, id_of, types_of
from credkit.verification._keys import FoundKey, find_badge_key, find_key
from credkit.verification._proof import Secured, tell_vocabulary, walk
from credkit.verification._run import Run, attempt, key_not_known
from credkit.verification.report import Check

ENVELOPED_CREDENTIAL = "EnvelopedVerifiableCredential"
ENVELOPED_PRESENTATION = "EnvelopedVerifiablePresentation"
_DATA_URL = re.compile(r"data:(application/[a-z0-9.+-]+)(;base64url)?,([A-Za-z0-9_.~-]+)", re.ASCII)
_MEDIA_TYPES = {
    ENVELOPED_CREDENTIAL: ("application/vc+jwt", "application/vc-ld+jwt", "application/jwt"),
    ENVELOPED_PRESENTATION: ("application/vp+jwt", "application/vp-ld+jwt", "application/jwt"),
}
_WITH_TYP = {"application/vc+jwt": VC_TYP, "application/vp+jwt": VP_TYP}
_BADGES = (openbadges_3.is_mine, clr_2.is_mine, endorsement.is_mine)


class SecuredToken(NamedTuple):
    """A token that was taken apart, and what is known of its signature."""

    token: Token
    secured: Secured


def is_enveloped(document: Any, kind: str) -> bool:
    """Whether ``document`` says that it is an envelope of ``kind``; it may still be malformed."""
    return isinstance(document, dict) and kind in as_list(document.get("type"))


def open_envelope(document: JSONObject, kind: str) -> str:
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
    if match[1] in _WITH_TYP and peek_header(match[3]).get("typ", _WITH_TYP[match[1]]) != _WITH_TYP[match[1]]:
        raise MalformedValueError("the envelope names another kind of token than it holds", pointer="/id")
    return match[3]


def token_of(entry: JSONObject | str) -> str | None:
    """The compact JWS that a presented credential is, or has in its envelope; None if it is neither.

    Raises:
        MalformedValueError, UnsupportedError: see ``open_envelope``.
    """
    if isinstance(entry, str):
        return entry
    return open_envelope(entry, ENVELOPED_CREDENTIAL) if is_enveloped(entry, ENVELOPED_CREDENTIAL) else None


def peek_inside(entry: JSONObject | str) -> JSONObject:
    """What a token or an enveloped credential says, before trust; any other document is given back as it is."""
    try:
        text = token_of(entry)
        return peek_token(text).document if text is not None else entry if isinstance(entry, dict) else {}
    except CredkitError:
        return entry if isinstance(entry, dict) else {}


def read_token(text: Any, run: Run, *, presentation: bool) -> SecuredToken:
    """Take a token apart and judge its signature.

    Args:
        presentation: Which of the two it must be.

    Raises:
        MalformedValueError, ParsingError, CryptographicSecurityError, TooComplexError: it is none.
    """
    header, token = peek_header(text), peek_token(text)
    if token.is_presentation is not presentation:
        raise MalformedValueError("a record was expected and a presentation came, or the other way round")
    found = _found_key(header, token, run)
    walked = walk(_without_tokens(token.document), run, covers_bytes=True)
    checks = (tell_vocabulary(walked), _proof(text, found, token))
    return SecuredToken(token, Secured(checks, (found if isinstance(found, CredkitError) else found.controller,),
                                       place="/kid"))


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


def _proof(text: str, found: FoundKey | CredkitError, token: Token) -> Check:
    if isinstance(found, CredkitError):
        return key_not_known(found)

    def act() -> None:
        verify_token(text, found.key, allow_rs256=_is_badge(token))

    return attempt("proof", act)
