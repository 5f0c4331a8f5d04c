"""The classes of Open Badges 3.0 and CLR 2.0 as a table; ``_checking`` walks a document by it.

For each class: which members it must have to be read at all, which it must have to be written, and of what kind each
member is. Unknown members are left to ``credkit.jsonld``, which refuses whatever no context defines.

Spec: OB-3.0 #data-models; CLR-2.0 #data-models
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Final

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
class NodeClass:
    """One class of the data model.

    Attributes:
        name: Term that must be among the node's ``type`` values.
        must: Members without which a full document is not read.
        should: Members the specification requires too; absent they are remarks on reading, errors on writing.
        members: Name → kind: ``text``, ``iri``, ``number``, ``boolean``, ``moment``, ``date``, ``language``, ``jws``,
            ``document`` (a credential that is judged by itself), or the name of a class.
        many: Members that may hold more than one value.
        either: Groups of members of which at least one should stand.
        values: Name → the values the standard knows; another one is a remark on reading, an error on writing.
        extensible: Members of ``values`` that also take an ``ext:`` name.
        bare_type: Whether ``type`` is the bare name and no list.
        closed: Whether it has no members but ``members``, ``type`` and what ``named`` says.
        named: Whether it may have an ``id``.
    """

    name: str
    must: tuple[str, ...] = ()
    should: tuple[str, ...] = ()
    members: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    many: frozenset[str] = frozenset()
    either: tuple[tuple[str, ...], ...] = ()
    values: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    extensible: frozenset[str] = frozenset()
    bare_type: bool = False
    closed: bool = False
    named: bool = True

    @cached_property
    def usual_type(self) -> str | list[str]:
        """How ``type`` is usually written."""
        return self.name if self.bare_type else [self.name]

    @cached_property
    def required(self) -> tuple[str, ...]:
        """``must`` and ``should``."""
        return self.must + self.should

    @cached_property
    def plain_texts(self) -> frozenset[str]:
        """Members of which any text is good."""
        return frozenset(name for name, kind in self.members.items() if kind == "text" and name not in self.values)


ENDORSED: Final = MappingProxyType({"endorsement": "document", "endorsementJwt": "jws"})
_ENDORSEMENTS: Final = frozenset(ENDORSED)


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
                 "resultDescription": "ResultDescription", "inLanguage": "language", **ENDORSED,
                 **_texts("achievementType", "description", "fieldOfStudy", "humanCode", "name", "specialization",
                          "tag", "version")},
        many=frozenset({"alignment", "otherIdentifier", "related", "resultDescription", "tag"}) | _ENDORSEMENTS,
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
        bare_type=True, closed=True, named=False,
    ),
    NodeClass(
        "IdentifierEntry", should=("identifier", "identifierType"), members=_texts("identifier", "identifierType"),
        values={"identifierType": IDENTITY_TYPES}, extensible=frozenset({"identifierType"}),
        bare_type=True, closed=True, named=False,
    ),
    NodeClass(
        "Alignment", should=("targetName", "targetUrl"),
        members={"targetUrl": "iri",
                 **_texts("targetCode", "targetDescription", "targetFramework", "targetName", "targetType")},
        values={"targetType": ALIGNMENT_TYPES}, extensible=frozenset({"targetType"}),
    ),
    NodeClass("Related", should=("id",), members={"inLanguage": "language", **_texts("version")}),
    NodeClass("Image", should=("id",), members=_texts("caption"), bare_type=True, closed=True),
    NodeClass("Evidence", members=_texts("audience", "description", "genre", "name", "narrative")),
    NodeClass(
        "Profile", should=("id",),
        members={"image": "Image", "parentOrg": "Profile", "otherIdentifier": "IdentifierEntry", "url": "iri",
                 "address": "Address", "dateOfBirth": "date", **ENDORSED,
                 **_texts("name", "phone", "description", "email", "official", "familyName", "givenName",
                          "additionalName", "patronymicName", "honorificPrefix", "honorificSuffix",
                          "familyNamePrefix")},
        many=frozenset({"otherIdentifier"}) | _ENDORSEMENTS,
    ),
    NodeClass(
        "Address",
        members={"geo": "GeoCoordinates",
                 **_texts("addressCountry", "addressCountryCode", "addressRegion", "addressLocality", "streetAddress",
                          "postOfficeBoxNumber", "postalCode")},
    ),
    NodeClass(
        "GeoCoordinates", should=("latitude", "longitude"), members={"latitude": "number", "longitude": "number"},
        bare_type=True,
    ),
    NodeClass(
        "EndorsementSubject", must=("id",), members={"inLanguage": "language", **_texts("endorsementComment")},
    ),
    NodeClass(
        "ClrSubject", should=("verifiableCredential",), either=(("id", "identifier"),),
        members={"identifier": "IdentityObject", "achievement": "Achievement", "association": "Association"},
        many=frozenset({"identifier", "achievement", "association", "verifiableCredential"}),
    ),
    NodeClass(
        "Association", must=("associationType", "sourceId", "targetId"),
        members={"sourceId": "iri", "targetId": "iri", "associationType": "text"},
        values={"associationType": ASSOCIATION_TYPES}, bare_type=True, closed=True, named=False,
    ),
)
"""The class table, by class name."""
