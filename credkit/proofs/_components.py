"""The CBOR components inside the ``proofValue`` of a selective suite, read strictly.

Spec: VC-DI-ECDSA #parsebaseproofvalue; VC-DI-BBS #parsebaseproofvalue; security.md A12
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from credkit.encoding import cbor_decode, cbor_encode, multibase_decode, multibase_encode_base64url
from credkit.errors import ParsingError

PROOF_VALUE = "/proof/proofValue"


def read_components(value: Any, header: bytes) -> list[Any]:
    """The five CBOR components behind ``header`` in a base64url ``proofValue``.

    Raises:
        ParsingError: another encoding or header, or not five components.
    """
    raw = multibase_decode(value, allowed="u")
    if raw[:3] != header:
        raise ParsingError("the proofValue has the wrong header", pointer=PROOF_VALUE)
    parts = cbor_decode(raw[3:])
    if not isinstance(parts, list) or len(parts) != 5:
        raise ParsingError("the proofValue does not have five components", pointer=PROOF_VALUE)
    return parts


def write_components(header: bytes, parts: Sequence[Any]) -> str:
    """The reverse of ``read_components``."""
    return multibase_encode_base64url(header + cbor_encode(list(parts)))


def read_bytes(value: Any, length: int | None = None) -> bytes:
    """A byte string, of ``length`` bytes where given; ``ParsingError`` otherwise."""
    if not isinstance(value, bytes) or (length is not None and len(value) != length):
        raise ParsingError("a component of the proofValue has the wrong type or length", pointer=PROOF_VALUE)
    return value


def read_pointers(value: Any) -> tuple[str, ...]:
    """A list of strings; ``ParsingError`` otherwise."""
    if not isinstance(value, list) or not all(isinstance(pointer, str) for pointer in value):
        raise ParsingError("the base proof's pointers are malformed", pointer=PROOF_VALUE)
    return tuple(value)


def read_indexes(value: Any) -> tuple[int, ...]:
    """A list of ascending ints, each once; ``ParsingError`` otherwise (A12)."""
    if not isinstance(value, list) or not all(type(index) is int and index >= 0 for index in value):
        raise ParsingError("the proof's indexes are malformed", pointer=PROOF_VALUE)
    if any(later <= earlier for earlier, later in zip(value, value[1:], strict=False)):
        raise ParsingError("the proof's indexes repeat or are out of order", pointer=PROOF_VALUE)
    return tuple(value)


def read_label_map(value: Any, label_of: Callable[[Any], str]) -> dict[str, str]:
    """A map from the number of a canonical label; no two nodes under one name; ``ParsingError`` otherwise (A12)."""
    if not isinstance(value, dict) or not all(type(key) is int for key in value):
        raise ParsingError("the proof's label map is malformed", pointer=PROOF_VALUE)
    labels = {f"_:c14n{key}": label_of(label) for key, label in value.items()}
    if len(set(labels.values())) != len(labels):
        raise ParsingError("the proof's label map names two nodes alike", pointer=PROOF_VALUE)
    return labels
