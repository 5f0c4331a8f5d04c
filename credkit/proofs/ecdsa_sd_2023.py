"""ecdsa-sd-2023: a base proof for the holder, from which proofs over chosen parts are derived.

The issuer signs the mandatory quads together and every other quad by itself with a key used once; the holder passes
on the signatures of the quads that are disclosed. The base proof holds the HMAC key and never leaves the wallet.

Spec: VC-DI-ECDSA #ecdsa-sd-2023
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from credkit.encoding import (
    base64url_decode,
    base64url_encode,
    cbor_decode,
    cbor_encode,
    multibase_decode,
    multibase_encode_base58,
    multibase_encode_base64url,
    sha256,
)
from credkit.errors import CredkitError, ParsingError, ProofGenerationError, ProofVerificationError
from credkit.jsonld import Dataset, Processor, Quad, canonicalize
from credkit.keys import PublicKey, SoftwareSigner, public_key_from_multibase
from credkit.ports import JSONObject, Signer
from credkit.proofs._selective import (
    RDF_FIRST,
    blind,
    nquads_lines,
    resolve_pointers,
    select_document,
    selected_quads,
)
from credkit.proofs._suite import KEY_TYPE_OF_ALGORITHM, check_key_type, options_hash, options_of

NAME = "ecdsa-sd-2023"
BASE_HEADER = bytes.fromhex("d95d00")
DERIVED_HEADER = bytes.fromhex("d95d01")
HMAC_KEY_BYTES = 32
_KEY_TYPES = frozenset({"P-256"})
_PUBLIC_KEY_BYTES = 35
_AT = "/proof/proofValue"


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
    """The suite as a value; it makes base proofs, derives, and verifies derived proofs only."""

    name: str = NAME
    proof_type: str = "DataIntegrityProof"
    key_types: frozenset[str] = _KEY_TYPES

    def create_base_proof_value(self, document: JSONObject, options: JSONObject, signer: Signer, processor: Processor,
                                *, mandatory_pointers: Sequence[str], hmac_key: bytes,
                                proof_signer: SoftwareSigner | None = None) -> str:
        """The base ``proofValue``.

        Args:
            mandatory_pointers: JSON Pointers of what every derived proof shows; exactly these.
            hmac_key: 32 random bytes, fresh for each credential.
            proof_signer: The P-256 key used once; only tests with published vectors give it.

        Raises:
            ProofGenerationError: a pointer matches nothing, or the document holds an ordered list.

        Spec: VC-DI-ECDSA #create-base-proof-ecdsa-sd-2023
        """
        check_key_type(NAME, _KEY_TYPES, KEY_TYPE_OF_ALGORITHM.get(signer.algorithm, signer.algorithm))
        dataset = processor.walk(document, with_paths=True)
        _refuse_lists(dataset.quads)
        blinded = blind(dataset.quads, hmac_key)
        mandatory = selected_quads(dataset, resolve_pointers(document, mandatory_pointers))
        single = proof_signer or SoftwareSigner.generate("P-256")
        signatures = [single.sign(line.encode("utf-8"))
                      for line, index in zip(blinded.lines, blinded.order, strict=True) if index not in mandatory]
        public_key = multibase_decode(single.public_key_multibase, allowed="z")
        mandatory_lines = [line for line, index in zip(blinded.lines, blinded.order, strict=True) if index in mandatory]
        base = signer.sign(_signed_data(document, options, processor, public_key, mandatory_lines))
        return multibase_encode_base64url(BASE_HEADER + cbor_encode(
            [base, public_key, hmac_key, signatures, list(mandatory_pointers)]))

    def derive(self, document: JSONObject, proof: JSONObject, selective_pointers: Sequence[str],
               processor: Processor) -> JSONObject:
        """A new document with what was mandatory and what is chosen, and its derived proof.

        Args:
            document: The credential without its proof.
            proof: Its base proof.
            selective_pointers: JSON Pointers into ``document`` of what to disclose besides the mandatory parts.

        Raises:
            ParsingError: ``proof`` is not a base proof.
            ProofGenerationError: a pointer matches nothing, or nothing at all would be shown.

        Spec: VC-DI-ECDSA #add-derived-proof-ecdsa-sd-2023
        """
        base = parse_base_proof_value(proof.get("proofValue"))
        dataset = processor.walk(document, with_paths=True)
        blinded = blind(dataset.quads, base.hmac_key)
        mandatory_paths = resolve_pointers(document, base.mandatory_pointers)
        paths = mandatory_paths + resolve_pointers(document, selective_pointers)
        revealed = select_document(document, paths)
        if revealed is None:
            raise ProofGenerationError("nothing was chosen to be shown")
        mandatory, combined = selected_quads(dataset, mandatory_paths), selected_quads(dataset, paths)
        if len(dataset.quads) - len(mandatory) != len(base.signatures):
            raise ProofGenerationError("the base proof does not fit the document", pointer=_AT)
        value = _derived_value(base, dataset.quads, blinded.order, mandatory, combined, blinded.labels)
        return {**revealed, "proof": {**copy.deepcopy(options_of(proof)), "proofValue": value}}

    def verify_proof(self, document: JSONObject, proof: JSONObject, key: PublicKey, processor: Processor,
                     dataset: Dataset | None = None) -> None:
        """Check a derived proof; a base proof is refused, for it holds what was not disclosed.

        Spec: VC-DI-ECDSA #verify-derived-proof-ecdsa-sd-2023
        """
        check_key_type(NAME, _KEY_TYPES, key.type)
        derived = parse_derived_proof_value(proof.get("proofValue"))
        walked = processor.walk(document) if dataset is None else dataset
        lines = _relabelled(walked.quads, derived.label_map)
        indexes = frozenset(derived.mandatory_indexes)
        if indexes and max(indexes) >= len(lines):
            raise ProofVerificationError("the proof names a part that is not there", pointer=_AT)
        others = [line for index, line in enumerate(lines) if index not in indexes]
        if len(others) != len(derived.signatures):
            raise ProofVerificationError("the proof does not have one signature for each part shown", pointer=_AT)
        mandatory_lines = [line for index, line in enumerate(lines) if index in indexes]
        key.verify(derived.base_signature,
                   _signed_data(document, options_of(proof), processor, derived.public_key, mandatory_lines))
        single = _proof_public_key(derived.public_key)
        for line, signature in zip(others, derived.signatures, strict=True):
            single.verify(signature, line.encode("utf-8"))


def _refuse_lists(quads: Sequence[Quad]) -> None:
    if any(quad[1] == RDF_FIRST for quad in quads):
        raise ProofGenerationError("an ordered list cannot be secured for disclosure in part")


def _signed_data(document: JSONObject, options: JSONObject, processor: Processor, public_key: bytes,
                 mandatory_lines: Sequence[str]) -> bytes:
    """What the issuer's key signs (VC-DI-ECDSA #serializesigndata)."""
    proof_hash = options_hash(document, options, processor, "sha256")
    return proof_hash + public_key + sha256("".join(mandatory_lines).encode("utf-8"))


def _derived_value(base: BaseProof, quads: Sequence[Quad], order: Sequence[int], mandatory: frozenset[int],
                   combined: frozenset[int], labels: Mapping[str, str]) -> str:
    shown = [index for index in order if index in combined]
    mandatory_indexes = [place for place, index in enumerate(shown) if index in mandatory]
    non_mandatory = [index for index in order if index not in mandatory]
    signatures = [signature for index, signature in zip(non_mandatory, base.signatures, strict=True)
                  if index in combined]
    canonical = canonicalize([quads[index] for index in sorted(combined)]).labels
    label_map = {int(label[6:]): base64url_decode(labels[node][3:]) for node, label in canonical.items()}
    return multibase_encode_base64url(DERIVED_HEADER + cbor_encode(
        [base.base_signature, base.public_key, signatures, dict(sorted(label_map.items())), mandatory_indexes]))


def _relabelled(quads: Sequence[Quad], label_map: Mapping[str, str]) -> list[str]:
    canonical = canonicalize(quads).labels
    if set(canonical.values()) != set(label_map):
        raise ProofVerificationError("the proof's label map does not fit the document", pointer=_AT)
    return sorted(nquads_lines(quads, {node: label_map[label] for node, label in canonical.items()}))


def _proof_public_key(raw: bytes) -> PublicKey:
    try:
        key = public_key_from_multibase(multibase_encode_base58(raw))
    except CredkitError as error:
        raise ProofVerificationError("the proof's own key cannot be read", pointer=_AT) from error
    if key.type != "P-256":
        raise ProofVerificationError("the proof's own key is not a P-256 key", pointer=_AT)
    return key


def is_base_proof_value(value: Any) -> bool:
    """Whether a ``proofValue`` starts like a base proof, however broken it may be after that."""
    return isinstance(value, str) and value.startswith("u2V0A")


def parse_base_proof_value(value: Any) -> BaseProof:
    """Read a base ``proofValue``.

    Raises:
        ParsingError: header, count, type or length of a component is wrong.

    Spec: VC-DI-ECDSA #parsebaseproofvalue
    """
    parts = _components(value, BASE_HEADER)
    base_signature, public_key, hmac_key, signatures, pointers = parts
    if not isinstance(pointers, list) or not all(isinstance(pointer, str) for pointer in pointers):
        raise ParsingError("the base proof's pointers are malformed", pointer=_AT)
    return BaseProof(_sized(base_signature, 64), _sized(public_key, _PUBLIC_KEY_BYTES),
                     _sized(hmac_key, HMAC_KEY_BYTES), _signatures(signatures), tuple(pointers))


def parse_derived_proof_value(value: Any) -> DerivedProof:
    """Read a derived ``proofValue``.

    Raises:
        ProofVerificationError: it is a base proof.
        ParsingError: header, count, type or length of a component is wrong; an index stands twice.

    Spec: VC-DI-ECDSA #parsederivedproofvalue
    """
    if is_base_proof_value(value):
        raise ProofVerificationError("a base proof was shown: it holds what was not disclosed", pointer=_AT)
    base_signature, public_key, signatures, label_map, indexes = _components(value, DERIVED_HEADER)
    if not isinstance(indexes, list) or not all(isinstance(index, int) for index in indexes):
        raise ParsingError("the proof's indexes are malformed", pointer=_AT)
    if any(later <= earlier for earlier, later in zip(indexes, indexes[1:], strict=False)):
        raise ParsingError("the proof's indexes repeat or are out of order", pointer=_AT)
    return DerivedProof(_sized(base_signature, 64), _sized(public_key, _PUBLIC_KEY_BYTES), _signatures(signatures),
                        _label_map(label_map), tuple(indexes))


def _components(value: Any, header: bytes) -> list[Any]:
    raw = multibase_decode(value, allowed="u")
    if raw[:3] != header:
        raise ParsingError("the proofValue has the wrong header", pointer=_AT)
    parts = cbor_decode(raw[3:])
    if not isinstance(parts, list) or len(parts) != 5:
        raise ParsingError("the proofValue does not have five components", pointer=_AT)
    return parts


def _sized(value: Any, length: int) -> bytes:
    if not isinstance(value, bytes) or len(value) != length:
        raise ParsingError("a component of the proofValue has the wrong type or length", pointer=_AT)
    return value


def _signatures(value: Any) -> tuple[bytes, ...]:
    if not isinstance(value, list):
        raise ParsingError("the proof's signatures are malformed", pointer=_AT)
    return tuple(_sized(signature, 64) for signature in value)


def _label_map(value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(key, int) for key in value):
        raise ParsingError("the proof's label map is malformed", pointer=_AT)
    labels = {f"_:c14n{key}": "_:u" + base64url_encode(_sized(label, 32)) for key, label in value.items()}
    if len(set(labels.values())) != len(labels):
        raise ParsingError("the proof's label map names two nodes alike", pointer=_AT)
    return labels


SUITE = EcdsaSd2023()
