"""The demo's story, walked through the pages of all roles by their buttons, in real browsers against real servers.

Two browsers: one in the offices (school, tutor, college), one in the family's hands; a third, with scripts off, takes
the family's part for a while. Screenshots of every page go to ``artefacts/story``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from demo.export import build_export
from demo.story import BADGE, SHARED
from demo.town import Party, Town
from tests.browser.conftest import Look, Screen, build_look, watching
from tests.browser.walking import Walker

STUDENT = "Lucía Guadalupe Hernández Villaseñor"
PASSPHRASE = "siete naranjas cruzan despacio el puente"
PURPOSES = {"en": "To decide about your place in the fall of 2027.",
            "es": "Para decidir sobre su lugar en el otoño de 2027."}
WAIT_MS = 90_000
RECORDS = 25


@dataclass
class Cast:
    """Who walks: the tabs of the offices, the family's tab, and the family's with scripts off."""

    town: Town
    school: Walker
    tutor: Walker
    college: Walker
    family: Walker
    plain: Walker


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """Offices that are founded and a wallet that nobody has opened yet."""
    with Town(tmp_path, at_usual_ports=False) as town:
        for party in town.parties:
            party.data.mkdir(parents=True)
            if party is not town.wallet:
                name = ["--name", party.name] if party.module == "issuer" else []
                party.run("init", "--origin", party.origin, "--wallet", town.wallet.origin, *name)
            party.start()
        for party in town.parties:
            party.wait()
        yield town


@pytest.fixture
def cast(town: Town, browser: Browser, context: BrowserContext, look: Look, own_hosts: frozenset[str],
         browser_context_args: dict[str, Any], screen: Screen) -> Iterator[Cast]:
    """Three browsers, each listened to."""
    with ExitStack() as stack:
        office = browser.new_context(**browser_context_args)
        plain = browser.new_context(**browser_context_args, java_script_enabled=False)
        office_look, plain_look = (
            build_look(stack.enter_context(watching(each, own_hosts)), screen, scripts=each is office)
            for each in (office, plain))

        def walker(where: BrowserContext, looking: Look, role: str) -> Walker:
            where.set_default_timeout(WAIT_MS)
            return Walker(where.new_page(), looking, role, screen.language)

        expect.set_options(timeout=WAIT_MS)
        yield Cast(town, walker(office, office_look, "issuer"), walker(office, office_look, "issuer"),
                   walker(office, office_look, "verifier"), walker(context, look, "wallet"),
                   walker(plain, plain_look, "wallet"))
        for each in (office, plain):
            each.close()


def test_the_whole_story_is_walked_by_its_buttons(cast: Cast, tmp_path: Path) -> None:
    school_reads_its_export(cast, tmp_path)
    sheet, code = school_makes_an_offer(cast)
    family_makes_a_backpack_from_the_offer(cast, sheet)
    family_collects(cast, code)
    family_reads_its_records(cast)
    badge_sheet, badge_code = tutor_awards_a_badge(cast)
    family_collects_without_scripts(cast, badge_sheet, badge_code)
    family_looks_around(cast)
    college_trusts_the_school(cast)
    college_asks(cast, looking=True)
    family_shares_on_the_same_device_with_the_keyboard(cast)
    college_sees_that_it_holds(cast)
    school_takes_one_back(cast)
    college_asks(cast)
    family_shares_by_scanning_without_scripts(cast)
    college_sees_that_it_does_not_hold(cast)
    family_checks_for_itself(cast)
    college_asks(cast)
    family_says_not_now(cast)
    family_locks(cast)


def school_reads_its_export(cast: Cast, folder: Path) -> None:
    school = cast.school
    sign_in(school, cast.town.school, "school-sign-in")
    school.sees("school-today-empty", "Today")
    school.press("Import a school export")
    school.sees("school-import", "Import a school export")
    school.field("School export").set_input_files(build_export(folder / "lincoln-export.zip"))
    school.press("Read this file")
    school.sees("school-understood", "What we understood")
    expect(school.page.get_by_text("Hernández Villaseñor").first).to_be_visible()
    school.press("Keep this and draft records for %(num)s student", "Keep this and draft records for %(num)s students",
                 num=3)
    school.sees("school-kept", "What we kept")
    school.press("Go to the students")
    school.sees("school-students", "Students")
    school.open(STUDENT)
    school.sees("school-student")


def school_makes_an_offer(cast: Cast) -> tuple[str, str]:
    """The address on the printed sheet, and the code."""
    offer_records(cast.school, RECORDS)
    cast.school.sees("school-offer", "Offer %(num)s record", "Offer %(num)s records", num=RECORDS)
    assert cast.school.scan().startswith(f"{cast.town.wallet.origin}/offer?")
    return read_the_papers(cast.school, "school")


def family_makes_a_backpack_from_the_offer(cast: Cast, sheet: str) -> None:
    family = cast.family
    open_the_offer(cast, family, sheet, "claim")
    family.sees("wallet-welcome", "A place for the records you are offered")
    family.fill("Make a passphrase", PASSPHRASE)
    family.fill("The same passphrase once more", PASSPHRASE + "!")
    family.press("Make my backpack")
    family.sees("wallet-welcome-errors", "A place for the records you are offered")
    family.fill("Make a passphrase", PASSPHRASE)
    family.fill("The same passphrase once more", PASSPHRASE)
    family.press("Make my backpack")
    family.sees("wallet-offer", "%(host)s offers you records", host=host(cast.town.school))


def family_collects(cast: Cast, code: str) -> None:
    family = cast.family
    family.fill("Code", "000000" if code != "000000" else "000001")
    family.press("Put it into my backpack")
    family.sees("wallet-offer-wrong-code", "%(host)s offers you records", host=host(cast.town.school))
    family.fill("Code", code)
    family.press("Put it into my backpack")
    family.page.wait_for_url(f"{cast.town.wallet.origin}/")
    family.reads("%(num)s record is in your backpack now.", "%(num)s records are in your backpack now.", num=RECORDS)
    family.sees("wallet-home", "My records")


def family_reads_its_records(cast: Cast) -> None:
    family = cast.family
    family.follow(family.page.locator("section[aria-labelledby=group-transcripts] .badge-title a"))
    family.sees("wallet-transcript")
    family.open(SHARED[0])
    family.sees("wallet-course")
    expect(family.page.locator("h1")).to_have_text(SHARED[0])
    family.press("It is in this transcript too")
    family.press("Check it again")
    family.sees("wallet-check-before", "Check it again")
    family.press("Check now")
    family.sees("wallet-transcript-checked")
    family.press("My records")
    see_all_courses(family)
    family.sees("wallet-courses", "Courses")


def tutor_awards_a_badge(cast: Cast) -> tuple[str, str]:
    tutor, spanish = cast.tutor, cast.tutor.language == "es"
    sign_in(tutor, cast.town.tutor, "tutor-sign-in")
    tutor.press("Award a badge")
    tutor.sees("tutor-award", "Award a badge")
    tutor.fill("Student number", "7")
    tutor.fill("Given name", "Lucía")
    tutor.fill("Family names", "Hernández Villaseñor")
    tutor.fill("Name of the badge", BADGE)
    stands_for = "Explica fracciones a los menores." if spanish else "Explains fractions to others."
    tutor.fill("What it stands for", stands_for)
    tutor.fill("What one has to do for it", "Diez horas de ayuda." if spanish else "Led ten help sessions.")
    tutor.press("Award this badge")
    tutor.sees("tutor-student", None)
    offer_records(tutor, 1)
    tutor.sees("tutor-offer", "Offer %(num)s record", "Offer %(num)s records", num=1)
    return read_the_papers(tutor, "tutor")


def family_collects_without_scripts(cast: Cast, sheet: str, code: str) -> None:
    plain = cast.plain
    open_the_offer(cast, plain, sheet, "claim-badge")
    plain.sees("wallet-unlock-offer", "Open your backpack")
    plain.fill("Passphrase", PASSPHRASE)
    plain.press("Open")
    plain.sees("wallet-offer-badge", "%(host)s offers you records", host=host(cast.town.tutor))
    plain.fill("Code", code)
    plain.press("Put it into my backpack")
    expect(plain.page.locator("h1")).to_have_text(BADGE)
    plain.sees("wallet-badge")


def family_looks_around(cast: Cast) -> None:
    family = cast.family
    family.press("My records")
    family.sees("wallet-home-with-badge", "My records")
    for item, heading in (("Inbox", "Inbox"), ("Add", "I have a link or a code"), ("Activity", "Who saw what"),
                          ("Settings", "Settings")):
        family.press(item)
        family.sees(f"wallet-{item.lower()}", heading)


def college_trusts_the_school(cast: Cast) -> None:
    cast.school.press("Keys")
    cast.school.sees("school-keys", "Keys")
    address = cast.school.field("Address of this issuer").input_value()
    college = cast.college
    college.page.goto(cast.town.college.origin)
    college.sees("college-check", "Check a record")
    college.press("Sign in")
    enter(college, cast.town.college, "college-sign-in")
    college.press("Whom we trust")
    college.sees("college-trust-empty", "Whom we trust")
    college.fill("Its address", address)
    college.fill("What you call it", cast.town.school.name)
    college.press("Trust this signer")
    college.sees("college-trust", "Whom we trust")


def college_asks(cast: Cast, *, looking: bool = False) -> None:
    college = cast.college
    college.menu("Ask")
    if looking:
        college.sees("college-ask", "Ask for records")
    college.fill("Why do you ask?", PURPOSES[college.language])
    college.press("Show me what the family will see")
    if looking:
        college.sees("college-preview", "This is what the family will see")
    college.press("Make the code and the link")
    if looking:
        college.sees("college-wait", "Let the family open this")


def family_shares_on_the_same_device_with_the_keyboard(cast: Cast) -> None:
    here = cast.college.to("wallet")
    here.press("Open in %(wallet)s", wallet=host(cast.town.wallet))
    here.sees("wallet-unlock-request", "Open your backpack")
    here.fill("Passphrase", PASSPHRASE)
    here.press("Open")
    here.sees("wallet-request", "%(host)s asks you for records", host=host(cast.town.college))
    for title in SHARED:
        here.tab_to(here.page.get_by_label(title, exact=True).first)
        here.page.keyboard.press("Space")
    press_with_the_keyboard(here, "Show me what would leave")
    here.sees("wallet-sheet", "%(host)s would get this from you", host=host(cast.town.college))
    values = here.page.locator(".consent-record .value").all_inner_texts()
    assert values == [STUDENT, "Algebra I", "A-", STUDENT, "English 9", "B+"], values
    assert here.page.locator(".consent-record .form-check-input").count() == 0
    here.tab_to(here.button("Not now"))
    here.page.keyboard.press("Shift+Tab")
    expect(here.button("Share this %(num)s record", "Share these %(num)s records", num=2)).to_be_focused()
    with here.page.expect_navigation():
        here.page.keyboard.press("Enter")


def college_sees_that_it_holds(cast: Cast) -> None:
    college = cast.college
    college.page.wait_for_url(f"{cast.town.college.origin}/results/*")
    expect(college.page.locator("h1")).to_be_visible()
    assert college.page.locator(".verdict-holds").count() == 1
    assert college.page.locator(".check-holds").count() > 5
    college.sees("college-holds")
    college.press("Back to the results")
    college.sees("college-results", "Past results")


def school_takes_one_back(cast: Cast) -> None:
    school = cast.school
    school.press("Students")
    school.open(STUDENT)
    school.open(SHARED[0])
    school.sees("school-record", None)
    school.press("Take this record back")
    school.sees("school-take-back", "Take this record back")
    reason = {"en": "The grade was wrong.", "es": "La calificación estaba equivocada."}[school.language]
    school.fill("Why?", reason)
    school.page.get_by_label(school.say("I am sure.")).check()
    school.press("Take this record back")
    school.reads("The record was taken back. The next check shows it.")
    school.sees("school-taken-back")
    school.press("Log")
    school.sees("school-log", "Log")


def family_shares_by_scanning_without_scripts(cast: Cast) -> None:
    plain = cast.plain
    plain.page.goto(cast.college.scan())
    expect(plain.page.locator("h1")).to_have_text(
        plain.say("%(host)s asks you for records", host=host(cast.town.college)))
    for title in SHARED:
        plain.page.get_by_label(title, exact=True).first.check()
    plain.press("Show me what would leave")
    plain.press("Share this %(num)s record", "Share these %(num)s records", num=2)
    thanked = cast.family.to("verifier")
    thanked.page.goto(plain.page.url)
    thanked.sees("family-thanked", "Thank you, your answer has arrived")
    thanked.page.go_back()


def college_sees_that_it_does_not_hold(cast: Cast) -> None:
    college = cast.college
    college.page.wait_for_url(f"{cast.town.college.origin}/results/*")  # the page goes on by itself
    assert college.page.locator(".verdict-fails").count() == 1
    expect(college.page.locator(".concerned strong")).to_have_text(SHARED[0])
    college.sees("college-does-not-hold")


def family_checks_for_itself(cast: Cast) -> None:
    family = cast.family
    family.press("My records")
    see_all_courses(family)
    family.open(SHARED[0])
    family.press("Check it again")
    family.press("Check now")
    assert family.page.locator(".verdict-fails").count() == 1
    family.sees("wallet-course-taken-back")
    family.press("Back")
    family.sees("wallet-course-after-check")


def family_says_not_now(cast: Cast) -> None:
    family, college = cast.family, cast.college
    family.page.goto(college.scan())
    family.press("Not now")
    family.sees("wallet-refused", "Nothing was shared")
    college.sees("college-refused", "The family chose not to share")
    family.press("Who saw what")
    family.sees("wallet-activity-refused", "Who saw what")


def family_locks(cast: Cast) -> None:
    family = cast.family
    family.press("Lock now")
    family.sees("wallet-locked", "Open your backpack")
    family.fill("Passphrase", "siete naranjas cruzan")
    family.press("Open")
    family.reads("This passphrase does not open the backpack. Check the spelling.")
    family.sees("wallet-wrong-passphrase", "Open your backpack")
    family.page.goto(f"{cast.town.wallet.origin}/list/courses?page=1")
    family.fill("Passphrase", PASSPHRASE)
    family.press("Open")
    expect(family.page).to_have_url(f"{cast.town.wallet.origin}/list/courses?page=1")
    switch_language(family)


def switch_language(walker: Walker) -> None:
    """To the other language and back; the page stays."""
    path, other = walker.page.url.partition("?")[0], {"es": "en", "en": "es"}[walker.language]
    for name, language in (({"en": "English", "es": "Español"}[other], other),
                           ({"en": "English", "es": "Español"}[walker.language], walker.language)):
        walker.open(name, part="header")
        expect(walker.page.locator("html")).to_have_attribute("lang", language)
        assert walker.page.url.partition("?")[0] == path


def see_all_courses(walker: Walker) -> None:
    """From the start page to the list of courses."""
    label = walker.say("See all %(count)s", count=RECORDS - 1)
    walker.follow(walker.page.locator("section[aria-labelledby=group-courses]").get_by_role("link", name=label))


def sign_in(walker: Walker, party: Party, name: str) -> None:
    """Open the office's door and sign in."""
    walker.page.goto(party.origin)
    enter(walker, party, name)


def enter(walker: Walker, party: Party, name: str) -> None:
    """Type name and password of the operator."""
    walker.sees(name, "Sign in")
    walker.fill("User name", "operator")
    walker.fill("Password", party.password)
    walker.press("Sign in")


def offer_records(walker: Walker, count: int) -> None:
    """Press the offer button on a student's page."""
    walker.press("Offer %(num)s record", "Offer %(num)s records", num=count)


def read_the_papers(walker: Walker, name: str) -> tuple[str, str]:
    """The address on the sheet to print and the code of six digits, each from its own page."""
    walker.press("Show the code alone")
    walker.sees(f"{name}-code", "Code for the family")
    code = "".join(walker.page.locator("[translate=no]").inner_text().split())
    walker.press("Back")
    assert code not in walker.page.content()
    walker.press("Sheet to print, good for 30 days")
    walker.sees(f"{name}-sheet", "Your school records are ready")
    assert code not in walker.page.content()
    return walker.scan(), code


def open_the_offer(cast: Cast, walker: Walker, sheet: str, name: str) -> None:
    """Scan the sheet, read the page it leads to, press its button."""
    walker.page.goto(sheet)
    there = walker.to("issuer")
    there.sees(name, "Your school records are ready")
    there.press("Open in %(wallet)s", wallet=host(cast.town.wallet))


def press_with_the_keyboard(walker: Walker, message: str) -> None:
    """Reach a button with Tab and press Enter."""
    walker.tab_to(walker.button(message))
    with walker.page.expect_navigation():
        walker.page.keyboard.press("Enter")


def host(party: Party) -> str:
    """Host and port, as pages name it."""
    return party.origin.removeprefix("http://")
