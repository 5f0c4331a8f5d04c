"""Requests to schools with their days, and old papers that are never verified."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from credkit.errors import StateError
from tests.wallet.household import child_of, environment_of, let_in
from wallet.bootstrap import Services
from wallet.services.record import library, tracker, unverified
from wallet.services.record.items import FILE, TRACKED, UNVERIFIED
from wallet.services.record.tracker import Letter, due_on
from wallet.vault import OpenVault

LETTER = Letter("Escuela Benito Juárez", "Daniela Hernández", "Ana Núñez", about="Grade 3 attendance",
                words="She was present on May 4.")
TODAY = date(2026, 6, 15)


def ask(services: Services, vault: OpenVault, kind: Any = "access", deadline: Any = "45-days",
        letter: Letter = LETTER) -> str:
    return tracker.prepare(vault, environment_of(services), kind=kind, deadline=deadline, letter=letter)


@pytest.mark.parametrize(("sent", "deadline", "due"), [
    (date(2026, 1, 1), "45-days", date(2026, 2, 15)), (date(2024, 1, 20), "45-days", date(2024, 3, 5)),
    (date(2026, 6, 15), "10-days", date(2026, 6, 25)),
    (date(2026, 6, 15), "3-business-days", date(2026, 6, 18)),  # Monday → Thursday
    (date(2026, 6, 18), "3-business-days", date(2026, 6, 23)),  # Thursday → Tuesday
    (date(2026, 6, 20), "3-business-days", date(2026, 6, 24)),  # Saturday → Wednesday
])
def test_the_day_an_answer_is_due(sent: date, deadline: Any, due: date) -> None:
    assert due_on(sent, deadline) == due


def test_business_days_never_end_on_a_weekend() -> None:
    for offset in range(400):
        assert due_on(date(2026, 1, 1) + timedelta(days=offset), "3-business-days").weekday() < 5


def test_a_request_counts_from_the_day_it_was_sent(services: Services, vault: OpenVault) -> None:
    request_id = ask(services, vault)
    (draft,) = tracker.requests(vault, TODAY)
    assert (draft.state, draft.due_on, draft.left_days, draft.overdue) == ("draft", None, None, False)

    tracker.mark_sent(vault, environment_of(services), request_id, date(2026, 6, 1))

    (line,) = tracker.requests(vault, TODAY)
    assert (line.state, line.due_on, line.left_days, line.overdue) == ("sent", date(2026, 7, 16), 31, False)
    assert tracker.requests(vault, date(2026, 7, 17))[0].overdue
    assert not tracker.requests(vault, date(2026, 7, 16))[0].overdue


def test_what_is_due_first_stands_first_and_what_is_done_last(services: Services, vault: OpenVault) -> None:
    environment = environment_of(services)
    done, draft, late, soon = [ask(services, vault, letter=replace(LETTER, school=name))
                               for name in ("done", "draft", "late", "soon")]
    tracker.mark_sent(vault, environment, done, date(2026, 1, 1))
    tracker.close(vault, environment, done, answered=True, note="Came by post.")
    tracker.mark_sent(vault, environment, late, date(2026, 1, 1))
    tracker.mark_sent(vault, environment, soon, date(2026, 6, 1))

    lines = tracker.requests(vault, TODAY)

    assert [line.school for line in lines] == ["late", "soon", "draft", "done"]
    assert [line.overdue for line in lines] == [True, False, False, False]
    asked, letter, deadline, note = tracker.show(vault, done, TODAY)
    assert (asked.state, letter.learner, deadline, note) == (
        "answered", "Daniela Hernández", "45-days", "Came by post.")
    assert draft in {line.id for line in lines}


@pytest.mark.parametrize(("kind", "deadline", "letter"), [
    ("song", "45-days", LETTER), ("access", "soon", LETTER), ("access", "45-days", replace(LETTER, school=" ")),
    ("access", "45-days", replace(LETTER, writer="")), ("correction", "45-days", replace(LETTER, words="")),
    ("correction", "45-days", replace(LETTER, about="")), ("access", "45-days", replace(LETTER, words="x" * 2_001)),
    ("access", "45-days", replace(LETTER, school="x" * 161))])
def test_an_incomplete_request_is_not_kept(
        services: Services, vault: OpenVault, kind: str, deadline: str, letter: Letter) -> None:
    with pytest.raises(StateError):
        ask(services, vault, kind, deadline, letter)
    assert vault.entries(TRACKED) == ()


def test_a_day_to_come_and_a_closed_request_are_refused(services: Services, vault: OpenVault) -> None:
    request_id = ask(services, vault)
    with pytest.raises(StateError):
        tracker.mark_sent(vault, environment_of(services), request_id, date(2026, 6, 17))

    tracker.close(vault, environment_of(services), request_id, answered=False, note="")

    with pytest.raises(StateError):
        tracker.mark_sent(vault, environment_of(services), request_id, date(2026, 6, 1))


def test_a_helper_writes_no_letters_and_sees_none(services: Services, vault: OpenVault) -> None:
    child = child_of(services, vault)
    ask(services, child)
    tutor = let_in(services, child, "ruiz", "read:transcript", "contribute:services")

    assert tracker.requests(tutor, TODAY) == ()
    with pytest.raises(StateError):
        ask(services, tutor)


# Old papers

CSV = "Materia;Nota\nMatemáticas;9,5\n\nEspañol;10\n".encode("cp1252")


def keep(services: Services, vault: OpenVault, *, media_type: str = "text/csv", data: bytes = CSV,
         title: str = "Boleta 2024", note: str = "") -> str:
    return unverified.keep(vault, environment_of(services), title=title, note=note, name="boleta.csv",
                           media_type=media_type, data=data)


def test_a_paper_is_no_record(services: Services, vault: OpenVault) -> None:
    paper_id = keep(services, vault, note="From the old school")

    assert library.shelf(vault).all() == ()
    paper, note, table = unverified.show(vault, paper_id)
    assert (paper.title, note) == ("Boleta 2024", "From the old school")
    assert table is not None
    assert table.rows == (("Materia", "Nota"), ("Matemáticas", "9,5"), ("Español", "10")) and table.left_out == 0
    assert unverified.file_of(vault, paper_id).data == CSV


def test_a_long_table_is_cut_and_says_so() -> None:
    table = unverified.read_table(("a,b\n" + "1,2\n" * 700).encode())

    assert len(table.rows) == 500 and table.left_out == 201


@pytest.mark.parametrize("data", [b"a,b\n1\n", b"a\tb\n1\t2\t3", "é;b\n".encode("cp1252"), b"\xef\xbb\xbfa;b\n1;2\n"])
def test_every_row_of_a_table_is_as_wide_as_the_widest(data: bytes) -> None:
    rows = unverified.read_table(data).rows

    assert len({len(row) for row in rows}) == 1 and len(rows[0]) >= 2


@pytest.mark.parametrize("change", [
    {"title": " "}, {"title": "x" * 121}, {"data": b"a\0b"}, {"data": b""}, {"media_type": "text/html"},
    {"media_type": "application/pdf", "data": b"GIF89a"}])
def test_what_cannot_be_kept_leaves_nothing(services: Services, vault: OpenVault, change: dict[str, Any]) -> None:
    with pytest.raises(StateError):
        keep(services, vault, **change)
    assert vault.entries(UNVERIFIED) == () == vault.entries(FILE)
