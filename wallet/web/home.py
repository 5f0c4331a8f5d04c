"""The start page and the lists behind it, and the settings."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from wallet.services.library import Card, Shelf, known_issuers, shelf
from wallet.web.context import require_unlocked, services, vault
from wallet.web.showing import badge_of

blueprint = Blueprint("home", __name__)
require_unlocked(blueprint)

_FIRST: Final = 6
_PAGE: Final = 24


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """What is new, then transcripts, badges, courses."""
    opened = vault()
    found, known = shelf(opened), known_issuers(opened)
    groups = [(kind, title, [badge_of(card, known) for card in _shown(cards, found)], len(cards))
              for kind, title, cards in _groups(found) if cards]
    waiting = len(services().inbox.pending(opened)) + len(services().receiving.unfinished(opened))
    return render_template("wallet/home.html", groups=groups, waiting=waiting)


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
    return (
        ("transcripts", _("Transcripts"), found.transcripts), ("badges", _("Badges"), found.badges),
        ("courses", _("Courses"), found.courses), ("others", _("Other records"), found.others),
    )
