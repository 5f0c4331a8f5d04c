"""Open Badges 3.0: building achievement credentials and checking them.

Spec: OB-3.0 #data-models; https://www.imsglobal.org/spec/ob/v3p0
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from credkit.errors import MalformedValueError
from credkit.ports import JSONObject
from credkit.profiles._checking import ClassCheck, first_object, first_value, text_of
from credkit.profiles._envelope import OPEN_BADGES_CONTEXT, check_envelope, only_subject
from credkit.profiles._references import check_results
from credkit.profiles._remarks import Remark
from credkit.shape import as_list, format_date_time, id_of, is_url, optional_member, pointer, types_of

CREDENTIALS_V2: Final = "https://www.w3.org/ns/credentials/v2"
OPEN_BADGES_V3: Final = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
CONTEXTS: Final = (CREDENTIALS_V2, OPEN_BADGES_V3)
TYPE_NAMES: Final = frozenset({"AchievementCredential", "OpenBadgeCredential"})
TYPE_IRI: Final = "https://purl.imsglobal.org/spec/vc/ob/vocab.html#OpenBadgeCredential"
STANDARD_ERROR: Final = "ext:StandardErrorOfMeasurement"
_FINISHED: Final = "Completed"


@dataclass(frozen=True)
class Profile:
    """Who issued or assessed. ``id`` is a DID or URL; ``url`` a home page or None."""

    id: str
    name: str
    url: str | None = None

    def to_json(self) -> JSONObject:
        """``{"id", "type": ["Profile"], "name", "url"?}``."""
        return {"id": self.id, "type": ["Profile"], "name": self.name} | _given(url=self.url)


@dataclass(frozen=True)
class Identity:
    """A name or number of the learner in plain text. ``kind`` is an ``identityType``: ``name``, ``sourcedId`` …"""

    kind: str
    value: str

    def to_json(self) -> JSONObject:
        """An IdentityObject that is not hashed (a hash of a guessable value hides nothing)."""
        return {"type": "IdentityObject", "hashed": False, "identityHash": self.value, "identityType": self.kind}


@dataclass(frozen=True)
class ResultDescription:
    """A kind of result an achievement can have. The scale stands in words and bounds, never in a list (ecdsa-sd-2023).

    Attributes:
        id: Absolute URL, the same for everybody who earns the achievement.
        result_type: ``LetterGrade``, ``Percent``, ``Status`` … or ``ext:…``.
        value_min: Lowest possible value as text, or None.
        value_max: Highest possible value as text, or None.
    """

    id: str
    name: str
    result_type: str
    value_min: str | None = None
    value_max: str | None = None

    def to_json(self) -> JSONObject:
        """The ResultDescription node."""
        return {
            "id": self.id, "type": ["ResultDescription"], "name": self.name, "resultType": self.result_type,
        } | _given(valueMin=self.value_min, valueMax=self.value_max)


@dataclass(frozen=True)
class Result:
    """What the learner reached; ``description_id`` names a ``ResultDescription``."""

    description_id: str
    status: str
    value: str | None = None

    def to_json(self) -> JSONObject:
        """The Result node."""
        node = {"type": ["Result"], "resultDescription": self.description_id, "status": self.status}
        return node | _given(value=self.value)


@dataclass(frozen=True)
class Alignment:
    """What an achievement is held against, as its framework names it; the text stays when the address is gone.

    Attributes:
        url: Address of the item in its framework.
        kind: ``targetType``, such as ``CFItem``.
        code, framework: As the framework prints them, or None.
    """

    url: str
    name: str
    kind: str
    code: str | None = None
    framework: str | None = None

    def to_json(self) -> JSONObject:
        """The Alignment node."""
        node = {"type": ["Alignment"], "targetName": self.name, "targetType": self.kind, "targetUrl": self.url}
        return node | _given(targetCode=self.code, targetFramework=self.framework)


@dataclass(frozen=True)
class Evidence:
    """Something that can be looked at. ``id`` is its address, or a ``urn:uuid:`` for what lies elsewhere."""

    id: str
    name: str
    description: str | None = None

    def to_json(self) -> JSONObject:
        """The Evidence node."""
        return {"id": self.id, "type": ["Evidence"], "name": self.name} | _given(description=self.description)


@dataclass(frozen=True)
class Achievement:
    """A course, a badge, an assessment: what can be earned, by anybody.

    Attributes:
        kind: ``achievementType``: ``Course``, ``Badge`` … or ``ext:…``.
        criteria: What one has to do for it (Markdown).
        code: Course code as the school prints it (``humanCode``), or None.
        credits_available: Credits it is worth, or None.
        language: BCP 47 tag of the texts, or None.
        version: Edition of a test or its norms, or None.
    """

    id: str
    kind: str
    name: str
    description: str
    criteria: str
    code: str | None = None
    field_of_study: str | None = None
    credits_available: float | None = None
    language: str | None = None
    tags: tuple[str, ...] = ()
    result_descriptions: tuple[ResultDescription, ...] = ()
    alignments: tuple[Alignment, ...] = ()
    version: str | None = None

    def to_json(self) -> JSONObject:
        """The Achievement node."""
        node: JSONObject = {
            "id": self.id, "type": ["Achievement"], "achievementType": self.kind, "name": self.name,
            "description": self.description, "criteria": {"narrative": self.criteria},
        } | _given(humanCode=self.code, fieldOfStudy=self.field_of_study, creditsAvailable=self.credits_available,
                   inLanguage=self.language, version=self.version)
        if self.alignments:
            node["alignment"] = [each.to_json() for each in self.alignments]
        if self.tags:
            node["tag"] = list(self.tags)
        if self.result_descriptions:
            node["resultDescription"] = [each.to_json() for each in self.result_descriptions]
        return node


@dataclass(frozen=True)
class OpenBadge:
    """Everything that goes into one achievement credential before it has a holder.

    Attributes:
        id: Credential id, absolute URL.
        identities: Who the learner is, in the order in which they stand in ``credentialSubject.identifier``.
        valid_from: Aware; marks this edition of the credential. ``awarded`` keeps the first date.
        source: Who assessed on the issuer's behalf, where that is somebody else.
        status_entry: The ``credentialStatus`` object, or None.
        subject_id: DID of the holder, or None while it is not known.
    """

    id: str
    name: str
    issuer: Profile
    achievement: Achievement
    identities: tuple[Identity, ...]
    valid_from: datetime
    results: tuple[Result, ...] = ()
    awarded: datetime | None = None
    credits_earned: float | None = None
    term: str | None = None
    started: datetime | None = None
    ended: datetime | None = None
    narrative: str | None = None
    source: Profile | None = None
    evidence: tuple[Evidence, ...] = ()
    status_entry: Mapping[str, str] | None = None
    subject_id: str | None = None


def build_open_badge(badge: OpenBadge) -> JSONObject:
    """The credential as JSON, without proof.

    Raises:
        MalformedValueError: what came out breaks a rule of ``lint_open_badge``.

    Spec: OB-3.0 #achievementcredential
    """
    document: JSONObject = {
        "@context": list(CONTEXTS), "id": badge.id, "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": badge.name, "issuer": badge.issuer.to_json(), "validFrom": format_date_time(badge.valid_from),
    } | _given(awardedDate=_moment(badge.awarded))
    document["credentialSubject"] = _build_subject(badge)
    if badge.evidence:
        document["evidence"] = [each.to_json() for each in badge.evidence]
    if badge.status_entry is not None:
        document["credentialStatus"] = dict(badge.status_entry)
    lint_open_badge(document)
    return document


def _build_subject(badge: OpenBadge) -> JSONObject:
    subject: JSONObject = _given(id=badge.subject_id) | {"type": ["AchievementSubject"]}
    if badge.identities:
        subject["identifier"] = [identity.to_json() for identity in badge.identities]
    subject |= _given(activityStartDate=_moment(badge.started), activityEndDate=_moment(badge.ended),
                      creditsEarned=badge.credits_earned, narrative=badge.narrative, term=badge.term)
    if badge.source is not None:
        subject["source"] = badge.source.to_json()
    subject["achievement"] = badge.achievement.to_json()
    if badge.results:
        subject["result"] = [result.to_json() for result in badge.results]
    return subject


def _given(**members: Any) -> JSONObject:
    return {name: value for name, value in members.items() if value is not None}


def _moment(value: datetime | None) -> str | None:
    return None if value is None else format_date_time(value)


def is_mine(document: Any) -> bool:
    """Whether the document's type names it an Open Badges 3.0 achievement credential."""
    return isinstance(document, dict) and bool(TYPE_NAMES.intersection(_names(document)))


def check_open_badge(document: Any, *, derived: bool) -> tuple[Remark, ...]:
    """Check an achievement credential for reading.

    Args:
        document: The credential, with or without proof.
        derived: True if it was derived by selective disclosure: checked for what it shows, not for what it withholds.

    Returns:
        What the standard requires and the document lacks; real records do, and it is no reason to refuse.

    Raises:
        MalformedValueError: not an achievement credential, no achievement in a full one, or a member whose kind the
            standard does not allow; ``pointer`` names the place.

    Spec: OB-3.0 #achievementcredential
    """
    if not TYPE_NAMES.intersection(types_of(document)):
        raise MalformedValueError("this is not an Open Badges credential", pointer="/type")
    checking = ClassCheck(derived=derived)
    check_envelope(document, checking, required=("id", "issuer", "validFrom"), contexts=(OPEN_BADGES_CONTEXT,),
                   derived=derived)
    subject = only_subject(document)
    checking.check_node(subject, "AchievementSubject", "/credentialSubject")
    return (*checking.remarks, *(() if derived else check_results(subject)))


def lint_open_badge(document: JSONObject) -> None:
    """The strict rules of writing: everything the standard requires, and what design.md adds for selective disclosure.

    Raises:
        MalformedValueError: names the first rule broken and its place.

    Spec: OB-3.0 #achievementcredential
    """
    if document.get("@context", [])[: len(CONTEXTS)] != list(CONTEXTS):
        raise MalformedValueError("the contexts are not the ones we write", pointer="/@context")
    remarks = check_open_badge(document, derived=False)
    if remarks:
        raise MalformedValueError(remarks[0].detail, pointer=remarks[0].pointer)
    if not isinstance(document["issuer"], dict) or not isinstance(document["credentialSubject"], dict):
        raise MalformedValueError("issuer and credentialSubject must be objects", pointer="/issuer")
    subject = document["credentialSubject"]
    achievement = subject["achievement"]
    for index, description in enumerate(as_list(achievement.get("resultDescription"))):
        if "allowedValue" in description:
            at = pointer("credentialSubject", "achievement", "resultDescription", index, "allowedValue")
            raise MalformedValueError("a list of allowed values cannot be disclosed in part", pointer=at)
    if achievement.get("achievementType") == "Course" and not subject.get("result"):
        raise MalformedValueError("a course without a result would look finished", pointer="/credentialSubject/result")
    _lint_urls(document)


def _lint_urls(document: JSONObject) -> None:
    if not is_url(document["id"]):
        raise MalformedValueError("an id must be a URL", pointer="/id")
    optional_member(document, "name", str)
    optional_member(document, "validFrom", str)


def mandatory_pointers(document: JSONObject) -> list[str]:
    """JSON Pointers that a holder may never leave out, beyond those every suite adds by itself.

    A result that is not ``Completed`` keeps its status with it: a provisional grade is never shown as a final one. A
    standard error of measurement is always there: no score is shown without it (requirements.md §5.3).

    Spec: OB impl guide #selective-disclosure; VC-DI-ECDSA #ecdsa-sd-2023
    """
    subject = document.get("credentialSubject")
    results = subject.get("result") if isinstance(subject, dict) else None
    if isinstance(subject, dict) and isinstance(results, list):
        return [*_unfinished(results), *_errors(subject, results)]
    if isinstance(results, dict):
        return [] if results.get("status", _FINISHED) == _FINISHED else ["/credentialSubject/result/status"]
    return []


def with_statuses(document: JSONObject, pointers: tuple[str, ...]) -> tuple[str, ...]:
    """``pointers``, and the status of every result of which they show something.

    An issuer need not have made the status mandatory; a holder who shows a provisional grade shows that it is one.

    Spec: OB impl guide #selective-disclosure
    """
    steps = [each.split("/") for each in pointers]
    shown = {"/".join(parts[:length]) for parts in steps for length in range(1, len(parts))}
    statuses = [f"{at}/status" for subject_at, subject in _numbered(document.get("credentialSubject"))
                for at, result in _numbered(subject.get("result"), f"{subject_at}/result")
                if "status" in result and at in shown]
    return tuple(dict.fromkeys((*pointers, *statuses)))


def _numbered(value: Any, at: str = "/credentialSubject") -> list[tuple[str, JSONObject]]:
    """Pointer and object of each entry of an array, or of the one object that stands for it."""
    if isinstance(value, dict):
        return [(at, value)]
    entries = enumerate(value if isinstance(value, list) else ())
    return [(f"{at}/{index}", entry) for index, entry in entries if isinstance(entry, dict)]


def _unfinished(results: list[Any]) -> list[str]:
    return [
        pointer("credentialSubject", "result", index, "status")
        for index, result in enumerate(results)
        if isinstance(result, dict) and result.get("status", _FINISHED) != _FINISHED
    ]


def _errors(subject: JSONObject, results: list[Any]) -> list[str]:
    """Pointers to each standard error and its description; a lone one is left alone, as there is no score beside it."""
    found = []
    for index, description in enumerate(as_list(first_object(subject.get("achievement")).get("resultDescription"))):
        if isinstance(description, dict) and description.get("resultType") == STANDARD_ERROR and len(results) > 1:
            found.append(pointer("credentialSubject", "achievement", "resultDescription", index))
            found += [pointer("credentialSubject", "result", place) for place, result in enumerate(results)
                      if isinstance(result, dict) and result.get("resultDescription") == description.get("id")]
    return found


@dataclass(frozen=True)
class View:
    """The few things every role shows of a badge, read without judging; None or empty where absent."""

    name: str
    achievement_name: str
    achievement_type: str
    issuer_name: str
    issuer_id: str | None
    identities: Mapping[str, str] = field(default_factory=dict)


def peek_view(document: Any) -> View:
    """Read a badge's headline before (or after) trust; never raises on hostile input."""
    document = document if isinstance(document, dict) else {}
    subject, issuer = first_object(document.get("credentialSubject")), document.get("issuer")
    achievement = first_object(subject.get("achievement"))
    identities = {}
    for node in as_list(subject.get("identifier")):
        if isinstance(node, dict) and node.get("hashed") is not True and text_of(node.get("identityHash")):
            identities[text_of(node.get("identityType"))] = text_of(node.get("identityHash"))
    return View(
        name=text_of(first_value(document.get("name"))), achievement_name=text_of(first_value(achievement.get("name"))),
        achievement_type=text_of(first_value(achievement.get("achievementType"))),
        issuer_name=text_of(first_value(first_object(issuer).get("name"))), issuer_id=id_of(first_value(issuer)),
        identities=identities,
    )


def _names(document: JSONObject) -> list[str]:
    return [name for name in as_list(document.get("type")) if isinstance(name, str)]
