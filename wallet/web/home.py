"""The start page and the lists behind it, and the settings."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from wallet.services import authority
from wallet.services.record import about_me, contributions, tracker
from wallet.services.record.categories import SENSITIVE
from wallet.services.record.library import Card, Shelf, known_issuers, search, shelf
from wallet.services.record.portfolio import CATEGORY as PORTFOLIO
from wallet.web.context import party, require_unlocked, services, vault
from wallet.web.handover import handover_notice
from wallet.web.showing import badge_of

blueprint = Blueprint("home", __name__)
require_unlocked(blueprint)

_FIRST: Final = 6
_PAGE: Final = 24
_LONGEST_SEARCH: Final = 100
_MOST_FOUND: Final = 48


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """What is new, then transcripts, badges, courses; who was let in somewhere since looks there."""
    if services().people.join(party()):
        return redirect(url_for("home.index"), code=303)
    opened = vault()
    found, known = shelf(opened), known_issuers(opened)
    groups = [(kind, title, [badge_of(card, known) for card in _shown(cards, found)], len(cards))
              for kind, title, cards in _groups(found) if cards and kind != "supports"]
    waiting = len(services().inbox.pending(opened)) + len(services().receiving.unfinished(opened))
    waiting += sum(not line.mine or line.kind == "offer" for line in contributions.waiting(opened))
    strengths = [each for each in about_me.statements(opened) if each.kind == "strength"][:_FIRST]
    overdue = sum(line.overdue for line in tracker.requests(opened, services().clock.now().date()))
    may = authority.circle(opened, services().clock.now()).standing(opened.party_id).may
    return render_template("wallet/home.html", groups=groups, strengths=strengths, waiting=waiting, overdue=overdue,
                           may=may, handover_notice=handover_notice(opened),
                           my_words=services().people.my_words(opened),
                           is_helper=opened.members()[opened.party_id].kind == "delegate")


@blueprint.get("/search")
def find() -> ResponseReturnValue:
    """The records in which every word that was typed stands."""
    opened = vault()
    typed = " ".join(request.args.get("q", "").split())[:_LONGEST_SEARCH]
    known = known_issuers(opened)
    cards = search(shelf(opened), typed) if typed else ()
    return render_template("wallet/search.html", looked_for=typed, count=len(cards),
                           badges=[badge_of(card, known) for card in cards[:_MOST_FOUND]])


@blueprint.get("/list/<kind>")
def records(kind: str) -> ResponseReturnValue:
    """All records of one kind, page by page."""
    opened = vault()
    found, known = shelf(opened), known_issuers(opened)
    group = next(((title, cards) for name, title, cards in _groups(found) if name == kind), None)
    if group is None:
        abort(404)
    title, cards = group
    pages = max(1, -(-len(cards) // _PAGE))
    page = min(max(request.args.get("page", 1, type=int), 1), pages)
    badges = [badge_of(card, known) for card in cards[(page - 1) * _PAGE:page * _PAGE]]
    return render_template("wallet/list.html", title=title, kind=kind, badges=badges, page=page, pages=pages)


@blueprint.get("/settings")
def settings() -> ResponseReturnValue:
    """Language and security."""
    return render_template("wallet/settings.html")


def _shown(cards: tuple[Card, ...], found: Shelf) -> tuple[Card, ...]:
    """The first few; courses that stand in a transcript are a click away, not twice on one page."""
    return tuple(card for card in cards if card.credential_id not in found.inside)[:_FIRST]


def _groups(found: Shelf) -> tuple[tuple[str, str, tuple[Card, ...]], ...]:
    """Strengths first (Q8): what a learner needs help with is not on the first page, and is a list of its own."""
    parts: dict[str, list[Card]] = {"badges": [], "tests": [], "portfolio": [], "supports": []}
    for card in found.badges:
        parts[_part_of(card)].append(card)
    titles = (("badges", _("Badges")), ("portfolio", _("Portfolio")), ("tests", _("Tests and attendance")))
    return (
        ("transcripts", _("Transcripts"), found.transcripts),
        *((name, title, tuple(parts[name])) for name, title in titles),
        ("courses", _("Courses"), found.courses), ("others", _("Other records"), found.others),
        ("supports", _("Supports"), tuple(parts["supports"])),
    )


def _part_of(card: Card) -> str:
    if card.category in SENSITIVE:
        return "supports"
    if card.category in ("assessment", "attendance"):
        return "tests"
    return "portfolio" if card.category == PORTFOLIO else "badges"
