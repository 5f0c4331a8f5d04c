"""Labels that say nothing: blank nodes of a bbs-2023 proof numbered in the order of the document.

Usually the HMAC key shuffles the labels, and a derived proof shows for each disclosed node which of the shuffled places
it has. That order is drawn once for a credential, so it tells one credential from another. Among few nodes a key can
be drawn under which the shuffled order is the document's own, the same for every record of that form.

Spec: VC-DI-BBS #createshuffledidlabelmapfunction, #privacy-considerations
"""

from __future__ import annotations

from collections.abc import Mapping

from credkit.errors import TooComplexError
from credkit.jsonld import Processor, canonical_labels
from credkit.ports import JSONObject, Randomness
from credkit.proofs._selective import HMAC_KEY_BYTES, shuffled_labels
from credkit.proofs.bbs_2023 import parse_derived_proof_value

MAX_BLANK_NODES = 6
"""The order of n nodes comes up once in n! draws: 720 on average."""
_MAX_DRAWS = 20_000


def draw_plain_hmac_key(document: JSONObject, processor: Processor, randomness: Randomness) -> bytes:
    """An HMAC key under which the labels of ``document`` stand in its own order.

    Args:
        document: Without proof.

    Raises:
        TooComplexError: more than ``MAX_BLANK_NODES`` nodes without an id.
        DataLossError, VocabularyUnknownError: see ``jsonld``.
    """
    canonical = canonical_labels(processor.walk(document).quads)
    if len(canonical) <= MAX_BLANK_NODES:
        for _ in range(_MAX_DRAWS):
            key = randomness.token_bytes(HMAC_KEY_BYTES)
            if _in_order(shuffled_labels(canonical, key)):
                return key
    raise TooComplexError("the record has too many parts without an id for its labels to say nothing")


def labels_are_plain(document: JSONObject, processor: Processor) -> bool:
    """Whether the labels of a document with one derived bbs-2023 proof stand in the document's order.

    Raises:
        ParsingError, ProofVerificationError: it has no such proof; verify it first.
    """
    proof = document.get("proof")
    derived = parse_derived_proof_value(proof.get("proofValue") if isinstance(proof, dict) else None)
    shown = {name: value for name, value in document.items() if name != "proof"}
    canonical = canonical_labels(processor.walk(shown).quads)
    return _in_order({node: derived.label_map.get(label, "_:b0") for node, label in canonical.items()})


def _in_order(labels: Mapping[str, str]) -> bool:
    """Whether the nodes, ``_:b0`` first, have rising labels ``_:b…``."""
    numbers = [int(labels[node][3:]) for node in sorted(labels, key=lambda node: int(node[3:]))]
    return all(first < second for first, second in zip(numbers, numbers[1:], strict=False))
