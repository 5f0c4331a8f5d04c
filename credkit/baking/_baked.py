"""What was taken out of a picture, and what may be put in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from credkit.errors import MalformedValueError, TooComplexError

MAX_PICTURE_BYTES: Final = 20_000_000
MAX_TEXT_BYTES: Final = 4 * 1024 * 1024
OPEN_BADGES_2: Final = "2.0"
OPEN_BADGES_3: Final = "3.0"
_Key = TypeVar("_Key", str, bytes)
_JWS: Final = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]+")


@dataclass(frozen=True)
class BakedBadge:
    """The text in a picture: JSON, a compact JWS, or (2.0 only) the address of an assertion.

    Attributes:
        standard: ``OPEN_BADGES_3`` or ``OPEN_BADGES_2``, by how it was put in, which says nothing of what it is.
    """

    text: str
    standard: str

    @property
    def is_token(self) -> bool:
        """Whether the text has the form of a compact JWS."""
        return is_token(self.text)


def first_of(found: Mapping[_Key, str], standards: Mapping[_Key, str]) -> BakedBadge | None:
    """Of the texts that a picture carries the one whose key comes first in ``standards``; None if it carries none."""
    return next((BakedBadge(found[key], standard) for key, standard in standards.items() if key in found), None)


def is_token(text: str) -> bool:
    """Whether ``text`` has the form of a compact JWS."""
    return _JWS.fullmatch(text) is not None


def check_text(text: str) -> bytes:
    """``text`` in UTF-8, if it can be put into a picture.

    Raises:
        MalformedValueError: neither JSON nor a compact JWS by its first look, or no text.
        TooComplexError: more than 4 MiB.
    """
    if not (text.startswith("{") and text.endswith("}")) and not is_token(text):
        raise MalformedValueError("only a credential can be put into a picture")
    try:
        raw = text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise MalformedValueError("the text holds half of a surrogate pair") from error
    if b"\x00" in raw:
        raise MalformedValueError("the text holds a zero byte")
    if len(raw) > MAX_TEXT_BYTES:
        raise TooComplexError("the record is too large for a picture")
    return raw


def check_size(data: bytes) -> None:
    """Raise ``TooComplexError`` for a picture of more than 20 MB."""
    if len(data) > MAX_PICTURE_BYTES:
        raise TooComplexError("the picture is too large")
