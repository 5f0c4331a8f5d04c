"""Stored words in the language of the page: states of a course, kinds of records, lines of the log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flask_babel import gettext as _

from issuer.services.templates import TEMPLATES
from ui.languages import N_

STATUSES: Final[Mapping[str, str]] = {
    "Completed": N_("finished"), "InProgress": N_("in progress"), "Enrolled": N_("enrolled, no grade yet"),
    "Failed": N_("not passed"), "Withdrew": N_("left the course"), "Provisional": N_("provisional"),
    "OnHold": N_("on hold"),
}
RESULTS: Final[Mapping[str, str]] = {
    "LetterGrade": N_("Final grade"), "Percent": N_("Final grade in percent"), "RawScore": N_("Final score"),
    "Status": N_("State of the course"), "": N_("Result"),
}
KINDS: Final[Mapping[str, str]] = {
    "course": N_("Course"), "transcript": N_("Transcript"), "badge": N_("Badge"), "full-record": N_("Full record"),
    "endorsement": N_("A teacher’s word on a work"), "guardianship": N_("Who the guardian is"),
    "court-limit": N_("What a court forbids"), **{each.name: each.title for each in TEMPLATES},
}
ROLE_WORDS: Final[Mapping[str, str]] = {
    "operator": N_("operator"), "registrar": N_("registrar"), "teacher": N_("teacher"),
}
CLAIM_STATES: Final[Mapping[str, str]] = {
    "open": N_("open"), "collected": N_("all collected"), "expired": N_("too old or replaced"),
    "locked": N_("locked after too many wrong codes"),
}
_RELATIONS: Final[Mapping[str, str]] = {
    "mother": N_("mother"), "father": N_("father"), "parent": N_("mother or father"), "guardian": N_("legal guardian"),
    "grandparent": N_("grandparent"), "grandmother": N_("grandmother"), "grandfather": N_("grandfather"),
    "relative": N_("relative"), "aunt": N_("aunt"), "uncle": N_("uncle"), "foster parent": N_("foster parent"),
    "stepmother": N_("stepmother"), "stepfather": N_("stepfather"), "sister": N_("sister"), "brother": N_("brother"),
}
_EVENTS: Final[Mapping[str, str]] = {
    "founded": N_("Office set up"), "received": N_("Export read"), "imported": N_("Export confirmed"),
    "drafted": N_("Record drafted"), "offered": N_("Records offered"), "redeemed": N_("Offer opened with its code"),
    "issued": N_("Record collected"), "revoked": N_("Record taken back"), "awarded": N_("Badge awarded"),
    "credential_accepted": N_("Wallet kept the record"), "credential_failure": N_("Wallet could not keep the record"),
    "credential_deleted": N_("Wallet deleted the record"), "asked": N_("Put before the registrar"),
    "approved": N_("Approved"), "refused": N_("Refused"), "reissue_asked": N_("Wallet asked for a fresh key"),
    "transfer_approved": N_("Sending to another school approved"), "transfer_sent": N_("Full record sent to a school"),
    "transfer_failed": N_("Another school refused the record"),
    "transfer_unknown": N_("Nobody knows whether the record arrived"), "left": N_("Student left"),
    "returned": N_("Student is back"), "deleted": N_("Student deleted"),
    "endorsed": N_("A teacher’s word made"), "stated": N_("Guardian or court stated"),
    "pass_made": N_("Pass for apps made"), "pass_ended": N_("Pass for apps ended"),
    "app_allowed": N_("Student let an app in"), "app_left": N_("App gave its leave back"),
    "signed_for_reading": N_("Record signed for an app to read"), "handed_in": N_("Record handed in by an app"),
    "handed_in_deleted": N_("Record of an app deleted"), "profile_said": N_("Profile changed by an app"),
    "staff_added": N_("Login made"), "staff_removed": N_("Login removed"),
}


def event_words(event: str) -> str:
    """A log event in the language of the page."""
    return str(_(_EVENTS[event])) if event in _EVENTS else event


def status_words(status: str) -> str:
    """A course's state in the language of the page; empty for a finished one, whose grade says it."""
    return "" if status == "Completed" else str(_(STATUSES.get(status, status)))


def relation_words(relation: str) -> str:
    """What an adult is to a student, as the export calls it."""
    known = _RELATIONS.get(relation.strip().casefold())
    return relation if known is None else str(_(known))


def role_words(role: str) -> str:
    """What somebody is in the office."""
    return str(_(ROLE_WORDS.get(role, role)))


def kind_words(kind: str) -> str:
    """A record's kind in the language of the page."""
    return str(_(KINDS.get(kind, kind)))


def claim_words(state: str) -> str:
    """An offer's state in the language of the page."""
    return str(_(CLAIM_STATES.get(state, state)))
