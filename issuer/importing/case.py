"""CASE packages: frameworks of learning standards, 1.1 and 1.0, read leniently. Items get into records as alignments.

Spec: CASE 1.1 #CFPackage, #CFItem; requirements.md §3.4
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from credkit.encoding import parse_json
from credkit.errors import ParsingError, TooComplexError
from credkit.ports import JSONObject
from credkit.shape import is_url
from issuer.importing._tree import MAX_JSON_BYTES
from issuer.importing._values import plain
from issuer.importing.errors import IncompleteFile, TooLargeFile, UnreadableFile
from issuer.importing.model import N_, Note, Roster, Standard, merge_notes

FORMAT: Final = "CASE"
MAX_ITEMS: Final = 50_000
MAX_STATEMENT: Final = 2000
_MAX_CODE: Final = 200
_MARK: Final = re.compile(rb'^\s*[\[{].*?"CF(?:Package|Document|Documents|Items)"\s*:', re.DOTALL)
_HEAD_BYTES: Final = 65_536
_UNUSED: Final = ("CFAssociations", "CFRubrics")
_FILE: Final = "package.json"


def is_mine(data: bytes) -> bool:
    """Whether the beginning of the file names a part of a CASE package."""
    return _MARK.match(data[:_HEAD_BYTES].removeprefix(b"\xef\xbb\xbf")) is not None


def read(data: bytes) -> Roster:
    """Read a package, or several in one array.

    Raises:
        FileProblem: see ``issuer.importing.read_export``.
    """
    try:
        document = parse_json(data.removeprefix(b"\xef\xbb\xbf"), max_bytes=MAX_JSON_BYTES)
    except TooComplexError as error:
        raise TooLargeFile(N_("The file is nested too deeply or has too many elements.")) from error
    except ParsingError as error:
        raise UnreadableFile(N_("The file is not well-formed JSON.")) from error
    notes: list[Note] = []
    found: dict[str, Standard] = {}
    for package in document if isinstance(document, list) else [document]:
        for standard in _items(package, notes):
            if standard.uri in found:
                notes.append(Note(_FILE, None, "row_twice"))
            found[standard.uri] = standard
            if len(found) > MAX_ITEMS:
                raise TooLargeFile(N_("The file is nested too deeply or has too many elements."))
    if not found:
        raise IncompleteFile(N_("The file holds no learning standards."))
    return Roster(FORMAT, (), merge_notes(notes), standards=tuple(found.values()))


def _items(package: Any, notes: list[Note]) -> Iterator[Standard]:
    package = package.get("CFPackage", package) if isinstance(package, dict) else package
    if not isinstance(package, dict):
        notes.append(Note(_FILE, None, "package_unreadable"))
        return
    for name in _UNUSED:
        count = len(package[name]) if isinstance(package.get(name), list) else 0
        if count:
            notes.append(Note(_FILE, None, "element_not_used", {"name": name, "count": str(count)}))
    document = package.get("CFDocument")
    framework = _text(document if isinstance(document, dict) else {}, "title")
    items = package.get("CFItems")
    for item in items if isinstance(items, list) else []:
        standard = _item(item, framework) if isinstance(item, dict) else None
        if standard is None:
            notes.append(Note(_FILE, None, "standard_incomplete"))
        else:
            yield standard


def _item(item: JSONObject, framework: str) -> Standard | None:
    statement = _text(item, "fullStatement") or _text(item, "abbreviatedStatement")
    identifier, uri = _text(item, "identifier"), _text(item, "uri")
    if not is_url(uri) or not uri.startswith(("https://", "http://")):
        uri = f"urn:uuid:{identifier}"
    if not statement or not is_url(uri) or len(uri) > MAX_STATEMENT:
        return None
    grades = item.get("educationLevel", item.get("educationalLevel"))
    listed = grades if isinstance(grades, list) else [grades]
    return Standard(uri, framework, _text(item, "humanCodingScheme")[:_MAX_CODE], statement[:MAX_STATEMENT],
                    _text(item, "CFItemType") or None, _text(item, "language") or None,
                    tuple(plain(each)[:_MAX_CODE] for each in listed if isinstance(each, str) and each))


def _text(node: JSONObject, name: str) -> str:
    value = node.get(name)
    return plain(value[:2 * MAX_STATEMENT]) if isinstance(value, str) else ""
