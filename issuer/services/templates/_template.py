"""What a template is: a form of plain questions, and the words and numbers that its answers put into a record."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Final, Literal

from credkit.errors import MalformedValueError
from credkit.profiles.openbadges_3 import Alignment, Evidence
from credkit.shape import is_url
from issuer.importing.model import N_
from issuer.services.wording import phrase

FieldKind = Literal["text", "textarea", "number", "whole", "date", "url", "choice", "standard"]
MAX_TEXT: Final = 200
MAX_LONG_TEXT: Final = 5000
_NUMBER: Final = re.compile(r"-?[0-9]{1,7}(\.[0-9]{1,6})?", re.ASCII)
_WHOLE: Final = re.compile(r"[0-9]{1,5}", re.ASCII)
_EARLIEST: Final = date(1950, 1, 1)
_LATEST: Final = date(2200, 1, 1)


@dataclass(frozen=True)
class Field:
    """One question.

    Attributes:
        label, help: To be translated where they are shown.
        options: Value and label of each choice.
    """

    name: str
    label: str
    kind: FieldKind = "text"
    required: bool = False
    help: str = ""
    options: tuple[tuple[str, str], ...] = ()


class AnswersProblem(MalformedValueError):
    """Answers that cannot go into a record; ``errors`` by field, each a sentence to be translated."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        self.errors = dict(errors)
        name, sentence = next(iter(self.errors.items()))
        super().__init__(f"{name}: {sentence}", pointer=f"/{name}")


@dataclass(frozen=True)
class Answers:
    """Checked answers; an empty one is absent.

    Attributes:
        standards: What the answer to a question of kind ``standard`` stands for, by field.
    """

    values: Mapping[str, str]
    standards: Mapping[str, Alignment] = field(default_factory=dict)

    def get(self, name: str) -> str:
        """The text of an answer, empty if there is none."""
        return self.values.get(name, "")

    def number(self, name: str) -> float | None:
        """The number that was answered, or None."""
        return float(self.values[name]) if name in self.values else None

    def day(self, name: str) -> datetime | None:
        """Midnight UTC of the day that was answered, or None."""
        if name not in self.values:
            return None
        day = date.fromisoformat(self.values[name])
        return datetime(day.year, day.month, day.day, tzinfo=UTC)


@dataclass(frozen=True)
class Measure:
    """One result with its description; ``fragment`` names it within the achievement."""

    fragment: str
    name: str
    result_type: str
    value: str
    lowest: str | None = None
    highest: str | None = None


@dataclass(frozen=True)
class Content:
    """What one record says.

    Attributes:
        key: What of the student it records; one living record per template and key.
        title: The record's own name.
        achievement: What anybody can have; it stands at a public address and never says who has it.
        teacher: Name and public address of who taught or assessed, where that is a person; the address may be None.
    """

    key: str
    title: str
    achievement: str
    description: str
    criteria: str
    measures: tuple[Measure, ...] = ()
    tags: tuple[str, ...] = ()
    alignments: tuple[Alignment, ...] = ()
    version: str | None = None
    subject: str | None = None
    narrative: str | None = None
    term: str | None = None
    started: datetime | None = None
    ended: datetime | None = None
    evidence: tuple[Evidence, ...] = ()
    teacher: tuple[str, str | None] | None = None


@dataclass(frozen=True)
class Words:
    """The sentences of one language, filled."""

    language: str

    def __call__(self, key: str, **values: str) -> str:
        return phrase(self.language, key, **values)


@dataclass(frozen=True)
class Template:
    """One kind of record the office can issue by form, by command, or from an import.

    Attributes:
        name: On the command line, in addresses, and as id of the credential configuration.
        title: To be translated where it is shown.
        achievement_type: Of Open Badges, or ``ext:…``.
        sensitive: Whether families share it only on purpose; only a registrar sees it then.
        check: Finds what does not fit together; field and sentence.
    """

    name: str
    title: str
    about: str
    achievement_type: str
    fields: tuple[Field, ...]
    content: Callable[[Answers, Words], Content]
    sensitive: bool = False
    check: Callable[[Answers], dict[str, str]] = lambda answers: {}


def check_answers(template: Template, raw: Mapping[str, str], standards: Mapping[str, Alignment]) -> Answers:
    """The answers as they may go into a record.

    Args:
        raw: Text by field; white space around it does not count.
        standards: What the answers to questions of kind ``standard`` stand for, where that is known.

    Raises:
        AnswersProblem: one or more answers cannot be taken, or a field is not of this template.
    """
    known = {each.name: each for each in template.fields}
    errors = {name: N_("This template has no such question.") for name in raw if name not in known}
    values = {name: text for name, each in raw.items() if (text := each.strip())}
    for each in template.fields:
        problem = _problem_of(each, values.get(each.name), standards)
        if problem is not None:
            errors[each.name] = problem
    answers = Answers(values, standards)
    if not errors:
        errors = template.check(answers)
    if errors:
        raise AnswersProblem(errors)
    return answers


def _problem_of(question: Field, value: str | None, standards: Mapping[str, Alignment]) -> str | None:
    if value is None:
        return N_("Fill this in.") if question.required else None
    if len(value) > (MAX_LONG_TEXT if question.kind == "textarea" else MAX_TEXT):
        return N_("This is too long.")
    if any(ord(character) < 32 and character not in "\r\n\t" for character in value):
        return N_("This holds characters that cannot be written.")
    match question.kind:
        case "number":
            return None if _NUMBER.fullmatch(value) else N_("Write a number, such as 12 or 3.5.")
        case "whole":
            return None if _WHOLE.fullmatch(value) else N_("Write a whole number, such as 12.")
        case "date":
            return None if _is_day(value) else N_("Write the day as year, month, day: 2026-05-29.")
        case "url":
            is_address = value.startswith("https://") and is_url(value)
            return None if is_address else N_("Write an address that begins with https://.")
        case "choice":
            return None if value in dict(question.options) else N_("Choose one of the list.")
        case "standard":
            if question.name in standards:
                return None
            return N_("We do not know this standard. Import its CASE package first, or write its address.")
    return None


def _is_day(text: str) -> bool:
    try:
        return len(text) == 10 and _EARLIEST <= date.fromisoformat(text) <= _LATEST
    except ValueError:
        return False
