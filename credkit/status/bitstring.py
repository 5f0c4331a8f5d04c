"""Bitstring Status List: one bit a credential in a signed, compressed list that many credentials share.

GZIP, most significant bit first, at least 131,072 entries. Decoding is bounded before a byte is inflated (C01, C04).

Spec: VC-BITSTRING-STATUS-LIST #algorithms
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from credkit.encoding import multibase_decode, multibase_encode_base64url
from credkit.errors import (
    MalformedValueError,
    ParsingError,
    RangeValueError,
    StatusListLengthError,
    StatusVerificationError,
)
from credkit.ports import JSONObject
from credkit.shape import as_list, format_date_time, is_url, member, optional_member, types_of

ENTRY_TYPE = "BitstringStatusListEntry"
LIST_TYPE = "BitstringStatusList"
CREDENTIAL_TYPE = "BitstringStatusListCredential"
MINIMUM_ENTRIES = 131_072
MAXIMUM_BYTES = 4 * 1024 * 1024
_PURPOSES = frozenset({"revocation", "suspension"})
_INDEX = re.compile(r"0|[1-9][0-9]{0,9}", re.ASCII)
_GZIP_WINDOW = 16 + zlib.MAX_WBITS


@dataclass(frozen=True)
class StatusEntry:
    """A credential's place in a list.

    Attributes:
        purpose: ``revocation`` or ``suspension``.
        index: Position of the bit.
        list_url: URL of the status list credential.
    """

    purpose: str
    index: int
    list_url: str


def build_entry(list_url: str, index: int, purpose: str = "revocation") -> JSONObject:
    """The ``credentialStatus`` of a credential (VC-BITSTRING-STATUS-LIST #bitstringstatuslistentry)."""
    return {"id": f"{list_url}#{index}", "type": ENTRY_TYPE, "statusPurpose": purpose,
            "statusListIndex": str(index), "statusListCredential": list_url}


def parse_entry(entry: Any, *, at: str = "/credentialStatus") -> StatusEntry:
    """Read one ``credentialStatus`` of type BitstringStatusListEntry.

    Raises:
        MalformedValueError: a member is missing or of the wrong type.
        RangeValueError: the index is not a canonical decimal number.
        StatusVerificationError: a purpose or a status size that we do not speak.
    """
    purpose = member(entry, "statusPurpose", str, at=at)
    text = member(entry, "statusListIndex", str, at=at)
    url = member(entry, "statusListCredential", str, at=at)
    if not _INDEX.fullmatch(text):
        raise RangeValueError("statusListIndex is not a whole number", pointer=at + "/statusListIndex")
    if not is_url(url):
        raise MalformedValueError("statusListCredential is not a URL", pointer=at + "/statusListCredential")
    if purpose not in _PURPOSES:
        raise StatusVerificationError("the status has a purpose we do not speak", pointer=at + "/statusPurpose")
    size = optional_member(entry, "statusSize", int, at=at)
    if size not in (None, 1):
        raise StatusVerificationError("the status has more than one bit", pointer=at + "/statusSize")
    return StatusEntry(purpose, int(text), url)


def encode_list(set_indexes: Iterable[int], entries: int = MINIMUM_ENTRIES) -> str:
    """The ``encodedList`` in which exactly the bits of ``set_indexes`` are 1.

    Raises:
        StatusListLengthError: fewer than 131,072 entries.
        RangeValueError: an index outside the list.

    Spec: VC-BITSTRING-STATUS-LIST #bitstring-generation-algorithm
    """
    if entries < MINIMUM_ENTRIES or entries % 8:
        raise StatusListLengthError("a status list needs at least 131,072 entries")
    bits = bytearray(entries // 8)
    for index in set_indexes:
        if not 0 <= index < entries:
            raise RangeValueError("a status index is outside the list")
        bits[index >> 3] |= 0x80 >> (index & 7)
    return multibase_encode_base64url(gzip.compress(bytes(bits), mtime=0))


def decode_list(encoded: Any) -> bytes:
    """The bytes of an ``encodedList``: one GZIP member, no trailer, 16 KiB to 4 MiB.

    Raises:
        StatusVerificationError: not multibase base64url, not one complete GZIP member, or too large.
        StatusListLengthError: fewer than 131,072 entries.

    Spec: VC-BITSTRING-STATUS-LIST #bitstring-expansion-algorithm; security.md C01, C04
    """
    try:
        packed = multibase_decode(encoded, allowed="u")
        inflater = zlib.decompressobj(_GZIP_WINDOW)
        bits = inflater.decompress(packed, MAXIMUM_BYTES + 1)
    except (ParsingError, zlib.error) as error:
        raise StatusVerificationError("the list of taken-back records cannot be unpacked") from error
    if len(bits) > MAXIMUM_BYTES:
        raise StatusVerificationError("the list of taken-back records is too large")
    if not inflater.eof or inflater.unused_data or inflater.unconsumed_tail:
        raise StatusVerificationError("the list of taken-back records is cut off or has a trailer")
    if len(bits) * 8 < MINIMUM_ENTRIES:
        raise StatusListLengthError("the list of taken-back records has fewer than 131,072 entries")
    return bits


def read_bit(bits: bytes, index: int) -> bool:
    """The bit at ``index``, most significant first.

    Raises:
        RangeValueError: outside the list.
    """
    if not 0 <= index < len(bits) * 8:
        raise RangeValueError("the record's place is outside the list of taken-back records")
    return bool(bits[index >> 3] & (0x80 >> (index & 7)))


def build_status_list_credential(*, url: str, issuer: str, context: str, set_indexes: Iterable[int],
                                 valid_from: datetime, valid_until: datetime,
                                 purpose: str = "revocation") -> JSONObject:
    """An unsigned status list credential; ``id`` is its URL.

    Spec: VC-BITSTRING-STATUS-LIST #bitstringstatuslistcredential
    """
    return {
        "@context": [context],
        "id": url,
        "type": ["VerifiableCredential", CREDENTIAL_TYPE],
        "issuer": issuer,
        "validFrom": format_date_time(valid_from),
        "validUntil": format_date_time(valid_until),
        "credentialSubject": {"id": f"{url}#list", "type": LIST_TYPE, "statusPurpose": purpose,
                              "encodedList": encode_list(set_indexes)},
    }


def read_status(entry: StatusEntry, credential: Mapping[str, Any]) -> bool:
    """Whether ``entry``'s bit is set in an already verified status list credential.

    Raises:
        StatusVerificationError: another list's credential, another purpose, or a list that cannot be unpacked.
        RangeValueError, StatusListLengthError: the index lies outside, or the list is too short.

    Spec: VC-BITSTRING-STATUS-LIST #validate-algorithm; security.md C02
    """
    subject = credential.get("credentialSubject")
    if CREDENTIAL_TYPE not in types_of(credential) or LIST_TYPE not in types_of(subject, at="/credentialSubject"):
        raise StatusVerificationError("what stands at the list's address is no status list")
    if credential.get("id") != entry.list_url:
        raise StatusVerificationError("the list of taken-back records names another address")
    if not isinstance(subject, dict) or entry.purpose not in as_list(subject.get("statusPurpose")):
        raise StatusVerificationError("the list of taken-back records is for another purpose")
    return read_bit(decode_list(subject.get("encodedList")), entry.index)
