"""The only door to JSON-LD and RDF canonicalization. Nothing is fetched, nothing is dropped silently, work is bounded.

``Processor.walk`` turns a document into quads and refuses whatever its signature would not fix; ``canonicalize`` gives
the text that is hashed. What a walk accepts is exactly what may be shown (design.md, "What a signature fixes").

The usual walk notes no places, as the plain suites do not need them; ``walk(document, with_paths=True)`` fills
``Dataset.paths`` and ``Dataset.nodes`` for selective disclosure.

Spec: JSON-LD11-API; RDF-CANON
"""

from __future__ import annotations

from credkit.jsonld._canonical import MAX_WORK, Canonical, canonical_labels, canonicalize
from credkit.jsonld._dataset import Dataset, Path
from credkit.jsonld._flat import flat_lines
from credkit.jsonld._nquads import Quad, nquads_lines, parse_nquads
from credkit.jsonld._terms import Compiler
from credkit.jsonld._walker import Walk
from credkit.ports import JSONObject, LoadContext

__all__ = ["MAX_WORK", "Canonical", "Dataset", "Path", "Processor", "Quad", "canonical_labels", "canonicalize",
           "nquads_lines", "parse_nquads"]


class Processor:
    """Walks documents with contexts compiled once. Safe in threads; create one per process.

    Args:
        load: Gives a pinned context's document; ``UnsupportedError`` or ``LookupError`` means that it is not pinned.
        open_vocabulary: Accept inline contexts, ``@vocab`` and absolute IRIs as types and members. Only for the
            conformance profile and tests: with these, two words can be swapped under one signature.
    """

    def __init__(self, load: LoadContext, *, open_vocabulary: bool = False) -> None:
        self._open = Compiler(load, open_vocabulary=True)
        self._usual = self._open if open_vocabulary else Compiler(load, open_vocabulary=False)

    def walk(self, document: JSONObject, *, with_paths: bool = False, open_vocabulary: bool = False) -> Dataset:
        """The quads of a document.

        Args:
            document: Without its own ``proof``; members of ``verifiableCredential`` and ``endorsement`` keep theirs.
            with_paths: Also fill ``Dataset.paths`` and ``Dataset.nodes``, at two fifths more work.
            open_vocabulary: Accept inline contexts and ``@vocab`` for once: the signature covers the bytes (jcs, JOSE).

        Raises:
            DataLossError: something would not be fixed by the signature: undefined, re-spelt, null, of another type …
            VocabularyUnknownError: nothing is wrong, but a context is not pinned, inline, or has ``@vocab``.
            TooComplexError: too deep, too large, too many different words.
            MalformedValueError: no ``@context``, contexts that contradict each other, an ``id`` or a type that is
                not text. Each error carries a JSON pointer.

        Spec: JSON-LD11-API #deserialize-json-ld-to-rdf-algorithm
        """
        compiler = self._open if open_vocabulary else self._usual
        return Walk(compiler, with_paths=with_paths).run(document)

    def canonical_text(self, document: JSONObject, *, hash_name: str = "sha256") -> str:
        """The canonical N-Quads of a document; raises what ``walk`` and ``canonicalize`` raise."""
        lines = flat_lines(self._usual, document)
        if lines is not None:
            return "".join(lines)
        return canonicalize(self.walk(document).quads, hash_name=hash_name, are_distinct=True).text()
