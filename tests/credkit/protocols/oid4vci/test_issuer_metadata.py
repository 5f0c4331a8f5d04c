"""OpenID4VCI 1.0: what issuers publish about themselves."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from credkit.errors import ProtocolError
from credkit.protocols.oid4vci import v1_0
from credkit.protocols.oid4vci.messages import (
    AuthorizationCodeGrant,
    ClaimDescription,
    CredentialConfiguration,
    CredentialOffer,
    Display,
    IssuerMetadata,
    KeyAttestationsRequired,
    PreAuthorizedCodeGrant,
    ProofType,
)
from tests.credkit.protocols.support import check_reader

ISSUER = "https://school.example"
COURSE = CredentialConfiguration(
    id="course",
    format="ldp_vc",
    scope="course",
    types=("VerifiableCredential", "OpenBadgeCredential"),
    contexts=("https://www.w3.org/ns/credentials/v2",),
    signing_algs=("ecdsa-sd-2023",),
    binding_methods=("did:key",),
    proof_types={"jwt": ProofType(("EdDSA", "ES256"))},
    display=(Display("Course", "en", "One course", "https://school.example/logo.png", "A logo", "#12107c", "#FFFFFF"),),
    claims=(
        ClaimDescription(("credentialSubject", "result", 0, "value"), True, (Display("Grade", "en"),)),
        ClaimDescription(("credentialSubject", "identifier", None)),
    ),
)
METADATA = IssuerMetadata(
    credential_issuer=ISSUER,
    credential_endpoint=ISSUER + "/credential",
    credential_configurations={"course": COURSE},
    nonce_endpoint=ISSUER + "/nonce",
    notification_endpoint=ISSUER + "/notification",
    display=(Display("Lincoln School", "en"), Display("Escuela Lincoln", "es")),
)


def test_that_keys_must_be_attested_is_said_and_read() -> None:
    needed = replace(COURSE, proof_types={"jwt": ProofType(("ES256",), KeyAttestationsRequired())})
    document = v1_0.build_issuer_metadata(replace(METADATA, credential_configurations={"course": needed}))
    said = document["credential_configurations_supported"]["course"]["proof_types_supported"]["jwt"]
    assert said["key_attestations_required"] == {}  # levels: test_published_messages.py
    read = v1_0.parse_issuer_metadata(json.dumps(document).encode())
    assert read.credential_configurations["course"] == needed


def test_metadata_comes_back_as_it_was_built() -> None:
    assert v1_0.parse_issuer_metadata(json.dumps(v1_0.build_issuer_metadata(METADATA)).encode()) == METADATA


@pytest.mark.spec("OID4VCI-1.0", "#credential-issuer-parameters")
def test_metadata_is_written_with_the_specifications_names() -> None:
    document = v1_0.build_issuer_metadata(METADATA, token_endpoint=ISSUER + "/token")

    assert document["credential_configurations_supported"]["course"] == {
        "format": "ldp_vc",
        "scope": "course",
        "credential_definition": {
            "@context": ["https://www.w3.org/ns/credentials/v2"],
            "type": ["VerifiableCredential", "OpenBadgeCredential"],
        },
        "credential_signing_alg_values_supported": ["ecdsa-sd-2023"],
        "cryptographic_binding_methods_supported": ["did:key"],
        "proof_types_supported": {"jwt": {"proof_signing_alg_values_supported": ["EdDSA", "ES256"]}},
        "credential_metadata": {
            "display": [
                {
                    "name": "Course",
                    "locale": "en",
                    "description": "One course",
                    "logo": {"uri": "https://school.example/logo.png", "alt_text": "A logo"},
                    "background_color": "#12107c",
                    "text_color": "#FFFFFF",
                }
            ],
            "claims": [
                {
                    "path": ["credentialSubject", "result", 0, "value"],
                    "mandatory": True,
                    "display": [{"name": "Grade", "locale": "en"}],
                },
                {"path": ["credentialSubject", "identifier", None]},
            ],
        },
    }
    assert document["issuer"] == document["credential_issuer"] == ISSUER
    assert document["token_endpoint"] == ISSUER + "/token"
    assert "authorization_servers" not in document and "batch_credential_issuance" not in document


@pytest.mark.spec("OID4VCI-1.0", "#credential-issuer-wellknown")
def test_metadata_lies_at_the_inserted_path_and_for_some_at_the_appended_one() -> None:
    assert v1_0.issuer_metadata_urls("https://h.example/a") == (
        "https://h.example/.well-known/openid-credential-issuer/a",
        "https://h.example/a/.well-known/openid-credential-issuer",
    )
    assert v1_0.issuer_metadata_urls("https://h.example") == ("https://h.example/.well-known/openid-credential-issuer",)
    assert (
        v1_0.server_metadata_urls("https://h.example/a/")[0]
        == "https://h.example/.well-known/oauth-authorization-server/a"
    )


@pytest.mark.parametrize(
    "identifier", ["h.example", "http://h.example", "https://h.example?x=1", "https://h.example#x", "", "https://["]
)
def test_an_identifier_that_is_no_address_has_no_metadata(identifier: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        v1_0.issuer_metadata_urls(identifier)

    assert caught.value.error == "invalid_issuer_metadata"


@pytest.mark.parametrize(
    "asked", ["https://school.example/", "https://School.example", "https://other.example", ISSUER + ".evil.example"]
)
def test_metadata_of_another_issuer_is_refused(asked: str) -> None:
    with pytest.raises(ProtocolError, match="not about the issuer"):
        v1_0.check_issuer_metadata(METADATA, asked)


@pytest.mark.spec("security.md", "E09")
@pytest.mark.parametrize(
    "name", ["credential_endpoint", "nonce_endpoint", "deferred_credential_endpoint", "notification_endpoint"]
)
@pytest.mark.parametrize(
    "endpoint",
    [
        "https://evil.example/x",
        "http://school.example/x",
        "https://school.example:444/x",
        "https://school.example@evil.example/x",
        "javascript:1",
        "x",
        "",
    ],
)
def test_an_endpoint_of_somebody_else_is_refused(name: str, endpoint: str) -> None:
    metadata = v1_0.parse_issuer_metadata({**v1_0.build_issuer_metadata(METADATA), name: endpoint or "/x"})

    with pytest.raises(ProtocolError) as caught:
        v1_0.check_issuer_metadata(metadata, ISSUER)

    assert caught.value.error == "invalid_issuer_metadata"


def test_endpoints_at_a_registered_address_are_taken() -> None:
    metadata = v1_0.parse_issuer_metadata(
        {**v1_0.build_issuer_metadata(METADATA), "nonce_endpoint": "https://api.example/nonce"}
    )

    v1_0.check_issuer_metadata(METADATA, ISSUER)
    v1_0.check_issuer_metadata(metadata, ISSUER, other_origins=["https://api.example"])


def test_the_authorization_server_is_the_named_the_first_or_the_issuer_itself() -> None:
    offer = CredentialOffer(ISSUER, ("course",), PreAuthorizedCodeGrant("c"))
    named = CredentialOffer(ISSUER, ("course",), None, AuthorizationCodeGrant(authorization_server="https://b.example"))
    two = v1_0.parse_issuer_metadata(
        {**v1_0.build_issuer_metadata(METADATA), "authorization_servers": ["https://a.example", "https://b.example"]}
    )

    assert v1_0.authorization_server_of(METADATA, offer) == ISSUER
    assert v1_0.authorization_server_of(two, offer) == "https://a.example"
    assert v1_0.authorization_server_of(two, named) == "https://b.example"
    with pytest.raises(ProtocolError):
        v1_0.authorization_server_of(METADATA, named)


def test_an_authorization_server_without_an_address_is_refused() -> None:
    metadata = v1_0.parse_issuer_metadata({**v1_0.build_issuer_metadata(METADATA), "authorization_servers": ["evil"]})

    with pytest.raises(ProtocolError):
        v1_0.check_issuer_metadata(metadata, ISSUER)


def test_names_of_strangers_are_fit_to_be_shown() -> None:
    document = {**v1_0.build_issuer_metadata(METADATA), "display": [{"name": "Har\u202evard\n" + "x" * 999}]}

    shown = v1_0.parse_issuer_metadata(document).display[0].name

    assert shown is not None and shown.startswith("Harvard x") and len(shown) == 300


def test_an_issuer_with_too_many_kinds_is_refused() -> None:
    document = v1_0.build_issuer_metadata(METADATA)
    document["credential_configurations_supported"] = {str(number): {"format": "ldp_vc"} for number in range(501)}

    with pytest.raises(ProtocolError):
        v1_0.parse_issuer_metadata(document)


def test_a_batch_size_is_read_and_written() -> None:
    document = {**v1_0.build_issuer_metadata(METADATA), "batch_credential_issuance": {"batch_size": 10}}

    metadata = v1_0.parse_issuer_metadata(document)

    assert metadata.batch_size == 10
    assert v1_0.build_issuer_metadata(metadata) == document


def test_spoiled_metadata_is_refused_in_a_typed_way() -> None:
    document = v1_0.build_issuer_metadata(METADATA)

    assert check_reader(v1_0.parse_issuer_metadata, document, build=v1_0.build_issuer_metadata) > 300
