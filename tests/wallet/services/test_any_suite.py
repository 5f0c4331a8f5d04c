"""Records under every Data Integrity suite that issuers use, and holder keys of both kinds: kept, and shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from credkit.dids import build_did_document, web_document_url
from credkit.environment import SystemRandomness
from credkit.errors import ProblemError
from credkit.keys import public_key_from_multibase
from credkit.ports import JSONObject
from credkit.proofs import BbsSigner, add_base_proof
from credkit.protocols.oid4vci.messages import ProofType
from tests.support.fakeweb import Site
from tests.support.world import World
from tests.wallet.offices import TITLE_AND_GRADE, AskingCollege, OfferingSchool
from wallet.bootstrap import Services
from wallet.services.record.library import shelf
from wallet.vault import OpenVault

WHOLE, IN_PART = ("eddsa-rdfc-2022", "ecdsa-rdfc-2019"), ("ecdsa-sd-2023", "bbs-2023")


@pytest.fixture
def bbs(school: OfferingSchool, world: World) -> BbsSigner:
    """A key of the school's for bbs-2023, published beside its others."""
    signer = BbsSigner.generate(SystemRandomness(), verification_method=school.school.did + "#bbs")
    keys = [("ed25519", school.school.ed25519.public_key), ("p256", school.school.p256.public_key),
            ("bbs", public_key_from_multibase(signer.public_key_multibase))]
    document = build_did_document(school.school.did, [(name, key, ("assertionMethod",)) for name, key in keys])
    url = web_document_url(school.school.did, allow_loopback=False)
    assert isinstance(school.site, Site)
    school.site.pages["/" + url.partition("://")[2].partition("/")[2]] = (200, "application/did+json", document)
    return signer


def offered(school: OfferingSchool, suite: str, bbs: BbsSigner, *, algs: tuple[str, ...]) -> str:
    def make(did: str) -> JSONObject:
        document = school.school.course(index=1, name="Biology", grade="A", subject_id=did)
        if suite == "bbs-2023":
            return add_base_proof(document, suite=suite, signer=bbs, processor=school.world.processor,
                                  created=school.world.clock.now(), randomness=SystemRandomness())
        return school.school.sign_base(document) if suite == "ecdsa-sd-2023" else school.school.sign(document, suite)

    course = school.configurations["course"]
    school.configurations["course"] = replace(course, signing_algs=(suite,), proof_types={"jwt": ProofType(algs)})
    return school.offer(("course", make), tx_code=None)


@pytest.mark.parametrize(("algs", "start"), [(("EdDSA",), "did:key:z6Mk"), (("ES256",), "did:key:zDn")])
@pytest.mark.parametrize("suite", [*WHOLE, *IN_PART])
def test_a_record_under_any_suite_is_kept_and_shown(
        services: Services, vault: OpenVault, school: OfferingSchool, college: AskingCollege, bbs: BbsSigner,
        suite: str, algs: tuple[str, ...], start: str) -> None:
    link = offered(school, suite, bbs, algs=algs)
    services.receiving.accept_offer(vault, services.receiving.resolve_offer(link))
    school.world.clock.advance(minutes=1)
    (card,) = shelf(vault).all()
    college.overrides = {"cryptosuites": [suite]}

    presenting = services.presenting
    resolved = presenting.resolve_request(college.ask(*TITLE_AND_GRADE))
    sheet = presenting.sheet(vault, resolved, {"records": (card.item_id,)})
    presenting.share(vault, resolved, presenting.agree(vault, resolved, sheet, seen_digest=sheet.digest))

    (report,) = college.reports()
    assert report.verified and report.peek_document["holder"].startswith(start)
    assert sheet.records[0].whole == (suite in WHOLE)
    description = report.peek_document["verifiableCredential"][0]["credentialSubject"]["achievement"].get("description")
    assert (description is None) == (suite in IN_PART)


@pytest.mark.parametrize("change", [
    lambda document: {**document, "validFrom": "2020-01-01T00:00:00Z"},
    lambda document: {**document, "proof": {**document["proof"], "proofValue": document["proof"]["proofValue"][:-4]}}])
@pytest.mark.parametrize("suite", [*WHOLE, *IN_PART])
def test_a_record_that_was_changed_is_kept_under_no_suite(
        services: Services, vault: OpenVault, school: OfferingSchool, bbs: BbsSigner, suite: str,
        change: Callable[[JSONObject], Any]) -> None:
    link = offered(school, suite, bbs, algs=("EdDSA",))
    school.change = change

    with pytest.raises(ProblemError):
        services.receiving.accept_offer(vault, services.receiving.resolve_offer(link))

    assert shelf(vault).all() == ()


def test_a_record_whose_suite_is_not_taken_is_not_looked_at(
        services: Services, vault: OpenVault, school: OfferingSchool, college: AskingCollege, bbs: BbsSigner) -> None:
    link = offered(school, "bbs-2023", bbs, algs=("EdDSA",))
    services.receiving.accept_offer(vault, services.receiving.resolve_offer(link))
    school.world.clock.advance(minutes=1)
    college.overrides = {"cryptosuites": ["ecdsa-sd-2023"]}

    resolved = services.presenting.resolve_request(college.ask(*TITLE_AND_GRADE))

    assert not services.presenting.match(vault, resolved).possible


def test_a_record_that_came_in_several_ways_answers_whoever_takes_one_of_them(
        services: Services, vault: OpenVault, school: OfferingSchool, college: AskingCollege, bbs: BbsSigner) -> None:
    for suite in ("bbs-2023", "ecdsa-sd-2023", "eddsa-rdfc-2022"):
        link = offered(school, suite, bbs, algs=("EdDSA",))
        services.receiving.accept_offer(vault, services.receiving.resolve_offer(link))
        school.world.clock.advance(minutes=1)
    presenting = services.presenting

    shown = {}
    for taken in (("bbs-2023",), ("eddsa-rdfc-2022",), ("ecdsa-sd-2023", "eddsa-rdfc-2022")):
        college.overrides = {"cryptosuites": list(taken)}
        resolved = presenting.resolve_request(college.ask(*TITLE_AND_GRADE))
        (asked,) = presenting.match(vault, resolved).asked
        (candidate,) = asked.candidates
        sheet = presenting.sheet(vault, resolved, {"records": (candidate.card.item_id,)})
        assert sheet.stays == ()
        shown[taken] = sheet.records[0].document["proof"]["cryptosuite"]

    assert list(shown.values()) == ["bbs-2023", "eddsa-rdfc-2022", "ecdsa-sd-2023"]
    assert len(shelf(vault).all()) == 1
