"""ecdsa-sd-2023: a base proof for the holder, from which proofs over chosen parts are derived.

The issuer signs the mandatory quads together and every other quad by itself with a key used once; the holder passes
on the signatures of the quads that are disclosed. The base proof holds the HMAC key and never leaves the wallet.

Spec: VC-DI-ECDSA #ecdsa-sd-2023
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from credkit.encoding import base64url_decode, base64url_encode, multibase_decode, sha256
from credkit.errors import CredkitError, ParsingError, ProofGenerationError, ProofVerificationError
from credkit.jsonld import Dataset, Processor
from credkit.keys import PublicKey, SoftwareSigner
from credkit.keys.p256 import P256
from credkit.ports import JSONObject, Randomness, Signer
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
from credkit.proofs._selective import HMAC_KEY_BYTES, hmac_labels
from credkit.proofs._suite import KEY_TYPE_OF_ALGORITHM, check_key_type, options_hash, options_of, refuse_base_proof

NAME = "ecdsa-sd-2023"
BASE_HEADER = bytes.fromhex("d95d00")
DERIVED_HEADER = bytes.fromhex("d95d01")
_KEY_TYPES = frozenset({"P-256"})
_PUBLIC_KEY_BYTES = 35


@dataclass(frozen=True)
class BaseProof:
    """The five components of a base ``proofValue`` (VC-DI-ECDSA #parsebaseproofvalue)."""

    base_signature: bytes
    public_key: bytes
    hmac_key: bytes
    signatures: tuple[bytes, ...]
    mandatory_pointers: tuple[str, ...]


@dataclass(frozen=True)
class DerivedProof:
    """The five components of a derived ``proofValue`` (VC-DI-ECDSA #parsederivedproofvalue).

    ``label_map`` takes canonical labels of the revealed document to blinded ones, both with ``_:``.
    """

    base_signature: bytes
    public_key: bytes
    signatures: tuple[bytes, ...]
    label_map: Mapping[str, str]
    mandatory_indexes: tuple[int, ...]


@dataclass(frozen=True)
class EcdsaSd2023:
    """The suite as a value; it makes base proofs, derives, and verifies derived proofs only. See ``SelectiveSuite``."""

    name: str = NAME
    proof_type: str = "DataIntegrityProof"
    key_types: frozenset[str] = _KEY_TYPES

    def is_base_proof_value(self, value: Any) -> bool:
        return isinstance(value, str) and value.startswith("u2V0A")

    def mandatory_pointers(self, value: Any) -> tuple[str, ...]:
        return parse_base_proof_value(value).mandatory_pointers

    def create_base_proof_value(self, document: JSONObject, options: JSONObject, signer: Signer, processor: Processor,
                                *, mandatory_pointers: Sequence[str], hmac_key: bytes,
                                proof_signer: SoftwareSigner | None = None) -> str:
        """See ``SelectiveSuite``; ``proof_signer`` is the P-256 key used once, given by tests with published vectors.

        Spec: VC-DI-ECDSA #create-base-proof-ecdsa-sd-2023
        """
        check_key_type(NAME, _KEY_TYPES, KEY_TYPE_OF_ALGORITHM.get(signer.algorithm, signer.algorithm))
        grouped = group(document, processor, mandatory_pointers, hmac_key, hmac_labels)
        single = proof_signer or SoftwareSigner.generate("P-256")
        signatures = [single.sign(line.encode("utf-8")) for line in grouped.others]
        public_key = multibase_decode(single.public_key_multibase, allowed="z")
        base = signer.sign(_signed_data(document, options, processor, public_key, grouped.mandatory))
        return write_components(BASE_HEADER, [base, public_key, hmac_key, signatures, list(mandatory_pointers)])

    def prepare(self, document: JSONObject, proof: JSONObject, processor: Processor) -> _Prepared:
        base = parse_base_proof_value(proof.get("proofValue"))
        grouped = group(document, processor, base.mandatory_pointers, base.hmac_key, hmac_labels)
        if len(grouped.others) != len(base.signatures):
            raise ProofGenerationError("the base proof does not fit the document", pointer=PROOF_VALUE)
        return _Prepared(base, grouped)

    def verify_proof(self, document: JSONObject, proof: JSONObject, key: PublicKey, processor: Processor,
                     dataset: Dataset | None = None) -> None:
        """Check a derived proof; a base proof is refused, for it holds what was not disclosed.

        Spec: VC-DI-ECDSA #verify-derived-proof-ecdsa-sd-2023
        """
        check_key_type(NAME, _KEY_TYPES, key.type)
        derived = parse_derived_proof_value(proof.get("proofValue"))
        walked = processor.walk(document) if dataset is None else dataset
        mandatory, others = split_shown(walked.quads, derived.label_map, derived.mandatory_indexes)
        if len(others) != len(derived.signatures):
            raise ProofVerificationError("the proof does not have one signature for each part shown",
                                         pointer=PROOF_VALUE)
        key.verify(derived.base_signature,
                   _signed_data(document, options_of(proof), processor, derived.public_key, mandatory))
        single = _parse_proof_key(derived.public_key)
        for line, signature in zip(others, derived.signatures, strict=True):
            P256.verify(single, signature, line.encode("utf-8"))


@dataclass(frozen=True)
class _Prepared:
    """See ``Prepared``; neither randomness nor a presentation header enters a derived proof of this suite."""

    base: BaseProof
    grouped: Grouped

    def derive(self, selective_pointers: Sequence[str], presentation_header: bytes,
               randomness: Randomness) -> tuple[JSONObject, str]:
        chosen = self.grouped.choose(selective_pointers)
        label_map = {int(label[6:]): base64url_decode(blinded[3:]) for label, blinded in chosen.label_map.items()}
        signatures = [self.base.signatures[place] for place in chosen.selective_indexes]
        return chosen.revealed, write_components(DERIVED_HEADER, [
            self.base.base_signature, self.base.public_key, signatures, dict(sorted(label_map.items())),
            list(chosen.mandatory_indexes),
        ])


def _signed_data(document: JSONObject, options: JSONObject, processor: Processor, public_key: bytes,
                 mandatory_lines: Sequence[str]) -> bytes:
    """What the issuer's key signs (VC-DI-ECDSA #serializesigndata)."""
    proof_hash = options_hash(document, options, processor, "sha256")
    return proof_hash + public_key + sha256("".join(mandatory_lines).encode("utf-8"))


def _parse_proof_key(raw: bytes) -> Any:
    """The key used once, parsed as ``P256`` does it."""
    codec = P256.public_codec
    if not raw.startswith(codec):
        raise ProofVerificationError("the proof's own key is not a P-256 key", pointer=PROOF_VALUE)
    try:
        return P256.parse_public(raw[len(codec):])
    except CredkitError as error:
        raise ProofVerificationError("the proof's own key cannot be read", pointer=PROOF_VALUE) from error


def parse_base_proof_value(value: Any) -> BaseProof:
    """Read a base ``proofValue``.

    Raises:
        ParsingError: header, count, type or length of a component is wrong.

    Spec: VC-DI-ECDSA #parsebaseproofvalue
    """
    base_signature, public_key, hmac_key, signatures, pointers = read_components(value, BASE_HEADER)
    return BaseProof(read_bytes(base_signature, 64), read_bytes(public_key, _PUBLIC_KEY_BYTES),
                     read_bytes(hmac_key, HMAC_KEY_BYTES), _signatures(signatures), read_pointers(pointers))


def parse_derived_proof_value(value: Any) -> DerivedProof:
    """Read a derived ``proofValue``.

    Raises:
        ProofVerificationError: it is a base proof.
        ParsingError: header, count, type or length of a component is wrong; an index stands twice.

    Spec: VC-DI-ECDSA #parsederivedproofvalue
    """
    refuse_base_proof(SUITE, value)
    base_signature, public_key, signatures, label_map, indexes = read_components(value, DERIVED_HEADER)
    return DerivedProof(read_bytes(base_signature, 64), read_bytes(public_key, _PUBLIC_KEY_BYTES),
                        _signatures(signatures),
                        read_label_map(label_map, lambda label: "_:u" + base64url_encode(read_bytes(label, 32))),
                        read_indexes(indexes))


def _signatures(value: Any) -> tuple[bytes, ...]:
    if not isinstance(value, list):
        raise ParsingError("the proof's signatures are malformed", pointer=PROOF_VALUE)
    return tuple(read_bytes(signature, 64) for signature in value)


SUITE = EcdsaSd2023()
