"""DCQL over W3C credentials of both formats: expanded types, types no context defines, authorities."""

from __future__ import annotations

from typing import Any

import pytest

import contexts
from credkit.errors import QueryNotSatisfied, VocabularyUnknownError
from credkit.jsonld import Processor
from credkit.ports import JSONObject
from credkit.protocols import dcql
from tests.support.shared import read_json, vectors

V1 = "https://www.w3.org/2018/credentials/v1"
VC = "https://www.w3.org/2018/credentials#VerifiableCredential"
UNKNOWN = "https://words.example/v1"
EXPAND = dcql.type_expander(Processor(contexts.load))
AKI = "s9tIpPmhxdiuNkHMEWNpYim8S8Y"


def query_of(**changes: Any) -> dcql.CredentialQuery:
    entry = {"id": "a", "format": "jwt_vc_json", "meta": {}, **changes}
    return dcql.parse_query({"credentials": [entry]}).credentials[0]


def credential(context: list[Any], *types: str) -> JSONObject:
    return {"@context": context, "type": list(types), "credentialSubject": {"id": "did:key:z6Mk", "given_name": "Max"}}


@pytest.mark.spec("OID4VP-1.0", "#format_specific_parameters")
@pytest.mark.parametrize(("context", "types", "wanted", "fits"), [
    ([V1], ["VerifiableCredential", "IdentityCredential"], ["IdentityCredential"], True),
    ([V1], ["VerifiableCredential", "IdentityCredential"], [VC, "IdentityCredential"], True),
    ([V1], ["VerifiableCredential", "IdentityCredential"], ["VerifiableCredential"], False),
    ([V1], ["VerifiableCredential"], [VC], True),
    ([V1, {"Degree": "https://a.example/Degree"}], ["VerifiableCredential", "Degree"], ["https://a.example/Degree"],
     True),
    ([V1, {"Degree": "https://a.example/Degree"}], ["VerifiableCredential", "Degree"], ["Degree"], False),
    ([V1], ["https://a.example/Degree"], ["https://a.example/Degree"], True),
    ([V1, UNKNOWN], ["VerifiableCredential", "Degree"], [VC, "Degree"], True),
])
def test_a_type_is_what_its_context_makes_of_it_and_itself_where_no_context_says(
        context: list[Any], types: list[str], wanted: list[str], fits: bool) -> None:
    query, held = query_of(meta={"type_values": [wanted]}), credential(context, *types)
    assert (dcql.match(query, held, EXPAND, credential_format="jwt_vc_json") is not None) is fits
    if fits:
        dcql.check_presented(query, held, EXPAND)
    else:
        with pytest.raises(QueryNotSatisfied):
            dcql.check_presented(query, held, EXPAND)


def test_types_of_a_context_that_is_not_held_cannot_be_told() -> None:
    query = query_of(meta={"type_values": [["https://words.example/Degree"]]})
    held = credential([V1, UNKNOWN], "VerifiableCredential", "Degree")
    assert dcql.match(query, held, EXPAND, credential_format="jwt_vc_json") is None
    with pytest.raises(VocabularyUnknownError):
        dcql.check_presented(query, held, EXPAND)


@pytest.mark.parametrize(("name", "credential_of"), [
    ("jwt_vc", lambda found: {**found["vc"], "issuer": found["iss"]}), ("ldp_vc", lambda found: found)])
def test_the_published_credentials_answer_the_published_queries(name: str, credential_of: Any) -> None:
    query = dcql.parse_query(vectors(f"openid4vp/request/dcql_{name}.json").read_bytes()).credentials[0]
    held = credential_of(read_json(vectors(f"openid4vp/credentials/{name}.json")))
    dcql.check_presented(query, held, EXPAND)
    for claim in query.claims:
        subject = {name: value for name, value in held["credentialSubject"].items() if name != claim.path[1]}
        with pytest.raises(QueryNotSatisfied):
            dcql.check_presented(query, {**held, "credentialSubject": subject}, EXPAND)


def test_one_of_the_named_authorities_is_enough() -> None:
    query = query_of(trusted_authorities=[{"type": "aki", "values": [AKI, "x"]}, {"type": "etsi_tl", "values": ["u"]}])
    held = credential([V1], "VerifiableCredential")

    def matches(*authorities: tuple[str, str]) -> bool:
        return dcql.match(query, held, EXPAND, credential_format="jwt_vc_json", authorities=authorities) is not None

    assert matches(("aki", AKI)) and matches(("etsi_tl", "u"), ("aki", "z"))
    assert not matches() and not matches(("etsi_tl", AKI)) and not matches(("aki", "u"))


def test_one_format_never_answers_for_another() -> None:
    held = credential([V1], "VerifiableCredential")
    for asked in dcql.FORMATS:
        for shown in dcql.FORMATS:
            query = query_of(format=asked, require_cryptographic_holder_binding=False)
            found = dcql.match(query, {**held, "vct": "x"}, EXPAND, credential_format=shown)
            assert (found is not None) is (asked == shown)
