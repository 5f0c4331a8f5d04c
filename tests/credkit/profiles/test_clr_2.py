"""CLR 2.0: the wrapper by the official schema, the members each on their own."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from credkit.errors import MalformedValueError
from credkit.profiles.clr_2 import Clr, build_clr, check_clr, lint_clr, mandatory_pointers, members_of
from credkit.profiles.openbadges_3 import Identity, Profile, build_open_badge
from tests.credkit.profiles.test_openbadges_3 import badge
from tests.support.shared import official_schema, read_json, samples

NOW = datetime(2026, 6, 15, tzinfo=UTC)
SCHOOL = Profile("did:web:school.example", "Lincoln High School", "https://school.example")


def transcript(**changes: Any) -> Clr:
    members = [build_open_badge(badge(id=f"urn:uuid:7f1a9b36-91d2-4bd5-a7af-3d8d8e41810{n}")) for n in range(3)]
    values: dict[str, Any] = {
        "id": "urn:uuid:7f1a9b36-91d2-4bd5-a7af-3d8d8e418200", "name": "Transcript", "issuer": SCHOOL,
        "identities": (Identity("name", "María Núñez"),), "valid_from": NOW, "members": members,
        "subject_id": "did:key:z"}
    return Clr(**{**values, **changes})


@pytest.fixture(scope="session")
def schema() -> Any:
    return official_schema("clr/v2_0/clr_v2p0_clrcredential_schema.json")


@pytest.mark.spec("CLR-2.0", "#clrcredential")
@pytest.mark.parametrize("partial", [False, True])
def test_what_we_write_passes_the_official_schema_wrapper_and_members(schema: Any, partial: bool) -> None:
    document = build_clr(transcript(partial=partial))
    schema.validate(document)
    assert document.get("partial") is (True if partial else None)
    member_schema = official_schema("clr/v2_0/clr_v2p0_achievementcredential_schema.json")
    for _at, member in members_of(document):
        member_schema.validate(member)
    assert mandatory_pointers(document) == []


@pytest.mark.parametrize("change", [
    lambda document: document.update(name=None), lambda document: document.pop("name"),
    lambda document: document.pop("validFrom"), lambda document: document.update(partial="true"),
    lambda document: document.update(issuer="did:web:school.example"), lambda document: document.update(id="x"),
    lambda document: document["credentialSubject"].update(verifiableCredential=[]),
    lambda document: document["credentialSubject"].update(verifiableCredential=["eyJ"]),
    lambda document: document["credentialSubject"].update(type=["AchievementSubject"]),
    lambda document: document["credentialSubject"]["verifiableCredential"][1].pop("issuer"),
    lambda document: document["credentialSubject"]["verifiableCredential"][1].update(type=["Badge"]),
    lambda document: document["credentialSubject"]["verifiableCredential"][2].update(
        id=document["credentialSubject"]["verifiableCredential"][0]["id"]),
    lambda document: document["credentialSubject"].update(association=[
        {"type": "Association", "associationType": "cousinOf", "sourceId": "urn:a", "targetId": "urn:b"}]),
    lambda document: document["@context"].pop(),
])
def test_what_breaks_a_rule_is_never_written(change: Any) -> None:
    document = build_clr(transcript())
    change(document)
    with pytest.raises(MalformedValueError):
        lint_clr(document)


def test_the_place_of_a_broken_member_is_named() -> None:
    document = build_clr(transcript())
    del document["credentialSubject"]["verifiableCredential"][1]["credentialSubject"]["achievement"]["criteria"]
    with pytest.raises(MalformedValueError) as caught:
        lint_clr(document)
    assert caught.value.pointer == "/credentialSubject/verifiableCredential/1/credentialSubject/achievement/criteria"


def test_every_sample_transcript_is_read_and_its_lacks_are_remarks() -> None:
    for path in sorted(samples("clr2/learncard").glob("*.json")):
        document = read_json(path)
        check_clr(document)
        for at, _member in members_of(document):
            assert at.startswith("/credentialSubject/verifiableCredential/")


@pytest.mark.spec("CLR-2.0", "#verification")
def test_the_1edtech_vector_has_nothing_to_remark() -> None:
    assert check_clr(read_json(samples("vectors/1edtech-impl-guide/clrv2p0/signed-credential.json"))) == ()


def test_a_member_that_stands_alone_counts_like_a_list_of_one() -> None:
    document = build_clr(transcript())
    subject = document["credentialSubject"]
    subject["verifiableCredential"] = subject["verifiableCredential"][0]
    assert [at for at, _member in members_of(document)] == ["/credentialSubject/verifiableCredential"]
    document["credentialSubject"] = [subject]
    assert [at for at, _member in members_of(document)] == ["/credentialSubject/0/verifiableCredential"]
