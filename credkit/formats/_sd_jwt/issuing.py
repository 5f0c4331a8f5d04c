"""Signing claims so that some can be kept back: each becomes a disclosure, its digest takes its place.

Spec: RFC9901 #section-4.2, #section-5
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from credkit.encoding import base64url_encode, dump_json, sha256
from credkit.errors import ProofGenerationError
from credkit.formats._sd_jwt.parts import RESERVED, Path, SdJwt, digest_of
from credkit.jose import sign_compact
from credkit.ports import JSONObject, Randomness, Signer

# A multiple of three: all salts of a token can be encoded in one go.
_SALT_BYTES = 18
_SALT_CHARACTERS = 24
_Tree = dict[str | int | None, Any]
"""What can be kept back: step → the tree below it; None among the steps: what stands here, as a whole."""


def issue_sd_jwt(claims: JSONObject, selective: Sequence[Path], signer: Signer, *, typ: str, randomness: Randomness,
                 header: Mapping[str, Any] | None = None, decoys: int = 0) -> SdJwt:
    """Sign ``claims`` so that what stands at ``selective`` can be shown or kept back, each by itself.

    Args:
        selective: Places of members and array elements; one inside another makes a nested disclosure.
        decoys: So many digests of nothing in every object and array that has real ones.

    Raises:
        ProofGenerationError: a place that is not there, stands twice, or is the whole; a reserved name.

    Spec: RFC9901 #section-4.2, #section-5
    """
    _refuse_reserved(claims)
    packing = _Packing(randomness, len(selective), decoys)
    payload = packing.pack(claims, _tree_of(selective))
    if packing.disclosures:
        payload["_sd_alg"] = "sha-256"
    return SdJwt(sign_compact(payload, signer, typ=typ, header=header), tuple(reversed(packing.disclosures)))


def _tree_of(selective: Sequence[Path]) -> _Tree:
    root: _Tree = {}
    for path in selective:
        tree = root
        for step in path:
            tree = tree.setdefault(step, {})
        if None in tree:
            raise ProofGenerationError("a place to hide was named twice")
        tree[None] = {}
    if None in root:
        raise ProofGenerationError("what is signed cannot be kept back as a whole")
    return root


class _Packing:
    """One run over claims: what can be kept back becomes a disclosure, its digest takes its place."""

    def __init__(self, randomness: Randomness, count: int, decoys: int) -> None:
        self._randomness, self._decoys = randomness, decoys
        self._salts = base64url_encode(randomness.token_bytes(_SALT_BYTES * count))
        self.disclosures: list[str] = []

    def pack(self, value: Any, tree: _Tree) -> Any:
        """``value`` with digests; the argument stays as it is, and so do its parts that hold none."""
        if isinstance(value, dict):
            return self._object(value, tree)
        if isinstance(value, list):
            return self._array(value, tree)
        raise ProofGenerationError("what is to be kept back is not there")

    def _object(self, value: JSONObject, tree: _Tree) -> JSONObject:
        packed, digests = value.copy(), []
        marked = [name for name in value if name in tree]
        for name in marked:
            inner = tree[name]
            whole = None in inner
            if len(inner) > whole:
                packed[name] = self.pack(value[name], inner)
            if whole:
                digests.append(self._disclose(dump_json(name) + b"," + dump_json(packed.pop(name))))
        if len(marked) + (None in tree) != len(tree):
            raise ProofGenerationError("what is to be kept back is not there")
        if digests:
            packed["_sd"] = sorted([*digests, *(self._decoy() for _ in range(self._decoys))])
        return packed

    def _array(self, value: list[Any], tree: _Tree) -> list[Any]:
        packed = value.copy()
        hidden = False
        for index, inner in tree.items():
            if index is None:
                continue
            if not isinstance(index, int) or not 0 <= index < len(value):
                raise ProofGenerationError("what is to be kept back is not there")
            whole = None in inner
            if len(inner) > whole:
                packed[index] = self.pack(value[index], inner)
            if whole:
                packed[index] = {"...": self._disclose(dump_json(packed[index]))}
                hidden = True
        for _ in range(self._decoys if hidden else 0):
            place = int.from_bytes(self._randomness.token_bytes(8), "big") % (len(packed) + 1)
            packed.insert(place, {"...": self._decoy()})
        return packed

    def _disclose(self, name_and_value: bytes) -> str:
        start = _SALT_CHARACTERS * len(self.disclosures)
        salt = self._salts[start:start + _SALT_CHARACTERS].encode()
        text = base64url_encode(b'["' + salt + b'",' + name_and_value + b"]")
        self.disclosures.append(text)
        return digest_of(text)

    def _decoy(self) -> str:
        return base64url_encode(sha256(self._randomness.token_bytes(32)))


def _refuse_reserved(value: JSONObject | list[Any]) -> None:
    if isinstance(value, list):
        items: Iterable[Any] = value
    elif RESERVED.isdisjoint(value):
        items = value.values()
    else:
        raise ProofGenerationError("a claim has a name that SD-JWT keeps for itself")
    for item in items:
        if not isinstance(item, str) and isinstance(item, (dict, list)):
            _refuse_reserved(item)
