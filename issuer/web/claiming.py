"""The page a printed sheet leads to: it makes a fresh offer whenever it is opened, until everything is collected."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from issuer.web.context import found, place_of, services
from ui.handover import build_handover
from ui.web import rate_limit

blueprint = Blueprint("claiming", __name__)


@blueprint.get("/claim/<secret>")
@rate_limit("30 per minute")
def show(secret: str) -> ResponseReturnValue:
    """What waits, for whoever holds the sheet; what is in it shows only after the code."""
    state = found(services().offers.claim_on_page, secret)
    identity = services().office.identity
    handover = lcw = None
    if state.state == "open":
        made = services().offers.fresh(state.claim.id)
        handover = build_handover("offer", made.links)
        lcw = services().exchanging.lcw_link(made)
    return render_template("issuer/claim.html", state=state, handover=handover, lcw=lcw, school=identity.name,
                           leads_to=place_of(handover) if handover is not None else "",
                           minutes=services().office.config.lifetimes.offer_s // 60)
