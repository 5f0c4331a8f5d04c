"""Data Integrity proofs: one file per cryptosuite, named in one literal tuple each.

Four acts: ``add_proof`` and ``add_base_proof`` (issuer), ``derive`` (holder), ``verify_proof`` (anyone). Which key is
allowed to have made a proof is ``verification``'s question, not this package's.

Spec: VC-DATA-INTEGRITY #algorithms
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from credkit.errors import MalformedValueError, UnsupportedError
from credkit.jsonld import Dataset, Processor
from credkit.keys import PublicKey
from credkit.ports import JSONObject, Randomness, Signer
from credkit.proofs import (
    ecdsa_jcs_2019,
    ecdsa_rdfc_2019,
    ecdsa_sd_2023,
    ed25519_signature_2020,
    eddsa_jcs_2022,
    eddsa_rdfc_2022,
)
from credkit.proofs._selective import required_pointers
from credkit.proofs._suite import Cryptosuite, WholeSuite
from credkit.proofs.ecdsa_sd_2023 import HMAC_KEY_BYTES, EcdsaSd2023, is_base_proof_value, parse_base_proof_value
from credkit.shape import format_date_time

WHOLE_SUITES: tuple[WholeSuite, ...] = (
    eddsa_rdfc_2022.SUITE,
    eddsa_jcs_2022.SUITE,
    ecdsa_rdfc_2019.SUITE,
    ecdsa_jcs_2019.SUITE,
    ed25519_signature_2020.SUITE,
)
SELECTIVE_SUITES: tuple[EcdsaSd2023, ...] = (ecdsa_sd_2023.SUITE,)
SUITES: tuple[Cryptosuite, ...] = (*WHOLE_SUITES, *SELECTIVE_SUITES)
JCS_SUITES = frozenset({eddsa_jcs_2022.SUITE.name, ecdsa_jcs_2019.SUITE.name})

__all__ = ["JCS_SUITES", "SELECTIVE_SUITES", "SUITES", "WHOLE_SUITES", "add_base_proof", "add_proof", "derive",
           "is_base_proof", "mandatory_pointers_of", "required_pointers", "suite_name_of", "verify_proof"]


def suite_name_of(proof: Any) -> str:
    """The suite a proof claims: its ``cryptosuite``, or for a legacy proof its ``type``.

    Raises:
        MalformedValueError: no object, or type or cryptosuite is not a string.
        UnsupportedError: no such suite here.
    """
    proof_type = proof.get("type") if isinstance(proof, dict) else None
    name = proof.get("cryptosuite") if proof_type == "DataIntegrityProof" else proof_type
    if not isinstance(name, str):
        raise MalformedValueError("the proof's type or cryptosuite is missing", pointer="/proof/type")
    for suite in SUITES:
        if suite.name == name and suite.proof_type == proof_type:
            return name
    raise UnsupportedError("the proof is of a kind we do not speak")


def is_base_proof(proof: Any) -> bool:
    """Whether ``proof`` is a base proof, which must never leave the wallet."""
    return isinstance(proof, dict) and is_base_proof_value(proof.get("proofValue"))


def mandatory_pointers_of(proof: JSONObject) -> tuple[str, ...]:
    """JSON Pointers to what a base proof lets nobody leave out.

    Raises:
        ParsingError: not a base proof.
    """
    return parse_base_proof_value(proof.get("proofValue")).mandatory_pointers


def add_proof(document: JSONObject, *, suite: str, signer: Signer, processor: Processor, created: datetime,
              purpose: str = "assertionMethod", challenge: str | None = None,
              domain: str | None = None) -> JSONObject:
    """A new document: ``document`` with one proof over all of it.

    Args:
        suite: Name of a whole-document suite.
        challenge, domain: For presentations: the verifier's nonce and identifier.

    Raises:
        UnsupportedError: no such suite.
        DataLossError, VocabularyUnknownError, TooComplexError: the document cannot be fixed by a signature.

    Spec: VC-DATA-INTEGRITY #add-proof
    """
    chosen = next((item for item in WHOLE_SUITES if item.name == suite), None)
    if chosen is None:
        raise UnsupportedError("no such cryptosuite for whole documents")
    options = _options(chosen.proof_type, suite, signer, created, purpose)
    if suite in JCS_SUITES:
        options["@context"] = document.get("@context")
    if challenge is not None:
        options["challenge"] = challenge
    if domain is not None:
        options["domain"] = domain
    value = chosen.create_proof_value(document, options, signer, processor)
    return {**document, "proof": {**options, "proofValue": value}}


def add_base_proof(document: JSONObject, *, signer: Signer, processor: Processor, created: datetime,
                   randomness: Randomness, mandatory_pointers: Sequence[str] = ()) -> JSONObject:
    """A new document: ``document`` with an ecdsa-sd-2023 base proof.

    The pointers of ``required_pointers`` are always mandatory; ``mandatory_pointers`` come on top.

    Raises:
        ProofGenerationError: a pointer matches nothing, or the document holds an ordered list.

    Spec: VC-DI-ECDSA #create-base-proof-ecdsa-sd-2023
    """
    suite = ecdsa_sd_2023.SUITE
    pointers = tuple(dict.fromkeys((*required_pointers(document), *mandatory_pointers)))
    options = _options(suite.proof_type, suite.name, signer, created, "assertionMethod")
    value = suite.create_base_proof_value(document, options, signer, processor, mandatory_pointers=pointers,
                                          hmac_key=randomness.token_bytes(HMAC_KEY_BYTES))
    return {**document, "proof": {**options, "proofValue": value}}


def derive(document: JSONObject, selective_pointers: Sequence[str], processor: Processor) -> JSONObject:
    """What leaves the wallet: the mandatory parts and the chosen ones, with a derived proof.

    Raises:
        MalformedValueError: there is not exactly one proof.
        UnsupportedError: the proof is not of a selective suite.
        ParsingError: it is not a base proof.
        ProofGenerationError: a pointer matches nothing.

    Spec: VC-DI-ECDSA #add-derived-proof-ecdsa-sd-2023
    """
    proof, unsecured = _take_proof(document)
    name = suite_name_of(proof)
    for suite in SELECTIVE_SUITES:
        if suite.name == name:
            return suite.derive(unsecured, proof, selective_pointers, processor)
    raise UnsupportedError("this record can only be shown whole")


def verify_proof(document: JSONObject, public_key: PublicKey, processor: Processor,
                 dataset: Dataset | None = None) -> None:
    """Check the one proof on ``document`` with a key already bound to its verification method; silence means it holds.

    Args:
        dataset: What ``processor.walk`` gave for the document without its proof, where the caller has it already.

    Raises:
        MalformedValueError: there is not exactly one proof.
        UnsupportedError: a suite we do not speak.
        ProofVerificationError, ParsingError, CryptographicSecurityError: the proof does not hold.
        DataLossError, VocabularyUnknownError, TooComplexError: see ``jsonld``.

    Spec: VC-DATA-INTEGRITY #verify-proof
    """
    proof, unsecured = _take_proof(document)
    name = suite_name_of(proof)
    for suite in SUITES:
        if suite.name == name:
            suite.verify_proof(unsecured, proof, public_key, processor, dataset)


def _take_proof(document: JSONObject) -> tuple[JSONObject, JSONObject]:
    proof = document.get("proof")
    if not isinstance(proof, dict):
        raise MalformedValueError("there must be exactly one proof", pointer="/proof")
    return proof, {name: value for name, value in document.items() if name != "proof"}


def _options(proof_type: str, suite: str, signer: Signer, created: datetime, purpose: str) -> JSONObject:
    options: JSONObject = {"type": proof_type}
    if proof_type == "DataIntegrityProof":
        options["cryptosuite"] = suite
    return {**options, "created": format_date_time(created), "verificationMethod": signer.verification_method,
            "proofPurpose": purpose}
