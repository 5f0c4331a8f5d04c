"""One approval: what others ask for or draft waits here until a registrar says yes or no.

Each kind of petition has one handler, named in ``issuer.bootstrap``. Yes carries the thing out in the very transaction
that notes the decision; what is done is what was seen, by its hash (security.md K07).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from credkit.errors import StateError
from credkit.ports import JSONObject
from issuer.services.office import Office, digest_of, existing_student
from issuer.store import Credential, Person, Petition, Unit

MAX_REASON_CHARACTERS = 500


class Handler(Protocol):
    """Carries out one kind of petition."""

    def group(self, unit: Unit, petition: Petition) -> tuple[Petition, ...]:
        """What is decided together with ``petition``, itself included."""

    def carry_out(self, unit: Unit, group: tuple[Petition, ...], actor: str) -> dict[str, JSONObject]:
        """Do it, inside the transaction; what came of each petition by its id."""


@dataclass(frozen=True)
class PetitionView:
    """A petition as the registrar sees it.

    Attributes:
        group: All that is decided with one word.
        digest: Over all of the group; the decision names it.
        credentials: The records that the group is about, by id.
    """

    petition: Petition
    group: tuple[Petition, ...]
    digest: str
    person: Person
    credentials: Mapping[str, Credential]


class Approvals:
    """What waits for a registrar."""

    def __init__(self, office: Office, handlers: Mapping[str, Handler]) -> None:
        self._office = office
        self._handlers = handlers

    def waiting(self) -> tuple[PetitionView, ...]:
        """One view per word to be said, the oldest first."""
        with self._office.store.reading() as unit:
            views, seen = [], set[str]()
            for petition in unit.waiting_petitions():
                if petition.id not in seen:
                    view = self._view(unit, petition)
                    seen |= {each.id for each in view.group}
                    views.append(view)
        return tuple(views)

    def find(self, petition_id: str) -> PetitionView:
        """A petition, whatever became of it.

        Raises:
            StateError: there is none.
        """
        with self._office.store.reading() as unit:
            petition = unit.find_petition(petition_id)
            if petition is None:
                raise StateError("There is no such request.")
            return self._view(unit, petition)

    def made_by(self, actor: str) -> tuple[PetitionView, ...]:
        """What somebody drafted or asked for, the newest first."""
        with self._office.store.reading() as unit:
            return tuple(self._view(unit, petition) for petition in unit.petitions(created_by=actor))

    def ask(self, unit: Unit, kind: str, student_id: str, content: JSONObject, actor: str, *,
            subject: str | None = None) -> Petition:
        """Inside the caller's transaction: put something before the registrar."""
        now = self._office.clock.now()
        petition = Petition(self._office.new_id(), kind, student_id, subject, content, digest_of(content), now, actor)
        unit.add_petition(petition)
        unit.append_log(now, "asked", actor, subject or student_id, {"kind": kind, "request": petition.id})
        return petition

    def approve(self, petition_id: str, actor: str, *, seen_digest: str) -> PetitionView:
        """Say yes: everything of the group is carried out, or nothing.

        Raises:
            StateError: no such petition, decided already, changed since it was looked at, or it cannot be carried out.
            ProblemError: what was drafted cannot be made into a credential.
        """
        with self._office.store.writing() as unit:
            view = self._open(unit, petition_id, seen_digest)
            handler = self._handlers.get(view.petition.kind)
            if handler is None:
                raise StateError("This request is decided on a page of its own.")
            outcomes = handler.carry_out(unit, view.group, actor)
            for each in view.group:
                self._decide(unit, each, "approved", actor, outcome=outcomes.get(each.id))
        return self.find(petition_id)

    def refuse(self, petition_id: str, actor: str, reason: str, *, seen_digest: str) -> PetitionView:
        """Say no to all of the group; nothing is changed. The reason stays at the office.

        Raises:
            StateError: as ``approve``, or the reason is empty or too long.
        """
        why = " ".join(reason.split())
        if not 0 < len(why) <= MAX_REASON_CHARACTERS:
            raise StateError("Say in a few words why not.")
        with self._office.store.writing() as unit:
            for each in self._open(unit, petition_id, seen_digest).group:
                self._decide(unit, each, "refused", actor, reason=why)
        return self.find(petition_id)

    def _open(self, unit: Unit, petition_id: str, seen_digest: str) -> PetitionView:
        petition = unit.find_petition(petition_id)
        if petition is None:
            raise StateError("There is no such request.")
        if petition.state != "waiting":
            raise StateError("This was decided before. Nothing was changed.")
        view = self._view(unit, petition)
        if view.digest != seen_digest:
            raise StateError("Something changed since you looked. Look again before you decide.")
        return view

    def _decide(self, unit: Unit, petition: Petition, state: str, actor: str, *, reason: str = "",
                outcome: JSONObject | None = None) -> None:
        now = self._office.clock.now()
        if digest_of(petition.content) != petition.digest:
            raise StateError("This request was changed after it was made.")
        if not unit.decide(petition.id, state, now, actor, reason=reason, outcome=outcome):
            raise StateError("This was decided before. Nothing was changed.")
        unit.append_log(now, state, actor, petition.subject or petition.student_id,
                        {"kind": petition.kind, "request": petition.id, "digest": petition.digest})

    def _view(self, unit: Unit, petition: Petition) -> PetitionView:
        handler = self._handlers.get(petition.kind)
        is_open = handler is not None and petition.state == "waiting"
        group = handler.group(unit, petition) if is_open and handler is not None else (petition,)
        person = existing_student(unit, petition.student_id)
        named = {each.subject for each in group if each.subject is not None}
        credentials = {each: found for each in named if (found := unit.find_credential(each)) is not None}
        return PetitionView(petition, group, digest_of([each.digest for each in group]), person, credentials)


def alone(petition: Petition) -> tuple[Petition, ...]:
    """The group of a petition that is decided by itself."""
    return (petition,)
