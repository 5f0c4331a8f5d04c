"""Unpacking an untrusted zip in memory, with every size known before it is used (security.md F09, H03)."""

from __future__ import annotations

import io
import stat
import zipfile
import zlib

from issuer.importing.errors import IncompleteFile, TooLargeFile, UnreadableFile
from issuer.importing.model import N_

MAX_ENTRIES = 100
MAX_ENTRY_BYTES = 64 * 1024 * 1024
MAX_TOTAL_BYTES = 128 * 1024 * 1024
MAX_RATIO = 200
_RATIO_FROM_BYTES = 1024 * 1024
_CHUNK = 1024 * 1024
_ENCRYPTED = 0x1


def unpack(data: bytes) -> dict[str, bytes]:
    """The files of a zip by their name without folder, in lower case; nothing is ever written to disk.

    Raises:
        UnreadableFile: not a zip, damaged, encrypted, or packed in a way we do not read.
        TooLargeFile: too many files, too large, or growing too much.
        IncompleteFile: a name that points out of the archive, a link, or one name twice.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _unpack(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError) as error:
        raise UnreadableFile(N_("The zip file is damaged or not a zip file.")) from error


def names(data: bytes) -> tuple[str, ...]:
    """The file names in a zip, in lower case, before anything is unpacked; none if it is no zip."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return tuple(entry.filename.lower() for entry in archive.infolist()[:MAX_ENTRIES] if not entry.is_dir())
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError, ValueError):
        return ()


def _unpack(archive: zipfile.ZipFile) -> dict[str, bytes]:
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(entries) > MAX_ENTRIES:
        raise TooLargeFile(N_("The zip file holds more than %(count)s files."), count=str(MAX_ENTRIES))
    files: dict[str, bytes] = {}
    total = 0
    for entry in entries:
        name = _safe_name(entry)
        if name in files:
            raise IncompleteFile(N_("The zip file holds one file name twice."))
        files[name] = _read(archive, entry, MAX_TOTAL_BYTES - total)
        total += len(files[name])
    return files


def _safe_name(entry: zipfile.ZipInfo) -> str:
    parts = entry.filename.replace("\\", "/").split("/")
    if ".." in parts or entry.filename.startswith(("/", "\\")) or ":" in entry.filename:
        raise IncompleteFile(N_("The zip file holds a name that points out of it."))
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise IncompleteFile(N_("The zip file holds a link instead of a file."))
    if entry.flag_bits & _ENCRYPTED:
        raise UnreadableFile(N_("The zip file is locked with a password."))
    return parts[-1].lower()


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, budget: int) -> bytes:
    """Read one entry in pieces, trusting none of the sizes it states."""
    limit = min(MAX_ENTRY_BYTES, budget, max(_RATIO_FROM_BYTES, entry.compress_size * MAX_RATIO))
    content = bytearray()
    with archive.open(entry) as stream:
        while piece := stream.read(_CHUNK):
            content += piece
            if len(content) > limit:
                raise TooLargeFile(N_("The zip file grows too much when it is unpacked."))
    return bytes(content)
