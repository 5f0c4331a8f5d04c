"""The classes of Open Badges 3.0 and CLR 2.0 as a table, and a walk over a document by that table.

For each class: which members it must have to be read at all, which it must have to be written, and of what kind each
member is. Unknown members are left to ``credkit.jsonld``, which refuses whatever no context defines.

Spec: OB-3.0 #data-models; CLR-2.0 #data-models
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from credkit.errors import MalformedValueError
from credkit.ports import JSONObject
from credkit.shape import as_list, id_of, is_url, pointer

_EXTENSION = re.compile(r"ext:[A-Za-z0-9.|_-]+")
_ALTHOUGH = ", although the standard requires"
_VALUE_KEYS = frozenset({"@value", "@language", "@direction"})

RESULT_STATUSES: Final = ("Completed", "Enrolled", "Failed", "InProgress", "OnHold", "Provisional", "Withdrew")
RESULT_TYPES: Final = (
    "GradePointAverage", "LetterGrade", "Percent", "PerformanceLevel", "PredictedScore", "RawScore", "Result",
    "RubricCriterion", "RubricCriterionLevel", "RubricScore", "ScaledScore", "Status",
)
IDENTITY_TYPES: Final = (
    "name", "sourcedId", "systemId", "productId", "userName", "accountId", "emailAddress", "nationalIdentityNumber",
    "isbn", "issn", "lisSourcedId", "oneRosterSourcedId", "sisSourcedId", "ltiContextId", "ltiDeploymentId",
    "ltiToolId", "ltiPlatformId", "ltiUserId", "identifier",
)
ACHIEVEMENT_TYPES: Final = (
    "Achievement", "ApprenticeshipCertificate", "Assessment", "Assignment", "AssociateDegree", "Award", "Badge",
    "BachelorDegree", "Certificate", "CertificateOfCompletion", "Certification", "CommunityService", "Competency",
    "Course", "CoCurricular", "Degree", "Diploma", "DoctoralDegree", "Fieldwork", "GeneralEducationDevelopment",
    "JourneymanCertificate", "LearningProgram", "License", "Membership", "ProfessionalDoctorate",
    "QualityAssuranceCredential", "MasterCertificate", "MasterDegree", "MicroCredential", "ResearchDoctorate",
    "SecondarySchoolDiploma",
)
ALIGNMENT_TYPES: Final = (
    "ceasn:Competency", "ceterms:Credential", "CFItem", "CFRubric", "CFRubricCriterion", "CFRubricCriterionLevel",
    "CTDL",
)
ASSOCIATION_TYPES: Final = (
    "exactMatchOf", "isChildOf", "isParentOf", "isPartOf", "isPeerOf", "isRelatedTo", "precedes", "replacedBy",
)


@dataclass(frozen=True)
class Remark:
    """Something a reader should know and that is no reason to refuse.

    Attributes:
        pointer: JSON Pointer to the place.
        detail: One plain sentence.
    """

    pointer: str
    detail: str


@dataclass(frozen=True)
class NodeClass:
    """One class of the data model.

    Attributes:
        name: Term that must be among the node's ``type`` values.
        must: Members without which a full document is not read.
        should: Members the specification requires too; absent they are remarks on reading, errors on writing.
        members: Name → kind: ``text``, ``iri``, ``number``, ``boolean``, ``moment``, or the name of a class.
        many: Members that may hold more than one value.
        either: Groups of members of which at least one should stand.
        values: Name → the values the standard knows; another one is a remark on reading, an error on writing.
        extensible: Members of ``values`` that also take an ``ext:`` name.
    """

    name: str
    must: tuple[str, ...] = ()
    should: tuple[str, ...] = ()
    members: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    many: frozenset[str] = frozenset()
    either: tuple[tuple[str, ...], ...] = ()
    values: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    extensible: frozenset[str] = frozenset()


def _texts(*names: str) -> dict[str, str]:
    return dict.fromkeys(names, "text")


def _table(*classes: NodeClass) -> Mapping[str, NodeClass]:
    return MappingProxyType({each.name: each for each in classes})


CLASSES: Final = _table(
    NodeClass(
        "AchievementSubject", must=("achievement",), either=(("id", "identifier"),),
        members={"achievement": "Achievement", "identifier": "IdentityObject", "image": "Image", "result": "Result",
                 "source": "Profile", "creditsEarned": "number", "activityStartDate": "moment",
                 "activityEndDate": "moment", **_texts("licenseNumber", "narrative", "role", "term")},
        many=frozenset({"identifier", "result"}),
    ),
    NodeClass(
        "Achievement", must=("name",), should=("id", "criteria", "description"),
        members={"alignment": "Alignment", "creator": "Profile", "creditsAvailable": "number", "criteria": "Criteria",
                 "image": "Image", "otherIdentifier": "IdentifierEntry", "related": "Related",
                 "resultDescription": "ResultDescription",
                 **_texts("achievementType", "description", "fieldOfStudy", "humanCode", "inLanguage", "name",
                          "specialization", "tag", "version")},
        many=frozenset({"alignment", "otherIdentifier", "related", "resultDescription", "tag"}),
        values={"achievementType": ACHIEVEMENT_TYPES}, extensible=frozenset({"achievementType"}),
    ),
    NodeClass("Criteria", either=(("id", "narrative"),), members=_texts("narrative")),
    NodeClass(
        "Result", either=(("value", "status", "achievedLevel"),),
        members={"achievedLevel": "iri", "alignment": "Alignment", "resultDescription": "iri",
                 **_texts("status", "value")},
        many=frozenset({"alignment"}), values={"status": RESULT_STATUSES},
    ),
    NodeClass(
        "ResultDescription", should=("id", "name", "resultType"),
        members={"alignment": "Alignment", "requiredLevel": "iri", "rubricCriterionLevel": "RubricCriterionLevel",
                 **_texts("allowedValue", "name", "requiredValue", "resultType", "valueMax", "valueMin")},
        many=frozenset({"alignment", "allowedValue", "rubricCriterionLevel"}),
        values={"resultType": RESULT_TYPES}, extensible=frozenset({"resultType"}),
    ),
    NodeClass(
        "RubricCriterionLevel", should=("id", "name"),
        members={"alignment": "Alignment", **_texts("description", "level", "name", "points")},
        many=frozenset({"alignment"}),
    ),
    NodeClass(
        "IdentityObject", must=("hashed", "identityHash", "identityType"),
        members={"hashed": "boolean", **_texts("identityHash", "identityType", "salt")},
        values={"identityType": IDENTITY_TYPES}, extensible=frozenset({"identityType"}),
    ),
    NodeClass(
        "IdentifierEntry", should=("identifier", "identifierType"), members=_texts("identifier", "identifierType"),
    ),
    NodeClass(
        "Alignment", should=("targetName", "targetUrl"),
        members={"targetUrl": "iri",
                 **_texts("targetCode", "targetDescription", "targetFramework", "targetName", "targetType")},
        values={"targetType": ALIGNMENT_TYPES}, extensible=frozenset({"targetType"}),
    ),
    NodeClass("Related", should=("id",), members=_texts("inLanguage", "version")),
    NodeClass("Image", should=("id",), members=_texts("caption")),
    NodeClass("Evidence", members=_texts("audience", "description", "genre", "name", "narrative")),
    NodeClass(
        "Profile", should=("id",),
        members={"image": "Image", "parentOrg": "Profile", "otherIdentifier": "IdentifierEntry", "url": "iri",
                 **_texts("name", "phone", "description", "email", "official", "familyName", "givenName",
                          "additionalName", "patronymicName", "honorificPrefix", "honorificSuffix", "familyNamePrefix",
                          "dateOfBirth")},
        many=frozenset({"otherIdentifier"}),
    ),
    NodeClass("EndorsementSubject", must=("id",), members=_texts("endorsementComment", "inLanguage")),
    NodeClass(
        "ClrSubject", should=("verifiableCredential",), either=(("id", "identifier"),),
        members={"identifier": "IdentityObject", "achievement": "Achievement", "association": "Association"},
        many=frozenset({"identifier", "achievement", "association", "verifiableCredential"}),
    ),
    NodeClass(
        "Association", must=("associationType", "sourceId", "targetId"),
        members={"sourceId": "iri", "targetId": "iri", "associationType": "text"},
        values={"associationType": ASSOCIATION_TYPES},
    ),
)
"""The class table, by class name."""

_UNTYPED: Final = frozenset({"Criteria"})
_NAMED_ONLY: Final = frozenset({"Profile", "Image", "Related", "Evidence"})


class ClassCheck:
    """Walks nodes by the class table and gathers remarks.

    Args:
        derived: True for a document that shows only part of a credential: nothing is missed in it.

    Attributes:
        remarks: What was merely missing or odd, in document order.
    """

    def __init__(self, *, derived: bool) -> None:
        self._derived = derived
        self.remarks: list[Remark] = []

    def check_node(self, node: Any, class_name: str, at: str) -> None:
        """Check ``node`` (an object, or a bare IRI where the class may be named only) against ``class_name``.

        Raises:
            MalformedValueError: a member it must have is absent, or a member has a kind or value it cannot have.
        """
        shape = CLASSES[class_name]
        if not isinstance(node, dict):
            if isinstance(node, str) and class_name in _NAMED_ONLY and is_url(node):
                return
            raise MalformedValueError(f"an object of type {class_name} was expected", pointer=at)
        if node.get("type") != [class_name]:  # as most are written
            self._check_type(node, class_name, at)
        if not self._derived:
            self._check_presence(node, shape, at)
        if "id" in node and not is_url(node["id"]):
            raise MalformedValueError("an id must be a URL", pointer=at + "/id")
        kinds, values = shape.members, shape.values
        for name, value in node.items():
            kind = kinds.get(name)
            if kind is None:
                continue
            # What most documents hold is settled here; the rest, and all that is wrong, goes the long way.
            if value.__class__ is str and kind == "text":
                if name not in values or value in values[name]:
                    continue
            elif value.__class__ is dict and kind in CLASSES:
                self.check_node(value, kind, f"{at}/{name}")
                continue
            elif value.__class__ is not list and kind in _KINDS and _KINDS[kind](value):
                continue
            self._check_member(value, name, kind, shape, at)

    def _check_type(self, node: JSONObject, class_name: str, at: str) -> None:
        names = as_list(node.get("type"))
        if not all(isinstance(name, str) for name in names):
            raise MalformedValueError("type must be one or more names", pointer=at + "/type")
        if class_name in names or (class_name in _UNTYPED and not names):
            return
        if not names and class_name in _NAMED_ONLY:
            self.remarks.append(Remark(at + "/type", f"the type {class_name} is missing{_ALTHOUGH} it"))
            return
        raise MalformedValueError(f"the type {class_name} is missing", pointer=at + "/type")

    def _check_presence(self, node: JSONObject, shape: NodeClass, at: str) -> None:
        for name in shape.must:
            if not node.get(name) and _is_absent(node.get(name)):
                raise MalformedValueError(f"the member {name} is missing", pointer=at + pointer(name))
        for name in shape.should:
            if not node.get(name) and _is_absent(node.get(name)):
                self.remarks.append(Remark(at + pointer(name), f"{name} is missing{_ALTHOUGH} it"))
        for group in shape.either:
            if all(_is_absent(node.get(name)) for name in group):
                words = " or ".join(group)
                self.remarks.append(Remark(at, f"{words} is missing{_ALTHOUGH} one of them"))

    def _check_member(self, value: Any, name: str, kind: str, shape: NodeClass, at: str) -> None:
        place = f"{at}/{name}"
        if not isinstance(value, list):
            if value is not None:
                self._check_value(value, name, kind, shape, place)
            return
        if len(value) > 1 and name not in shape.many:
            raise MalformedValueError(f"{name} may hold one value only", pointer=place)
        for index, item in enumerate(value):
            self._check_value(item, name, kind, shape, f"{place}/{index}")

    def _check_value(self, item: Any, name: str, kind: str, shape: NodeClass, here: str) -> None:
        fits = _KINDS.get(kind)
        if fits is None:
            self.check_node(item, kind, here)
        elif fits(item):
            if name in shape.values and not _is_allowed(text_of(item), shape, name):
                self.remarks.append(Remark(here, f"{name} has a value that the standard does not know"))
        elif kind == "text" and _is_number(item):
            self.remarks.append(Remark(here, f"{name} is a number, although the standard requires text"))
        else:
            raise MalformedValueError(f"{name} must be {_KIND_WORDS[kind]}", pointer=here)


def text_of(value: Any) -> str:
    """The string of a text value: a string or a value object; empty for anything else."""
    if isinstance(value, dict):
        value = value.get("@value")
    return value if isinstance(value, str) else ""


def first_value(value: Any) -> Any:
    """The first entry of an array that holds any, else the value itself."""
    return value[0] if isinstance(value, list) and value else value


def first_object(value: Any) -> JSONObject:
    """The first value if it is an object; empty for anything else."""
    value = first_value(value)
    return value if isinstance(value, dict) else {}


def _is_absent(value: Any) -> bool:
    return value is None or value == []


def _is_allowed(text: str, shape: NodeClass, name: str) -> bool:
    if text in shape.values[name]:
        return True
    return name in shape.extensible and _EXTENSION.fullmatch(text) is not None


def _is_text(value: Any) -> bool:
    if isinstance(value, dict):
        return isinstance(value.get("@value"), str) and value.keys() <= _VALUE_KEYS
    return isinstance(value, str)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_iri(value: Any) -> bool:
    return is_url(id_of(value)) and (isinstance(value, str) or set(value) == {"id"})


_KINDS: Final[Mapping[str, Callable[[Any], bool]]] = MappingProxyType({
    "text": _is_text, "iri": _is_iri, "number": _is_number,
    "boolean": lambda value: isinstance(value, bool), "moment": lambda value: isinstance(value, str),
})
_KIND_WORDS: Final[Mapping[str, str]] = MappingProxyType({
    "text": "text in one language", "iri": "a URL", "number": "a number", "boolean": "true or false",
    "moment": "a date and time",
})
