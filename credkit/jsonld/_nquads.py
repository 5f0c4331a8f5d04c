"""RDF terms as canonical N-Quads text, and a strict reader for test inputs.

Spec: RDF-CANON #canonical-quads; N-QUADS #n-quads-grammar
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from credkit.errors import ParsingError

Quad = tuple[str, str, str, str]
"""Subject, predicate, object, graph as N-Quads terms: ``<iri>``, ``_:label``, ``"text"…``; default graph is ``""``."""

XSD = "http://www.w3.org/2001/XMLSchema#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDF_TYPE = f"<{RDF}type>"
RDF_FIRST = f"<{RDF}first>"
RDF_REST = f"<{RDF}rest>"
RDF_NIL = f"<{RDF}nil>"

_SPECIAL = re.compile('[\x00-\x1f"\\\\\x7f]')
_ESCAPES = {code: f"\\u{code:04X}" for code in (*range(0x20), 0x7F)} | {
    0x08: "\\b", 0x09: "\\t", 0x0A: "\\n", 0x0C: "\\f", 0x0D: "\\r", 0x22: '\\"', 0x5C: "\\\\",
}
_UNESCAPES = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f", '"': '"', "'": "'", "\\": "\\"}
_ESCAPED = re.compile(r"""\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|([tbnrf"'\\]))""")
_IRI = r"<(?:[^\x00-\x20<>\"{}|^`\\]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*>"
_BLANK = r"_:[\w:][\w:.\-·]*(?<!\.)"
_STRING = r"""\"(?:[^\x22\x5c\x0a\x0d]|\\[tbnrf"'\\]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*\""""
_LINE = re.compile(
    rf"[ \t]*({_IRI}|{_BLANK})[ \t]*({_IRI})[ \t]*"
    rf"(?:({_IRI}|{_BLANK})|({_STRING})(?:\^\^({_IRI})|(@[a-zA-Z]+(?:-[a-zA-Z0-9]+)*))?)"
    rf"[ \t]*({_IRI}|{_BLANK})?[ \t]*\.[ \t]*(?:#.*)?"
)


def escape(text: str) -> str:
    """``text`` as it stands between the quotes of a canonical literal."""
    return text.translate(_ESCAPES) if _SPECIAL.search(text) else text


def literal(text: str, datatype: str | None = None, language: str | None = None) -> str:
    """A literal term; ``datatype`` is an IRI without brackets; plain text if neither it nor ``language`` is given."""
    if language is not None:
        return f'"{escape(text)}"@{language}'
    if datatype is None or datatype == XSD + "string":
        return f'"{escape(text)}"'
    return f'"{escape(text)}"^^<{datatype}>'


def nquads_lines(quads: Iterable[Quad], labels: Mapping[str, str]) -> list[str]:
    """One N-Quads line a quad, blank nodes renamed by ``labels``, in the given order."""
    name = labels.get
    return [f"{name(s, s)} {p} {name(o, o)} {name(g, g)} .\n" if g else f"{name(s, s)} {p} {name(o, o)} .\n"
            for s, p, o, g in quads]


def parse_nquads(text: str) -> tuple[Quad, ...]:
    """The distinct quads of an N-Quads document, in order, each term in canonical form.

    Raises:
        ParsingError: a line is not a quad, a comment or empty.

    Spec: N-QUADS #n-quads-grammar
    """
    quads: dict[Quad, None] = {}
    for line in re.split(r"[\r\n]+", text):
        stripped = line.strip(" \t")
        if stripped and not stripped.startswith("#"):
            quads[_parse_line(stripped)] = None
    return tuple(quads)


def _parse_line(line: str) -> Quad:
    match = _LINE.fullmatch(line)
    if match is None:
        raise ParsingError("a line is not an N-Quads statement")
    subject, predicate, resource, string, datatype, language, graph = match.groups()
    if resource is None:
        resource = literal(_unescape(string[1:-1]), _unescape(datatype[1:-1]) if datatype else None,
                           language[1:] if language else None)
    else:
        resource = _unescape(resource)
    return _unescape(subject), _unescape(predicate), resource, _unescape(graph or "")


def _unescape(text: str) -> str:
    if "\\" not in text:
        return text
    try:
        return _ESCAPED.sub(_unescaped_character, text)
    except (ValueError, OverflowError) as error:
        raise ParsingError("an escape names no character") from error


def _unescaped_character(match: re.Match[str]) -> str:
    short, long, letter = match.groups()
    return _UNESCAPES[letter] if letter else chr(int(short or long, 16))
