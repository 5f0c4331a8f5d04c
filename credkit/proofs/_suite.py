"""What the whole-document cryptosuites share: transform, hash, sign, verify.

A suite is a value: a name, a proof type, and the hash that goes with each key type. The document comes without its
``proof``; the options are the proof without ``proofValue``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import rfc8785

from credkit.encoding import multibase_decode, multibase_encode_base58
from credkit.errors import (
    CryptographicSecurityError,
    DataLossError,
    ParsingError,
    ProofTransformationError,
    ProofVerificationError,
)
from credkit.jsonld import Dataset, Processor, canonicalize
from credkit.keys import PublicKey
from credkit.ports import JSONObject, Randomness, Signer
from credkit.proofs._components import PROOF_VALUE

SIGNATURE_BYTES = {"Ed25519": 64, "P-256": 64, "P-384": 96}
KEY_TYPE_OF_ALGORITHM = {"Ed25519": "Ed25519", "ES256": "P-256", "ES384": "P-384"}


class Cryptosuite(Protocol):
    """What every suite can do: say what it is, and verify."""

    @property
    def name(self) -> str: ...

    @property
    def proof_type(self) -> str: ...

    @property
    def key_types(self) -> frozenset[str]: ...

    def verify_proof(self, document: JSONObject, proof: JSONObject, key: PublicKey, processor: Processor,
                     dataset: Dataset | None = None) -> None:
        """Silence means the proof holds; raises ``ProofVerificationError``, ``ParsingError`` or what the walk raises.

        Args:
            dataset: What ``processor.walk(document)`` gave, where the caller has it already.
        """


class WholeSuite(Cryptosuite, Protocol):
    """A suite whose proof covers a document as a whole."""

    def create_proof_value(self, document: JSONObject, options: JSONObject, signer: Signer,
                           processor: Processor) -> str:
        """The multibase ``proofValue`` over ``document`` and ``options``."""


class Prepared(Protocol):
    """A credential with a base proof, ready to be shown in part any number of times."""

    def derive(self, selective_pointers: Sequence[str], presentation_header: bytes,
               randomness: Randomness) -> tuple[JSONObject, str]:
        """A new document without proof, and the ``proofValue`` for it.

        Args:
            selective_pointers: JSON Pointers of what to show besides the mandatory parts.
            presentation_header: What a proof of bbs-2023 is bound to.

        Raises:
            ProofGenerationError: a pointer matches nothing, or nothing at all would be shown.
        """


class SelectiveSuite(Cryptosuite, Protocol):
    """A suite with a base proof for the holder, from which proofs over chosen parts are derived."""

    def is_base_proof_value(self, value: Any) -> bool:
        """Whether a ``proofValue`` starts like a base proof of this suite, however broken it may be after that."""

    def mandatory_pointers(self, value: Any) -> tuple[str, ...]:
        """JSON Pointers in a base ``proofValue``; ``ParsingError`` if it is none."""

    def create_base_proof_value(self, document: JSONObject, options: JSONObject, signer: Any, processor: Processor, *,
                                mandatory_pointers: Sequence[str], hmac_key: bytes) -> str:
        """The base ``proofValue``.

        Args:
            signer: A ``Signer``, or for bbs-2023 a ``MessageSigner``.
            mandatory_pointers: JSON Pointers of what every derived proof shows; exactly these.
            hmac_key: 32 random bytes, fresh for each credential.

        Raises:
            ProofGenerationError: a pointer matches nothing, or the document holds an ordered list.
        """

    def prepare(self, document: JSONObject, proof: JSONObject, processor: Processor) -> Prepared:
        """Walk and group once, for any number of derivations.

        Args:
            document: The credential without its proof.
            proof: Its base proof.

        Raises:
            ParsingError: ``proof`` is not a base proof.
            ProofGenerationError: it does not fit the document.
        """


def refuse_base_proof(suite: SelectiveSuite, value: Any) -> None:
    """Raises ``ProofVerificationError`` for a base proof, where a derived one is needed."""
    if suite.is_base_proof_value(value):
        raise ProofVerificationError("a base proof was shown: it holds what was not disclosed", pointer=PROOF_VALUE)


def options_of(proof: JSONObject) -> JSONObject:
    """The proof without ``proofValue``: what the signature covers besides the document."""
    return {name: value for name, value in proof.items() if name != "proofValue"}


def check_key_type(suite_name: str, key_types: frozenset[str], key_type: str) -> None:
    """Refuse a key of a type the suite does not sign with (A07).

    Raises:
        CryptographicSecurityError: the key's type is not the suite's.
    """
    if key_type not in key_types:
        raise CryptographicSecurityError(f"a key of type {key_type} cannot make a proof of {suite_name}")


def canonical_hash(dataset: Dataset, hash_name: str) -> bytes:
    """Digest of the canonical N-Quads of a walked document (VC-DI-EDDSA #hashing-eddsa-rdfc-2022)."""
    return _digest(canonicalize(dataset.quads, hash_name=hash_name, are_distinct=True).text(), hash_name)


def _digest(text: str, hash_name: str) -> bytes:
    return hashlib.new(hash_name, text.encode("utf-8")).digest()


def options_hash(document: JSONObject, options: JSONObject, processor: Processor, hash_name: str) -> bytes:
    """Digest of the proof options under the document's contexts (VC-DI-EDDSA #proof-configuration-eddsa-rdfc-2022)."""
    configuration = {**options, "@context": document.get("@context")}
    return _digest(processor.canonical_text(configuration, hash_name=hash_name), hash_name)


def rdfc_hash_data(document: JSONObject, options: JSONObject, processor: Processor, hash_name: str,
                   dataset: Dataset | None = None) -> bytes:
    """Proof options' hash followed by the document's (VC-DI-EDDSA #hashing-eddsa-rdfc-2022)."""
    walked = processor.walk(document) if dataset is None else dataset
    return options_hash(document, options, processor, hash_name) + canonical_hash(walked, hash_name)


@dataclass(frozen=True)
class RdfcSuite:
    """A suite that hashes RDFC-1.0 canonical N-Quads.

    Attributes:
        hash_names: Key type → ``hashlib`` name of the digest used throughout.

    Spec: VC-DI-EDDSA #eddsa-rdfc-2022; VC-DI-ECDSA #ecdsa-rdfc-2019
    """

    name: str
    hash_names: Mapping[str, str]
    proof_type: str = "DataIntegrityProof"

    @property
    def key_types(self) -> frozenset[str]:
        return frozenset(self.hash_names)

    def create_proof_value(self, document: JSONObject, options: JSONObject, signer: Signer,
                           processor: Processor) -> str:
        key_type = KEY_TYPE_OF_ALGORITHM.get(signer.algorithm, signer.algorithm)
        check_key_type(self.name, self.key_types, key_type)
        data = rdfc_hash_data(document, options, processor, self.hash_names[key_type])
        return multibase_encode_base58(signer.sign(data))

    def verify_proof(self, document: JSONObject, proof: JSONObject, key: PublicKey, processor: Processor,
                     dataset: Dataset | None = None) -> None:
        check_key_type(self.name, self.key_types, key.type)
        signature = read_signature(proof, key.type)
        data = rdfc_hash_data(document, options_of(proof), processor, self.hash_names[key.type], dataset)
        key.verify(signature, data)


@dataclass(frozen=True)
class JcsSuite:
    """A suite that hashes the JSON itself, canonicalized by RFC 8785; the signature fixes every byte of meaning.

    Spec: VC-DI-EDDSA #eddsa-jcs-2022; VC-DI-ECDSA #ecdsa-jcs-2019
    """

    name: str
    hash_names: Mapping[str, str]
    proof_type: str = "DataIntegrityProof"

    @property
    def key_types(self) -> frozenset[str]:
        return frozenset(self.hash_names)

    def create_proof_value(self, document: JSONObject, options: JSONObject, signer: Signer,
                           processor: Processor) -> str:
        key_type = KEY_TYPE_OF_ALGORITHM.get(signer.algorithm, signer.algorithm)
        check_key_type(self.name, self.key_types, key_type)
        return multibase_encode_base58(signer.sign(jcs_hash_data(document, options, self.hash_names[key_type])))

    def verify_proof(self, document: JSONObject, proof: JSONObject, key: PublicKey, processor: Processor,
                     dataset: Dataset | None = None) -> None:
        check_key_type(self.name, self.key_types, key.type)
        if "@context" in proof and proof["@context"] != document.get("@context"):
            raise DataLossError("the proof's @context differs from the document's", pointer="/proof/@context")
        signature = read_signature(proof, key.type)
        key.verify(signature, jcs_hash_data(document, options_of(proof), self.hash_names[key.type]))


def jcs_hash_data(document: JSONObject, options: JSONObject, hash_name: str) -> bytes:
    """Proof options' hash followed by the document's (VC-DI-EDDSA #hashing-eddsa-jcs-2022)."""
    return hashlib.new(hash_name, jcs(options)).digest() + hashlib.new(hash_name, jcs(document)).digest()


def jcs(value: JSONObject) -> bytes:
    """RFC 8785 bytes of ``value``.

    Raises:
        ProofTransformationError: a number or string that RFC 8785 cannot say (A11).
    """
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeError, RecursionError) as error:
        raise ProofTransformationError("the document holds a value that cannot be canonicalized") from error


def read_signature(proof: JSONObject, key_type: str) -> bytes:
    """The raw signature in a base58-btc ``proofValue`` of exactly the key type's length.

    Raises:
        ProofVerificationError: absent, another multibase header, or another length.
    """
    try:
        signature = multibase_decode(proof.get("proofValue"), allowed="z")
    except ParsingError as error:
        raise ProofVerificationError("the proofValue is not base58-btc", pointer="/proof/proofValue") from error
    if len(signature) != SIGNATURE_BYTES[key_type]:
        raise ProofVerificationError("the proofValue has the wrong length", pointer="/proof/proofValue")
    return signature
