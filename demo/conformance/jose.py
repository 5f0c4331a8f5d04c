"""``python -m demo.conformance jose issue|verify``: one credential or presentation, secured with JOSE, SD-JWT or COSE.

The key is the one given; ``kid`` is its thumbprint and chooses nothing. No clock unless ``--now`` is given.

Spec: VC-JOSE-COSE; conformance.md "Commands"
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import contexts
from credkit.credential import (
    ENVELOPED_CREDENTIAL,
    V2_CONTEXT,
    check_credential,
    check_presentation,
    validity_period,
)
from credkit.encoding import base64_decode, base64_encode
from credkit.environment import SystemRandomness
from credkit.errors import DataLossError, MalformedValueError, ParsingError, UnsupportedError
from credkit.formats import cose_vc, jwt_vc, sd_jwt_vc, vc_sd_jwt
from credkit.formats.jwt_vc import Token
from credkit.jose import peek_header, thumbprint
from credkit.jsonld import Processor
from credkit.keys import PublicKey, SoftwareSigner, public_key_from_jwk
from credkit.ports import JSONObject
from credkit.shape import as_list, member, parse_date_time, pointer, types_of
from demo.conformance.commands import read_object, write_result
from demo.conformance.profile import load_with_examples

_SECRET = "d"
_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")

Paths = Sequence[vc_sd_jwt.Path]
Sign = Callable[[JSONObject, SoftwareSigner, Paths, str], str]
Verify = Callable[[str, PublicKey], Token]


@dataclass(frozen=True)
class Feature:
    """One of the six ways to secure a document; what is signed is text."""

    is_presentation: bool
    sign: Sign
    verify: Verify


def run(arguments: Sequence[str]) -> None:
    """Read the files, do what is asked, and write the result; a wrong command line ends with 2."""
    parser = argparse.ArgumentParser(prog="python -m demo.conformance jose", description=__doc__)
    parser.add_argument("act", choices=("issue", "verify"))
    parser.add_argument("--input", type=Path, required=True, help="a JSON document, or what was signed")
    parser.add_argument("--key", type=Path, required=True, help="a JsonWebKey verification method")
    parser.add_argument("--feature", required=True, help=", ".join(FEATURES))
    parser.add_argument("--sd", action="append", default=[], metavar="POINTERS",
                        help="what can be kept back: JSON pointers, as a JSON array or separated by commas")
    parser.add_argument("--now", metavar="TIME", help="check the dates too, as if it were this moment")
    parser.add_argument("--output", type=Path, required=True, help="where the result is written")
    options = parser.parse_args(arguments)
    if options.act == "issue":
        write_result(options.output, lambda: issue(options.feature, read_object(options.input),
                                                   read_object(options.key), options.sd))
    else:
        write_result(options.output, lambda: verify(options.feature, options.input.read_text(encoding="utf-8"),
                                                    read_object(options.key), options.now))


def issue(feature_name: str, document: JSONObject, method: JSONObject, pointers: Sequence[str]) -> str:
    """The secured document.

    Raises:
        DataLossError: a top-level member that the base context does not know, or a word without a meaning.
        MalformedValueError: no document of this kind, or no private JWK.
    """
    feature, signer = _feature(feature_name), _signer(method)
    kind = "VerifiablePresentation" if feature.is_presentation else "VerifiableCredential"
    _refuse_unknown_members(document, kind)
    if not feature.is_presentation:
        Processor(load_with_examples, open_vocabulary=True).walk(document)
    paths = [_path_of(text, document) for text in _split_pointers(pointers)]
    secured = feature.sign(document, signer, paths, thumbprint(signer.public_key.to_jwk()))
    _check_document(feature.verify(secured, signer.public_key), feature.is_presentation)
    return secured


def verify(feature_name: str, secured: str, method: JSONObject, now: str | None) -> str:
    """The document that was secured, as JSON.

    Raises:
        CredkitError: whatever speaks against it.
    """
    feature, key = _feature(feature_name), _public_key(method)
    token = feature.verify(secured.strip(), key)
    _check_document(token, feature.is_presentation)
    if now is not None:
        _check_dates(token, parse_date_time(now))
    return json.dumps(token.document, ensure_ascii=False)


def _check_dates(token: Token, now: datetime) -> None:
    sd_jwt_vc.check_validity(token.claims, now)
    if not token.is_presentation:
        validity_period(token.document).check(now)


def _check_document(token: Token, is_presentation: bool) -> None:
    if token.is_presentation != is_presentation:
        raise MalformedValueError("this is a token of another kind", pointer="/typ")
    if not is_presentation:
        check_credential(token.document)
        return
    check_presentation(token.document)
    for entry in as_list(token.document.get("verifiableCredential")):
        if ENVELOPED_CREDENTIAL not in types_of(entry) or not member(entry, "id", str).startswith("data:"):
            raise MalformedValueError("a presented credential is not secured", pointer="/verifiableCredential")


def _refuse_unknown_members(document: JSONObject, kind: str) -> None:
    """No top-level member that only ``@vocab`` gives a meaning."""
    base: Mapping[str, Any] = contexts.load(V2_CONTEXT)["@context"]
    known = {"@context", *base, *base[kind]["@context"]}
    for name in document:
        if name not in known:
            raise DataLossError("the document has a member that its base context does not know", pointer=pointer(name))


def _split_pointers(values: Sequence[str]) -> list[str]:
    found: list[str] = []
    for value in values:
        try:
            listed = json.loads(value) if value.startswith("[") else value.split(",")
        except ValueError as error:
            raise ParsingError("the list of what can be kept back is not JSON") from error
        found += [str(each).strip() for each in listed]
    return [text for text in found if text]


def _path_of(text: str, document: JSONObject) -> vc_sd_jwt.Path:
    """The path of a JSON pointer, or of ``a.b[0]``; a number is an index only where there is an array."""
    if text.startswith("/"):
        steps = [step.replace("~1", "/").replace("~0", "~") for step in text[1:].split("/")]
    else:
        steps = [name or index for name, index in _STEP.findall(text)]
    path: list[str | int] = []
    value: Any = document
    for step in steps:
        key = int(step) if isinstance(value, list) and step.isascii() and step.isdigit() else step
        path.append(key)
        try:
            value = value[key]
        except (KeyError, IndexError, TypeError) as error:
            raise MalformedValueError("what is to be kept back is not there", pointer=text) from error
    return tuple(path)


def _feature(name: str) -> Feature:
    if name not in FEATURES:
        raise UnsupportedError("there is no such feature")
    return FEATURES[name]


def _jwks_of(method: JSONObject) -> list[JSONObject]:
    if member(method, "type", str) != "JsonWebKey":
        raise UnsupportedError("the verification method is not a JsonWebKey")
    names = ("secretKeyJwk", "privateKeyJwk", "publicKeyJwk")
    return [member(method, name, dict) for name in names if name in method]


def _signer(method: JSONObject) -> SoftwareSigner:
    for jwk in _jwks_of(method):
        if _SECRET in jwk:
            return SoftwareSigner.from_secret_jwk(jwk)
    raise MalformedValueError("the verification method has no private key")


def _public_key(method: JSONObject) -> PublicKey:
    """The public half; a method that has the private one beside it or alone is read as well."""
    jwks = _jwks_of(method)
    if not jwks:
        raise MalformedValueError("the verification method has no key")
    return public_key_from_jwk({name: value for name, value in jwks[-1].items() if name != _SECRET})


def _sign_jwt(document: JSONObject, signer: SoftwareSigner, paths: Paths, key_id: str) -> str:
    _refuse_paths(paths)
    return jwt_vc.sign_vc_jwt(document, signer, key_id=key_id)


def _sign_vp_jwt(document: JSONObject, signer: SoftwareSigner, paths: Paths, key_id: str) -> str:
    _refuse_paths(paths)
    return jwt_vc.sign_vp_jwt(document, signer, nonce=None, audience=None, key_id=key_id)


def _sign_sd_jwt(document: JSONObject, signer: SoftwareSigner, paths: Paths, key_id: str) -> str:
    return vc_sd_jwt.sign_vc_sd_jwt(document, signer, selective=paths, randomness=SystemRandomness(), key_id=key_id)


def _sign_vp_sd_jwt(document: JSONObject, signer: SoftwareSigner, paths: Paths, key_id: str) -> str:
    return vc_sd_jwt.sign_vp_sd_jwt(document, signer, selective=paths, randomness=SystemRandomness(), nonce=None,
                                    audience=None, key_id=key_id)


def _sign_cose(document: JSONObject, signer: SoftwareSigner, paths: Paths, key_id: str) -> str:
    _refuse_paths(paths)
    return base64_encode(cose_vc.sign_vc_cose(document, signer, key_id=key_id))


def _sign_vp_cose(document: JSONObject, signer: SoftwareSigner, paths: Paths, key_id: str) -> str:
    _refuse_paths(paths)
    return base64_encode(cose_vc.sign_vp_cose(document, signer, nonce=None, audience=None, key_id=key_id))


def _refuse_paths(paths: Paths) -> None:
    if paths:
        raise MalformedValueError("nothing can be kept back in this kind of token")


def _verify_jwt(secured: str, key: PublicKey) -> Token:
    if peek_header(secured).get("typ") not in (jwt_vc.VC_TYP, jwt_vc.VP_TYP):
        raise MalformedValueError("this is a token of another kind", pointer="/typ")
    return jwt_vc.verify_token(secured, key)


def _verify_sd_jwt(secured: str, key: PublicKey) -> Token:
    return vc_sd_jwt.verify_token(vc_sd_jwt.parse_sd_jwt(secured), key)


def _verify_cose(secured: str, key: PublicKey) -> Token:
    if "=" in secured:
        raise ParsingError("the text is not base64 without padding")
    return cose_vc.verify_token(base64_decode(secured), key)


FEATURES: Mapping[str, Feature] = {
    "credential_jose": Feature(False, _sign_jwt, _verify_jwt),
    "credential_sdjwt": Feature(False, _sign_sd_jwt, _verify_sd_jwt),
    "credential_cose": Feature(False, _sign_cose, _verify_cose),
    "presentation_jose": Feature(True, _sign_vp_jwt, _verify_jwt),
    "presentation_sdjwt": Feature(True, _sign_vp_sd_jwt, _verify_sd_jwt),
    "presentation_cose": Feature(True, _sign_vp_cose, _verify_cose),
}
