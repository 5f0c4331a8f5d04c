"""The stories of requirements.md §1.5 told through pages: places in this process, and hands that press their buttons.

Every place is the role as it ships, at an address of its own, over real HTTP; only the clock can be put forward, and a
guess at a passphrase costs less.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from playwright.sync_api import Browser, Locator, expect

import issuer.bootstrap
import issuer.config
import issuer.web
import verifier.bootstrap
import verifier.config
import verifier.web
import wallet.bootstrap
import wallet.web
from demo.export.small import Course, Pupil, build_small_export
from tests.browser.conftest import Screen, build_look, watching
from tests.browser.serving import serving
from tests.browser.walking import Walker
from ui.passwords import hash_password
from wallet.config import Config as WalletConfig
from wallet.config import GuessCost

PASSWORD = "correct horse battery staple"
PASSPHRASE = "siete naranjas cruzan despacio el puente"
WAIT_MS = 45_000
_MOST_TABS = 200
_UNMARKED = """() => {
  const focused = document.activeElement;  // the body between the last element and the first
  return focused !== document.body && focused.type !== "date" && getComputedStyle(focused).outlineStyle === "none"
    ? focused.outerHTML : null;
}"""
_LOOPBACK = {"BACKPACK_LOOPBACK_HTTP": "1"}


@dataclass
class Clock:
    """The machine's clock, put forward."""

    ahead: timedelta = timedelta()

    def now(self) -> datetime:
        """The moment."""
        return datetime.now(UTC) + self.ahead


@dataclass
class Hand(Walker):
    """Somebody at one browser; with ``keyboard`` only Tab, Enter, Space and typing are used."""

    keyboard: bool = False

    def to(self, role: str) -> Hand:
        """The same tab, now on the pages of another role."""
        return replace(self, role=role)

    def button(self, message: str, plural: str | None = None, **values: object) -> Locator:
        """The button or link with these words: that of the page itself before that of the menu."""
        label = self.say(message, plural, **values)
        main = self.page.locator("main")
        found = main.get_by_role("button", name=label, exact=True).or_(
            main.get_by_role("link", name=label, exact=True)).filter(visible=True)
        return found if found.count() else super().button(message, plural, **values)

    def follow(self, target: Locator) -> None:
        """Press ``target`` and arrive where it leads."""
        if not self.keyboard:
            super().follow(target)
            return
        self.tab_to(target)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def tab_to(self, target: Locator) -> int:
        """As ``Walker.tab_to``; the parts inside a date field mark themselves, where a page cannot look."""
        for count in range(1, _MOST_TABS):
            self.page.keyboard.press("Tab")
            unmarked = self.page.evaluate(_UNMARKED)
            assert unmarked is None, unmarked
            if target.evaluate("element => element === document.activeElement"):
                return count
        raise AssertionError("the Tab key does not lead there")

    def fill(self, label: str, value: str) -> None:
        """Type into the field with this label."""
        field = self.field(label).first
        if self.keyboard:
            self.tab_to(field)
        field.fill(value)

    def tick(self, label: str) -> None:
        """Tick a box, or choose one of several, by the words beside it; what is ticked stays so."""
        words = self.say(label)
        self.mark(self.page.get_by_role("checkbox", name=words, exact=True).or_(
            self.page.get_by_role("radio", name=words, exact=True)).filter(visible=True).first)

    def mark(self, box: Locator) -> None:
        """``tick``, for a box that was found another way."""
        if box.is_checked():
            return
        if not self.keyboard:
            box.check()
            return
        if box.get_attribute("type") == "radio":
            self._walk_to(box)
        else:
            self.tab_to(box)
            self.page.keyboard.press("Space")
        expect(box).to_be_checked()

    def _walk_to(self, radio: Locator) -> None:
        """Tab reaches the chosen one of a group, arrows the others."""
        name = radio.get_attribute("name")
        group = self.page.locator(f"input[type=radio][name='{name}']")
        chosen = self.page.locator(f"input[type=radio][name='{name}']:checked")
        self.tab_to(chosen if chosen.count() else group.first)
        if not chosen.count():
            self.page.keyboard.press("Space")
        for _ in range(group.count()):
            if radio.is_checked():
                return
            self.page.keyboard.press("ArrowDown")

    def choose(self, label: str, value: str) -> None:
        """Choose ``value`` in a list."""
        field = self.field(label).first
        if self.keyboard:
            self.tab_to(field)
        field.select_option(value)

    def unfold(self, label: str) -> None:
        """Open what is folded away."""
        summary = self.page.locator("summary", has_text=self.say(label)).first
        if self.keyboard:
            self.tab_to(summary)
            self.page.keyboard.press("Enter")
        else:
            summary.click()

    def attach(self, label: str, path: Path) -> None:
        """Choose a file; the dialog itself belongs to the machine."""
        self.field(label).first.set_input_files(path)


@dataclass
class Office:
    """A school, a tutor or a wallet-less checker: its address and what it is made of."""

    name: str
    origin: str
    services: Any
    close: Callable[[], None]

    @property
    def did(self) -> str:
        """The did:web of its origin."""
        return "did:web:" + self.origin.removeprefix("http://").replace(":", "%3A")

    @property
    def host(self) -> str:
        """Host and port, as pages name it."""
        return self.origin.removeprefix("http://")


class Stage:
    """Everybody in one story. The wallet stands first: offices send families there."""

    def __init__(self, stack: ExitStack, folder: Path, browser: Browser, browser_args: dict[str, Any],
                 screen: Screen, *, keyboard: bool) -> None:
        self.clock = Clock()
        self.screen = screen
        self._stack, self._folder, self._browser, self._args = stack, folder, browser, browser_args
        self._keyboard = keyboard
        expect.set_options(timeout=WAIT_MS)
        self.wallet = self._serve("wallet", "wallet", self._wallet)

    def words(self, english: str, spanish: str) -> str:
        """What somebody types, in the language of the story."""
        return spanish if self.screen.language == "es" else english

    def file(self, name: str, content: bytes) -> Path:
        """A file that somebody has at hand."""
        path = self._folder / name
        path.write_bytes(content)
        return path

    def hand(self, role: str) -> Hand:
        """A browser of somebody's own."""
        context = self._browser.new_context(**self._args)
        self._stack.callback(context.close)
        watched = self._stack.enter_context(watching(context, frozenset({"localhost"})))
        context.set_default_timeout(WAIT_MS)
        return Hand(context.new_page(), build_look(watched, self.screen), role, self.screen.language, self._keyboard)

    def issuer(self, name: str) -> Office:
        """A school or a tutor, founded and open."""
        def make(origin: str) -> Any:
            config = issuer.config.from_environ(_LOOPBACK, data=self._folder / origin.rpartition(":")[2])
            issuer.bootstrap.initialise_issuer(
                config, origin=origin, password_hash=_hashed(), name=name, wallets=(self.wallet.origin,),
                language=self.screen.language, clock=self.clock)
            return issuer.bootstrap.build_services(config, clock=self.clock)
        return self._serve(name, "issuer", make)

    def verifier(self, name: str) -> Office:
        """A school or a college that checks, founded and open."""
        def make(origin: str) -> Any:
            config = verifier.config.from_environ(_LOOPBACK, data=self._folder / origin.rpartition(":")[2])
            verifier.bootstrap.initialise_verifier(
                config, origin=origin, wallets=(self.wallet.origin,), password_hash=_hashed(), name=name)
            return verifier.bootstrap.build_services(config, clock=self.clock)
        return self._serve(name, "verifier", make)

    def _wallet(self, origin: str) -> Any:
        folder = self._folder / "wallet"
        config = WalletConfig(folder, f"sqlite:///{folder}/wallet.sqlite3", origin=origin, loopback_http=True,
                              guess_cost=GuessCost(19 * 1024, 2, 1))
        return wallet.bootstrap.build_services(config, clock=self.clock)

    def _serve(self, name: str, role: str, make: Callable[[str], Any]) -> Office:
        made: list[Any] = []

        def app(origin: str) -> Flask:
            made.append(make(origin))
            create = {"wallet": wallet.web, "issuer": issuer.web, "verifier": verifier.web}[role].create_app
            return create(made[0])

        served = ExitStack()
        origin = served.enter_context(serving(app))
        self._stack.callback(served.close)
        return Office(name, origin, made[0], served.close)

    def enrol(self, office: Office, pupil: Pupil, courses: tuple[Course, ...]) -> None:
        """The office reads an export of this student."""
        today = self.clock.now().date()
        path = build_small_export(self._folder / "export.zip", office.name, pupil, courses,
                                  (today - timedelta(days=80), today + timedelta(days=80)))
        self.read_file(office, path)

    def read_file(self, office: Office, path: Path) -> None:
        """The office takes in a file: an export or a list of standards."""
        reading = office.services.imports.receive(path.read_bytes(), path.name, "operator")
        office.services.imports.confirm(reading.id, "operator")


def _hashed() -> str:
    return hash_password(PASSWORD, b"sixteen bytes ok")


def stage_of(folder: Path, browser: Browser, browser_args: dict[str, Any], screen: Screen, *,
             keyboard: bool) -> Iterator[Stage]:
    """A stage that is cleared when the story is over."""
    with ExitStack() as stack:
        yield Stage(stack, folder, browser, browser_args, screen, keyboard=keyboard)


# What is pressed in more than one story -------------------------------------------------------------------------------


def sign_in(hand: Hand, office: Office) -> None:
    """Open the office's door."""
    hand.page.goto(office.origin + "/login")
    hand.fill("User name", "operator")
    hand.fill("Password", PASSWORD)
    hand.press("Sign in")


def make_backpack(hand: Hand, stage: Stage, child: str, guardian: str, *, basis: str = "parent") -> None:
    """A guardian makes a backpack for a child."""
    hand.page.goto(stage.wallet.origin)
    hand.tick("My child's")
    hand.fill("Make a passphrase", PASSPHRASE)
    hand.fill("The same passphrase once more", PASSPHRASE)
    hand.press("Make my backpack")
    hand.fill("Your child's full name", child)
    hand.fill("Your own name", guardian)
    hand.mark(hand.page.locator(f"input[name=basis][value={basis}]"))
    hand.press("Begin the record")


def go_to_student(hand: Hand, pupil: Pupil) -> None:
    """The student's page at the office."""
    hand.press("Students")
    hand.open(f"{pupil.given} {pupil.family}")


def hand_over(stage: Stage, office_hand: Hand, family: Hand, count: int) -> None:
    """From a student's page at the office: offer what waits, and the family collects it with sheet and code."""
    office_hand.press("Offer %(num)s record", "Offer %(num)s records", num=count)
    office_hand.press("Show the code alone")
    code = "".join(office_hand.page.locator("[translate=no]").inner_text().split())
    office_hand.press("Back")
    office_hand.press("Sheet to print, good for 30 days")
    family.page.goto(office_hand.scan())
    family.to("issuer").press("Open in %(wallet)s", wallet=stage.wallet.host)
    family.fill("Code", code)
    family.press("Put it into my backpack")
    family.page.wait_for_url(lambda url: "/offer" not in url and "/collect" not in url)


def trust(hand: Hand, office: Office) -> None:
    """The checker puts an office on its list."""
    hand.press("Whom we trust")
    hand.fill("Its address", office.did)
    hand.fill("What you call it", office.name)
    hand.press("Trust this signer")


def hand_out(hand: Hand, titles: tuple[str, ...], recipient: str, purpose: str, *, form: str, name: str) -> str:
    """The family hands out records by the Share button; the link on the page it arrives at."""
    hand.press("Share")
    hand.press("Share records")
    hand.sees(f"{name}-choose", "Share records")
    for title in titles:
        hand.tick(title)
    hand.fill("Who is it for?", recipient)
    hand.fill("What is it for?", purpose)
    hand.mark(hand.page.locator(f"input[name=form][value={form}]"))
    hand.press("Show me what would leave")
    hand.sees(f"{name}-preview")
    hand.follow(hand.page.locator("button[name=decision][value=share]"))
    hand.sees(f"{name}-shared", "Shared with %(who)s", who=recipient)
    return hand.scan()


def check(hand: Hand, what: str, *, offline: bool = False) -> None:
    """The checker pastes a link and checks it."""
    hand.menu("Check")
    hand.fill("Paste the link or the record", what)
    if offline:
        hand.tick("Ask nobody else")
    hand.press("Check it")


def has(hand: Hand, *words: str) -> None:
    """The page shows each of these words, which are nobody's translation."""
    for each in words:
        expect(hand.page.locator("main").get_by_text(each).filter(visible=True).first).to_be_visible()


def let_in(stage: Stage, family: Hand, role: str, name: str, login: str, *, more: str = "", paper: str = "",
           looking: bool = False) -> Hand:
    """The family invites somebody, who answers in a browser of their own; the words are compared."""
    family.press("People")
    family.press("Invite somebody")
    family.press(role)
    family.fill("Name of the person", name)
    if more:
        family.unfold("Change what the person may do")
        family.tick(more)
    if paper:
        family.fill("Which paper says so?", paper)
    family.press("Make the invitation")
    guest = stage.hand("wallet")
    guest.page.goto(family.scan())
    if looking:
        guest.sees(f"{login}-invited")
    guest.fill("A name to sign in with", login)
    guest.fill("Make a passphrase", PASSPHRASE)
    guest.fill("The same passphrase once more", PASSPHRASE)
    guest.press("Say yes")
    family.press("People")
    family.press("Compare the words")
    if looking:
        guest.sees(f"{login}-words")
        family.sees(f"{login}-compare", "Are these the same words?")
    assert spelled(guest) == spelled(family) != []
    family.press("The words are the same")
    guest.press("I have read them: look again")
    guest.page.goto(stage.wallet.origin)
    return guest


def spelled(hand: Hand) -> list[str]:
    """The eight words on the page."""
    return hand.page.locator(".spelled strong").all_inner_texts()


def ask_the_school(stage: Stage, checker: Hand, office: Hand, school: Office, pupil: Pupil, name: str) -> None:
    """School to school: the new school asks, the old one's registrar looks and sends, the new one sees the result."""
    checker.menu("Ask")
    checker.press("Ask the former school")
    checker.fill("Which school?", school.did)
    checker.fill("For which student, and why?", f"{pupil.given} {pupil.family}")
    checker.press("Show me what the school will see")
    checker.sees(f"{name}-preview", "This is what the school will see")
    checker.press("Make the link")
    link = checker.page.locator("#request-link").input_value()
    go_to_student(office, pupil)
    office.press("The student left")
    office.fill("Last day at this school", stage.clock.now().date().isoformat())
    office.press("Note this day")
    go_to_student(office, pupil)
    office.press("Send the full record to another school")
    office.fill("The other school’s request", link)
    office.press("Read this request")
    office.sees(f"{name}-request", "Another school asks for a full record")
    office.follow(office.page.locator("button[name=decision][value=send]"))
    office.sees(f"{name}-sent")
    checker.page.wait_for_url("**/results/*")  # the page goes on by itself
    checker.reads("Sent by the school itself, as its full record. The school tells the family.")
    checker.sees(f"{name}-official")
