"""A school's signed notice that it sent the full record on (P7): who said it, about which record; all else is none."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from credkit.encoding import base64url_encode
from credkit.errors import CredkitError, DidNotFoundError
from credkit.jose import peek_payload, sign_compact
from credkit.keys import SoftwareSigner
from credkit.protocols.oid4vci import v1_0
from credkit.protocols.oid4vci.messages import CredentialOffer, PreAuthorizedCodeGrant
from credkit.protocols.transfer_notice import NOTICE_TYPE, TransferNotice, build_notice, peek_record, verify_notice
from tests.support.world import NOW, School, World

RECORD = "urn:uuid:5b1f2c1e-0a55-4a51-9d5c-2f7a3b1f9001"
NEXT = "did:web:next.example"


@pytest.fixture
def world():
    return World()


@pytest.fixture
def school(world):
    return School(world)


def notice(school, **changes):
    values = {"sender": school.did, "record": RECORD, "recipient": NEXT, "recipient_name": "Roosevelt",
              "sent_at": NOW, "words": "We sent the full record to Roosevelt.", "language": "en", **changes}
    return TransferNotice(**values)


def verify(world, jws, *, record=RECORD, sender="did:web:school.example", now=NOW):
    return verify_notice(jws, sender=sender, record=record, resolver=world.environment().resolver, now=now)


def test_what_was_said_is_read_back(world, school):
    said = notice(school)
    jws = build_notice(said, school.ed25519)
    assert verify(world, jws) == said and peek_record(jws) == RECORD


def test_it_travels_in_the_offer_and_others_need_not_know_it(world, school):
    jws = build_notice(notice(school), school.ed25519)
    offer = CredentialOffer("https://school.example", ("full-record",), PreAuthorizedCodeGrant("c"), None, jws)
    document = v1_0.build_offer(offer)
    assert v1_0.parse_offer(document) == offer
    assert document["transfer_notice"] == jws
    assert "transfer_notice" not in v1_0.build_offer(CredentialOffer("https://school.example", ("x",)))


def claims_of(school, **changes):
    """The notice with other claims, signed by the school's key."""
    claims = {**peek_payload(build_notice(notice(school), school.ed25519)), **changes}
    return sign_compact({name: value for name, value in claims.items() if value is not None}, school.ed25519,
                        typ=NOTICE_TYPE, header={"kid": school.ed25519.verification_method})


@pytest.mark.parametrize("changes", [
    {"iss": "did:web:other.example"}, {"iss": None}, {"sub": RECORD[:-1] + "2"}, {"sub": None}, {"words": None},
    {"words": ""}, {"words": 7}, {"words": "\u202e\u0000"}, {"to": None}, {"to": "next"}, {"to": {"did": NEXT}},
    {"to": {"did": "https://next.example", "name": "x"}}, {"to": {"did": "did:web:school.example", "name": "x"}},
    {"iat": "soon"}, {"iat": True}, {"iat": -1}, {"iat": 2**40}, {"iat": None}, {"language": "x" * 40},
])
def test_claims_that_do_not_hold_together_are_none(world, school, changes):
    with pytest.raises(CredkitError):
        verify(world, claims_of(school, **changes))


def test_words_are_one_plain_line(world, school):
    said = verify(world, claims_of(school, words="A\u202e\nB" + "x" * 1000, to={"did": NEXT, "name": "R\u0000 " * 200}))
    assert said.words.startswith("A B") and len(said.words) <= 400 and "\u202e" not in said.words
    assert len(said.recipient_name) <= 160


def test_a_notice_from_the_future_is_none(world, school):
    jws = build_notice(notice(school, sent_at=NOW + timedelta(minutes=2)), school.ed25519)
    with pytest.raises(CredkitError):
        verify(world, jws)
    assert verify(world, jws, now=NOW + timedelta(minutes=2)).sender == school.did


def test_it_counts_for_its_own_record_and_sender_alone(world, school):
    jws = build_notice(notice(school), school.ed25519)
    other = School(world, "https://other.example")
    for changes in ({"record": RECORD[:-1] + "2"}, {"sender": other.did}):
        with pytest.raises(CredkitError):
            verify(world, jws, **changes)
    for signer in (other.ed25519, SoftwareSigner.generate("Ed25519"),
                   SoftwareSigner.generate("Ed25519", verification_method=school.ed25519.verification_method)):
        with pytest.raises(CredkitError):
            verify(world, build_notice(notice(school), signer))


def test_any_changed_byte_is_caught(world, school):
    jws = build_notice(notice(school), school.ed25519)
    for index in range(0, len(jws), 7):
        changed = jws[:index] + ("A" if jws[index] != "A" else "B") + jws[index + 1:]
        with pytest.raises(CredkitError):
            verify(world, changed)


def test_a_token_of_another_kind_is_no_notice(world, school):
    claims = peek_payload(build_notice(notice(school), school.ed25519))
    other = sign_compact(claims, school.ed25519, typ="JWT", header={"kid": school.ed25519.verification_method})
    none = ".".join((base64url_encode(json.dumps({"alg": "none", "typ": NOTICE_TYPE, "kid": school.did + "#ed25519"
                                                  }).encode()), base64url_encode(json.dumps(claims).encode()), ""))
    for jws in (other, none, "", "a.b.c", None, 7, "x" * 9000):
        with pytest.raises(CredkitError):
            verify(world, jws)


def test_a_school_that_cannot_be_reached_is_could_not_check(world, school):
    jws = build_notice(notice(school), school.ed25519)
    world.web.unreachable("https://school.example")
    with pytest.raises((DidNotFoundError, CredkitError)):
        verify(world, jws)
