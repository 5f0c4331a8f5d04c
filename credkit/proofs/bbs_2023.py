"""bbs-2023: a base proof for the holder, from which proofs are derived that do not repeat.

The issuer signs the list of optional quads under one BBS signature whose header fixes the mandatory quads and the proof
options. A derived proof proves that signature without showing it, so two of them have nothing in common but what they
disclose: the shown statements, the indexes and the label map.

Spec: VC-DI-BBS #bbs-2023 (baseline feature; Candidate Recommendation)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from credkit.encoding import multibase_encode_base58, sha256
from credkit.errors import ParsingError
from credkit.jsonld import Dataset, Processor
from credkit.keys import BLS12_381_G2, PublicKey
from credkit.ports import JSONObject, MessageSigner, Randomness
from credkit.proofs import _bbs
from credkit.proofs._components import (
    PROOF_VALUE,
    read_bytes,
    read_components,
    read_indexes,
    read_label_map,
    read_pointers,
    write_components,
)
from credkit.proofs._grouping import Grouped, group, split_shown
from credkit.proofs._selective import HMAC_KEY_BYTES, shuffled_labels
from credkit.proofs._suite import check_key_type, options_hash, options_of, refuse_base_proof

NAME = "bbs-2023"
BASE_HEADER = bytes.fromhex("d95d02")
DERIVED_HEADER = bytes.fromhex("d95d03")
_HEADER_BYTES = 64
_MAX_PRESENTATION_HEADER_BYTES = 1024
_KEY_TYPES = frozenset({BLS12_381_G2.name})
_CIPHERSUITE = _bbs.SHA_256


class BbsSigner:
    """A ``MessageSigner`` whose secret lies in this process.

    ``verification_method`` is the did:key URL of the public half unless another is given.
    """

    key_type = BLS12_381_G2.name

    def __init__(self, secret: bytes, verification_method: str | None = None) -> None:
        """
        Args:
            secret: The scalar, 32 bytes, big-endian.

        Raises:
            MalformedValueError: wrong length, zero, or not below the order of the group.
            UnsupportedError: the extra ``bbs`` is not installed.
        """
        self.secret = secret
        self._scalar = _bbs.read_secret(secret)
        self.public_key = _bbs.sk_to_pk(self._scalar)
        self.public_key_multibase = multibase_encode_base58(BLS12_381_G2.public_codec + self.public_key)
        multikey = self.public_key_multibase
        self.verification_method = verification_method or f"did:key:{multikey}#{multikey}"

    @classmethod
    def generate(cls, randomness: Randomness, *, verification_method: str | None = None) -> BbsSigner:
        """A fresh key (draft-irtf-cfrg-bbs-signatures-08 #section-3.4.1)."""
        scalar = _bbs.key_gen(randomness.token_bytes(32), b"", _CIPHERSUITE)
        return cls(scalar.to_bytes(_bbs.SECRET_KEY_BYTES, "big"), verification_method)

    def sign_messages(self, header: bytes, messages: Sequence[bytes]) -> bytes:
        """80 bytes."""
        return _bbs.sign(self._scalar, self.public_key, header, messages, _CIPHERSUITE)

    def __repr__(self) -> str:
        return f"<BbsSigner {self.public_key_multibase}>"


@dataclass(frozen=True)
class BaseProof:
    """The five components of a base ``proofValue`` (VC-DI-BBS #parsebaseproofvalue)."""

    signature: bytes
    header: bytes
    public_key: bytes
    hmac_key: bytes
    mandatory_pointers: tuple[str, ...]


@dataclass(frozen=True)
class DerivedProof:
    """The five components of a derived ``proofValue`` (VC-DI-BBS #parsederivedproofvalue).

    ``label_map`` takes canonical labels of the revealed document to the issuer's, both with ``_:``.
    """

    proof: bytes
    label_map: Mapping[str, str]
    mandatory_indexes: tuple[int, ...]
    selective_indexes: tuple[int, ...]
    presentation_header: bytes


@dataclass(frozen=True)
class Bbs2023:
    """The suite as a value; it makes base proofs, derives, and verifies derived proofs only. See ``SelectiveSuite``."""

    name: str = NAME
    proof_type: str = "DataIntegrityProof"
    key_types: frozenset[str] = _KEY_TYPES

    def is_base_proof_value(self, value: Any) -> bool:
        return isinstance(value, str) and value.startswith("u2V0C")

    def mandatory_pointers(self, value: Any) -> tuple[str, ...]:
        return parse_base_proof_value(value).mandatory_pointers

    def create_base_proof_value(self, document: JSONObject, options: JSONObject, signer: MessageSigner,
                                processor: Processor, *, mandatory_pointers: Sequence[str], hmac_key: bytes) -> str:
        """See ``SelectiveSuite``.

        Spec: VC-DI-BBS #create-base-proof-bbs-2023
        """
        check_key_type(NAME, _KEY_TYPES, signer.key_type)
        grouped = group(document, processor, mandatory_pointers, hmac_key, shuffled_labels)
        header = _header(document, options, processor, grouped.mandatory)
        signature = signer.sign_messages(header, [line.encode("utf-8") for line in grouped.others])
        return write_components(BASE_HEADER, [signature, header, signer.public_key, hmac_key, list(mandatory_pointers)])

    def prepare(self, document: JSONObject, proof: JSONObject, processor: Processor) -> _Prepared:
        base = parse_base_proof_value(proof.get("proofValue"))
        return _Prepared(base, group(document, processor, base.mandatory_pointers, base.hmac_key, shuffled_labels))

    def verify_proof(self, document: JSONObject, proof: JSONObject, key: PublicKey, processor: Processor,
                     dataset: Dataset | None = None) -> None:
        """Check a derived proof; a base proof is refused, for it holds what was not disclosed.

        Spec: VC-DI-BBS #verify-derived-proof-bbs-2023
        """
        check_key_type(NAME, _KEY_TYPES, key.type)
        derived = parse_derived_proof_value(proof.get("proofValue"))
        walked = processor.walk(document) if dataset is None else dataset
        mandatory, others = split_shown(walked.quads, derived.label_map, derived.mandatory_indexes)
        if len(others) != len(derived.selective_indexes):
            raise ParsingError("the proof does not have one index for each part shown", pointer=PROOF_VALUE)
        header = _header(document, options_of(proof), processor, mandatory)
        shown = [(index, line.encode("utf-8")) for index, line in zip(derived.selective_indexes, others, strict=True)]
        _bbs.proof_verify(key.raw, derived.proof, header, derived.presentation_header, shown, _CIPHERSUITE)


@dataclass(frozen=True)
class _Prepared:
    """See ``Prepared``."""

    base: BaseProof
    grouped: Grouped

    def derive(self, selective_pointers: Sequence[str], presentation_header: bytes,
               randomness: Randomness) -> tuple[JSONObject, str]:
        chosen = self.grouped.choose(selective_pointers)
        proof = _bbs.proof_gen(
            self.base.public_key, self.base.signature, self.base.header, presentation_header,
            [line.encode("utf-8") for line in self.grouped.others], chosen.selective_indexes, _CIPHERSUITE, randomness)
        return chosen.revealed, derived_value(proof, chosen.label_map, chosen.mandatory_indexes,
                                              chosen.selective_indexes, presentation_header)


def derived_value(proof: bytes, label_map: Mapping[str, str], mandatory_indexes: Sequence[int],
                  selective_indexes: Sequence[int], presentation_header: bytes) -> str:
    """The derived ``proofValue`` (VC-DI-BBS #serializederivedproofvalue)."""
    numbers = {int(label[6:]): int(named[3:]) for label, named in label_map.items()}
    return write_components(DERIVED_HEADER, [proof, dict(sorted(numbers.items())), list(mandatory_indexes),
                                             list(selective_indexes), presentation_header])


def _header(document: JSONObject, options: JSONObject, processor: Processor, mandatory: Sequence[str]) -> bytes:
    """What the signature fixes besides the messages (VC-DI-BBS #base-proof-serialization-bbs-2023)."""
    return options_hash(document, options, processor, "sha256") + sha256("".join(mandatory).encode("utf-8"))


def parse_base_proof_value(value: Any) -> BaseProof:
    """Read a base ``proofValue``.

    Raises:
        ParsingError: header, count, type or length of a component is wrong.

    Spec: VC-DI-BBS #parsebaseproofvalue
    """
    signature, header, public_key, hmac_key, pointers = read_components(value, BASE_HEADER)
    return BaseProof(read_bytes(signature, _bbs.SIGNATURE_BYTES), read_bytes(header, _HEADER_BYTES),
                     read_bytes(public_key, _bbs.PUBLIC_KEY_BYTES), read_bytes(hmac_key, HMAC_KEY_BYTES),
                     read_pointers(pointers))


def parse_derived_proof_value(value: Any) -> DerivedProof:
    """Read a derived ``proofValue``.

    Raises:
        ProofVerificationError: it is a base proof.
        ParsingError: header, count, type or length of a component is wrong; an index stands twice.

    Spec: VC-DI-BBS #parsederivedproofvalue
    """
    refuse_base_proof(SUITE, value)
    proof, label_map, mandatory, selective, presentation_header = read_components(value, DERIVED_HEADER)
    if len(read_bytes(presentation_header)) > _MAX_PRESENTATION_HEADER_BYTES:
        raise ParsingError("the proof's presentation header is too long", pointer=PROOF_VALUE)
    return DerivedProof(read_bytes(proof), read_label_map(label_map, _label), read_indexes(mandatory),
                        read_indexes(selective), presentation_header)


def _label(value: Any) -> str:
    if type(value) is not int or value < 0:
        raise ParsingError("the proof's label map is malformed", pointer=PROOF_VALUE)
    return f"_:b{value}"


SUITE = Bbs2023()
