"""Proof of enrollment: one class that is going on, and no grade of any."""

from __future__ import annotations

from tests.flows.conftest import Town
from verifier.services.questions import build_question


def test_a_class_that_is_going_on_proves_it_and_finished_ones_do_not_answer(town: Town) -> None:
    town.receive_set()
    question = build_question(("enrolment",), "For the bus pass.", today=town.world.clock.now().date())
    asked = town.college.requests.ask(question)
    resolved = town.wallet.presenting.resolve_request(asked.links.deep)
    (entry,) = town.wallet.presenting.match(town.vault, resolved).asked
    assert 0 < len(entry.candidates) < len(town.items("courses"))

    chosen = entry.candidates[0].card
    sheet = town.wallet.presenting.sheet(town.vault, resolved, {entry.query.id: (chosen.item_id,)})
    shown = {value.kind for value in sheet.records[0].leaves}
    decision = town.wallet.presenting.agree(town.vault, resolved, sheet, seen_digest=sheet.digest)
    town.wallet.presenting.share(town.vault, resolved, decision)

    assert "credentialSubject.result.status" in shown and "credentialSubject.term" in shown
    assert "credentialSubject.achievement.name" not in shown
    story = town.college.results.find(town.college.requests.find(asked.id).result_id or "").story
    assert story["report"]["verified"] is True
    said = {line["label"]: line["value"] for line in story["sheets"][0]["record"]["lines"]}
    assert said["state"] in ("Enrolled", "InProgress")
    assert "grade" not in said
