"""What a helper may see: one page for somebody who was let into a learner's record (T3)."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from wallet.services.people import circle
from wallet.services.people.people_words import said_grant
from wallet.services.record.library import known_issuers
from wallet.services.record.record_words import CATEGORIES
from wallet.web.context import require_unlocked, services, vault
from wallet.web.showing import signer_of

blueprint = Blueprint("circle", __name__)
require_unlocked(blueprint)


@blueprint.get("/with-me")
def index() -> ResponseReturnValue:
    """What is shared with the unlocked party, by whom it was said, and until when."""
    opened = vault()
    shared, known = circle.shared_with_me(opened, services().clock.now()), known_issuers(opened)
    return render_template(
        "wallet/circle.html", shared=shared, rights=said_grant(
            {right for given in shared.given for right in given.rights}, _),
        until=[given.until for given in shared.given if given.until is not None],
        parts=[(_(CATEGORIES[category]), [(seen, signer_of(seen.card.issuer, known)) for seen in found])
               for category, found in shared.parts])
