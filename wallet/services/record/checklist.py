"""The Backpack checklist (requirements.md D8 to D16): Utah's elements as *have*, *missing*, *who can issue it*.

It reads the sealed index only, and only what the unlocked party may open; an element is had when a record says so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from credkit.ports import JSONObject
from wallet.services.record.items import CREDENTIAL
from wallet.services.record.reading import host_of
from wallet.vault import OpenVault

_GROWTH: Final = frozenset({"ext:StudentGrowthPercentile", "ext:GrowthIndex"})
_READING: Final = frozenset({"ext:LexileMeasure", "ext:ReadingLevel"})
_STAGES: Final = frozenset({"formative", "interim", "summative"})
_GRADE_3: Final = frozenset({"end of grade 3", "end-of-grade-3", "grade:3"})


@dataclass(frozen=True)
class Element:
    """One element of the Backpack.

    Attributes:
        name: Stable name; pages have words for each, and for who can issue it.
        reference: Its row in requirements.md.
        records: Item id and title of the records that hold it, newest first.
        elsewhere: Whether it is a record about a school or a teacher, which is linked and never lies here.
    """

    name: str
    reference: str
    records: tuple[tuple[str, str], ...]
    elsewhere: bool = False

    @property
    def have(self) -> bool:
        """Whether a record here holds it."""
        return bool(self.records)


@dataclass(frozen=True)
class Checklist:
    """All elements in Utah's order, and the hosts of schools whose records lie here: whom to ask first."""

    elements: tuple[Element, ...]
    schools: tuple[tuple[str, str], ...]

    @property
    def had(self) -> int:
        """How many of the elements that can lie here do."""
        return sum(element.have for element in self.elements if not element.elsewhere)

    @property
    def total(self) -> int:
        """How many elements can lie here."""
        return sum(not element.elsewhere for element in self.elements)


def _is_kind(*kinds: str) -> Callable[[JSONObject], bool]:
    return lambda summary: summary["kind"] in kinds


def _has_result(wanted: frozenset[str]) -> Callable[[JSONObject], bool]:
    return lambda summary: bool(wanted.intersection(summary["result_types"]))


def _tags(summary: JSONObject) -> frozenset[str]:
    return frozenset(tag.casefold() for tag in summary["tags"])


def _is_grade_3_reading(summary: JSONObject) -> bool:
    return bool(_GRADE_3 & _tags(summary)) and ("reading" in _tags(summary) or _has_result(_READING)(summary))


_ELEMENTS: Final[tuple[tuple[str, str, Callable[[JSONObject], bool]], ...]] = (
    ("attendance", "D8", lambda summary: summary["category"] == "attendance"),
    ("enrolments", "D9", _is_kind("transcript", "course")),
    ("grades", "D9", lambda summary: summary["kind"] == "transcript" or (
        summary["kind"] == "course" and bool(summary["grade"]))),
    ("state-tests", "D11", lambda summary: summary["kind"] == "assessment" and "summative" in _tags(summary)),
    ("growth", "D11", _has_result(_GROWTH)),
    ("classroom-tests", "D12", lambda summary: bool(_STAGES & _tags(summary))),
    ("mastery", "D13", lambda summary: summary["achievement_type"] == "Competency"),
    ("reading", "D14", _has_result(_READING)),
    ("reading-grade-3", "D14", _is_grade_3_reading),
    ("special-education", "D16", lambda summary: summary["category"] == "iep"),
)
_ELSEWHERE: Final = (("teachers", "D10"), ("school-ratings", "D15"))


def checklist(vault: OpenVault) -> Checklist:
    """The checklist over what lies in the backpack now."""
    entries = sorted(vault.entries(CREDENTIAL), key=lambda entry: str(entry.summary["valid_from"]), reverse=True)
    held = [entry for entry in entries if entry.summary["status"] != "revoked" and not entry.summary["origin"]]
    elements = [Element(name, reference, tuple((entry.id, entry.summary["title"]) for entry in held
                                               if holds(entry.summary)))
                for name, reference, holds in _ELEMENTS]
    elements += [Element(name, reference, (), elsewhere=True) for name, reference in _ELSEWHERE]
    elements.sort(key=lambda element: int(element.reference[1:]))
    schools = {host: entry.summary["issuer_name"] for entry in held
               if entry.summary["kind"] in ("transcript", "course", "assessment")
               and (host := host_of(entry.summary["issuer_id"]))}
    return Checklist(tuple(elements), tuple(sorted(schools.items())))
