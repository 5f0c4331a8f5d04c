"""Choosing parts of a document by JSON Pointer, and hiding blank node labels behind an HMAC.

The specification selects on JSON and canonicalizes the selection again; here every quad carries its JSON paths, so a
selection is a set of quads of the one document that was walked.

Spec: VC-DI-ECDSA #selective-disclosure-functions
"""

from __future__ import annotations

import copy
import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from credkit.encoding import base64url_encode
from credkit.errors import ProofGenerationError
from credkit.jsonld import Dataset, Path, Quad, canonical_labels, nquads_lines
from credkit.ports import JSONObject

RDF_TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
RDF_FIRST = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#first>"
HMAC_KEY_BYTES = 32
_INDEX = re.compile(r"0|[1-9][0-9]{0,8}", re.ASCII)
_MAX_POINTERS = 1_000
_Trie = dict[Any, Any]
"""Step → the trie below it; None among the steps: all of what stands here."""


Labels = Callable[[Mapping[str, str], bytes], dict[str, str]]
"""Input blank node → canonical label, HMAC key → input blank node → blinded label; all with ``_:``."""


@dataclass(frozen=True)
class BlindedQuads:
    """A document's quads in the order of their blinded N-Quads lines.

    Attributes:
        lines: Sorted N-Quads lines, blank nodes under their blinded labels.
        order: ``order[i]`` is the index in the dataset of the quad behind ``lines[i]``.
        labels: Input blank node → blinded label, both with ``_:``.
    """

    lines: tuple[str, ...]
    order: tuple[int, ...]
    labels: Mapping[str, str]


def hmac_labels(canonical: Mapping[str, str], hmac_key: bytes) -> dict[str, str]:
    """``_:u`` + base64url(HMAC of the canonical label) (VC-DI-ECDSA #createhmacidlabelmapfunction)."""
    return {node: "_:u" + base64url_encode(hmac.digest(hmac_key, label[2:].encode("ascii"), hashlib.sha256))
            for node, label in canonical.items()}


def shuffled_labels(canonical: Mapping[str, str], hmac_key: bytes) -> dict[str, str]:
    """``_:b`` + place among the sorted HMACs (VC-DI-BBS #createshuffledidlabelmapfunction)."""
    hidden = hmac_labels(canonical, hmac_key)
    places = {label: place for place, label in enumerate(sorted(hidden.values()))}
    return {node: f"_:b{places[label]}" for node, label in hidden.items()}


def blind(quads: Sequence[Quad], hmac_key: bytes, labels_of: Labels) -> BlindedQuads:
    """Canonicalize, rename each blank node, and sort.

    Spec: VC-DI-ECDSA #labelreplacementcanonicalizenquads
    """
    labels = labels_of(canonical_labels(quads), hmac_key)
    lines = nquads_lines(quads, labels)
    order = sorted(range(len(lines)), key=lines.__getitem__)
    return BlindedQuads(tuple(lines[index] for index in order), tuple(order), labels)


def resolve_pointers(document: JSONObject, pointers: Sequence[str]) -> tuple[Path, ...]:
    """JSON Pointers as paths into ``document`` (array indexes as ints).

    Raises:
        ProofGenerationError: not a pointer, or one that matches nothing.

    Spec: RFC6901 #section-4; VC-DI-ECDSA #jsonpointertopaths
    """
    if len(pointers) > _MAX_POINTERS:
        raise ProofGenerationError("too many pointers were given")
    return tuple(_resolve(document, pointer) for pointer in pointers)


def _resolve(document: JSONObject, pointer: str) -> Path:
    if not isinstance(pointer, str) or (pointer and not pointer.startswith("/")):
        raise ProofGenerationError("a pointer is not a JSON Pointer")
    value: Any = document
    path: list[str | int] = []
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        if isinstance(value, list) and _INDEX.fullmatch(name) and int(name) < len(value):
            path.append(int(name))
            value = value[int(name)]
        elif isinstance(value, dict) and name in value:
            path.append(name)
            value = value[name]
        else:
            raise ProofGenerationError(f"the pointer {pointer} matches nothing in the document", pointer=pointer)
    return tuple(path)


def select_document(document: JSONObject, paths: Iterable[Path]) -> JSONObject | None:
    """The part of ``document`` at ``paths``, with ``id`` and ``type`` of every object on the way; arrays close up.

    Returns:
        A new document, or None if no path was given.

    Spec: VC-DI-ECDSA #selectjsonld
    """
    trie = _trie_of(paths)
    if not trie:
        return None
    selection: JSONObject = _select(document, trie)
    if "@context" in document:
        selection = {"@context": copy.deepcopy(document["@context"]), **selection}
    return selection


def _select(value: Any, trie: _Trie) -> Any:
    if None in trie:
        return copy.deepcopy(value)
    if isinstance(value, list):
        return [_select(value[index], trie[index]) for index in sorted(trie)]
    chosen: dict[str, Any] = {}
    for name, item in value.items():
        if name in trie:
            chosen[name] = _select(item, trie[name])
        elif name in ("id", "type"):
            chosen[name] = copy.deepcopy(item)
    return chosen


def selected_quads(dataset: Dataset, paths: Iterable[Path]) -> frozenset[int]:
    """Indexes of the quads that ``select_document`` with the same paths would keep."""
    trie = _trie_of(paths)
    if not trie:
        return frozenset()
    selected = set()
    for index, (quad, places) in enumerate(zip(dataset.quads, dataset.paths, strict=True)):
        for place in places:
            if _is_selected(trie, place, is_type=quad[1] == RDF_TYPE):
                selected.add(index)
                break
    return frozenset(selected)


def _is_selected(trie: _Trie, place: Path, *, is_type: bool) -> bool:
    if is_type:  # types are shown wherever their object is
        place = place[:-2 if isinstance(place[-1], int) else -1]
    node = trie
    for token in place:
        if None in node:
            return True
        if token not in node:
            return False
        node = node[token]
    return True


def _trie_of(paths: Iterable[Path]) -> _Trie:
    root: _Trie = {}
    for path in paths:
        node = root
        for token in path:
            node = node.setdefault(token, {})
        node[None] = {}
    return root


def required_pointers(document: JSONObject) -> tuple[str, ...]:
    """What no holder may withhold: issuer, type, validity, status, schema; the subject's id and type (A12)."""
    names = ("issuer", "type", "validFrom", "validUntil", "issuanceDate", "expirationDate", "credentialStatus",
             "credentialSchema")
    pointers = [f"/{name}" for name in names if name in document]
    subject = document.get("credentialSubject")
    subjects = [("/credentialSubject", subject)] if isinstance(subject, dict) else [
        (f"/credentialSubject/{index}", item) for index, item in enumerate(subject if isinstance(subject, list) else ())
    ]
    pointers += [f"{at}/{name}" for at, item in subjects if isinstance(item, dict) for name in ("id", "type")
                 if name in item]
    return tuple(pointers)
