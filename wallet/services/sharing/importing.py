"""Records from a file: a record, a transcript, a badge in a picture, another family's bundle, or a whole export.

Each is checked before it is kept. They came without the key they were issued to, so they can be shown and handed on,
but not presented.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from credkit.baking import OPEN_BADGES_2, is_carrier, unbake
from credkit.encoding import parse_json
from credkit.environment import Environment
from credkit.errors import CredkitError, ParsingError, TooComplexError, UnsupportedError
from credkit.formats.jwt_vc import peek_token
from credkit.ports import JSONObject
from credkit.profiles import clr_2, openbadges_2
from credkit.profiles.family import GRANT_TYPES
from credkit.proofs import is_base_proof
from credkit.shape import as_list, format_date_time
from credkit.verification import Policy, is_envelope, token_of
from wallet.services import activity, authority
from wallet.services.checking import Received, check_report, check_text, for_many, status_of, verify_kept
from wallet.services.record import sd_jwt
from wallet.services.record.items import CREDENTIAL
from wallet.services.record.reading import issuer_of, read_record, text
from wallet.services.sharing.exports import RECORDS_FOLDER
from wallet.vault import OpenVault

MOST_BYTES: Final = 32 * 1024 * 1024
MOST_RECORDS: Final = 1_000
_MOST_FILES: Final = 4_000
_MOST_RECORD_BYTES: Final = 4 * 1024 * 1024
_ZIP: Final = b"PK\x03\x04"
_TEXT: Final = re.compile(rb"ey[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+(~[A-Za-z0-9_.~-]*)?")


@dataclass(frozen=True)
class Refused:
    """A record that was not kept, and the sentence why."""

    title: str
    why: str


@dataclass(frozen=True)
class Imported:
    """What became of a file: item ids of what was kept, how many were here already, what was refused."""

    kept: tuple[str, ...]
    known: int
    refused: tuple[Refused, ...]


def read_file(data: bytes) -> tuple[JSONObject | str, ...]:
    """The records in a file: JSON of one record or of several, a signed text (JWS, SD-JWT), a picture that carries a
    badge, or the zip of an export.

    A family's own selection is taken apart: its records stand on their own. By what right somebody chose them is no
    record of the learner's.

    Raises:
        ParsingError: none of these, or nothing in it. TooComplexError: too large.
        UnsupportedError: a badge in a form that cannot be kept here (an address); ``OlderBadge``.
    """
    if len(data) > MOST_BYTES:
        raise TooComplexError("the file is too large")
    documents = list(_unzip(data) if data.startswith(_ZIP) else _records_in(_parse(data)))
    if not documents:
        raise ParsingError("there is no record in this file")
    if len(documents) > MOST_RECORDS:
        raise TooComplexError("there are too many records in this file")
    return tuple(documents)


class OlderBadge(UnsupportedError):
    """A badge of Open Badges 2.0: it can be checked, and is no record that could be kept with the others."""


def _parse(data: bytes) -> Any:
    found = _parse_any(data)
    if openbadges_2.is_mine(found):
        raise OlderBadge("this is an older badge (Open Badges 2.0), which cannot be kept here")
    return found


def _parse_any(data: bytes) -> Any:
    if not is_carrier(data):
        return _value_of(data, MOST_BYTES)
    badge = unbake(data)
    if badge is None:
        raise ParsingError("there is no badge in this picture")
    if badge.standard == OPEN_BADGES_2 and not badge.text.startswith("{"):
        raise OlderBadge("this is an older badge (Open Badges 2.0), which cannot be kept here")
    content = badge.text.encode()
    if _as_text(content) is None and not badge.text.startswith("{"):
        raise UnsupportedError("the badge in this picture has a form that cannot be kept here")
    return _value_of(content, MOST_BYTES)


def _value_of(data: bytes, max_bytes: int) -> Any:
    """The signed text that a file is, else the JSON in it."""
    return _as_text(data) or parse_json(data, max_bytes=max_bytes)


def _as_text(data: bytes) -> str | None:
    """The signed text that a file is, None if it is anything else."""
    found = _TEXT.fullmatch(data.strip()) if len(data) <= _MOST_RECORD_BYTES else None
    return None if found is None else found[0].decode("ascii")


def keep(vault: OpenVault, environment: Environment, documents: Sequence[JSONObject | str], *,
         file_name: str) -> Imported:
    """Check each record and keep those that hold; what is here already is left as it is.

    Raises:
        StateError: somebody who may not add records here.
    """
    authority.check(vault, "full", environment.clock.now())
    checking, memory = for_many(vault, environment)
    known = _known(vault)
    kept: list[str] = []
    refused, already = [], 0
    for document in documents:
        try:
            name = _name_of(document)
            if name in known:
                already += 1
                continue
            kept.append(_keep(vault, checking, document))
            known.add(name)
        except CredkitError as error:
            refused.append(Refused(_title_of(document), error.detail))
    if kept:
        memory.keep()
        activity.log(vault, environment.clock, "received", {
            "host": file_name, "count": len(kept), "total": len(documents)})
    return Imported(tuple(kept), already, tuple(refused))


def _known(vault: OpenVault) -> set[object]:
    """What the records here are told by (``_name_of``): lists show one of each number, so that nothing from a file may
    come under a number that is here already."""
    entries = vault.entries(CREDENTIAL)
    numbers = {entry.summary["credential_id"] for entry in entries}
    return numbers | {sd_jwt.text_of(vault.read(entry.id, CREDENTIAL).body) for entry in entries
                      if entry.summary["credential_id"] is None}


def _name_of(document: JSONObject | str) -> object:
    """The number of a record; a text that has none stands for itself."""
    if isinstance(document, dict):
        return document.get("id")
    return document if "~" in document else peek_token(document).document.get("id") or document


def _title_of(document: JSONObject | str) -> str:
    return "" if isinstance(document, str) else read_record(document).title or text(document.get("name"))


def _keep(vault: OpenVault, environment: Environment, document: JSONObject | str) -> str:
    received = check_text(document, environment) if isinstance(document, str) else _check(document, environment)
    now = format_date_time(environment.clock.now())
    host = issuer_of(received.credential).host
    return vault.add(CREDENTIAL, {
        **received.to_body(), "received_at": now, "received_from": f"file:{host or ''}", "checked_at": now,
        "issuance_id": None, "key_method": None})


def _check(document: JSONObject, environment: Environment) -> Received:
    if is_envelope(document):
        raise UnsupportedError("the record is in an envelope that cannot be opened here")
    if not isinstance(document.get("id"), str):
        raise UnsupportedError("the record has no number of its own")
    if is_base_proof(document.get("proof")):
        raise UnsupportedError("the record comes with a key that only its own backpack may have")
    report = verify_kept(document, environment, Policy())
    check_report(report)
    return Received(document, status_of(report))


def _records_in(value: Any) -> Iterator[JSONObject | str]:
    for document in as_list(value):
        if isinstance(document, str) and (signed := _as_text(document.encode("utf-8", "surrogatepass"))):
            yield signed
        if not isinstance(document, dict):
            continue
        if is_envelope(document):
            yield _opened(document)
        elif clr_2.is_selection(document):
            yield from (line for _at, line in clr_2.members_of(document) if not _is_grant(line))
        elif "VerifiablePresentation" in as_list(document.get("type")):
            inside = as_list(document.get("verifiableCredential"))
            yield from _records_in([each for each in inside if not _is_grant(each)])
        elif "credentialSubject" in document:
            yield document


def _opened(envelope: JSONObject) -> JSONObject | str:
    """The signed text in an envelope; the envelope itself where there is none that could be kept."""
    try:
        token = token_of(envelope)
    except CredkitError:
        return envelope
    signed = _as_text(token.encode()) if isinstance(token, str) else None
    return signed or envelope


def _is_grant(document: object) -> bool:
    """Whether this is no record but somebody's permission to act."""
    types = as_list(document.get("type")) if isinstance(document, dict) else []
    return any(name in GRANT_TYPES for name in types if isinstance(name, str))


def _unzip(data: bytes) -> Iterator[JSONObject | str]:
    """The files of ``records/`` in an export; nothing is written anywhere, so a name leads nowhere (zip slip)."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            wanted = [entry for entry in entries if entry.filename.startswith(RECORDS_FOLDER)
                      and entry.filename.endswith((".json", ".jwt", ".sd-jwt"))]
            if len(entries) > _MOST_FILES or sum(entry.file_size for entry in wanted) > MOST_BYTES:
                raise TooComplexError("there is too much in this file")
            for entry in wanted:
                with archive.open(entry) as handle:
                    content = handle.read(_MOST_RECORD_BYTES + 1)
                yield from _records_in(_value_of(content, _MOST_RECORD_BYTES))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError, zlib.error) as error:
        raise ParsingError("the file could not be opened") from error
