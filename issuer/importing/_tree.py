"""Untrusted XML, or JSON of the same shape, as one small tree with line numbers (security.md H03, A10)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from credkit.encoding import parse_json_object
from credkit.errors import ParsingError, TooComplexError
from issuer.importing._values import MAX_CHARACTERS, plain
from issuer.importing.errors import IncompleteFile, TooLargeFile, UnreadableFile
from issuer.importing.model import N_

MAX_DEPTH = 64
MAX_ELEMENTS = 200_000
MAX_JSON_BYTES = 20 * 1024 * 1024


@dataclass
class Node:
    """An element: its name without namespace, its text stripped, its line (None in JSON).

    Attributes:
        read: True once somebody asked for it; what nobody asked for ends up in the report.
    """

    name: str
    line: int | None = None
    text: str = ""
    children: list[Node] = field(default_factory=list)
    read: bool = False

    def all(self, name: str) -> Iterator[Node]:
        """The children called ``name``, in order."""
        self.read = True
        for child in self.children:
            if child.name == name:
                child.read = True
                yield child

    def first(self, *path: str) -> Node | None:
        """The first descendant along ``path``, or None."""
        node: Node | None = self
        for name in path:
            node = next(node.all(name), None) if node is not None else None
        return node

    def value(self, *path: str) -> str:
        """The text of the first descendant along ``path``, empty if there is none."""
        node = self.first(*path)
        if node is not None and len(node.text) > MAX_CHARACTERS:
            raise IncompleteFile(N_("The file holds a value that is too long, in “%(name)s”."), name=path[-1])
        return node.text if node is not None else ""

    def unread(self) -> Counter[str]:
        """Names of the elements below this one that nobody asked for, with how often they stand there."""
        found: Counter[str] = Counter()
        for child in self.children:
            if child.read:
                found += child.unread()
            elif child.text or child.children:
                found[child.name] += 1
        return found


class _Builder:
    """Target of the XML parser: builds nodes, counts depth and elements."""

    def __init__(self) -> None:
        self.parser: Any = None
        self.root: Node | None = None
        self._open: list[Node] = []
        self._count = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        del attributes
        self._count += 1
        if len(self._open) >= MAX_DEPTH or self._count > MAX_ELEMENTS:
            raise TooLargeFile(N_("The file is nested too deeply or has too many elements."))
        node = Node(tag.rpartition("}")[2], self.parser.parser.CurrentLineNumber)
        if self._open:
            self._open[-1].children.append(node)
        else:
            self.root = node
        self._open.append(node)

    def end(self, tag: str) -> None:
        del tag
        node = self._open.pop()
        node.text = plain(node.text)

    def data(self, text: str) -> None:
        if self._open:
            self._open[-1].text += text

    def close(self) -> None:
        """Nothing is left to do; the parser asks for it."""


def parse_xml(data: bytes) -> Node:
    """The root of an XML document.

    Raises:
        UnreadableFile: not well formed, or it holds a DTD or entities, which we do not read.
        TooLargeFile: too deep or too many elements.
    """
    builder = _Builder()
    parser = DefusedXMLParser(target=builder, forbid_dtd=True)
    builder.parser = parser
    try:
        parser.feed(data)
        parser.close()
    except DefusedXmlException as error:
        raise UnreadableFile(N_("The file holds definitions (DTD or entities), which we do not read.")) from error
    except (ParseError, ValueError, LookupError) as error:
        raise UnreadableFile(N_("The file is not well-formed XML.")) from error
    if builder.root is None:
        raise UnreadableFile(N_("The file is not well-formed XML."))
    return builder.root


def parse_json_tree(data: bytes) -> Node:
    """The same tree from JSON in which an array stands for repeated elements; keys that begin with ``_`` are ignored.

    Raises:
        UnreadableFile, TooLargeFile: see ``credkit.encoding.parse_json``.
    """
    try:
        return _from_json("", parse_json_object(data, max_bytes=MAX_JSON_BYTES))
    except TooComplexError as error:
        raise TooLargeFile(N_("The file is nested too deeply or has too many elements.")) from error
    except ParsingError as error:
        raise UnreadableFile(N_("The file is not well-formed JSON.")) from error


def _from_json(name: str, value: Any) -> Node:
    node = Node(name)
    if isinstance(value, dict):
        for key, item in value.items():
            if not key.startswith("_"):
                for each in item if isinstance(item, list) else [item]:
                    node.children.append(_from_json(key, each))
    elif isinstance(value, str):
        node.text = plain(value)
    elif isinstance(value, (int, float)):
        node.text = str(value).lower() if isinstance(value, bool) else str(value)
    return node
