"""Which statements every derived proof shows, which a holder may choose, and which were chosen.

Spec: VC-DI-ECDSA #selective-disclosure-functions; VC-DI-BBS #selective-disclosure-functions
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from credkit.errors import ProofGenerationError, ProofVerificationError
from credkit.jsonld import Dataset, Path, Processor, Quad, canonical_labels, nquads_lines
from credkit.ports import JSONObject
from credkit.proofs._components import PROOF_VALUE
from credkit.proofs._selective import (
    RDF_FIRST,
    BlindedQuads,
    Labels,
    blind,
    resolve_pointers,
    select_document,
    selected_quads,
)


@dataclass(frozen=True)
class Grouped:
    """A document's blinded quads, told apart by what every derived proof shows.

    Attributes:
        mandatory: Lines of the mandatory quads, in order.
        others: Lines of the rest, in order: what is signed one by one.
    """

    document: JSONObject
    dataset: Dataset
    blinded: BlindedQuads
    mandatory_paths: tuple[Path, ...]
    mandatory_quads: frozenset[int]
    mandatory: tuple[str, ...]
    others: tuple[str, ...]

    def choose(self, selective_pointers: Sequence[str]) -> Disclosure:
        """What is disclosed with these pointers on top of the mandatory ones.

        Raises:
            ProofGenerationError: a pointer matches nothing, or nothing at all would be shown.

        Spec: VC-DI-ECDSA #createdisclosuredata; VC-DI-BBS #createdisclosuredata
        """
        paths = self.mandatory_paths + resolve_pointers(self.document, selective_pointers)
        revealed = select_document(self.document, paths)
        if revealed is None:
            raise ProofGenerationError("nothing was chosen to be shown")
        quads, order = self.dataset.quads, self.blinded.order
        combined = selected_quads(self.dataset, paths)
        shown = [index for index in order if index in combined]
        others = [index for index in order if index not in self.mandatory_quads]
        canonical = canonical_labels([quads[index] for index in sorted(combined)])
        return Disclosure(
            revealed,
            {label: self.blinded.labels[node] for node, label in canonical.items()},
            tuple(place for place, index in enumerate(shown) if index in self.mandatory_quads),
            tuple(place for place, index in enumerate(others) if index in combined),
        )


@dataclass(frozen=True)
class Disclosure:
    """What a derived proof is about.

    Attributes:
        revealed: The document that is shown, without proof.
        label_map: Its canonical labels → blinded ones, both with ``_:``.
        mandatory_indexes: Places of the mandatory lines among all that are shown.
        selective_indexes: Places of the other lines shown among all that are not mandatory.
    """

    revealed: JSONObject
    label_map: Mapping[str, str]
    mandatory_indexes: tuple[int, ...]
    selective_indexes: tuple[int, ...]


def group(document: JSONObject, processor: Processor, mandatory_pointers: Sequence[str], hmac_key: bytes,
          labels_of: Labels) -> Grouped:
    """Walk, blind, and tell the mandatory quads from the others.

    Raises:
        ProofGenerationError: a pointer matches nothing, or the document holds an ordered list.

    Spec: VC-DI-ECDSA #canonicalizeandgroup
    """
    dataset = processor.walk(document, with_paths=True)
    if any(quad[1] == RDF_FIRST for quad in dataset.quads):
        raise ProofGenerationError("an ordered list cannot be secured for disclosure in part")
    blinded = blind(dataset.quads, hmac_key, labels_of)
    paths = resolve_pointers(document, mandatory_pointers)
    mandatory = selected_quads(dataset, paths)
    pairs = list(zip(blinded.lines, blinded.order, strict=True))
    return Grouped(document, dataset, blinded, paths, mandatory,
                   tuple(line for line, index in pairs if index in mandatory),
                   tuple(line for line, index in pairs if index not in mandatory))


def split_shown(quads: Sequence[Quad], label_map: Mapping[str, str],
                mandatory_indexes: Sequence[int]) -> tuple[list[str], list[str]]:
    """The mandatory lines of a document that is shown, and the others, as the issuer named their blank nodes.

    Raises:
        ProofVerificationError: the label map or the indexes do not fit the document.
    """
    canonical = canonical_labels(quads)
    if set(canonical.values()) != set(label_map):
        raise ProofVerificationError("the proof's label map does not fit the document", pointer=PROOF_VALUE)
    lines = sorted(nquads_lines(quads, {node: label_map[label] for node, label in canonical.items()}))
    indexes = frozenset(mandatory_indexes)
    if indexes and max(indexes) >= len(lines):
        raise ProofVerificationError("the proof names a part that is not there", pointer=PROOF_VALUE)
    return ([line for place, line in enumerate(lines) if place in indexes],
            [line for place, line in enumerate(lines) if place not in indexes])
