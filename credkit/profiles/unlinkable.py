"""The profile ``unlinkable``: a record of which two showings have nothing in common but what they say.

A proof of bbs-2023 differs each time, but that alone does not make a record unlinkable: an id, a place in a status
list, a time to the second, or the order of the hidden labels would give it away again. So such a record has no id of
its own, no subject's id and no status; its dates, that of the proof included, are first days of months; and the labels
of its parts stand in the order of the document, which says nothing.

Nobody can show by a key that it is theirs, for a key would be an id: it is asked for with
``require_cryptographic_holder_binding: false``.

Spec: VC-DI-BBS #privacy-considerations; OpenID4VP-1.0 #section-6.1; requirements.md §2.4
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from credkit.errors import MalformedValueError
from credkit.jsonld import Processor
from credkit.ports import JSONObject, MessageSigner, Randomness
from credkit.proofs import add_base_proof, draw_plain_hmac_key, labels_are_plain
from credkit.shape import pointer

SUITE: Final = "bbs-2023"
_COARSE = re.compile(r"\d{4}-\d{2}-01T00:00:00(?:\.0+)?Z", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}T.*", re.ASCII)
_MAY_HAVE_ID: Final = (("issuer",), ("credentialSubject", "achievement"))
"""Objects that are the same for many people."""
_NEVER: Final = ("credentialStatus", "refreshService", "evidence", "image", "endorsement", "relatedResource")
_PROOF_MEMBERS: Final = frozenset({
    "type", "cryptosuite", "created", "verificationMethod", "proofPurpose", "proofValue"})


def lint_unlinkable(document: JSONObject) -> None:
    """Refuse what would tell one record from another of the same form; the proof is not looked at.

    Raises:
        MalformedValueError: an id, a status, a date that is not the first of a month; with its place.
    """
    for path, value in _walk({name: value for name, value in document.items() if name not in ("@context", "proof")}):
        names = tuple(part for part in path if isinstance(part, str))
        if names and names[-1] in _NEVER:
            raise MalformedValueError("a record that cannot be linked has no such member", pointer=pointer(*path))
        if names and names[-1] == "id" and names[:-1] not in _MAY_HAVE_ID:
            raise MalformedValueError("a record that cannot be linked has no id of its own", pointer=pointer(*path))
        if isinstance(value, str) and _DATE.fullmatch(value) and not _COARSE.fullmatch(value):
            raise MalformedValueError("a date would give the record away: only first days of months stand in it",
                                      pointer=pointer(*path))


def first_of_month(moment: datetime) -> datetime:
    """The beginning of the month that ``moment`` is in, UTC."""
    return moment.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def issue_unlinkable(document: JSONObject, signer: MessageSigner, processor: Processor, randomness: Randomness, *,
                     now: datetime, mandatory_pointers: Sequence[str] = ()) -> JSONObject:
    """The record with a base proof whose derived proofs cannot be linked.

    Args:
        now: The proof is dated to the first of its month.

    Raises:
        MalformedValueError: see ``lint_unlinkable``.
        TooComplexError: too many objects without an id, see ``draw_plain_hmac_key``.
        ProofGenerationError, DataLossError, UnsupportedError: see ``add_base_proof``.
    """
    lint_unlinkable(document)
    key = draw_plain_hmac_key(document, processor, randomness)
    return add_base_proof(document, signer=signer, processor=processor, created=first_of_month(now), hmac_key=key,
                          randomness=randomness, suite=SUITE, mandatory_pointers=mandatory_pointers)


def is_unlinkable(document: JSONObject, processor: Processor) -> bool:
    """Whether a verified document gives nothing away but what it says; only then may a page say so.

    Args:
        document: With its derived proof, which the caller has verified.
    """
    proof = document.get("proof")
    if not isinstance(proof, dict) or proof.get("cryptosuite") != SUITE or not proof.keys() <= _PROOF_MEMBERS:
        return False
    created = proof.get("created")
    if created is not None and not (isinstance(created, str) and _COARSE.fullmatch(created)):
        return False
    try:
        lint_unlinkable(document)
    except MalformedValueError:
        return False
    return labels_are_plain(document, processor)


def _walk(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    yield path, value
    for name, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from _walk(item, (*path, name))
