"""Words for people: roles, reasons and rights, the same on pages and in the terminal; and what each role usually gets.

The words are msgids of the role's catalogue: this layer knows no language.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Final

from credkit.profiles.family import CATEGORIES, CONTRIBUTE_CATEGORIES, RIGHTS
from wallet.services.people.people import GUARDIAN_RIGHTS
from wallet.services.record.labels import N_
from wallet.services.record.record_words import CATEGORIES as CATEGORY_WORDS

LEARNER: Final = "learner"
ROLES: Final[Mapping[str, str]] = MappingProxyType({
    "guardian": N_("Parent or legal guardian"),
    "tutor": N_("Tutor or teacher outside school"),
    "mentor": N_("Mentor"),
    "care-circle": N_("Circle of care"),
    "designee": N_("Designee for privacy settings"),
    "caseworker": N_("Caseworker"),
    "court-guide": N_("Guide named by a court"),
    "full-access": N_("Somebody with full access"),
    LEARNER: N_("The learner"),
})
"""Role → what it is called, in the order in which pages offer them."""
ROLE_HELP: Final[Mapping[str, str]] = MappingProxyType({
    "guardian": N_("Sees the record, shares it and decides, as you choose."),
    "tutor": N_("Sees a part of the record and adds badges, notes and scores. You look at them first."),
    "mentor": N_("Sees a part of the record and adds notes on work and service. You look at them first."),
    "care-circle": N_("Therapists and others who help. Each sees the goals of the others."),
    "designee": N_("Chooses for you what may be shared. Sees titles and kinds only where you allow it."),
    "caseworker": N_("Child welfare staff, by law or court order."),
    "court-guide": N_("For foster care or juvenile justice, by court order."),
    "full-access": N_("May do all that you may do with the record. For rare cases, such as an IEP meeting."),
    LEARNER: N_("Gives the learner an own key and login. It is not yours to open."),
})
BASES: Final[Mapping[str, str]] = MappingProxyType({
    "parent": N_("Parent of the child"),
    "legal-guardian": N_("Legal guardian"),
    "court-order": N_("Court order"),
    "uninterrupted-scholars-act": N_("Law for child welfare (Uninterrupted Scholars Act)"),
    "family-consent": N_("The family agrees"),
    "power-of-attorney": N_("Power of attorney"),
})
_BASES_OF: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({
    "guardian": ("parent", "legal-guardian", "court-order", "power-of-attorney"),
    "caseworker": ("uninterrupted-scholars-act", "court-order"),
    "court-guide": ("court-order",),
})
_BASES_OF_HELPERS: Final = ("family-consent", "power-of-attorney", "court-order")
PRESETS: Final[Mapping[str, frozenset[str]]] = MappingProxyType({
    "guardian": GUARDIAN_RIGHTS,
    "tutor": frozenset({"read:supplemental-achievement", "contribute:supplemental-achievement"}),
    "mentor": frozenset({"read:work-and-service", "contribute:work-and-service", "contribute:work-habits"}),
    "care-circle": frozenset({"read:services", "contribute:services"}),
    "designee": frozenset({"privacy-settings"}),
    "caseworker": frozenset({"read:transcript", "read:attendance", "read:assessment"}),
    "court-guide": frozenset({"read:transcript", "read:attendance"}),
    "full-access": frozenset({"full"}),
})
"""Role → the rights that are ticked for it at first."""
_SINGLE: Final[Mapping[str, str]] = MappingProxyType({
    "full": N_("Everything that concerns the record"),
    "share": N_("Share records"),
    "comment": N_("Write comments"),
    "privacy-settings": N_("Choose what may be shared"),
    "people": N_("Invite people and take them out"),
    "recovery": N_("Help if somebody is locked out"),
})
RIGHT_HELP: Final[Mapping[str, str]] = MappingProxyType({
    "share": N_("Whoever gets what they share sees this permission, and yours as the one who gave it."),
})
"""What has to be known before a right is given."""
READS: Final = tuple(f"read:{category}" for category in CATEGORIES)
CONTRIBUTES: Final = tuple(f"contribute:{category}" for category in CONTRIBUTE_CATEGORIES)
OF_GUARDIANS: Final = ("full", "people", "recovery")
OF_HELPERS: Final = ("share", "comment", "privacy-settings")
Translate = Callable[[str], str]


def bases_of(role: str) -> tuple[str, ...]:
    """On what a role may rest, the usual one first."""
    return _BASES_OF.get(role, _BASES_OF_HELPERS)


def right_word(right: str, translate: Translate) -> str:
    """What one right is called; of ``read:`` and ``contribute:`` the category alone."""
    _kind, _colon, category = right.partition(":")
    return translate(CATEGORY_WORDS.get(category) or _SINGLE.get(right, right))


def said_rights(rights: Iterable[str], translate: Translate) -> tuple[str, ...]:
    """What somebody may do, one line for each kind of thing; ``rights`` names each single one."""
    held = frozenset(rights)
    if "full" in held and _under_full() <= held:
        return tuple(right_word(right, translate) for right in OF_GUARDIANS if right in held)
    lines = []
    for prefix, every in ((N_("See: %(what)s"), READS), (N_("Add: %(what)s"), CONTRIBUTES)):
        found = [right_word(right, translate) for right in every if right in held]
        if found:
            everything = every is READS and len(found) == len(every)
            what = translate(N_("everything")) if everything else "; ".join(found)
            lines.append(translate(prefix) % {"what": what})
    lines += [right_word(right, translate) for right in (*OF_HELPERS, "people", "recovery") if right in held]
    return tuple(lines)


def said_grant(rights: Iterable[str], translate: Translate) -> tuple[str, ...]:
    """What a grant of ``rights`` would allow: ``full`` stands for all that it holds."""
    held = frozenset(rights)
    return said_rights(held | _under_full() if "full" in held else held, translate)


def _under_full() -> frozenset[str]:
    return frozenset(RIGHTS) - {"people", "recovery", "full"}
