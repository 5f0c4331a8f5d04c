"""What a walk gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from credkit.jsonld._nquads import Quad

Path = tuple[str | int, ...]
"""Where a value stands in the document: member names and array indexes from the root."""


@dataclass(frozen=True)
class Dataset:
    """A document as RDF.

    Attributes:
        quads: Distinct, in the order of the walk. Blank nodes are ``_:b0``, ``_:b1`` … in document order.
        unproven: Paths of credentials inside the document (``verifiableCredential``, ``endorsement``) without a proof
            of their own: what they say may not be shown as signed by anyone.
        paths: Parallel to ``quads``, if asked for: every path at which the quad stands. For links and literals that of
            the value, for types that of the entry of ``type``; an array index is present where the JSON has an array.
        nodes: Path of every node object → its subject term, if asked for.
    """

    quads: tuple[Quad, ...]
    unproven: tuple[Path, ...] = ()
    paths: tuple[tuple[Path, ...], ...] = ()
    nodes: Mapping[Path, str] = field(default_factory=dict)
