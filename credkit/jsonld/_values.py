"""JSON values → N-Quads literals and IRIs, so that no two values the reader could tell apart give the same term.

An encoder belongs to one term of one context; ``JSON type per datatype`` (design.md) is decided here, once per term.

Spec: JSON-LD11-API #object-to-rdf-conversion, #data-round-tripping
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import rfc8785

from credkit.errors import DataLossError, MalformedValueError
from credkit.jsonld._context import DIRECTIONS, IRI, LANGUAGE
from credkit.jsonld._nquads import RDF, XSD, escape, literal

StringEncoder = Callable[[str], str]
NativeEncoder = Callable[[Any], str]

_I18N = "https://www.w3.org/ns/i18n#"
_WHOLE_NUMBERS = (
    "integer", "nonNegativeInteger", "positiveInteger", "nonPositiveInteger", "negativeInteger", "long", "int", "short",
    "byte", "unsignedLong", "unsignedInt", "unsignedShort", "unsignedByte",
)
_NUMBERS = ("decimal", "float", "double", *_WHOLE_NUMBERS)
_VALUE_MEMBERS = frozenset({"@value", "@language", "@direction"})
_TOO_LARGE = 10**21
_EXPONENT = re.compile(r"(\d)0*E\+?(-)?0*(\d)")
_SURROGATE = re.compile("[\ud800-\udfff]")


# 1EdTech's contexts write https: for http:, and xsd:boolean without defining xsd: the IRI is then <xsd:boolean>.
_XSD_PREFIXES = (XSD, XSD.replace("http:", "https:"), "xsd:")


def _names(local_names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(prefix + name for prefix in _XSD_PREFIXES for name in local_names)


_BOOLEAN_TYPES = _names(("boolean",))
_WHOLE_NUMBER_TYPES = _names(_WHOLE_NUMBERS)
_NUMBER_TYPES = _names(_NUMBERS)


def string_encoder(datatype: str | None, language: str | None, direction: str | None) -> StringEncoder:
    """How a term writes a string; ``datatype`` is its coercion, an IRI, or None for plain text."""
    if datatype in _BOOLEAN_TYPES or datatype in _NUMBER_TYPES:
        return _refuse_text
    if datatype is not None:
        suffix = '"' if datatype == XSD + "string" else f'"^^<{datatype}>'
    elif direction is not None:
        suffix = f'"^^<{_I18N}{language or ""}_{direction}>'
    else:
        suffix = '"' if language is None else f'"@{language}'

    def encode(value: str) -> str:
        if '"' in value or "\\" in value or not value.isprintable():
            value = _escape(value)
        return f'"{value}{suffix}'

    return encode


def native_encoder(datatype: str | None) -> NativeEncoder:
    """How a term writes ``true``, ``false`` and numbers."""
    if datatype is None:
        return lambda value: _boolean(value, XSD + "boolean") if isinstance(value, bool) else _number(value, None)
    if datatype in _BOOLEAN_TYPES:
        return lambda value: _boolean(value, datatype)
    if datatype in _NUMBER_TYPES:
        return lambda value: _number(value, datatype)
    return refuse_native


def is_xsd_type(datatype: str | None) -> bool:
    """Whether a coercion is one of XML Schema's datatypes, whose values are never objects."""
    return datatype is not None and datatype.startswith(_XSD_PREFIXES)


def refuse_native(value: Any) -> str:
    """For terms that hold text or identifiers.

    Raises:
        DataLossError: always.
    """
    raise DataLossError("a number or a truth value stands where text must stand")


def iri_encoder(prefixes: frozenset[str]) -> StringEncoder:
    """Absolute IRIs that no prefix of the context would turn into another one."""

    def encode(value: str) -> str:
        if not IRI.fullmatch(value):
            raise DataLossError("an identifier is not an absolute address")
        if prefixes:
            scheme, _, rest = value.partition(":")
            if scheme in prefixes and not rest.startswith("//"):
                raise DataLossError("an identifier is written in a shortened form")
        return f"<{value}>"

    return encode


def json_literal(value: Any) -> str:
    """Any JSON value as an rdf:JSON literal (JSON-LD11-API #the-rdf-json-datatype; RFC8785).

    Raises:
        DataLossError: a number that other readers would round, or text that is not Unicode.
    """
    try:
        text = rfc8785.dumps(value).decode("utf-8")
    except (rfc8785.CanonicalizationError, UnicodeError, RecursionError) as error:
        raise DataLossError("a value cannot be written in one way only") from error
    return literal(text, RDF + "JSON")


def value_object(value: dict[str, Any]) -> str:
    """``{"@value": text, "@language"?: tag, "@direction"?: "ltr"|"rtl"}`` → literal; direction as i18n-datatype.

    Raises:
        DataLossError: any other member, or text that is not a string.
        MalformedValueError: not a language tag, not a direction.

    Spec: JSON-LD11 #string-internationalization; JSON-LD11 #the-i18n-namespace
    """
    text, language, direction = value.get("@value"), value.get("@language"), value.get("@direction")
    if not value.keys() <= _VALUE_MEMBERS or not isinstance(text, str):
        raise DataLossError("a text is written in a form that its signature does not fix")
    if "@language" in value and not (isinstance(language, str) and LANGUAGE.fullmatch(language)):
        raise MalformedValueError("a language is not a language tag", pointer="/@language")
    if "@direction" in value and direction not in DIRECTIONS:
        raise MalformedValueError("a text direction is neither ltr nor rtl", pointer="/@direction")
    return string_encoder(None, language.lower() if isinstance(language, str) else None, direction)(text)


def _escape(value: str) -> str:
    if _SURROGATE.search(value):
        raise MalformedValueError("a text holds half of a surrogate pair")
    return escape(value)


def _refuse_text(value: str) -> str:
    raise DataLossError("text stands where a number or a truth value must stand")


def _boolean(value: Any, datatype: str) -> str:
    if not isinstance(value, bool):
        raise DataLossError("a number stands where a truth value must stand")
    return f'"{"true" if value else "false"}"^^<{datatype}>'


def _number(value: Any, datatype: str | None) -> str:
    if isinstance(value, bool):
        raise DataLossError("a truth value stands where a number must stand")
    try:
        lexical, whole = _lexical(value, as_double=datatype == XSD + "double")
        same = float(lexical) == value and math.isfinite(value) and str(value) != "-0.0"
    except (OverflowError, ValueError) as error:
        raise DataLossError("a number is too large to be kept") from error
    if not same:
        raise DataLossError("a number has more digits than can be kept")
    if not whole and datatype in _WHOLE_NUMBER_TYPES:
        raise DataLossError("a number with a fraction stands where a whole number must stand")
    return f'"{lexical}"^^<{datatype or XSD + ("integer" if whole else "double")}>'


def _lexical(value: int | float, *, as_double: bool) -> tuple[str, bool]:
    """Lexical form, and whether it is a whole number's. A whole number of 10^21 or more is written as a double."""
    if not as_double and abs(value) < _TOO_LARGE and int(value) == value:
        return str(int(value)), True
    return _EXPONENT.sub(r"\1E\2\3", f"{value:1.15E}"), False
