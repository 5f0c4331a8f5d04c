"""Students, what they have, and offering it: QR, sheet to print, code apart."""

from __future__ import annotations

import unicodedata
from datetime import date
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from credkit.errors import StateError
from issuer.services.deleting import Deletion
from issuer.services.offers import MadeOffer
from issuer.services.students import StudentLine, StudentView
from issuer.store import ALONE, Credential
from issuer.web.context import actor, found, place_of, services
from issuer.web.importing import transcript_of
from issuer.web.petitions import petition_words
from issuer.web.words import claim_words, kind_words
from ui.handover import build_handover
from ui.web import rate_limit

PAGE_SIZE = 50
blueprint = Blueprint("students", __name__)


@blueprint.get("/students")
def index() -> ResponseReturnValue:
    """Everybody, or those whose name or number fits ``?q=``."""
    wanted = request.args.get("q", "").strip()[:200]
    lines = [line for line in services().students.all() if _fits(line, wanted)]
    pages = max(1, -(-len(lines) // PAGE_SIZE))
    page = min(max(request.args.get("page", 1, type=int), 1), pages)
    return render_template("issuer/students.html", lines=lines[(page - 1) * PAGE_SIZE:page * PAGE_SIZE], wanted=wanted,
                           page=page, pages=pages, total=len(lines))


@blueprint.get("/students/<student_id>")
def show(student_id: str) -> ResponseReturnValue:
    """One student."""
    return render_template("issuer/student.html", **_student_page(found(services().students.view, student_id)))


@blueprint.get("/students/<student_id>/leaving")
def leaving(student_id: str) -> ResponseReturnValue:
    """On which day the student left."""
    return _leaving_page(found(services().students.view, student_id), {})


@blueprint.post("/students/<student_id>/leaving")
@rate_limit("60 per minute")
def leave(student_id: str) -> ResponseReturnValue:
    """Note the day, or that the student is back (an empty day)."""
    view = found(services().students.view, student_id)
    text = request.form.get("on", "").strip()
    try:
        on = date.fromisoformat(text) if text else None
        services().students.leave(student_id, on, actor())
    except ValueError:
        return _leaving_page(view, {"on": _("Write the day as year, month, day: 2026-05-29.")}), 422
    except StateError as error:
        return _leaving_page(view, {"on": _(error.detail)}), 422
    flash(_("Noted."), "success")
    return redirect(url_for("students.show", student_id=student_id), code=303)


@blueprint.get("/students/<student_id>/delete")
def deletion(student_id: str) -> ResponseReturnValue:
    """What deleting this student would take, and what stays."""
    return _deletion_page(found(services().deleting.weigh, student_id), {})


@blueprint.post("/students/<student_id>/delete")
@rate_limit("20 per minute")
def delete(student_id: str) -> ResponseReturnValue:
    """Delete the student for good, once the number is typed."""
    weighed = found(services().deleting.weigh, student_id)
    try:
        services().deleting.delete(student_id, actor(), number=request.form.get("number", ""))
    except StateError as error:
        return _deletion_page(weighed, {"number": _(error.detail)}), 422
    flash(_("Deleted."), "success")
    return redirect(url_for("students.index"), code=303)


def _deletion_page(weighed: Deletion, errors: dict[str, str]) -> str:
    return render_template("issuer/deletion.html", deletion=weighed, errors=errors)


def _leaving_page(view: StudentView, errors: dict[str, str]) -> str:
    return render_template("issuer/leaving.html", person=view.person, errors=errors)


@blueprint.post("/students/<student_id>/offers")
@rate_limit("60 per minute")
def offer(student_id: str) -> ResponseReturnValue:
    """Offer everything that waits; with ``again`` also what was collected."""
    found(services().students.view, student_id)
    try:
        made = services().offers.offer_student(student_id, actor(), again=request.form.get("again") == "1")
    except StateError as error:
        flash(_(error.detail), "warning")
        return redirect(url_for("students.show", student_id=student_id), code=303)
    return redirect(url_for("students.offered", student_id=student_id, offer_id=made.offer.id), code=303)


@blueprint.get("/students/<student_id>/offers/<offer_id>")
def offered(student_id: str, offer_id: str) -> ResponseReturnValue:
    """The offer as buttons, link and code to scan. The transaction code is on a page of its own."""
    made = _made(student_id, offer_id)
    identity = services().office.identity
    handover = build_handover("offer", {"credential_offer_uri": made.offer_url}, identity.wallets)
    is_over = not made.offer.lives(services().office.clock.now())
    return render_template("issuer/offer.html", made=made, handover=handover, leads_to=place_of(handover),
                           is_over=is_over, interaction=services().exchanging.interaction_url(made),
                           lcw=services().exchanging.lcw_link(made), state=claim_words(made.claim.state))


@blueprint.post("/students/<student_id>/offers/<offer_id>")
@rate_limit("60 per minute")
def renew(student_id: str, offer_id: str) -> ResponseReturnValue:
    """A fresh ten minutes for the same records and the same code."""
    made = _made(student_id, offer_id)
    try:
        fresh = services().offers.fresh(made.claim.claim.id)
    except StateError as error:
        flash(_(error.detail), "warning")
        return redirect(url_for("students.show", student_id=student_id), code=303)
    return redirect(url_for("students.offered", student_id=student_id, offer_id=fresh.offer.id), code=303)


@blueprint.get("/students/<student_id>/offers/<offer_id>/code")
def code(student_id: str, offer_id: str) -> ResponseReturnValue:
    """The transaction code, alone."""
    return render_template("issuer/offer_code.html", made=_made(student_id, offer_id))


@blueprint.get("/students/<student_id>/offers/<offer_id>/sheet")
def sheet(student_id: str, offer_id: str) -> ResponseReturnValue:
    """A sheet to print with the code of the claim page; good for 30 days, without the transaction code."""
    return render_template("issuer/offer_sheet.html", made=_made(student_id, offer_id),
                           school=services().office.identity.name)


def _made(student_id: str, offer_id: str) -> MadeOffer:
    made = found(services().offers.show, offer_id)
    if made.claim.person.id != student_id:
        abort(404)
    return made


def _student_page(view: StudentView) -> dict[str, Any]:
    rows = [(view.courses[each.id], "good" if each.revoked_at is None else "revoked", _record_url(each))
            for each in view.credentials if each.id in view.courses]
    others = [(each, kind_words(each.kind), _record_url(each))
              for each in view.credentials if each.id not in view.courses and each.kind not in ALONE]
    claims = [(claim, claim_words(claim.state)) for claim in services().offers.claims_of(view.person.id)]
    waits = [(view_, petition_words(view_)) for view_ in services().approvals.waiting()
             if view_.person.id == view.person.id]
    return {"view": view, "transcript": transcript_of(rows), "others": others, "claims": claims, "waits": waits,
            "passing": services().passes.view(view.person.id), "handed_in": services().handing_in.list(view.person.id),
            "said": services().handing_in.said(view.person.id)}


def _record_url(credential: Credential) -> str:
    return url_for("records.show", record_id=credential.id.removeprefix("urn:uuid:"))


def _fits(line: StudentLine, wanted: str) -> bool:
    """Whether all words of ``wanted`` stand in the student's name or number, accents and case aside."""
    person = line.person
    text = _plain(" ".join((person.name, person.number, *person.aliases)))
    return all(word in text for word in _plain(wanted).split())


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in folded if not unicodedata.combining(character))
