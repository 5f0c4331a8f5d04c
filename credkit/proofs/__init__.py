"""Data Integrity proofs: one file per cryptosuite, named in one literal tuple each.

Four acts: ``add_proof`` and ``add_base_proof`` (issuer), ``derive`` (holder), ``verify_proof`` (anyone). Which key is
allowed to have made a proof is ``verification``'s question, not this package's.

Spec: VC-DATA-INTEGRITY #algorithms
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from credkit.errors import MalformedValueError, UnsupportedError
from credkit.jsonld import Dataset, Processor
from credkit.keys import PublicKey
from credkit.ports import JSONObject, MessageSigner, Randomness, Signer
from credkit.proofs import (
    bbs_2023,
    ecdsa_jcs_2019,
    ecdsa_rdfc_2019,
    ecdsa_sd_2023,
    ed25519_signature_2020,
    eddsa_jcs_2022,
    eddsa_rdfc_2022,
)
from credkit.proofs._plain_labels import draw_plain_hmac_key, labels_are_plain
from credkit.proofs._selective import HMAC_KEY_BYTES, required_pointers
from credkit.proofs._sets import covered_by, proofs_of
from credkit.proofs._suite import Cryptosuite, SelectiveSuite, WholeSuite, options_of
from credkit.proofs.bbs_2023 import BbsSigner
from credkit.shape import as_list, format_date_time

WHOLE_SUITES: tuple[WholeSuite, ...] = (
    eddsa_rdfc_2022.SUITE,
    eddsa_jcs_2022.SUITE,
    ecdsa_rdfc_2019.SUITE,
    ecdsa_jcs_2019.SUITE,
    ed25519_signature_2020.SUITE,
)
SELECTIVE_SUITES: tuple[SelectiveSuite, ...] = (ecdsa_sd_2023.SUITE, bbs_2023.SUITE)
SUITES: tuple[Cryptosuite, ...] = (*WHOLE_SUITES, *SELECTIVE_SUITES)
LEGACY_SUITE = ed25519_signature_2020.SUITE.name
JCS_SUITES = frozenset({eddsa_jcs_2022.SUITE.name, ecdsa_jcs_2019.SUITE.name})

__all__ = ["JCS_SUITES", "LEGACY_SUITE", "SELECTIVE_SUITES", "SUITES", "WHOLE_SUITES", "BbsSigner", "Derivation",
           "add_base_proof", "add_proof", "derive", "draw_plain_hmac_key", "is_base_proof", "labels_are_plain",
           "mandatory_pointers_of", "proofs_of", "required_pointers", "suite_name_of", "verify_proof"]


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
    return isinstance(proof, dict) and any(suite.is_base_proof_value(proof.get("proofValue"))
                                           for suite in SELECTIVE_SUITES)


def mandatory_pointers_of(proof: JSONObject) -> tuple[str, ...]:
    """JSON Pointers to what a base proof lets nobody leave out.

    Raises:
        UnsupportedError: not of a selective suite.
        ParsingError: not a base proof.
    """
    return _selective_suite(suite_name_of(proof)).mandatory_pointers(proof.get("proofValue"))


def add_proof(document: JSONObject, *, suite: str, signer: Signer, processor: Processor, created: datetime,
              purpose: str = "assertionMethod", challenge: str | None = None, domain: str | None = None,
              proof_id: str | None = None, previous: Sequence[str] = ()) -> JSONObject:
    """A new document: ``document`` with one more proof over all of it.

    Args:
        document: Proofs that it has stay, and the new one stands behind them.
        suite: Name of a whole-document suite.
        challenge, domain: For presentations: the verifier's nonce and identifier.
        proof_id: A URL by which a later proof can build on this one.
        previous: Ids of the proofs that this one builds on.

    Raises:
        UnsupportedError: no such suite.
        ProofVerificationError: ``previous`` names a proof that is not there.
        DataLossError, VocabularyUnknownError, TooComplexError: the document cannot be fixed by a signature.

    Spec: VC-DATA-INTEGRITY #add-proof, #add-proof-set-chain
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
    if proof_id is not None:
        options = {"id": proof_id, **options}
    if previous:
        options["previousProof"] = list(previous)
    value = chosen.create_proof_value(covered_by(document, options), options, signer, processor)
    there, proof = as_list(document.get("proof")), {**options, "proofValue": value}
    return {**document, "proof": [*there, proof] if there else proof}


def add_base_proof(document: JSONObject, *, signer: Signer | MessageSigner, processor: Processor, created: datetime,
                   randomness: Randomness, suite: str = ecdsa_sd_2023.NAME, mandatory_pointers: Sequence[str] = (),
                   hmac_key: bytes | None = None) -> JSONObject:
    """A new document: ``document`` with a base proof.

    The pointers of ``required_pointers`` are always mandatory; ``mandatory_pointers`` come on top.

    Args:
        suite: Name of a selective suite.
        signer: A ``MessageSigner`` for bbs-2023, else a ``Signer``.
        hmac_key: 32 bytes that ``draw_plain_hmac_key`` gave for this document; else they are drawn here.

    Raises:
        UnsupportedError: no such suite.
        ProofGenerationError: a pointer matches nothing, or the document holds an ordered list.

    Spec: VC-DI-ECDSA #create-base-proof-ecdsa-sd-2023; VC-DI-BBS #create-base-proof-bbs-2023
    """
    chosen = _selective_suite(suite)
    pointers = tuple(dict.fromkeys((*required_pointers(document), *mandatory_pointers)))
    options = _options(chosen.proof_type, chosen.name, signer, created, "assertionMethod")
    value = chosen.create_base_proof_value(document, options, signer, processor, mandatory_pointers=pointers,
                                           hmac_key=hmac_key or randomness.token_bytes(HMAC_KEY_BYTES))
    return {**document, "proof": {**options, "proofValue": value}}


class Derivation:
    """A credential with a base proof, walked once, from which any number of documents can be derived."""

    def __init__(self, document: JSONObject, processor: Processor) -> None:
        """
        Raises:
            MalformedValueError: there is not exactly one proof.
            UnsupportedError: the proof is not of a selective suite.
            ParsingError: it is not a base proof.
            ProofGenerationError: the proof does not fit the document.
        """
        proof, unsecured = _take_proof(document)
        self._options = options_of(proof)
        self._prepared = _selective_suite(suite_name_of(proof)).prepare(unsecured, proof, processor)

    def derive(self, selective_pointers: Sequence[str], randomness: Randomness, *,
               presentation_header: bytes = b"") -> JSONObject:
        """What leaves the wallet: the mandatory parts and the chosen ones, with a derived proof.

        Args:
            presentation_header: What a proof of bbs-2023 is bound to; the other suite has none.

        Raises:
            ProofGenerationError: a pointer matches nothing, or nothing at all would be shown.

        Spec: VC-DI-ECDSA #add-derived-proof-ecdsa-sd-2023; VC-DI-BBS #add-derived-proof-bbs-2023
        """
        revealed, value = self._prepared.derive(selective_pointers, presentation_header, randomness)
        return {**revealed, "proof": {**copy.deepcopy(self._options), "proofValue": value}}


def derive(document: JSONObject, selective_pointers: Sequence[str], processor: Processor,
           randomness: Randomness) -> JSONObject:
    """One document from ``document`` with a base proof; raises what ``Derivation`` and its ``derive`` raise."""
    return Derivation(document, processor).derive(selective_pointers, randomness)


def verify_proof(document: JSONObject, public_key: PublicKey, processor: Processor,
                 dataset: Dataset | None = None, *, proof: JSONObject | None = None) -> None:
    """Check one proof on ``document`` with a key already bound to its verification method; silence means it holds.

    Args:
        dataset: What ``processor.walk`` gave for the document without its proofs, where the caller has it already.
        proof: Which one of ``proofs_of(document)``; None: the document has exactly one.

    Raises:
        MalformedValueError: ``proof`` is None and there is not exactly one.
        UnsupportedError: a suite we do not speak.
        ProofVerificationError, ParsingError, CryptographicSecurityError: the proof does not hold.
        DataLossError, VocabularyUnknownError, TooComplexError: see ``jsonld``.

    Spec: VC-DATA-INTEGRITY #verify-proof, #verify-proof-sets-and-chains
    """
    if proof is None:
        proof, _ = _take_proof(document)
    covered = covered_by(document, proof)
    name = suite_name_of(proof)
    for suite in SUITES:
        if suite.name == name:
            suite.verify_proof(covered, proof, public_key, processor, None if "proof" in covered else dataset)


def _selective_suite(name: str) -> SelectiveSuite:
    for suite in SELECTIVE_SUITES:
        if suite.name == name:
            return suite
    raise UnsupportedError("this record can only be shown whole")


def _take_proof(document: JSONObject) -> tuple[JSONObject, JSONObject]:
    proof = document.get("proof")
    if not isinstance(proof, dict):
        raise MalformedValueError("there must be exactly one proof", pointer="/proof")
    return proof, {name: value for name, value in document.items() if name != "proof"}


def _options(proof_type: str, suite: str, signer: Signer | MessageSigner, created: datetime,
             purpose: str) -> JSONObject:
    options: JSONObject = {"type": proof_type}
    if proof_type == "DataIntegrityProof":
        options["cryptosuite"] = suite
    return {**options, "created": format_date_time(created), "verificationMethod": signer.verification_method,
            "proofPurpose": purpose}
