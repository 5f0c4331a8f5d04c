"""A badge in an SVG: ``openbadges:credential`` right below the root, a compact JWS in ``verify`` or JSON as its text.

Reading also takes ``openbadges:assertion`` of Open Badges 2.0. The XML is read within bounds, without entities and
without anything from outside, and it is never drawn (security.md A10, F02).

Spec: OB-3.0 #svg
"""

from __future__ import annotations

import re
from typing import Any, Final
from xml.etree.ElementTree import ParseError
from xml.sax.saxutils import quoteattr

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from credkit.baking._baked import (
    MAX_TEXT_BYTES,
    OPEN_BADGES_2,
    OPEN_BADGES_3,
    BakedBadge,
    check_size,
    check_text,
    first_of,
    is_token,
)
from credkit.errors import ParsingError, TooComplexError

NAMESPACE: Final = "https://purl.imsglobal.org/ob/v3p0"
OLD_NAMESPACE: Final = "http://openbadges.org"
_SVG: Final = "{http://www.w3.org/2000/svg}svg"
_STANDARDS: Final = {f"{{{NAMESPACE}}}credential": OPEN_BADGES_3, f"{{{OLD_NAMESPACE}}}assertion": OPEN_BADGES_2}
_BEGINNING: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:\?xml|!--|!DOCTYPE svg|svg)[\s>]?")
_DECLARED: Final = re.compile(rb"<\?xml[^>]*encoding=[\"']([A-Za-z0-9_.-]+)[\"']")
_OPENING: Final = re.compile(
    rb"(?P<head><(?P<name>[^\s/>]+)(?:\s+[^\s=>/]+\s*=\s*(?:\"[^\"]*\"|'[^']*'))*)\s*(?P<closed>/?)>")
_MAX_ELEMENTS: Final = 100_000
_MAX_DEPTH: Final = 100


def is_svg(data: bytes) -> bool:
    """Whether ``data`` begins like an SVG, or like any other XML."""
    return _BEGINNING.match(data) is not None


def unbake(data: bytes) -> BakedBadge | None:
    """The badge in an SVG, that of Open Badges 3.0 first; None if it carries none.

    Raises:
        ParsingError: no SVG, damaged, with entities, or one kind of badge twice.
        TooComplexError: too large or nested too deeply.
    """
    return first_of(_read(data).found, _STANDARDS)


def bake(data: bytes, text: str) -> bytes:
    """A copy of the SVG (in UTF-8) with ``text`` in it, right below its root; everything else stays as it is.

    Raises:
        MalformedValueError: not the text of one credential.
        ParsingError, TooComplexError: damaged, not in UTF-8, too large, or it carries a badge already.
    """
    raw = check_text(text)
    reading = _read(data)
    if reading.found or b"xmlns:openbadges" in data:
        raise ParsingError("the picture carries a badge already")
    declared = _DECLARED.match(data)
    if declared is not None and declared[1].lower() not in (b"utf-8", b"us-ascii"):
        raise ParsingError("the picture is not in UTF-8")
    opening = _OPENING.match(data, reading.root_at)
    if opening is None:
        raise ParsingError("the picture cannot be read")
    namespace = f' xmlns:openbadges="{NAMESPACE}">'.encode("ascii")
    tail = b"</" + opening["name"] + b">" if opening["closed"] else b""
    head = data[: opening.end("head")] + namespace + _element(text, raw)
    return head + tail + data[opening.end() :]


def _element(text: str, raw: bytes) -> bytes:
    if is_token(text):
        return b"<openbadges:credential verify=" + quoteattr(text).encode("ascii") + b"/>"
    cdata = raw.replace(b"]]>", b"]]]]><![CDATA[>")
    return b"<openbadges:credential><![CDATA[" + cdata + b"]]></openbadges:credential>"


class _Reading:
    """Target of the XML parser: finds the badges below the root.

    Attributes:
        found: Element name → text.
        root_at: Where the root element begins, in bytes.
    """

    def __init__(self) -> None:
        self.parser: Any = None
        self.found: dict[str, str] = {}
        self.root_at = -1
        self._depth = self._count = self._length = 0
        self._open: tuple[str, str | None, list[str]] | None = None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth, self._count = self._depth + 1, self._count + 1
        if self._depth > _MAX_DEPTH or self._count > _MAX_ELEMENTS:
            raise TooComplexError("the picture is nested too deeply or has too many parts")
        if self._depth == 1:
            if tag != _SVG:
                raise ParsingError("this is no picture")
            self.root_at = self.parser.parser.CurrentByteIndex
        elif self._open is not None:
            raise ParsingError("the badge in the picture cannot be read")
        elif tag in _STANDARDS:
            if self._depth != 2 or tag in self.found:
                raise ParsingError("the picture carries more than one badge, or one in the wrong place")
            self._open = (tag, attributes.get("verify"), [])

    def data(self, text: str) -> None:
        if self._open is not None:
            self._length += len(text)
            if self._length > MAX_TEXT_BYTES:
                raise TooComplexError("the record in the picture is too large")
            self._open[2].append(text)

    def end(self, tag: str) -> None:
        self._depth -= 1
        if self._open is not None and self._open[0] == tag:
            _tag, verify, parts = self._open
            inside = "".join(parts).strip()
            if bool(verify) is bool(inside):
                raise ParsingError("the badge in the picture is empty, or two in one")
            self.found[tag] = (verify or inside).strip()
            self._open = None

    def close(self) -> None:
        """Nothing is left to do."""


def _read(data: bytes) -> _Reading:
    check_size(data)
    reading = _Reading()
    parser = DefusedXMLParser(target=reading, forbid_dtd=False, forbid_entities=True, forbid_external=True)
    reading.parser = parser
    try:
        parser.feed(data)
        parser.close()
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise ParsingError("the picture cannot be read") from error
    return reading
