"""The Digital Credentials Query Language: matching credentials in a wallet, re-checking what was sent.

Spec: OID4VP-1.0 #dcql_query
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from credkit.errors import DataLossError, ProblemError, QueryNotSatisfied, VocabularyUnknownError
from credkit.jsonld import Processor
from credkit.ports import JSONObject
from credkit.protocols._claims_path import ClaimsPath, has_value, select, select_claims
from credkit.protocols._dcql_query import (
    FORMAT,
    FORMATS,
    JWT_VC,
    SD_JWT,
    ClaimsQuery,
    CredentialQuery,
    CredentialSetQuery,
    Query,
    TrustedAuthority,
    parse_query,
)
from credkit.shape import as_list, id_of, pointer

__all__ = [
    "AKI", "FORMAT", "FORMATS", "JWT_VC", "SD_JWT", "Authorities", "ClaimsQuery", "CredentialQuery",
    "CredentialSetQuery", "ExpandTypes", "Match", "Query", "Selection", "ShownClaim", "TrustedAuthority",
    "check_presented", "check_response", "choose", "is_authorised", "match", "parse_query", "type_expander",
]

ExpandTypes = Callable[[JSONObject], frozenset[str]]
"""Credential → the IRIs of its types, e.g. ``type_expander(processor)``; raises ``ProblemError`` if it cannot tell."""

Authorities = Collection[tuple[str, str]]
"""By what the issuer of a credential can be recognised: pairs of type and value, as in ``trusted_authorities``."""

AKI: Final = "aki"
"""The authority key identifier in a certificate of the issuer's chain, base64url."""

_VERIFIABLE_CREDENTIAL = "https://www.w3.org/2018/credentials#VerifiableCredential"
_RDF_TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"


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
