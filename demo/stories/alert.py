"""T6. A mother hears early that math is getting hard and that days are missed. The notice is made from what lies in the
backpack: nobody is asked, nothing is sent."""

from __future__ import annotations

from typing import Final

from demo.export.small import Course, Pupil
from demo.narrating import Narrator, expect, open_doors
from demo.stories._parts import award, collect, enrol
from demo.stories._story import Story
from demo.town import Party, Place, Town

PUPIL: Final = Pupil("731", "Nora", "Yazzie")
SEPTEMBER: Final = (Course("Math 6", "B+", 88, going_on=True), Course("Reading 6", "A-", 91, going_on=True))
NOVEMBER: Final = (Course("Math 6", "D+", 68, going_on=True), Course("Reading 6", "A-", 91, going_on=True))
TERM: Final = "Fall 2026"


def tell(town: Town, narrator: Narrator) -> None:
    """The whole chapter."""
    open_doors(town, narrator, "Nora's school and her mother open their doors.")
    school, mother = town.school, town.wallet
    mother.run("learner", "add", "--name", "Nora", "--my-name", "Lena Yazzie")
    narrator.step("In September the grades are fine. No notice comes.")
    enrol(school, PUPIL, SEPTEMBER)
    collect(narrator, school, mother, PUPIL.number)
    narrator.read(mother.name, mother.type("alerts"))
    expect(mother.run("alerts") == [], "good grades should raise no notice")
    narrator.step("In November the school signs the new grades, and how many days she was there.")
    enrol(school, PUPIL, NOVEMBER)
    award(school, PUPIL.number, "attendance", term=TERM, days_enrolled=58, days_absent=8, times_late=2)
    collect(narrator, school, mother, PUPIL.number)
    told_at_home(school, mother, narrator)


def told_at_home(school: Party, mother: Party, narrator: Narrator) -> None:
    """The school is closed and the log stays as it was: the notice is made here."""
    narrator.step("It is evening, the school's server is closed. The backpack looks at what lies in it.")
    school.stop()
    before = mother.run("activity")
    found = mother.run("alerts")
    narrator.read(mother.name, mother.type("alerts"))
    kinds = {alert["kind"] for alert in found}
    expect({"grade-dropped", "absent"} <= kinds, "the grade in math and the missed days should be worth a look")
    expect(any(alert["title"] == "Math 6" for alert in found), "the notice should name math")
    expect(all(alert["next_step"] for alert in found), "each notice should name a next step")
    expect(mother.run("activity") == before, "a notice should leave no trace of anything sent")
    narrator.saw(mother.name, f"the log has {len(before)} lines, as before: nothing was asked, nothing was sent")
    narrator.step("In Spanish, it says the same.")
    narrator.read(mother.name, mother.type("alerts", "--lang", "es"))


STORY: Final = Story(
    "alert", "attendance and grades worth a look, worked out at home", (
        Place("school", "Red Mesa Middle School", "issuer", 8101), Place("wallet", "Nora's mother", "wallet", 8103)),
    tell)
