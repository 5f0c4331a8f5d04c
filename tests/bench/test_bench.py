"""What the benchmark measures is what it says; nothing here is judged by the clock."""

from __future__ import annotations

import json

from bench.beside import verify_in_a_fresh_process
from bench.documents import COURSES, badge, course, long_record, sd_jwt_badge, transcript
from bench.growth import growth
from bench.ours import Ours, environment
from bench.pairs import Row, pinned_documents, rows_of
from bench.pyld_peer import PyldPeer
from bench.sd_jwt import REQUEST, OurSdJwt
from bench.sd_jwt_peers import PythonSdJwt
from bench.timing import in_process
from credkit.keys import SoftwareSigner
from credkit.proofs import BbsSigner

ED25519 = SoftwareSigner.from_secret("Ed25519", bytes(range(1, 33)))
P256 = SoftwareSigner.from_secret("P-256", bytes(range(1, 33)))
SCHOOL = ED25519.verification_method.partition("#")[0]
OURS = Ours(environment(), ED25519, P256, BbsSigner(bytes(range(1, 33))))


def signed_transcript() -> str:
    members = [OURS.issue(json.dumps(course(index, SCHOOL))) for index in range(COURSES)]
    return json.dumps(OURS.issue(json.dumps(transcript(SCHOOL, members))))


def test_the_documents_have_the_size_that_the_aims_speak_of() -> None:
    assert 2_400 <= len(json.dumps(badge(SCHOOL))) <= 3_600
    assert 60_000 <= len(json.dumps(long_record(SCHOOL))) <= 100_000
    assert 60_000 <= sum(len(json.dumps(course(index, SCHOOL))) for index in range(COURSES)) <= 100_000


def test_verifying_a_transcript_of_sixty_courses_stays_under_100_mb() -> None:
    assert verify_in_a_fresh_process(signed_transcript()) < 100


def test_plain_pyld_signs_and_verifies_the_same_bytes_as_we_do() -> None:
    pyld = PyldPeer(pinned_documents(), ED25519.secret, ED25519.verification_method)
    text = json.dumps(badge(SCHOOL))

    ours = OURS.issue(text)

    assert pyld.issue(text)["proof"] == ours["proof"]
    pyld.verify(json.dumps(ours))


def test_each_selective_suite_is_measured_from_base_to_verified() -> None:
    for suite, signer in (("ecdsa-sd-2023", OURS.p256), ("bbs-2023", OURS.bbs)):
        text = json.dumps(badge(signer.verification_method.partition("#")[0]))
        derived = OURS.derive(json.dumps(OURS.base(text, suite)), ["/credentialSubject/achievement/name"])
        assert derived["proof"]["cryptosuite"] == suite
        OURS.verify(json.dumps(derived), derived=True)


def test_an_sd_jwt_is_measured_on_a_document_of_a_badges_size_and_everybody_does_the_same() -> None:
    issuer, holder = P256, SoftwareSigner.from_secret("P-256", bytes(range(2, 34)))
    ours, peer = OurSdJwt(issuer, holder), PythonSdJwt(issuer, holder)
    claims, places, shown = sd_jwt_badge("https://lincoln.example", holder.public_key.to_jwk())
    assert 2_000 <= len(json.dumps(claims)) <= 3_600 and len(places) >= 15
    named = sorted({place[:length] for place in shown for length in range(1, len(place) + 1)}, key=len)

    bound = ours.present(ours.issue(claims, places), shown)
    theirs = peer.present(peer.issue(claims, places)(), named, **REQUEST)()

    assert ours.verify(bound) == peer.verify(bound, **REQUEST)() == ours.verify(theirs)


def test_growth_is_told_for_each_operation_at_each_size() -> None:
    lines = list(growth((1, 3)))

    assert len(lines) == 5
    assert all(line.count(" quads ") == 2 and "largest over least" in line for line in lines)


def test_a_row_has_exactly_the_members_that_readers_of_the_file_expect() -> None:
    contenders = {"ours": in_process(dict), "digitalbazaar": lambda count: [8.0] * count, "limit": in_process(dict)}

    (row,) = rows_of("issue", "badge", "eddsa-rdfc-2022", contenders, rounds=1)

    assert set(row) == set(Row.__annotations__)
    assert list(row) == ["operation", "document", "suite", "ours_ms", "peer", "peer_ms", "ratio", "limit_ms"]
    assert row["peer_ms"] == 8.0
