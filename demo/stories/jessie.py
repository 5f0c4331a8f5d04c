"""T1. Jessie shows her whole Montessori record at an open house, in one step, and nobody but the wallet is asked."""

from __future__ import annotations

from typing import Final

from demo.narrating import Narrator, expect, open_doors
from demo.stories._parts import STANDARDS, award, collect, hand_out, outcome, records, trust
from demo.stories._story import Story
from demo.town import Party, Place, Town

NUMBER: Final = "88"
YEARS: Final = (
    ("M.1", "2022-05-20", "Built each number with the golden beads, then on paper."),
    ("M.2", "2023-05-19", "Measured every table of the classroom and drew the plan."),
    ("M.3", "2024-05-17", "Worked through the checkerboard and found the pattern of nines."),
    ("M.4", "2025-05-16", "Showed with the fraction circles why two fourths are a half."),
    ("M.5", "2026-05-22", "Found how much water the garden box holds, two ways."),
)
"""Standard, day, story: one for each of the five years."""


def tell(town: Town, narrator: Narrator) -> None:
    """The whole chapter."""
    open_doors(town, narrator, "A Montessori school, Jessie's family and the school she hopes for open their doors.")
    school, family, roosevelt = town.school, town.wallet, town["new"]
    family.run("learner", "add", "--name", "Jessie", "--my-name", "Jessie's mother")
    school_writes(school, narrator)
    found = collect(narrator, school, family, NUMBER)
    teacher_says(school, narrator)
    collect(narrator, school, family, NUMBER)
    narrator.step("The new school puts the Montessori school on its list, days before the open house.")
    trust(roosevelt, school)
    roosevelt.run("trust", "refresh")
    link = mother_shares(family, narrator, found)
    narrator.step("The new school scans the code and checks it.")
    narrator.facts(roosevelt.name, roosevelt.type("verify", link))
    narrator.step("That evening the Montessori school's server is closed. The new school checks all the same.")
    school.stop()
    checks_offline(roosevelt, narrator, link)


def school_writes(school: Party, narrator: Narrator) -> None:
    """Five years of competencies, a narrative, a service."""
    narrator.step("The Montessori school signs five years of competencies, a narrative and a service.")
    school.run("award", "--student", NUMBER, "--given-name", "Jessie", "--family-name", "Tran",
               "--badge", "Reads to the little ones", "--description", "Reads aloud to younger children.",
               "--criteria", "Ten mornings.")
    school.run("import", str(STANDARDS))
    for code, day, story in YEARS:
        made = award(school, NUMBER, "mastery", standard=code, level="Mastered", shown_on=day, story=story)
        narrator.saw(school.name, f"{day[:4]}: {made['title']}")
    award(school, NUMBER, "work-habits", term="2025-2026", teacher="Amal Haddad", persists="always", together="mostly",
          strengths="Chooses hard work by herself and stays with it for a whole morning.")
    award(school, NUMBER, "service", service="Occupational therapy", provider="June Park", begins="2025-09-01",
          goals="Holds a pencil without tiring.", frequency="30 minutes a week")


def teacher_says(school: Party, narrator: Narrator) -> None:
    """An endorsement of the last year's work."""
    narrator.step("Her teacher says a word about the last year's work; the school signs it.")
    work = next(record for record in school.run("students", "--student", NUMBER)["records"]
                if record["kind"] == "mastery" and record["title"].startswith("M.5"))
    school.run("endorse", "--student", NUMBER, "--work", work["id"], "--teacher", "Amal Haddad",
               "--comment", "She found the second way by herself, and explained it to the class.")


def mother_shares(family: Party, narrator: Narrator, found: dict[str, str]) -> str:
    """One step: a link that is a code, too. Services start as never shared, so she opens them first."""
    narrator.step("At the open house her mother shares the whole record: one link, shown as a code.")
    family.run("hide", "services", "--rule", "ask")
    shared = hand_out(family, tuple(records(family).values()), "Roosevelt Elementary", "To enrol Jessie")
    expect(len(shared["titles"]) >= len(found), "the whole record should be in the link")
    narrator.saw(family.name, f"{len(shared['titles'])} records behind one link, good for 30 days")
    return str(shared["link"])


def checks_offline(verifier: Party, narrator: Narrator, link: str) -> None:
    """No host but the wallet is asked: keys and lists of taken-back records come from copies."""
    report = verifier.run("verify", link, "--offline")
    narrator.checks(verifier.name, report)
    for check in ("proof", "issuer-binding", "validity", "status", "same-person"):
        expect(outcome(report, check) == "passed", f"the check {check} should pass without asking anybody")
    expect(len(report["members"]) == len(YEARS) + 3, "the whole record should be there")
    expect(all(outcome(member, "trust") == "passed" for member in report["members"]),
           "every record should be by a school on the list")


STORY: Final = Story(
    "jessie", "a whole Montessori record, shared by a code at an open house", (
        Place("school", "Little Acorns Montessori", "issuer", 8101), Place("wallet", "Jessie's mother", "wallet", 8103),
        Place("new", "Roosevelt Elementary", "verifier", 8104)), tell)
