"""T3. Two speech therapists, a physical therapist and a PE teacher, who never met, see each other's goals for Vanessa
and nothing else."""

from __future__ import annotations

from typing import Final

from demo.export.small import Course, Pupil
from demo.narrating import Narrator, expect, open_doors
from demo.stories._parts import award, collect, enrol, let_in, records
from demo.stories._story import Story
from demo.town import Party, Place, Town

PUPIL: Final = Pupil("512", "Vanessa", "Lee")
CIRCLE: Final = (
    ("Kim Soto, school speech therapist", "soto", "Speech at school", "Says two-word sentences to ask for a turn."),
    ("Ben Adler, clinic speech therapist", "adler", "Speech at the clinic", "Says the sounds s and z in a word."),
    ("Ines Vogel, physical therapist", "vogel", "Physical therapy", "Climbs ten steps holding one rail."),
    ("Coach Diaz, PE teacher", "diaz", "Physical education", "Throws and catches with a partner."),
)
"""Name, login, title and goal of each."""


def tell(town: Town, narrator: Narrator) -> None:
    """The whole chapter."""
    open_doors(town, narrator, "Vanessa's school and her family open their doors.")
    family = town.wallet
    family.run("learner", "add", "--name", "Vanessa", "--my-name", "Joy Lee")
    school_signs(town.school, family, narrator)
    narrator.step("Her mother opens the goals to those who help her. Everything else stays as it is.")
    narrator.read(family.name, family.type("hide", "services", "--rule", "ask"))
    mother = town.wallet.signs_in(family.name, "me", family.password)
    narrator.step("She lets four people in, each by a link and eight words read aloud over the phone.")
    circle = [let_in(town, narrator, mother, name, login, "--role", "care-circle")
              for name, login, _title, _goal in CIRCLE]
    goals_arrive(mother, circle, narrator)
    all_see_the_goals(circle, narrator)


def school_signs(school: Party, family: Party, narrator: Narrator) -> None:
    """Records that are none of the circle's business."""
    narrator.step("The school signs her grades and her attendance; the family keeps them.")
    enrol(school, PUPIL, (Course("Reading 3", "B", 84), Course("Math 3", "B+", 88)))
    award(school, PUPIL.number, "attendance", term="Fall 2026", days_enrolled=60, days_absent=3)
    collect(narrator, school, family, PUPIL.number)


def goals_arrive(mother: Party, circle: list[Party], narrator: Narrator) -> None:
    """Each brings a goal; the mother takes each in."""
    narrator.step("Each of them brings a goal. It waits until her mother takes it in.")
    for helper, (name, _login, title, goal) in zip(circle, CIRCLE, strict=True):
        brought = helper.run("contribute", "--category", "services", "--kind", "note", "--title", title,
                             "--text", goal, "--name", name)
        narrator.saw(helper.name, f"{title}: {goal}")
        mother.run("waiting", brought["id"], "--answer", "accept")


def all_see_the_goals(circle: list[Party], narrator: Narrator) -> None:
    """Four goals for each of them, and not a record more."""
    narrator.step("Now each of them sees all four goals, and nothing else of her record.")
    titles = {title for _name, _login, title, _goal in CIRCLE}
    for helper in circle:
        found = records(helper)
        expect(set(found) == titles, f"{helper.name} should see the four goals and nothing else")
        narrator.saw(helper.name, " · ".join(sorted(found)))
    theirs = circle[-1].run("list")
    expect(theirs != [], "the last of them should see something")
    other = next(record for record in theirs if record["title"] == CIRCLE[0][2])
    narrator.read(circle[-1].name, circle[-1].type("show", other["item_id"]))


STORY: Final = Story(
    "vanessa", "four helpers who never met see each other's goals", (
        Place("school", "Maple Elementary", "issuer", 8101), Place("wallet", "Vanessa's mother", "wallet", 8103)), tell)
