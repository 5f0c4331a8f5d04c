"""What all templates about tests share: subjects, purposes, seasons, and tags as requirements.md §5.3 writes them."""

from __future__ import annotations

from typing import Final

from issuer.importing.model import N_
from issuer.services.templates._template import Answers, Field

SUBJECTS: Final = (
    ("reading", N_("Reading")), ("math", N_("Mathematics")), ("language arts", N_("Language arts")),
    ("writing", N_("Writing")), ("science", N_("Science")), ("social studies", N_("Social studies")),
    ("other", N_("Another subject")),
)
PURPOSES: Final = (
    ("summative", N_("End of year or state test")), ("interim", N_("Test during the year")),
    ("formative", N_("Small test for teaching")),
)
SEASONS: Final = (("fall", N_("Fall")), ("winter", N_("Winter")), ("spring", N_("Spring")), ("summer", N_("Summer")))
LANGUAGES: Final = (("en", N_("English")), ("es", N_("Spanish")), ("other", N_("Another language")))
GRADES: Final = (("K", N_("Kindergarten")), *((str(number), str(number)) for number in range(1, 13)))

TEST = Field("test", N_("Name of the test"), required=True)
VERSION = Field("version", N_("Edition"), help=N_("Such as the year of its norms: norms 2025."))
SUBJECT = Field("subject", N_("Subject"), "choice", required=True, options=SUBJECTS)
PURPOSE = Field("purpose", N_("What the test is for"), "choice", options=PURPOSES)
GRADE = Field("grade", N_("Grade level"), "choice", options=GRADES)
TAKEN_ON = Field("taken_on", N_("Day of the test"), "date", required=True)
TERM = Field("term", N_("Term"), help=N_("Such as Spring 2026."))
TESTED_IN = Field("tested_in", N_("Language of the test"), "choice", options=LANGUAGES)


def tags_of(answers: Answers, *more: str) -> tuple[str, ...]:
    """The keywords that say what kind of test it was, each once."""
    grade, season, tested_in = answers.get("grade"), answers.get("season"), answers.get("tested_in")
    subject = answers.get("subject")
    found = (answers.get("purpose"), "" if subject == "other" else subject, f"grade:{grade}" if grade else "",
             f"season:{season}" if season else "", f"language:{tested_in}" if tested_in else "", *more)
    return tuple(dict.fromkeys(tag for tag in found if tag))
