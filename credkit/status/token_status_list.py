"""Token Status List: a signed token with one to eight bits a credential.

ZLIB, least significant bits first. Decoding is bounded before a byte is inflated (security.md C01, C04).

Spec: draft-ietf-oauth-status-list-12
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from credkit.encoding import base64url_decode, base64url_encode
from credkit.errors import MalformedValueError, ParsingError, RangeValueError, StatusVerificationError
from credkit.jose import VerifyingKey, sign_compact, verify_compact
from credkit.ports import JSONObject, Signer
from credkit.shape import is_url, member, optional_member

TYP = "statuslist+jwt"
MEDIA_TYPE = "application/statuslist+jwt"
MAXIMUM_BYTES = 4 * 1024 * 1024
VALID, INVALID, SUSPENDED = 0, 1, 2
_SIZES = (1, 2, 4, 8)
_CLOCK_SKEW_S = 60


@dataclass(frozen=True)
class StatusReference:
    """A credential's place in a list: ``status.status_list`` of its claims."""

    index: int
    list_url: str


@dataclass(frozen=True)
class StatusList:
    """A list's statuses, packed.

    Attributes:
        bits: 1, 2, 4 or 8: how many a status has.
        packed: The first status in the least significant bits of the first byte.
    """

    bits: int
    packed: bytes

    def status(self, index: int) -> int:
        """The status at ``index``; ``RangeValueError`` outside the list.

        Spec: draft-ietf-oauth-status-list-12 #section-4.1
        """
        at, rest = divmod(index * self.bits, 8)
        if not 0 <= at < len(self.packed):
            raise RangeValueError("the record's place is outside the list of taken-back records")
        return self.packed[at] >> rest & (1 << self.bits) - 1


def build_reference(index: int, list_url: str) -> JSONObject:
    """The claim ``status`` (draft-ietf-oauth-status-list-12 #section-6.1)."""
    return {"status_list": {"idx": index, "uri": list_url}}


def parse_reference(status: Any) -> StatusReference:
    """Read the claim ``status``.

    Raises:
        MalformedValueError: a member is missing or of the wrong type.
        RangeValueError: a negative index.
        StatusVerificationError: another kind of status.
    """
    if optional_member(status, "status_list", dict, at="/status") is None:
        raise StatusVerificationError("the status is of a kind we do not speak", pointer="/status")
    index = member(status["status_list"], "idx", int, at="/status/status_list")
    url = member(status["status_list"], "uri", str, at="/status/status_list")
    if index < 0:
        raise RangeValueError("the status index is negative", pointer="/status/status_list/idx")
    if not is_url(url):
        raise MalformedValueError("the list's address is not a URL", pointer="/status/status_list/uri")
    return StatusReference(index, url)


def pack(statuses: Mapping[int, int], bits: int, size: int) -> StatusList:
    """A list of ``size`` statuses, those not named being 0.

    Raises:
        RangeValueError: a size, an index or a status that does not fit.
    """
    if bits not in _SIZES or size <= 0 or size * bits % 8:
        raise RangeValueError("a status list of this size cannot be")
    packed = bytearray(size * bits // 8)
    for index, status in statuses.items():
        if not (0 <= index < size and 0 <= status < 1 << bits):
            raise RangeValueError("a status or its place does not fit the list")
        at, rest = divmod(index * bits, 8)
        packed[at] = packed[at] & ~((1 << bits) - 1 << rest) | status << rest
    return StatusList(bits, bytes(packed))


def encode_list(statuses: StatusList) -> JSONObject:
    """The claim ``status_list`` (draft-ietf-oauth-status-list-12 #section-4.2)."""
    return {"bits": statuses.bits, "lst": base64url_encode(zlib.compress(statuses.packed, 9))}


def decode_list(claim: Any) -> StatusList:
    """Read the claim ``status_list``: one complete ZLIB stream of at most 4 MiB.

    Raises:
        MalformedValueError: a member is missing or of the wrong type.
        StatusVerificationError: not such a stream, too large, or a number of bits that cannot be.
    """
    bits, encoded = member(claim, "bits", int, at="/status_list"), member(claim, "lst", str, at="/status_list")
    if bits not in _SIZES:
        raise StatusVerificationError("the list has a number of bits that cannot be", pointer="/status_list/bits")
    try:
        inflater = zlib.decompressobj()
        packed = inflater.decompress(base64url_decode(encoded), MAXIMUM_BYTES + 1)
    except (ParsingError, zlib.error) as error:
        raise StatusVerificationError("the list of taken-back records cannot be unpacked") from error
    if len(packed) > MAXIMUM_BYTES:
        raise StatusVerificationError("the list of taken-back records is too large")
    if not inflater.eof or inflater.unused_data or inflater.unconsumed_tail:
        raise StatusVerificationError("the list of taken-back records is cut off or has a trailer")
    return StatusList(bits, packed)


def sign_status_list(statuses: StatusList, *, url: str, signer: Signer, issued_at: datetime, expires_at: datetime,
                     header: Mapping[str, Any]) -> str:
    """The status list token that stands at ``url`` (draft-ietf-oauth-status-list-12 #section-5.1)."""
    claims = {"sub": url, "iat": int(issued_at.timestamp()), "exp": int(expires_at.timestamp()),
              "ttl": int((expires_at - issued_at).total_seconds()), "status_list": encode_list(statuses)}
    return sign_compact(claims, signer, typ=TYP, header=header)


def verify_status_list(token: Any, key: VerifyingKey, *, url: str) -> JSONObject:
    """The claims of a status list token that ``key`` signed for ``url``.

    Raises:
        StatusVerificationError: made for another address.
        ParsingError, MalformedValueError, CryptographicSecurityError, ProofVerificationError: see ``verify_compact``.

    Spec: draft-ietf-oauth-status-list-12 #section-8.3
    """
    claims = verify_compact(token, key, typ=TYP)
    if member(claims, "sub", str) != url:
        raise StatusVerificationError("the list of taken-back records names another address")
    return claims


def is_current(claims: JSONObject, now: datetime) -> bool:
    """Whether a list is of now, its maker's clock a minute ahead at most, and its time is not up.

    Raises:
        MalformedValueError: ``iat`` or ``exp`` is no whole number.

    Spec: draft-ietf-oauth-status-list-12 #section-8.3
    """
    expires, issued = optional_member(claims, "exp", int), member(claims, "iat", int)
    return issued <= now.timestamp() + _CLOCK_SKEW_S and (expires is None or now.timestamp() < expires)
