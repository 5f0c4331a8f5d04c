"""The shape of credentials and presentations (conformance.md "Refuse", as far as Open Badges and CLR meet it)."""

from __future__ import annotations

import copy
from datetime import UTC, datetime

import pytest

from credkit.credential import (
    check_credential,
    check_presentation,
    context_version,
    issuer_id,
    validity_period,
)
from credkit.errors import Expired, MalformedValueError, NotYetValid, ProblemError, RangeValueError

V2 = "https://www.w3.org/ns/credentials/v2"
V1 = "https://www.w3.org/2018/credentials/v1"
GOOD = {
    "@context": [V2],
    "id": "urn:uuid:4e2d6f7c-0000-4000-8000-000000000001",
    "type": ["VerifiableCredential"],
    "issuer": {"id": "did:web:school.example", "name": "Lincoln High School"},
    "validFrom": "2026-06-01T00:00:00Z",
    "validUntil": "2036-06-01T00:00:00Z",
    "name": "Algebra I",
    "credentialSubject": {
        "id": "did:key:z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2",
        "type": "AchievementSubject",
    },
    "credentialStatus": {"id": "https://school.example/status/1#7", "type": "BitstringStatusListEntry"},
    "credentialSchema": {"id": "https://school.example/schema", "type": "1EdTechJsonSchemaValidator2019"},
}


def changed(name, value):
    document = copy.deepcopy(GOOD)
    if value is ...:
        del document[name]
    else:
        document[name] = value
    return document


def test_a_whole_credential_is_accepted():
    check_credential(GOOD)
    assert issuer_id(GOOD) == "did:web:school.example"
    assert context_version(GOOD) == "2.0"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("issuer", "did:web:school.example"),
        ("id", ...),
        ("validFrom", ...),
        ("validUntil", ...),
        ("credentialStatus", ...),
        ("name", {"@value": "Álgebra", "@language": "es", "@direction": "ltr"}),
        ("name", [{"@value": "a"}, {"@value": "b"}]),
        ("credentialSubject", {"id": "did:key:z6Mk"}),
        ("credentialSubject", [{"id": "did:key:z6Mk"}, {"type": "X"}]),
        ("validFrom", "2026-06-01T00:00:00.123+02:00"),
        ("type", "VerifiableCredential"),
    ],
)
def test_what_the_standard_allows_is_accepted(name, value):
    check_credential(changed(name, value))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("@context", ...),
        ("@context", V2),
        ("@context", []),
        ("@context", ["https://x.example", V2]),
        ("@context", [V2, 7]),
        ("@context", [V2, "no url"]),
        ("type", ...),
        ("type", []),
        ("type", ["OpenBadgeCredential"]),
        ("type", [7]),
        ("type", None),
        ("id", None),
        ("id", ["urn:a:b"]),
        ("id", "no url"),
        ("id", 5),
        ("issuer", ...),
        ("issuer", None),
        ("issuer", True),
        ("issuer", 7),
        ("issuer", []),
        ("issuer", "school"),
        ("issuer", {"id": None}),
        ("issuer", {"id": "school"}),
        ("issuer", {}),
        ("issuer", {"id": "did:web:a", "name": 7}),
        ("credentialSubject", ...),
        ("credentialSubject", None),
        ("credentialSubject", True),
        ("credentialSubject", 7),
        ("credentialSubject", "did:key:a"),
        ("credentialSubject", []),
        ("credentialSubject", {}),
        ("credentialSubject", [{"id": "did:key:a"}, {}]),
        ("credentialSubject", {"id": ["did:key:a"]}),
        ("name", 7),
        ("name", []),
        ("name", {"@value": 7}),
        ("name", {"@value": "a", "x": "b"}),
        ("name", {"en": "a"}),
        ("description", None),
        ("validFrom", "2026-06-01"),
        ("validFrom", 7),
        ("validFrom", None),
        ("validUntil", "tomorrow"),
        ("validUntil", "2026-05-31T00:00:00Z"),
        ("credentialStatus", "x"),
        ("credentialStatus", {}),
        ("credentialStatus", {"type": 7}),
        ("credentialStatus", []),
        ("credentialStatus", {"type": "X", "id": "no url"}),
        ("credentialSchema", {"type": "X"}),
        ("credentialSchema", None),
        ("evidence", [{"id": "urn:a:b"}]),
        ("refreshService", [7]),
        ("termsOfUse", {"type": []}),
    ],
)
def test_what_the_standard_refuses_is_refused_and_named(name, value):
    with pytest.raises((MalformedValueError, RangeValueError)) as caught:
        check_credential(changed(name, value))
    assert caught.value.pointer is not None
    assert isinstance(caught.value, ProblemError)


def test_a_credential_of_version_1_1_is_read():
    old = {
        "@context": [V1],
        "type": ["VerifiableCredential"],
        "issuer": "did:key:z6Mk",
        "issuanceDate": "2020-01-01T00:00:00Z",
        "expirationDate": "2021-01-01T00:00:00Z",
        "credentialSubject": {"id": "did:key:z6Mk"},
    }
    check_credential(old)
    with pytest.raises(Expired):
        validity_period(old).check(datetime(2026, 1, 1, tzinfo=UTC))
    del old["issuanceDate"]
    with pytest.raises(MalformedValueError):
        check_credential(old)


@pytest.mark.parametrize(
    ("moment", "error"),
    [
        (datetime(2026, 5, 31, 23, 59, 59, tzinfo=UTC), NotYetValid),
        (datetime(2036, 6, 1, 0, 0, 1, tzinfo=UTC), Expired),
    ],
)
def test_outside_its_period_a_credential_does_not_hold(moment, error):
    with pytest.raises(error):
        validity_period(GOOD).check(moment)


def test_on_its_edges_a_credential_holds():
    validity_period(GOOD).check(datetime(2026, 6, 1, tzinfo=UTC))
    validity_period(GOOD).check(datetime(2036, 6, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    "change",
    [
        {"@context": V2},
        {"type": "VerifiableCredential"},
        {"holder": 7},
        {"holder": {"id": None}},
        {"verifiableCredential": ["x"]},
        {"verifiableCredential": 7},
        {"id": None},
    ],
)
def test_a_presentation_of_another_shape_is_refused(change):
    good = {"@context": [V2], "type": ["VerifiablePresentation"], "holder": "did:key:a", "verifiableCredential": [{}]}
    check_presentation(good)
    with pytest.raises(MalformedValueError):
        check_presentation({**good, **change})
