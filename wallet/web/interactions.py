"""Interaction links and links of the Learner Credential Wallet: on to the offer or request, or an exchange's own page.

Spec: VCALM #interaction-url-format, #participate-in-an-exchange
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from credkit.errors import FetchError, MalformedValueError, ProtocolError
from ui.errorwords import words_for
from ui.web import rate_limit
from ui.web.components import Signer
from wallet.services.interactions import Lead
from wallet.services.record.library import known_issuers
from wallet.services.record.reading import host_of
from wallet.services.requests import exchange_link
from wallet.services.sharing.links import read_link
from wallet.web.context import require_unlocked, services, vault
from wallet.web.unlocking import dead_link

blueprint = Blueprint("interactions", __name__)
require_unlocked(blueprint)


@blueprint.get("/interaction")
@rate_limit("30 per minute")
def receive() -> ResponseReturnValue:
    """Ask where the link leads; of an exchange that gives records, show who gives them before anything is sent."""
    link = request.args.get("link", "")
    try:
        lead = services().interactions.follow(link)
        if lead.kind == "exchange-offer":
            return _page(lead, link)
        if lead.kind == "exchange-request":
            item_id = services().inbox.receive_request(vault(), exchange_link(lead.link))
            return redirect(url_for("requests.show", item_id=item_id), code=303)
        kind, parameters = read_link(lead.link, haip=services().config.haip_links)
    except ProtocolError as error:
        return dead_link(error, "offer")
    except MalformedValueError as error:
        return dead_link(ProtocolError("invalid_request", error.detail), "offer")
    page = "offers.receive" if kind == "offer" else "requests.receive"
    return redirect(url_for(page, **parameters), code=303)  # type: ignore[arg-type]


@blueprint.post("/interaction")
@rate_limit("20 per minute")
def accept() -> ResponseReturnValue:
    """Take what an exchange gives, or leave it; then nobody is told."""
    if request.form.get("decision") != "take":
        return redirect(url_for("home.index"), code=303)
    link = request.form.get("link", "")
    try:
        lead = services().interactions.follow(link)
        if lead.kind != "exchange-offer":
            return redirect(url_for("interactions.receive", link=link), code=303)
        collected = services().interactions.collect(vault(), lead.link, for_review=request.form.get("review") == "yes")
    except ProtocolError as error:
        return dead_link(error, "offer")
    except FetchError:
        return render_template("wallet/add.html", errors={
            "link": _("We could not reach the office. We do not know whether it has given the records out.")}), 502
    issued, go_on = collected.issued, collected.redirect_url
    problem = None if issued.problem is None else _(words_for(issued.problem).happened)
    return render_template("wallet/interaction_done.html", host=lead.host, issued=issued, problem=problem, go_on=go_on,
                           go_on_host=None if go_on is None else urlsplit(go_on).netloc)


def _page(lead: Lead, link: str) -> str:
    known = known_issuers(vault()).issuers
    known_as = next((issuer.name for issuer in known if host_of(issuer.did) == lead.host), None)
    parts = urlsplit(lead.link)
    signer = Signer(f"{parts.scheme}://{parts.netloc}", known_as, None, lead.host)
    return render_template("wallet/interaction.html", host=lead.host, link=link, signer=signer)
