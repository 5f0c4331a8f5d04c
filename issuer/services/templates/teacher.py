"""Who taught, and where that person's own qualification can be checked (D10): a link, never a copy."""

from __future__ import annotations

from credkit.profiles.openbadges_3 import Evidence
from issuer.importing.model import N_
from issuer.services.templates._template import Answers, Content, Field, Template, Words


def _content(answers: Answers, words: Words) -> Content:
    teacher, course, link = answers.get("teacher"), answers.get("course"), answers.get("link")
    return Content(
        key="|".join((teacher, course, answers.get("term"))), title=words("teacher_title", course=course),
        achievement=words("teacher_name"), description=words("teacher_description"),
        criteria=words("teacher_criteria"), term=answers.get("term") or None, tags=("teacher",),
        narrative=words("teacher_story", teacher=teacher, course=course),
        evidence=(Evidence(link, answers.get("qualification")),), teacher=(teacher, link),
    )


TEMPLATE = Template(
    "teacher", N_("Teacher’s qualification"), N_("A link to the teacher’s own public record. Nothing is copied."),
    "ext:TeacherQualification",
    (
        Field("teacher", N_("Teacher’s name"), required=True), Field("course", N_("Course or class"), required=True),
        Field("term", N_("Term")),
        Field("qualification", N_("Qualification"), required=True, help=N_("Such as Utah licence, mathematics 6–12.")),
        Field("link", N_("Where anybody can check it"), "url", required=True),
    ), _content,
)
