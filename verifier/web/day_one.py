"""The teacher's page for a student's first day (requirements.md Q9): from a result, strengths first, then the record.

Only records that hold are in it, with their words as signed; what the family says stands under the family's name.
"""

from __future__ import annotations

from dataclasses import dataclass

from ui.web.components import Signer, Transcript
from verifier.web.told import Told, ToldPaper, ToldRecord, course_tables

STRENGTHS = ("strength", "interest", "asset", "motivation")
PLANS = ("goal", "preference", "need", "challenge")
Statement = tuple[str, str, str | None]


@dataclass(frozen=True)
class Remark:
    """What somebody says about a record, and the record's title with its language."""

    title: str
    language: str | None
    comment: ToldRecord


@dataclass(frozen=True)
class DayOne:
    """The page.

    Attributes:
        strengths: What the family says the student is good at and likes; kind, words, language.
        badges: Awards, most telling first as they came.
        courses: A table by term for each signer.
        others: Records that are neither, such as a test.
        plans: What the family says of goals and of what helps.
        remarks: Comments on the records above.
        papers: Old papers that the family added; nobody verified them.
        notes: That this is an unofficial copy, and who chose it.
        left_out: How many records are left out, because not every check passed.
    """

    students: tuple[str, ...]
    signers: tuple[Signer, ...]
    strengths: tuple[Statement, ...]
    badges: tuple[ToldRecord, ...]
    courses: tuple[tuple[Signer, Transcript], ...]
    others: tuple[ToldRecord, ...]
    plans: tuple[Statement, ...]
    remarks: tuple[Remark, ...]
    left_out: int
    papers: tuple[ToldPaper, ...]
    notes: tuple[str, ...]


def build_day_one(told: Told) -> DayOne:
    """The page for what a check or an answer came to."""
    every = [each for record in told.records for each in _parts(record)]
    good = [each for each in every if each.shown and (each.verified or (each.holds and each.voice == "family"))]
    said = [statement for record in good for statement in record.said]
    whole = [record for record in told.records if record.kind == "transcript" and record.verified]
    return DayOne(
        students=tuple(dict.fromkeys(record.student for record in good if record.student)),
        signers=tuple(dict.fromkeys(record.signer for record in good if record.kind != "about-me")),
        strengths=tuple(each for each in said if each[0] in STRENGTHS),
        badges=tuple(record for record in good if record.kind == "badge"),
        courses=course_tables(good),
        others=tuple(record for record in good if record.kind not in ("badge", "course", "about-me", "grant")),
        plans=tuple(each for each in said if each[0] in PLANS),
        remarks=tuple(
            Remark(record.title, record.language, comment)
            for record in (*whole, *good)
            for comment in record.endorsements
            if comment.holds and comment.comment
        ),
        left_out=len(every) - len(good),
        papers=told.papers,
        notes=told.notes,
    )


def _parts(record: ToldRecord) -> tuple[ToldRecord, ...]:
    """The records in a transcript that holds, else the record itself."""
    return record.members if record.kind == "transcript" and record.verified else (record,)
