"""The Backpack's elements by form: each becomes a record that holds, and what cannot be right is refused."""

from __future__ import annotations

from typing import Any

import pytest

from credkit.environment import SystemRandomness
from credkit.errors import StateError, UnsupportedError
from credkit.profiles.openbadges_3 import mandatory_pointers
from credkit.proofs import derive
from credkit.protocols.oid4vci import v1_0
from credkit.verification import Policy, verify_credential
from demo.export import STUDENT_NUMBER
from issuer.services.metadata import CONFIGURATIONS
from issuer.services.templates import TEMPLATES, AnswersProblem
from issuer.store import StandardRow
from tests.issuer.conftest import School, identifiers
from tests.support.shared import official_schema

STANDARD = StandardRow("https://case.example/uri/1", "Utah Core", "4.NF.1", "Explains why fractions are equivalent.",
                       "Standard", "en", ("04",))
ANSWERS: dict[str, dict[str, str]] = {
    "attendance": {"term": "Fall 2025", "days_enrolled": "90", "days_absent": "4", "times_late": "2",
                   "begins": "2025-08-25", "ends": "2025-12-19"},
    "assessment": {"test": "MAP Growth Reading 2-5", "version": "norms 2025", "subject": "reading",
                   "purpose": "interim", "grade": "4", "season": "spring", "taken_on": "2026-04-21",
                   "tested_in": "en", "scale": "rit", "score": "222", "lowest": "100", "highest": "350", "sem": "3.9",
                   "percentile": "65", "norm_group": "US grade 4, spring, NWEA 2025 norms", "lexile": "997L"},
    "growth": {"test": "State test", "subject": "math", "purpose": "summative", "taken_on": "2026-05-01",
               "growth": "61", "peers": "students of the state with similar earlier scores", "level": "Typical"},
    "reading-level": {"kind": "lexile", "value": "640L", "sem": "45", "taken_on": "2026-05-05", "tested_in": "es",
                      "met": "yes"},
    "mastery": {"standard": "4.NF.1", "level": "Mastered", "shown_on": "2026-02-03", "story": "Drew and explained it."},
    "teacher": {"teacher": "Rosa Rivera", "course": "Algebra I", "term": "Fall 2025",
                "qualification": "Utah licence, mathematics 6–12", "link": "https://licences.example/rivera"},
    "iep": {"begins": "2025-09-01", "ends": "2026-08-31", "goals": "- Reads 90 words a minute", "services": "Speech",
            "hours": "3", "review_on": "2026-08-20"},
    "service": {"service": "Speech therapy", "provider": "Kim Park", "begins": "2025-09-01", "goals": "Says r clearly",
                "frequency": "Twice a week", "progress": "Nearly there"},
    "work-habits": {"term": "Fall 2025", "teacher": "Rosa Rivera", "strengths": "Helps others", "persists": "always",
                    "next_step": "Write first, then correct"},
}


@pytest.fixture
def student(school: School) -> str:
    with school.services.office.store.writing() as unit:
        unit.save_standards([STANDARD], school.world.clock.now())
    return school.services.students.find(STUDENT_NUMBER).id


def issued(school: School, student: str, name: str, **changes: str) -> dict[str, Any]:
    """The record that a wallet collects."""
    raw = {key: value for key, value in {**ANSWERS[name], **changes}.items() if value}
    school.services.forms.issue(student, name, raw, "registrar")
    token, _made = school.redeemed()
    return school.family.collect(token.access_token, identifiers(token, name)[0]).json["credentials"][0]["credential"]


def results(document: dict[str, Any]) -> dict[str, str]:
    described = document["credentialSubject"]["achievement"]["resultDescription"]
    kinds = {each["id"]: each["resultType"] for each in described}
    return {kinds[each["resultDescription"]]: each["value"] for each in document["credentialSubject"]["result"]}


def test_every_template_is_a_file_a_configuration_and_an_example_here() -> None:
    assert {each.name for each in TEMPLATES} == set(ANSWERS) == set(CONFIGURATIONS) & set(ANSWERS)
    from pathlib import Path

    from issuer.services import templates
    files = {path.stem for path in Path(templates.__file__).parent.glob("[!_]*.py")}
    assert files == {each.name.replace("-", "_") for each in TEMPLATES}


@pytest.mark.parametrize("name", list(ANSWERS))
def test_a_record_from_a_template_holds_and_fits_the_official_schema(school: School, student: str, name: str) -> None:
    document = issued(school, student, name)
    derived = derive(document, ["/credentialSubject", "/name", "/id"], school.services.office.processor,
                     SystemRandomness())
    report = verify_credential(derived, Policy(), school.world.environment())
    outcomes = {check.id: str(check.outcome) for check in report.checks if check.id != "trust"}
    assert set(outcomes.values()) == {"passed"}, outcomes
    official_schema("open-badges/v3_0/ob_v3p0_achievementcredential_schema.json").validate(document)


def test_a_test_result_has_the_shape_of_the_worked_example(school: School, student: str) -> None:
    document = issued(school, student, "assessment")
    achievement = document["credentialSubject"]["achievement"]
    assert achievement["achievementType"] == "Assessment" and achievement["version"] == "norms 2025"
    assert achievement["tag"] == ["interim", "reading", "grade:4", "season:spring", "language:en"]
    assert results(document) == {"ext:RITScore": "222", "ext:StandardErrorOfMeasurement": "3.9",
                                 "ext:LexileMeasure": "997L", "ext:PercentileRank": "65"}
    named = {each["resultType"]: each["name"] for each in achievement["resultDescription"]}
    assert named["ext:PercentileRank"] == "Percentile, US grade 4, spring, NWEA 2025 norms"
    assert named["ext:StandardErrorOfMeasurement"] == "Standard error of the RIT score"
    assert document["credentialSubject"]["activityEndDate"] == "2026-04-21T00:00:00Z"


def test_no_score_can_be_shown_without_its_error(school: School, student: str) -> None:
    document = issued(school, student, "assessment")
    pointers = mandatory_pointers(document)
    assert "/credentialSubject/result/1" in pointers
    derived = derive(document, ["/credentialSubject/result/0"], school.services.office.processor, SystemRandomness())
    assert {each["value"] for each in derived["credentialSubject"]["result"]} == {"222", "3.9"}


def test_each_section_of_a_special_education_summary_can_be_shown_alone(school: School, student: str) -> None:
    document = issued(school, student, "iep")
    assert document["credentialSubject"]["achievement"]["achievementType"] == "ext:IEPSummary"
    derived = derive(document, ["/credentialSubject/result/0"], school.services.office.processor, SystemRandomness())
    assert [each["value"] for each in derived["credentialSubject"]["result"]] == ["- Reads 90 words a minute"]
    assert "Speech" not in str(derived)


def test_mastery_names_the_item_and_keeps_its_words(school: School, student: str) -> None:
    achievement = issued(school, student, "mastery")["credentialSubject"]["achievement"]
    assert achievement["achievementType"] == "Competency"
    assert achievement["alignment"] == [{
        "type": ["Alignment"], "targetName": STANDARD.statement, "targetType": "CFItem", "targetUrl": STANDARD.uri,
        "targetCode": "4.NF.1", "targetFramework": "Utah Core"}]


def test_a_teachers_qualification_is_a_link(school: School, student: str) -> None:
    document = issued(school, student, "teacher")
    assert document["evidence"] == [{"id": "https://licences.example/rivera", "type": ["Evidence"],
                                     "name": "Utah licence, mathematics 6–12"}]
    assert document["credentialSubject"]["source"]["name"] == "Rosa Rivera"


def test_what_can_be_earned_says_nothing_about_who_has_it(school: School, student: str) -> None:
    for name in ANSWERS:
        school.services.forms.issue(student, name, ANSWERS[name], "registrar")
    with school.services.office.store.reading() as unit:
        kinds = {each.achievement_type for each in TEMPLATES}
        public = str([unit.achievements(kind) for kind in kinds])
    for secret in ("Reads 90 words", "Speech therapy", "Kim Park", "Helps others", "222", "61", "640L"):
        assert secret not in public


def test_the_same_again_is_one_record_brought_up_to_date(school: School, student: str) -> None:
    first = school.services.forms.issue(student, "attendance", ANSWERS["attendance"], "registrar")
    same = school.services.forms.issue(student, "attendance", ANSWERS["attendance"], "registrar")
    changed = {**ANSWERS["attendance"], "days_absent": "5"}
    newer = school.services.forms.issue(student, "attendance", changed, "registrar")
    assert (first.id, first.version) == (same.id, same.version) and (newer.id, newer.version) == (first.id, 2)


@pytest.mark.parametrize(("name", "changes", "field"), [
    ("attendance", {"days_absent": "91"}, "days_absent"), ("attendance", {"days_enrolled": "0"}, "days_enrolled"),
    ("attendance", {"days_absent": "-1"}, "days_absent"), ("attendance", {"days_absent": "1e3"}, "days_absent"),
    ("attendance", {"term": " "}, "term"), ("attendance", {"begins": "25/08/2025"}, "begins"),
    ("attendance", {"behaviour": "bad"}, "behaviour"), ("attendance", {"term": "x" * 201}, "term"),
    ("assessment", {"scale": ""}, "scale"), ("assessment", {"scale": "iq"}, "scale"),
    ("assessment", {"score": "351"}, "score"), ("assessment", {"score": "NaN"}, "score"),
    ("assessment", {"percentile": "100"}, "percentile"), ("assessment", {"norm_group": ""}, "norm_group"),
    ("assessment", {"score": ""}, "sem"), ("assessment", {"sem": "0"}, "sem"),
    ("assessment", {"test": "a\x00b"}, "test"),
    ("growth", {"growth": "0"}, "growth"), ("growth", {"peers": ""}, "peers"),
    ("reading-level", {"kind": "level"}, "sem"), ("mastery", {"standard": "4.NF.9"}, "standard"),
    ("teacher", {"link": "http://licences.example"}, "link"), ("teacher", {"link": "javascript:alert(1)"}, "link"),
    ("iep", {"ends": "2025-01-01"}, "ends"), ("service", {"ends": "2025-01-01"}, "ends"),
    ("work-habits", {"persists": "never"}, "persists"),
])
def test_what_cannot_be_right_is_refused_and_nothing_is_made(school: School, student: str, name: str,
                                                             changes: dict[str, str], field: str) -> None:
    with pytest.raises(AnswersProblem) as caught:
        school.services.forms.issue(student, name, {**ANSWERS[name], **changes}, "registrar")
    assert field in caught.value.errors
    assert not [each for each in school.services.students.view(student).living if each.kind == name]


def test_an_unknown_template_or_student_is_refused(school: School, student: str) -> None:
    with pytest.raises(UnsupportedError):
        school.services.forms.issue(student, "horoscope", {}, "registrar")
    with pytest.raises(StateError):
        school.services.forms.issue("nobody", "attendance", ANSWERS["attendance"], "registrar")


def test_a_teachers_draft_waits_for_the_registrar(school: School, student: str) -> None:
    petition = school.services.forms.draft(student, "work-habits", ANSWERS["work-habits"], "teacher")
    assert not [each for each in school.services.students.view(student).living if each.kind == "work-habits"]
    view = school.services.approvals.find(petition.id)
    school.services.approvals.approve(petition.id, "registrar", seen_digest=view.digest)
    assert [each.title for each in school.services.students.view(student).living if each.kind == "work-habits"] == [
        "Work habits, Fall 2025"]


def test_a_draft_changed_in_the_database_is_not_approved(school: School, student: str) -> None:
    import sqlalchemy as sa

    from credkit.storage import open_engine
    petition = school.services.forms.draft(student, "attendance", ANSWERS["attendance"], "teacher")
    view = school.services.approvals.find(petition.id)
    changed = str(petition.content).replace("'90'", "'95'").replace("'", '"')
    with open_engine(school.config.database_url).begin() as connection:
        connection.execute(sa.text("UPDATE petitions SET content = :content"), {"content": changed})
    with pytest.raises(StateError, match="changed"):
        school.services.approvals.approve(petition.id, "registrar", seen_digest=view.digest)
    assert not [each for each in school.services.students.view(student).living if each.kind == "attendance"]


def test_all_kinds_travel_in_one_offer(school: School, student: str) -> None:
    for name in ANSWERS:
        school.services.forms.issue(student, name, ANSWERS[name], "registrar")
    offer = school.read(school.offer())
    assert set(ANSWERS) <= set(offer.credential_configuration_ids)
    assert v1_0.parse_offer(v1_0.build_offer(offer)) == offer
