"""How the standing among a named group moves over time: a slope a year, its band, and what weakens it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median
from typing import Final, Literal

from wallet.services.growth.norms import Norm
from wallet.services.growth.sittings import Sitting

Band = Literal["much-slower", "slower", "same", "faster", "much-faster"]

PACE: Final = 0.30
"""Half of all yearly changes lie within this many standard deviations (measured on 228,976 pairs of yearly scores)."""

MUCH: Final = 0.60
_DAYS_A_YEAR: Final = 365.25
_LEAST_SPAN_DAYS: Final = 180


@dataclass(frozen=True)
class Limit:
    """Something the numbers cannot say (the sentence: ``growthwords``), true of ``count`` of ``total`` results."""

    code: str
    count: int = 0
    total: int = 0


@dataclass(frozen=True)
class Place:
    """One signed standing."""

    sitting: Sitting
    norm: Norm


@dataclass(frozen=True)
class Standing:
    """Signed standings, oldest first, that may be looked at together.

    Attributes:
        rate: Change of z a year, rounded to hundredths; None where it cannot be told.
        band: What the rate means; None without a rate.
        weak: Something about the groups or the tests differs: to be taken with care.
    """

    places: tuple[Place, ...]
    rate: float | None
    band: Band | None
    weak: bool
    limits: tuple[Limit, ...]


def standings(sittings: Sequence[Sitting]) -> tuple[Standing, ...]:
    """Standings by named group. Where no group has two results, those of different groups stand together, weakly."""
    places = [Place(sitting, norm) for sitting in sorted(sittings, key=lambda each: each.on) for norm in sitting.norms]
    groups: dict[str, list[Place]] = {}
    for place in places:
        groups.setdefault(place.norm.people, []).append(place)
    if len(groups) > 1 and all(len({place.sitting.on for place in each}) == 1 for each in groups.values()):
        finest = {id(place.sitting): place for place in reversed(places)}
        together = [place for place in places if finest[id(place.sitting)] is place]
        if len(together) > 1:
            return (build_standing(together),)
    ordered = sorted(groups.values(), key=lambda each: (-len(each), -each[-1].sitting.on.toordinal()))
    return tuple(build_standing(each) for each in ordered)


def build_standing(places: Sequence[Place]) -> Standing:
    """The slope over some signed standings: of two, or Theil and Sen's median of all slopes for three or more."""
    days = [place.sitting.on.toordinal() for place in places]
    rate = None
    if days and days[-1] - days[0] >= _LEAST_SPAN_DAYS:
        rate = round(slope([(day / _DAYS_A_YEAR, place.norm.z) for day, place in zip(days, places, strict=True)]), 2)
    limits = _limits(places, rate)
    weak = any(limit.code in ("norm-groups", "norm-years", "standing-conditions") for limit in limits)
    return Standing(tuple(places), rate, band_of(rate) if rate is not None else None, weak, limits)


def slope(points: Sequence[tuple[float, float]]) -> float:
    """The median slope of all pairs at different times (Theil–Sen); of two points, their slope.

    Args:
        points: (years, z), at least two of them at different times.
    """
    return median((z2 - z1) / (t2 - t1) for (t1, z1), (t2, z2) in combinations(sorted(points), 2) if t2 > t1)


def band_of(rate: float) -> Band:
    """Within ±0.30 a year one keeps pace with the group; beyond ±0.60 the difference is large."""
    if abs(rate) <= PACE:
        return "same"
    if rate > 0:
        return "much-faster" if rate > MUCH else "faster"
    return "much-slower" if rate < -MUCH else "slower"


def _limits(places: Sequence[Place], rate: float | None) -> tuple[Limit, ...]:
    sittings = [place.sitting for place in places]
    years = {place.norm.years for place in places}
    alike = len({(sitting.tested_in, frozenset(sitting.accommodations)) for sitting in sittings}) <= 1
    rows = (
        ("one-place", len(places) < 2),
        ("too-close", len(places) > 1 and rate is None),
        ("two-places", len(places) == 2 and rate is not None),
        ("norm-groups", len({place.norm.people for place in places}) > 1),
        ("norm-years", len(years) > 1),
        ("standing-conditions", not alike),
        ("coarse", any(place.norm.kind == "ext:Stanine" for place in places)),
        ("middle", rate is not None),
    )
    return tuple(Limit(code) for code, holds in rows if holds)
