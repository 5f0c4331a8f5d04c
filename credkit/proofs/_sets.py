"""Proof sets and chains: which proofs a document carries, and what each of them is made over.

The proofs of a set each cover the document without any proof. A proof that names others in ``previousProof`` covers
those too, their ``proofValue`` included, so that nobody can have signed later what was changed since.

Spec: VC-DATA-INTEGRITY #proof-sets, #proof-chains, #verify-proof-sets-and-chains; security.md A05
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from credkit.errors import ProofVerificationError, TooComplexError
from credkit.ports import JSONObject
from credkit.shape import as_list

MAX_PROOFS = 16


def proofs_of(document: JSONObject) -> tuple[JSONObject, ...]:
    """Every proof on a document, in its order.

    Raises:
        ProofVerificationError: there is none, an entry is no object, two have one id, or a chain has no beginning.
        TooComplexError: more than ``MAX_PROOFS``.
    """
    proofs = as_list(document.get("proof"))
    if not proofs or not all(isinstance(proof, dict) for proof in proofs):
        raise ProofVerificationError("the document has no proof", pointer="/proof")
    if len(proofs) > MAX_PROOFS:
        raise TooComplexError("the document has too many proofs", pointer="/proof")
    names = [proof["id"] for proof in proofs if "id" in proof]
    if any(not isinstance(name, str) for name in names) or len(set(names)) != len(names):
        raise ProofVerificationError("two proofs have one id, or an id is no text", pointer="/proof")
    _check_chains(proofs)
    return tuple(proofs)


def covered_by(document: JSONObject, proof: JSONObject) -> JSONObject:
    """What ``proof`` is made over: the document without proofs, but for those that ``proof`` builds on.

    Raises:
        ProofVerificationError: ``previousProof`` is of the wrong form, or names a proof that is not there.
    """
    unsecured = {name: value for name, value in document.items() if name != "proof"}
    if "previousProof" not in proof:
        return unsecured
    there = {other["id"]: other for other in as_list(document.get("proof"))
             if isinstance(other, dict) and isinstance(other.get("id"), str)}
    return {**unsecured, "proof": [_find(name, there) for name in previous_of(proof)]}


def previous_of(proof: JSONObject) -> Sequence[str]:
    """The ids in ``previousProof``; ``ProofVerificationError`` if it names nothing, or not in text."""
    names = as_list(proof["previousProof"]) if "previousProof" in proof else []
    if not all(isinstance(name, str) for name in names) or ("previousProof" in proof and not names):
        raise ProofVerificationError("the proof builds on something that is no proof's id",
                                     pointer="/proof/previousProof")
    return names


def _find(name: str, there: Mapping[str, JSONObject]) -> JSONObject:
    if name not in there:
        raise ProofVerificationError("the proof builds on one that is not there", pointer="/proof/previousProof")
    return there[name]


def _check_chains(proofs: Sequence[JSONObject]) -> None:
    """Take away, again and again, whatever builds on nothing that is left: a circle stays over."""
    left: dict[Any, JSONObject] = {proof.get("id", index): proof for index, proof in enumerate(proofs)}
    while left:
        begun = [name for name, proof in left.items() if not any(other in left for other in previous_of(proof))]
        if not begun:
            raise ProofVerificationError("the proofs build on each other in a circle", pointer="/proof/previousProof")
        for name in begun:
            del left[name]
