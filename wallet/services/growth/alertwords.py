"""The sentences of notices: plain, quiet, without blame, each with one next step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from wallet.services.growth import glossary
from wallet.services.growth.alerts import Alert, Kind
from wallet.services.growth.voice import Voice
from wallet.services.record.labels import N_
from wallet.services.tables import build_csv

_SAID: Final[dict[Kind, str]] = {
    "absent": N_("Absent on %(now)s of %(total)s school days."),
    "absent-more": N_("More days absent than the term before: %(now)s of %(total)s."),
    "late": N_("Late on %(now)s of %(total)s school days."),
    "grade-dropped": N_("The grade so far went from %(before)s to %(now)s."),
    "grade-low": N_("The grade so far is %(now)s. The credit is not sure yet."),
    "grade-missing": N_("The course ended on %(day)s, and no final grade has come yet."),
    "work-missing": N_("Work still to hand in: %(now)s."),
}
_NEXT: Final[dict[Kind, str]] = {
    "absent": N_("Next step: ask the school what would make coming easier."),
    "absent-more": N_("Next step: ask the school what would make coming easier."),
    "late": N_("Next step: ask the school what would make the mornings easier."),
    "grade-dropped": N_("Next step: ask the teacher this week what would help most."),
    "grade-low": N_("Next step: ask the teacher this week what would help most."),
    "grade-missing": N_("Next step: ask the school office for the final grade."),
    "work-missing": N_("Next step: look together at what to hand in first."),
}


def title(alert: Alert, voice: Voice) -> str | None:
    """What the notice is about, where we have a word for it; None for a course, whose title its signer wrote."""
    return None if alert.title else voice.gettext(N_("Attendance"))


def sentence(alert: Alert, voice: Voice) -> str:
    """What was seen."""
    return voice.gettext(_SAID[alert.kind]) % {
        "before": alert.before, "now": alert.now, "total": alert.total, "day": voice.day(alert.on)}


def next_step(alert: Alert, voice: Voice) -> str:
    """Exactly one thing to do."""
    return voice.gettext(_NEXT[alert.kind])


def alerts_csv(found: Sequence[Alert], voice: Voice) -> str:
    """One line for each notice."""
    header = [glossary.name_of(field, voice.gettext) for field in ("day", "subject", "notice", "step", "signer")]
    return build_csv(header, [[alert.on.isoformat(), title(alert, voice) or alert.title, sentence(alert, voice),
                               next_step(alert, voice), voice.signer(alert.issuer)] for alert in found])
