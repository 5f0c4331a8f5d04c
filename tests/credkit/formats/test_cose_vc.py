"""Credentials as COSE_Sign1: what others signed is read, and nothing decides that the signature does not cover."""

from __future__ import annotations

import itertools

import cbor2
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from hypothesis import given
from hypothesis import strategies as st

from credkit.encoding import base64_decode, cbor_encode, dump_json
from credkit.errors import (
    CredkitError,
    CryptographicSecurityError,
    MalformedValueError,
    ParsingError,
    ProofVerificationError,
    TooComplexError,
)
from credkit.formats import FORMATS, cose_vc
from credkit.keys import SoftwareSigner, public_key_from_jwk
from tests.support.jose_cose import CASES, KEYS, cose, named
from tests.support.shared import ROOT, read_json

DOCUMENT = CASES["credential-cose-minimal"]["payload"]
SIGNER = SoftwareSigner.generate("P-256")
PRESENTATION = CASES["presentation-cose-single"]["payload"]


def signed(protected, payload=DOCUMENT, *, unprotected=None, body=None, signer=SIGNER):
    """A COSE_Sign1 with any header, properly signed."""
    header = protected if isinstance(protected, bytes) else cbor2.dumps(protected)
    content = dump_json(payload) if body is None else body
    signature = signer.sign(cbor2.dumps(["Signature1", header, b"", content]))
    return b"\xd2" + cbor2.dumps([header, unprotected or {}, content, signature])


GOOD = {1: -7, 3: "application/vc", 4: b"key-1", 16: "application/vc+cose"}


@pytest.mark.spec("VC-JOSE-COSE", "#securing-vcs-with-cose")
@pytest.mark.parametrize("name", named("credential_cose") + named("presentation_cose"))
def test_what_another_library_signed_holds_or_not(name):
    case = CASES[name]
    key = public_key_from_jwk(KEYS[case["key"]]["publicKeyJwk"])
    if name.endswith("bad-signature"):
        with pytest.raises(ProofVerificationError):
            cose_vc.verify_token(cose(name), key)
    elif name.endswith("bad-media-type"):
        with pytest.raises(MalformedValueError):
            cose_vc.verify_token(cose(name), key)
    else:
        found = cose_vc.verify_token(cose(name), key)
        assert (found.document, found.claims) == (case["payload"], {})
        assert found.key_id == KEYS[case["key"]]["publicKeyJwk"]["kid"]
        assert found.is_presentation == name.startswith("presentation")
        assert cose_vc.peek_token(cose(name)) == found


@pytest.mark.parametrize("kind", KEYS)
def test_what_a_second_library_signed_holds_with_every_kind_of_key(kind):
    token = base64_decode(read_json(ROOT / "tests" / "vectors" / "vc-jose-cose" / "cwt.json")[kind])
    found = cose_vc.verify_token(token, public_key_from_jwk(KEYS[kind]["publicKeyJwk"]))
    assert (found.document["issuer"], found.key_id) == ("https://example.issuer/x", "k")
    with pytest.raises(CryptographicSecurityError):
        cose_vc.verify_token(token, public_key_from_jwk(KEYS["P-256" if kind != "P-256" else "P-384"]["publicKeyJwk"]))


@pytest.mark.spec("RFC9053", "#section-2")
@pytest.mark.parametrize(("kind", "number"), [("P-256", -7), ("P-384", -35), ("P-521", -36), ("Ed25519", -8)])
def test_every_kind_of_key_signs_and_another_reader_finds_what_it_must(kind, number):
    signer = SoftwareSigner.generate(kind)
    token = cose_vc.sign_vc_cose(DOCUMENT, signer, key_id="key-1")
    tagged = cbor2.loads(token)
    protected, unprotected, payload, signature = tagged.value
    assert tagged.tag == 18 and unprotected == {} and payload == dump_json(DOCUMENT)
    assert cbor2.loads(protected) == {1: number, 3: "application/vc", 4: b"key-1", 16: "application/vc+cose"}
    signer.public_key.verify(signature, cbor2.dumps(["Signature1", protected, b"", payload]))
    assert cose_vc.verify_token(token, signer.public_key).document == DOCUMENT
    assert [each.name for each in FORMATS if each.is_mine(token)] == ["vc+cose"]
    with pytest.raises(ProofVerificationError):
        cose_vc.verify_token(token, SoftwareSigner.generate(kind).public_key)


def test_the_signature_is_one_that_the_primitive_takes():
    token = cose_vc.sign_vc_cose(DOCUMENT, SIGNER)
    protected, _, payload, signature = cbor2.loads(token).value
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), SIGNER.public_key.raw)
    der = encode_dss_signature(int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
    key.verify(der, cbor2.dumps(["Signature1", protected, b"", payload]), ec.ECDSA(hashes.SHA256()))


def test_the_published_token_is_written_byte_for_byte():
    """ECDSA by RFC 6979 differs from the library's, so all but the signature."""
    signer = SoftwareSigner.from_secret_jwk(KEYS["P-256"]["secretKeyJwk"])
    ours = cose_vc.sign_vc_cose(DOCUMENT, signer, key_id=KEYS["P-256"]["publicKeyJwk"]["kid"])
    assert ours[:-64] == cose("credential-cose-minimal")[:-64]


@pytest.mark.spec("RFC9597", "#section-2")
def test_a_presentation_is_for_one_request():
    token = cose_vc.sign_vp_cose(PRESENTATION, SIGNER, nonce="n-1", audience="https://college.example")
    found = cose_vc.verify_token(token, SIGNER.public_key)
    assert found.is_presentation and found.document == PRESENTATION
    assert found.claims == {"nonce": "n-1", "aud": "https://college.example"}
    assert cbor2.loads(cbor2.loads(token).value[0])[15] == {3: "https://college.example", 10: b"n-1"}
    bare = cose_vc.verify_token(cose_vc.sign_vp_cose(PRESENTATION, SIGNER, nonce=None, audience=None),
                                SIGNER.public_key)
    assert bare.claims == {}


def test_a_token_without_its_tag_and_with_the_key_named_outside_is_read():
    token = signed({name: value for name, value in GOOD.items() if name != 4}, unprotected={4: b"key-2"})
    assert cose_vc.verify_token(token, SIGNER.public_key).key_id == "key-2"
    assert cose_vc.verify_token(token[1:], SIGNER.public_key).document == DOCUMENT
    without_content = signed({1: -7, 16: "application/vc+cose", 99: "unknown"})
    assert cose_vc.verify_token(without_content, SIGNER.public_key).key_id is None


MALFORMED = {
    "no typ": {1: -7},
    "typ of a JWT": {**GOOD, 16: "vc+jwt"},
    "typ a number": {**GOOD, 16: 7},
    "content of another kind": {**GOOD, 3: "application/vp"},
    "content a number": {**GOOD, 3: 50},
    "key named by text": {**GOOD, 4: "key-1"},
    "key named by no text": {**GOOD, 4: b"\xff"},
    "claims no map": {**GOOD, 15: "x"},
    "another issuer": {**GOOD, 15: {1: "did:web:mill.example"}},
    "issuer a number": {**GOOD, 15: {1: 7}},
    "an end that is no number": {**GOOD, 15: {4: "tomorrow"}},
    "nonce no bytes": {**GOOD, 15: {10: "n"}},
}
INSECURE = {
    "no algorithm": {16: "application/vc+cose"},
    "algorithm as text": {**GOOD, 1: "ES256"},
    "algorithm of a MAC": {**GOOD, 1: 5},
    "ES256K": {**GOOD, 1: -47},
    "another curve's algorithm": {**GOOD, 1: -35},
    "an extension that must be understood": {**GOOD, 2: [99]},
}


@pytest.mark.parametrize("name", [*MALFORMED, *INSECURE])
def test_a_header_that_does_not_fit_is_refused(name):
    token = signed({**MALFORMED, **INSECURE}[name])
    with pytest.raises(MalformedValueError if name in MALFORMED else CryptographicSecurityError):
        cose_vc.verify_token(token, SIGNER.public_key)


@pytest.mark.parametrize(("label", "value"), [(1, -7), (2, []), (3, "application/vc"), (15, {}),
                                              (16, "application/vc+cose"), (4, b"key-1")])
def test_nothing_that_decides_stands_outside_the_signature_or_twice(label, value):
    protected = GOOD if label == 4 else {name: each for name, each in GOOD.items() if name != label}
    for header in (protected, GOOD):
        with pytest.raises(CryptographicSecurityError):
            cose_vc.verify_token(signed(header, unprotected={label: value}), SIGNER.public_key)


STORIES = {
    "vc inside": {**DOCUMENT, "vc": {}}, "another issuer inside": {**DOCUMENT, "iss": "did:web:mill.example"},
    "an older context": {**DOCUMENT, "@context": ["https://www.w3.org/2018/credentials/v1"]},
    "no context": {"type": ["VerifiableCredential"]},
}


@pytest.mark.parametrize("name", STORIES)
def test_two_stories_under_one_signature_are_refused(name):
    with pytest.raises(MalformedValueError):
        cose_vc.verify_token(signed(GOOD, STORIES[name]), SIGNER.public_key)
    doubled = signed({**GOOD, 15: {1: DOCUMENT["issuer"]}}, {**DOCUMENT, "iss": DOCUMENT["issuer"]})
    with pytest.raises(MalformedValueError):
        cose_vc.verify_token(doubled, SIGNER.public_key)
    agreeing = signed({**GOOD, 15: {1: DOCUMENT["issuer"], 6: 1_700_000_000}})
    assert cose_vc.verify_token(agreeing, SIGNER.public_key).claims["iat"] == 1_700_000_000


ARRAY = bytes.fromhex("84")
EMPTY = cbor_encode(b"")
HOSTILE = {
    "nothing": b"", "text": "x", "no array": cbor2.dumps({1: 2}), "three items": cbor2.dumps([b"", {}, b""]),
    "detached payload": ARRAY + EMPTY + b"\xa0\xf6" + EMPTY,
    "a header that is no bytes": cbor2.dumps([{}, {}, b"", b""]),
    "a header that is no map": cbor2.dumps([cbor2.dumps([1]), {}, b"", b""]),
    "an empty header": cbor2.dumps([b"", {}, b"", b""]),
    "two tags": b"\xd2\xd2" + ARRAY, "another tag": b"\xd1" + ARRAY, "shared references": b"\xd8\x1c" + ARRAY,
    "a regular expression": b"\xd8\x23\x63a+b", "a trailer": cose("credential-cose-minimal") + b"\x00",
    "cut short": cose("credential-cose-minimal")[:-1], "indefinite length": b"\xd2\x9f\xff",
    "a huge length": b"\xd2\x9b\xff\xff\xff\xff\xff\xff\xff\xff", "deep nesting": b"\x81" * 100_000,
    "a float": b"\xd2\x84\xfb" + b"\x00" * 8, "a length that is not the shortest": b"\xd2\x98\x04",
    "a label twice": cbor2.dumps([bytes.fromhex("a201260126"), {}, b"", b""]),
}


@pytest.mark.spec("RFC9052", "#section-4.2")
@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_strict_cbor_of_this_form_is_refused(name):
    for act in (cose_vc.peek_token, lambda token: cose_vc.verify_token(token, SIGNER.public_key)):
        with pytest.raises(ParsingError):
            act(HOSTILE[name])


def test_a_token_is_bounded_and_its_payload_strict_json():
    with pytest.raises(TooComplexError):
        cose_vc.peek_token(bytes(cose_vc.MAX_BYTES + 1))
    for body in (b"", b"[]", b'{"a": 1, "a": 2}', b"\xff", b'{"a": NaN}'):
        with pytest.raises(ParsingError):
            cose_vc.verify_token(signed(GOOD, body=body), SIGNER.public_key)
    with pytest.raises(MalformedValueError):
        cose_vc.sign_vc_cose({"@context": {1, 2}}, SIGNER)


def test_no_flipped_bit_is_accepted_and_none_is_unforeseen():
    token = cose_vc.sign_vc_cose({**DOCUMENT, "credentialSubject": {"id": "did:example:1"}}, SIGNER)
    accepted = []
    for index, bit in itertools.product(range(len(token)), (0, 3, 7)):
        mutant = bytearray(token)
        mutant[index] ^= 1 << bit
        try:
            cose_vc.verify_token(bytes(mutant), SIGNER.public_key)
        except CredkitError:
            continue
        accepted.append((index, bit))
    assert accepted == []


CBOR_VALUES = st.recursive(
    st.integers(-50, 2**33) | st.binary(max_size=8) | st.text(max_size=8) | st.sampled_from(
        ["application/vc+cose", "application/vp+cose", "application/vc", DOCUMENT["issuer"]]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.integers(-3, 20), inner, max_size=3), max_leaves=6)
LABELS = st.sampled_from([1, 2, 3, 4, 15, 16, 99]) | st.integers(-5, 40) | st.text(max_size=3)


HEADERS = st.dictionaries(LABELS, CBOR_VALUES, max_size=4)


@given(HEADERS, HEADERS, st.booleans())
def test_no_header_of_a_hostile_issuer_is_unforeseen(changes, unprotected, good):
    token = signed({**(GOOD if good else {}), **changes}, unprotected=unprotected)
    try:
        found = cose_vc.verify_token(token, SIGNER.public_key)
    except CredkitError:
        return
    assert found.document == DOCUMENT and changes.get(1, -7) == -7


@given(st.binary(max_size=80))
def test_random_bytes_are_no_token(data):
    for prefix in (b"", b"\xd2\x84", cose("credential-cose-minimal")[:40]):
        with pytest.raises(ParsingError):
            cose_vc.peek_token(prefix + data)
