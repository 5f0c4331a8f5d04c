"""The story: a school and a tutor issue, a family keeps and shares, a college checks, the school takes one back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from demo.export import STUDENT_NUMBER, build_export
from demo.narrating import Narrator, expect, open_doors
from demo.stories import Story
from demo.town import USUAL, Town

PURPOSE = "To decide about your place in the fall of 2027."
SHARED = ("Algebra I", "English 9")
BADGE = "Fractions Coach"


def tell(town: Town, narrator: Narrator) -> None:
    """The whole story.

    Raises:
        StoryError: a step did not come out as told.
    """
    open_doors(town, narrator, "A school, a tutor, a family and a college open their doors.")
    school_issues(town, narrator)
    family_receives(town, narrator)
    tutor_awards(town, narrator)
    college_trusts(town, narrator)
    first = family_shares(town, narrator)
    expect(first["verified"], "the college should find that both courses hold")
    school_takes_back(town, narrator)
    second = family_shares(town, narrator, code=1)
    expect(not second["verified"], "the college should find that one course was taken back")
    expect(_outcome(second, "status") == "failed", "the check that turns red should be the status")
    transcript_turns_red(town, narrator)


def school_issues(town: Town, narrator: Narrator) -> None:
    """The school reads its export and drafts the records."""
    narrator.step("The school reads its export and drafts a record for each course, and a transcript.")
    export = build_export(town.school.data / "lincoln-export.zip")
    reading = town.school.run("import", str(export))
    student = next(entry for entry in reading["students"] if entry["number"] == STUDENT_NUMBER)
    narrator.saw(town.school.name, f"{len(reading['students'])} students understood; "
                                   f"{student['name']} has {len(student['courses'])} courses")
    narrator.saw(town.school.name, f"{len(reading['notes'])} remarks on what was not used")
    expect(reading["drafted"]["refused"] == [], "every student should get records")


def family_receives(town: Town, narrator: Narrator) -> None:
    """The family takes the whole set with one link and one code."""
    narrator.step("The school offers the set. The family opens the link and types the code it was given apart.")
    offer = town.school.run("offer", "--student", STUDENT_NUMBER)
    narrator.saw(town.school.name, f"{len(offer['records'])} records on offer; the code {offer['tx_code']} goes apart")
    accepted = town.wallet.run("accept", offer["offer"], "--tx-code", offer["tx_code"])
    expect(len(accepted["stored"]) == len(offer["records"]) == accepted["total"], "the whole set should arrive")
    narrator.saw("the family", f"{len(accepted['stored'])} of {accepted['total']} collected, "
                               "each checked before it was kept")


def tutor_awards(town: Town, narrator: Narrator) -> None:
    """The tutor awards a badge."""
    narrator.step("The tutor awards a badge, and the family collects it.")
    town.tutor.run("award", "--student", "7", "--given-name", "Lucía", "--family-name", "Hernández Villaseñor",
                   "--badge", BADGE, "--description", "Explains fractions to younger students.",
                   "--criteria", "Led ten help sessions.")
    offer = town.tutor.run("offer", "--student", "7")
    accepted = town.wallet.run("accept", offer["offer"], "--tx-code", offer["tx_code"])
    expect(accepted["total"] == 1, "one badge should arrive")
    narrator.saw("the family", f"now holds {len(town.wallet.run('list'))} records from two signers")


def college_trusts(town: Town, narrator: Narrator) -> None:
    """The college says whom it trusts."""
    narrator.step("The college puts the school on its list of signers it knows.")
    town.college.run("trust", "add", town.school.did, "--name", town.school.name)
    narrator.saw(town.college.name, f"{town.school.name} is {town.school.did}")


def family_shares(town: Town, narrator: Narrator, *, code: int = 0) -> dict[str, Any]:
    """The college asks, the family shares two courses, the college checks; the college's report."""
    narrator.step(f"The college asks for courses. The family shares {' and '.join(SHARED)}: title, grade and name.")
    asked = town.college.run("request", "--ask", "courses", "--purpose", PURPOSE)
    records = {record["title"]: record["item_id"] for record in town.wallet.run("list") if record["kind"] == "course"}
    chosen = [argument for title in SHARED for argument in ("--credential", records[title])]
    shared = town.wallet.run("present", asked["link"], "--yes", *chosen)
    for record in shared["records"]:
        narrator.saw("the family", f"shared {record['title']}: " + ", ".join(
            value["value"] for value in record["leaves"]))
    report: dict[str, Any] = town.college.run("result", asked["id"], code=code)
    narrator.checks(town.college.name, report)
    return report


def school_takes_back(town: Town, narrator: Narrator) -> None:
    """The school revokes one course."""
    narrator.step(f"The school takes {SHARED[0]} back: the grade was wrong.")
    record = next(each for each in town.school.run("students", "--student", STUDENT_NUMBER)["records"]
                  if each["title"] == SHARED[0])
    town.school.run("revoke", record["id"], "--reason", "The grade was wrong.")
    narrator.saw(town.school.name, f"{SHARED[0]} is on the list of taken-back records")


def transcript_turns_red(town: Town, narrator: Narrator) -> None:
    """The same course inside the transcript turns red as well."""
    narrator.step("The same course inside the transcript turns red too.")
    transcript = next(record for record in town.wallet.run("list") if record["kind"] == "transcript")
    path = Path(town.college.data) / "transcript.json"
    shown = town.wallet.run("show", transcript["item_id"])
    path.write_text(json.dumps(shown["credential"]), encoding="utf-8")
    report = town.college.run("verify", str(path), code=1)
    narrator.checks(town.college.name, report)
    broken = [member for member in report["members"] if not member["verified"]]
    expect(len(broken) == 1, "exactly one course in the transcript should have been taken back")


def _outcome(report: dict[str, Any], check_id: str) -> str:
    """The worst outcome of a check anywhere in a report."""
    found = {check["outcome"] for check in report["checks"] if check["id"] == check_id}
    for member in report.get("members", ()):
        found.add(_outcome(member, check_id))
    return next((outcome for outcome in ("failed", "indeterminate", "passed") if outcome in found), "")


STORY: Final = Story("usual", "school, tutor, family and college", USUAL, tell)
"""What is told when no chapter is named."""
