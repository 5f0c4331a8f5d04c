"""What each entry of the log says, in one sentence; the same on pages and in the terminal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from wallet.services.activity import Line
from wallet.services.record.labels import N_
from wallet.services.record.record_words import CATEGORIES, RULES

_SENTENCES: Final[Mapping[tuple[str, str], str]] = MappingProxyType({
    ("received", ""): N_("%(count)s of %(total)s records came from %(host)s"),
    ("refused", ""): N_("“Not now” to %(host)s"),
    ("not_sent", ""): N_("%(host)s did not take what was shared"),
    ("shared", "sent"): N_("Shared with %(host)s"),
    ("shared", ""): N_("Shared with %(host)s; we do not know whether it arrived"),
    ("shared_link", "file"): N_("A file for %(name)s"),
    ("shared_link", "paper"): N_("A packet on paper for %(name)s"),
    ("shared_link", ""): N_("A link for %(name)s"),
    ("ended_link", ""): N_("The link for %(name)s was taken back"),
    ("exported", "picture"): N_("A record was saved as a picture that carries it"),
    ("exported", ""): N_("Everything was saved as a file"),
    ("transferred", ""): N_("%(host)s says that it sent the full record to “%(name)s”"),
    ("comment", "travels"): N_("A comment was signed; it travels with the record"),
    ("comment", "stays"): N_("A comment was signed; it stays here"),
    ("comment", "withdrawn"): N_("A comment was withdrawn"),
    ("contribution", "accepted"): N_("Taken in: what %(name)s brought"),
    ("contribution", "returned"): N_("Returned with a note to %(name)s"),
    ("contribution", "refused"): N_("Refused: what %(name)s brought"),
    ("rule", "category"): N_("A record follows the rule of its kind again"),
    ("rule", ""): N_("What may be shared: %(rule)s"),
    ("category", ""): N_("A record was sorted anew"),
    ("about_me", "added"): N_("Something was said about the student"),
    ("about_me", "deleted"): N_("Something said about the student was taken away"),
    ("portfolio", "added"): N_("Put into the portfolio"),
    ("unverified", "added"): N_("An old paper was kept, not verified"),
    ("tracked", "sent"): N_("A letter went to %(name)s"),
    ("tracked", "answered"): N_("%(name)s answered a letter"),
    ("tracked", "closed"): N_("No answer from %(name)s is awaited any more"),
    ("deleted", "record"): N_("A record was deleted here"),
    ("deleted", "work"): N_("A file of the portfolio was deleted"),
    ("deleted", "comment"): N_("A comment was deleted"),
    ("deleted", "paper"): N_("An old paper was deleted"),
    ("deleted", "share"): N_("Something handed out was deleted here; its link ended"),
    ("left", ""): N_("%(name)s deleted their account and is out"),
    ("ended", ""): N_("The backpack of %(name)s was deleted"),
    ("invited", ""): N_("%(name)s was invited"),
    ("admitted", ""): N_("%(name)s was let in"),
    ("removed", ""): N_("%(name)s was taken out"),
    ("limited", ""): N_("A court's limit was noted for %(name)s"),
    ("proposed", "end"): N_("It was proposed to delete the whole backpack"),
    ("proposed", "remove"): N_("It was proposed to take %(name)s out"),
    ("proposed", ""): N_("A court's limit for %(name)s was proposed"),
    ("approved", "remove"): N_("A second person agreed to take %(name)s out"),
    ("approved", ""): N_("A second person agreed to a court's limit for %(name)s"),
    ("rights", ""): N_("What %(name)s may do was changed"),
    ("learner", ""): N_("The facts about %(name)s were written down"),
    ("handed_over", ""): N_("The backpack was handed over to the student"),
    ("recovery", "chosen"): N_("Helpers for a lost passphrase were chosen: %(name)s"),
    ("recovery", "agreed"): N_("It was agreed to let %(name)s in again"),
    ("recovery", "stopped"): N_("A request to open the backpack without its passphrase was stopped"),
    ("recovery", "changed"): N_("The passphrase was changed"),
    ("recovery", "passkey"): N_("A passkey was added"),
    ("recovery", "kit_made"): N_("A recovery kit was made"),
    ("recovery", "kit_used"): N_("The backpack was opened with the recovery kit"),
    ("recovery", "removed"): N_("A way to open the backpack was taken away"),
    ("recovery", ""): N_("The backpack was opened again without its passphrase"),
    ("backup", "restored"): N_("The backpack was brought back from a copy"),
    ("backup", "copied"): N_("Records came from a copy of a backpack"),
    ("backup", ""): N_("A copy of the backpack was made"),
    ("reissue", ""): N_("A signer was asked to sign a record anew"),
    ("tampered", "older"): N_("An older copy of the backpack was taken for the newest"),
    ("tampered", ""): N_("Somebody changed what they may not"),
})
_OTHER = N_("Something was done")
SCHOOLS_LANE: Final = (
    N_("By law a school may send the full record to the next school. What you have set to “never” does not bind it."),
    N_("If something in the record is wrong, you can ask the school to correct it."))
"""What we say beside a school's notice, so that the family knows that its rules do not reach there."""


def sentence(line: Line, translate: Callable[[str], str], number: Callable[[int], str] = str) -> str:
    """What the entry says. Names and addresses in it are other people's words.

    Args:
        number: A number as the reader writes it.
    """
    text = _SENTENCES.get((line.kind, line.state)) or _SENTENCES.get((line.kind, "")) or _OTHER
    rule = translate(RULES[line.state]) if line.state in RULES else line.state
    said = translate(text) % {"host": line.host, "name": line.name or line.host, "count": number(line.count),
                              "total": number(line.total), "rule": rule}
    return f"{said} · {translate(CATEGORIES[line.category])}" if line.category in CATEGORIES else said
