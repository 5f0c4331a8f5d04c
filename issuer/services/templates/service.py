"""A service a student received, such as speech therapy (D6): what, by whom, how often, goals and progress."""

from __future__ import annotations

from issuer.importing.model import N_
from issuer.services.templates._sections import sections
from issuer.services.templates._template import Answers, Content, Field, Template, Words


def _check(answers: Answers) -> dict[str, str]:
    begins, ends = answers.day("begins"), answers.day("ends")
    is_backwards = begins is not None and ends is not None and ends < begins
    return {"ends": N_("It cannot end before it begins.")} if is_backwards else {}


def _content(answers: Answers, words: Words) -> Content:
    service, provider = answers.get("service"), answers.get("provider")
    return Content(
        key="|".join((service, provider, answers.get("begins"))), title=service, achievement=words("service_name"),
        description=words("service_description"), criteria=words("service_criteria"),
        measures=sections(answers, words, "service", "frequency", "goals", "progress"), tags=("services",),
        started=answers.day("begins"), ended=answers.day("ends"), term=answers.get("term") or None,
        teacher=(provider, None) if provider else None,
    )


TEMPLATE = Template(
    "service", N_("Service record"), N_("A service the student received, with its goals."), "ext:ServiceRecord",
    (
        Field("service", N_("Service"), required=True, help=N_("Such as speech therapy.")),
        Field("provider", N_("Who gave it"), help=N_("Name of the person or the place.")),
        Field("begins", N_("Begins on"), "date", required=True), Field("ends", N_("Ends on"), "date"),
        Field("term", N_("Term")), Field("frequency", N_("How often"), help=N_("Such as twice a week, 30 minutes.")),
        Field("goals", N_("Goals"), "textarea"), Field("progress", N_("Progress"), "textarea"),
    ), _content, sensitive=True, check=_check,
)
