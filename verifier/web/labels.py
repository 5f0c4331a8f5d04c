"""What the parts of a record are called on pages and in the terminal: msgids."""

from __future__ import annotations

from collections.abc import Mapping

from ui.languages import N_
from ui.web.components import Status

KINDS: Mapping[str, str] = {
    "transcript": N_("Transcript"),
    "course": N_("Course"),
    "assessment": N_("Test"),
    "competency": N_("Skill shown"),
    "record": N_("Record"),
    "badge": N_("Badge"),
    "endorsement": N_("Comment on a record"),
    "about-me": N_("About the student"),
    "grant": N_("Permission to act for the student"),
}
LABELS: Mapping[str, str] = {
    "grade": N_("Grade"),
    "level": N_("Level reached"),
    "state": N_("State"),
    "term": N_("Term"),
    "creditsEarned": N_("Credits earned"),
    "creditsAvailable": N_("Credits possible"),
    "role": N_("Role"),
    "narrative": N_("In the signer's words"),
    "activityStartDate": N_("Began on"),
    "activityEndDate": N_("Ended on"),
    "description": N_("What it is"),
    "humanCode": N_("Code"),
    "fieldOfStudy": N_("Field"),
    "specialization": N_("Specialization"),
    "criteria-narrative": N_("How it is earned"),
    "skill": N_("Skill"),
    "tag": N_("Keyword"),
    "record-description": N_("About this record"),
    "evidence-name": N_("Piece of work"),
    "evidence-narrative": N_("About the work"),
    "evidence-description": N_("About the work"),
    "student-number": N_("Student number at the school"),
    "claim": N_("Another detail"),
    "partial": N_("Part of a larger transcript"),
    "endorsementComment": N_("Comment"),
    "strength": N_("Strength"),
    "interest": N_("Interest"),
    "goal": N_("Goal"),
    "motivation": N_("What drives the student"),
    "preference": N_("Works best when"),
    "need": N_("Needs"),
    "asset": N_("What helps"),
    "challenge": N_("What is hard"),
    "grant-role": N_("Acts as"),
    "grant-basis": N_("Allowed by"),
    "grant-evidence": N_("The paper that says so"),
}
STATES: Mapping[str, str] = {
    "Completed": N_("Completed"),
    "Enrolled": N_("Enrolled"),
    "Failed": N_("Not passed"),
    "InProgress": N_("Still going on"),
    "OnHold": N_("On hold"),
    "Provisional": N_("Not final yet"),
    "Withdrew": N_("Left the course"),
}
ROLES: Mapping[str, str] = {
    "guardian": N_("parent or legal guardian"),
    "designee": N_("somebody the family named"),
    "caseworker": N_("caseworker"),
    "court-guide": N_("guide named by a court"),
    "tutor": N_("tutor"),
    "mentor": N_("mentor"),
    "care-circle": N_("member of the care circle"),
    "full-access": N_("somebody with full access"),
}
BASES: Mapping[str, str] = {
    "parent": N_("being a parent"),
    "legal-guardian": N_("being the legal guardian"),
    "court-order": N_("a court order"),
    "uninterrupted-scholars-act": N_("the Uninterrupted Scholars Act"),
    "family-consent": N_("the family's consent"),
    "power-of-attorney": N_("a power of attorney"),
}
WORDS: Mapping[str, Mapping[str, str]] = {"state": STATES, "grant-role": ROLES, "grant-basis": BASES}
"""Labels whose values are words of ours and not the signer's."""
MARKDOWN = frozenset(
    {"narrative", "description", "criteria-narrative", "record-description", "evidence-narrative", "endorsementComment"}
)
DATES = frozenset({"activityStartDate", "activityEndDate"})
STATUS_OF_CODE: Mapping[str, Status] = {
    "revoked": "revoked",
    "suspended": "suspended",
    "expired": "expired",
    "not_yet_valid": "not-yet",
}
