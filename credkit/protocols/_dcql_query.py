"""The Digital Credentials Query Language: what a query says, and reading one.

Spec: OID4VP-1.0 #dcql_query
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from credkit.errors import MalformedValueError
from credkit.formats import jwt_vc, ldp_vc, sd_jwt_vc
from credkit.ports import JSONObject
from credkit.protocols._claims_path import ClaimsPath, is_claims_path
from credkit.protocols._reading import Message, json_object, objects, reading, strings, text
from credkit.shape import member, optional_member, pointer

FORMAT: Final = ldp_vc.NAME
JWT_VC: Final = jwt_vc.NAME
SD_JWT: Final = sd_jwt_vc.NAME
FORMATS: Final = (FORMAT, JWT_VC, SD_JWT)
"""The credential formats that are matched here; queries for others parse, and nothing matches them."""

_ID = re.compile(r"[A-Za-z0-9_-]{1,256}")
_MAX_QUERIES, _MAX_CLAIMS, _MAX_SETS, _MAX_PATH = 64, 256, 256, 64


@dataclass(frozen=True)
class ClaimsQuery:
    """One claim that is asked for; ``values`` empty if any value will do."""

    path: ClaimsPath
    id: str | None = None
    values: tuple[str | int | bool, ...] = ()


@dataclass(frozen=True)
class TrustedAuthority:
    """A way to recognise issuers, e.g. ``aki``."""

    type: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class CredentialQuery:
    """One kind of credential that is asked for.

    Attributes:
        type_values: Alternatives; each a set of type IRIs that must all be there. Empty if any type will do.
        vct_values: Of SD-JWT VCs: alternatives. Empty if any type will do.
        claim_sets: Alternatives by claim id, the preferred first. Empty if all ``claims`` are asked for.
        meta: As it stands in the query, for formats with other members.
    """

    id: str
    format: str
    meta: JSONObject
    type_values: tuple[frozenset[str], ...] = ()
    vct_values: tuple[str, ...] = ()
    multiple: bool = False
    require_cryptographic_holder_binding: bool = True
    trusted_authorities: tuple[TrustedAuthority, ...] = ()
    claims: tuple[ClaimsQuery, ...] = ()
    claim_sets: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class CredentialSetQuery:
    """One of ``options`` (sets of credential query ids) is asked for, or may be left out if not ``required``."""

    options: tuple[tuple[str, ...], ...]
    required: bool = True


@dataclass(frozen=True)
class Query:
    """A whole question. Without ``credential_sets`` every credential query is asked for."""

    credentials: tuple[CredentialQuery, ...]
    credential_sets: tuple[CredentialSetQuery, ...] = ()

    def credential_query(self, query_id: str) -> CredentialQuery | None:
        """The credential query with this id, or None."""
        return next((entry for entry in self.credentials if entry.id == query_id), None)


def parse_query(message: Message) -> Query:
    """Read a DCQL query; members it does not know are ignored.

    Raises:
        ProtocolError: ``invalid_request``.

    Spec: OID4VP-1.0 #dcql_query
    """
    with reading("invalid_request"):
        document = json_object(message)
        credentials = tuple(_credential_query(entry, pointer("credentials", index))
                            for index, entry in enumerate(_filled(document, "credentials", "", _MAX_QUERIES)))
        known = _distinct([entry.id for entry in credentials], "/credentials")
        if "credential_sets" not in document:
            return Query(credentials)
        sets = _filled(document, "credential_sets", "", _MAX_SETS)
        return Query(credentials, tuple(_credential_set(entry, known, pointer("credential_sets", index))
                                        for index, entry in enumerate(sets)))


def _filled(document: JSONObject, name: str, at: str, most: int) -> list[Any]:
    """The required member ``name``, an array with at least one and at most ``most`` entries."""
    value = member(document, name, list, at=at)
    if not 0 < len(value) <= most:
        raise MalformedValueError(f"the member {name} is empty or too long", pointer=at + pointer(name))
    return value


def _distinct(identifiers: list[str], at: str) -> frozenset[str]:
    if len(set(identifiers)) != len(identifiers):
        raise MalformedValueError("the query uses one id twice", pointer=at)
    return frozenset(identifiers)


def _identifier(document: JSONObject, at: str) -> str:
    value = member(document, "id", str, at=at)
    if not _ID.fullmatch(value):
        raise MalformedValueError("an id holds characters that must not be there", pointer=at + "/id")
    return value


def _credential_query(document: Any, at: str) -> CredentialQuery:
    identifier = _identifier(document, at)
    credential_format, meta = text(document, "format", at=at), member(document, "meta", dict, at=at)
    claims: tuple[ClaimsQuery, ...] = ()
    if "claims" in document:
        claims = tuple(_claims_query(entry, at + pointer("claims", index))
                       for index, entry in enumerate(_filled(document, "claims", at, _MAX_CLAIMS)))
    multiple = optional_member(document, "multiple", bool, at=at)
    binding = optional_member(document, "require_cryptographic_holder_binding", bool, at=at)
    return CredentialQuery(
        id=identifier, format=credential_format, meta=meta,
        type_values=_type_values(credential_format, meta, at + "/meta"),
        vct_values=_vct_values(credential_format, meta, at + "/meta"),
        multiple=multiple or False,
        require_cryptographic_holder_binding=binding is not False,
        trusted_authorities=_trusted_authorities(document, at),
        claims=claims,
        claim_sets=_claim_sets(document, claims, at),
    )


def _type_values(credential_format: str, meta: JSONObject, at: str) -> tuple[frozenset[str], ...]:
    """``type_values`` of the W3C formats; other formats' members are only checked (#format_specific_parameters)."""
    if credential_format == "mso_mdoc" and "doctype_value" in meta:
        text(meta, "doctype_value", at=at)
    if credential_format not in (FORMAT, JWT_VC) or "type_values" not in meta:
        return ()
    alternatives = _filled(meta, "type_values", at, _MAX_SETS)
    return tuple(frozenset(strings({"type_values": names}, "type_values", at=at, required=True))
                 for names in alternatives)


def _vct_values(credential_format: str, meta: JSONObject, at: str) -> tuple[str, ...]:
    if credential_format != SD_JWT or "vct_values" not in meta:
        return ()
    return strings(meta, "vct_values", at=at, required=True)


def _trusted_authorities(document: JSONObject, at: str) -> tuple[TrustedAuthority, ...]:
    if "trusted_authorities" not in document:
        return ()
    _filled(document, "trusted_authorities", at, _MAX_SETS)
    return tuple(TrustedAuthority(text(entry, "type", at=at), strings(entry, "values", at=at, required=True))
                 for entry in objects(document, "trusted_authorities", at=at))


def _claims_query(document: Any, at: str) -> ClaimsQuery:
    path = _filled(document, "path", at, _MAX_PATH)
    if not is_claims_path(path):
        raise MalformedValueError("the path of a claim is malformed", pointer=at + "/path")
    values: Sequence[Any] = ()
    if "values" in document:
        values = _filled(document, "values", at, _MAX_SETS)
        if not all(isinstance(value, (str, int)) for value in values):
            raise MalformedValueError("a value of a claim must be text, integer or boolean", pointer=at + "/values")
    return ClaimsQuery(tuple(path), _identifier(document, at) if "id" in document else None, tuple(values))


def _claim_sets(document: JSONObject, claims: tuple[ClaimsQuery, ...], at: str) -> tuple[tuple[str, ...], ...]:
    known = _distinct([claim.id for claim in claims if claim.id is not None], at + "/claims")
    if "claim_sets" not in document:
        return ()
    if not claims or len(known) != len(claims):
        raise MalformedValueError("sets of claims need claims that all have an id", pointer=at + "/claim_sets")
    options = _filled(document, "claim_sets", at, _MAX_SETS)
    return tuple(_references(option, known, at + "/claim_sets") for option in options)


def _credential_set(document: Any, known: frozenset[str], at: str) -> CredentialSetQuery:
    options = _filled(document, "options", at, _MAX_SETS)
    required = optional_member(document, "required", bool, at=at)
    references = tuple(_references(option, known, at + "/options") for option in options)
    return CredentialSetQuery(references, required is not False)


def _references(option: Any, known: frozenset[str], at: str) -> tuple[str, ...]:
    names = strings({"option": option}, "option", required=True)
    if not known.issuperset(names):
        raise MalformedValueError("the query refers to an id that it does not hold", pointer=at)
    return names
