"""T7. Does my child have the knowledge and skills needed? A map of the standards, with evidence by school and tutor."""

from __future__ import annotations

from typing import Final

from demo.narrating import Narrator, expect, open_doors
from demo.stories._parts import STANDARDS, award, collect
from demo.stories._story import Story
from demo.town import Party, Place, Town

NUMBER: Final = "265"
BY_SCHOOL: Final = (("M.1", "2023-05-19", "Adds and subtracts with two-digit numbers on paper and in her head."),
                    ("M.2", "2024-05-17", "Measured the school garden and drew it to scale."))
BY_TUTOR: Final = (("M.3", "2026-10-02", "Explained the nines with her fingers, then without."),
                   ("R.1", "2026-10-16", "Told the story of the book again in her own words."))


def tell(town: Town, narrator: Narrator) -> None:
    """The whole chapter."""
    open_doors(town, narrator, "A school, a tutor and the family open their doors.")
    family = town.wallet
    family.run("learner", "add", "--name", "Amara", "--my-name", "Chidi Obi")
    for office, shown in ((town.school, BY_SCHOOL), (town.tutor, BY_TUTOR)):
        office_signs(office, family, narrator, shown)
    family_looks(town, narrator)


def office_signs(office: Party, family: Party, narrator: Narrator, shown: tuple[tuple[str, str, str], ...]) -> None:
    """The office reads the state's standards and signs which of them were shown."""
    narrator.step(f"{office.name} signs which standards were shown, and how.")
    office.run("award", "--student", NUMBER, "--given-name", "Amara", "--family-name", "Obi",
               "--badge", "Steady reader", "--description", "Reads every day.", "--criteria", "A month of reading.")
    read = office.run("import", str(STANDARDS))
    narrator.saw(office.name, f"{read['standards']} standards in the CASE file")
    for code, day, story in shown:
        made = award(office, NUMBER, "mastery", standard=code, level="Mastered", shown_on=day, story=story)
        narrator.saw(office.name, f"{made['title']}: {story}")
    collect(narrator, office, family, NUMBER)


def family_looks(town: Town, narrator: Narrator) -> None:
    """One map from both, counted and never averaged."""
    family = town.wallet
    narrator.step("The family adds the list of standards and sees one map, with evidence by both.")
    family.run("mastery", "--add", str(STANDARDS))
    narrator.read(family.name, family.type("mastery"))
    found = family.run("mastery")
    expect(len(found) == 1, "both should speak of one list of standards")
    narrator.read(family.name, family.type("mastery", found[0]["id"]), most=30)
    text = str(found)
    for office in (town.school, town.tutor):
        expect(office.did in text or office.name in text, f"{office.name} should stand there as a signer")
    narrator.step("The same in Spanish, and as a table.")
    narrator.read(family.name, family.type("mastery", "--lang", "es"))
    narrator.read(family.name, family.type("mastery", "--csv"), most=8)


STORY: Final = Story(
    "mastery", "a map of standards, with evidence by school and tutor", (
        Place("school", "Cedar Elementary", "issuer", 8101), Place("tutor", "Riverside Tutoring", "issuer", 8102),
        Place("wallet", "Amara's father", "wallet", 8103)), tell)
