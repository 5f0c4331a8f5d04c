"""What every message reader shares: untrusted input in, our types or one ``ProtocolError`` out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

from credkit.encoding import parse_json_object
from credkit.errors import DidNotFoundError, ParsingError, ProblemError, ProtocolError, TooComplexError
from credkit.ports import JSONObject
from credkit.shape import member, numeric_date, optional_member, pointer

Message = bytes | str | JSONObject
"""A JSON message as it came (bytes or text), or already parsed by ``credkit.encoding.parse_json``."""

Form = bytes | str | Mapping[str, str]
"""A body or query of ``application/x-www-form-urlencoded``, or its parameters, each once."""

MAX_AGE_S = 300
"""How old a proof that was made for one request may be."""
CLOCK_SKEW_S = 60
MAX_FORM_FIELDS = 64
MAX_FORM_CHARACTERS = 4 * 1024 * 1024
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_URL = re.compile(r"https?://[!-~]+", re.ASCII | re.IGNORECASE)


@contextmanager
def reading(error: str, http_status: int = 400) -> Iterator[None]:
    """Turn every ``ProblemError`` of the block into a ``ProtocolError`` with the code ``error``.

    A DID document that could not be had says nothing about the message, so ``DidNotFoundError`` passes as it is.
    """
    try:
        yield
    except DidNotFoundError:
        raise
    except ProblemError as problem:
        raise ProtocolError(error, problem.detail, http_status) from problem


def json_object(message: Message) -> JSONObject:
    """The JSON object of ``message``; ``ParsingError`` or ``TooComplexError`` if it is none."""
    if isinstance(message, (bytes, str)):
        return parse_json_object(message)
    if not isinstance(message, dict):
        raise ParsingError("a JSON object was expected")
    return message


def form_parameters(form: Form, *, ignored: Collection[str] = ()) -> dict[str, str]:
    """The parameters of a form; empty values are the same as absent ones.

    Args:
        ignored: Parameters that are left out, however often they come.

    Raises:
        ParsingError: not a form in UTF-8, too many parameters, or one parameter twice (RFC6749 #section-3.2).
        TooComplexError: too long.
    """
    if isinstance(form, Mapping):
        if not all(isinstance(name, str) and isinstance(value, str) for name, value in form.items()):
            raise ParsingError("the form holds something other than text")
        return {name: value for name, value in form.items() if value}
    if len(form) > MAX_FORM_CHARACTERS:
        raise TooComplexError(f"the form is longer than {MAX_FORM_CHARACTERS} characters")
    try:
        text = form.decode("utf-8") if isinstance(form, bytes) else form
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MAX_FORM_FIELDS)
    except ValueError as error:
        raise ParsingError("the form could not be read") from error
    pairs = [(name, value) for name, value in pairs if name not in ignored]
    parameters = dict(pairs)
    if len(parameters) != len(pairs):
        raise ParsingError("the form holds one parameter twice")
    return {name: value for name, value in parameters.items() if value}


def request_time(value: Any) -> datetime:
    """A NumericDate in a signed request; ``ParsingError`` for what is none (RFC7519 #section-2)."""
    moment = numeric_date(value)
    if moment is None:
        raise ParsingError("the request holds a time that does not exist")
    return moment


def form_body(parameters: Mapping[str, str | None]) -> str:
    """The parameters that are not None as ``application/x-www-form-urlencoded`` text."""
    return urlencode({name: value for name, value in parameters.items() if value is not None})


def strings(document: JSONObject, name: str, *, at: str = "", required: bool = False) -> tuple[str, ...]:
    """The member ``name``, an array of non-empty strings; ``()`` if it is absent and not ``required``.

    Raises:
        ParsingError: no array, or an entry is no text; if ``required``, also absent or empty.
    """
    value = optional_member(document, name, list, at=at)
    if value is None and not required:
        return ()
    if not value or not all(isinstance(entry, str) and entry for entry in value):
        raise ParsingError(f"the member {name} must be a list of texts, and not empty", pointer=at + pointer(name))
    return tuple(value)


def objects(document: JSONObject, name: str, *, at: str = "") -> tuple[JSONObject, ...]:
    """The member ``name``, an array of objects; ``()`` if absent."""
    value = optional_member(document, name, list, at=at) or []
    if not all(isinstance(entry, dict) for entry in value):
        raise ParsingError(f"the member {name} must be a list of objects", pointer=at + pointer(name))
    return tuple(value)


def text(document: JSONObject, name: str, *, at: str = "") -> str:
    """The required member ``name``, a string that is not empty."""
    value = optional_text(document, name, at=at)
    if not value:
        raise ParsingError(f"the member {name} is missing", pointer=at + pointer(name))
    return value


def optional_text(document: JSONObject, name: str, *, at: str = "") -> str | None:
    """The member ``name``, a string; None if absent or empty."""
    return optional_member(document, name, str, at=at) or None


def plain_text(value: str | None, max_characters: int) -> str | None:
    """Text of the other side fit to be shown: one line, no control or direction characters, cut; None if empty."""
    if value is None:
        return None
    kept = "".join(" " if sign.isspace() else sign for sign in value[: 4 * max_characters]
                   if sign.isspace() or not unicodedata.category(sign).startswith("C"))
    return " ".join(kept.split())[:max_characters].rstrip() or None


def split_url(value: Any) -> SplitResult:
    """An https URL (or http to this machine's loopback, which the fetcher admits in development only), split.

    Raises:
        ParsingError: anything else, also with user name, fragment, white space or an impossible port.
    """
    if not isinstance(value, str) or not _URL.fullmatch(value):
        raise ParsingError("an https address was expected")
    try:
        parts = urlsplit(value)
        port, host = parts.port, parts.hostname
    except ValueError as error:
        raise ParsingError("an address is malformed") from error
    if not host or port == 0 or parts.username is not None or parts.password is not None or "#" in value:
        raise ParsingError("an address is malformed")
    if "\\" in value or (parts.scheme != "https" and host not in _LOOPBACK):
        raise ParsingError("an https address was expected")
    return parts


def origin_of(value: Any) -> str:
    """``scheme://host[:port]`` of an https URL, the default port left out, lower case.

    Raises:
        ParsingError: as ``split_url``.
    """
    parts = split_url(value)
    host = parts.hostname or ""
    shown = f"[{host}]" if ":" in host else host
    default = 443 if parts.scheme == "https" else 80
    return f"{parts.scheme}://{shown}" + ("" if parts.port in (None, default) else f":{parts.port}")


def issued_lately(payload: JSONObject, now: datetime, what: str) -> datetime:
    """The ``iat`` of a proof that was made for a request of now; ``ParsingError`` if it is absent, old or ahead.

    Args:
        what: What it stands in, for the sentence: ``the proof``.
    """
    issued = numeric_date(member(payload, "iat", object))
    if issued is None or not now - timedelta(seconds=MAX_AGE_S) <= issued <= now + timedelta(seconds=CLOCK_SKEW_S):
        raise ParsingError(f"{what} is too old or from the future")
    return issued


def not_expired(payload: JSONObject, now: datetime, what: str) -> datetime:
    """The ``exp`` of a token; ``ParsingError`` if it is absent or over. ``what``: as in ``issued_lately``."""
    expires = numeric_date(member(payload, "exp", object))
    if expires is None or expires <= now - timedelta(seconds=CLOCK_SKEW_S):
        raise ParsingError(f"{what} has expired")
    return expires
