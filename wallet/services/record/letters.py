"""The words of a letter to a school, paragraph by paragraph, in whatever language ``translate`` speaks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from wallet.services.record.labels import N_
from wallet.services.record.tracker import Deadline, Kind, Letter

_SUBJECTS: Final[Mapping[Kind, str]] = MappingProxyType({
    "access": N_("I ask to see the education record of %(learner)s"),
    "former-school": N_("I ask for the education record of %(learner)s"),
    "correction": N_("I ask you to correct the education record of %(learner)s"),
    "destruction": N_("I ask you to destroy papers about %(learner)s that are no longer needed"),
})
_FERPA = N_("The law gives this right to parents, and to students of 18 or more (FERPA, 34 CFR 99.10).")
_DIGITAL = N_("If you have it as a digital record that you sign, please offer it to our backpack.")


def subject_of(kind: Kind, letter: Letter, translate: Callable[[str], str]) -> str:
    """What the letter is about, in one line."""
    return translate(_SUBJECTS[kind]) % {"learner": letter.learner}


def paragraphs(kind: Kind, letter: Letter, deadline: Deadline, translate: Callable[[str], str]) -> tuple[str, ...]:
    """Everything between the subject and the signature."""
    body = {"access": _access, "former-school": _former_school, "correction": _correction,
            "destruction": _destruction}[kind](letter, translate)
    born = [translate(N_("Birth date:")) + " " + letter.born] if letter.born else []
    end = [] if kind == "correction" else _deadline(kind, deadline, translate)
    return (*born, translate(N_("To whom it may concern:")), *body, *end, translate(N_("Thank you.")))


def _access(letter: Letter, translate: Callable[[str], str]) -> list[str]:
    return [
        translate(N_("Please let me see this education record, and give me a copy.")) + " " + translate(_FERPA),
        translate(_DIGITAL), *([letter.words] if letter.words else [])]


def _former_school(letter: Letter, translate: Callable[[str], str]) -> list[str]:
    return [
        translate(N_("This student was at your school and now goes to another one.")) + " " + translate(
            N_("Please send me the full record, and tell me if you sent it to the new school.")),
        translate(N_("It should hold grades, courses, tests and attendance.")) + " " + translate(
            N_("If there are special education papers, please send them too.")) + " " + translate(_FERPA),
        translate(_DIGITAL), *([letter.words] if letter.words else [])]


def _correction(letter: Letter, translate: Callable[[str], str]) -> list[str]:
    return [
        translate(N_("This record is wrong or misleading:")) + " " + letter.about,
        translate(N_("What is wrong, and what it should say:")) + " " + letter.words,
        translate(N_("Please decide within a reasonable time (FERPA, 34 CFR 99.20).")) + " " + translate(
            N_("If you do not change it, please write to me why, and how I can ask for a hearing.")),
        translate(N_("Then I may add a statement that goes wherever the record goes (34 CFR 99.21)."))]


def _destruction(letter: Letter, translate: Callable[[str], str]) -> list[str]:
    named = [translate(N_("These papers:")) + " " + letter.about] if letter.about else []
    return [
        translate(N_("Please destroy the special education papers that you no longer need to provide services."))
        + " " + translate(N_("The law gives parents this right (IDEA, 34 CFR 300.624).")), *named,
        translate(N_("I know that you may keep name, address, phone number, grades, attendance and classes for good.")),
        *([letter.words] if letter.words else [])]


def _deadline(kind: Kind, deadline: Deadline, translate: Callable[[str], str]) -> list[str]:
    if kind == "destruction":
        return []
    if deadline == "3-business-days":
        return [translate(N_("Please answer within 3 business days, as Georgia's student data law aims at.")) + " "
                + translate(N_("In any case the law asks for an answer within 45 days."))]
    if deadline == "10-days":
        return [translate(N_("We are a military family. Please send the official record within 10 days.")) + " "
                + translate(N_("The Interstate Compact for military children asks for it (Article IV)."))]
    return [translate(N_("Please answer within 45 days, as the law asks."))]
