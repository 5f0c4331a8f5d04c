"""T8. A fresh start. The IEP is hidden; what the new school gets is to the byte what a family without one sends. The
old school still sends the full record when the new one asks, and the family finds that in its log."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from typing import Final

from demo.export.small import Course, Pupil
from demo.narrating import Narrator, expect, open_doors
from demo.stories._parts import LaterClock, SameRandomness, award, collect, enrol, today, trust
from demo.stories._story import Story
from demo.town import Party, Place, Town

PUPIL: Final = Pupil("1206", "Elena", "Brooks")
COURSES: Final = (Course("Math 7", "B", 85), Course("Science 7", "B+", 89))
IEP: Final = {"begins": "2026-02-02", "goals": "Plans her week with a list.", "services": "Reading help twice a week."}
PURPOSE: Final = "To enrol Elena."


def tell(town: Town, narrator: Narrator) -> None:
    """The whole chapter."""
    open_doors(town, narrator, "The old school, the family and the new school open their doors.")
    school, family = town.school, town.wallet
    family.run("learner", "add", "--name", "Elena", "--my-name", "Sam Brooks")
    enrol(school, PUPIL, COURSES)
    collect(narrator, school, family, PUPIL.number)
    twin = family_without(family, narrator)
    iep_arrives(school, family, narrator)
    both_share_a_file(family, twin, narrator)
    both_answer_a_request(town, twin, narrator)
    school_to_school(town, narrator)


def family_without(family: Party, narrator: Narrator) -> Party:
    """A copy of the backpack as it is now: a family with the same courses, that will never have an IEP."""
    narrator.step("We copy the backpack as it is now. The copy stands for a family that has no IEP.")
    data = family.data.with_name("twin")
    shutil.copytree(family.data, data)
    return family.beside("a family without an IEP", data)


def iep_arrives(school: Party, family: Party, narrator: Narrator) -> None:
    """It starts as never shared."""
    narrator.step("The school signs Elena's IEP. In the backpack it starts as never shared.")
    award(school, PUPIL.number, "iep", **IEP)
    found = collect(narrator, school, family, PUPIL.number)
    name = next(item_id for title, item_id in found.items() if "IEP" in title or "Individualized" in title)
    expect(family.run("rules")["records"][name] == "never", "an IEP should start as never shared")
    narrator.read(family.name, family.type("hide", "iep", "--rule", "never"))


def both_share_a_file(family: Party, twin: Party, narrator: Narrator) -> None:
    """With the same clock and the same random numbers, the two files are equal to the byte."""
    narrator.step("Both families hand out everything they may. We stop the clock, and compare the two files.")
    moment, files = datetime.now(UTC), []
    for who in (family, twin):
        chosen = [argument for record in who.run("list") if record["kind"] in ("course", "transcript")
                  for argument in ("--record", record["item_id"])]
        path = who.data / "elena.json"
        stopped = who.at(clock=LaterClock(moment), randomness=SameRandomness())
        stopped.run("share", *chosen, "--to", "Valley Middle School", "--purpose", PURPOSE, "--form", "file",
                    "--out", str(path), "--yes", "--until", (today() + timedelta(days=30)).isoformat())
        files.append(path.read_bytes())
        narrator.saw(who.name, f"{len(files[-1])} bytes")
    expect(files[0] == files[1], "the two files should be equal to the byte")


def both_answer_a_request(town: Town, twin: Party, narrator: Narrator) -> None:
    """The verifier's own request: what it may choose from, what leaves and what stays read the same."""
    narrator.step("Both answer the new school's request. It sees the same from both, and nothing that is missing.")
    verifier = town["new"]
    trust(verifier, town.school)
    seen = []
    for who in (town.wallet, twin):
        asked = verifier.run("request", "--ask", "courses", "--purpose", PURPOSE)
        chosen = [argument for record in who.run("list") if record["kind"] == "course"
                  for argument in ("--credential", record["item_id"])]
        shared = who.run("present", asked["link"], "--yes", *chosen)
        report = verifier.run("result", asked["id"])
        expect(report["verified"], "both courses should hold")
        values = [[value["value"] for value in record["leaves"]] for record in shared["records"]]
        seen.append((values, [check["id"] for check in report["checks"]], len(report["members"])))
        narrator.checks(verifier.name, report)
    expect(seen[0] == seen[1], "the school should see the same from both families")


def school_to_school(town: Town, narrator: Narrator) -> None:
    """The other lane: the full record, and the family is told."""
    old, new, family = town.school, town["new"], town.wallet
    narrator.step("The new school asks the old school. Hiding does not reach there: the full record goes.")
    old.run("leave", "--student", PUPIL.number, "--on", today().isoformat())
    asked = new.run("request", "--ask", "full-record", "--from", old.did, "--purpose", "Elena enrolled with us.")
    sent = old.run("transfer", asked["link"], "--student", PUPIL.number, "--yes")
    narrator.saw(old.name, f"sent to {sent['to']['name']}: " + " · ".join(sent["records"]))
    expect(any("IEP" in title or "Individualized" in title for title in sent["records"]),
           "the full record should hold the IEP")
    expect(new.run("result", asked["id"])["verified"], "the full record should hold")
    narrator.step("The family gets its copy, and finds in its log what went where.")
    collect(narrator, old, family, PUPIL.number)
    narrator.read(family.name, family.type("activity"))
    expect(any(old.origin.endswith(line["host"]) for line in family.run("activity")),
           "the log should name the school that sent it")


STORY: Final = Story(
    "fresh-start", "an IEP hidden without a trace, and the school's own lane", (
        Place("school", "Mesa Middle School", "issuer", 8101), Place("wallet", "Elena's family", "wallet", 8103),
        Place("new", "Valley Middle School", "verifier", 8104)), tell)
