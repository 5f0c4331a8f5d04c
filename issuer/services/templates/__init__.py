"""The records an office can issue beside courses and badges: Utah's Backpack elements (requirements.md D8 to D16).

A template is one file here and one entry in ``TEMPLATES``.
"""

from __future__ import annotations

from typing import Final

from credkit.errors import UnsupportedError
from issuer.services.templates import (
    assessment,
    attendance,
    growth,
    iep,
    mastery,
    reading_level,
    service,
    teacher,
    work_habits,
)
from issuer.services.templates._template import (
    Answers,
    AnswersProblem,
    Content,
    Field,
    Measure,
    Template,
    Words,
    check_answers,
)

__all__ = ["TEMPLATES", "Answers", "AnswersProblem", "Content", "Field", "Measure", "Template", "Words",
           "check_answers", "template"]

TEMPLATES: Final[tuple[Template, ...]] = (
    attendance.TEMPLATE, assessment.TEMPLATE, growth.TEMPLATE, reading_level.TEMPLATE, mastery.TEMPLATE,
    teacher.TEMPLATE, iep.TEMPLATE, service.TEMPLATE, work_habits.TEMPLATE,
)
"""Every template, in the order of the Backpack's elements."""


def template(name: str) -> Template:
    """The template called ``name``.

    Raises:
        UnsupportedError: there is none.
    """
    found = next((each for each in TEMPLATES if each.name == name), None)
    if found is None:
        raise UnsupportedError("there is no such template")
    return found
