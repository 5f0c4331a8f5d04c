"""Reading records as people do: what, by whom, when, result, criteria, evidence, skills. No judging, no errors."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from urllib.parse import unquote, urlsplit

from credkit.errors import MalformedValueError
from credkit.ports import JSONObject
from credkit.profiles import clr_2, is_older, openbadges_3
from credkit.shape import as_list, id_of, parse_date_time

Kind = Literal["transcript", "course", "assessment", "badge", "other"]
_KINDS: Final[dict[str, Kind]] = {"Course": "course", "Assessment": "assessment"}
_YEAR: Final = re.compile(r"(?:19|20)\d\d(?:\s*[-–/]\s*(?:(?:19|20)?\d\d))?(?!\d)")
_SCHOOL_YEAR_BEGINS: Final = 7
_PICTURES: Final = tuple(f"data:image/{kind};base64," for kind in ("png", "jpeg", "gif", "webp"))


@dataclass(frozen=True)
class Issuer:
    """Who signed: the identifier the proof is bound to, and what they call themselves (a claim, no more)."""

    id: str
    name: str
    host: str | None


@dataclass(frozen=True)
class ResultLine:
    """One result: what was measured, what came out, and the status the issuer gave it (empty if none)."""

    name: str
    value: str
    status: str
    result_type: str = ""


@dataclass(frozen=True)
class Evidence:
    """Something that shows the work; ``url`` is never fetched."""

    name: str
    narrative: str
    url: str | None


@dataclass(frozen=True)
class Skill:
    """An entry of a framework the achievement is aligned with."""

    name: str
    code: str
    framework: str
    url: str | None


@dataclass(frozen=True)
class Record:
    """One badge, course or assessment, every text exactly as it was signed; empty where nothing was said.

    Attributes:
        credential_id: The issuer's identifier of the record; one record may lie here alone and in a transcript.
        image: A ``data:`` URI as signed, to be re-encoded before it is shown, or None. Remote images are left out.
        starts_at, ends_at: When the work was done. ``valid_from``, ``valid_until``: when the record counts.
        older: Whether it is an older badge, written by earlier rules.
        person: The name the record itself gives its learner, with the school's number beside it.
    """

    kind: Kind
    credential_id: str | None
    title: str
    issuer: Issuer
    description: str
    criteria: str
    criteria_url: str | None
    narrative: str
    person: str
    person_number: str
    achievement_type: str
    code: str
    credits_earned: str
    credits_available: str
    term: str
    language: str | None
    image: str | None
    results: tuple[ResultLine, ...]
    evidence: tuple[Evidence, ...]
    skills: tuple[Skill, ...]
    tags: tuple[str, ...]
    starts_at: datetime | None
    ends_at: datetime | None
    valid_from: datetime | None
    valid_until: datetime | None
    older: bool = False

    @property
    def grade(self) -> str:
        """The result people look for: the first with a value."""
        return next((result.value for result in self.results if result.value), "")

    @property
    def school_year(self) -> str:
        """The year it belongs to: as the term names it, else from the dates (a school year begins in July)."""
        named = _YEAR.search(self.term)
        if named:
            return named[0]
        moment = self.ends_at or self.starts_at
        if moment is None:
            return ""
        first_year = moment.year if moment.month >= _SCHOOL_YEAR_BEGINS else moment.year - 1
        return f"{first_year}–{first_year + 1}"


def words_of(name: str) -> str:
    """The name of a type as words: the last part of an address, parted where capitals or marks part it."""
    last = re.split(r"[/:#]", name.rstrip("/#"))[-1]
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", re.sub(r"[_.+-]+", " ", last)).split()
    return " ".join(parted) or name


def kind_in_words(document: JSONObject) -> str:
    """What a record calls its kind, for one that has no name: the last of its types."""
    names = [name for name in as_list(document.get("type")) if isinstance(name, str) and name != "VerifiableCredential"]
    return words_of(names[-1]) if names else ""


def one(value: Any) -> Any:
    """A value, or the first of several."""
    return value[0] if isinstance(value, list) and value else value


def first(value: Any) -> JSONObject:
    """An object, or the first of several; an empty one if there is none."""
    value = one(value)
    return value if isinstance(value, dict) else {}


def text(value: Any) -> str:
    """The words of a string, a value object or a number; empty for anything else."""
    value = one(value)
    if isinstance(value, dict):
        value = value.get("@value")
    if isinstance(value, bool):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, (str, int, float)) else ""


def moment(value: Any) -> datetime | None:
    """A date with time, or None if it is absent or none."""
    try:
        return parse_date_time(one(value))
    except MalformedValueError:
        return None


def kind_of(document: JSONObject) -> Kind:
    """What people would call it."""
    if clr_2.is_mine(document):
        return "transcript"
    if not openbadges_3.is_mine(document):
        return "other"
    return _KINDS.get(openbadges_3.peek_view(document).achievement_type, "badge")


def host_of(identifier: str | None) -> str | None:
    """The host a did:web or https identifier stands on (with port), None for identifiers without one."""
    if identifier is None:
        return None
    if identifier.startswith("did:web:"):
        return unquote(identifier.split(":")[2]) or None
    if identifier.startswith("https://"):
        return urlsplit(identifier).netloc or None
    return None


def netloc_of(address: str) -> str | None:
    """Host and port of an http or https address, None for anything else."""
    try:
        return urlsplit(address).netloc or None
    except ValueError:
        return None


def issuer_of(document: JSONObject) -> Issuer:
    """Who the document says signed it."""
    issuer = one(document.get("issuer"))
    identifier = id_of(issuer) or ""
    return Issuer(identifier, text(first(issuer).get("name")), host_of(identifier))


def read_record(document: JSONObject) -> Record:
    """A badge, course or assessment, grouped as people read it."""
    subject = first(document.get("credentialSubject"))
    achievement = first(subject.get("achievement"))
    criteria = one(achievement.get("criteria"))
    view = openbadges_3.peek_view(document)
    identifier = document.get("id")
    return Record(
        kind=kind_of(document), credential_id=identifier if isinstance(identifier, str) else None,
        title=view.achievement_name or view.name or kind_in_words(document), issuer=issuer_of(document),
        description=text(achievement.get("description")) or text(document.get("description")),
        criteria=text(first(criteria).get("narrative")), criteria_url=id_of(criteria),
        narrative=text(subject.get("narrative")), person=view.identities.get("name", ""),
        person_number=view.identities.get("sourcedId", ""),
        achievement_type=view.achievement_type, code=text(achievement.get("humanCode")),
        credits_earned=text(subject.get("creditsEarned")), credits_available=text(achievement.get("creditsAvailable")),
        term=text(subject.get("term")), language=text(achievement.get("inLanguage")) or None, image=image_of(document),
        results=_results(subject, achievement), evidence=_evidence(document), skills=_skills(achievement),
        tags=tuple(filter(None, map(text, as_list(achievement.get("tag"))))),
        starts_at=moment(subject.get("activityStartDate")), ends_at=moment(subject.get("activityEndDate")),
        valid_from=moment(document.get("validFrom")) or moment(document.get("issuanceDate")),
        valid_until=moment(document.get("validUntil")) or moment(document.get("expirationDate")),
        older=is_older(document),
    )


def image_of(document: JSONObject) -> str | None:
    """The picture that came inside the document (``data:``), of the achievement or of the record itself."""
    subject = first(document.get("credentialSubject"))
    for image in (first(subject.get("achievement")).get("image"), document.get("image"), subject.get("image")):
        address = id_of(one(image))
        if address is not None and address.startswith(_PICTURES):
            return address
    return None


def _results(subject: JSONObject, achievement: JSONObject) -> tuple[ResultLine, ...]:
    described = {id_of(each): each for each in as_list(achievement.get("resultDescription")) if isinstance(each, dict)}
    lines = []
    for result in as_list(subject.get("result")):
        if not isinstance(result, dict):
            continue
        description = described.get(id_of(one(result.get("resultDescription"))), {})
        value = text(result.get("value")) or _level(result, description)
        lines.append(ResultLine(text(description.get("name")), value, text(result.get("status")),
                                text(description.get("resultType"))))
    return tuple(lines)


def _level(result: JSONObject, description: JSONObject) -> str:
    reached = id_of(one(result.get("achievedLevel")))
    for level in as_list(description.get("rubricCriterionLevel")):
        if reached is not None and id_of(level) == reached:
            return text(first(level).get("name"))
    return ""


def _evidence(document: JSONObject) -> tuple[Evidence, ...]:
    found = (each for each in as_list(document.get("evidence")) if isinstance(each, dict))
    return tuple(Evidence(text(each.get("name")), text(each.get("narrative")) or text(each.get("description")),
                          id_of(each)) for each in found)


def _skills(achievement: JSONObject) -> tuple[Skill, ...]:
    return tuple(Skill(text(each.get("targetName")), text(each.get("targetCode")), text(each.get("targetFramework")),
                       text(each.get("targetUrl")) or None)
                 for each in as_list(achievement.get("alignment")) if isinstance(each, dict))
