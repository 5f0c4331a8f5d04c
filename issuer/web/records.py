"""One record: what it says, who has it, and taking it back."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from credkit.errors import StateError
from credkit.ports import JSONObject
from credkit.profiles import clr_2, endorsement, openbadges_3
from credkit.shape import as_list
from issuer.services.revocation import MAX_REASON_CHARACTERS
from issuer.store import Credential, Person, language_of
from issuer.web.context import actor, found, services
from issuer.web.guardians import BASIS_WORDS
from issuer.web.words import RESULTS, STATUSES, kind_words
from ui.web import rate_limit
from ui.web.components import Fact

blueprint = Blueprint("records", __name__)


@blueprint.get("/records/<record_id>")
def show(record_id: str) -> ResponseReturnValue:
    """What a record says and where it stands."""
    credential, person = found(services().students.credential, record_id)
    return render_template("issuer/record.html", **_page(credential, person))


@blueprint.get("/records/<record_id>/take-back")
def ask(record_id: str) -> ResponseReturnValue:
    """Who, why, and what it does."""
    credential, person = found(services().students.credential, record_id)
    page = _page(credential, person)
    return render_template("issuer/take_back.html", errors={}, longest=MAX_REASON_CHARACTERS, **page)


@blueprint.post("/records/<record_id>/take-back")
@rate_limit("60 per minute")
def take_back(record_id: str) -> ResponseReturnValue:
    """Take the record back, for good."""
    credential, person = found(services().students.credential, record_id)
    errors = {}
    if not request.form.get("reason", "").strip():
        errors["reason"] = _("Say in a few words why.")
    if request.form.get("sure") != "yes":
        errors["sure"] = _("Tick the box to say that you are sure.")
    if errors:
        page = _page(credential, person)
        return render_template("issuer/take_back.html", errors=errors, longest=MAX_REASON_CHARACTERS, **page), 422
    try:
        services().revoking.revoke(credential.id, actor(), request.form["reason"])
    except StateError as error:
        flash(_(error.detail), "warning")
    else:
        flash(_("The record was taken back. The next check shows it."), "success")
    return redirect(url_for("records.show", record_id=record_id), code=303)


def facts_of(document: JSONObject) -> list[Fact]:
    """What a course or badge says, line by line, with the words of the document."""
    subject = document["credentialSubject"]
    achievement = subject.get("achievement", {})
    language = language_of(document)
    facts = [
        Fact(_("Code"), achievement.get("humanCode", "")),
        Fact(_("Subject"), achievement.get("fieldOfStudy", ""), language),
        Fact(_("Term"), subject.get("term", ""), language), Fact(_("Credits"), _number(subject.get("creditsEarned"))),
        *_results(achievement, subject), Fact(_("School"), subject.get("source", {}).get("name", "")),
        Fact(_("What it stands for"), achievement.get("description", ""), language, markdown=True),
        Fact(_("What one has to do"), achievement.get("criteria", {}).get("narrative", ""), language, markdown=True),
        Fact(_("What the student did"), subject.get("narrative", ""), markdown=True),
        *(Fact(_("Standard"), each["targetName"]) for each in as_list(achievement.get("alignment"))),
        *(Fact(_("Where anybody can check it"), each["id"], url=each["id"])
          for each in as_list(document.get("evidence"))),
    ]
    return [fact for fact in facts if fact.value]


def _results(achievement: JSONObject, subject: JSONObject) -> list[Fact]:
    described = {each["id"]: each for each in as_list(achievement.get("resultDescription"))}
    facts = []
    for result in as_list(subject.get("result")):
        description = described.get(result["resultDescription"], {"resultType": "", "name": ""})
        kind = description["resultType"]
        label = str(_(RESULTS[kind])) if kind in RESULTS else description["name"]
        status = str(_(STATUSES.get(result["status"], result["status"])))
        facts.append(Fact(label, result.get("value") or status, markdown=kind == "Result"))
    return facts


def _other_facts(document: JSONObject) -> list[Fact]:
    """What an endorsement, a guardianship or a court's limit says."""
    subject = document["credentialSubject"]
    basis = subject.get("basis", "")
    facts = [
        Fact(_("Number of the work"), subject["id"] if endorsement.is_mine(document) else ""),
        Fact(_("What the teacher says"), subject.get("endorsementComment", ""), subject.get("inLanguage"),
             markdown=True),
        Fact(_("Why this person is guardian"), str(_(BASIS_WORDS[basis])) if "right" in subject else ""),
        Fact(_("What this guardian may do"), ", ".join(subject.get("right", []))),
        Fact(_("What is forbidden"), ", ".join(subject.get("blocked", []))),
        Fact(_("Number of this person in the family’s wallet"), subject.get("id", "") if "blocked" in subject else ""),
        Fact(_("Paper you saw"), subject.get("paper", "")),
        Fact(_("Number of the child in the wallet"), subject.get("learner", "")),
        Fact(_("From"), document.get("validFrom", "")[:10] if "basis" in subject else ""),
        Fact(_("Until"), document.get("validUntil", "")[:10]),
    ]
    return [fact for fact in facts if fact.value]


def _number(value: object) -> str:
    return f"{value:g}" if isinstance(value, (int, float)) else ""


def _page(credential: Credential, person: Person) -> dict[str, Any]:
    document = credential.document
    held, facts = [], []
    if clr_2.is_mine(document):
        held = document["credentialSubject"]["verifiableCredential"]
    else:
        facts = facts_of(document) if openbadges_3.is_mine(document) else _other_facts(document)
    return {
        "credential": credential, "person": person, "kind": kind_words(credential.kind), "facts": facts,
        "members": [(member["name"], language_of(member)) for member in held],
        "record_id": credential.id.removeprefix("urn:uuid:"),
        "revocation": services().students.revocation(credential.id),
    }
