"""The learner profile: strengths first, then the three elements, who signed what, the timeline, the checklist."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import pgettext

from credkit.errors import StateError
from credkit.profiles.family import STATEMENT_KINDS
from ui.languages import LANGUAGES
from ui.web import rate_limit
from ui.web.components import Badge, Choice
from ui.web.locale import current_language
from wallet.services import authority
from wallet.services.record import about_me, library, profile
from wallet.services.record.checklist import checklist as read_checklist
from wallet.services.record.library import Card, TranscriptView
from wallet.services.record.reading import Issuer, host_of
from wallet.services.record.record_words import CATEGORIES, ELEMENTS, STATEMENTS
from wallet.web import showing
from wallet.web.context import is_learner, require_unlocked, services, vault
from wallet.web.showing import badge_of

blueprint = Blueprint("profile", __name__, url_prefix="/profile")
require_unlocked(blueprint)

_PAGE: Final = 40
_FIRST: Final = 12


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """The profile on one page."""
    opened = vault()
    shown, known = profile.profile(opened), library.known_issuers(opened)

    def part(category: str, cards: tuple[Card, ...]) -> tuple[str, list[Badge], int]:
        return category, [badge_of(card, known) for card in cards[:_FIRST]], len(cards)

    about = services().people.describe(opened)
    newest = library.show(opened, shown.transcripts[0].item_id) if shown.transcripts else None
    view = newest.view if newest is not None and isinstance(newest.view, TranscriptView) else None
    signers = [(showing.signer_of(Issuer(identifier, name, host_of(identifier)), known), count)
               for identifier, name, count in profile.signers(library.shelf(opened).all())]
    return render_template(
        "wallet/profile.html", name=about.name if about else "", statements=shown.statements, words=STATEMENTS,
        newest=newest, view=view, earlier=shown.transcripts[1:],
        transcript=showing.transcript_of(view, newest.item_id, opened) if newest and view else None,
        transcript_signer=showing.signer_of(view.issuer, known) if view else None,
        others=[part(category, tuple(card for card in shown.others if card.category == category))
                for category in dict.fromkeys(card.category for card in shown.others)],
        personal=[part(category, cards) for category, cards in shown.personal.items()],
        pieces=part("portfolio", shown.pieces), supports=part("iep", shown.supports), rest=part("other", shown.rest),
        categories=CATEGORIES, signers=signers, may_say=_may_say(), mine=is_learner())


@blueprint.get("/kinds/<category>")
def kind(category: str) -> ResponseReturnValue:
    """All records of one kind, page by page."""
    if category not in CATEGORIES:
        abort(404)
    opened = vault()
    known = library.known_issuers(opened)
    cards = [card for card in library.shelf(opened).all() if card.category == category]
    pages = max(1, -(-len(cards) // _PAGE))
    page = min(max(request.args.get("page", 1, type=int), 1), pages)
    return render_template(
        "wallet/kind.html", category=category, title=_(CATEGORIES[category]), page=page, pages=pages,
        badges=[badge_of(card, known) for card in cards[(page - 1) * _PAGE:page * _PAGE]])


@blueprint.get("/about-me")
def about() -> ResponseReturnValue:
    """What was said, and a form to say more."""
    return _about_page({})


@blueprint.post("/about-me")
@rate_limit("120 per hour")
def say() -> ResponseReturnValue:
    """Add a statement, or take one's own away."""
    form, opened, environment = request.form, vault(), services().receiving.environment
    if form.get("act") == "remove":
        about_me.unsay(opened, environment, form.get("kind", ""), form.get("words", ""))
        flash(_("It is taken away."), "success")
        return redirect(url_for("profile.about"), code=303)
    language = form.get("language", "")
    try:
        about_me.say(opened, environment, kind=form.get("kind", ""), words=form.get("words", ""),
                     language=language if language in LANGUAGES else current_language(), name=form.get("name", ""))
    except StateError as error:
        empty = next((name for name in ("kind", "words", "name") if not form.get(name, "").strip()), "words")
        return _about_page({empty: _(error.detail)}), 422
    flash(pgettext("learner", "It is kept, signed by you.") if is_learner() else _("It is kept, signed by you."),
          "success")
    return redirect(url_for("profile.about"), code=303)


@blueprint.get("/timeline")
def timeline() -> ResponseReturnValue:
    """Everything with a day, newest first."""
    opened = vault()
    events, known = profile.timeline(opened), library.known_issuers(opened)
    pages = max(1, -(-len(events) // _PAGE))
    page = min(max(request.args.get("page", 1, type=int), 1), pages)
    rows = [(event, badge_of(event.card, known) if event.card else None)
            for event in events[(page - 1) * _PAGE:page * _PAGE]]
    return render_template("wallet/timeline.html", rows=rows, page=page, pages=pages)


@blueprint.get("/checklist")
def checklist() -> ResponseReturnValue:
    """The Backpack's elements: have, missing, who can issue it."""
    return render_template("wallet/checklist.html", found=read_checklist(vault()), words=ELEMENTS,
                           may_write=authority.may(vault(), "review", services().clock.now()))


def _about_page(errors: dict[str, str]) -> str:
    opened = vault()
    return render_template(
        "wallet/about_me.html", errors=errors, statements=about_me.statements(opened), words=STATEMENTS,
        kinds=[Choice(kind, _(STATEMENTS[kind])) for kind in STATEMENT_KINDS], may_say=_may_say(),
        my_name=services().people.my_name(opened), mine=is_learner(),
        languages_=[Choice(code, name, language=code) for code, name in LANGUAGES.items()])


def _may_say() -> bool:
    return authority.may(vault(), "contribute:portfolio", services().clock.now())
