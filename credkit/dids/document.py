"""A resolved DID document: finding the one key that a proof names, for the one purpose it is named for.

Spec: CID-1.0 #controlled-identifier-document, #retrieve-verification-method; security.md A06, D05
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from credkit.errors import (
    CryptographicSecurityError,
    InvalidDidDocumentError,
    IssuerBindingError,
    MalformedValueError,
    UnsupportedError,
)
from credkit.keys import PublicKey, public_key_from_jwk, public_key_from_multibase
from credkit.ports import JSONObject
from credkit.shape import parse_date_time

RELATIONSHIPS: Final = ("assertionMethod", "authentication", "capabilityInvocation", "capabilityDelegation")
"""The verification relationships a signature can be made for. Read-only."""

DID_CONTEXTS: Final = ("https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1")
_KEY_MEMBER: Final[Mapping[str, str]] = {
    "Multikey": "publicKeyMultibase", "Ed25519VerificationKey2020": "publicKeyMultibase",
    "JsonWebKey": "publicKeyJwk", "JsonWebKey2020": "publicKeyJwk",
}
_SECRET_MEMBERS = ("secretKeyMultibase", "privateKeyMultibase", "secretKeyJwk", "privateKeyJwk", "privateKeyBase58")
_MAX_METHODS = 256


@dataclass(frozen=True)
class VerificationMethod:
    """A key that its controller lists for the purpose that was asked. ``id`` is absolute."""

    id: str
    controller: str
    public_key: PublicKey


@dataclass(frozen=True)
class DidDocument:
    """A DID document or controlled identifier document whose ``id`` is the one that was asked for.

    Args:
        id: The DID or https URL.
        document: As it was found; read, never rewritten.
        resolved_at: When it was found; keys that had expired or been revoked by then do not count.
        known_keys: Keys of it that were read already, by the absolute id of their method.
    """

    id: str
    document: JSONObject
    resolved_at: datetime | None = None
    known_keys: Mapping[str, PublicKey] = field(default_factory=dict, repr=False, compare=False)

    def verification_method(self, method_id: str, relationship: str) -> VerificationMethod:
        """The method ``method_id``, if this document lists it for ``relationship``.

        Args:
            method_id: Absolute, or relative to the document (``#key-1``).
            relationship: ``assertionMethod``, ``authentication``, ``capabilityInvocation`` or ``capabilityDelegation``.

        Raises:
            IssuerBindingError: the key is another's, unknown, withdrawn, or not listed for this purpose.
            InvalidDidDocumentError: the document is malformed, or holds the method twice.
            CryptographicSecurityError: a weak key, or a secret one.
            UnsupportedError: a type of method or key we do not know.

        Spec: CID-1.0 #retrieve-verification-method
        """
        absolute = self._absolute(method_id)
        if not absolute.startswith(self.id + "#"):
            raise IssuerBindingError("the key stands under another identifier than the signer's")
        method = self._methods.get(absolute)
        if method is None:
            raise IssuerBindingError("the signer does not list the key that signed")
        if relationship not in RELATIONSHIPS or absolute not in self._listed[relationship]:
            raise IssuerBindingError("the signer does not list the key for this purpose")
        if method.get("controller") != self.id:
            raise IssuerBindingError("the key is controlled by somebody else than the signer")
        self._check_dates(method)
        key = self._parsed_keys.get(absolute)
        if key is None:
            key = self._parsed_keys[absolute] = _read_key(method)
        return VerificationMethod(absolute, self.id, key)

    @cached_property
    def _parsed_keys(self) -> dict[str, PublicKey]:
        return dict(self.known_keys)

    @cached_property
    def _methods(self) -> Mapping[str, JSONObject]:
        """Absolute id → method, whether it stands under ``verificationMethod`` or within a relationship."""
        found: dict[str, JSONObject] = {}
        for name in ("verificationMethod", *RELATIONSHIPS):
            for entry in self._entries(name):
                if isinstance(entry, str):
                    continue
                absolute = self._absolute(entry.get("id"))
                if found.setdefault(absolute, entry) != entry:
                    raise InvalidDidDocumentError("the signer's document holds two keys of one name")
        if len(found) > _MAX_METHODS:
            raise InvalidDidDocumentError("the signer's document holds too many keys")
        return found

    @cached_property
    def _listed(self) -> Mapping[str, frozenset[str]]:
        """Relationship → absolute ids of the methods listed for it."""
        return {name: frozenset(self._absolute(entry if isinstance(entry, str) else entry.get("id"))
                                for entry in self._entries(name)) for name in RELATIONSHIPS}

    def _entries(self, name: str) -> Iterable[Any]:
        entries = self.document.get(name, [])
        kinds = (dict,) if name == "verificationMethod" else (dict, str)
        if not isinstance(entries, list) or not all(isinstance(entry, kinds) for entry in entries):
            raise InvalidDidDocumentError("the list of keys in the signer's document is malformed")
        return entries

    def _absolute(self, method_id: Any) -> str:
        if not isinstance(method_id, str):
            raise InvalidDidDocumentError("a key in the signer's document has no name")
        return self.id + method_id if method_id.startswith("#") else method_id

    def _check_dates(self, method: JSONObject) -> None:
        for name in ("expires", "revoked"):
            if name not in method or self.resolved_at is None:
                continue
            try:
                moment = parse_date_time(method[name])
            except MalformedValueError as error:
                raise InvalidDidDocumentError("a date in the signer's document is malformed") from error
            if moment <= self.resolved_at:
                raise IssuerBindingError("the signer has withdrawn this key")


def build_did_document(did: str, methods: Iterable[tuple[str, PublicKey, Collection[str]]]) -> JSONObject:
    """A DID document with Multikey verification methods.

    Args:
        did: The subject and controller of every key.
        methods: Fragment without ``#``, key, and the relationships it is listed for.

    Spec: DID-CORE #core-properties; CID-1.0 #Multikey
    """
    chosen = list(methods)
    document: JSONObject = {"@context": list(DID_CONTEXTS), "id": did, "verificationMethod": [
        {"id": f"{did}#{fragment}", "type": "Multikey", "controller": did, "publicKeyMultibase": key.to_multibase()}
        for fragment, key, _ in chosen
    ]}
    for relationship in RELATIONSHIPS:
        listed = [f"{did}#{fragment}" for fragment, _, relationships in chosen if relationship in relationships]
        if listed:
            document[relationship] = listed
    return document


def _read_key(method: JSONObject) -> PublicKey:
    kind = method.get("type")
    member_name = _KEY_MEMBER.get(kind) if isinstance(kind, str) else None
    if any(name in method for name in _SECRET_MEMBERS):
        raise CryptographicSecurityError("the signer's document holds a secret key; it must be treated as stolen")
    if not isinstance(kind, str) or not kind:
        raise InvalidDidDocumentError("a key in the signer's document does not say of which type it is")
    if member_name is None:
        raise UnsupportedError("a key of this kind is not supported")
    if {"publicKeyMultibase", "publicKeyJwk"} & method.keys() != {member_name}:
        raise InvalidDidDocumentError("a key in the signer's document is not written as its type demands")
    try:
        text = method[member_name]
        key = public_key_from_jwk(text) if member_name == "publicKeyJwk" else public_key_from_multibase(text)
    except MalformedValueError as error:
        raise InvalidDidDocumentError("a key in the signer's document is malformed") from error
    if kind == "Ed25519VerificationKey2020" and key.type != "Ed25519":
        raise InvalidDidDocumentError("a key in the signer's document is not of its type")
    return key
