"""Interaction links and links of the Learner Credential Wallet: on to the offer or request, or an exchange's own page.

Spec: VCALM #interaction-url-format, #participate-in-an-exchange
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, render_template, request, url_for
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
    """Ask where the link leads; an exchange that gives records waits in the inbox for a yes."""
    link = request.args.get("link", "")
    try:
        lead = services().interactions.follow(link)
        if lead.kind == "exchange-offer":
            item_id = services().inbox.receive_exchange(vault(), lead)
            return redirect(url_for("interactions.show", item_id=item_id), code=303)
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


@blueprint.get("/inbox/exchanges/<item_id>")
def show(item_id: str) -> ResponseReturnValue:
    """Who gives records by an exchange, before anything is sent."""
    return _page(services().inbox.exchange(vault(), item_id), {})


@blueprint.post("/inbox/exchanges/<item_id>")
@rate_limit("20 per minute")
def accept(item_id: str) -> ResponseReturnValue:
    """Take what an exchange gives, or take it out of the inbox; then nobody is told."""
    opened = vault()
    if request.form.get("decision") == "refuse":
        services().inbox.drop_exchange(opened, item_id)
        flash(_("The offer was removed. Nothing was sent."), "info")
        return redirect(url_for("inbox.index"), code=303)
    lead = services().inbox.exchange(opened, item_id)
    try:
        collected = services().interactions.collect(opened, lead.link, for_review=request.form.get("review") == "yes")
    except ProtocolError as error:
        return dead_link(error, "offer")
    except FetchError:
        return _page(lead, {
            "": _("We could not reach the office. We do not know whether it has given the records out.")}), 502
    services().inbox.drop_exchange(opened, item_id)
    issued, go_on = collected.issued, collected.redirect_url
    problem = None if issued.problem is None else _(words_for(issued.problem).happened)
    return render_template("wallet/interaction_done.html", host=lead.host, issued=issued, problem=problem, go_on=go_on,
                           go_on_host=None if go_on is None else urlsplit(go_on).netloc)


def _page(lead: Lead, errors: dict[str, str]) -> str:
    known = known_issuers(vault()).issuers
    known_as = next((issuer.name for issuer in known if host_of(issuer.did) == lead.host), None)
    parts = urlsplit(lead.link)
    signer = Signer(f"{parts.scheme}://{parts.netloc}", known_as, None, lead.host)
    return render_template("wallet/interaction.html", host=lead.host, errors=errors, signer=signer)
