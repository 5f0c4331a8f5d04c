"""What may be shared: a rule for each kind of record, and one for a record of its own. Works by plain forms."""

from __future__ import annotations

from typing import Final, cast

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from credkit.errors import StateError
from credkit.profiles.family import CATEGORIES
from ui.web.components import Choice
from wallet.services import authority
from wallet.services.record import hiding, library
from wallet.services.record.items import CREDENTIAL
from wallet.services.record.record_words import CATEGORIES as CATEGORY_WORDS
from wallet.services.record.record_words import RULE_HELP, RULES
from wallet.services.record.rules import CHOICES, Rule, read_book
from wallet.vault import Entry
from wallet.web.context import require_unlocked, services, vault

blueprint = Blueprint("rules", __name__, url_prefix="/rules")
require_unlocked(blueprint)

_PAGE: Final = 24
_OF_CATEGORY: Final = "category"
_DELAYS: Final = frozenset({"iep", "services"})


@blueprint.before_request
def _check_right() -> None:
    """Only who may choose sees what is chosen."""
    authority.check(vault(), "privacy-settings", services().clock.now())


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """The rule of every kind of record, then the records, page by page."""
    opened = vault()
    book = read_book(opened)
    entries = {entry.id: entry for entry in opened.entries(CREDENTIAL)}
    counts = {category: sum(entry.summary["category"] == category for entry in entries.values())
              for category in CATEGORIES}
    cards = library.shelf(opened).all()
    pages = max(1, -(-len(cards) // _PAGE))
    page = min(max(request.args.get("page", 1, type=int), 1), pages)
    rows = [(card, book.rule_of(entries[card.item_id]), book.own_rule(entries[card.item_id]) is not None)
            for card in cards[(page - 1) * _PAGE:page * _PAGE]]
    return render_template(
        "wallet/rules.html", categories=CATEGORIES, words=CATEGORY_WORDS, rules=book.categories, counts=counts,
        choices=_choices(), rows=rows, page=page, pages=pages, rule_words=RULES)


@blueprint.post("/")
def save() -> ResponseReturnValue:
    """Keep what was changed."""
    opened = vault()
    now = read_book(opened).categories
    changed = 0
    for category in CATEGORIES:
        chosen = request.form.get(f"rule-{category}")
        if chosen in CHOICES and chosen != now[category]:
            hiding.hide_category(opened, services().clock, category, chosen)
            changed += 1
    flash(_("Your choice is kept.") if changed else _("Nothing was changed."), "success" if changed else "info")
    return redirect(url_for("rules.index"), code=303)


@blueprint.get("/<item_id>")
def show(item_id: str) -> ResponseReturnValue:
    """The rule of one record, and the kind it is counted as."""
    opened = vault()
    entry = _find(item_id)
    book = read_book(opened)
    names = set(book.because_of(entry))
    inside = [each.title for each in library.transcript_lines(opened.read(item_id, CREDENTIAL).body["credential"])
              if each.credential_id in names]
    category = entry.summary["category"]
    default = _("As all of “%(kind)s”: %(rule)s", kind=_(CATEGORY_WORDS[category]),
                rule=_(RULES[book.categories[category]]))
    return render_template(
        "wallet/rule.html", item_id=item_id, title=entry.summary["title"], language=entry.summary["language"],
        chosen=book.own_rule(entry) or _OF_CATEGORY, rule=book.rule_of(entry), inside=inside,
        choices=[Choice(_OF_CATEGORY, default), *_choices()], category=category, rule_words=RULES,
        kinds=[Choice(name, _(CATEGORY_WORDS[name])) for name in CATEGORIES], delays=category in _DELAYS,
        may_sort=opened.decides)


@blueprint.post("/<item_id>")
def save_one(item_id: str) -> ResponseReturnValue:
    """Keep the record's rule and kind."""
    opened, clock = vault(), services().clock
    entry = _find(item_id)
    rule, category = request.form.get("rule", ""), request.form.get("kind", "")
    if category in CATEGORIES and category != entry.summary["category"]:
        hiding.choose_category(opened, clock, item_id, category)
    own = read_book(opened).own_rule(_find(item_id)) or _OF_CATEGORY
    if rule != own and rule in (*CHOICES, _OF_CATEGORY):
        hiding.hide_record(opened, clock, item_id, None if rule == _OF_CATEGORY else cast(Rule, rule))
    flash(_("Your choice is kept."), "success")
    return redirect(url_for("records.show", item_id=item_id), code=303)


def _choices() -> list[Choice]:
    return [Choice(rule, _(RULES[rule]), _(RULE_HELP[rule])) for rule in CHOICES]


def _find(item_id: str) -> Entry:
    found = next((entry for entry in vault().entries(CREDENTIAL) if entry.id == item_id), None)
    if found is None:
        raise NotFound from StateError("There is nothing here under this name.")
    return found
