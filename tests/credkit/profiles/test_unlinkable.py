"""Two showings of one record have nothing in common but what they say, and whatever would change that is refused."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from credkit.environment import SystemRandomness
from credkit.errors import CredkitError, MalformedValueError, TooComplexError
from credkit.profiles.unlinkable import is_unlinkable, issue_unlinkable, lint_unlinkable
from credkit.proofs import BbsSigner, add_base_proof, derive
from credkit.proofs.bbs_2023 import parse_derived_proof_value
from credkit.verification import Policy, verify_credential
from tests.support.world import NOW, V2, World

WORLD = World()
SIGNER = BbsSigner.generate(SystemRandomness())
DID = SIGNER.verification_method.partition("#")[0]
OB3 = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"


def enrolment(**changes: Any) -> dict[str, Any]:
    """Somebody goes to this school: no name, no number."""
    return {
        "@context": [V2, OB3], "type": ["VerifiableCredential", "AchievementCredential"],
        "issuer": {"id": DID, "type": ["Profile"], "name": "Lincoln High School"},
        "validFrom": "2026-06-01T00:00:00Z", "validUntil": "2027-01-01T00:00:00Z",
        "credentialSubject": {"type": ["AchievementSubject"], "licenseNumber": "L-1", "achievement": {
            "id": "https://school.example/enrolment", "type": ["Achievement"], "name": "Enrolled",
            "description": "Goes to this school.", "criteria": {"narrative": "Enrolled this term."}}},
        **changes,
    }


def issued(document: dict[str, Any] | None = None) -> dict[str, Any]:
    return issue_unlinkable(document or enrolment(), SIGNER, WORLD.processor, SystemRandomness(), now=NOW)


def shown(base: dict[str, Any], *pointers: str) -> dict[str, Any]:
    return derive(base, pointers or ("/credentialSubject/achievement",), WORLD.processor, SystemRandomness())


@pytest.mark.spec("VC-DI-BBS", "#privacy-considerations")
def test_two_showings_of_one_record_and_of_two_cannot_be_told_apart() -> None:
    one, other = issued(), issued()
    showings = [shown(one), shown(one), shown(other)]
    values = [parse_derived_proof_value(document["proof"].pop("proofValue")) for document in showings]
    assert showings[0] == showings[1] == showings[2]
    told = [(value.label_map, value.mandatory_indexes, value.selective_indexes, len(value.proof)) for value in values]
    assert told[0] == told[1] == told[2]
    assert len({value.proof for value in values}) == 3


def test_what_is_shown_holds_and_only_then_may_a_page_say_that_it_cannot_be_linked() -> None:
    for pointers in ((), ("/credentialSubject/achievement/name",), ("/validUntil",)):
        document = shown(issued(), *pointers)
        report = verify_credential(document, Policy(), WORLD.environment())
        assert report.verified
        assert "unlinkable" in {remark.code for remark in report.remarks}
        assert is_unlinkable(document, WORLD.processor)


def test_labels_in_an_order_of_their_own_give_a_record_away() -> None:
    told = set()
    for _ in range(40):
        base = add_base_proof(enrolment(), signer=SIGNER, processor=WORLD.processor, suite="bbs-2023",
                              created=NOW.replace(day=1, hour=0), randomness=SystemRandomness())
        document = shown(base)
        told.add(is_unlinkable(document, WORLD.processor))
        report = verify_credential(document, Policy(), WORLD.environment())
        assert ("unlinkable" in {remark.code for remark in report.remarks}) is is_unlinkable(document, WORLD.processor)
    assert told == {True, False}


LINKS: dict[str, dict[str, Any]] = {
    "an id": {"id": "urn:uuid:1"}, "a status": {"credentialStatus": {"type": "BitstringStatusListEntry"}},
    "a subject's id": {"credentialSubject": {**enrolment()["credentialSubject"], "id": "did:example:a"}},
    "a time": {"validFrom": "2026-06-15T12:00:00Z"}, "a day": {"validUntil": "2026-06-15T00:00:00Z"},
    "another zone": {"validFrom": "2026-06-01T00:00:00+02:00"}, "evidence": {"evidence": [{"type": ["Evidence"]}]},
    "a result's id": {"credentialSubject": {**enrolment()["credentialSubject"], "result": [{"id": "urn:a:1"}]}},
    "a picture": {"credentialSubject": {**enrolment()["credentialSubject"], "image": {"id": "https://a.example/1"}}},
}


@pytest.mark.parametrize("name", LINKS)
def test_what_would_link_it_is_neither_issued_nor_called_unlinkable(name: str) -> None:
    with pytest.raises(MalformedValueError):
        lint_unlinkable(enrolment(**LINKS[name]))
    with pytest.raises(CredkitError):
        issued(enrolment(**LINKS[name]))
    assert not is_unlinkable({**shown(issued()), **LINKS[name]}, WORLD.processor)


def test_a_proof_of_another_kind_or_with_more_in_it_is_not_unlinkable() -> None:
    document = shown(issued())
    for changes in ({"created": "2026-06-15T12:00:00Z"}, {"challenge": "c"}, {"id": "urn:uuid:1"},
                    {"cryptosuite": "ecdsa-sd-2023"}):
        assert not is_unlinkable({**document, "proof": {**document["proof"], **changes}}, WORLD.processor)
    assert not is_unlinkable({**document, "proof": [document["proof"]]}, WORLD.processor)


def test_a_record_of_too_many_parts_is_refused_in_bounded_time() -> None:
    document = copy.deepcopy(enrolment())
    document["credentialSubject"]["result"] = [{"type": ["Result"], "value": str(number)} for number in range(6)]
    with pytest.raises(TooComplexError):
        issued(document)
