"""The Digital Credentials Query Language: reading a query, matching credentials in a wallet, re-checking what was sent.

Spec: OID4VP-1.0 #dcql_query
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from credkit.errors import (
    DataLossError,
    MalformedValueError,
    ProblemError,
    QueryNotSatisfied,
    VocabularyUnknownError,
)
from credkit.formats import jwt_vc, ldp_vc, sd_jwt_vc
from credkit.jsonld import Processor
from credkit.ports import JSONObject
from credkit.protocols._claims_path import ClaimsPath, has_value, is_claims_path, select, select_claims
from credkit.protocols._reading import Message, json_object, objects, reading, strings, text
from credkit.shape import as_list, id_of, member, optional_member, pointer

ExpandTypes = Callable[[JSONObject], frozenset[str]]
"""Credential → the IRIs of its types, e.g. ``type_expander(processor)``; raises ``ProblemError`` if it cannot tell."""

FORMAT: Final = ldp_vc.NAME
JWT_VC: Final = jwt_vc.NAME
SD_JWT: Final = sd_jwt_vc.NAME
FORMATS: Final = (FORMAT, JWT_VC, SD_JWT)
"""The credential formats that are matched here; queries for others parse, and nothing matches them."""

Authorities = Collection[tuple[str, str]]
"""By what the issuer of a credential can be recognised: pairs of type and value, as in ``trusted_authorities``."""

AKI: Final = "aki"
"""The authority key identifier in a certificate of the issuer's chain, base64url."""

_VERIFIABLE_CREDENTIAL = "https://www.w3.org/2018/credentials#VerifiableCredential"
_RDF_TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
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


@dataclass(frozen=True)
class ShownClaim:
    """One value that answers a claim: the path asked for, where it stands in the whole credential, and what it is."""

    path: ClaimsPath
    pointer: str
    value: Any


@dataclass(frozen=True)
class Match:
    """A credential that answers a credential query.

    Attributes:
        pointers: JSON pointers into the whole credential, to be disclosed beside what is mandatory; none repeated.
        claims: The same, by the claim that asks for it.
    """

    pointers: tuple[str, ...]
    claims: tuple[ShownClaim, ...]


@dataclass(frozen=True)
class Selection:
    """Which credential queries to answer: ``required`` ones, and ``optional`` ones if the holder likes."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()


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


def type_expander(processor: Processor) -> ExpandTypes:
    """An ``ExpandTypes`` that reads the types off the quads of the document's root.

    They depend on the contexts and the type's names alone, so these are walked without the rest, once for all documents
    that are alike. A type that no context defines stands for itself.

    Spec: OID4VP-1.0 #format_specific_parameters (``type_values``)
    """
    known: dict[str, frozenset[str]] = {}

    def expand_types(credential: JSONObject) -> frozenset[str]:
        head: JSONObject = {name: credential[name] for name in ("@context", "type") if name in credential}
        key = json.dumps(head)
        if key not in known:
            known[key] = _expand(head, processor)
        return known[key]

    return expand_types


def _expand(head: JSONObject, processor: Processor) -> frozenset[str]:
    try:
        return _types_of_root(head, processor)
    except (DataLossError, VocabularyUnknownError):
        names = [name for name in as_list(head.get("type")) if isinstance(name, str)]
        if len(names) == 1:
            return _defined(head, names[0], processor)
        return frozenset().union(*(_defined({**head, "type": name}, name, processor) for name in names))


def _defined(head: JSONObject, name: str, processor: Processor) -> frozenset[str]:
    """What one type is in the document's contexts, which may stand inside it; the name itself if they do not say."""
    try:
        return _types_of_root(head, processor, open_vocabulary=True)
    except DataLossError:
        return frozenset({name})


def _types_of_root(head: JSONObject, processor: Processor, *, open_vocabulary: bool = False) -> frozenset[str]:
    dataset = processor.walk(head, with_paths=True, open_vocabulary=open_vocabulary)
    root = dataset.nodes[()]
    return frozenset(value[1:-1] for subject, predicate, value, _ in dataset.quads
                     if subject == root and predicate == _RDF_TYPE)


def match(query: CredentialQuery, credential: JSONObject, expand_types: ExpandTypes, *,
          credential_format: str = FORMAT, authorities: Authorities = ()) -> Match | None:
    """What of ``credential``, as it lies whole in the wallet, answers ``query``; None if it does not.

    Args:
        credential: The document, or of an SD-JWT VC all its claims.
        credential_format: What it is.
        authorities: By what its issuer can be recognised, where the query names ``trusted_authorities``.

    Without ``claims`` nothing is asked for beside what is mandatory, and the match has no pointers. A credential whose
    suite cannot disclose in part travels whole all the same; that is for the caller to show. A credential is no match
    if it cannot be bound to its holder though that is required.

    Spec: OID4VP-1.0 #dcql_query_lang_processing_rules, #claims_path_pointer
    """
    known = query.format == credential_format and query.format in FORMATS
    if not known or not isinstance(credential, dict) or not is_authorised(query, authorities):
        return None
    if query.require_cryptographic_holder_binding and not _has_holder(query, credential):
        return None
    try:
        if not _has_type(query, credential, expand_types):
            return None
    except VocabularyUnknownError:
        return None
    if not query.claims:
        return Match((), ())
    for wanted in _alternatives(query):
        found = [_shown(query, claim, credential, shortened=False) for claim in wanted]
        if all(found):
            claims = tuple(shown for one in found for shown in one)
            return Match(tuple(dict.fromkeys(shown.pointer for shown in claims)), claims)
    return None


def is_authorised(query: CredentialQuery, authorities: Authorities) -> bool:
    """Whether one of ``trusted_authorities`` is among what an issuer is recognised by; so too if none are named.

    Spec: OID4VP-1.0 #dcql_trusted_authorities
    """
    named = {(entry.type, value) for entry in query.trusted_authorities for value in entry.values}
    return not named or not named.isdisjoint(authorities)


def _has_holder(query: CredentialQuery, credential: JSONObject) -> bool:
    if query.format == SD_JWT:
        return "cnf" in credential
    subjects = as_list(credential.get("credentialSubject"))
    return bool(subjects) and all(id_of(subject) for subject in subjects)


def _has_type(query: CredentialQuery, credential: JSONObject, expand_types: ExpandTypes) -> bool:
    """Whether the types fit; ``VocabularyUnknownError`` where nobody can tell which they are."""
    if query.format == SD_JWT:
        vct = credential.get("vct")
        return isinstance(vct, str) and (not query.vct_values or vct in query.vct_values)
    if not query.type_values:
        return True
    try:
        types, unknown = expand_types(credential), None
    except VocabularyUnknownError as error:
        types, unknown = _as_written(credential), error
    except ProblemError:
        return False
    if any(types.issuperset(alternative) for alternative in query.type_values):
        return True
    if unknown is not None:
        raise unknown
    return False


def _as_written(credential: JSONObject) -> frozenset[str]:
    """What is known of the types where a context is not held: their names, and the one that every version defines."""
    names = frozenset(name for name in as_list(credential.get("type")) if isinstance(name, str))
    return names | {_VERIFIABLE_CREDENTIAL} if "VerifiableCredential" in names else names


def _alternatives(query: CredentialQuery) -> tuple[tuple[ClaimsQuery, ...], ...]:
    """The combinations of claims that satisfy ``query``, the preferred first (#selecting_claims)."""
    if not query.claim_sets:
        return (query.claims,)
    by_id = {claim.id: claim for claim in query.claims}
    return tuple(tuple(by_id[name] for name in option) for option in query.claim_sets)


def _shown(query: CredentialQuery, claim: ClaimsQuery, credential: JSONObject, *,
           shortened: bool) -> tuple[ShownClaim, ...]:
    """The values of one claim; empty if it is not there or has none of the wanted values."""
    choose_values = select_claims if query.format == SD_JWT else select
    selected = choose_values(credential, claim.path, shortened=shortened)
    if claim.values and not has_value(selected, claim.values):
        return ()
    return tuple(ShownClaim(claim.path, pointer(*place), value) for place, value in selected)


def choose(query: Query, available: Collection[str]) -> Selection | None:
    """Which credential queries to answer, given the ids of those that have a match; None if the query cannot be met.

    Of each set the first option that can be met is taken.

    Spec: OID4VP-1.0 #dcql_query_lang_processing_rules
    """
    if not query.credential_sets:
        wanted = tuple(entry.id for entry in query.credentials)
        return Selection(wanted) if set(available).issuperset(wanted) else None
    required: list[str] = []
    optional: list[str] = []
    for credential_set in query.credential_sets:
        option = next((option for option in credential_set.options if set(available).issuperset(option)), None)
        if option is None and credential_set.required:
            return None
        (required if credential_set.required else optional).extend(option or ())
    needed = tuple(dict.fromkeys(required))
    return Selection(needed, tuple(name for name in dict.fromkeys(optional) if name not in needed))


def check_presented(query: CredentialQuery, credential: JSONObject, expand_types: ExpandTypes) -> None:
    """Check, at the verifier, that a credential that was sent answers ``query``, whole or derived.

    Disclosure shortens arrays, so an index is met by any element.

    Raises:
        QueryNotSatisfied: it does not, or the query is for a format that is not matched.
        VocabularyUnknownError: its types cannot be told.

    Spec: OID4VP-1.0 #dcql_query_lang_processing_rules
    """
    if query.format not in FORMATS or not isinstance(credential, dict) or not _has_type(
            query, credential, expand_types):
        raise QueryNotSatisfied("a record that was sent is of another kind than was asked for")
    if query.claims and not any(all(_shown(query, claim, credential, shortened=True) for claim in wanted)
                                for wanted in _alternatives(query)):
        raise QueryNotSatisfied("a record that was sent does not show what was asked for")


def check_response(query: Query, credentials: Mapping[str, Sequence[JSONObject]], expand_types: ExpandTypes) -> None:
    """Check that a whole answer satisfies the whole question.

    Args:
        credentials: By credential query id, the credentials out of the presentations (not the presentations).

    Raises:
        QueryNotSatisfied: an id that was not asked for, no or too many credentials for one, one that does not answer
            its query, or something required that is not there.
        VocabularyUnknownError: see ``check_presented``.
    """
    for query_id, sent in credentials.items():
        entry = query.credential_query(query_id)
        if entry is None:
            raise QueryNotSatisfied("something was sent that was not asked for")
        if not sent or len(sent) > 1 and not entry.multiple:
            raise QueryNotSatisfied("the number of records that were sent is not what was asked for")
        for credential in sent:
            check_presented(entry, credential, expand_types)
    if choose(query, tuple(credentials)) is None:
        raise QueryNotSatisfied("a record that was asked for is missing")
