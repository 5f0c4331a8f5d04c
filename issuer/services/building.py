"""What goes into a course credential, a badge and a transcript. Pure: facts in, documents out."""

from __future__ import annotations

import hashlib
import re
import unicodedata
import uuid
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime

from credkit.ports import JSONObject
from credkit.profiles import clr_2, family, openbadges_3
from credkit.profiles.openbadges_3 import Achievement, Identity, OpenBadge, Profile, Result, ResultDescription
from credkit.shape import format_date_time
from issuer.importing.model import CourseRecord, Grade, School
from issuer.services import office
from issuer.services.office import digest_of
from issuer.services.rosters import course_to_json
from issuer.services.templates import Content, Template
from issuer.services.wording import phrase
from issuer.store import Credential, Person

_FRAGMENTS = {"LetterGrade": "grade", "Percent": "percent", "RawScore": "score", "Status": "state"}
_NOT_IN_SLUG = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class Facts:
    """What one credential says.

    Attributes:
        digest: Changes exactly if what it says changes.
        build: Credential id, validFrom and status entry in, unsigned document out.
    """

    title: str
    digest: str
    build: Callable[[str, datetime, JSONObject], JSONObject]


def course_facts(issuer: office.Identity, person: Person, course: CourseRecord) -> Facts:
    """A course as an Open Badges credential."""
    record = course_to_json(course)
    record.pop("file")
    record.pop("line")

    def build(credential_id: str, now: datetime, entry: JSONObject) -> JSONObject:
        term, achievement = course.term, course_achievement(issuer, course)
        ended = _midnight(term.ends) if term is not None else None
        is_over = course.status == "Completed" and ended is not None and ended <= now
        return openbadges_3.build_open_badge(OpenBadge(
            id=credential_id, name=course.title, issuer=issuer.profile(), achievement=achievement,
            identities=identities_of(person), valid_from=now, results=_results(achievement, course),
            awarded=ended if is_over else None, credits_earned=course.credits_earned,
            term=term.label if term is not None else None,
            started=_midnight(term.starts) if term is not None else None, ended=ended,
            source=_source(issuer, course.school), status_entry=entry,
        ))

    return Facts(course.title, digest_of(["course", _issuer_digest(issuer), _person_digest(person), record]), build)


def transcript_facts(issuer: office.Identity, person: Person, members: Sequence[Credential]) -> Facts:
    """A transcript over course credentials, which keep their ids and status entries in it."""
    return _clr_facts("transcript", phrase(issuer.language, "transcript", school=issuer.name), issuer, person, members)


def full_record_facts(issuer: office.Identity, person: Person, members: Sequence[Credential]) -> Facts:
    """Everything the school has signed for a student; as it is whole, ``partial`` is absent."""
    return _clr_facts("full record", phrase(issuer.language, "full_record", school=issuer.name), issuer, person,
                      members)


def _clr_facts(kind: str, title: str, issuer: office.Identity, person: Person, members: Sequence[Credential]) -> Facts:
    """A CLR over credentials; ``kind`` tells one from another that holds the same."""
    def build(credential_id: str, now: datetime, entry: JSONObject) -> JSONObject:
        return clr_2.build_clr(clr_2.Clr(
            id=credential_id, name=title, issuer=issuer.profile(), identities=identities_of(person), valid_from=now,
            members=[member.document for member in members], status_entry=entry,
        ))

    content = [kind, _issuer_digest(issuer), _person_digest(person),
               [[member.id, member.document_digest] for member in members]]
    return Facts(title, digest_of(content), build)


def same_facts(old: Credential) -> Facts:
    """What a credential says, to be said again under another id."""

    def build(credential_id: str, now: datetime, entry: JSONObject) -> JSONObject:
        fresh: JSONObject = {"id": credential_id, "credentialStatus": dict(entry)}
        if not family.is_mine(old.document):  # there it says since when somebody is guardian
            fresh["validFrom"] = format_date_time(now)
        return {name: fresh.get(name, value) for name, value in old.document.items()}

    return Facts(old.title, old.content_digest, build)


def badge_facts(issuer: office.Identity, person: Person, achievement: Achievement, narrative: str | None,
                awarded: datetime) -> Facts:
    """A badge as an Open Badges credential."""

    def build(credential_id: str, now: datetime, entry: JSONObject) -> JSONObject:
        return openbadges_3.build_open_badge(OpenBadge(
            id=credential_id, name=achievement.name, issuer=issuer.profile(), achievement=achievement,
            identities=identities_of(person), valid_from=now, awarded=awarded, narrative=narrative, status_entry=entry,
        ))

    content = ["badge", _issuer_digest(issuer), _person_digest(person), asdict(achievement), narrative]
    return Facts(achievement.name, digest_of(content), build)


def template_facts(issuer: office.Identity, person: Person, form: Template, content: Content) -> Facts:
    """A record made from a template as an Open Badges credential."""
    described = [[each.fragment, each.name, each.result_type, each.lowest, each.highest] for each in content.measures]
    public = [form.name, content.achievement, content.description, content.criteria, content.version,
              ",".join(content.tags), *(each.url for each in content.alignments), digest_of(described)]
    achievement_id = achievement_url(issuer, content.achievement, public)
    achievement = Achievement(
        id=achievement_id, kind=form.achievement_type, name=content.achievement, description=content.description,
        criteria=content.criteria, language=issuer.language, tags=content.tags, alignments=content.alignments,
        version=content.version, field_of_study=content.subject,
        result_descriptions=tuple(ResultDescription(f"{achievement_id}#{each.fragment}", each.name, each.result_type,
                                                    each.lowest, each.highest) for each in content.measures),
    )

    def build(credential_id: str, now: datetime, entry: JSONObject) -> JSONObject:
        ended = content.ended
        return openbadges_3.build_open_badge(OpenBadge(
            id=credential_id, name=content.title, issuer=issuer.profile(), achievement=achievement,
            identities=identities_of(person), valid_from=now, narrative=content.narrative, term=content.term,
            awarded=ended if ended is not None and ended <= now else None, started=content.started, ended=ended,
            results=tuple(Result(f"{achievement_id}#{each.fragment}", "Completed", each.value)
                          for each in content.measures),
            source=_teacher(issuer, content.teacher), evidence=content.evidence, status_entry=entry,
        ))

    facts = [form.name, _issuer_digest(issuer), _person_digest(person), achievement.to_json(), content.title,
             content.narrative, content.term, str(content.started), str(content.ended), list(content.teacher or ()),
             [each.value for each in content.measures], [each.to_json() for each in content.evidence]]
    return Facts(content.title, digest_of(facts), build)


def identities_of(person: Person) -> tuple[Identity, ...]:
    """Name first, then the school's number; each can be shown alone."""
    return (Identity("name", person.name), Identity("sourcedId", person.number))


def course_achievement(issuer: office.Identity, course: CourseRecord) -> Achievement:
    """What anybody can earn in this course; the same id for everybody."""
    school = course.school.name if course.school is not None else issuer.name
    achievement_id = achievement_url(issuer, course.code or course.title,
                                     [course.school.id if course.school else "", course.code, course.title])
    kinds = course.grades or (Grade("Status", ""),)
    descriptions = tuple(
        ResultDescription(f"{achievement_id}#{_FRAGMENTS[grade.kind]}", phrase(issuer.language, grade.kind), grade.kind,
                          grade.lowest, grade.highest)
        for grade in kinds
    )
    return Achievement(
        id=achievement_id, kind="Course", name=course.title, code=course.code, field_of_study=course.subject,
        description=phrase(issuer.language, "course_description", title=course.title, school=school),
        criteria=phrase(issuer.language, "course_criteria", school=school), language=course.language,
        credits_available=course.credits_available, result_descriptions=descriptions,
    )


def achievement_url(issuer: office.Identity, readable: str, content: Sequence[str | None]) -> str:
    """A stable address under the issuer's origin for something that can be earned."""
    plain = unicodedata.normalize("NFKD", readable).encode("ascii", "ignore").decode().lower()
    slug = _NOT_IN_SLUG.sub("-", plain).strip("-")[:40]
    suffix = hashlib.sha256("\x1f".join(part or "" for part in content).encode()).hexdigest()[:8]
    return f"{issuer.origin}/achievements/{slug}-{suffix}" if slug else f"{issuer.origin}/achievements/{suffix}"


def _results(achievement: Achievement, course: CourseRecord) -> tuple[Result, ...]:
    """One result per grade; without a grade one that says so (never a bare course)."""
    values: list[str | None] = [grade.value for grade in course.grades]
    values = values or [None]
    return tuple(Result(description.id, course.status, value)
                 for description, value in zip(achievement.result_descriptions, values, strict=True))


def _source(issuer: office.Identity, school: School | None) -> Profile | None:
    """The school that taught the course, where the issuer is called something else."""
    if school is None or school.name == issuer.name:
        return None
    return Profile(f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{issuer.origin}/schools/{school.id}')}", school.name)


def _teacher(issuer: office.Identity, teacher: tuple[str, str | None] | None) -> Profile | None:
    if teacher is None:
        return None
    name, link = teacher
    return Profile(f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{issuer.origin}/teachers/{name}')}", name, link)


def _midnight(day: date | None) -> datetime | None:
    return None if day is None else datetime(day.year, day.month, day.day, tzinfo=UTC)


def _issuer_digest(issuer: office.Identity) -> list[str]:
    return [issuer.origin, issuer.name, issuer.language]


def _person_digest(person: Person) -> list[str]:
    return [person.number, person.name]
