"""T4. A boy in foster care moves again. His caseworker may see and share what the law allows, with an end date; the
next school places him from a packet that loses no part of a credit."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Final

from demo.export.small import Course, Pupil
from demo.narrating import Narrator, expect, open_doors
from demo.stories._parts import LaterClock, award, collect, enrol, hand_out, let_in, records, today, trust
from demo.stories._story import Story
from demo.town import Party, Place, Town

PUPIL: Final = Pupil("4410", "Marcus", "Hill")
COURSES: Final = (
    Course("Algebra I", "B", 85), Course("English 9", "B-", 81, credits=1, earned=0.5),
    Course("Biology", "C+", 78, credits=1, earned=0.5), Course("World History", "B", 84, going_on=True))
"""Two of them finished half a year before he moved."""

DAYS: Final = 60
CASEWORKER: Final = "Dana Wells, caseworker"


def tell(town: Town, narrator: Narrator) -> None:
    """The whole chapter."""
    open_doors(town, narrator, "Marcus's school, his legal guardian and the next school open their doors.")
    guardian, last_day = town.wallet, today() + timedelta(days=DAYS)
    guardian.run("learner", "add", "--name", "Marcus", "--my-name", "Ruth Hill", "--basis", "legal-guardian",
                 "--paper", "Order 22-JV-104 of the county court")
    school_signs(town.school, guardian, narrator)
    guardian = town.wallet.signs_in(guardian.name, "me", guardian.password)
    narrator.step("His caseworker is let in: by the Uninterrupted Scholars Act, for sixty days.")
    caseworker = let_in(
        town, narrator, guardian, CASEWORKER, "wells", "--role", "caseworker", "--basis", "uninterrupted-scholars-act",
        "--paper", "Placement agreement 22-118", "--read", "transcript", "--read", "attendance", "--may", "share",
        "--until", last_day.isoformat())
    narrator.read(guardian.name, guardian.type("people"))
    link = caseworker_shares(caseworker, narrator)
    next_school_places(town, narrator, link)
    grant_ends(caseworker, narrator, datetime.combine(last_day + timedelta(days=1), time(12), tzinfo=UTC))


def school_signs(school: Party, guardian: Party, narrator: Narrator) -> None:
    """Courses with parts of credits, attendance, and an IEP that is not the caseworker's business."""
    narrator.step("The school signs what he has so far: half credits too, attendance, and his IEP.")
    enrol(school, PUPIL, COURSES)
    award(school, PUPIL.number, "attendance", term="Fall 2026", days_enrolled=62, days_absent=5, days_present=57)
    award(school, PUPIL.number, "iep", begins="2026-02-02", goals="Reads one chapter a week by himself.")
    collect(narrator, school, guardian, PUPIL.number)


def caseworker_shares(caseworker: Party, narrator: Narrator) -> str:
    """The placement packet; its link."""
    narrator.step("The day he is placed, she prints the packet for the next school.")
    found = records(caseworker)
    narrator.saw(caseworker.name, "sees " + " · ".join(sorted(found)))
    expect(not any("IEP" in title or "education" in title.lower() for title in found), "the IEP should not be hers")
    transcript = next(record["item_id"] for record in caseworker.run("list") if record["kind"] == "transcript")
    attendance = next(item_id for title, item_id in found.items() if title.startswith("Attendance"))
    shared = hand_out(caseworker, (transcript, attendance), "Eastside High School",
                      "To place Marcus in his classes", "--form", "paper")
    page = caseworker.data / "placement.pdf"
    caseworker.run("packet", shared["id"], str(page))
    expect(page.read_bytes().startswith(b"%PDF"), "the packet should be a PDF")
    narrator.saw(caseworker.name, f"{page.name}, {page.stat().st_size // 1024} KB, with a code to scan")
    return str(shared["link"])


def next_school_places(town: Town, narrator: Narrator, link: str) -> None:
    """Every part of a credit is there, as signed."""
    narrator.step("The next school scans it: who let her share, and every half credit, stand in it.")
    verifier = town["new"]
    trust(verifier, town.school)
    report = verifier.run("verify", link)
    expect(report["verified"], "the packet should hold")
    acts = [check["outcome"] for check in report["checks"] if check["id"] == "authority"]
    expect(acts == ["indeterminate"], "who let her share should be told, and that nobody known vouches for it")
    narrator.facts(verifier.name, verifier.type("verify", link))
    expect("0.5" in str(report), "half credits should be there as signed")


def grant_ends(caseworker: Party, narrator: Narrator, later: datetime) -> None:
    """On the day after the last one she sees nothing."""
    narrator.step("The day after the last day: her own login still opens, and shows nothing of him.")
    late = caseworker.at(clock=LaterClock(later))
    expect(late.run("list") == [], "nothing should be there when the grant is over")
    narrator.read(caseworker.name, late.type("list"))


STORY: Final = Story(
    "foster", "a placement in foster care, with parts of credits and an end date", (
        Place("school", "Northgate High School", "issuer", 8101),
        Place("wallet", "Marcus's legal guardian", "wallet", 8103),
        Place("new", "Eastside High School", "verifier", 8104)), tell)
