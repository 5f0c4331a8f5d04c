"""Records by form: a template's questions answered for one student, by a registrar at once, by a teacher as a draft."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from credkit.ports import JSONObject
from credkit.profiles.openbadges_3 import Alignment
from credkit.shape import is_url
from issuer.services.approvals import Approvals, alone
from issuer.services.building import Facts, template_facts
from issuer.services.drafting import Drafting
from issuer.services.office import Office, existing_student
from issuer.services.templates import Answers, Template, Words, check_answers, template
from issuer.store import Credential, Person, Petition, StandardRow, Unit

KIND: Final = "award"
_CFITEM: Final = "CFItem"
_MAX_STATEMENT: Final = 2000


class Forms:
    """Issues and drafts records from templates (an ``approvals.Handler`` for what teachers draft)."""

    def __init__(self, office: Office, drafting: Drafting, approvals: Approvals) -> None:
        self._office = office
        self._drafting = drafting
        self._approvals = approvals

    def issue(self, student_id: str, name: str, raw: Mapping[str, str], actor: str) -> Credential:
        """Make a record that can be collected. One of the same kind and key is brought up to date.

        Raises:
            UnsupportedError: no such template.
            StateError: no such student.
            AnswersProblem: the answers cannot be taken; ``errors`` says which and why.
            ProblemError: they cannot be made into a credential.
        """
        form = template(name)
        with self._office.store.writing() as unit:
            credential = self.issue_within(unit, existing_student(unit, student_id), form, raw)
            unit.append_log(self._office.clock.now(), "awarded", actor, credential.id, {"template": name})
        return credential

    def issue_within(self, unit: Unit, person: Person, form: Template, raw: Mapping[str, str]) -> Credential:
        """``issue`` inside the caller's transaction, without a line in the log."""
        slot, facts = self._facts(unit, person, form, raw)
        return self._drafting.prepare_record(unit, person, form.name, slot, facts)

    def import_within(self, unit: Unit, person: Person, form: Template, raw: Mapping[str, str]) -> str:
        """A record from an export: ``new``, ``renewed`` or ``unchanged``; one that was taken back stays so."""
        slot, facts = self._facts(unit, person, form, raw)
        return self._drafting.bring_up_to_date(unit, person, form.name, slot, facts)

    def _facts(self, unit: Unit, person: Person, form: Template, raw: Mapping[str, str]) -> tuple[str, Facts]:
        content = form.content(self._answers(unit, form, raw), Words(self._office.identity.language))
        return f"{form.name}:{content.key}", template_facts(self._office.identity, person, form, content)

    def draft(self, student_id: str, name: str, raw: Mapping[str, str], actor: str) -> Petition:
        """Put a record before the registrar; errors as ``issue``, and nothing is made yet."""
        form = template(name)
        with self._office.store.writing() as unit:
            person = existing_student(unit, student_id)
            answers = self._answers(unit, form, raw)
            content: JSONObject = {"template": name, "answers": dict(answers.values)}
            return self._approvals.ask(unit, KIND, person.id, content, actor)

    def group(self, unit: Unit, petition: Petition) -> tuple[Petition, ...]:
        """Each draft is looked at by itself."""
        return alone(petition)

    def carry_out(self, unit: Unit, group: tuple[Petition, ...], actor: str) -> dict[str, JSONObject]:
        """Make what a teacher drafted, from the answers that the registrar saw."""
        made = {}
        for each in group:
            form, person = template(each.content["template"]), existing_student(unit, each.student_id)
            credential = self.issue_within(unit, person, form, each.content["answers"])
            made[each.id] = {"credential": credential.id}
        return made

    def _answers(self, unit: Unit, form: Template, raw: Mapping[str, str]) -> Answers:
        named = {each.name: raw.get(each.name, "").strip() for each in form.fields if each.kind == "standard"}
        found = {name: standard for name, text in named.items()
                 if text and (standard := _standard(unit.standards_named(text), text)) is not None}
        return check_answers(form, raw, found)


def _standard(rows: tuple[StandardRow, ...], text: str) -> Alignment | None:
    """The one item of this code or address; an address that we do not know stands for itself."""
    if len(rows) == 1:
        row = rows[0]
        return Alignment(row.uri, row.statement[:_MAX_STATEMENT], _CFITEM, row.code or None, row.framework or None)
    if not rows and text.startswith("https://") and is_url(text):
        return Alignment(text, text, _CFITEM)
    return None
