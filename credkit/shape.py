"""Reading members of untrusted JSON: the right type or a typed error that names the place."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, TypeVar

from credkit.errors import MalformedValueError

T = TypeVar("T")
_DATE_TIME = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(\.\d{1,12})?(Z|[+-]\d{2}:\d{2})", re.ASCII | re.IGNORECASE
)
_UTC_SECONDS = re.compile(r"\d{4}-\d{2}-\d{2}T(?:[01]\d|2[0-3]):\d{2}:\d{2}Z", re.ASCII)
"""How nearly every date is written."""
# White space by its characters: a set with \s in it is not compiled to a table.
_WHITE_SPACE = "\x00-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_URL = re.compile(rf"[A-Za-z][A-Za-z0-9+.-]*:[^<>\"{{}}|\\^`{_WHITE_SPACE}]+")
_MISSING = object()


def pointer(*parts: str | int) -> str:
    """JSON Pointer of the given reference tokens (RFC6901 #section-3)."""
    return "".join(["/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts])


def member(document: Any, name: str, kind: type[T], *, at: str = "") -> T:
    """The required member ``name`` of ``document``, which must be of ``kind`` (``bool`` is no ``int`` here).

    Raises:
        MalformedValueError: absent or of another type; ``pointer`` is ``at`` + the member's name.
    """
    value = optional_member(document, name, kind, at=at)
    if value is None:
        raise MalformedValueError(f"the member {name} is missing", pointer=at + pointer(name))
    return value


def optional_member(document: Any, name: str, kind: type[T], *, at: str = "") -> T | None:
    """Like ``member``, but ``None`` if the member is absent. A JSON null is not absent."""
    if not isinstance(document, dict):
        raise MalformedValueError("an object was expected", pointer=at)
    value = document.get(name, _MISSING)
    if value is _MISSING:
        return None
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise MalformedValueError(f"the member {name} has the wrong type", pointer=at + pointer(name))
    return value


def as_list(value: Any) -> list[Any]:
    """A JSON-LD set: an array as it is, a bare value as an array of one, absent (None) as an empty one."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def types_of(document: Any, *, at: str = "") -> tuple[str, ...]:
    """The ``type`` of an object: one or more strings.

    Raises:
        MalformedValueError: absent, empty, or holding anything but strings.
    """
    value = document.get("type") if isinstance(document, dict) else None
    names = as_list(value)
    if not names or not all(isinstance(name, str) and name for name in names):
        raise MalformedValueError("type must be one or more names", pointer=at + "/type")
    return tuple(names)


def id_of(value: Any) -> str | None:
    """The identifier of a node given as a bare IRI or as an object with ``id``; None if it has none."""
    if isinstance(value, str):
        return value
    identifier = value.get("id") if isinstance(value, dict) else None
    return identifier if isinstance(identifier, str) else None


def is_url(value: Any) -> bool:
    """Whether ``value`` is an absolute URL (or URN, or DID) with no white space."""
    return isinstance(value, str) and _URL.fullmatch(value) is not None


def parse_date_time(value: Any, *, at: str = "") -> datetime:
    """An xsd:dateTimeStamp as aware UTC; fractions beyond microseconds are cut; 24:00:00 and second 60 are refused.

    Raises:
        MalformedValueError: no string, no time zone, or no such moment.

    Spec: VC-DATA-MODEL-2.0 #validity-period
    """
    if not isinstance(value, str):
        raise MalformedValueError("a date must be a full date, time and time zone", pointer=at)
    try:
        if _UTC_SECONDS.fullmatch(value):
            return datetime.fromisoformat(value)
    except ValueError as error:
        raise MalformedValueError("a date names a moment that does not exist", pointer=at) from error
    match = _DATE_TIME.fullmatch(value)
    if match is None:
        raise MalformedValueError("a date must be a full date, time and time zone", pointer=at)
    year, month, day, hour, minute, second = (int(match[group]) for group in range(1, 7))
    microsecond = int(((match[7] or ".")[1:] + "000000")[:6])
    zone = UTC if match[8] in "Zz" else _offset(match[8], at)
    try:
        return datetime(year, month, day, hour, minute, second, microsecond, zone).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise MalformedValueError("a date names a moment that does not exist", pointer=at) from error


def _offset(text: str, at: str) -> timezone:
    hours, minutes = int(text[1:3]), int(text[4:6])
    if hours > 14 or minutes > 59:
        raise MalformedValueError("a date has an impossible time zone", pointer=at)
    delta = timedelta(hours=hours, minutes=minutes)
    return timezone(-delta if text[0] == "-" else delta)


ERA_END = 253_402_300_800
"""The first second after the year 9999, counted from 1970."""


def numeric_date(value: Any, *, before: int = 2**33) -> datetime | None:
    """A NumericDate as aware UTC; None for what is no number of seconds from 1970 up to ``before`` (the year 2242).

    Spec: RFC7519 #section-2
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < before:
        return None
    return datetime.fromtimestamp(value, UTC)


def format_date_time(moment: datetime) -> str:
    """A moment as an xsd:dateTimeStamp in whole seconds UTC, e.g. ``2026-11-26T02:14:20Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
