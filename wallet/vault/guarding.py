"""Shares of a party's key in the hands of guardians: sealed to each alone, and released to a requester's fresh key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from credkit import jose
from credkit.encoding import base64url_encode, sha256
from credkit.errors import CredkitError, MalformedValueError, SealBroken, WrongSecret
from credkit.ports import JSONObject, Randomness
from credkit.shape import member
from wallet.store import SlotRow
from wallet.vault import quorum
from wallet.vault.chain import Member
from wallet.vault.items import OpenVault
from wallet.vault.methods import guardians
from wallet.vault.methods.guardians import Circle
from wallet.vault.sealing import pad, unpad

_BROKEN = "something in this backpack was changed by somebody who may not"


@dataclass(frozen=True)
class HeldShare:
    """A share that somebody holds for another.

    Attributes:
        party_id: Whom it helps to open; ``name`` is what that person called themself when they chose.
        threshold, of: How many of how many are needed.
    """

    party_id: str
    slot_id: str
    name: str
    threshold: int
    of: int
    _share: str


def share_out(vault: OpenVault, slot_id: str, chosen: Mapping[str, Member], threshold: int, name: str,
              randomness: Randomness) -> tuple[bytes, dict[str, str]]:
    """A fresh secret, and a share of it sealed to each of ``chosen``: party id → JWE.

    Args:
        chosen: Members of a record as its signed chain knows them, never as the database names them.

    Raises:
        RangeValueError: fewer than two are needed, more than are chosen, or more than 16 are chosen.
    """
    secret = randomness.token_bytes(32)
    shares = quorum.split(secret, threshold=threshold, shares=len(chosen))
    return secret, {party_id: _seal({
        "party": vault.party_id, "slot": slot_id, "name": name, "threshold": threshold, "of": len(chosen),
        "share": share}, to.opening_key) for (party_id, to), share in zip(chosen.items(), shares, strict=True)}


def held_share(vault: OpenVault, slot: SlotRow) -> HeldShare | None:
    """What the unlocked party holds for the party of ``slot``; None if nothing, or nothing that it can read."""
    try:
        sealed = guardians.read_circle(slot.parameters).shares.get(vault.party_id)
        if sealed is None:
            return None
        body = _open(sealed, vault._keys.private_jwk)
        held = HeldShare(member(body, "party", str), member(body, "slot", str), member(body, "name", str),
                         member(body, "threshold", int), member(body, "of", int), member(body, "share", str))
    except (SealBroken, MalformedValueError):
        return None
    return held if (held.party_id, held.slot_id) == (slot.party_id, slot.id) else None


def release(held: HeldShare, recovery_id: str, opening_key: str) -> str:
    """The share, sealed to the requester's fresh key and to nobody else."""
    return _seal({"recovery": recovery_id, "slot": held.slot_id, "share": held._share}, opening_key)


def put_together(slot: SlotRow, recovery_id: str, releases: Mapping[str, str], code: bytes) -> bytes:
    """The secret of ``slot`` out of what was released to the key of ``code``.

    Raises:
        WrongSecret: not enough of it fits.
    """
    circle: Circle = guardians.read_circle(slot.parameters)
    key, shares = jose.x25519_private_jwk(requester_secret(code)), []
    for party_id, sealed in releases.items():
        try:
            body = _open(sealed, key)
        except SealBroken:
            continue
        if party_id in circle.shares and [body.get("recovery"), body.get("slot")] == [recovery_id, slot.id]:
            shares.append(str(body.get("share")))
    if len(shares) < circle.threshold:
        raise WrongSecret("Not enough people have agreed yet.")
    return quorum.combine(shares)


def requester_secret(code: bytes) -> bytes:
    """The private X25519 key, 32 bytes, that a code of 20 bytes stands for; it is stored nowhere."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"backpack-recovery-request").derive(code)


def requester_key(code: bytes) -> str:
    """Its public half, the ``x`` of the JWK."""
    return jose.x25519_private_jwk(requester_secret(code))["x"]


def request_id(code: bytes) -> str:
    """The name under which a request lies; it tells nothing of the code."""
    return base64url_encode(sha256(b"backpack-recovery-id" + code)[:16])


def fingerprint(party_id: str, opening_key: str, asked_at: int) -> bytes:
    """8 bytes that stand for who is to be opened, to which fresh key, and since when: nobody can change one unseen."""
    parts = ("backpack-recovery-words-v1", party_id, opening_key, str(asked_at))
    return sha256("\n".join(parts).encode())[:8]


def _seal(body: JSONObject, opening_key: str) -> str:
    return jose.encrypt(pad(body), {"kty": "OKP", "crv": "X25519", "x": opening_key})


def _open(sealed: str, private_jwk: Mapping[str, str]) -> JSONObject:
    try:
        return unpad(jose.decrypt(sealed, private_jwk))
    except CredkitError as error:
        raise SealBroken(_BROKEN) from error
