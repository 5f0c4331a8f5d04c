"""Why a file could not be read: one sentence each, with what stands in its places kept apart for translation."""

from __future__ import annotations

from credkit.errors import CredkitError, MalformedValueError, ParsingError, TooComplexError


class FileProblem(CredkitError):
    """Why a file could not be read.

    Args:
        message: The sentence in English, with places as in ``%(file)s``.
        values: What stands in the places.
    """

    def __init__(self, message: str, **values: str) -> None:
        self.message = message
        self.values = values
        super().__init__(message % values)


class UnreadableFile(FileProblem, ParsingError):
    """Empty, damaged, or not what it claims to be."""


class UnknownFile(FileProblem, ParsingError):
    """A format or a version we do not read."""


class TooLargeFile(FileProblem, TooComplexError):
    """Too large, too deep, or growing too much when unpacked."""


class IncompleteFile(FileProblem, MalformedValueError):
    """A required file, column or value is missing or stands twice."""
