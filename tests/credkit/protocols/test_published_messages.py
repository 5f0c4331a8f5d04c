"""The specifications' own messages: each that concerns us is read, and what we build from it says the same."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from credkit.encoding import parse_json_object
from credkit.errors import ProtocolError
from credkit.jose import peek_header, peek_payload
from credkit.ports import JSONObject
from credkit.protocols import dcql
from credkit.protocols.oid4vci import v1_0 as oid4vci
from credkit.protocols.oid4vci.messages import AuthorizationDetail, CredentialResponse, TokenRequest, TxCode
from credkit.protocols.oid4vp import v1_0 as oid4vp
from credkit.shape import pointer
from tests.support.shared import read_json, vectors

OWN = Path(__file__).resolve().parents[2] / "vectors"
VCI: JSONObject = read_json(OWN / "openid4vci" / "messages.json")
QUERIES: JSONObject = read_json(OWN / "openid4vp" / "queries.json")
ISSUER = "https://credential-issuer.example.com"


def body_of(name: str) -> bytes:
    """The body of a published HTTP message; lines broken for print are joined."""
    text = vectors(f"openid4vci/{name}").read_text(encoding="utf-8")
    body = text.replace("\r\n", "\n").strip().partition("{")
    return re.sub(r"(?<=[A-Za-z0-9_.~-])\n *(?=[A-Za-z0-9_.~-])", "", body[1] + body[2]).encode()


def without_ellipses(name: str) -> Any:
    """A published JSON document in which ``...`` stands for what was left out."""
    text = vectors(name).read_text(encoding="utf-8")
    return json.loads(re.sub(r"\{ *\.\.\. *\}", "{}", text))


# What stands in this repository


@pytest.mark.spec("OID4VCI-1.0", "#credential-offer-parameters")
@pytest.mark.parametrize("example", VCI["offers"])
def test_published_offers_say_what_the_specification_says(example: JSONObject) -> None:
    offer = oid4vci.parse_offer(example["message"])

    code = None if offer.pre_authorized is None else offer.pre_authorized
    assert (code and code.pre_authorized_code) == example["pre_authorized_code"]
    assert (code and code.tx_code) == (TxCode(*example["tx_code"]) if example["tx_code"] else None)
    assert (offer.authorization_code and offer.authorization_code.issuer_state) == example["issuer_state"]
    assert oid4vci.parse_offer(oid4vci.build_offer(offer)) == offer


def test_the_published_token_request_is_read() -> None:
    example = VCI["token_request"]

    assert oid4vci.parse_token_request(example["form"]) == TokenRequest(
        example["pre_authorized_code"], example["tx_code"]
    )


def test_published_answers_are_read_and_built_again() -> None:
    assert oid4vci.parse_nonce_response(VCI["nonce_response"]).c_nonce == "wKI4LT17ac15ES9bw8ac4"
    assert oid4vci.parse_credential_response(VCI["deferred"]) == CredentialResponse(
        transaction_id="8xLOxBtZp8", interval_s=3600
    )
    assert oid4vci.build_credential_response(oid4vci.parse_credential_response(VCI["several"])) == VCI["several"]
    assert oid4vci.build_notification(oid4vci.parse_notification(VCI["notification"])) == VCI["notification"]


@pytest.mark.spec("OID4VP-1.0", "#dcql_query_example")
@pytest.mark.parametrize("name", sorted(QUERIES))
def test_published_queries_say_what_the_specification_says(name: str) -> None:
    check_query(QUERIES[name]["query"], QUERIES[name])


def check_query(document: JSONObject, facts: JSONObject) -> None:
    query = dcql.parse_query(document)

    assert [
        [entry.id, entry.format, len(entry.claims), [list(option) for option in entry.claim_sets]]
        for entry in query.credentials
    ] == facts["credentials"]
    assert [[list(map(list, each.options)), each.required] for each in query.credential_sets] == facts[
        "credential_sets"
    ]
    values = [
        [list(claim.path), list(claim.values)] for entry in query.credentials for claim in entry.claims if claim.values
    ]
    assert values == facts["values"]


# What lies beside the checkout


@pytest.mark.parametrize(
    "name",
    [
        "credential_offer_by_reference.json",
        "credential_offer_multiple_credentials.json",
        "credential_offer_pre-authz_code.json",
        "credential_offer_authz_code.txt",
    ],
)
def test_every_published_offer_is_read(name: str) -> None:
    document = parse_json_object(body_of(name))

    offer = oid4vci.parse_offer(document)

    assert offer.credential_issuer == ISSUER
    assert [*offer.credential_configuration_ids] == document["credential_configuration_ids"]
    assert oid4vci.parse_offer(oid4vci.build_offer(offer)) == offer


def test_the_published_metadata_is_read_and_built_again() -> None:
    document = parse_json_object(vectors("openid4vci/credential_issuer_metadata_sd_jwt_long.json").read_bytes())

    metadata = oid4vci.parse_issuer_metadata(document)
    oid4vci.check_issuer_metadata(metadata, ISSUER)
    built = oid4vci.build_issuer_metadata(metadata)

    assert metadata.batch_size == 10
    assert metadata.display[1].name == "Example Université"
    configuration = built["credential_configurations_supported"]["SD_JWT_VC_example_in_OpenID4VCI"]
    original = document["credential_configurations_supported"]["SD_JWT_VC_example_in_OpenID4VCI"]
    assert configuration == original
    left_out = {"credential_request_encryption", "credential_response_encryption"}
    assert {name: value for name, value in built.items() if name != "credential_configurations_supported"} == {
        name: value
        for name, value in document.items()
        if name not in left_out | {"credential_configurations_supported"}
    }


def test_the_payload_of_the_published_signed_metadata_is_read() -> None:
    token = re.sub(
        r"\s", "", vectors("openid4vci/credential_issuer_metadata_sd_jwt_jwt.txt").read_text(encoding="utf-8")
    )

    assert peek_header(token)["typ"] == "openidvci-issuer-metadata+jwt"
    oid4vci.check_issuer_metadata(oid4vci.parse_issuer_metadata(peek_payload(token)), ISSUER)


@pytest.mark.parametrize("name", ["jwt_vc_json", "ldp_vc", "mso_mdoc", "sd_jwt_vc"])
def test_every_published_configuration_is_read_and_built_again(name: str) -> None:
    document = parse_json_object(vectors(f"openid4vci/credential_metadata_{name}.json").read_bytes())
    endpoints = {"credential_issuer": ISSUER, "credential_endpoint": ISSUER + "/credential"}

    metadata = oid4vci.parse_issuer_metadata({**document, **endpoints})

    assert oid4vci.build_issuer_metadata(metadata) == {**document, **endpoints}


@pytest.mark.parametrize(
    ("name", "configurations"),
    [
        ("", ["UniversityDegreeCredential"]),
        ("_jwt_vc_json", ["UniversityDegreeCredential"]),
        ("_ldp_vc", ["UniversityDegree_LDP_VC"]),
        ("_mso_doc", ["org.iso.18013.5.1.mDL"]),
        ("_multiple_credentials", ["UniversityDegreeCredential", "org.iso.18013.5.1.mDL"]),
        ("_sd_jwt_vc", ["PID_SD_JWT_VC"]),
        ("_with_as", ["UniversityDegreeCredential"]),
    ],
)
def test_all_published_authorization_details_are_read(name: str, configurations: list[str]) -> None:
    details = vectors(f"openid4vci/authorization_details{name}.json").read_text(encoding="utf-8")

    request = oid4vci.parse_token_request(
        {
            "grant_type": "urn:ietf:params:oauth:grant-type:pre-authorized_code",
            "pre-authorized_code": "a",
            "authorization_details": details,
        }
    )

    assert request.authorization_details == tuple(AuthorizationDetail(name) for name in configurations)


@pytest.mark.parametrize(
    ("name", "kind"), [("jwt_vc_json", str), ("ldp_vc", dict), ("mso_mdoc", str), ("sd_jwt_vc", str)]
)
def test_every_published_credential_answer_is_read(name: str, kind: type) -> None:
    response = oid4vci.parse_credential_response(body_of(f"credential_response_{name}.txt"))

    assert len(response.credentials) == 1
    assert isinstance(response.credentials[0], kind)


def test_the_published_request_of_an_older_draft_is_refused() -> None:
    with pytest.raises(ProtocolError) as caught:
        oid4vci.parse_credential_request(vectors("openid4vci/credential_request_iso_mdl.json").read_bytes())

    assert caught.value.error == "invalid_credential_request"


def published_queries() -> list[Path]:
    folder = vectors("openid4vp")
    return [*sorted((folder / "query_lang").glob("*.json")), *sorted((folder / "request").glob("dcql_*.json"))]


def test_every_published_query_is_read() -> None:
    found = published_queries()

    assert {path.stem for path in found} >= set(QUERIES)
    for path in found:
        document = parse_json_object(path.read_bytes())
        query = dcql.parse_query(document)
        assert [entry.id for entry in query.credentials] == [entry["id"] for entry in document["credentials"]]
        if path.stem in QUERIES:
            check_query(document, QUERIES[path.stem])


def test_the_published_query_selects_in_the_published_credential() -> None:
    query = dcql.parse_query(vectors("openid4vp/request/dcql_ldp_vc.json").read_bytes()).credentials[0]
    presentation = read_json(vectors("openid4vp/response/ldp_vc.json"))
    credential = presentation["verifiableCredential"][0]
    credential["credentialSubject"]["id"] = presentation["holder"]

    match = dcql.match(query, credential, lambda document: frozenset(document["type"]))

    assert match is not None
    assert {claim.pointer: claim.value for claim in match.claims} == {
        pointer("credentialSubject", *path): value
        for path, value in [
            (["family_name"], "Mustermann"),
            (["given_name"], "Max"),
            (["birthdate"], "1998-01-11"),
            (["address", "street_address"], "Sandanger 25"),
            (["address", "locality"], "Musterstadt"),
            (["address", "postal_code"], "123456"),
            (["address", "country"], "DE"),
        ]
    }


def test_the_published_presentation_passes_through_an_answer() -> None:
    presentation = read_json(vectors("openid4vp/response/ldp_vc.json"))

    response = oid4vp.parse_direct_post(
        oid4vp.build_response({"example_ldp_vc": [presentation]}, state="eyJhb...6-sVA")
    )

    assert response.state == "eyJhb...6-sVA"
    assert getattr(response, "vp_token", None) == {"example_ldp_vc": (presentation,)}


def test_the_published_request_by_did_is_named_as_we_name_ours() -> None:
    header = read_json(vectors("openid4vp/request/request_header_client_id_did.json"))
    payload = without_ellipses("openid4vp/request/request_object_client_id_did.json")

    client_id = oid4vp.parse_client_id(payload["client_id"])

    assert header["typ"] == oid4vp.REQUEST_OBJECT_TYPE
    assert client_id.identifier == header["kid"].partition("#")[0]
    assert oid4vp.build_client_id(client_id.identifier) == payload["client_id"]
