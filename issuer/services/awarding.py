"""A tutor's five minutes: say what was earned, by whom, and a badge waits to be collected."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Final

from credkit.errors import MalformedValueError, StateError
from credkit.ports import JSONObject
from credkit.profiles.openbadges_3 import Achievement
from issuer.services.approvals import Approvals, alone
from issuer.services.building import achievement_url
from issuer.services.drafting import BADGE, Drafting
from issuer.services.office import Office, existing_student
from issuer.store import Credential, Person, Petition, Unit

MAX_NAME_CHARACTERS = 200
MAX_TEXT_CHARACTERS = 5000
KIND: Final = "badge"
_KIND = "Badge"


@dataclass(frozen=True)
class BadgeWords:
    """What a badge says to everybody who earns it.

    Attributes:
        criteria: What one has to do for it; Markdown is allowed.
    """

    name: str
    description: str
    criteria: str


class Awarding:
    """Awards badges (an ``approvals.Handler`` for those that teachers draft)."""

    def __init__(self, office: Office, drafting: Drafting, approvals: Approvals) -> None:
        self._office = office
        self._drafting = drafting
        self._approvals = approvals

    def award(self, number: str, words: BadgeWords, actor: str, *, name: tuple[str, str] | None = None,
              narrative: str | None = None) -> Credential:
        """Award a badge.

        Args:
            number: The student's number at this office.
            name: Given and family name, for a student the office does not know yet.
            narrative: What this student did, or None.

        Raises:
            StateError: the student is not known and no name was given, or has this badge already.
            MalformedValueError: a text is empty or too long.
        """
        achievement, story = self._achievement(words), _story(narrative)
        now = self._office.clock.now()
        with self._office.store.writing() as unit:
            person = unit.student_numbered(number)
            if person is None:
                person = self._new_person(number, name)
                unit.save_student(person, now)
            credential = self._drafting.prepare_badge(unit, person, achievement, story)
            unit.append_log(now, "awarded", actor, credential.id)
        return credential

    def draft(self, student_id: str, words: BadgeWords, actor: str, *, narrative: str | None = None) -> Petition:
        """Put a badge before the registrar; errors as ``award``."""
        self._achievement(words)
        content: JSONObject = {"badge": asdict(words), "story": _story(narrative)}
        with self._office.store.writing() as unit:
            existing_student(unit, student_id)
            return self._approvals.ask(unit, KIND, student_id, content, actor)

    def group(self, unit: Unit, petition: Petition) -> tuple[Petition, ...]:
        """Each draft is looked at by itself."""
        return alone(petition)

    def carry_out(self, unit: Unit, group: tuple[Petition, ...], actor: str) -> dict[str, JSONObject]:
        """Make the badges that teachers drafted."""
        made = {}
        for each in group:
            person = existing_student(unit, each.student_id)
            achievement = self._achievement(BadgeWords(**each.content["badge"]))
            made[each.id] = {"credential": self._drafting.prepare_badge(unit, person, achievement,
                                                                        each.content["story"]).id}
        return made

    def known_badges(self) -> tuple[JSONObject, ...]:
        """Badges that were awarded before, as Achievement nodes."""
        with self._office.store.reading() as unit:
            return unit.achievements(_KIND)

    def known_courses(self) -> tuple[JSONObject, ...]:
        """Courses of which records were drafted, as Achievement nodes."""
        with self._office.store.reading() as unit:
            return unit.achievements("Course")

    def achievement(self, slug: str) -> JSONObject:
        """What stands at an achievement's public address.

        Raises:
            StateError: there is none.
        """
        with self._office.store.reading() as unit:
            found = unit.find_achievement(f"{self._office.identity.origin}/achievements/{slug}")
        if found is None:
            raise StateError("There is no such badge or course.")
        return found

    def _achievement(self, words: BadgeWords) -> Achievement:
        name = _text(words.name, "name", MAX_NAME_CHARACTERS)
        return Achievement(
            id=achievement_url(self._office.identity, name, [BADGE, name]), kind=_KIND, name=name,
            description=_text(words.description, "description", MAX_TEXT_CHARACTERS),
            criteria=_text(words.criteria, "criteria", MAX_TEXT_CHARACTERS), language=self._office.identity.language,
        )

    def _new_person(self, number: str, name: tuple[str, str] | None) -> Person:
        shown = _text(number, "number", MAX_NAME_CHARACTERS)
        given, family = (" ".join(part.split()) for part in name or ("", ""))
        if not given and not family:
            raise StateError("There is no student with this number. Give the name too.")
        if len(given) + len(family) > 2 * MAX_NAME_CHARACTERS:
            raise MalformedValueError("the name is too long", pointer="/name")
        return Person(self._office.new_id(), shown, given, family, ())


def _story(narrative: str | None) -> str | None:
    return _text(narrative, "narrative", MAX_TEXT_CHARACTERS) if narrative else None


def _text(value: str, name: str, limit: int) -> str:
    text = value.strip()
    if not text or len(text) > limit:
        raise MalformedValueError(f"the {name} is empty or too long", pointer=f"/{name}")
    return text
