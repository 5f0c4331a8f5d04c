"""Reading what a school's systems export into one model, and saying row by row what was understood and what was not.

A reader is one file here and one entry in ``READERS``. Readers are pure: bytes in, ``Roster`` out; nothing is stored.
"""

from __future__ import annotations

from typing import Final, Protocol

from issuer.importing import case, edfi, oneroster, pesc
from issuer.importing.errors import TooLargeFile, UnknownFile, UnreadableFile
from issuer.importing.model import N_, Roster


class Reader(Protocol):
    """A module that reads one format."""

    def is_mine(self, data: bytes) -> bool:
        """Whether the file looks like this format."""

    def read(self, data: bytes) -> Roster:
        """Read it; errors as ``read_export``."""


READERS: Final[tuple[Reader, ...]] = (edfi, oneroster, case, pesc)
"""Every format, in the order in which they are asked whether a file is theirs (``is_mine``)."""

MAX_FILE_BYTES: Final = 20 * 1024 * 1024


def read_export(data: bytes) -> Roster:
    """Read a school export, whatever its format.

    Args:
        data: The file as it was uploaded.

    Returns:
        What was understood, with a note for everything that was not.

    Raises:
        UnreadableFile, UnknownFile, TooLargeFile, IncompleteFile: see ``issuer.importing.errors``.
    """
    if not data:
        raise UnreadableFile(N_("The file is empty."))
    if len(data) > MAX_FILE_BYTES:
        raise TooLargeFile(N_("The file is larger than %(size)s MB."), size=str(MAX_FILE_BYTES // 1024 // 1024))
    for reader in READERS:
        if reader.is_mine(data):
            return reader.read(data)
    raise UnknownFile(N_("This is no export that we know: OneRoster, Ed-Fi, CASE or PESC."))
