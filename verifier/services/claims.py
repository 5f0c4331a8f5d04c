"""What the claims of an SD-JWT say, in the order people read them; nothing is added, converted or judged.

A school's flat names have words of ours; whatever else a signer shows is called what the signer calls it.

Spec: draft-ietf-oauth-sd-jwt-vc-18; docs/decisions/0022
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from credkit.formats.sd_jwt_vc import NEVER_SELECTIVE
from credkit.ports import JSONObject
from credkit.shape import format_date_time
from verifier.services.records import MAX_LINES, Line, Record, flat, in_words, text

_FRAME: Final = NEVER_SELECTIVE | {"iat"}
_ELSEWHERE: Final = frozenset({"title", "student_name", "school", "language"})
_OF_COURSES: Final = frozenset({"grade", "state", "credits", "code"})
_LABELS: Final[Mapping[str, str]] = {
    "grade": "grade", "state": "state", "term": "term", "credits": "creditsEarned", "narrative": "narrative",
    "began_on": "activityStartDate", "ended_on": "activityEndDate", "description": "description", "code": "humanCode",
    "subject": "fieldOfStudy", "criteria": "criteria-narrative", "student_number": "student-number",
}


def describe_claims(claims: JSONObject) -> Record:
    """The record that the claims of an SD-JWT hold, as far as they are shown."""
    lines = [Line(label, text(claims[name])) for name, label in _LABELS.items() if text(claims.get(name))]
    return Record(
        kind="record" if _OF_COURSES.isdisjoint(claims) else "course",
        title=text(claims.get("title")) or in_words(text(claims.get("vct"))),
        signer=text(claims.get("iss")),
        calls_itself=text(claims.get("school")),
        student=text(claims.get("student_name")),
        signed_on=_moment(claims.get("nbf", claims.get("iat"))),
        valid_until=_moment(claims.get("exp")),
        language=text(claims.get("language")),
        lines=(*lines, *_others(claims, {*_FRAME, *_ELSEWHERE, *(each for each in _LABELS if text(claims.get(each)))}))[
            :MAX_LINES
        ],
    )


def person_of(claims: JSONObject) -> JSONObject:
    """Whom the claims are about, as ``check_same_person`` reads records: a name and the issuer's number."""
    found = (("name", text(claims.get("student_name"))), ("sourcedId", text(claims.get("student_number"))))
    return {
        "issuer": text(claims.get("iss")),
        "credentialSubject": {
            "identifier": [
                {"identityType": kind, "identityHash": value, "hashed": False} for kind, value in found if value
            ]
        },
    }


def _others(claims: JSONObject, known: set[str]) -> Iterator[Line]:
    for name, value in claims.items():
        if name not in known:
            yield from flat(name, value)


def _moment(value: Any) -> str:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return ""
    return format_date_time(datetime.fromtimestamp(int(value), UTC))
