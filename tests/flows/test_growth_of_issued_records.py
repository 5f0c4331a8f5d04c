"""What the office's templates write, the family's growth, map and notices read: two sides that share no code."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from credkit.ports import JSONObject
from credkit.profiles.openbadges_3 import Alignment
from issuer.services.building import template_facts
from issuer.services.office import Identity
from issuer.services.templates import Words, check_answers, template
from issuer.store import Person
from tests.wallet.results import source
from wallet.services.growth.alerts import build_alerts
from wallet.services.growth.evidence import evidences_of
from wallet.services.growth.growth import build_overview
from wallet.services.growth.sittings import read_sitting

NOW = datetime(2026, 6, 15, tzinfo=UTC)
MARIA = Person("p1", "S-1001", "María José", "Hernández Núñez", ())
STANDARD = Alignment("https://case.example/uri/1", "Explains why fractions are equal", "CFItem", "4.NF.1", "Utah Core")


def issued(name: str, language: str = "en", **answers: str) -> JSONObject:
    """An unsigned record from the office's template."""
    office = Identity("https://school.example", "Lincoln Elementary School", language)
    form = template(name)
    content = form.content(check_answers(form, answers, {"standard": STANDARD}), Words(language))
    identifier = f"https://school.example/credentials/{name}-{answers.get('taken_on', '')}"
    return template_facts(office, MARIA, form, content).build(identifier, NOW, {"type": "BitstringStatusListEntry"})


def reading(day: str, season: str, score: str, sem: str, rank: str, language: str, scale: str) -> JSONObject:
    return issued("assessment", language, test="Reading test", subject="reading", purpose="interim", grade="4",
                  season=season, taken_on=day, tested_in="en", scale=scale, score=score, lowest="100", highest="350",
                  sem=sem, percentile=rank, norm_group=f"US grade 4, {season}, 2025 norms", lexile="997L")


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("scale", ["rit", "scaled", "vertical"])
def test_two_test_results_become_one_series_with_error_and_standing(language: str, scale: str) -> None:
    documents = [reading("2025-10-02", "fall", "200", "3", "50", language, scale),
                 reading("2026-04-21", "spring", "210", "4", "65", language, scale)]
    found = build_overview(tuple(sitting for document in documents
                                 if (sitting := read_sitting(source(document))) is not None))

    (subject,) = found.subjects
    score, lexile = subject.series
    assert subject.key == "reading" and len(score.points) == len(lexile.points) == 2
    assert score.change is not None and score.change.difference == 10 and score.change.verdict == "clear"
    assert lexile.points[0].value == Decimal(997) and lexile.points[0].score is not None
    assert lexile.points[0].score.error is None
    (standing,) = score.standings
    assert [place.norm.text for place in standing.places] == ["50", "65"] and not standing.weak


def test_a_growth_percentile_is_shown_as_issued() -> None:
    document = issued("growth", test="State test", subject="math", taken_on="2026-05-01", growth="61",
                      peers="students of the state")
    sitting = read_sitting(source(document))

    assert sitting is not None and not sitting.scores and not sitting.norms
    assert [(said.kind, said.text) for said in sitting.said] == [("ext:StudentGrowthPercentile", "61")]


def test_a_standard_shown_is_evidence_for_it() -> None:
    for level, reached in (("Mastered", True), ("Partly", False), ("3", None)):
        (found,) = evidences_of(source(issued("mastery", standard="4.NF.1", level=level, shown_on="2026-02-03")))
        assert (found.code, found.level, found.reached) == ("4.NF.1", level, reached)


@pytest.mark.parametrize("language", ["en", "es"])
def test_an_attendance_summary_is_read_in_its_own_words(language: str) -> None:
    document = issued("attendance", language, term="Spring 2026", begins="2026-01-12", ends="2026-06-05",
                      days_enrolled="90", days_absent="12", times_late="9")

    assert [(alert.kind, alert.now, alert.total) for alert in build_alerts([source(document)], NOW)] == [
        ("late", "9", "90"), ("absent", "12", "90")]
