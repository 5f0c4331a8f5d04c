"""Bitstring Status List: one or a few bits a credential in a signed, compressed list that many credentials share.

We write lists of one bit; reading takes one to eight, and every purpose of the standard.

GZIP, most significant bit first, at least 131,072 entries. Decoding is bounded before a byte is inflated (C01, C04).

Spec: VC-BITSTRING-STATUS-LIST #algorithms
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from credkit.encoding import multibase_decode, multibase_encode_base64url
from credkit.errors import (
    MalformedValueError,
    ParsingError,
    RangeValueError,
    StatusListLengthError,
    StatusVerificationError,
    UnsupportedError,
)
from credkit.ports import JSONObject
from credkit.shape import as_list, format_date_time, is_url, member, optional_member, types_of

ENTRY_TYPE = "BitstringStatusListEntry"
LIST_TYPE = "BitstringStatusList"
CREDENTIAL_TYPE = "BitstringStatusListCredential"
MINIMUM_ENTRIES = 131_072
MAXIMUM_BYTES = 4 * 1024 * 1024
REVOCATION, SUSPENSION, MESSAGE, REFRESH = "revocation", "suspension", "message", "refresh"
_PURPOSES = frozenset({REVOCATION, SUSPENSION, MESSAGE, REFRESH})
MAXIMUM_SIZE = 8
_HEXADECIMAL = re.compile(r"0x[0-9A-Fa-f]{1,4}", re.ASCII)
_INDEX = re.compile(r"0|[1-9][0-9]{0,9}", re.ASCII)
_GZIP_WINDOW = 16 + zlib.MAX_WBITS


@dataclass(frozen=True)
class StatusEntry:
    """A credential's place in a list.

    Attributes:
        purpose: ``revocation``, ``suspension``, ``message`` or ``refresh``.
        index: Place in the list, counted in statuses.
        list_url: URL of the status list credential.
        size: Bits a status has.
        messages: Status → the issuer's words for it; may be empty where ``size`` is 1.
    """

    purpose: str
    index: int
    list_url: str
    size: int = 1
    messages: Mapping[int, str] = field(default_factory=lambda: MappingProxyType({}))

    def message(self, status: int) -> str:
        """The issuer's words for ``status``; for a single bit without any, the standard's own."""
        return self.messages.get(status) or ("unset", "set")[status]


def build_entry(list_url: str, index: int, purpose: str = "revocation") -> JSONObject:
    """The ``credentialStatus`` of a credential (VC-BITSTRING-STATUS-LIST #bitstringstatuslistentry)."""
    return {"id": f"{list_url}#{index}", "type": ENTRY_TYPE, "statusPurpose": purpose,
            "statusListIndex": str(index), "statusListCredential": list_url}


def parse_entry(entry: Any, *, at: str = "/credentialStatus") -> StatusEntry:
    """Read one ``credentialStatus`` of type BitstringStatusListEntry.

    Raises:
        MalformedValueError: a member is missing or of the wrong type.
        RangeValueError: the index is not a canonical decimal number, or the size is none from 1 to 8.
        StatusVerificationError: more than one bit without a message for each status, or a purpose that has one bit.
        UnsupportedError: a purpose that we do not speak.

    Spec: VC-BITSTRING-STATUS-LIST #bitstringstatuslistentry
    """
    purpose = member(entry, "statusPurpose", str, at=at)
    text = member(entry, "statusListIndex", str, at=at)
    url = member(entry, "statusListCredential", str, at=at)
    if not _INDEX.fullmatch(text):
        raise RangeValueError("statusListIndex is not a whole number", pointer=at + "/statusListIndex")
    if not is_url(url):
        raise MalformedValueError("statusListCredential is not a URL", pointer=at + "/statusListCredential")
    if purpose not in _PURPOSES:
        raise UnsupportedError("the record's status has a purpose that we do not speak")
    size = optional_member(entry, "statusSize", int, at=at)
    size = 1 if size is None else size
    if not 1 <= size <= MAXIMUM_SIZE:
        raise RangeValueError("a status has one to eight bits", pointer=at + "/statusSize")
    if size > 1 and purpose != MESSAGE:
        raise StatusVerificationError("a status of this purpose has one bit", pointer=at + "/statusSize")
    return StatusEntry(purpose, int(text), url, size, _messages(entry, size, at))


def _messages(entry: Any, size: int, at: str) -> Mapping[int, str]:
    """The issuer's words by status. They are looked up by their number: a signature does not fix their order."""
    found: dict[int, str] = {}
    for index, item in enumerate(as_list(entry.get("statusMessage"))):
        here = f"{at}/statusMessage/{index}"
        number, words = member(item, "status", str, at=here), member(item, "message", str, at=here)
        if not _HEXADECIMAL.fullmatch(number) or int(number, 16) in found:
            raise MalformedValueError("a status is no number of its own", pointer=here + "/status")
        found[int(number, 16)] = words
    if (found or size > 1) and found.keys() != set(range(1 << size)):
        raise StatusVerificationError("there is not one message for each status", pointer=at + "/statusMessage")
    return MappingProxyType(found)


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


def read_bits(bits: bytes, index: int, size: int = 1) -> int:
    """The status at ``index`` of ``size`` bits, most significant first.

    Raises:
        RangeValueError: outside the list.
    """
    begin, end = index * size, index * size + size
    if begin < 0 or end > len(bits) * 8:
        raise RangeValueError("the record's place is outside the list of taken-back records")
    window = int.from_bytes(bits[begin >> 3 : (end + 7) >> 3], "big")
    return window >> (-end & 7) & (1 << size) - 1


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


def read_status(entry: StatusEntry, credential: Mapping[str, Any]) -> int:
    """``entry``'s status in an already verified status list credential; 0 says nothing.

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
    bits = decode_list(subject.get("encodedList"))
    if len(bits) * 8 < MINIMUM_ENTRIES * entry.size:
        raise StatusListLengthError("the list of taken-back records has fewer than 131,072 entries")
    return read_bits(bits, entry.index, entry.size)
