"""T5. A military family moves. The packet they carry by hand is unofficial and places their daughter at once; the
official record goes from school to school, and then it counts."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from demo.export.small import Course, Pupil
from demo.narrating import Narrator, expect, open_doors
from demo.stories._parts import collect, enrol, hand_out, records, today, trust
from demo.stories._story import Story
from demo.town import Party, Place, Town

PUPIL: Final = Pupil("905", "Grace", "Okafor")
COURSES: Final = (Course("Geometry", "A", 95), Course("English 10", "A-", 92), Course("Chemistry", "B+", 88))
ANSWER_DAYS: Final = 10
"""Interstate Compact on Educational Opportunity for Military Children, Article IV."""


def tell(town: Town, narrator: Narrator) -> None:
    """The whole chapter."""
    open_doors(town, narrator, "The old school, the family and the new school open their doors.")
    old, family, new = town.school, town.wallet, town["new"]
    family.run("learner", "add", "--name", "Grace", "--my-name", "Sgt. Okafor")
    enrol(old, PUPIL, COURSES)
    collect(narrator, old, family, PUPIL.number)
    link = carries_a_packet(family, narrator)
    new_school_accepts(new, old, narrator, link)
    letter = asks_for_the_official_record(family, old, narrator)
    official_record_follows(town, narrator, link)
    family_sees_it(family, old, narrator, letter)


def carries_a_packet(family: Party, narrator: Narrator) -> str:
    """On paper, with a code; its link."""
    narrator.step("Before the move the family prints a packet with a code on it, to carry by hand.")
    shared = hand_out(family, tuple(records(family).values()), "Fort Hill High School", "To place Grace in her classes",
                      "--form", "paper")
    page = family.data / "packet.pdf"
    family.run("packet", shared["id"], str(page))
    expect(page.read_bytes().startswith(b"%PDF"), "the packet should be a PDF")
    narrator.saw(family.name, f"{page.name}, {page.stat().st_size // 1024} KB")
    return str(shared["link"])


def new_school_accepts(new: Party, old: Party, narrator: Narrator, link: str) -> None:
    """Good enough to place her, and told as what it is."""
    narrator.step("The new school scans it and places her at once: it holds, and it is not the whole record.")
    trust(new, old)
    report = new.run("verify", link)
    expect(report["verified"] and report["source"]["sender"] is None, "a packet should be no school's word")
    told = new.type("verify", link)
    expect("unofficial copy" in told, "a packet should be called unofficial")
    narrator.facts(new.name, told)


def asks_for_the_official_record(family: Party, old: Party, narrator: Narrator) -> str:
    """The family notes that the official record is due in ten days."""
    narrator.step("The family notes that the official record is due: ten days, by the Compact.")
    family.run("letter", "former-school", "--school", old.name, "--student", "Grace Okafor", "--from", "Sgt. Okafor",
               "--due", "10-days")
    letter = str(family.run("letters")[0]["id"])
    family.run("letters", letter, "--sent", today().isoformat())
    narrator.read(family.name, family.type("letters"))
    due = (today() + timedelta(days=ANSWER_DAYS)).isoformat()
    expect(family.run("letters")[0]["due_on"] == due, "the record should be due in ten days")
    return letter


def official_record_follows(town: Town, narrator: Narrator, link: str) -> None:
    """School to school, with the registrar's word; it takes the packet's place."""
    old, new = town.school, town["new"]
    narrator.step("The new school asks the old one for the full record; the registrar looks, and sends it.")
    old.run("leave", "--student", PUPIL.number, "--on", today().isoformat())
    asked = new.run("request", "--ask", "full-record", "--from", old.did, "--purpose", "Grace enrolled with us.")
    sent = old.run("transfer", asked["link"], "--student", PUPIL.number, "--yes")
    expect(sent["state"] == "sent", "the old school should send the record")
    narrator.saw(old.name, f"sent {len(sent['records'])} records to {sent['to']['name']}")
    report = new.run("result", asked["id"])
    expect(report["verified"], "the official record should hold")
    told = new.type("result", asked["id"])
    expect("Sent by the school itself, as its full record." in told, "the new school should see that it is official")
    narrator.facts(new.name, told)
    notes = new.run("verify", link)["notes"]
    expect("replaced-by-official-record" in [note["id"] for note in notes], "the packet should be told as replaced")


def family_sees_it(family: Party, old: Party, narrator: Narrator, letter: str) -> None:
    """A copy, and the day is met."""
    narrator.step("The old school offers the family its copy, and the family notes that the answer came in time.")
    collect(narrator, old, family, PUPIL.number)
    family.run("letters", letter, "--answered", "--note", "Sent to Fort Hill.")
    narrator.read(family.name, family.type("letters"))
    narrator.read(family.name, family.type("list"))
    kinds = [line["kind"] for line in family.run("activity")]
    expect("transferred" in kinds, "the log should say that the school sent the record on")


STORY: Final = Story(
    "military", "a packet carried by hand, then the official record", (
        Place("school", "Harbor View High School", "issuer", 8101),
        Place("wallet", "the Okafor family", "wallet", 8103), Place("new", "Fort Hill High School", "verifier", 8104)),
    tell)
