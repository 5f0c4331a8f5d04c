"""Growth that can be defended: change on one scale with its error, standing as signed, and every limit said.

Nothing is converted from one test's scale to another's; growth percentiles are shown as their signer computed them.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, Literal

from credkit.ports import JSONObject
from wallet.services.growth import scales
from wallet.services.growth.sittings import SUBJECTS, Score, Sitting, read_sitting, subject_of
from wallet.services.growth.sources import holds_more_than_courses, sources
from wallet.services.growth.standing import Limit, Standing, standings
from wallet.services.record.items import CREDENTIAL
from wallet.services.record.library import Card, shelf
from wallet.services.record.reading import kind_of
from wallet.vault import OpenVault

Verdict = Literal["none", "probable", "clear", "unknown"]
"""No clear change, probably a real one, a clear one; ``unknown`` where the error of a score is not given."""

_LEFT_OUT: Final = frozenset({"revoked", "suspended"})
_ABOUT_A_YEAR_DAYS: Final = (270, 460)
_YEAR_DAYS: Final = 365
_MOST_GRADES: Final = 4


@dataclass(frozen=True)
class Point:
    """One test in a series; ``score`` is None where the test gave no score on a scale."""

    sitting: Sitting
    score: Score | None

    @property
    def value(self) -> Decimal | None:
        """The score as a number, None if there is none that can be computed with."""
        return self.score.value if self.score is not None else None


@dataclass(frozen=True)
class Change:
    """The change between two scores on one scale.

    Attributes:
        error: The standard error of the difference, √(SEM₁² + SEM₂²), or None.
        ratio: The size of the change in such errors, or None.
        weak: The two tests were not given alike, or one score is not final: to be taken with care.
    """

    earlier: Point
    later: Point
    difference: Decimal
    error: float | None
    ratio: float | None
    verdict: Verdict
    weak: bool


@dataclass(frozen=True)
class Series:
    """All results of one assessment in one subject on one scale, oldest first.

    Attributes:
        steps: The change from each number to the next.
        change: The change people ask for: to the newest number from the one a year before, else from the oldest.
        standings: Standing among named groups, as signed, by group.
        limits: What the numbers cannot say.
    """

    id: str
    subject: str
    points: tuple[Point, ...]
    steps: tuple[Change, ...]
    change: Change | None
    standings: tuple[Standing, ...]
    limits: tuple[Limit, ...]

    @property
    def newest(self) -> Point:
        """The latest test."""
        return self.points[-1]


@dataclass(frozen=True)
class Subject:
    """What is known of one subject.

    Attributes:
        series: The one that says most first.
        standings: Standing over all tests of the subject; only where several series have such values.
    """

    id: str
    key: str
    series: tuple[Series, ...]
    standings: tuple[Standing, ...]


@dataclass(frozen=True)
class Grade:
    """A course's grade as signed; ``unfinished`` if it can still change."""

    card: Card
    unfinished: bool


@dataclass(frozen=True)
class Overview:
    """Growth in every subject.

    Attributes:
        taken_back: Results left out because their signer has taken them back or put them on hold.
    """

    subjects: tuple[Subject, ...]
    taken_back: int

    def all_series(self) -> tuple[Series, ...]:
        """Every series of every subject."""
        return tuple(series for subject in self.subjects for series in subject.series)


def overview(vault: OpenVault) -> Overview:
    """Growth from the assessment records in the backpack."""
    found = (read_sitting(source) for source in sources(vault, _may_hold_tests)
             if kind_of(source.document) == "assessment")
    return build_overview(tuple(sitting for sitting in found if sitting is not None))


def _may_hold_tests(line: JSONObject) -> bool:
    return line["kind"] == "assessment" or holds_more_than_courses(line)


def build_overview(sittings: tuple[Sitting, ...]) -> Overview:
    """The same from tests that were read already."""
    kept = sorted((each for each in sittings if each.status not in _LEFT_OUT), key=lambda each: (each.on, each.item_id))
    by_subject: dict[str, list[Sitting]] = {}
    for sitting in kept:
        by_subject.setdefault(_subject_key(sitting.subject), []).append(sitting)
    order = [*SUBJECTS, *sorted(by_subject.keys() - SUBJECTS.keys())]
    subjects = tuple(_build_subject(by_subject[key]) for key in order if key in by_subject)
    return Overview(subjects, len(sittings) - len(kept))


def grades(vault: OpenVault) -> dict[str, tuple[Grade, ...]]:
    """Subject → its newest courses with a grade, as signed, never computed with; only subjects we have a word for."""
    statuses = {entry.id: frozenset(entry.summary.get("statuses", ())) for entry in vault.entries(CREDENTIAL)}
    found: dict[str, list[Grade]] = {}
    for card in shelf(vault).courses:
        subject = subject_of((), "", card.title)
        if card.grade and card.status not in _LEFT_OUT and subject in SUBJECTS:
            unfinished = bool(statuses.get(card.item_id, frozenset()) & scales.UNFINISHED)
            found.setdefault(subject, []).append(Grade(card, unfinished))
    return {subject: tuple(each[:_MOST_GRADES]) for subject, each in found.items()}


def measure(earlier: Point, later: Point) -> Change | None:
    """The change between two points of one scale; None if either has no number.

    |ΔX| < SE_diff is no clear change, |ΔX| ≥ 2 SE_diff a clear one, between is probable. Decided without rounding.
    """
    if earlier.score is None or later.score is None or earlier.value is None or later.value is None:
        return None
    difference = later.value - earlier.value
    weak = (earlier.score.provisional or later.score.provisional
            or _given_differently(earlier.sitting, later.sitting)
            or earlier.score.kind in scales.DERIVED and earlier.sitting.family != later.sitting.family)
    if earlier.score.error is None or later.score.error is None:
        return Change(earlier, later, difference, None, None, "unknown", weak)
    variance, square = earlier.score.error**2 + later.score.error**2, difference**2
    verdict: Verdict = "none" if square < variance else "clear" if square >= 4 * variance else "probable"
    error = float(variance) ** 0.5
    return Change(earlier, later, difference, error, abs(float(difference)) / error, verdict, weak)


def _given_differently(one: Sitting, other: Sitting) -> bool:
    return (one.tested_in != other.tested_in or set(one.accommodations) != set(other.accommodations)
            or not (one.dated and other.dated))


def _build_subject(sittings: list[Sitting]) -> Subject:
    by_scale: dict[str, list[Point]] = {}
    for sitting in sittings:
        for score in sitting.scores or (None,):
            key = score.scale if score is not None else sitting.family
            by_scale.setdefault(key, []).append(Point(sitting, score))
    key = sittings[0].subject
    series = sorted((_build_series(key, scale, tuple(points)) for scale, points in by_scale.items()), key=_usefulness)
    placed = {id(sitting) for sitting in sittings if sitting.norms}
    in_one = any(placed <= {id(point.sitting) for point in each.points} for each in series)
    return Subject(_id(_subject_key(key)), key, tuple(series), () if in_one else standings(sittings))


def _usefulness(series: Series) -> tuple[int, int, int, int]:
    score = series.newest.score
    return (-min(len(series.steps), 1), scales.rank_of(score.kind) if score else len(scales.PLAIN | scales.VERTICAL),
            -series.newest.sitting.on.toordinal(), -len(series.points))


def _build_series(subject: str, scale: str, points: tuple[Point, ...]) -> Series:
    numbered = [point for point in points if point.value is not None]
    steps = tuple(change for earlier, later in zip(numbered, numbered[1:], strict=False)
                  if (change := measure(earlier, later)) is not None)
    change = measure(_reference(numbered), numbered[-1]) if len(numbered) > 1 else None
    standing = standings([point.sitting for point in points])
    return Series(_id(_subject_key(subject) + "\n" + scale), subject, points, steps, change, standing,
                  _limits(points, numbered, standing))


def _reference(numbered: list[Point]) -> Point:
    """The point to compare the newest with: the one nearest to a year before, else the oldest."""
    last: date = numbered[-1].sitting.on
    low, high = _ABOUT_A_YEAR_DAYS
    year_before = [point for point in numbered[:-1] if low <= (last - point.sitting.on).days <= high]
    return min(year_before, key=lambda point: abs((last - point.sitting.on).days - _YEAR_DAYS), default=numbered[0])


def _limits(points: tuple[Point, ...], numbered: list[Point], standing: tuple[Standing, ...]) -> tuple[Limit, ...]:
    sittings = [point.sitting for point in points]
    scores = [point.score for point in points if point.score is not None]
    languages = {sitting.tested_in for sitting in sittings if sitting.tested_in}
    helped = sum(1 for sitting in sittings if sitting.accommodations)
    said = [each.kind for sitting in sittings for each in sitting.said]
    families = {sitting.family for sitting in sittings}
    rows: tuple[tuple[str, bool, int], ...] = (
        ("no-score", not scores, 0),
        ("one-point", bool(scores) and len(numbered) < 2, 0),
        ("no-error", any(point.score is not None and point.score.error is None for point in numbered),
         sum(1 for point in numbered if point.score is not None and point.score.error is None)),
        ("not-a-number", any(score.problem == "not-a-number" for score in scores), 0),
        ("out-of-range", any(score.problem == "out-of-range" for score in scores)
         or any(sitting.bad_norms for sitting in sittings), 0),
        ("not-finished", any(score.problem == "not-finished" for score in scores), 0),
        ("provisional", any(score.provisional for score in scores), 0),
        ("undated", not all(sitting.dated for sitting in sittings), 0),
        ("accommodations", helped > 0, helped),
        ("languages", len(languages) > 1, 0),
        ("other-language", bool(standing) and len(languages) == 1 and "en" not in languages, 0),
        ("tests-differ", len(families) > 1 and any(score.kind in scales.DERIVED for score in scores), 0),
        ("plain-scale", any(not score.vertical for score in scores), 0),
        ("unnamed-norm", any(sitting.unnamed_norms for sitting in sittings), 0),
        ("no-norm", not standing and not any(sitting.unnamed_norms for sitting in sittings), 0),
        ("as-issued", any(kind in scales.AS_ISSUED for kind in said), 0),
        ("grade-equivalent", scales.GRADE_EQUIVALENT in said, 0),
        ("predicted", scales.PREDICTED in said, 0),
        ("unchecked", any(sitting.status == "unknown" for sitting in sittings), 0),
        ("students-differ", _numbers_differ(sittings), 0),
    )
    own = tuple(Limit(code, count, len(points)) for code, holds, count in rows if holds)
    return own + tuple(dict.fromkeys(limit for each in standing for limit in each.limits))


def _numbers_differ(sittings: list[Sitting]) -> bool:
    """Whether one signer names different student numbers: then a record may be about somebody else."""
    named: dict[str, set[str]] = {}
    for sitting in sittings:
        if sitting.number:
            named.setdefault(sitting.issuer.id, set()).add(sitting.number)
    return any(len(numbers) > 1 for numbers in named.values())


def _subject_key(subject: str) -> str:
    return subject.casefold()


def _id(key: str) -> str:
    """A name for addresses that says nothing about the record."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:16]
