"""What signed records say about single standards: which one, at what level, whether it was reached."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from credkit.ports import JSONObject
from credkit.shape import as_list, id_of
from wallet.services.checking import Status
from wallet.services.growth import scales
from wallet.services.growth.sittings import level_of
from wallet.services.growth.sources import Source
from wallet.services.record.case import key_of, standards_in
from wallet.services.record.reading import Issuer, first, issuer_of, one, read_record, text

_NOT_YET: Final = frozenset({"Failed", "InProgress", "Enrolled", "OnHold", "Withdrew"})
_LEFT_OUT: Final = frozenset({"revoked", "suspended"})
_REACHED: Final = frozenset({
    "mastered", "mastery", "met", "met standard", "meets", "meets standard", "exceeds", "exceeded",
    "exceeds standard", "proficient", "advanced", "distinguished", "pass", "passed", "satisfactory",
    "commended performance", "above benchmark", "at benchmark", "demonstrated", "achieved", "secure", "reached",
    "dominado", "logrado", "alcanzado", "competente", "avanzado", "cumple", "aprobado", "satisfactorio",
})
_UNDERWAY: Final = frozenset({
    "not met", "partly", "partial", "not reached", "not reached yet", "did not meet standard",
    "does not meet standard", "partially met", "partially proficient", "approaching", "approaching standard",
    "basic", "below basic", "well below basic", "minimum", "fail", "failed", "unsatisfactory", "below",
    "below benchmark", "emerging", "beginning", "developing", "introduced", "presented", "practicing", "practising",
    "in progress", "novice", "not mastered", "en proceso", "inicial", "introducido", "practicando", "básico",
    "no cumple", "no aprobado", "insatisfactorio", "no alcanzado", "todavía no",
})


@dataclass(frozen=True)
class Evidence:
    """What one record says about one standard.

    Attributes:
        key: See ``case.key_of``.
        name, code, framework, url: The standard as the record's signer wrote it at the time.
        level: As signed; empty if the record gives none.
        reached: True or False where the record says so, None where it cannot be told.
    """

    key: str
    name: str
    code: str
    framework: str
    url: str
    level: str
    reached: bool | None
    on: date
    issuer: Issuer
    item_id: str
    index: int | None
    title: str
    language: str | None
    status: Status


def evidences_of(source: Source) -> tuple[Evidence, ...]:
    """Everything a record says about standards (alignments that are CASE items); nothing if it was taken back."""
    if source.status in _LEFT_OUT:
        return ()
    document = source.document
    subject = first(document.get("credentialSubject"))
    achievement = first(subject.get("achievement"))
    record = read_record(document)
    day = record.ends_at or record.starts_at or record.valid_from
    if day is None:
        return ()
    described = {id_of(each): each for each in as_list(achievement.get("resultDescription")) if isinstance(each, dict)}
    results = [(each, described.get(id_of(one(each.get("resultDescription"))), {}))
               for each in as_list(subject.get("result")) if isinstance(each, dict)]
    is_claim = record.kind == "badge"
    found: list[tuple[JSONObject, str, bool | None]] = []
    for result, description in results:
        own = _judge(result, description)
        found += [(alignment, *own) for each in (result, description) for alignment in standards_in(each)]
    if record.kind != "course":  # a course is no evidence for one standard; states align courses with lists of courses
        level, reached = _together([_judge(result, description) for result, description in results
                                    if text(description.get("resultType")) in scales.LEVELS])
        if is_claim and not level:
            reached = True  # awarding it is the claim
        found += [(alignment, level, reached) for alignment in standards_in(achievement)]
    return tuple(Evidence(
        key_of(text(alignment.get("targetCode")), text(alignment.get("targetUrl"))), text(alignment.get("targetName")),
        text(alignment.get("targetCode")), text(alignment.get("targetFramework")), text(alignment.get("targetUrl")),
        level, reached, day.date(), issuer_of(document), source.item_id, source.index, record.title, record.language,
        source.status) for alignment, level, reached in found)


def _together(judged: list[tuple[str, bool | None]]) -> tuple[str, bool | None]:
    """Several levels of one record: what they agree on. Their order is not signed, so none comes first."""
    agreed = {reached for _level, reached in judged}
    level = " · ".join(sorted({level for level, _reached in judged if level}))
    return level, agreed.pop() if len(agreed) == 1 else None


def _judge(result: JSONObject, description: JSONObject) -> tuple[str, bool | None]:
    """The level as signed and whether it says that the standard was reached.

    In this order: the status, the level or value the description requires, the word of the level (Ed-Fi's and common
    ones). The order of a rubric's levels is not signed, so it decides nothing.
    """
    status = text(result.get("status"))
    level = text(result.get("value")) or level_of(result, description)
    if status in _NOT_YET:
        return level or status, False
    required = id_of(one(description.get("requiredLevel"))) or text(description.get("requiredLevel"))
    if required:
        reached = _by_required_level(id_of(one(result.get("achievedLevel"))), required, description)
        if reached is not None:
            return level, reached
    required_value = text(description.get("requiredValue"))
    if required_value and text(result.get("value")):
        have, need = scales.read_number(text(result.get("value"))), scales.read_number(required_value)
        if have is not None and need is not None:
            return level, have >= need
        if text(result.get("value")) == required_value:
            return level, True
    word = " ".join(level.casefold().split())
    return level, True if word in _REACHED else False if word in _UNDERWAY else None


def _by_required_level(achieved: str | None, required: str, description: JSONObject) -> bool | None:
    if achieved is None:
        return None
    if achieved == required:
        return True
    points = {id_of(level): scales.read_number(text(first(level).get("points")))
              for level in as_list(description.get("rubricCriterionLevel"))}
    have, need = points.get(achieved), points.get(required)
    return None if have is None or need is None else have >= need
