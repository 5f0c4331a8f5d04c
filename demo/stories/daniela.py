"""T2. Daniela arrives a month late from another state; her mother reads Spanish. What exists is kept, the rest is asked
for with one letter, and her teacher has a first page for day one."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw

from demo.export.small import Course, Pupil
from demo.narrating import Narrator, expect, open_doors
from demo.stories._parts import collect, enrol, hand_out, today
from demo.stories._story import Story
from demo.town import Party, Place, Town

PUPIL: Final = Pupil("3117", "Daniela", "Reyes Ortiz")
COURSES: Final = (Course("Matemáticas 4", "B+", 88), Course("Lectura 4", "A-", 91))
SPANISH: Final = ("--lang", "es")
ANSWER_DAYS: Final = 45
NEW_SCHOOL: Final = "Primaria Jefferson"


def tell(town: Town, narrator: Narrator) -> None:
    """The whole chapter; the family's own words are Spanish."""
    open_doors(town, narrator, "The former school, Daniela's mother and the new school open their doors.")
    school, mother = town.school, town.wallet
    mother.run("learner", "add", "--name", "Daniela", "--my-name", "Rosa Ortiz", *SPANISH)
    keeps_old_papers(mother, narrator)
    says_who_she_is(mother, narrator)
    letter = asks_the_former_school(mother, narrator, school)
    link = day_one_page(town, mother, narrator)
    narrator.step("The new school opens the link: her strengths are there, and nothing claims to be verified.")
    told = town["new"].type("verify", link, *SPANISH)
    expect("Papeles antiguos de la familia, sin verificar" in told, "the old papers should be called not verified")
    narrator.facts(town["new"].name, told)
    former_school_answers(school, mother, narrator, letter)


def keeps_old_papers(mother: Party, narrator: Narrator) -> None:
    """A photo and a table, both never verified."""
    narrator.step("Her mother keeps what she has: a photo of a report card and a list of grades. Nobody verified them.")
    for path, title in ((_photo(mother.data), "Boleta de tercer grado"), (_table(mother.data), "Calificaciones")):
        narrator.read(mother.name, mother.type("keep", str(path), "--title", title, *SPANISH))
    narrator.read(mother.name, mother.type("papers", *SPANISH))
    papers = mother.run("papers", *SPANISH)
    expect([paper["verified"] for paper in papers] == [False, False], "old papers should never count as verified")
    expect(mother.run("list") == [], "old papers should not stand among the records")


def says_who_she_is(mother: Party, narrator: Narrator) -> None:
    """AboutMe, strengths first."""
    narrator.step("She says who Daniela is, strengths first.")
    for kind, words in (("strength", "Lee a su hermanito todas las noches."), ("interest", "Los volcanes y el dibujo."),
                        ("need", "Entiende mejor cuando le hablan en español.")):
        mother.run("say", kind, words, "--name", "Rosa Ortiz, mamá", *SPANISH)
    narrator.read(mother.name, mother.type("profile", *SPANISH))


def asks_the_former_school(mother: Party, narrator: Narrator, school: Party) -> str:
    """One letter, in both languages, with a day on which the answer is due."""
    narrator.step("One letter asks the former school for the record. The backpack keeps the day its answer is due.")
    written = mother.type("letter", "former-school", "--school", school.name, "--student", "Daniela Reyes Ortiz",
                          "--from", "Rosa Ortiz", *SPANISH)
    narrator.read(mother.name, written, most=6)
    found = str(mother.run("letters")[0]["id"])
    mother.run("letters", found, "--sent", today().isoformat(), *SPANISH)
    narrator.read(mother.name, mother.type("letters", *SPANISH))
    due = (today() + timedelta(days=ANSWER_DAYS)).isoformat()
    expect(mother.run("letters")[0]["due_on"] == due, "the answer should be due 45 days after the letter")
    return found


def day_one_page(town: Town, mother: Party, narrator: Narrator) -> str:
    """A teacher's first page from what exists; the link that its code holds."""
    narrator.step("Until then her teacher gets a first page from what exists, old papers beside it.")
    shared = hand_out(mother, ("about", "papers"), NEW_SCHOOL, "Para su primer día de clases", "--form", "paper",
                      *SPANISH)
    page = mother.data / "primer-dia.pdf"
    mother.run("packet", shared["id"], str(page), "--day-one", *SPANISH)
    expect(page.read_bytes().startswith(b"%PDF"), "the page should be a PDF")
    narrator.saw(mother.name, f"{page.name}, {page.stat().st_size // 1024} KB, with a code to scan")
    return str(shared["link"])


def former_school_answers(school: Party, mother: Party, narrator: Narrator, letter: str) -> None:
    """The signed record comes; the old papers stay what they were."""
    narrator.step("The former school answers with the signed record.")
    enrol(school, PUPIL, COURSES)
    found = collect(narrator, school, mother, PUPIL.number)
    expect({course.title for course in COURSES} <= set(found), "both courses should be there, signed")
    mother.run("letters", letter, "--answered", "--note", "Llegó el expediente.", *SPANISH)
    narrator.read(mother.name, mother.type("letters", *SPANISH))
    narrator.read(mother.name, mother.type("list", *SPANISH))
    expect([paper["verified"] for paper in mother.run("papers")] == [False, False],
           "the photo should stay unverified, whatever the school signs")


def _photo(folder: Path) -> Path:
    picture = Image.new("RGB", (800, 500), "white")
    pen = ImageDraw.Draw(picture)
    for number, line in enumerate(("Escuela Primaria Benito Juarez", "Daniela Reyes Ortiz", "Matematicas 9.1",
                                   "Lectura 9.4")):
        pen.text((60, 60 + 80 * number), line, fill="black")
    data = io.BytesIO()
    picture.save(data, "JPEG")
    path = folder / "boleta.jpg"
    path.write_bytes(data.getvalue())
    return path


def _table(folder: Path) -> Path:
    path = folder / "calificaciones.csv"
    path.write_text("Materia,Calificación\nMatemáticas,9.1\nLectura,9.4\n", encoding="utf-8")
    return path


STORY: Final = Story(
    "daniela", "a month late from another state, in Spanish", (
        Place("school", "Escuela Primaria Benito Juárez", "issuer", 8101, "es"),
        Place("wallet", "la mamá de Daniela", "wallet", 8103), Place("new", NEW_SCHOOL, "verifier", 8104)), tell)
