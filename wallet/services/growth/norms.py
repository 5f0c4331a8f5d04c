"""Standing: where a result lies among a named group of others, as an issuer signed it, on one common measure (z)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from statistics import NormalDist
from typing import Final

_NORMAL: Final = NormalDist()
_LIMIT_Z: Final = 5.0
_YEAR: Final = re.compile(r"\b(?:19|20)\d\d\b")
_GRADE: Final = re.compile(
    r"\b(?:grades?|grados?)[\s:]*(?:\d{1,2}|k(?:g|indergarten)?)\b|\b\d{1,2}(?:st|nd|rd|th)[\s-]+grade(?:rs?)?\b"
    r"|\b\d{1,2}\s*\.?\s*[ºo°]?\s*grado\b|\bkindergarten\b", re.IGNORECASE)
_SEASON: Final = re.compile(
    r"\b(?:spring|fall|autumn|winter|summer|primavera|otoño|invierno|verano|beginning|middle|end|of|year)\b",
    re.IGNORECASE)
_KIND_WORDS: Final = re.compile(
    r"\b(?:percentile|percentil|ranks?|rango|nce|normal|curve|equivalent|standard|scores?|puntaje|puntuación|stanine"
    r"|estanina|norms?|normas?|the|in|for|de|del|la|el|en|and|y|pr|z|t)\b", re.IGNORECASE)
_WORD: Final = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Norm:
    """A norm-referenced value.

    Attributes:
        kind: Its resultType, one of ``scales.NORMS``.
        text: The value as signed.
        z: The same place on the normal curve, in standard deviations from the group's middle.
        group: What the signer called it, with the group in it.
        people: The group without year, grade and season, to tell groups apart; empty if none is named.
        years: The years of the norms, as far as they are named.
    """

    kind: str
    text: str
    z: float
    group: str
    people: str
    years: frozenset[str]


def z_of(kind: str, value: Decimal) -> float | None:
    """The value on the normal curve; None if it lies outside what its kind allows.

    z = Φ⁻¹(percentile rank / 100); NCE = 50 + 21.06 z; T = 50 + 10 z; stanine = 5 + 2 z.
    """
    if kind == "ext:PercentileRank":
        return _NORMAL.inv_cdf(float(value) / 100) if 0 < value < 100 else None
    if kind == "ext:Stanine":
        return (float(value) - 5) / 2 if value in range(1, 10) else None
    if kind == "ext:NCE":
        return (float(value) - 50) / 21.06 if 0 < value < 100 else None
    found = float(value) if kind == "ext:ZScore" else (float(value) - 50) / 10
    return found if abs(found) <= _LIMIT_Z else None


def build_norm(kind: str, value_text: str, value: Decimal, name: str, version: str,
               tags: tuple[str, ...]) -> Norm | None:
    """A norm-referenced value with its group read from the result's name and tags; None if it is out of range."""
    z = z_of(kind, value)
    if z is None:
        return None
    named = [name, *(tag.partition(":")[2] for tag in tags if tag.startswith(("norm:", "norms:", "norm-group:")))]
    said = " ".join(named)
    years = _YEAR.findall(said) or _YEAR.findall(version)
    return Norm(kind, value_text, z, name, people_of(said), frozenset(years))


def people_of(said: str) -> str:
    """The group in words that can be compared: without kind of value, year, grade and season."""
    rest = said.casefold()
    for pattern in (_GRADE, _YEAR, _SEASON, _KIND_WORDS):
        rest = pattern.sub(" ", rest)
    return " ".join(sorted({word for word in _WORD.findall(rest) if not word.isdigit()}))
