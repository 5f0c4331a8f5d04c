"""An offer: who offers what, the code if one is needed, and taking it."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from credkit.errors import FetchError, ProtocolError
from ui.errorwords import words_for
from ui.web import allow_form_target, rate_limit
from ui.web.components import Job, Signer
from ui.web.locale import current_language
from wallet.services.issuances import IssuedCredentials
from wallet.services.offers import ResolvedOffer
from wallet.services.record.library import known_issuers
from wallet.services.record.reading import host_of
from wallet.services.sharing.links import offer_link
from wallet.web.context import require_unlocked, services, vault
from wallet.web.unlocking import dead_link

blueprint = Blueprint("offers", __name__)
require_unlocked(blueprint)

_RETURN = "/offer/return"
_SLICE = 4
"""Records to collect between two looks at the progress, where a script goes on by itself."""


@blueprint.get("/offer")
@rate_limit("30 per minute")
def receive() -> ResponseReturnValue:
    """The address offices send people to: read the offer, keep it in the inbox, show it."""
    try:
        item_id = services().inbox.receive_offer(vault(), offer_link(request.args.to_dict()))
    except ProtocolError as error:
        return dead_link(error, "offer")
    return redirect(url_for("offers.show", item_id=item_id), code=303)


@blueprint.get("/inbox/offers/<item_id>")
def show(item_id: str) -> ResponseReturnValue:
    """The offer, before anything is taken."""
    return _page(services().inbox.offer(vault(), item_id), item_id, {})


@blueprint.post("/inbox/offers/<item_id>")
@rate_limit("20 per minute")
def accept(item_id: str) -> ResponseReturnValue:
    """Take what is offered (OID4VCI #credential-offer), or take it out of the inbox; then nobody is told."""
    opened = vault()
    if request.form.get("decision") == "refuse":
        services().inbox.drop_offer(opened, item_id)
        flash(_("The offer was removed. Nothing was sent."), "info")
        return redirect(url_for("inbox.index"), code=303)
    resolved = services().inbox.offer(opened, item_id)
    if resolved.needs_login:
        return _begin_login(resolved, item_id)
    code = "".join(request.form.get("tx_code", "").split())
    if resolved.tx_code is not None and not code:
        return _page(resolved, item_id, {"tx_code": _("Type the code that was sent to you another way.")}), 422
    try:
        issued = services().receiving.accept_offer(opened, resolved, tx_code=code, at_most=_at_most(),
                                                   for_review=request.form.get("review") == "yes")
    except ProtocolError as error:
        if error.error not in ("invalid_grant", "invalid_request"):
            raise
        message = _("The code is wrong, or the offer was used already. Look at the code again. "
                    "After five wrong tries the offer ends.")
        field = "tx_code" if resolved.tx_code is not None else ""
        return _page(resolved, item_id, {field: message}), 422
    except FetchError:
        message = _("We could not reach %(host)s. Nothing was changed. Try again in a few minutes.", host=resolved.host)
        return _page(resolved, item_id, {"": message}), 502
    services().inbox.drop_offer(opened, item_id)
    return _after(issued, resolved.host)


@blueprint.get(_RETURN)
@rate_limit("20 per minute")
def returned() -> ResponseReturnValue:
    """Where the issuer's own page sends the browser back to, with a code or a no (OID4VCI #authorization-response)."""
    opened, parameters = vault(), request.args.to_dict()
    host = services().receiving.host_of_login(opened, parameters.get("state"))
    try:
        issued = services().receiving.finish_login(opened, parameters, at_most=None)
    except ProtocolError as error:
        if error.error != "access_denied":
            raise
        flash(_("Nothing was taken: you, or the office, said no."), "info")
        return redirect(url_for("inbox.index"), code=303)
    return _after(issued, host or "")


@blueprint.get("/inbox/collecting/<issuance_id>")
def collecting(issuance_id: str) -> ResponseReturnValue:
    """How much of a set has come, and going on with it."""
    found = next((each for each in services().receiving.unfinished(vault()) if each.id == issuance_id), None)
    if found is None:
        return redirect(url_for("home.index"), code=303)
    job = Job(found.done, found.total, state="running" if request.args.get("go") else "paused")
    return render_template("wallet/collecting.html", host=found.host, job=job, go_on=bool(request.args.get("go")),
                           again_at=found.again_at)


@blueprint.post("/inbox/collecting/<issuance_id>")
@rate_limit("120 per minute")
def collect(issuance_id: str) -> ResponseReturnValue:
    """Collect more of the set."""
    unfinished = {each.id: each.host for each in services().receiving.unfinished(vault())}
    issued = services().receiving.collect_rest(vault(), issuance_id, at_most=_at_most())
    return _after(issued, unfinished.get(issuance_id, ""))


def _begin_login(resolved: ResolvedOffer, item_id: str) -> ResponseReturnValue:
    """Send the browser to the issuer's page; the offer stays in the inbox until something comes of it."""
    try:
        address = services().receiving.begin_login(
            vault(), resolved, redirect_uri=services().config.origin + _RETURN,
            for_review=request.form.get("review") == "yes")
    except FetchError:
        message = _("We could not reach %(host)s. Nothing was changed. Try again in a few minutes.", host=resolved.host)
        return _page(resolved, item_id, {"": message}), 502
    return redirect(address, code=303)


def _at_most() -> int | None:
    return _SLICE if request.form.get("script") == "on" else None


def _after(issued: IssuedCredentials, host: str) -> ResponseReturnValue:
    done, total = len(issued.stored), issued.total
    if issued.again_at is not None:
        flash(_("%(done)s of %(total)s collected. %(host)s has not made the rest yet. Ask again later: it stays in "
                "your inbox.", done=done, total=total, host=host), "info")
        return redirect(url_for("offers.collecting", issuance_id=issued.issuance_id), code=303)
    if issued.issuance_id is not None:
        go = None if issued.problem is not None else "1"
        if issued.problem is not None:
            flash(_("%(done)s of %(total)s collected. %(host)s does not answer at the moment.", done=done, total=total,
                    host=host), "warning")
        return redirect(url_for("offers.collecting", issuance_id=issued.issuance_id, go=go), code=303)
    if done < total:
        if issued.problem is not None:
            flash(_(words_for(issued.problem).happened), "warning")
        flash(_("%(done)s of %(total)s collected. Ask %(host)s for a new offer: it holds the rest.", done=done,
                total=total, host=host), "warning")
    elif issued.for_review:
        flash(ngettext("%(num)s record waits to be looked at.", "%(num)s records wait to be looked at.", total),
              "success")
        return redirect(url_for("inbox.index"), code=303)
    else:
        flash(ngettext("%(num)s record is in your backpack now.", "%(num)s records are in your backpack now.", total),
              "success")
    if total == 1 and done == 1 and not issued.for_review:
        return redirect(url_for("records.show", item_id=issued.stored[0]), code=303)
    return redirect(url_for("home.index"), code=303)


def _page(resolved: ResolvedOffer, item_id: str, errors: dict[str, str]) -> str:
    language = current_language()
    if resolved.needs_login:
        allow_form_target(origin_of_login(resolved))
    name = resolved.issuer_name(language)
    known = known_issuers(vault()).issuers
    known_as = next((issuer.name for issuer in known if host_of(issuer.did) == resolved.host), None)
    signer = Signer(resolved.offer.credential_issuer, known_as, name if known_as is None else None, resolved.host)
    return render_template("wallet/offer.html", offer=resolved, item_id=item_id, signer=signer, errors=errors,
                           kinds=resolved.kinds(language), tx_code=resolved.tx_code, needs_login=resolved.needs_login,
                           server=urlsplit(resolved.server.issuer).netloc)


def origin_of_login(resolved: ResolvedOffer) -> str:
    """The origin of the page on which the issuer lets people in."""
    parts = urlsplit(resolved.server.authorization_endpoint or "")
    return f"{parts.scheme}://{parts.netloc}"
