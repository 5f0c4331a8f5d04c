"""OpenID4VCI draft 13, as far as wallets of the field still ask by it: one ``proof``, and a format and a type as names.

Whoever takes it says so in a log and not in strict mode; nothing about proofs is softened here.

Spec: OpenID4VCI draft 13 #section-7.2, #section-7.3; protocols.md §3, 1 and §5
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from credkit.errors import ParsingError, ProblemError
from credkit.formats import sd_jwt_vc
from credkit.ports import JSONObject
from credkit.protocols._reading import Message, json_object, optional_text, reading, strings, text
from credkit.protocols.oid4vci.messages import CredentialConfiguration
from credkit.shape import optional_member

VERSION: Final = "draft 13"
_NAMES = ("credential_identifier", "credential_configuration_id")
_PROOF_TYPES = {"jwt": "jwt", "ldp_vp": "di_vp"}
_FORMATS = {"vc+sd-jwt": sd_jwt_vc.NAME}


@dataclass(frozen=True)
class OldCredentialRequest:
    """Asking for a credential by format and type, or by a name of today with a proof of the draft.

    Attributes:
        format: By today's name; empty where the request has one of the two names.
        types: ``credential_definition.type``, empty if it is not there.
        vct: Type of an SD-JWT VC, or None.
        proof_type: ``jwt`` or ``di_vp``, by today's names; None if no proof was sent.
    """

    format: str = ""
    types: tuple[str, ...] = ()
    vct: str | None = None
    proof_type: str | None = None
    proofs: tuple[str | JSONObject, ...] = ()
    credential_identifier: str | None = None
    credential_configuration_id: str | None = None

    def fits(self, configuration: CredentialConfiguration) -> bool:
        """Whether this is what it asks for."""
        if configuration.format != self.format:
            return False
        if self.vct is not None:
            return configuration.vct == self.vct
        return not self.types or set(configuration.types) == set(self.types)


def is_mine(message: Message) -> bool:
    """Whether a request names no more than a format, or brings a ``proof`` and no ``proofs``; never raises."""
    try:
        document = json_object(message)
    except ProblemError:
        return False
    has_name = any(name in document for name in _NAMES)
    return ("format" in document and not has_name) or (has_name and "proof" in document and "proofs" not in document)


def parse_credential_request(message: Message) -> OldCredentialRequest:
    """Read such a request.

    Raises:
        ProtocolError: ``invalid_credential_request``: malformed; ``invalid_proof``: ``proof`` is of no known type, or
            empty.
    """
    with reading("invalid_credential_request"):
        document = json_object(message)
        identifier, configuration = (optional_text(document, name) for name in _NAMES)
        if identifier is not None and configuration is not None:
            raise ParsingError("the request must name one credential, in one way")
        is_named = identifier is not None or configuration is not None
        named = "" if is_named else text(document, "format")
        definition = optional_member(document, "credential_definition", dict) or {}
        types, vct = strings(definition, "type", at="/credential_definition"), optional_text(document, "vct")
    proof_type, proofs = _parse_proof(document)
    return OldCredentialRequest(_FORMATS.get(named, named), types, vct, proof_type, proofs, identifier, configuration)


def _parse_proof(document: JSONObject) -> tuple[str | None, tuple[str | JSONObject, ...]]:
    with reading("invalid_proof"):
        proof = optional_member(document, "proof", dict)
        if proof is None:
            return None, ()
        kind = text(proof, "proof_type", at="/proof")
        if kind not in _PROOF_TYPES:
            raise ParsingError("the proof is of no known type", pointer="/proof/proof_type")
        value: str | JSONObject | None = optional_text(proof, "jwt", at="/proof") if kind == "jwt" else (
            optional_member(proof, "ldp_vp", dict, at="/proof"))
        if not value:
            raise ParsingError("the proof is missing", pointer="/proof")
        return _PROOF_TYPES[kind], (value,)


def build_credential_response(document: JSONObject, format_: str = "") -> JSONObject:
    """Today's answer with the members beside it in which such a wallet looks."""
    entries = document.get("credentials")
    if not entries:
        return document
    named = {"format": format_} if format_ else {}
    return {**document, **named, "credential": entries[0]["credential"]}
