"""Students, what they have, and offering it: QR, sheet to print, code apart."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import date
from typing import Any, cast, get_args

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from credkit.errors import StateError
from credkit.protocols.oid4vci.messages import Display
from issuer.services.deleting import Deletion
from issuer.services.metadata import NAMES, configurations
from issuer.services.offers import MadeOffer
from issuer.services.students import StudentLine, StudentView
from issuer.store import ALONE, Credential, Grant
from issuer.web.context import actor, found, place_of, services
from issuer.web.importing import transcript_of
from issuer.web.petitions import petition_words
from issuer.web.words import claim_words, kind_words
from ui.handover import build_handover
from ui.web import rate_limit
from ui.web.components import Choice
from ui.web.locale import current_language

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


@blueprint.get("/students/<student_id>/offers")
def choose(student_id: str) -> ResponseReturnValue:
    """What to offer, whether with a code that is told apart, and how wallets get in."""
    view, language = found(services().students.view, student_id), current_language()
    shown = configurations(services().office)
    kinds = [Choice(name, _("%(kind)s, as %(form)s", kind=_name_of(shown[name].display, language), form=name))
             for name in services().offers.forms_for(student_id) if name in shown]
    return render_template("issuer/offer_choices.html", person=view.person, codes=_codes(), grants=_grants(),
                           kinds=[Choice("", _("Everything that waits")), *kinds])


@blueprint.post("/students/<student_id>/offers")
@rate_limit("60 per minute")
def offer(student_id: str) -> ResponseReturnValue:
    """Offer everything that waits, or records of one kind; with ``again`` also what was collected."""
    found(services().students.view, student_id)
    form, kind = request.form, request.form.get("kind", "")
    grant = cast(Grant | None, form["grant"] if form.get("grant") in get_args(Grant) else None)
    tx_code = form.get("tx_code") != "no"
    try:
        if kind in NAMES:
            made = services().offers.offer_form(student_id, kind, actor(), grant=grant, tx_code=tx_code)
        else:
            made = services().offers.offer_student(student_id, actor(), again=form.get("again") == "1", grant=grant,
                                                   tx_code=tx_code)
    except StateError as error:
        flash(_(error.detail), "warning")
        return redirect(url_for("students.show", student_id=student_id), code=303)
    return redirect(url_for("students.offered", student_id=student_id, offer_id=made.offer.id), code=303)


@blueprint.get("/students/<student_id>/offers/<offer_id>")
def offered(student_id: str, offer_id: str) -> ResponseReturnValue:
    """The offer as buttons, link and code to scan. The transaction code is on a page of its own."""
    made = _made(student_id, offer_id)
    handover = build_handover("offer", made.links)
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


def _name_of(displays: Sequence[Display], language: str) -> str:
    named = {each.locale: each.name for each in displays}
    return named.get(language) or named.get("en") or ""


def _codes() -> list[Choice]:
    minutes = services().office.config.lifetimes.offer_s // 60
    return [
        Choice("yes", _("Yes, six digits that you give apart"), help=_("The usual way: a link alone opens nothing.")),
        Choice("no", _("No"), help=_(
            "Careful: whoever gets the link can collect the records, without any code. Show it only to the family "
            "itself. It is good for %(minutes)s minutes.", minutes=minutes)),
    ]


def _grants() -> list[Choice]:
    words = {
        "pre-authorized": (_("With the offer itself"), _("The usual way: the wallet collects at once.")),
        "code": (_("By a page of this office"),
                 _("The wallet goes by a page of ours, which asks for the code if there is one.")),
    }
    return [Choice(each, words[each][0], help=words[each][1]) for each in services().office.profile.grants]


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
