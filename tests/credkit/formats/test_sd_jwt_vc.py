"""SD-JWT VC: what is shown, what is kept back, and every way to cheat (security.md B04 to B09)."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credkit.encoding import base64url_decode, base64url_encode
from credkit.environment import SystemRandomness
from credkit.errors import (
    CredkitError,
    CryptographicSecurityError,
    Expired,
    InvalidChallengeError,
    MalformedValueError,
    NotYetValid,
    ParsingError,
    ProofGenerationError,
    ProofVerificationError,
    TooComplexError,
)
from credkit.formats import FORMATS
from credkit.formats import sd_jwt_vc as vc
from credkit.formats._sd_jwt import MAX_DIGESTS, digest_of, expand, issue_sd_jwt, read_disclosure
from credkit.jose import peek_header, peek_payload, sign_compact
from credkit.keys import SoftwareSigner
from tests.support.amount import amount

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
ISSUER, HOLDER = SoftwareSigner.generate("P-256"), SoftwareSigner.generate("Ed25519")
CLAIMS = {
    "vct": "https://school.example/vct/course", "iss": "https://school.example", "iat": int(NOW.timestamp()),
    "exp": int((NOW + timedelta(days=365)).timestamp()), "cnf": {"jwk": HOLDER.public_key.to_jwk()},
    "status": {"status_list": {"idx": 7, "uri": "https://school.example/statuslists/1"}},
    "student": {"name": "Lucía Ramírez", "number": "204417"},
    "course": {"title": "Algebra I", "grade": "A-", "standards": ["A-REI.3", "A-CED.1", "F-IF.4"]},
}
PLACES: list[vc.Path] = [
    ("student", "name"), ("student", "number"), ("course",), ("course", "title"), ("course", "grade"),
    ("course", "standards", 0), ("course", "standards", 1), ("course", "standards", 2)]
REQUEST = {"nonce": "n-0S6_WzA2Mj", "audience": "https://college.example", "now": NOW}


def issue(claims=CLAIMS, places=PLACES, **options):
    text = vc.issue_sd_jwt_vc(claims, ISSUER, selective=places, randomness=SystemRandomness(), **options)
    return vc.parse_sd_jwt(text)


ISSUED = issue(decoys=2)


def verify(sd_jwt, signer=ISSUER):
    return vc.verify_sd_jwt_vc(sd_jwt, signer.public_key).claims


def test_the_holder_has_everything_and_the_payload_nothing_of_it():
    assert verify(ISSUED) == CLAIMS
    signed = json.dumps(peek_payload(ISSUED.jwt))
    assert not any(word in signed for word in ("Ramírez", "204417", "Algebra", "A-REI", "grade", "title"))
    assert peek_header(ISSUED.jwt)["typ"] == "dc+sd-jwt"
    assert [each.name for each in FORMATS if each.is_mine(str(ISSUED))] == ["dc+sd-jwt"]


def test_a_choice_shows_what_was_chosen_and_what_is_around_it():
    shown = verify(vc.choose(ISSUED, [("course", "title"), ("course", "standards", 1)]))
    assert shown["course"] == {"title": "Algebra I", "standards": ["A-CED.1"]}
    assert shown["student"] == {}
    assert verify(vc.choose(ISSUED, [("student",)]))["student"] == CLAIMS["student"]
    nothing = verify(vc.choose(ISSUED, []))
    assert nothing == {**{name: CLAIMS[name] for name in vc.NEVER_SELECTIVE & CLAIMS.keys()}, "iat": CLAIMS["iat"],
                       "student": {}}


@settings(max_examples=amount(200))
@given(st.sets(st.sampled_from(PLACES)))
def test_no_choice_shows_more_or_less(places):
    claims = verify(vc.choose(ISSUED, places))
    for place in PLACES:
        if len(place) != 2 or place[0] == "course":
            continue
        assert (place[1] in claims["student"]) == (place in places)
    course = claims.get("course")
    inside = [place for place in places if place[0] == "course"]
    assert (course is not None) == bool(inside)
    if course is not None and ("course",) not in places:
        assert ("title" in course, "grade" in course) == (PLACES[3] in places, PLACES[4] in places)
        assert len(course["standards"]) == sum(len(place) == 3 for place in inside)


def test_salts_and_decoys_are_fresh():
    again = issue(decoys=2)
    salts = [json.loads(base64url_decode(text))[0] for each in (ISSUED, again) for text in each.disclosures]
    assert len(set(salts)) == len(salts) and all(len(base64url_decode(salt)) >= 16 for salt in salts)
    assert not set(peek_payload(again.jwt)["_sd"]) & set(peek_payload(ISSUED.jwt)["_sd"])
    assert len(peek_payload(ISSUED.jwt)["student"]["_sd"]) == 4


def test_decoys_stand_inside_what_is_disclosed_too():
    """Else the number of digests in a disclosure would tell how much is kept back."""
    token = issue(decoys=2)
    course = next(value for text in token.disclosures if (value := read_disclosure(text)).name == "course").value
    assert len(course["_sd"]) == 2 + 2
    assert len(course["standards"]) == 3 + 2
    assert verify(token) == CLAIMS


def test_a_choice_reads_only_what_lies_on_the_way():
    token = issue()
    broken = vc.SdJwt(token.jwt, (*token.disclosures, "not!a!disclosure"))
    assert verify(vc.choose(broken, [("course", "title")]))["course"]["title"] == "Algebra I"


@pytest.mark.parametrize("place", [
    ("course", "standards", -1), ("course", "standards", "0"), ("student", "name", "first"), (0,),
    (), ("nothing",), ("course", "standards", 3), ("course", "title", "x"), ("vct",), ("cnf", "jwk"), ("status",),
    ("exp",), ("iss",)])
def test_what_cannot_be_kept_back_is_not_issued(place):
    with pytest.raises(ProofGenerationError):
        issue(places=[place])


def test_a_place_named_twice_and_a_reserved_name_are_not_issued():
    with pytest.raises(ProofGenerationError):
        issue(places=[("course",), ("course",)])
    for name in ("_sd", "...", "_sd_alg"):
        with pytest.raises(ProofGenerationError):
            issue({**CLAIMS, "course": [{name: []}]}, [])


@pytest.mark.parametrize(("name", "value"), [
    ("vct", None), ("vct", 7), ("vct", ""), ("iss", ["https://school.example"]), ("iss", {}), ("exp", "2027"),
    ("exp", True), ("exp", -1), ("exp", 1e300), ("iat", []), ("nbf", {}), ("cnf", []), ("cnf", {}),
    ("cnf", {"jwk": {}, "kid": "x"}),
    ("cnf", {"kid": 7}), ("status", []), ("aka_vcts", "x"), ("aka_vcts", [7]), ("vct#integrity", 1)])
def test_a_registered_claim_of_the_wrong_form_is_refused_on_both_sides(name, value):
    bad = {**CLAIMS, name: value}
    with pytest.raises(CredkitError):
        issue(bad, [])
    with pytest.raises(CredkitError):
        verify(vc.parse_sd_jwt(sign_compact(bad, ISSUER, typ="dc+sd-jwt") + "~"))


def test_the_older_type_is_read_and_no_other():
    for typ, good in (("dc+sd-jwt", True), ("vc+sd-jwt", True), ("JWT", False), ("kb+jwt", False), (None, False)):
        token = vc.parse_sd_jwt(sign_compact(CLAIMS, ISSUER, typ=typ) + "~")
        if good:
            assert verify(token) == CLAIMS
        else:
            with pytest.raises(MalformedValueError):
                verify(token)


def test_another_key_does_not_verify():
    with pytest.raises(ProofVerificationError):
        verify(ISSUED, SoftwareSigner.generate("P-256"))
    with pytest.raises(CryptographicSecurityError):
        verify(ISSUED, HOLDER)


def disclosure(*parts):
    return base64url_encode(json.dumps(list(parts)).encode())


def signed(payload, *disclosures):
    return vc.parse_sd_jwt("~".join((sign_compact({"vct": "x", **payload}, ISSUER, typ="dc+sd-jwt"), *disclosures, "")))


NAME, ELEMENT = disclosure("salt", "name", "Lucía"), disclosure("salt", "Lucía")
CHEATS = {
    "belongs to nothing": ({}, [NAME]),
    "stands twice": ({"_sd": [digest_of(NAME)]}, [NAME, NAME]),
    "digest twice": ({"_sd": [digest_of(NAME), digest_of(NAME)]}, [NAME]),
    "digest twice, kept back": ({"_sd": ["a" * 43, "a" * 43]}, []),
    "digest here and there": ({"_sd": [digest_of(NAME)], "x": {"_sd": [digest_of(NAME)]}}, [NAME]),
    "overwrites": ({"name": "Ana", "_sd": [digest_of(NAME)]}, [NAME]),
    "overwrites another disclosure": ({"_sd": [digest_of(NAME), digest_of(disclosure("s", "name", "Ana"))]},
                                      [NAME, disclosure("s", "name", "Ana")]),
    "element in an object": ({"_sd": [digest_of(ELEMENT)]}, [ELEMENT]),
    "member in an array": ({"x": [{"...": digest_of(NAME)}]}, [NAME]),
    "digest with something beside": ({"x": [{"...": digest_of(ELEMENT), "y": 1}]}, [ELEMENT]),
    "digest no text": ({"x": [{"...": 7}]}, []),
    "digests no list": ({"_sd": "x"}, []),
    "digests no texts": ({"_sd": [7]}, []),
    "dots outside an array": ({"x": {"...": "a" * 43}}, []),
    "kind of digest unknown": ({"_sd_alg": "sha-1", "_sd": [digest_of(NAME)]}, [NAME]),
    "kind of digest null": ({"_sd_alg": None, "_sd": [digest_of(NAME)]}, [NAME]),
    "kind of digest inside": ({"x": {"_sd_alg": "sha-256"}}, []),
    "named _sd": ({"_sd": [digest_of(disclosure("s", "_sd", []))]}, [disclosure("s", "_sd", [])]),
    "named ...": ({"_sd": [digest_of(disclosure("s", "...", "x"))]}, [disclosure("s", "...", "x")]),
    "named _sd_alg": ({"_sd": [digest_of(disclosure("s", "_sd_alg", "x"))]}, [disclosure("s", "_sd_alg", "x")]),
    "name no text": ({"_sd": [digest_of(disclosure("s", 7, "x"))]}, [disclosure("s", 7, "x")]),
    "salt no text": ({"_sd": [digest_of(disclosure(7, "name", "x"))]}, [disclosure(7, "name", "x")]),
    "four parts": ({"_sd": [digest_of(disclosure("s", "name", "x", 1))]}, [disclosure("s", "name", "x", 1)]),
    "one part": ({"x": [{"...": digest_of(disclosure("s"))}]}, [disclosure("s")]),
    "digests in a disclosure that is kept back": ({"_sd": ["a" * 43]}, [NAME]),
    "end kept back": ({"_sd": [digest_of(disclosure("s", "exp", 1))]}, [disclosure("s", "exp", 1)]),
    "kind kept back": ({"_sd": [digest_of(disclosure("s", "aka_vcts", []))]}, [disclosure("s", "aka_vcts", [])]),
    "holder inside kept back": ({"cnf": {"_sd": [digest_of(disclosure("s", "kid", "x"))]}},
                                [disclosure("s", "kid", "x")]),
}


@pytest.mark.spec("RFC9901", "#section-7.1")
@pytest.mark.parametrize("name", CHEATS)
def test_what_does_not_fit_is_refused_and_never_dropped(name):
    payload, disclosures = CHEATS[name]
    with pytest.raises(CredkitError):
        verify(signed(payload, *disclosures))


@pytest.mark.parametrize("text", [
    NAME + "=", NAME[:-1] + "+", NAME[:-1], " " + NAME, NAME + "\n", "e30", "W10", "WyJzIl0",
    base64url_encode(b'["s","n",NaN]'),
    base64url_encode(b'["s","n",{"a":1,"a":2}]'), base64url_encode(b'["s","n","\xff"]'), base64url_encode(b'"s"'), "é"])
def test_a_disclosure_written_otherwise_is_refused(text):
    with pytest.raises(CredkitError):
        read_disclosure(text)


@pytest.mark.parametrize("text", [None, 7, "", "a.b.c", "~", "a.b.c~~", "a.b.c~x~~y", "~x~", "x" * 9_000_000 + "~"])
def test_what_is_no_sd_jwt_is_refused(text):
    with pytest.raises((ParsingError, TooComplexError)):
        vc.verify_sd_jwt_vc(vc.parse_sd_jwt(text), ISSUER.public_key)


def test_chains_and_floods_are_bounded():
    inner: object = "x"
    disclosures = []
    for _ in range(20):
        text = disclosure("s", "n", inner)
        disclosures.append(text)
        inner = {"_sd": [digest_of(text)]}
    with pytest.raises(TooComplexError):
        expand({"chain": inner}, disclosures)
    with pytest.raises(TooComplexError):
        expand({"_sd": [str(number) for number in range(MAX_DIGESTS + 1)]}, [])
    with pytest.raises(TooComplexError):
        vc.parse_sd_jwt("a.b.c~" + "x~" * (MAX_DIGESTS + 1))


@settings(max_examples=amount(500))
@given(st.integers(0), st.sampled_from("ABCdef019-_~.="))
def test_any_character_changed_is_caught(place, letter):
    text = str(ISSUED)
    at = place % len(text)
    if text[at] != letter:
        with pytest.raises(CredkitError):
            verify(vc.parse_sd_jwt(text[:at] + letter + text[at + 1:]))


def bound(places=(("course", "grade"),), **changes):
    return vc.bind_key(vc.choose(ISSUED, places), HOLDER, **{**REQUEST, **changes})


def check(sd_jwt, **changes):
    vc.check_key_binding(sd_jwt, HOLDER.public_key, **{**REQUEST, **changes})


def test_a_key_binding_is_for_one_selection_and_one_request():
    presented = vc.parse_sd_jwt(str(bound()))
    check(presented)
    assert vc.holder_of(verify(presented)) == HOLDER.public_key.to_jwk()
    more = vc.SdJwt(presented.jwt, ISSUED.disclosures, presented.key_binding)
    fewer = vc.SdJwt(presented.jwt, presented.disclosures[1:], presented.key_binding)
    for cheat in (more, fewer, vc.SdJwt(presented.jwt, presented.disclosures)):
        with pytest.raises(ProofVerificationError):
            check(cheat)
    with pytest.raises(InvalidChallengeError):
        check(presented, nonce="another")
    for moment in (NOW - timedelta(hours=1), NOW + timedelta(hours=1)):
        with pytest.raises(ProofVerificationError):
            check(presented, now=moment)


@pytest.mark.parametrize(("changes", "typ"), [
    ({"aud": ["https://college.example"]}, "kb+jwt"), ({"aud": None}, "kb+jwt"), ({"nonce": 7}, "kb+jwt"),
    ({"iat": None}, "kb+jwt"), ({"iat": "now"}, "kb+jwt"), ({"sd_hash": None}, "kb+jwt"), ({}, "JWT"), ({}, None),
    ({}, "dc+sd-jwt")])
def test_a_key_binding_of_another_form_is_refused(changes, typ):
    chosen = vc.choose(ISSUED, [])
    said = {"iat": int(NOW.timestamp()), "aud": REQUEST["audience"], "nonce": REQUEST["nonce"],
            "sd_hash": digest_of(chosen.bound)}
    check(vc.SdJwt(chosen.jwt, (), sign_compact(said, HOLDER, typ="kb+jwt")))
    with pytest.raises(CredkitError):
        check(vc.SdJwt(chosen.jwt, (), sign_compact({**said, **changes}, HOLDER, typ=typ)))


def test_another_holders_signature_is_refused():
    stolen = vc.bind_key(vc.choose(ISSUED, []), SoftwareSigner.generate("Ed25519"), **REQUEST)
    with pytest.raises(ProofVerificationError):
        check(stolen)


def test_a_credential_is_good_between_its_days():
    vc.check_validity(CLAIMS, NOW)
    with pytest.raises(Expired):
        vc.check_validity(CLAIMS, NOW + timedelta(days=365))
    with pytest.raises(NotYetValid):
        vc.check_validity({**CLAIMS, "nbf": int(NOW.timestamp()) + 60}, NOW)
    vc.check_validity({"vct": "x"}, NOW)


def test_what_is_to_be_shown_must_be_there():
    for place in (("course", "credits"), ("course", "standards", 9), ("student", "name", "first")):
        with pytest.raises(ProofGenerationError):
            vc.choose(ISSUED, [place])


def test_a_plain_sd_jwt_is_no_credential():
    token = issue_sd_jwt({"sub": "x"}, [], ISSUER, typ="dc+sd-jwt", randomness=SystemRandomness())
    with pytest.raises(MalformedValueError):
        verify(token)
