"""Records in the form ``dc+sd-jwt``: kept as the text they came in, read as people read any other record.

Beside the text lies a reading of its claims in the shape of a badge, without a proof: pages and lists read that, and it
never leaves.

Spec: draft-ietf-oauth-sd-jwt-vc-18; docs/decisions/0022
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, Final

from credkit.formats import jwt_vc
from credkit.formats.sd_jwt_vc import NAME, NEVER_SELECTIVE, choose, parse_sd_jwt, peek_sd_jwt_vc
from credkit.jose import peek_header
from credkit.ports import JSONObject
from credkit.shape import format_date_time
from wallet.services.record.values import Place, Value

FORM: Final = NAME
JWT_FORM: Final = jwt_vc.NAME
SD_JWT_MEMBER: Final = "sd_jwt"
JWT_MEMBER: Final = "jwt"
"""Members of a kept record's body that hold a text exactly as it came."""
_FRAME: Final = NEVER_SELECTIVE | {"iat"}
_MOMENTS: Final = ("iat", "nbf", "exp")
_TEXTS: Final = ("title", "grade", "state", "term", "code", "subject", "description", "criteria", "narrative",
                 "began_on", "ended_on", "student_name", "student_number", "school", "language")
_READ: Final = _FRAME | {*_TEXTS, "credits"}
_OF_COURSES: Final = frozenset({"grade", "state", "credits", "code"})
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def secured_of(body: JSONObject) -> JSONObject | str:
    """What was signed, out of the body of a kept record: its text in such a form, else its document."""
    return text_of(body) or dict(body["credential"])


def text_of(body: JSONObject) -> str | None:
    """The text as which a record came, None if it came as a document."""
    return body.get(SD_JWT_MEMBER) or body.get(JWT_MEMBER)


def form_of(body: JSONObject) -> str | None:
    """``dc+sd-jwt``, ``jwt_vc_json`` or ``vc+jwt`` of a record that came as text, else None."""
    if body.get(SD_JWT_MEMBER):
        return FORM
    token = body.get(JWT_MEMBER)
    if not token:
        return None
    return jwt_vc.VC_TYP if peek_header(token).get("typ") == jwt_vc.VC_TYP else JWT_FORM


def claims_of(text: str) -> JSONObject:
    """All claims of a kept record; it was verified when it came."""
    return peek_sd_jwt_vc(parse_sd_jwt(text))


def select(text: str, places: Iterable[Place]) -> str:
    """The record with what stands at ``places`` and what can never be kept back, not yet bound to a request."""
    return str(choose(parse_sd_jwt(text), places))


def reading_of(claims: JSONObject, title: str) -> JSONObject:
    """The claims in the shape of a badge or course, for pages and lists.

    Args:
        title: What to call it where the claims do not.
    """
    said = {name: claims[name] for name in _TEXTS if isinstance(claims.get(name), str) and claims[name]}
    is_course = not _OF_COURSES.isdisjoint(claims)
    achievement = _present(
        achievementType="Course" if is_course else None, name=said.get("title") or title,
        description=said.get("description"), humanCode=said.get("code"), fieldOfStudy=said.get("subject"),
        inLanguage=said.get("language"), criteria=_present(narrative=said.get("criteria")))
    line = _present(value=said.get("grade"), status=said.get("state"))
    identities = (("name", said.get("student_name")), ("sourcedId", said.get("student_number")))
    subject = _present(
        achievement=achievement, term=said.get("term"), creditsEarned=_number(claims.get("credits")),
        result=[line] if line else None,
        narrative=said.get("narrative"), activityStartDate=_day(said.get("began_on")),
        activityEndDate=_day(said.get("ended_on")),
        identifier=[{"identityType": kind, "identityHash": value, "hashed": False} for kind, value in identities
                    if value])
    issuer = claims.get("iss")
    return _present(
        type=["VerifiableCredential", *(["OpenBadgeCredential"] if is_course or "criteria" in said else [])],
        name=said.get("title") or title,
        issuer=_present(id=issuer if isinstance(issuer, str) else None, name=said.get("school")),
        validFrom=_moment(claims, "nbf") or _moment(claims, "iat"), validUntil=_moment(claims, "exp"),
        credentialSubject=subject)


def unread_values(claims: JSONObject) -> tuple[Value, ...]:
    """The claims that ``reading_of`` has no place for."""
    return tuple(value for value in values_in(claims) if value.place[0] not in _READ)


def is_frame(value: Value) -> bool:
    """Whether it goes along with any part of the record: who signed, when, its kind, key and number on the list."""
    return value.place[0] in _FRAME


def values_in(claims: JSONObject) -> Iterator[Value]:
    """Every value of the claims, whatever it is called: kinds are ``claim.`` and the names on the way."""
    for place, value in _leaves(claims, ()):
        kind = ".".join(("claim", *(part for part in place if isinstance(part, str))))
        moment = _moment(claims, str(place[0])) if len(place) == 1 and place[0] in _MOMENTS else None
        yield Value(place, kind, moment or (value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)))


def kept_back(whole: JSONObject, sent: JSONObject) -> tuple[str, ...]:
    """Kinds of the values of ``whole`` that are not in ``sent``."""
    leaving = Counter((value.kind, value.shown) for value in values_in(sent))
    found = []
    for value in values_in(whole):
        if leaving[value.kind, value.shown]:
            leaving[value.kind, value.shown] -= 1
        else:
            found.append(value.kind)
    return tuple(dict.fromkeys(found))


def _leaves(node: Any, place: Place) -> Iterator[tuple[Place, Any]]:
    inside: Iterable[tuple[str | int, Any]] = ()
    if isinstance(node, dict):
        inside = node.items()
    elif isinstance(node, list):
        inside = enumerate(node)
    if not isinstance(node, (dict, list)) or not node:
        yield place, node
    for step, item in inside:
        yield from _leaves(item, (*place, step))


def _moment(claims: JSONObject, name: str) -> str | None:
    value = claims.get(name)
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return None
    return format_date_time(datetime.fromtimestamp(int(value), UTC))


def _day(text: str | None) -> str | None:
    return f"{text}T00:00:00Z" if text is not None and _DAY.fullmatch(text) else None


def _number(value: Any) -> Any:
    return value if isinstance(value, (int, float, str)) and not isinstance(value, bool) else None


def _present(**members: Any) -> JSONObject:
    return {name: value for name, value in members.items() if value not in (None, "", {}, [])}
