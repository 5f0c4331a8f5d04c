"""bbs-2023 beyond the vectors: any choice verifies, any lie fails, nothing else repeats (security.md A12)."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credkit.encoding import cbor_decode, cbor_encode, multibase_decode, multibase_encode_base64url
from credkit.environment import SystemClock, SystemRandomness
from credkit.errors import CredkitError, CryptographicSecurityError, ParsingError, ProofVerificationError
from credkit.keys import PublicKey, SoftwareSigner, public_key_from_multibase
from credkit.proofs import (
    BbsSigner,
    Derivation,
    add_base_proof,
    is_base_proof,
    mandatory_pointers_of,
    required_pointers,
    verify_proof,
)
from credkit.proofs._bbs import SHA_256, proof_gen, proof_verify, sign, verify
from credkit.proofs._selective import resolve_pointers, select_document
from credkit.verification import Policy, verify_credential
from tests.support.amount import amount
from tests.support.shared import ROOT
from tests.support.world import School, World

WORLD = World()
SCHOOL = School(WORLD)
COURSE = SCHOOL.course(subject_id="did:key:z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2")
SIGNER = BbsSigner.generate(SystemRandomness())
KEY = public_key_from_multibase(SIGNER.public_key_multibase)
MANDATORY = (*required_pointers(COURSE), "/credentialSubject/result/0/status")
BASE = add_base_proof(COURSE, suite="bbs-2023", signer=SIGNER, processor=WORLD.processor, created=SystemClock().now(),
                      randomness=SystemRandomness(), mandatory_pointers=MANDATORY)
DERIVATION = Derivation(BASE, WORLD.processor)
CHOICES = ["/credentialSubject/achievement/name", "/credentialSubject/result/0/value",
           "/credentialSubject/identifier/0/identityHash", "/credentialSubject/achievement", "/name", "/id"]
R = 0x73EDA753299D7D483339D80809A1D80553BDA402FFFE5BFEFFFFFFFF00000001


def derived(pointers=CHOICES[:3], presentation_header=b"asked by the college"):
    return DERIVATION.derive(sorted(pointers), SystemRandomness(), presentation_header=presentation_header)


DERIVED = derived()


def check(document):
    verify_proof(document, KEY, WORLD.processor)


def components(document):
    return cbor_decode(multibase_decode(document["proof"]["proofValue"])[3:])


def with_components(parts, header="d95d03"):
    value = multibase_encode_base64url(bytes.fromhex(header) + cbor_encode(parts))
    return {**DERIVED, "proof": {**DERIVED["proof"], "proofValue": value}}


@settings(max_examples=amount(60), deadline=None)
@given(st.sets(st.sampled_from(CHOICES)))
def test_whatever_is_chosen_verifies_and_nothing_else_is_shown(pointers):
    shown = derived(pointers)
    check(shown)
    expected = select_document(COURSE, resolve_pointers(COURSE, (*MANDATORY, *sorted(pointers))))
    assert {name: value for name, value in shown.items() if name != "proof"} == expected


@pytest.mark.parametrize("choice", [[], CHOICES[:2]])
def test_the_pipeline_judges_it_by_what_it_shows(choice):
    """Members that a profile asks of a whole badge may be withheld here as under ecdsa-sd-2023."""
    report = verify_credential(derived(choice), Policy(bind_issuer=False, check_status=False), WORLD.environment())
    assert {check.id: str(check.outcome) for check in report.checks if check.id != "trust"} == {
        "shape": "passed", "vocabulary": "passed", "proof": "passed", "issuer-binding": "passed", "validity": "passed"}


COMPONENTS = ("bbsProof", "label map", "mandatory indexes", "selective indexes", "presentation header")


def repeated(first, second):
    """The parts of two derived documents that are equal, by the names that docs/formats.md uses."""
    alike = {name for name, one, other in zip(COMPONENTS, components(first), components(second), strict=True)
             if one == other}
    options = [{name: value for name, value in each["proof"].items() if name != "proofValue"}
               for each in (first, second)]
    statements = [{name: value for name, value in each.items() if name != "proof"} for each in (first, second)]
    return alike | ({"options"} if options[0] == options[1] else set()) | (
        {"statements that are shown"} if statements[0] == statements[1] else set())


def test_of_two_derived_documents_only_what_they_disclose_repeats():
    """In docs/formats.md a family reads the same list."""
    same_choice = {"options", "mandatory indexes", "selective indexes", "label map", "statements that are shown"}
    first, again, other = derived(), derived(), derived(CHOICES[3:], b"asked by another")

    assert repeated(first, again) == same_choice | {"presentation header"}
    assert repeated(first, derived(presentation_header=b"asked by another")) == same_choice
    assert repeated(first, other) == {"options"}
    assert all(first[name] == other[name] for name in ("issuer", "validFrom", "type", "credentialStatus"))
    described = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
    assert all(f"**{name}**" in described for name in same_choice | {"presentation header"})

    proofs = [components(each)[0] for each in (first, again)]
    parts = [[proof[at:at + 16] for at in range(0, len(proof), 16)] for proof in proofs]
    assert not set(parts[0]) & set(parts[1])


def test_the_label_map_names_one_shown_thing_alike_in_every_presentation():
    """It goes by the place in the shuffled list of this one credential, whatever else is shown."""
    both = (derived(CHOICES[:1]), derived(CHOICES[:1] + CHOICES[3:4]))
    named = [set(components(each)[1].values()) for each in both]
    assert named[0] <= named[1]


def test_a_base_proof_is_known_as_one_and_refused():
    assert is_base_proof(BASE["proof"]) and not is_base_proof(DERIVED["proof"])
    assert mandatory_pointers_of(BASE["proof"]) == MANDATORY
    with pytest.raises(ProofVerificationError):
        check(BASE)
    with pytest.raises(ParsingError):
        Derivation(DERIVED, WORLD.processor)


def test_another_key_does_not_verify():
    other = BbsSigner.generate(SystemRandomness())
    with pytest.raises(ProofVerificationError):
        verify_proof(DERIVED, public_key_from_multibase(other.public_key_multibase), WORLD.processor)
    with pytest.raises(CryptographicSecurityError):
        verify_proof(DERIVED, SoftwareSigner.generate("P-256").public_key, WORLD.processor)


def lies():
    proof, labels, mandatory, selective, header = components(DERIVED)
    first, second = sorted(labels)[:2]
    zero, swapped = bytes(32), {**labels, first: labels[second], second: labels[first]}
    return {
        "no parts": [],
        "four parts": [proof, labels, mandatory, selective],
        "six parts": [proof, labels, mandatory, selective, header, 0],
        "proof text": ["x" * len(proof), labels, mandatory, selective, header],
        "proof empty": [b"", labels, mandatory, selective, header],
        "proof short": [proof[:-1], labels, mandatory, selective, header],
        "one answer less": [proof[:-32], labels, mandatory, selective, header],
        "one answer more": [proof + proof[-32:], labels, mandatory, selective, header],
        "A is the identity": [b"\xc0" + bytes(47) + proof[48:], labels, mandatory, selective, header],
        "A written wrongly": [b"\xff" * 48 + proof[48:], labels, mandatory, selective, header],
        "A and B the identity": [(b"\xc0" + bytes(47)) * 2 + proof[96:], labels, mandatory, selective, header],
        "D off the curve": [proof[:96] + b"\x9a" + b"\xff" * 47 + proof[144:], labels, mandatory, selective, header],
        "a zero answer": [proof[:144] + zero + proof[176:], labels, mandatory, selective, header],
        "an answer too large": [proof[:144] + R.to_bytes(32) + proof[176:], labels, mandatory, selective, header],
        "zero challenge": [proof[:-32] + zero, labels, mandatory, selective, header],
        "labels swapped": [proof, swapped, mandatory, selective, header],
        "label missing": [proof, {k: v for k, v in labels.items() if k != first}, mandatory, selective, header],
        "label too many": [proof, {**labels, 99: 99}, mandatory, selective, header],
        "label twice": [proof, {**labels, first: labels[second]}, mandatory, selective, header],
        "label negative": [proof, {**labels, first: -1}, mandatory, selective, header],
        "label bool": [proof, {**labels, first: True}, mandatory, selective, header],
        "label bytes": [proof, {**labels, first: bytes(32)}, mandatory, selective, header],
        "labels no map": [proof, [], mandatory, selective, header],
        "mandatory missing": [proof, labels, mandatory[:-1], selective, header],
        "mandatory twice": [proof, labels, [*mandatory, mandatory[-1]], selective, header],
        "mandatory backwards": [proof, labels, mandatory[::-1], selective, header],
        "mandatory out of range": [proof, labels, [*mandatory, 10_000], selective, header],
        "mandatory empty": [proof, labels, [], selective, header],
        "selective moved": [proof, labels, mandatory, [*selective[:-1], selective[-1] + 1], header],
        "selective out of range": [proof, labels, mandatory, [*selective[:-1], 10_000], header],
        "selective missing": [proof, labels, mandatory, selective[:-1], header],
        "selective too many": [proof, labels, mandatory, [*selective, selective[-1] + 1], header],
        "selective twice": [proof, labels, mandatory, [selective[0], *selective], header],
        "selective backwards": [proof, labels, mandatory, selective[::-1], header],
        "selective negative": [proof, labels, mandatory, [-1, *selective[1:]], header],
        "another presentation header": [proof, labels, mandatory, selective, b"asked by another college"],
        "no presentation header": [proof, labels, mandatory, selective, b""],
        "presentation header text": [proof, labels, mandatory, selective, "x"],
        "presentation header too long": [proof, labels, mandatory, selective, bytes(2000)],
    }


LIES = lies()


@pytest.mark.parametrize("name", LIES)
def test_a_lie_in_a_component_is_caught(name):
    check(with_components(components(DERIVED)))
    with pytest.raises(CredkitError):
        check(with_components(LIES[name]))


@pytest.mark.parametrize("header", ["d95d00", "d95d01", "d95d02", "d95d04", "000000", "d95d"])
def test_another_header_is_refused(header):
    with pytest.raises(CredkitError):
        check(with_components(components(DERIVED), header))


@pytest.mark.parametrize("pointer", ["/credentialSubject/achievement/name", "/issuer/name", "/validFrom"])
def test_any_text_changed_is_caught(pointer):
    document = copy.deepcopy(DERIVED)
    node = document
    *path, last = resolve_pointers(document, [pointer])[0]
    for token in path:
        node = node[token]
    node[last] = "2024-01-01T00:00:00Z" if last == "validFrom" else "Straight A student"
    with pytest.raises(CredkitError):
        check(document)


@pytest.mark.parametrize("member", ["created", "verificationMethod", "proofPurpose"])
def test_any_option_changed_is_caught(member):
    changed = {"created": "2020-01-01T00:00:00Z", "verificationMethod": "did:key:zUC7other#zUC7other",
               "proofPurpose": "authentication"}[member]
    with pytest.raises(CredkitError):
        check({**DERIVED, "proof": {**DERIVED["proof"], member: changed}})


@settings(max_examples=amount(300), deadline=None)
@given(st.integers(0), st.integers(1, 255))
def test_a_flipped_byte_of_the_proof_is_caught(place, bits):
    raw = bytearray(multibase_decode(DERIVED["proof"]["proofValue"]))
    raw[place % len(raw)] ^= bits
    changed = {**DERIVED, "proof": {**DERIVED["proof"], "proofValue": multibase_encode_base64url(bytes(raw))}}
    with pytest.raises(CredkitError):
        check(changed)


def test_a_key_that_is_no_point_of_its_group_is_refused():
    for raw in (b"\xc0" + bytes(95), b"\x8f" + b"\xff" * 95, bytes(96), SIGNER.public_key[:-1]):
        with pytest.raises(CredkitError):
            PublicKey("Bls12381G2", raw)
    # Length and encoding are right, but no point of the curve has this coordinate: told when a proof is checked.
    off = next(key for key in (SIGNER.public_key[:-1] + bytes([SIGNER.public_key[-1] ^ bits]) for bits in range(1, 9)))
    with pytest.raises(CredkitError):
        verify_proof(DERIVED, PublicKey("Bls12381G2", off), WORLD.processor)
    with pytest.raises(CryptographicSecurityError):
        KEY.verify(bytes(80), b"a message by itself")


@pytest.mark.parametrize("secret", [bytes(32), R.to_bytes(32, "big"), b"\xff" * 32, bytes(31) + b"", b"\1" * 33])
def test_a_secret_that_is_none_is_refused(secret):
    with pytest.raises(CredkitError):
        BbsSigner(secret)


@settings(max_examples=amount(60), deadline=None)
@given(st.lists(st.binary(max_size=40), max_size=12), st.data())
def test_any_messages_and_any_choice_of_them(messages, data):
    shown = sorted(data.draw(st.sets(st.sampled_from(range(len(messages)))))) if messages else []
    secret = int.from_bytes(SIGNER.secret, "big")
    signature = sign(secret, SIGNER.public_key, b"header", messages, SHA_256)
    verify(SIGNER.public_key, signature, b"header", messages, SHA_256)
    proof = proof_gen(SIGNER.public_key, signature, b"header", b"ph", messages, shown, SHA_256, SystemRandomness())
    proof_verify(SIGNER.public_key, proof, b"header", b"ph", [(index, messages[index]) for index in shown], SHA_256)
    with pytest.raises(ProofVerificationError):
        verify(SIGNER.public_key, signature, b"header", [*messages, b""], SHA_256)
    for index in shown[:2]:
        lie = [(each, messages[each] + b"!" if each == index else messages[each]) for each in shown]
        with pytest.raises(ProofVerificationError):
            proof_verify(SIGNER.public_key, proof, b"header", b"ph", lie, SHA_256)
