"""Who may do what: the people of a record, what waits for a decision, and what somebody who is out could still show."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from credkit.errors import FetchError, MalformedValueError, ProtocolError, StateError
from ui.web import rate_limit
from ui.web.components import Signer
from wallet.services import authority
from wallet.services.people.leaving import Exposed, Proposal
from wallet.services.people.people import Invitation, Person
from wallet.services.people.people_words import BASES, ROLES, said_grant, said_rights
from wallet.services.record.library import known_issuers, shelf
from wallet.services.record.reading import Issuer
from wallet.services.sharing.links import read_link
from wallet.vault import OpenVault
from wallet.web.context import require_unlocked, services, vault
from wallet.web.showing import signer_of

blueprint = Blueprint("people", __name__, url_prefix="/people")
require_unlocked(blueprint)


@dataclass(frozen=True)
class Shown:
    """A person as the page shows them, in the reader's language."""

    person: Person
    name: str
    role: str
    rights: tuple[str, ...]
    basis: str


@dataclass(frozen=True)
class Copy:
    """A record that somebody who is out could still show; ``offer_url`` is our page of the new offer."""

    exposed: Exposed
    signer: Signer
    offer_url: str | None


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """What waits first, then everybody."""
    opened, people = vault(), services().people
    decides = may_decide(opened)
    names = people.names(opened)
    return render_template(
        "wallet/people/index.html", people=[show(opened, person) for person in people.people(opened)],
        decides=decides, may_end=services().ending.may_agree(opened), offers=roles_on_offer(opened),
        invitations=people.invitations(opened),
        proposals=[(proposal, names.get(proposal.by, ""), _blocked(proposal))
                   for proposal in services().leaving.proposals(opened)],
        copies=len(services().leaving.exposed(opened)), roles=ROLES)


def show(opened: OpenVault, person: Person) -> Shown:
    """A person in the reader's words."""
    name = person.name or (_("You") if person.is_me else _("No name"))
    role = _(ROLES[person.role]) if person.role in ROLES else _("Helper")
    basis = _(BASES[person.basis]) if person.basis in BASES else ""
    return Shown(person, name, role, said_rights(person.rights, _), basis)


def may_decide(opened: OpenVault) -> bool:
    """Whether who sits here decides about people."""
    return authority.may(opened, "people", services().clock.now())


def roles_on_offer(opened: OpenVault) -> tuple[str, ...]:
    """As what others can be invited to this record now.

    A record of one's own has no guardians; after the hand-over parents come back as helpers; there is one learner.
    """
    circle = authority.circle(opened, services().clock.now())
    standing = circle.standing(opened.party_id)
    is_own = opened.owner_id == opened.party_id
    has_key = is_own or any(member.kind == "learner" for member in circle.members.values())
    if not standing.may("people"):
        return ("learner",) if circle.stage == "owner" and not has_key and standing.member.steward else ()
    return tuple(role for role in ROLES if not (role == "learner" and has_key)
                 and not (role == "guardian" and circle.stage == "owner"))


def find_person(party_id: str) -> Person:
    """Somebody of this record, for who decides about people; the same 404 for everybody else."""
    opened = vault()
    if not may_decide(opened):
        raise NotFound
    found = next((person for person in services().people.people(opened) if person.party_id == party_id), None)
    if found is None:
        raise NotFound
    return found


def _blocked(proposal: Proposal) -> tuple[str, ...]:
    return (_("Everything"),) if "all" in proposal.wish.blocked else said_rights(proposal.wish.blocked, _)


# Invitations ----------------------------------------------------------------------------------------------------------


@blueprint.get("/invitations/<item_id>")
def invitation(item_id: str) -> ResponseReturnValue:
    """One invitation: its link and code until somebody answers, then the words to compare."""
    found = _invitation(item_id)
    return render_template("wallet/people/invitation.html", invitation=found, link=link_of(found.token),
                           role=_(ROLES[found.draft.role]), rights=said_grant(found.draft.rights, _))


@blueprint.post("/invitations/<item_id>/confirm")
@rate_limit("30 per hour")
def confirm(item_id: str) -> ResponseReturnValue:
    """The words were the same."""
    found = _invitation(item_id)
    services().people.confirm(vault(), item_id)
    flash(_("%(name)s is in now.", name=found.answered_by), "success")
    return redirect(url_for("people.index"), code=303)


@blueprint.post("/invitations/<item_id>/withdraw")
def withdraw(item_id: str) -> ResponseReturnValue:
    """The words differed, or it is not wanted any more."""
    _invitation(item_id)
    services().people.withdraw(vault(), item_id)
    flash(_("The invitation was taken back. Nobody was let in."), "success")
    return redirect(url_for("people.index"), code=303)


def link_of(token: str) -> str:
    """The whole link that the invited person opens."""
    return services().config.origin + url_for("joining.join", token=token)


def _invitation(item_id: str) -> Invitation:
    opened = vault()
    found = next((each for each in services().people.invitations(opened) if each.item_id == item_id), None)
    if found is None or found.state in ("admitted", "over"):
        raise NotFound
    return found


# Two people -----------------------------------------------------------------------------------------------------------


@blueprint.post("/proposals/<item_id>/agree")
def agree(item_id: str) -> ResponseReturnValue:
    """The second yes: what was proposed happens."""
    proposal = _proposal(item_id)
    services().leaving.agree(vault(), item_id)
    flash(_("It is done: %(name)s", name=proposal.name), "success")
    return redirect(url_for("people.copies" if proposal.wish.kind == "remove" else "people.index"), code=303)


@blueprint.post("/proposals/<item_id>/refuse")
def refuse(item_id: str) -> ResponseReturnValue:
    """No, or taken back by who proposed it."""
    _proposal(item_id)
    services().leaving.refuse(vault(), item_id)
    flash(_("It does not happen. Nothing was changed."), "success")
    return redirect(url_for("people.index"), code=303)


def _proposal(item_id: str) -> Proposal:
    found = next((each for each in services().leaving.proposals(vault()) if each.item_id == item_id), None)
    if found is None:
        raise NotFound
    return found


# Copies that somebody could still show --------------------------------------------------------------------------------


@blueprint.get("/copies")
def copies() -> ResponseReturnValue:
    """The records that somebody who is out could still show, and what can be done about each."""
    opened = vault()
    if not may_decide(opened):
        raise NotFound
    known, issuers = known_issuers(opened), {card.item_id: card.issuer for card in shelf(opened).all()}
    return render_template("wallet/people/copies.html", copies=[
        Copy(each, signer_of(issuers.get(each.record_id) or Issuer(each.issuer, "", None), known),
             _offer_url(each.offer)) for each in services().leaving.exposed(opened)])


@blueprint.post("/copies/<item_id>/ask")
@rate_limit("60 per hour")
def ask_anew(item_id: str) -> ResponseReturnValue:
    """Ask the signer for the record anew."""
    _exposed(item_id)
    try:
        services().leaving.ask_anew(vault(), item_id)
    except (FetchError, ProtocolError, StateError):
        flash(_("The signer could not be reached, or takes no such requests. Nothing was changed. Call its office."),
              "error")
    else:
        flash(_("The signer has your request. Somebody there has to agree."), "success")
    return redirect(url_for("people.copies"), code=303)


@blueprint.post("/copies/<item_id>/look")
@rate_limit("120 per hour")
def look_again(item_id: str) -> ResponseReturnValue:
    """Ask where the request stands."""
    _exposed(item_id)
    try:
        state = services().leaving.look_again(vault(), item_id)
    except (FetchError, ProtocolError):
        flash(_("The signer could not be reached. Nothing was changed. Try again later."), "error")
    else:
        if state == "asked":
            flash(_("The signer has not decided yet."), "info")
    return redirect(url_for("people.copies"), code=303)


@blueprint.post("/copies/<item_id>/close")
def close(item_id: str) -> ResponseReturnValue:
    """A new record is here, or the family lives with the old one."""
    _exposed(item_id)
    services().leaving.close(vault(), item_id)
    flash(_("It is off the list."), "success")
    return redirect(url_for("people.copies"), code=303)


def _exposed(item_id: str) -> Exposed:
    opened = vault()
    found = next((each for each in services().leaving.exposed(opened) if each.item_id == item_id), None)
    if found is None or not may_decide(opened):
        raise NotFound from StateError("There is nothing here under this name.")
    return found


def _offer_url(offer: str) -> str | None:
    if not offer:
        return None
    try:
        kind, parameters = read_link(offer, haip=services().config.haip_links)
    except MalformedValueError:
        kind, parameters = "offer", {"credential_offer_uri": offer}
    return f"{url_for('offers.receive')}?{urlencode(parameters)}" if kind == "offer" else None
