"""The file of a backup: one line that says how it is locked, then sealed chunks that nobody can cut, mix or lengthen.

    {"format":"backpack-backup","version":1,"lock":{…Argon2id…}}\\n
    chunk 0 ‖ chunk 1 ‖ … ‖ last chunk

Each chunk is AES-256-GCM under the key of the passphrase; its number, whether it is the last, and the whole first line
are bound to it. The salt, and so the key, is fresh for each file; the nonce is the chunk's number (security.md H03).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from credkit.encoding import parse_json_object, sha256
from credkit.errors import ParsingError, SealBroken, TooComplexError, VaultError
from credkit.ports import Randomness
from wallet.vault.methods import passphrase as passphrase_method
from wallet.vault.methods.passphrase import Cost

FORMAT: Final = "backpack-backup"
VERSION: Final = 1
MAX_BYTES: Final = 256 * 1024 * 1024
_MAX_HEADER_BYTES: Final = 1024
_CHUNK_BYTES: Final = 65_536
_TAG_BYTES: Final = 16
_MOST: Final = Cost(memory_kib=256 * 1024, passes=8, lanes=8)
"""A file may come from anybody: it cannot ask for more work than this."""


class BackupRefused(VaultError):
    """The file is not taken; ``reason``: ``format``, ``version``, ``large``, ``lock`` or ``changed``."""

    code = "backup_refused"

    def __init__(self, reason: str) -> None:
        super().__init__(_SENTENCES[reason])
        self.reason = reason


_SENTENCES: Final = {
    "format": "This file is no backup of a backpack. Nothing was changed.",
    "version": "This backup was made by a newer program. Update this one, then try again. Nothing was changed.",
    "large": "This file is too large for a backup. Nothing was changed.",
    "lock": "The lock of this backup is weaker or heavier than allowed. Nothing was changed.",
    "changed": "The passphrase is not the one of this backup, or the file was damaged or changed. Nothing was changed.",
}


@dataclass(frozen=True)
class Header:
    """The first line: its bytes with the line end, and the parameters of the lock as JSON text."""

    line: bytes
    lock: str


def new_header(cost: Cost, randomness: Randomness) -> Header:
    """The first line of a new file."""
    lock = passphrase_method.new_parameters(cost, randomness)
    body = {"format": FORMAT, "version": VERSION, "lock": json.loads(lock)}
    return Header(json.dumps(body, separators=(",", ":")).encode() + b"\n", lock)


def read_header(file: BinaryIO) -> Header:
    """Read the first line of a file, from its beginning; nothing costly is done before it is found in order.

    Raises:
        BackupRefused: no backup, a newer version, or a lock below the floor or above what we are willing to work.
    """
    size = file.seek(0, 2)
    if size > MAX_BYTES:
        raise BackupRefused("large")
    file.seek(0)
    line = file.readline(_MAX_HEADER_BYTES)
    try:
        body = parse_json_object(line)
    except (ParsingError, TooComplexError) as error:
        raise BackupRefused("format") from error
    lock, version = body.get("lock"), body.get("version")
    if not line.endswith(b"\n") or body.get("format") != FORMAT or type(version) is not int:
        raise BackupRefused("format")
    if version != VERSION:
        raise BackupRefused("version")
    if not isinstance(lock, dict) or not all(_is_at_most(lock.get(name), most) for name, most in vars(_MOST).items()):
        raise BackupRefused("lock")
    return Header(line, json.dumps(lock))


def _is_at_most(value: object, most: int) -> bool:
    return type(value) is int and value <= most


def key_of(header: Header, passphrase: str) -> bytes:
    """The key of a file, 32 bytes.

    Raises:
        BackupRefused: the lock is below the floor, or no lock at all.
    """
    try:
        return passphrase_method.derive_key(passphrase, header.lock)
    except SealBroken as error:
        raise BackupRefused("lock") from error


def write_chunks(out: BinaryIO, header: Header, key: bytes, pieces: Iterable[bytes]) -> None:
    """Write the whole file: the first line, then ``pieces`` sealed as they come.

    Raises:
        TooComplexError: it would be larger than what can be read again.
    """
    cipher, bound, held, number = AESGCM(key), sha256(header.line), bytearray(), 0
    out.write(header.line)
    for piece in pieces:
        held += piece
        while len(held) > _CHUNK_BYTES:
            out.write(_seal(cipher, bytes(held[:_CHUNK_BYTES]), bound, number, last=False))
            del held[:_CHUNK_BYTES]
            number += 1
            if number * _CHUNK_BYTES > MAX_BYTES - 2 * _CHUNK_BYTES:
                raise TooComplexError("a backup is too large to keep")
    out.write(_seal(cipher, bytes(held), bound, number, last=True))


def read_chunks(file: BinaryIO, header: Header, key: bytes) -> Iterator[bytes]:
    """The content, piece by piece; only who has seen the end of it may use any of it.

    Raises:
        BackupRefused: another passphrase, or a byte of the file is not what it was.
    """
    cipher, bound, number = AESGCM(key), sha256(header.line), 0
    file.seek(len(header.line))
    sealed = file.read(_CHUNK_BYTES + _TAG_BYTES)
    while True:
        following = file.read(_CHUNK_BYTES + _TAG_BYTES)
        try:
            yield cipher.decrypt(number.to_bytes(12, "big"), sealed, _bind(bound, last=not following))
        except (InvalidTag, ValueError) as error:
            raise BackupRefused("changed") from error
        if not following:
            return
        sealed, number = following, number + 1


def _seal(cipher: AESGCM, piece: bytes, bound: bytes, number: int, *, last: bool) -> bytes:
    return cipher.encrypt(number.to_bytes(12, "big"), piece, _bind(bound, last=last))


def _bind(bound: bytes, *, last: bool) -> bytes:
    return b"backpack-backup-v1" + bound + (b"\x01" if last else b"\x00")
