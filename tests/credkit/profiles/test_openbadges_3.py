"""Open Badges 3.0: the official schema as oracle for what we write, real records for what we read."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credkit.errors import CredkitError, MalformedValueError
from credkit.profiles import PROFILES, clr_2, openbadges_3
from credkit.profiles.openbadges_3 import (
    Achievement,
    Identity,
    OpenBadge,
    Profile,
    Result,
    ResultDescription,
    build_open_badge,
    check_open_badge,
    lint_open_badge,
    mandatory_pointers,
    peek_view,
    with_statuses,
)
from credkit.status import bitstring
from tests.support.shared import official_schema, read_json, samples

NOW = datetime(2026, 6, 15, tzinfo=UTC)
SCHOOL = Profile("did:web:school.example", "Lincoln High School", "https://school.example")
COURSE = "https://school.example/achievements/alg1"


def badge(status: str = "Completed", value: str | None = "A-", **changes: Any) -> OpenBadge:
    descriptions = (ResultDescription(f"{COURSE}#grade", "Final grade", "LetterGrade"),
                    ResultDescription(f"{COURSE}#percent", "Final grade in percent", "Percent", "0", "100"))
    achievement = Achievement(COURSE, "Course", "Algebra I", "A course of one year.", "Work and a final test.",
                              code="ALG1", field_of_study="Mathematics", credits_available=1.0, language="en",
                              tags=("math",), result_descriptions=descriptions)
    members: dict[str, Any] = {
        "id": "urn:uuid:7f1a9b36-91d2-4bd5-a7af-3d8d8e418101", "name": "Algebra I", "issuer": SCHOOL,
        "achievement": achievement, "identities": (Identity("name", "María Núñez"), Identity("sourcedId", "20391")),
        "valid_from": NOW, "awarded": NOW,
        "results": (Result(f"{COURSE}#grade", status, value), Result(f"{COURSE}#percent", status, "91")),
        "credits_earned": 1.0, "term": "Spring 2026", "started": NOW, "ended": NOW,
        "narrative": "Hard work", "source": Profile("https://other.example", "Evening School"),
        "status_entry": bitstring.build_entry("https://school.example/status/1", 7), "subject_id": "did:key:z6Mk",
    }
    return OpenBadge(**{**members, **changes})


@pytest.fixture(scope="session")
def schema() -> Any:
    return official_schema("open-badges/v3_0/ob_v3p0_achievementcredential_schema.json")


def places(remarks: Any) -> list[str]:
    return [remark.pointer for remark in remarks]


def test_every_profile_is_registered_and_knows_its_own() -> None:
    document = build_open_badge(badge())
    assert [check for is_mine, check in PROFILES if is_mine(document)] == [openbadges_3.check_open_badge]
    assert (clr_2.is_mine, clr_2.check_clr) in PROFILES


@pytest.mark.spec("OB-3.0", "#achievementcredential")
@pytest.mark.parametrize("made", [
    badge(), badge("InProgress", None),
    badge(subject_id=None, status_entry=None, term=None, source=None, narrative=None, awarded=None),
])
def test_what_we_write_passes_the_official_schema(schema: Any, made: OpenBadge) -> None:
    schema.validate(build_open_badge(made))


@pytest.mark.spec("OB-3.0", "#achievementcredential")
def test_the_name_is_the_first_identifier_and_the_number_the_second_and_neither_is_hashed() -> None:
    first, second = build_open_badge(badge())["credentialSubject"]["identifier"]
    assert first == {"type": "IdentityObject", "hashed": False, "identityHash": "María Núñez", "identityType": "name"}
    assert (second["identityHash"], second["identityType"]) == ("20391", "sourcedId")


REQUIRED = [
    "/id", "/issuer", "/validFrom", "/credentialSubject", "/credentialSubject/achievement", "/credentialSubject/type",
    "/credentialSubject/achievement/id", "/credentialSubject/achievement/name", "/credentialSubject/achievement/type",
    "/credentialSubject/achievement/description", "/credentialSubject/achievement/criteria", "/issuer/id",
    "/credentialSubject/achievement/resultDescription/0/id", "/credentialSubject/achievement/resultDescription/0/type",
    "/credentialSubject/achievement/resultDescription/1/name", "/credentialSubject/result/0/type",
    "/credentialSubject/achievement/resultDescription/0/resultType", "/credentialSubject/identifier/0/hashed",
    "/credentialSubject/identifier/0/identityHash", "/credentialSubject/identifier/1/identityType",
    "/credentialSubject/identifier/0/type", "/issuer/type", "/credentialSubject/source/id",
]


def without(document: Any, pointer: str) -> Any:
    document = copy.deepcopy(document)
    *path, last = pointer.split("/")[1:]
    node = document
    for part in path:
        node = node[int(part)] if isinstance(node, list) else node[part]
    del node[last]
    return document


@pytest.mark.spec("OB-3.0", "#data-models")
@pytest.mark.parametrize("pointer", REQUIRED)
def test_what_the_schema_requires_is_never_missing_in_what_we_write(schema: Any, pointer: str) -> None:
    document = without(build_open_badge(badge()), pointer)
    with pytest.raises(jsonschema.ValidationError):
        schema.validate(document)
    with pytest.raises(MalformedValueError):
        lint_open_badge(document)


@pytest.mark.spec("OB-3.0", "#data-models")
@pytest.mark.parametrize("change", [
    lambda document: document["credentialSubject"]["result"][0].update(value={"en": "A+"}),
    lambda document: document["credentialSubject"]["achievement"].update(name={"en": "Algebra"}),
    lambda document: document["credentialSubject"]["achievement"].update(achievementType="Curso"),
    lambda document: document["credentialSubject"]["result"][0].update(status="Done"),
    lambda document: document["credentialSubject"]["result"][0].update(resultDescription="https://school.example/x"),
    lambda document: document["credentialSubject"]["achievement"]["resultDescription"][0].update(resultType="Grade"),
    lambda document: document["credentialSubject"]["achievement"]["resultDescription"][1].update(valueMax=100),
    lambda document: document["credentialSubject"]["achievement"]["resultDescription"][0].update(allowedValue=["A"]),
    lambda document: document["credentialSubject"]["identifier"][0].update(hashed="false"),
    lambda document: document["credentialSubject"]["identifier"][0].update(identityType="nickname"),
    lambda document: document["credentialSubject"].update(creditsEarned="1.0"),
    lambda document: document["credentialSubject"].pop("result"),
    lambda document: document["credentialSubject"]["achievement"]["criteria"].clear(),
    lambda document: document["@context"].reverse(),
    lambda document: document.update(issuer="did:web:school.example"),
    lambda document: document.update(id="not a url"),
    lambda document: (document["credentialSubject"].pop("id"), document["credentialSubject"].pop("identifier")),
])
def test_what_breaks_a_rule_is_never_written(change: Any) -> None:
    document = build_open_badge(badge())
    change(document)
    with pytest.raises(MalformedValueError) as caught:
        lint_open_badge(document)
    assert caught.value.pointer


def test_extensions_of_the_vocabulary_are_allowed() -> None:
    document = build_open_badge(badge())
    document["credentialSubject"]["achievement"]["achievementType"] = "ext:ServiceRecord"
    lint_open_badge(document)


@pytest.mark.spec("OB-3.0", "#result")
def test_a_result_that_is_not_completed_keeps_its_status_and_a_completed_one_is_free() -> None:
    assert mandatory_pointers(build_open_badge(badge())) == []
    assert mandatory_pointers(build_open_badge(badge("Provisional"))) == [
        "/credentialSubject/result/0/status", "/credentialSubject/result/1/status"]
    alone = build_open_badge(badge("Failed"))
    alone["credentialSubject"]["result"] = alone["credentialSubject"]["result"][0]
    assert mandatory_pointers(alone) == ["/credentialSubject/result/status"]


def test_a_derived_badge_is_checked_for_what_it_shows_and_not_for_what_it_withholds() -> None:
    document = build_open_badge(badge())
    subject = document["credentialSubject"]
    shown = {**document, "credentialSubject": {
        "type": subject["type"], "achievement": {"id": COURSE, "type": ["Achievement"], "name": "Algebra I"},
        "result": [{"type": ["Result"], "value": "A-"}]}}
    assert check_open_badge(shown, derived=True) == ()
    hidden = {**shown, "credentialSubject": {"type": subject["type"]}}
    assert check_open_badge(hidden, derived=True) == ()
    shown["credentialSubject"]["result"][0]["value"] = {"en": "A+"}
    with pytest.raises(MalformedValueError) as caught:
        check_open_badge(shown, derived=True)
    assert caught.value.pointer == "/credentialSubject/result/0/value"


def test_real_records_lack_criteria_and_are_read_all_the_same() -> None:
    document = read_json(samples("clr2/learncard/great-plains-full.json"))
    members = clr_2.members_of(document)
    assert len(members) > 10
    for _at, member in members:
        assert "/credentialSubject/achievement/criteria" in places(check_open_badge(member, derived=False))


def test_every_sample_badge_is_read() -> None:
    seen = 0
    for path in sorted(samples("ob3/learncard").glob("*.json")) + sorted(samples("dcc").rglob("*.json")):
        document = read_json(path)
        if openbadges_3.is_mine(document):
            check_open_badge(document, derived=False)
            seen += 1
    assert seen > 20


@pytest.mark.spec("OB-3.0", "#verification")
def test_the_1edtech_vector_has_nothing_to_remark() -> None:
    document = read_json(samples("vectors/1edtech-impl-guide/obv3p0/signed-credential.json"))
    assert check_open_badge(document, derived=False) == ()


def test_equal_spellings_are_equal_for_the_check() -> None:
    document = build_open_badge(badge())
    subject = document["credentialSubject"]
    subject["achievement"] = [subject["achievement"]]
    subject["result"][0]["value"] = {"@value": "A-"}
    subject["result"][0]["resultDescription"] = {"id": f"{COURSE}#grade"}
    subject["type"] = "AchievementSubject"
    assert check_open_badge(document, derived=False) == ()
    assert peek_view(document).achievement_name == "Algebra I"


@pytest.mark.parametrize(("subject", "pointers", "added"), [
    ({"result": [{"value": "A", "status": "Completed"}, {"value": "B"}]}, ["/credentialSubject/result/0/value"],
     ["/credentialSubject/result/0/status"]),
    ({"result": [{"value": "A"}, {"achievedLevel": "x", "status": "InProgress"}]},
     ["/credentialSubject/result/1/achievedLevel", "/name"], ["/credentialSubject/result/1/status"]),
    ({"result": {"value": "A", "status": "Failed"}}, ["/credentialSubject/result/value"],
     ["/credentialSubject/result/status"]),
    ([{"result": [{"value": "A", "status": "Failed"}]}], ["/credentialSubject/0/result/0/value"],
     ["/credentialSubject/0/result/0/status"]),
    ({"result": [{"value": "A", "status": "Failed"}]}, ["/credentialSubject/result/0"], []),
    ({"result": [{"value": "A", "status": "Failed"}]}, ["/credentialSubject/result/0/status"], []),
    ({"result": [{"value": "A", "status": "Failed"}] * 11}, ["/credentialSubject/result/10/value"],
     ["/credentialSubject/result/10/status"]),
    ({"result": 7}, ["/name"], []), (None, [], []), ([7, {"result": [None]}], ["/name"], []),
])
def test_a_result_is_never_shown_without_its_status(subject: Any, pointers: list[str], added: list[str]) -> None:
    assert with_statuses({"credentialSubject": subject}, tuple(pointers)) == (*pointers, *added)


def test_the_headline_of_a_badge_is_read_without_judging() -> None:
    view = peek_view(build_open_badge(badge()))
    assert (view.issuer_name, view.issuer_id) == ("Lincoln High School", "did:web:school.example")
    assert view.identities == {"name": "María Núñez", "sourcedId": "20391"}
    assert peek_view(None).name == "" and peek_view({"credentialSubject": 7, "issuer": [None]}).issuer_name == ""


def nodes(document: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(document, dict):
        for name, value in document.items():
            yield (*path, name)
            yield from nodes(value, (*path, name))
    elif isinstance(document, list):
        for index, value in enumerate(document):
            yield (*path, index)
            yield from nodes(value, (*path, index))


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5),
                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
                    max_leaves=5)
PATHS = list(nodes(build_open_badge(badge())))


@settings(deadline=None)
@given(st.sampled_from(PATHS), JSON, st.booleans())
def test_a_wrong_type_at_any_member_is_a_typed_error_or_read_and_no_crash(path: Any, value: Any, derived: bool) -> None:
    document = build_open_badge(badge())
    node: Any = document
    for part in path[:-1]:
        node = node[part]
    node[path[-1]] = value
    for check in (lambda: check_open_badge(document, derived=derived), lambda: peek_view(document),
                  lambda: mandatory_pointers(document)):
        try:
            check()
        except CredkitError:
            continue


@settings(deadline=None)
@given(JSON)
def test_anything_at_all_is_a_typed_error(value: Any) -> None:
    with pytest.raises(MalformedValueError):
        check_open_badge(value, derived=False)
    with pytest.raises(MalformedValueError):
        clr_2.check_clr(value)
    assert not openbadges_3.is_mine(value) and not clr_2.is_mine(value)
