"""Deleting a whole backpack, or one's own account: what goes, who has to agree, and the passphrase once more."""

from __future__ import annotations

from flask import Blueprint, flash, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from credkit.errors import StateError, WrongSecret
from ui.web import rate_limit
from wallet.services.people.ending import RecordGoing
from wallet.services.people.leaving import Proposal
from wallet.vault import TooManyTries
from wallet.web.context import (
    check_whose,
    clear_unlock_cookie,
    open_vault,
    party,
    require_party,
    services,
    vault,
)

blueprint = Blueprint("ending", __name__, url_prefix="/settings/delete")
require_party(blueprint)


@blueprint.get("")
def index() -> ResponseReturnValue:
    """What can be deleted, from the smallest to the largest."""
    opened = open_vault()
    return render_template("wallet/ending/index.html", label=opened.label if opened else None,
                           may_end=opened is not None and _may_end())


# The backpack ---------------------------------------------------------------------------------------------------------

@blueprint.get("/backpack")
def backpack() -> ResponseReturnValue:
    """What goes with a learner's backpack, and who has to agree."""
    return _backpack_page({})


@blueprint.post("/backpack")
@rate_limit("10 per hour")
def delete_backpack() -> ResponseReturnValue:
    """Delete it, or propose it, or agree to what another proposed."""
    check_whose()
    proposal = _proposal()
    going = _going(proposal)
    errors = _errors()
    if errors:
        return _backpack_page(errors), 422
    if proposal is not None and not proposal.mine:
        services().leaving.agree(vault(), proposal.item_id)
        step = "done"
    else:
        step = services().leaving.end(vault())
    if step == "waits":
        flash(_("A second person has to agree. Nothing was changed yet."), "info")
        return redirect(url_for("people.index"), code=303)
    session.pop("learner", None)
    flash(_("The backpack of %(name)s was deleted.", name=going.label), "success")
    return redirect(url_for("learners.index"), code=303)


def _proposal() -> Proposal | None:
    return next((each for each in services().leaving.proposals(vault()) if each.wish.kind == "end"), None)


def _going(proposal: Proposal | None) -> RecordGoing:
    """What would go, for who may decide it; the same 404 for everybody else. One's own record goes with the account."""
    opened = vault()
    answers = proposal is not None and not proposal.mine and services().ending.may_agree(opened)
    try:
        if opened.owner_id == opened.party_id:
            raise NotFound
        return services().ending.count(opened) if answers else services().ending.look_at_record(opened)
    except StateError as error:
        raise NotFound from error


def _may_end() -> bool:
    try:
        _going(_proposal())
    except NotFound:
        return False
    return True


def _backpack_page(errors: dict[str, str]) -> str:
    proposal = _proposal()
    going = _going(proposal)
    by = services().people.names(vault()).get(proposal.by, "") if proposal is not None else ""
    return render_template("wallet/ending/backpack.html", going=going, proposal=proposal, by=by, errors=errors)


def _errors() -> dict[str, str]:
    """What is wrong with the form: the passphrase, or the tick."""
    if request.form.get("sure") != "yes":
        return {"sure": _("Tick this if you mean it.")}
    try:
        services().vault.check_passphrase(party(), request.form.get("passphrase", ""), request.remote_addr or "")
    except TooManyTries:
        return {"passphrase": _("There were too many wrong tries. Wait 15 minutes, then try again.")}
    except WrongSecret:
        return {"passphrase": _("This is not your passphrase. Check the spelling.")}
    return {}


# The account ----------------------------------------------------------------------------------------------------------

@blueprint.get("/account")
def account() -> ResponseReturnValue:
    """What becomes of everything one belongs to."""
    return _account_page({})


@blueprint.post("/account")
@rate_limit("10 per hour")
def delete_account() -> ResponseReturnValue:
    """Delete it; this browser forgets what it knew."""
    errors = _errors()
    if errors:
        return _account_page(errors), 422
    try:
        services().ending.delete_account(party())
    except StateError as error:
        return _account_page({"": _(error.detail)}), 409
    session.clear()
    flash(_("Your account is deleted. What others keep was not touched."), "success")
    response = make_response(redirect(url_for("unlocking.unlock"), code=303))
    clear_unlock_cookie(response)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def _account_page(errors: dict[str, str]) -> str:
    return render_template("wallet/ending/account.html", going=services().ending.look_at_account(party()),
                           errors=errors)
