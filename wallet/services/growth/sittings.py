"""One assessment record (one test, one subject, one day) as growth needs it; every text as signed, no judging."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, Literal

from credkit.ports import JSONObject
from credkit.shape import as_list, id_of
from wallet.services.checking import Status
from wallet.services.growth import scales
from wallet.services.growth.norms import Norm, build_norm
from wallet.services.growth.sources import Source
from wallet.services.record.reading import Issuer, first, issuer_of, moment, one, read_record, text

Problem = Literal["", "not-a-number", "out-of-range", "not-finished"]

SUBJECTS: Final[dict[str, tuple[str, ...]]] = {
    "math": ("math", "maths", "mathematics", "matemáticas", "matematicas", "algebra", "álgebra", "geometry",
             "geometría"),
    "reading": ("reading", "lectura", "critical reading"),
    "language-arts": ("ela", "english language arts", "english", "language arts", "language usage", "literacy",
                      "artes del lenguaje", "inglés"),
    "writing": ("writing", "escritura"),
    "science": ("science", "sciences", "life and physical sciences", "biology", "chemistry", "physics", "ciencias"),
    "social-studies": ("social studies", "social sciences and history", "history", "estudios sociales", "historia"),
}
"""Subject → words that name it in tags, in ``fieldOfStudy`` and in titles."""

_UNFINISHED: Final = frozenset({"InProgress", "Enrolled", "OnHold", "Withdrew"})
_LANGUAGES: Final = {"eng": "en", "english": "en", "inglés": "en", "spa": "es", "spanish": "es", "español": "es"}
_PURPOSES: Final = ("formative", "interim", "summative")
_GRADE_IN_NAME: Final = re.compile(
    r"\b(?:grades?|grados?)\s*(?:\d{1,2}|k)\b|\b\d{1,2}(?:st|nd|rd|th)\s+grade\b|\b(?:k|\d{1,2})\s*[-–]\s*\d{1,2}\b"
    r"|\b\d{1,2}\+|\b(?:19|20)\d\d\b|\b\d{1,2}\b", re.IGNORECASE)


@dataclass(frozen=True)
class Score:
    """A score on a scale.

    Attributes:
        kind: Its resultType.
        scale: What makes two scores comparable: equal texts, equal scale.
        text: As signed; ``error`` is the standard error of measurement (SEM) of this score, or None.
        value: The number, or None with ``problem`` saying why it cannot be computed with.
        vertical: Whether the scale runs over grades.
    """

    kind: str
    name: str
    scale: str
    vertical: bool
    text: str
    value: Decimal | None
    error: Decimal | None
    problem: Problem
    provisional: bool


@dataclass(frozen=True)
class Said:
    """Another result of the same test, shown as it was signed and never computed with."""

    kind: str
    name: str
    text: str


@dataclass(frozen=True)
class Sitting:
    """One test on one day.

    Attributes:
        subject: A key of ``SUBJECTS``, or ``other:`` with the subject as the signer calls it.
        family: The test's name without grade and year, with who owns it.
        tested_in: The language the test was given in, empty if not said.
        purpose: ``formative``, ``interim`` or ``summative``, empty if not said.
        dated: False where only the day of the signature is known.
        number: The student's number as the signer wrote it.
        unnamed_norms: Norm-referenced values left out because no group is named.
        bad_norms: Norm-referenced values left out because they are none.
    """

    item_id: str
    index: int | None
    issuer: Issuer
    title: str
    language: str | None
    subject: str
    family: str
    on: date
    dated: bool
    grade: str
    purpose: str
    tested_in: str
    accommodations: tuple[str, ...]
    number: str
    status: Status
    scores: tuple[Score, ...]
    norms: tuple[Norm, ...]
    unnamed_norms: int
    bad_norms: int
    said: tuple[Said, ...]


@dataclass(frozen=True)
class _Result:
    kind: str
    name: str
    text: str
    number: Decimal | None
    status: str
    description: JSONObject


def read_sitting(source: Source) -> Sitting | None:
    """The test in a record; None if it has no day at all."""
    document = source.document
    record = read_record(document)
    subject = first(document.get("credentialSubject"))
    achievement = first(subject.get("achievement"))
    done = record.ends_at or record.starts_at or moment(document.get("awardedDate"))
    day = done or record.valid_from
    if day is None:
        return None
    tags = tuple(sorted(tag.strip().casefold() for tag in record.tags))  # their order is not signed
    results = _results(subject, achievement, record.language)
    grade = _after(tags, "grade")
    norms, unnamed, bad = _norms(results, text(achievement.get("version")), tags)
    return Sitting(
        item_id=source.item_id, index=source.index, issuer=issuer_of(document), title=record.title,
        language=record.language, subject=subject_of(tags, text(achievement.get("fieldOfStudy")), record.title),
        family=_family(achievement, record.title), on=day.date(), dated=done is not None,
        grade=grade, purpose=next((purpose for purpose in _PURPOSES if purpose in tags), ""),
        tested_in=_LANGUAGES.get(_after(tags, "language"), _after(tags, "language")),
        accommodations=tuple(tag.partition(":")[2] for tag in tags if tag.startswith(("accommodation", "adaptación"))),
        number=record.person_number, status=source.status,
        scores=_scores(results, tags, achievement, grade, record.title), norms=norms, unnamed_norms=unnamed,
        bad_norms=bad, said=tuple(Said(each.kind, each.name, each.text) for each in results if _is_said(each.kind)))


def subject_of(tags: tuple[str, ...], field: str, title: str) -> str:
    """The subject by tag, else by field of study, else by the one subject the title names."""
    for words in (tags, (field.strip().casefold(),)):
        for word in words:
            found = next((key for key, names in SUBJECTS.items() if word.removeprefix("subject:") in names), None)
            if found:
                return found
    for said in (field, title):
        named = {key for key, names in SUBJECTS.items() for name in names
                 if re.search(rf"\b{re.escape(name)}\b", said.casefold())}
        if len(named) == 1:
            return named.pop()
    return "other:" + " ".join((field or title).split())[:80]


def _after(tags: tuple[str, ...], name: str) -> str:
    return next((tag.partition(":")[2].strip() for tag in tags if tag.startswith(name + ":")), "")


def _results(subject: JSONObject, achievement: JSONObject, language: str | None) -> list[_Result]:
    described = {id_of(each): each for each in as_list(achievement.get("resultDescription")) if isinstance(each, dict)}
    found = []
    for result in as_list(subject.get("result")):
        if not isinstance(result, dict):
            continue
        description = described.get(id_of(one(result.get("resultDescription"))), {})
        kind = text(description.get("resultType"))
        value = text(result.get("value")).strip() or level_of(result, description)
        if kind and value:
            found.append(_Result(kind, text(description.get("name")), value, scales.read_number(value, kind),
                                 text(result.get("status")), description))
    return sorted(found, key=lambda each: (each.name, each.text))  # their order is not signed


def level_of(result: JSONObject, description: JSONObject) -> str:
    """The name of the level a result reached on the description's rubric; empty if there is none."""
    reached = id_of(one(result.get("achievedLevel")))
    levels = (first(level) for level in as_list(description.get("rubricCriterionLevel")))
    return next((text(level.get("name")) or text(level.get("level")) for level in levels
                 if reached is not None and id_of(level) == reached), "")


def _is_said(kind: str) -> bool:
    return (kind in scales.AS_ISSUED or kind in scales.LEVELS or kind in (scales.GRADE_EQUIVALENT, scales.PREDICTED))


def _norms(results: list[_Result], version: str, tags: tuple[str, ...]) -> tuple[tuple[Norm, ...], int, int]:
    """The finest norm-referenced value for each named group; how many had no group; how many were no such value."""
    kept: dict[str, Norm] = {}
    unnamed = bad = 0
    for kind in scales.NORMS:
        for result in (each for each in results if each.kind == kind):
            norm = build_norm(kind, result.text, result.number, result.name, version, tags) \
                if result.number is not None and scales.is_inside(result.number, result.description) else None
            if norm is None:
                bad += 1
            elif not norm.people:
                unnamed += 1
            else:
                kept.setdefault(norm.people, norm)
    return tuple(kept.values()), unnamed, bad


def _scores(results: list[_Result], tags: tuple[str, ...], achievement: JSONObject, grade: str,
            title: str) -> tuple[Score, ...]:
    scored = sorted((each for each in results if each.kind in scales.VERTICAL or each.kind in scales.PLAIN),
                    key=lambda each: scales.rank_of(each.kind))
    kinds = tuple(dict.fromkeys(each.kind for each in scored))
    errors: dict[str, Decimal | None] = {}
    for error in (each for each in results if each.kind == scales.ERROR):
        owner = scales.error_belongs_to(error.name, kinds)
        if owner is not None:
            given = error.number if error.number is not None and error.number > 0 else None
            errors[owner] = given if owner not in errors else None  # two errors of one score: neither can be told
    several = {kind for kind in kinds if sum(each.kind == kind for each in scored) > 1}
    found = []
    for result in scored:
        error_of_it = None if result.kind in several else errors.get(result.kind)
        vertical = scales.is_vertical(result.kind, result.name, tags)
        scale = [result.kind, result.name.casefold() if result.kind in several else ""]
        if vertical and result.kind not in scales.VERTICAL:
            scale.append(_family(achievement, title))
        elif not vertical:
            bounds = "..".join(text(result.description.get(name)) for name in ("valueMin", "valueMax"))
            form = id_of(achievement) if result.kind in scales.FORM else None
            scale += [form or f"{_owner(achievement)} {title.casefold()}", bounds, grade]
        problem = _problem(result)
        found.append(Score(
            result.kind, result.name, "\n".join(scale), vertical, result.text, None if problem else result.number,
            error_of_it, problem, result.status == "Provisional"))
    return tuple(found)


def _problem(result: _Result) -> Problem:
    if result.status in _UNFINISHED:
        return "not-finished"
    if result.number is None:
        return "not-a-number"
    return "" if scales.is_inside(result.number, result.description) else "out-of-range"


def _family(achievement: JSONObject, title: str) -> str:
    """Who owns the test and what it is called in every grade."""
    name = " ".join(_GRADE_IN_NAME.sub(" ", unicodedata.normalize("NFC", title).casefold()).split())
    return f"{_owner(achievement)} {name}"


def _owner(achievement: JSONObject) -> str:
    """Whose test it is: its creator's, else that of the host of its id."""
    return id_of(one(achievement.get("creator"))) or "/".join((id_of(achievement) or "").split("/")[:3])
