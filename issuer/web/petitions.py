"""What waits for a registrar, in the words of the page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from flask_babel import gettext as _

from issuer.services.approvals import PetitionView
from issuer.services.templates import template
from issuer.store import Petition
from ui.languages import N_
from ui.web.components import Fact

KINDS: Final[Mapping[str, str]] = {
    "award": N_("Record drafted by a teacher"), "badge": N_("Badge drafted by a teacher"),
    "reissue": N_("Records under a fresh key"), "transfer": N_("Record for another school"),
    "endorsement": N_("A teacher’s word on a work"),
}
STATES: Final[Mapping[str, str]] = {
    "waiting": N_("waits"), "approved": N_("approved"), "refused": N_("refused"), "sending": N_("being sent"),
    "sent": N_("sent"), "failed": N_("refused by the other school"), "unknown": N_("nobody knows whether it arrived"),
}


def petition_words(view: PetitionView) -> str:
    """What is asked, in a few words."""
    petition = view.petition
    if petition.kind == "award":
        return str(_(template(petition.content["template"]).title))
    return str(_(KINDS.get(petition.kind, petition.kind)))


def state_words(state: str) -> str:
    """Where a petition stands."""
    return str(_(STATES.get(state, state)))


def facts_of(view: PetitionView) -> list[Fact]:
    """All that was written or asked, line by line."""
    facts = _FACTS.get(view.petition.kind)
    return [] if facts is None else [fact for fact in facts(view.petition) if fact.value]


def _award(petition: Petition) -> list[Fact]:
    form, answers = template(petition.content["template"]), petition.content["answers"]
    return [Fact(_(each.label), str(_(dict(each.options)[answers[each.name]])) if each.options else answers[each.name],
                 markdown=each.kind == "textarea")
            for each in form.fields if each.name in answers]


def _badge(petition: Petition) -> list[Fact]:
    words = petition.content["badge"]
    return [Fact(_("Name of the badge"), words["name"]),
            Fact(_("What it stands for"), words["description"], markdown=True),
            Fact(_("What one has to do for it"), words["criteria"], markdown=True),
            Fact(_("What this student did"), petition.content["story"] or "", markdown=True)]


def _endorsement(petition: Petition) -> list[Fact]:
    content = petition.content
    return [Fact(_("Number of the work"), content["work"]), Fact(_("Teacher’s name"), content["teacher"]),
            Fact(_("What the teacher says"), content["comment"], markdown=True)]


_FACTS: Final[Mapping[str, Callable[[Petition], list[Fact]]]] = {
    "award": _award, "badge": _badge, "endorsement": _endorsement,
}
