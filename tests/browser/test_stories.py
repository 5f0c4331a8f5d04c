"""The eight stories of requirements.md §1.5, each from start to end through the pages of every role, by their buttons.

``make test`` tells each once, alternating a phone in Spanish and a wide screen in English; ``make full`` at each width
in each language, and once by keyboard alone. Screenshots go to ``artefacts/story``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from demo.export.small import Course, Pupil
from tests.browser.conftest import PHONE_EN, PHONE_ES, WIDE_EN, WIDE_ES, Screen
from tests.browser.telling import (
    PASSPHRASE,
    Hand,
    Office,
    Stage,
    ask_the_school,
    check,
    go_to_student,
    hand_out,
    hand_over,
    has,
    let_in,
    make_backpack,
    sign_in,
    stage_of,
    trust,
)
from tests.support.amount import FULL

EVERYWHERE = [(screen, False) for screen in (PHONE_ES, WIDE_EN, PHONE_EN, WIDE_ES)]


def told_on(screen: Screen) -> pytest.MarkDecorator:
    """Where a story is told: on ``screen``; under ``make full`` on all four, and on it once by keyboard alone."""
    ways = [*EVERYWHERE, (screen, True)] if FULL else [(screen, False)]
    return pytest.mark.parametrize(("screen", "keyboard"), ways, indirect=["screen"],
                                   ids=[f"{each}{'-keyboard' if keys else ''}" for each, keys in ways])


@pytest.fixture
def stage(tmp_path: Path, browser: Browser, browser_context_args: dict[str, Any], screen: Screen,
          keyboard: bool) -> Iterator[Stage]:
    """Everybody in a story."""
    yield from stage_of(tmp_path, browser, browser_context_args, screen, keyboard=keyboard)


JESSIE = Pupil("88", "Jessie", "Tran")


@told_on(WIDE_EN)
def test_jessie_shows_her_whole_record_at_an_open_house(stage: Stage) -> None:
    school, roosevelt = stage.issuer("Little Acorns Montessori"), stage.verifier("Roosevelt Elementary")
    office, family, checker = stage.hand("issuer"), stage.hand("wallet"), stage.hand("verifier")
    make_backpack(family, stage, "Jessie Tran", "Mai Tran")
    five_years(stage, school, office)
    hand_over(stage, office, family, 6)
    family.page.goto(stage.wallet.origin)
    family.sees("jessie-home", "My records")
    teacher_says(school, office)
    hand_over(stage, office, family, 1)
    family.sees("jessie-after-endorsement")
    sign_in(checker, roosevelt)
    trust(checker, school)
    checker.press("Copy the keys now")
    checker.sees("jessie-trust", "Whom we trust")
    titles = tuple(f"{code} {words}" for code, words in standards(stage))
    link = hand_out(family, titles, roosevelt.name, stage.words("To enrol Jessie", "Inscribir a Jessie"), form="link",
                    name="jessie")
    check(checker, link)
    expect(checker.page.locator(".verdict-holds").first).to_be_visible()
    checker.sees("jessie-holds")
    has(checker, "Amal Haddad")
    school.close()
    check(checker, link, offline=True)
    expect(checker.page.locator(".verdict-holds").first).to_be_visible()
    checker.reads("Checked without asking anybody.")
    checker.sees("jessie-offline")


def standards(stage: Stage) -> tuple[tuple[str, str], ...]:
    """Code and words of five standards, in the language of the story."""
    return tuple((f"M.{number}", stage.words(english, spanish)) for number, (english, spanish) in enumerate((
        ("Add and subtract within 100", "Sumar y restar hasta 100"), ("Measure lengths", "Medir longitudes"),
        ("Multiply within 100", "Multiplicar hasta 100"), ("Explain equal fractions", "Explicar fracciones iguales"),
        ("Find the volume of a box", "Hallar el volumen de una caja")), start=1))


def standards_file(stage: Stage) -> Path:
    """They as a CASE package."""
    address = "https://standards.example/uri/"
    names = [f"5b1f3c52-6d0e-4a8e-9f0b-0d6c1a2b3c{number:02}" for number in range(6)]
    package = {
        "CFDocument": {"identifier": names[0], "uri": address + names[0], "language": stage.screen.language,
                       "title": stage.words("Math, grades 1 to 5", "Matemáticas, grados 1 a 5")},
        "CFItems": [{"identifier": name, "uri": address + name, "humanCodingScheme": code, "fullStatement": words,
                     "CFItemType": "Standard", "educationLevel": [code.replace("M.", "0")]}
                    for name, (code, words) in zip(names[1:], standards(stage), strict=True)]}
    return stage.file("standards.json", json.dumps(package).encode())


def five_years(stage: Stage, school: Office, office: Hand) -> None:
    """Four competencies lie there, the fifth and a narrative are written by form."""
    stage.enrol(school, JESSIE, ())
    stage.read_file(school, standards_file(stage))
    person = school.services.students.find(JESSIE.number).id
    for year, (code, _words) in enumerate(standards(stage)[:4], start=2022):
        school.services.forms.issue(person, "mastery", {"standard": code, "level": "4", "shown_on": f"{year}-05-20"},
                                    "operator")
    sign_in(office, school)
    write(office, JESSIE, "Standard shown", {
        "Standard": "M.5", "Level shown": "4", "Day it was shown": "2026-05-22",
        "How the student showed it": stage.words("With the garden box.", "Con la caja del jardín.")},
        name="jessie-mastery")
    write(office, JESSIE, "Work habits", {"Term": "2025-2026", "Teacher’s name": "Amal Haddad",
                                          "Strengths": stage.words("Works all morning.", "Trabaja toda la mañana.")})
    office.sees("jessie-student")


def teacher_says(school: Office, office: Hand) -> None:
    """A teacher's word on the fifth year's work."""
    person = school.services.students.find(JESSIE.number).id
    work = next(each.id for each in school.services.students.view(person).credentials if each.title.startswith("M.5"))
    office.press("Write a record")
    office.press("A teacher’s word on a work")
    office.fill("Student number", JESSIE.number)
    office.fill("Number of the work", work)
    office.fill("Teacher’s name", "Amal Haddad")
    office.fill("What the teacher says", "10 × 10 × 10 = 1000")
    office.sees("jessie-endorse", "A teacher’s word on a work")
    office.press("Make it")
    go_to_student(office, JESSIE)


def write(office: Hand, pupil: Pupil, form: str, answers: dict[str, str], *, name: str = "") -> None:
    """Write a record by form; the student's page comes next."""
    office.press("Write a record")
    office.press(form)
    office.fill("Student number", pupil.number)
    for label, value in answers.items():
        office.fill(label, value)
    if name:
        office.sees(name, form)
    office.press("Make this record")
    go_to_student(office, pupil)


DANIELA = Pupil("3117", "Daniela", "Reyes")
PAPER = b"Materia,Nota\r\nLectura,9.4\r\n"


@told_on(PHONE_ES)
def test_daniela_arrives_with_old_papers_and_has_a_first_page(stage: Stage) -> None:
    school, jefferson = stage.issuer("Escuela Benito Juárez"), stage.verifier("Primaria Jefferson")
    mother, checker, office = stage.hand("wallet"), stage.hand("verifier"), stage.hand("issuer")
    make_backpack(mother, stage, "Daniela Reyes", "Rosa Ortiz")
    keeps_an_old_paper(mother, stage)
    mother.press("My records")
    mother.press("Learner profile")
    mother.press("Say something about the student")
    mother.fill("In your own words", stage.words("Reads every night.", "Lee todas las noches."))
    mother.press("Sign and keep it")
    mother.sees("daniela-about", "What the family says")
    writes_to_the_former_school(mother, school)
    about = mother.say("About me, in the family's words")
    link = hand_out(mother, (about,), jefferson.name, stage.words("First day", "Primer día"), form="paper",
                    name="daniela")
    mother.press("A teacher's first page")
    mother.sees("daniela-first-page")
    sign_in(checker, jefferson)
    check(checker, link)
    checker.sees("daniela-checked")
    assert checker.page.locator(".verdict-holds").count() == 0
    checker.press("Teacher's page for the first day")
    checker.sees("daniela-day-one")
    has(checker, stage.words("Reads every night.", "Lee todas las noches."))
    stage.enrol(school, DANIELA, (Course("Lectura 4", "A-", 91),))
    sign_in(office, school)
    go_to_student(office, DANIELA)
    hand_over(stage, office, mother, 2)
    mother.page.goto(stage.wallet.origin)
    mother.sees("daniela-home", "My records")
    mother.press("Letters to schools")
    mother.press("Get the record from a former school")
    mother.press("An answer came")
    mother.sees("daniela-answered", "Letters to schools" if mother.page.url.endswith("/letters/") else None)
    mother.page.goto(stage.wallet.origin)
    mother.press("Old papers, not verified")
    mother.reads("Not verified")


def keeps_an_old_paper(mother: Hand, stage: Stage) -> None:
    """A table of grades, kept as never verified."""
    mother.press("Old papers, not verified")
    mother.press("Add an old paper")
    mother.attach("Photo, PDF or table (CSV)", stage.file("notas.csv", PAPER))
    mother.fill("What it is", "Boleta 3")
    mother.sees("daniela-paper", "Add an old paper")
    mother.press("Keep it")
    mother.sees("daniela-kept")
    mother.reads("Not verified")


def writes_to_the_former_school(mother: Hand, school: Office) -> None:
    """One letter, sent today; the day its answer is due stands on the page."""
    mother.press("My records")
    mother.press("Letters to schools")
    mother.press("Write a letter")
    mother.mark(mother.page.locator("input[name=kind][value=former-school]"))
    mother.fill("School or office", school.name)
    mother.fill("Name of the student", "Daniela Reyes")
    mother.sees("daniela-letter", "Write a letter")
    mother.press("Make the letter")
    mother.press("I sent it on this day")
    mother.page.goto(mother.page.url)
    mother.sees("daniela-due")
    mother.reads("%(num)s day is left.", "%(num)s days are left.", num=45)


VANESSA = Pupil("512", "Vanessa", "Lee")
CIRCLE = (("Kim Soto", "soto", ("Two-word sentences", "Frases de dos palabras")),
          ("Ben Adler", "adler", ("The sound s", "El sonido s")),
          ("Ines Vogel", "vogel", ("Ten steps up", "Subir diez escalones")),
          ("Leo Diaz", "diaz", ("Throw a ball", "Lanzar una pelota")))


@told_on(WIDE_EN)
def test_vanessas_helpers_see_each_others_goals_and_nothing_else(stage: Stage) -> None:
    school, mother, office = stage.issuer("Maple School"), stage.hand("wallet"), stage.hand("issuer")
    make_backpack(mother, stage, "Vanessa Lee", "Joy Lee")
    stage.enrol(school, VANESSA, (Course("Lectura 3", "B", 84),))
    sign_in(office, school)
    go_to_student(office, VANESSA)
    hand_over(stage, office, mother, 2)
    mother.page.goto(stage.wallet.origin)
    mother.press("What may be shared")
    mother.unfold("Kinds of which nothing is here yet")
    mother.mark(mother.page.locator("#rule-services-ask"))
    mother.sees("vanessa-rules", "What may be shared")
    mother.press("Keep these choices")
    helpers = []
    for name, login, goal in CIRCLE:
        helper = let_in(stage, mother, "Circle of care", name, login, looking=not helpers)
        helpers.append(helper)
        brings(helper, name, stage.words(*goal), looking=len(helpers) == 1)
        mother.press("Inbox")
        mother.open(stage.words(*goal))
        mother.press("Take it in")
    for helper in helpers:
        helper.page.goto(stage.wallet.origin)
        helper.press("Shared with me")
        has(helper, *(stage.words(*goal) for _name, _login, goal in CIRCLE))
        assert helper.page.get_by_text("Lectura 3").count() == 0
    helpers[0].sees("vanessa-circle", "Shared with me")
    helpers[0].press("My records")
    helpers[0].sees("vanessa-helper-home", "My records")
    assert helpers[0].page.get_by_text("Lectura 3").count() == 0


def brings(helper: Hand, name: str, goal: str, *, looking: bool) -> None:
    """A helper's goal, which waits for the mother."""
    helper.press("What helpers bring")
    helper.press("Bring something")
    helper.fill("Title", goal)
    helper.fill("What you want to say", goal)
    helper.fill("Your name and what you do", name)
    if looking:
        helper.sees("vanessa-bring", "Bring something")
    helper.press("Sign and send to the family")


MARCUS = Pupil("4410", "Marcus", "Hill")


@told_on(PHONE_ES)
def test_a_caseworker_places_marcus_and_sees_nothing_when_her_time_is_over(stage: Stage) -> None:
    school, eastside = stage.issuer("Northgate School"), stage.verifier("Eastside School")
    guardian, office, checker = stage.hand("wallet"), stage.hand("issuer"), stage.hand("verifier")
    make_backpack(guardian, stage, "Marcus Hill", "Ruth Hill", basis="legal-guardian")
    stage.enrol(school, MARCUS, (Course("Álgebra 1", "B", 85), Course("Biología", "C+", 78, earned=0.5)))
    sign_in(office, school)
    go_to_student(office, MARCUS)
    hand_over(stage, office, guardian, 3)
    guardian.page.goto(stage.wallet.origin)
    caseworker = let_in(stage, guardian, "Caseworker", "Dana Wells", "wells", more="Share records",
                        paper="22-118", looking=True)
    guardian.press("People")
    guardian.sees("foster-people", "Who may do what")
    caseworker.sees("foster-caseworker-home", "My records")
    link = hand_out(caseworker, ("Álgebra 1", "Biología"), eastside.name,
                    stage.words("To place Marcus", "Inscribir a Marcus"), form="paper", name="foster")
    caseworker.press("Transfer packet to print")
    caseworker.sees("foster-packet")
    has(caseworker, "0.5")
    sign_in(checker, eastside)
    trust(checker, school)
    check(checker, link)
    expect(checker.page.locator(".verdict-holds").first).to_be_visible()
    checker.sees("foster-checked")
    stage.clock.ahead = timedelta(days=120)
    caseworker.page.goto(stage.wallet.origin)
    caseworker.fill("Your name here", "wells")
    caseworker.fill("Passphrase", PASSPHRASE)
    caseworker.press("Open")
    caseworker.sees("foster-over")
    assert caseworker.page.get_by_text("Biología").count() == 0


GRACE = Pupil("905", "Grace", "Okafor")


@told_on(WIDE_EN)
def test_a_packet_carried_by_hand_is_replaced_by_the_schools_own_record(stage: Stage) -> None:
    school, forthill = stage.issuer("Harbor View School"), stage.verifier("Fort Hill School")
    family, office, checker = stage.hand("wallet"), stage.hand("issuer"), stage.hand("verifier")
    make_backpack(family, stage, "Grace Okafor", "Sam Okafor")
    stage.enrol(school, GRACE, (Course("Química", "A", 95), Course("Biología", "A-", 92)))
    sign_in(office, school)
    go_to_student(office, GRACE)
    hand_over(stage, office, family, 3)
    family.page.goto(stage.wallet.origin)
    link = hand_out(family, ("Química", "Biología"), forthill.name,
                    stage.words("To place Grace", "Inscribir a Grace"), form="paper", name="military")
    family.press("Transfer packet to print")
    family.sees("military-packet")
    sign_in(checker, forthill)
    trust(checker, school)
    check(checker, link)
    expect(checker.page.locator(".verdict-holds").first).to_be_visible()
    checker.reads("A choice, not the whole record")
    checker.sees("military-unofficial")
    ask_the_school(stage, checker, office, school, GRACE, "military")
    go_to_student(office, GRACE)
    hand_over(stage, office, family, 1)
    family.page.goto(stage.wallet.origin)
    family.press("Activity")
    family.sees("military-activity", "Who saw what")


NORA = Pupil("731", "Nora", "Yazzie")


@told_on(PHONE_ES)
def test_nora_s_mother_hears_early_and_nothing_is_sent(stage: Stage) -> None:
    school, mother, office = stage.issuer("Red Mesa School"), stage.hand("wallet"), stage.hand("issuer")
    make_backpack(mother, stage, "Nora Yazzie", "Lena Yazzie")
    stage.enrol(school, NORA, (Course("Álgebra 6", "B+", 88, going_on=True),))
    sign_in(office, school)
    go_to_student(office, NORA)
    hand_over(stage, office, mother, 2)
    stage.enrol(school, NORA, (Course("Álgebra 6", "D+", 68, going_on=True),))
    write(office, NORA, "Attendance summary", {"Term": "2026", "Days enrolled": "58", "Days absent": "8"},
          name="alert-attendance")
    hand_over(stage, office, mother, 3)
    school.close()
    mother.page.goto(stage.wallet.origin)
    mother.sees("alert-home", "My records")
    mother.press("%(num)s thing in attendance and grades is worth a look",
                 "%(num)s things in attendance and grades are worth a look", num=2)
    mother.sees("alert-notices", "Worth a look")
    has(mother, "Álgebra 6")
    mother.reads("All of this is worked out here. Nobody else is asked.")
    mother.press("Activity")
    assert mother.page.locator("main .badge-card").count() <= 3
    mother.sees("alert-activity", "Who saw what")


AMARA = Pupil("265", "Amara", "Obi")


@told_on(WIDE_EN)
def test_amaras_map_of_standards_shows_school_and_tutor(stage: Stage) -> None:
    school, tutor, father = stage.issuer("Cedar School"), stage.issuer("Riverside"), stage.hand("wallet")
    make_backpack(father, stage, "Amara Obi", "Chidi Obi")
    for office, code in ((school, "M.1"), (tutor, "M.3")):
        hand = stage.hand("issuer")
        stage.enrol(office, AMARA, ())
        stage.read_file(office, standards_file(stage))
        sign_in(hand, office)
        write(hand, AMARA, "Standard shown", {"Standard": code, "Level shown": "4", "Day it was shown": "2026-10-02"})
        hand_over(stage, hand, father, 1)
    father.page.goto(stage.wallet.origin)
    father.press("Map of standards")
    father.press("Add a list of standards")
    father.attach("File of the list", standards_file(stage))
    father.press("Keep this list")
    father.sees("mastery-lists", "Map of standards")
    father.open(stage.words("Math, grades 1 to 5", "Matemáticas, grados 1 a 5"))
    father.sees("mastery-map")
    has(father, "Cedar School", "Riverside", *(words for _code, words in standards(stage)))


ELENA = Pupil("1206", "Elena", "Brooks")


@told_on(PHONE_ES)
def test_elena_starts_fresh_and_the_schools_own_lane_is_in_the_log(stage: Stage) -> None:
    school, valley = stage.issuer("Mesa School"), stage.verifier("Valley School")
    family, office, checker = stage.hand("wallet"), stage.hand("issuer"), stage.hand("verifier")
    make_backpack(family, stage, "Elena Brooks", "Sam Brooks")
    stage.enrol(school, ELENA, (Course("Química", "A", 95), Course("Biología", "A-", 92)))
    sign_in(office, school)
    write(office, ELENA, "Special-education summary (IEP)", {
        "Begins on": "2026-02-02", "Goals of this year": stage.words("Plans the week.", "Planea la semana.")},
        name="fresh-iep")
    hand_over(stage, office, family, 4)
    family.page.goto(stage.wallet.origin)
    family.press("What may be shared")
    expect(family.page.locator("#rule-iep-never")).to_be_checked()
    family.sees("fresh-rules", "What may be shared")
    sign_in(checker, valley)
    trust(checker, school)
    asks_for_courses(stage, checker, family)
    assert "IEP" not in checker.page.content()
    ask_the_school(stage, checker, office, school, ELENA, "fresh")
    assert "IEP" in checker.page.content()
    go_to_student(office, ELENA)
    hand_over(stage, office, family, 1)
    family.page.goto(stage.wallet.origin)
    family.press("Activity")
    has(family, school.host)
    family.sees("fresh-activity", "Who saw what")


def asks_for_courses(stage: Stage, checker: Hand, family: Hand) -> None:
    """The new school asks, the family shares two courses and is offered nothing that is hidden."""
    checker.menu("Ask")
    checker.fill("Why do you ask?", stage.words("To enrol Elena", "Inscribir a Elena"))
    checker.press("Show me what the family will see")
    checker.press("Make the code and the link")
    family.page.goto(checker.scan())
    assert "IEP" not in family.page.locator("main").inner_text()
    for title in ("Química", "Biología"):
        family.tick(title)
    family.press("Show me what would leave")
    family.sees("fresh-sheet")
    assert "IEP" not in family.page.locator("main").inner_text()
    family.press("Share this %(num)s record", "Share these %(num)s records", num=2)
    checker.page.wait_for_url("**/results/*")
    expect(checker.page.locator(".verdict-holds").first).to_be_visible()
    checker.sees("fresh-holds")
