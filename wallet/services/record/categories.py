"""Which of the family's categories a document belongs to, from the words its issuer signed. No judging, no errors."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from credkit.ports import JSONObject
from credkit.profiles import clr_2, openbadges_3
from credkit.shape import as_list, id_of

OTHER: Final = "other"
SENSITIVE: Final = ("iep", "discipline", "services")
"""Categories that stay with the family unless it decides otherwise, the most sensitive first."""

_TYPES: Final[Mapping[str, str]] = MappingProxyType({
    "IEPSummaryCredential": "iep", "StudentProfileCredential": "profile", "AboutMeCredential": "profile",
})
_ACHIEVEMENT_TYPES: Final[Mapping[str, str]] = MappingProxyType({
    **dict.fromkeys((
        "Course", "Diploma", "SecondarySchoolDiploma", "GeneralEducationDevelopment", "AssociateDegree",
        "BachelorDegree", "MasterDegree", "DoctoralDegree", "ProfessionalDoctorate", "ResearchDoctorate", "Degree",
        "LearningProgram"), "transcript"),
    **dict.fromkeys(("Assessment", "Competency"), "assessment"),
    **dict.fromkeys(("CoCurricular", "Membership"), "extracurricular"),
    **dict.fromkeys(("CommunityService", "Fieldwork", "License", "ApprenticeshipCertificate", "JourneymanCertificate",
                     "MasterCertificate"), "work-and-service"),
    **dict.fromkeys(("Achievement", "Award", "Badge", "Certificate", "CertificateOfCompletion", "Certification",
                     "MicroCredential", "QualityAssuranceCredential"), "supplemental-achievement"),
    "Assignment": "portfolio",
})
_WORDS: Final[tuple[tuple[str, re.Pattern[str]], ...]] = tuple(
    (category, re.compile(rf"(?:^|-)(?:{words})(?:-|$)")) for category, words in (
        ("iep", "iep|ieps|special-education|sped|504|section-?504|individualized-education|individualised-education"),
        ("discipline", "discipline|disciplinary|behaviou?r|suspension|expulsion|conduct|incident"),
        ("services", "service-record|services|support|supports|therapy|speech-therapy|physical-therapy|"
                     "occupational-therapy|counsell?ing|intervention"),
        ("attendance", "attendance"),
        ("work-habits", "work-habits?|habits|social-skills?|social-emotional"),
        ("portfolio", "portfolio"),
        ("extracurricular", "extracurriculars?|clubs?|sports?"),
        ("work-and-service", "community-service|volunteering|internship|apprenticeship"),
        ("assessment", "reading-level|growth|lexile-measure|quantile-measure|benchmark"),
        ("profile", "profile|demographics"),
    ))
_SUPPLEMENTAL: Final = frozenset({"supplemental", "tutoring", "after-school", "summer"})
_FROM_FAMILY: Final = ("did:key:", "did:jwk:")


def category_of(document: JSONObject, received_from: str) -> str:
    """A category of ``credkit.profiles.family.CATEGORIES``.

    Words that name something sensitive (special education, discipline, services) win wherever they stand: in the type,
    the achievement's type or a keyword. A person's own choice is kept beside the document (``rules.choose_category``).

    Args:
        received_from: Where it came from: an address, or the DID of a person's key for what people wrote themselves.
    """
    if clr_2.is_mine(document):
        return "transcript"
    names = [name for name in as_list(document.get("type")) if isinstance(name, str)]
    named = next((_TYPES[name] for name in names if name in _TYPES), None)
    achievement_type = openbadges_3.peek_view(document).achievement_type
    extension = [_plain(achievement_type.removeprefix("ext:"))] if achievement_type.startswith("ext:") else []
    tags = [_plain(tag) for tag in tags_of(document)]
    said = [_category_of_words(word) for word in (*extension, *tags)]
    for category in SENSITIVE:
        if named == category or category in said:
            return category
    if named is not None:
        return named
    found = (said[0] if extension else None) or _ACHIEVEMENT_TYPES.get(achievement_type)
    if found in (None, "supplemental-achievement"):
        found = next((category for category in said if category is not None), found)
    if found == "assessment" and (_SUPPLEMENTAL.intersection(tags) or _is_by_a_person(document, received_from)):
        return "supplemental-achievement"
    return found or OTHER


def member_categories(document: JSONObject) -> tuple[tuple[str | None, str], ...]:
    """Id and category of each record inside a transcript, in its order; none if it is not a transcript."""
    if not clr_2.is_mine(document):
        return ()
    subject = next((each for each in as_list(document.get("credentialSubject")) if isinstance(each, dict)), {})
    return tuple((id_of(member), category_of(member, "")) for member in as_list(subject.get("verifiableCredential"))
                 if isinstance(member, dict))


def tags_of(document: JSONObject) -> tuple[str, ...]:
    """The keywords the issuer signed."""
    subject = next((each for each in as_list(document.get("credentialSubject")) if isinstance(each, dict)), {})
    achievement = next((each for each in as_list(subject.get("achievement")) if isinstance(each, dict)), {})
    return tuple(tag for tag in as_list(achievement.get("tag")) if isinstance(tag, str))


def result_types_of(document: JSONObject) -> tuple[str, ...]:
    """The kinds of result it holds (``LetterGrade``, ``ext:PercentileRank`` …), each once."""
    subject = next((each for each in as_list(document.get("credentialSubject")) if isinstance(each, dict)), {})
    achievement = next((each for each in as_list(subject.get("achievement")) if isinstance(each, dict)), {})
    found: list[Any] = [each.get("resultType") for each in as_list(achievement.get("resultDescription"))
                        if isinstance(each, dict)]
    return tuple(dict.fromkeys(each for each in found if isinstance(each, str)))


def _category_of_words(word: str) -> str | None:
    return next((category for category, pattern in _WORDS if pattern.search(word)), None)


def _plain(word: str) -> str:
    """``ServiceRecord``, ``service record`` and ``Service_Record`` as ``service-record``; ``IEPSummary`` as
    ``iep-summary``."""
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", word[:80])
    return re.sub(r"[^a-z0-9]+", "-", split.casefold()).strip("-")


def _is_by_a_person(document: JSONObject, received_from: str) -> bool:
    issuer = openbadges_3.peek_view(document).issuer_id or ""
    return issuer.startswith(_FROM_FAMILY) or received_from.startswith(_FROM_FAMILY)
