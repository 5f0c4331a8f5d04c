"""The pages and commands of growth: one step from home, both languages, files to keep, nothing of a stranger's runs."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from tests.support.world import World
from tests.wallet.results import GUIDS, family_year, fractions, put, reading, record, standard
from tests.wallet.support import PASSPHRASE
from tests.wallet.web.browser import ORIGIN, Browser, heading, words
from wallet.bootstrap import Services
from wallet.cli import main
from wallet.cli.group import Ports
from wallet.services.growth import alertwords, growthwords, mastery
from wallet.vault import OpenVault
from wallet.web import create_app

HOSTILE = '<script>alert("x")</script><img src=https://evil.example/a onerror=alert(1)>'


@pytest.fixture
def app(services: Services) -> Flask:
    app = create_app(services)
    app.testing = True
    return app


@pytest.fixture
def inside(app: Flask, vault: OpenVault) -> Browser:
    visitor = Browser(app)
    page = visitor.submit(visitor.get("/unlock"), passphrase=PASSPHRASE)
    assert page.status_code == 200
    return visitor


@pytest.fixture
def filled(inside: Browser, vault: OpenVault, world: World) -> Browser:
    put(vault, *family_year())
    mastery.keep_framework(vault, world.clock, json.dumps(fractions()).encode())
    return inside


def links(text: str, start: str) -> list[str]:
    found = [part.partition('"')[0] for part in text.split('href="')[1:]]
    return [path for path in found if path.startswith(start) and "?" not in path]


def test_from_home_the_answer_is_one_step_away(filled: Browser) -> None:
    home = filled.get("/")
    assert 'href="/growth/"' in home.text

    said = words(filled.get("/growth/"))
    assert "Reading The score rose from 211 to 222: probably a real gain, just short of clear." in said
    assert "Next step: celebrate it together, and ask the teacher what comes next." in said


def test_grades_stand_beside_the_tests_of_their_subject(inside: Browser, vault: OpenVault) -> None:
    put(vault, record("Course", "Algebra I", "2026-06-01", [(("LetterGrade", "Final grade"), "B+", {})]),
        record("Course", "Geometry", "2026-06-01", [(("LetterGrade", "Grade"), "C", {"status": "InProgress"})]),
        record("Course", "Pottery", "2026-06-01", [(("LetterGrade", "Final grade"), "A", {})]),
        reading("2026-04-20", "222"))
    said = words(inside.get("/growth/"))

    assert "Math There are grades, and no test results yet." in said and "Algebra I : B+" in said
    assert "Geometry : C · not finished yet" in said
    assert "Pottery" not in said and "Reading There is one result so far: 222." in said


def test_home_says_quietly_that_something_is_worth_a_look_and_never_what(filled: Browser) -> None:
    home = words(filled.get("/"))
    assert "2 things in attendance and grades are worth a look" in home
    assert "Absent on" not in home and "went from 91" not in home

    notices = words(filled.get("/growth/notices"))
    assert "Absent on 9 of 80 school days." in notices and "The grade so far went from 91 to 74." in notices


def test_an_empty_backpack_says_how_results_come(inside: Browser) -> None:
    home = inside.get("/")
    assert "/growth/" not in home.text.partition("<main")[2]
    assert "No test results yet" in words(inside.get("/growth/"))
    assert "Nothing needs a look" in words(inside.get("/growth/notices"))
    assert "No standards yet" in words(inside.get("/standards/"))


def test_one_test_shows_sentence_step_chart_table_limits_and_files(filled: Browser) -> None:
    overview = filled.get("/growth/").text
    path = next(path for path in links(overview, "/growth/tests/") if "RIT score" in filled.get(path).text)
    page = filled.get(path)

    said = words(page)
    for part in ("The score rose from 211 to 222", "Next step:", "222 ± 3.9", "+8 ± 5.73", "65 (+0.39)",
                 "What these numbers cannot say", "Percentile, US grade 4, spring, NWEA 2025 norms"):
        assert part in said, part
    assert page.text.count("<svg xmlns") == 1 and " style=" not in page.text.partition("<main")[2]
    table = filled.get(path + "/table.csv")
    assert table.headers["Content-Type"].startswith("text/csv") and "attachment" in table.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(table.text.removeprefix("\ufeff"))))
    assert [row["Score"] for row in rows] == ["203", "211", "216", "222"]
    picture = filled.get(path + "/chart.svg")
    assert picture.headers["Content-Type"].startswith("image/svg+xml")
    assert "attachment" in picture.headers["Content-Disposition"] and "default-src 'none'" in picture.headers[
        "Content-Security-Policy"]


def test_standing_over_all_tests_has_its_own_page_and_files(filled: Browser) -> None:
    (path,) = links(filled.get("/growth/").text, "/growth/standing/")

    assert "Keeps pace with classmates in the comparison group" in words(filled.get(path))
    assert filled.get(path + "/table.csv").status_code == filled.get(path + "/chart.svg").status_code == 200


def test_a_signer_the_family_does_not_know_has_no_name_in_our_sentences(filled: Browser) -> None:
    path = next(path for path in links(filled.get("/growth/").text, "/growth/tests/")
                if "RIT score" in filled.get(path).text)
    chart = filled.get(path + "/chart.svg").text

    assert "Lincoln Elementary School" in chart and "tutor.example" in chart and "Bright Tutoring" not in chart
    assert "1 by tutor.example" in words(filled.get("/standards/"))


def test_the_map_counts_and_leads_to_the_records(filled: Browser) -> None:
    page = filled.get("/standards/")
    assert "2 of 4 standards shown: 1 by tutor.example, 1 by Lincoln Elementary School." in words(page)
    listed = filled.get(links(page.text, "/standards/")[0])

    assert "Number and Operations—Fractions · Grade 4" in words(listed)
    record_page = filled.get(links(listed.text, "/records/")[0])
    assert heading(record_page).startswith(("Equal fractions", "Compare fractions", "Adding fractions"))
    assert "4.NF.A.1" in filled.get(links(page.text, "/standards/")[0] + "/table.csv").text


def test_every_column_and_term_has_a_glossary_entry_on_its_page(filled: Browser) -> None:
    overview = filled.get("/growth/").text
    paths = [*links(overview, "/growth/tests/"), *links(overview, "/growth/standing/"),
             *[path for path in links(filled.get("/standards/").text, "/standards/") if not path.endswith("add")]]
    for language in ("en", "es"):
        for path in paths:
            text = filled.get(f"{path}?lang={language}").text
            entries = set(re.findall(r"<dt>(.*?)</dt>", text))
            columns = {column.strip() for column in re.findall(r"<th scope=.col.[^>]*>(.*?)</th>", text)}
            assert columns and columns <= entries, path


def test_a_list_is_added_and_taken_out_by_hand(inside: Browser, vault: OpenVault) -> None:
    form = inside.get("/standards/add")
    refused = inside.submit(form, list=(io.BytesIO(b"{}"), "list.json"))
    assert refused.status_code == 422 and "This file is not a list of standards" in words(refused)
    assert inside.submit(form).status_code == 422

    page = inside.submit(form, list=(io.BytesIO(json.dumps(fractions()).encode()), "list.json"))
    assert heading(page) == "Map of standards" and "0 of 4 standards shown." in words(page)
    path = links(page.text, "/standards/")[0]
    gone = inside.submit(inside.get(path), path + "/remove")
    assert "No standards yet" in words(gone) and mastery.maps(vault) == ()


def test_what_is_not_there_is_not_there(filled: Browser) -> None:
    for path in ("/growth/tests/0123456789abcdef", "/growth/tests/x/chart.svg", "/growth/tests/x/table.csv",
                 "/growth/standing/x", "/growth/standing/x/chart.svg", "/growth/standing/x/table.csv", "/standards/x",
                 "/standards/x/table.csv"):
        assert filled.get(path).status_code == 404, path


def test_a_locked_backpack_asks_to_be_opened(app: Flask, vault: OpenVault) -> None:
    for path in ("/growth/", "/growth/notices", "/growth/tests/x", "/standards/", "/standards/add"):
        assert "/unlock" in Browser(app).get(path).request.full_path, path


def test_a_strangers_words_stay_words(inside: Browser, vault: OpenVault) -> None:
    hostile = reading("2026-04-20", HOSTILE, HOSTILE, HOSTILE, HOSTILE, group=HOSTILE, name=HOSTILE, tags=(HOSTILE,))
    put(vault, hostile, reading("2025-04-20", "211", rank="40", group=HOSTILE, name=HOSTILE),
        record("Competency", HOSTILE, "2026-02-02", [(("RubricCriterionLevel", HOSTILE), HOSTILE, {})],
               alignments=[standard(GUIDS[0], HOSTILE, HOSTILE, HOSTILE)]),
        record("Course", HOSTILE, "2026-06-30", [(("Percent", HOSTILE), "50", {"status": "InProgress"})],
               signed="2026-05-20"))
    overview = inside.get("/growth/").text
    paths = ["/", "/growth/", "/growth/notices", "/standards/", *links(overview, "/growth/"),
             *links(inside.get("/standards/").text, "/standards/")]
    for path in paths:
        text = inside.get(path).text
        assert "<script>alert" not in text and "<img src=https" not in text, path
        assert 'src="https://' not in text, path


def test_nothing_is_english_on_a_spanish_page(app: Flask, filled: Browser) -> None:
    filled.language = "es"
    said = words(filled.get("/growth/"))
    assert "Lectura El puntaje subió de 211 a 222: probablemente un avance real, casi claro." in said
    assert "Siguiente paso: celebrarlo juntos" in said
    notices = words(filled.get("/growth/notices"))
    assert "Ausencias: 9 de 80 días de clase." in notices
    english = [*growthwords._LIMITS.values(), *alertwords._NEXT.values()]
    for path in ("/growth/", "/growth/notices", "/standards/", "/standards/add"):
        assert not [text for text in english if text in filled.get(path).text]


def test_forged_forms_change_nothing(filled: Browser, vault: OpenVault) -> None:
    path = links(filled.get("/standards/").text, "/standards/")[0]
    for target in (path + "/remove", "/standards/add"):
        answer = filled.client.post(target, base_url=ORIGIN, headers={"Origin": "https://evil.example"})
        assert answer.status_code in (400, 403)
    assert any(each.item_id for each in mastery.maps(vault))


# Commands -------------------------------------------------------------------------------------------------------------


class Terminal:
    """A shell on the wallet of the fixture ``services``."""

    def __init__(self, services: Services, world: World) -> None:
        self.data, self.world = services.config.data, world

    def run(self, *arguments: str, **more: Any) -> Result:
        environment = {"BACKPACK_DATA": str(self.data), "LANG": "en_US.UTF-8", "BACKPACK_PASSPHRASE": PASSPHRASE}
        ports = Ports(self.world.clock, self.world.web)
        return CliRunner().invoke(main, list(arguments), env=environment, obj=ports, **more)

    def json(self, *arguments: str) -> Any:
        result = self.run(*arguments, "--json")
        assert result.exit_code == 0, result.stderr
        return json.loads(result.stdout)


@pytest.fixture
def terminal(services: Services, vault: OpenVault, world: World) -> Terminal:
    put(vault, *family_year())
    return Terminal(services, world)


def test_growth_in_a_terminal(terminal: Terminal) -> None:
    text = terminal.run("growth")
    assert text.exit_code == 0 and "Algebra I: 74 · not finished yet" in text.stdout
    assert "The score rose from 211 to 222: probably a real gain" in text.stdout
    subjects = {subject["subject"]: subject for subject in terminal.json("growth")["subjects"]}
    rit = next(series for series in subjects["reading"]["series"] if series["measure"] == "RIT score")
    assert rit["change"]["difference"] == 11 and rit["change"]["verdict"] == "probable"
    assert terminal.json("growth", rit["id"][:8])["results"][-1]["score"] == "222"

    one = terminal.run("growth", rit["id"][:8])
    assert "222 ± 3.9" in one.stdout and "What these numbers cannot say" in one.stdout
    assert terminal.run("growth", rit["id"][:8], "--svg").stdout.startswith("<svg ")
    rows = list(csv.DictReader(io.StringIO(terminal.run("growth", "--csv").stdout.removeprefix("\ufeff"))))
    assert {row["Subject"] for row in rows} == {"Math", "Reading"}
    assert terminal.run("growth", "nothing").exit_code == terminal.run("growth", "--svg").exit_code == 2


def test_mastery_in_a_terminal(terminal: Terminal, tmp_path: Path) -> None:
    assert "2 standards shown" in terminal.run("mastery").stdout
    path = tmp_path / "list.json"
    path.write_text(json.dumps(fractions()), encoding="utf-8")
    assert "2 of 4 standards shown" in terminal.run("mastery", "--add", str(path)).stdout
    found = terminal.json("mastery")
    assert found[0]["shown"] == 2 and found[0]["total"] == 4
    one = terminal.run("mastery", found[0]["id"][:8])
    assert "Shown: 4.NF.A.1" in one.stdout and "Nothing yet: 4.NF.B.4" in one.stdout
    assert "4.NF.B.4" in terminal.run("mastery", "--csv").stdout
    path.write_text("{}", encoding="utf-8")
    assert terminal.run("mastery", "--add", str(path)).exit_code == 2


def test_alerts_in_a_terminal(terminal: Terminal) -> None:
    assert "The grade so far went from 91 to 74." in terminal.run("alerts").stdout
    assert [alert["kind"] for alert in terminal.json("alerts")] == ["absent", "grade-dropped"]
    assert terminal.run("alerts", "--csv").stdout.count("\n") == 3
    assert "Asistencia" in terminal.run("alerts", "--lang", "es").stdout
