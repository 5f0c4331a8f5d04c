"""The documents that are measured: a badge of 3 kB, a transcript of 60 courses, one record of a transcript's size."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from credkit.formats.sd_jwt_vc import Path
from credkit.profiles.clr_2 import Clr, build_clr
from credkit.profiles.openbadges_3 import (
    Achievement,
    Identity,
    OpenBadge,
    Profile,
    Result,
    ResultDescription,
    build_open_badge,
)

COURSES = 60
ISSUED = datetime(2026, 6, 12, 15, 0, tzinfo=UTC)
STUDENT = "did:key:z6Mkqm7jV5kQ3ATcNmLxgFzeTQPBUF7Bt43pTwJ1rWJUXB4t"
IDENTITIES = (Identity("name", "Ana Sofía Delgado Ramírez"), Identity("sourcedId", "2041-77310"))
SUBJECTS = ("Algebra II", "Biology", "World History", "English 10", "Spanish III", "Chemistry", "Studio Art", "Physics")
DETAILED = "{}: one semester, five lessons a week, with a project that is presented to the class and to the families."
GRADES = ("A", "A-", "B+", "B", "B-", "C+")


def badge(issuer: str) -> dict[str, Any]:
    """One Open Badges credential on VCDM 2.0, about 3 kB, without proof."""
    course = _course(0, details=True)
    return build_open_badge(
        OpenBadge(
            id="urn:uuid:4b3a0d46-9a0f-4c3e-8d0a-000000000000",
            name="Algebra II, fall 2025",
            issuer=Profile(issuer, "Lincoln High School", "https://lincoln.example/"),
            achievement=course,
            identities=IDENTITIES,
            valid_from=ISSUED,
            results=_results(0, course),
            awarded=ISSUED - timedelta(days=1),
            credits_earned=1.0,
            term="2025-26 semester 1",
            started=datetime(2025, 8, 25, tzinfo=UTC),
            ended=datetime(2026, 1, 16, tzinfo=UTC),
            narrative="Worked ahead of the class from October on and explained her reasoning in writing every week.",
            source=Profile("urn:uuid:4b3a0d46-9a0f-4c3e-8d0a-00000000feed", "Ms Ortega, Mathematics"),
            status_entry=_status(0),
            subject_id=STUDENT,
        )
    )


def course(index: int, issuer: str) -> dict[str, Any]:
    """The record of one course as it stands in a transcript, without proof."""
    achievement = _course(index, details=False)
    return build_open_badge(
        OpenBadge(
            id=f"urn:uuid:4b3a0d46-9a0f-4c3e-8d0a-{index:012x}",
            name=achievement.name,
            issuer=Profile(issuer, "Lincoln High School"),
            achievement=achievement,
            identities=IDENTITIES[:1],
            valid_from=ISSUED,
            results=_results(index, achievement),
            credits_earned=1.0,
            term=f"Semester {index // 8 + 1}",
            status_entry=_status(index),
            subject_id=STUDENT,
        )
    )


def transcript(issuer: str, members: list[dict[str, Any]]) -> dict[str, Any]:
    """A CLR 2.0 transcript around signed members, without its own proof."""
    return build_clr(
        Clr(
            id="urn:uuid:4b3a0d46-9a0f-4c3e-8d0a-ffffffffffff",
            name="High school transcript",
            issuer=Profile(issuer, "Lincoln High School"),
            members=tuple(members),
            identities=IDENTITIES,
            valid_from=ISSUED,
            subject_id=STUDENT,
        )
    )


def long_record(issuer: str, results: int = 4 * COURSES - 20) -> dict[str, Any]:
    """One credential of a transcript's size that can be shown in part: a programme with a result per course."""
    descriptions = tuple(
        ResultDescription(
            f"urn:uuid:5c3a0d46-9a0f-4c3e-8d0a-{index:012x}",
            f"Grade in {SUBJECTS[index % len(SUBJECTS)]}, part {index // len(SUBJECTS) + 1}: a letter from F to A, "
            "where a C or better counts towards the diploma and a D earns credit only in electives",
            "LetterGrade",
            "F",
            "A",
        )
        for index in range(results)
    )
    values = tuple(
        Result(description.id, "Completed", GRADES[index % len(GRADES)])
        for index, description in enumerate(descriptions)
    )
    programme = Achievement(
        id="https://lincoln.example/programmes/diploma",
        kind="Diploma",
        name="High school diploma programme",
        description="Four years of study with a grade for every part of every course.",
        criteria="Pass every required course; see the school's graduation requirements.",
        result_descriptions=descriptions,
    )
    return build_open_badge(
        OpenBadge(
            id="urn:uuid:4b3a0d46-9a0f-4c3e-8d0a-eeeeeeeeeeee",
            name="High school diploma programme",
            issuer=Profile(issuer, "Lincoln High School"),
            achievement=programme,
            identities=IDENTITIES,
            valid_from=ISSUED,
            results=values,
            status_entry=_status(999),
            subject_id=STUDENT,
        )
    )


def sd_jwt_badge(issuer: str, holder_jwk: dict[str, str]) -> tuple[dict[str, Any], list[Path], list[Path]]:
    """The same badge as the claims of an SD-JWT VC, what can be kept back in it, and what of that is shown."""
    document = badge(issuer)
    subject = document["credentialSubject"]
    claims = {
        "vct": f"{issuer}/vct/course", "iss": issuer, "iat": int(ISSUED.timestamp()),
        "exp": int((ISSUED + timedelta(days=365)).timestamp()), "cnf": {"jwk": holder_jwk},
        **{name: document[name] for name in ("id", "type", "name", "issuer", "awardedDate", "credentialSubject")},
    }
    whole = sorted(subject.keys() - {"id", "type", "identifier", "achievement", "result"})
    selective: list[Path] = [("credentialSubject", name) for name in whole]
    selective += [("credentialSubject", name, index) for name in ("identifier", "result") for index in (0, 1)]
    selective += [("credentialSubject", "result", index, "value") for index in (0, 1)]
    selective += [("credentialSubject", "achievement", name) for name in ("description", "criteria", "humanCode")]
    return claims, selective, [("credentialSubject", "identifier", 0), ("credentialSubject", "result", 0, "value")]


def _course(index: int, *, details: bool) -> Achievement:
    name = f"{SUBJECTS[index % len(SUBJECTS)]} {index // len(SUBJECTS) + 1}"
    grade = ResultDescription(f"urn:uuid:5c3a0d46-9a0f-4c3e-8d0a-{index:012x}", "Final grade", "LetterGrade", "F", "A")
    percent = ResultDescription(
        f"urn:uuid:6c3a0d46-9a0f-4c3e-8d0a-{index:012x}", "Final percent", "Percent", "0", "100"
    )
    return Achievement(
        id=f"https://lincoln.example/courses/{index}",
        kind="Course",
        name=name,
        description=DETAILED.format(name) if details else f"{name}, one semester.",
        criteria="Pass the final examination and hand in **every** project.",
        code=f"MA{200 + index}",
        field_of_study="Mathematics" if details else None,
        credits_available=1.0,
        language="en-US" if details else None,
        tags=("mathematics", "college preparatory", "grade 10") if details else (),
        result_descriptions=(grade, percent) if details else (grade,),
    )


def _results(index: int, achievement: Achievement) -> tuple[Result, ...]:
    values = (GRADES[index % len(GRADES)], "93")
    return tuple(
        Result(description.id, "Completed", value)
        for description, value in zip(achievement.result_descriptions, values, strict=False)
    )


def _status(index: int) -> dict[str, str]:
    return {
        "id": f"https://lincoln.example/status/1#{index}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": str(index),
        "statusListCredential": "https://lincoln.example/status/1",
    }
